"""Forecasts after what came before them, and how sure they are, drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_number
from seqest.plotting._axes import add_legend, given_axes, pyplot_for
from seqest.plotting._curves import Curve, Forecast, forecasts_of, times_of
from seqest.plotting._times import format_times

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ForecastDisplay"]

# Told apart in grey, too: thin, thick and dashed, and intervals by their lightness.
INK, BLUE, TRUTH = "0.35", np.array([0, 114, 178]) / 255, "black"
TINTS = 0.5, 0.18  # how much blue the narrowest and the widest interval have


class ForecastDisplay:
    """Forecasts with a fan of intervals, after the rows before and beside what came.

    Each series and each target has a panel. Where history ends before the forecast, all
    curves start from its last point.

    Make one with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    history : Series, DataFrame or None
        The last rows before the forecast.
    mean : Series or DataFrame
        The forecast. Its index is of datetimes, periods or numbers; of several series
        it is a MultiIndex that ends in time.
    intervals : dict of float to DataFrame
        By level in (0, 1), with the index of `mean` and the columns "lower" and
        "upper", of several targets below the name of each.
    truth : Series, DataFrame or None, default=None
        What came.
    name : str or None, default=None
        What the legend calls the forecast; None is "forecast".

    Attributes
    ----------
    axes_ : ndarray of Axes of shape (n_panels,)
        Where they were drawn, series by series, target by target.
    ax_ : Axes
        The first of them.
    figure_ : Figure
        The figure of these axes.
    history_lines_, mean_lines_, truth_lines_ : list of Line2D
        The lines of each panel, None where there is nothing to draw.
    bands_ : list of dict of float to artist
        The intervals of each panel by level.

    Examples
    --------
    >>> from seqest.datasets import load_airline
    >>> from seqest.plotting import ForecastDisplay
    >>> y = load_airline()
    >>> display = ForecastDisplay.from_predictions(y[-12:], history=y[-48:-12])
    >>> display.mean_lines_[0].get_ydata()[:2]
    array([405., 417.])
    """

    def __init__(
        self,
        history: Any,
        mean: Any,
        intervals: Any,
        truth: Any = None,
        *,
        name: str | None = None,
    ) -> None:
        self.history = history
        self.mean = mean
        self.intervals = intervals
        self.truth = truth
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        forecaster: Any,
        steps: int | None = None,
        X: Any = None,
        *,
        y: Any = None,
        alpha: float | tuple[float, ...] = (0.2, 0.05),
        truth: Any = None,
        ax: Any = None,
        name: str | None = None,
        max_panels: int = 12,
    ) -> Self:
        """Draw what a fitted forecaster says of the next rows.

        Parameters
        ----------
        forecaster : forecaster
            Its `get_forecast` is asked.
        steps : int or None, default=None
            How many rows, as `get_forecast` takes it.
        X : DataFrame or None, default=None
            Exogenous columns of these rows.
        y : Series, DataFrame or None, default=None
            The last training rows, as many as are to be seen; None shows none.
        alpha : float in (0, 1) or tuple of these, default=(0.2, 0.05)
            What each interval leaves out. Raising it narrows the interval.
        truth, ax, name, max_panels
            As in `from_predictions`.

        Returns
        -------
        ForecastDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        TypeError, ValueError
            As in `from_predictions`.
        """
        owner = f"{cls.__name__}.from_estimator"
        shares = [
            check_number(owner, "alpha", share, "(0, 1)")
            for share in (alpha if np.iterable(alpha) else [alpha])
        ]
        result = forecaster.get_forecast(steps, X)
        intervals = {round(1 - share, 12): result.conf_int(share) for share in shares}
        drawn = cls(y, result.predicted_mean, intervals, truth, name=name)
        return drawn.plot(ax, max_panels=max_panels)

    @classmethod
    def from_predictions(
        cls,
        mean: Any,
        *,
        intervals: Any = None,
        history: Any = None,
        truth: Any = None,
        ax: Any = None,
        name: str | None = None,
        max_panels: int = 12,
    ) -> Self:
        """Draw forecasts.

        Parameters
        ----------
        mean, intervals, history, truth, name
            As for the class; intervals are such as ``{0.95: result.conf_int(0.05)}``.
        ax : Axes or array-like of Axes, default=None
            Where to draw: as many axes as panels. None makes a figure.
        max_panels : int >= 1, default=12
            How many panels there may be. Raising it allows larger figures.

        Returns
        -------
        ForecastDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        TypeError
            If tables are not of pandas, or labels no times.
        ValueError
            If tables do not match, or there are too many panels; the message says how.
        """
        bands = {} if intervals is None else intervals
        drawn = cls(history, mean, bands, truth, name=name)
        return drawn.plot(ax, max_panels=max_panels)

    def plot(self, ax: Any = None, *, max_panels: int = 12) -> Self:
        """Draw the panels.

        Parameters
        ----------
        ax, max_panels
            As in `from_predictions`.

        Returns
        -------
        ForecastDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError
            Without matplotlib.
        TypeError, ValueError
            As in `from_predictions`, or if there are not as many axes as panels.
        """
        owner = type(self).__name__
        tables = self.mean, self.intervals, self.history, self.truth
        panels = forecasts_of(owner, *tables, max_panels)
        n_panels, new = len(panels), ax is None
        self.axes_ = (
            self._new_axes(n_panels) if new else given_axes(owner, ax, n_panels)
        )
        self.ax_ = self.axes_[0]
        self.figure_ = self.ax_.figure
        self.history_lines_: list[Any] = []
        self.mean_lines_: list[Any] = []
        self.bands_: list[dict[float, Any]] = []
        self.truth_lines_: list[Any] = []
        for axes, panel in zip(self.axes_, panels, strict=True):
            self._draw(axes, panel)
        self._name_axes(panels, _n_columns(n_panels) if new else n_panels)
        add_legend(self.axes_, outside=new)
        return self

    def _new_axes(self, n_panels: int) -> NDArray[Any]:
        plt, n_columns = pyplot_for(type(self).__name__), _n_columns(n_panels)
        n_rows = -(-n_panels // n_columns)
        size = 6 + 2 * n_columns, max(1 + 2.1 * n_rows, 3.8)
        figure = plt.figure(figsize=size, layout="constrained")
        grid = figure.add_gridspec(n_rows, n_columns)
        cells = [grid[divmod(k, n_columns)] for k in range(n_panels)]
        return np.array([figure.add_subplot(cell) for cell in cells], dtype=object)

    def _draw(self, axes: Axes, panel: Forecast) -> None:
        past, label = panel.history, self.name or "forecast"
        mean, truth = panel.mean.after(past), panel.truth and panel.truth.after(past)
        self.history_lines_.append(_line(axes, past, "history", color=INK, lw=1))
        look: dict[str, Any] = {"color": tuple(BLUE), "lw": 2.4, "zorder": 2.2}
        self.mean_lines_.append(_line(axes, mean, label, **look))
        tints = np.linspace(*TINTS, len(panel.intervals))
        fan = zip(tints, panel.intervals.items(), strict=True)
        bands = {
            level: _band(axes, level, tint, low.after(past), high.after(past))
            for tint, (level, (low, high)) in fan
        }
        self.bands_.append(bands)
        look = {"color": TRUTH, "lw": 1.3, "ls": (0, (3, 1.5)), "zorder": 2.3}
        self.truth_lines_.append(_line(axes, truth, "truth", **look))

    def _name_axes(self, panels: list[Forecast], n_columns: int) -> None:
        times = times_of(self.mean)
        name, zone = times.name, getattr(times, "tz", None)
        same = len({panel.label for panel in panels}) == 1
        for k, (axes, panel) in enumerate(zip(self.axes_, panels, strict=True)):
            format_times(axes, panel.mean.times, zone)
            if k >= len(panels) - n_columns:
                axes.set_xlabel("time" if name is None else str(name))
            if panel.label and not (same and k % n_columns):
                axes.set_ylabel(panel.label)
            if panel.title:
                axes.set_title(panel.title, fontsize="medium")


def _n_columns(n_panels: int) -> int:
    return 1 + (n_panels > 3) + (n_panels > 8)


def _line(axes: Axes, curve: Curve | None, label: str, **look: Any) -> Any:
    if curve is None:
        return None
    marker = "o" if len(curve.times) == 1 else ""
    return axes.plot(*curve, marker=marker, label=label, **look)[0]


def _band(axes: Axes, level: float, tint: float, lower: Curve, upper: Curve) -> Any:
    return axes.fill_between(
        *lower,
        upper.values,
        color=tuple(1 - tint * (1 - BLUE)),  # as in the legend, unlike alpha
        linewidth=4 if len(lower.times) == 1 else 0,
        zorder=1 + tint,
        label=f"{100 * level:g} %",
    )
