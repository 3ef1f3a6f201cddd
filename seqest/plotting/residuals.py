"""The diagnostics of residuals in four panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from seqest.plotting._axes import given_axes, new_axes
from seqest.plotting._looks import INK
from seqest.plotting._panels import draw_panel
from seqest.plotting._residuals import (
    Residuals,
    bins_of,
    normal_quantiles,
    one_step_predictions,
    read_residuals,
)
from seqest.plotting._times import format_times

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ResidualsDisplay"]

BARS, CURVE, BAND = "#A8D6F2", "#D55E00", "0.88"
POWERS = -2, 4  # of ten, between which numbers are written out
FEW = 300  # residuals that have room for a marker each


class ResidualsDisplay:
    """Residuals over time, their histogram, autocorrelations and normal quantiles.

    A model that missed nothing leaves residuals without a pattern in time, that follow
    the normal density of their mean and deviation, correlate within the band, and lie
    on the line of normal quantiles, within its band, but for a share `alpha`.

    Make one with `from_estimator`, `from_predictions` or `from_residuals`.

    Parameters
    ----------
    residuals : sequence of Residuals
        By output.
    alpha : float, default=0.05
        What share of normal quantiles leaves its band by chance.

    Attributes
    ----------
    axes_ : ndarray of Axes of shape (n_outputs, 4)
        Series, histogram, autocorrelations and normal quantiles of each output.
    ax_ : Axes
        The first of them.
    figure_ : Figure
        The figure of these axes.
    lines_ : list of Line2D
        The residuals of each output over time.
    bars_ : list of BarContainer
        Their histograms, as densities.
    densities_ : list of Line2D
        The normal densities, None of residuals that are constant.
    correlograms_ : list of Drawn
        The artists of autocorrelations: stems, inside, outside and band.
    quantiles_, quantile_lines_, quantile_bands_ : list of artists
        The residuals by size over normal quantiles; what they are expected to be; and
        how far they may be from it.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.plotting import ResidualsDisplay
    >>> e = np.random.default_rng(0).standard_normal(100)
    >>> ResidualsDisplay.from_residuals(e).axes_.shape
    (1, 4)
    """

    def __init__(self, residuals: Sequence[Residuals], *, alpha: float = 0.05) -> None:
        self.residuals = residuals
        self.alpha = alpha

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        n_lags: int | Literal["auto"] = "auto",
        alpha: float = 0.05,
        discard: int = 0,
        groups: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw the residuals of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            Its `predict_open_loop` is used where it has one, so that residuals are
            one-step errors; otherwise its `predict`.
        X, y : array-like of shape (n_timesteps, n_features) and (n_timesteps,)
            As in its `fit`, best rows that were not learned from.
        n_lags, alpha, discard, groups, ax
            As in `from_predictions`.

        Returns
        -------
        ResidualsDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            As in `from_predictions`.
        """
        y_pred = one_step_predictions(estimator, X, y, groups)
        owner, tables = f"{cls.__name__}.from_estimator", {"y": y, "y_pred": y_pred}
        found = read_residuals(owner, tables, X, groups, n_lags, alpha, discard)
        return cls(found, alpha=alpha).plot(ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        *,
        n_lags: int | Literal["auto"] = "auto",
        alpha: float = 0.05,
        discard: int = 0,
        groups: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw the residuals y_true - y_pred.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
            The measured outputs and predictions of them, in time by the index of
            pandas, or else by rows. Pairs with NaN leave a gap.
        n_lags : int or "auto", default="auto"
            The greatest lag; "auto" is 20, or a quarter of the longest series.
        alpha : float in (0, 1), default=0.05
            The share that leaves a band by chance. Raising it narrows the bands.
        discard : int, default=0
            How many rows at the start of each series to leave out, where predictions
            started from rest.
        groups : array-like of shape (n_timesteps,), default=None
            The series each row belongs to.
        ax : array-like of Axes, default=None
            Where to draw: four axes for each output. None makes a figure.

        Returns
        -------
        ResidualsDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib; or if arrays do not match, fewer than two residuals of
            an output are known, or another argument is out of its range.
        """
        owner = f"{cls.__name__}.from_predictions"
        tables = {"y_true": y_true, "y_pred": y_pred}
        found = read_residuals(owner, tables, None, groups, n_lags, alpha, discard)
        return cls(found, alpha=alpha).plot(ax)

    @classmethod
    def from_residuals(
        cls,
        residuals: Any,
        *,
        n_lags: int | Literal["auto"] = "auto",
        alpha: float = 0.05,
        discard: int = 0,
        groups: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw residuals.

        Parameters
        ----------
        residuals : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
            NaN where unknown.
        n_lags, alpha, discard, groups, ax
            As in `from_predictions`.

        Returns
        -------
        ResidualsDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            As in `from_predictions`.
        """
        owner, tables = f"{cls.__name__}.from_residuals", {"residuals": residuals}
        found = read_residuals(owner, tables, None, groups, n_lags, alpha, discard)
        return cls(found, alpha=alpha).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the panels.

        Parameters
        ----------
        ax
            As in `from_predictions`.

        Returns
        -------
        ResidualsDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if there are not four axes for each output.
        """
        owner, n = type(self).__name__, len(self.residuals)
        if ax is not None:
            axes = given_axes(owner, ax, 4 * n)
        else:
            shape, size = ((2, 2), (9, 6)) if n == 1 else ((n, 4), (14, 0.6 + 2.6 * n))
            axes = new_axes(owner, shape, size)
        self.axes_ = axes.reshape(n, 4)
        self.ax_, self.figure_ = self.axes_[0, 0], self.axes_[0, 0].figure
        self.lines_: list[Any] = []
        self.bars_: list[Any] = []
        self.densities_: list[Any] = []
        self.correlograms_: list[Any] = []
        self.quantiles_: list[Any] = []
        self.quantile_lines_: list[Any] = []
        self.quantile_bands_: list[Any] = []
        for own, residuals in zip(self.axes_, self.residuals, strict=True):
            self._draw_series(own[0], residuals)
            self._draw_histogram(own[1], residuals)
            self._draw_correlogram(own[2], residuals)
            self._draw_quantiles(own[3], residuals)
        return self

    def _draw_series(self, axes: Axes, residuals: Residuals) -> None:
        times, values = residuals.times, residuals.values
        look: dict[str, Any] = {
            "marker": "." if len(values) <= FEW else "",
            "ms": 3.5,
            "lw": 0.7,
        }
        self.lines_ += axes.plot(times, values, color=INK, **look)
        axes.axhline(0, color=INK, linewidth=0.8)
        format_times(axes, times, residuals.zone)
        axes.set(xlabel=residuals.axis, ylabel=residuals.name)
        axes.ticklabel_format(axis="y", scilimits=POWERS)

    def _draw_histogram(self, axes: Axes, residuals: Residuals) -> None:
        known = residuals.known
        mean, deviation = known.mean(), known.std()
        bars = axes.hist(
            known, bins_of(known), density=True, color=BARS, edgecolor="white", lw=0.5
        )[2]
        density = None
        if np.ptp(known) > 0:
            low, high = known[0] - deviation, known[-1] + deviation
            grid = np.linspace(low, high, 300)
            heights = np.exp(-(((grid - mean) / deviation) ** 2) / 2)
            heights /= np.sqrt(2 * np.pi) * deviation
            (density,) = axes.plot(grid, heights, color=CURVE, linewidth=1.8)
        self.bars_.append(bars)
        self.densities_.append(density)
        words = f"mean {mean:.3g}, deviation {deviation:.3g}"
        axes.set_title(words, fontsize="medium")
        axes.set(xlabel=residuals.name, ylabel="density")
        axes.locator_params(axis="x", nbins=6)
        axes.ticklabel_format(axis="both", scilimits=POWERS)

    def _draw_correlogram(self, axes: Axes, residuals: Residuals) -> None:
        panel = residuals.correlogram
        self.correlograms_.append(draw_panel(axes, panel))
        highest = np.nanmax([*np.abs(panel.values), *(1.5 * panel.bounds)])
        axes.set_ylim(-1.1 * highest, 1.1 * highest)
        if np.isnan(panel.values).all():
            axes.set_title("constant: no autocorrelation", fontsize="medium")
        axes.set(xlabel="lag (rows)", ylabel="correlation")

    def _draw_quantiles(self, axes: Axes, residuals: Residuals) -> None:
        known = residuals.known
        mean, deviation = known.mean(), known.std()
        expected, grid, *bounds = normal_quantiles(known.size, self.alpha)
        edges = [mean + deviation * bound for bound in bounds]
        self.quantile_bands_.append(axes.fill_between(grid, *edges, color=BAND, lw=0))
        line = mean + deviation * expected[[0, -1]]
        self.quantile_lines_ += axes.plot(expected[[0, -1]], line, color=CURVE, lw=1.5)
        look: dict[str, Any] = {"color": INK, "mfc": "none", "ms": 4, "mew": 0.8}
        self.quantiles_ += axes.plot(expected, known, "o", **look)
        axes.set(xlabel="normal quantile (deviations)", ylabel=residuals.name)
        axes.ticklabel_format(axis="y", scilimits=POWERS)
