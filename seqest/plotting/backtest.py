"""The scores of a backtest, by step, by origin or by series, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from seqest._validation import check_choice, worded
from seqest.plotting._axes import add_legend, given_axes, new_axes
from seqest.plotting._looks import DASHES, INK, MARKERS, looks
from seqest.plotting._scores import Scores, goal_of, named, read_scores
from seqest.plotting._times import format_times

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["BacktestDisplay"]

WORDS = {"step": "steps ahead", "origin": "origin of the forecast"}
GREY, FEW = "0.55", 40  # of baselines; points that have room for a marker each


class BacktestDisplay:
    """Scores of several models by the step, the origin or the series they are of.

    The legend has the best model first. Baselines are thin and grey. Of the coverage
    of intervals a line shows what it should be.

    Make one with `from_result` or `from_scores`.

    Parameters
    ----------
    panels : sequence of sequence of Scores
        By metric, and by what scores are told apart.
    baselines : sequence of str, default=()
        Which models are only there to be compared with.
    overall : dict of str to float, default=None
        What the legend adds to the names of models.

    Attributes
    ----------
    axes_ : ndarray of Axes of shape (n_metrics, n_by)
        Where they were drawn.
    ax_ : Axes
        The first of them.
    figure_ : Figure
        The figure of these axes.
    lines_ : list of dict of str to Line2D
        The scores of each panel by model, in the order of ``axes_.ravel()``.

    Examples
    --------
    >>> import pandas as pd
    >>> from seqest.plotting import BacktestDisplay
    >>> index = pd.MultiIndex.from_product([["a"], [1, 2]], names=["model", "step"])
    >>> display = BacktestDisplay.from_scores(pd.Series([3.0, 4.0], index, name="mae"))
    >>> display.lines_[0]["a"].get_ydata()
    array([3., 4.])
    """

    def __init__(
        self,
        panels: Sequence[Sequence[Scores]],
        *,
        baselines: Sequence[str] = (),
        overall: Mapping[str, float] | None = None,
    ) -> None:
        self.panels = panels
        self.baselines = baselines
        self.overall = overall

    @classmethod
    def from_result(
        cls,
        result: Any,
        metrics: str | Sequence[str] = "mase",
        *,
        by: str | Sequence[str] = ("step", "origin"),
        baselines: str | Sequence[str] = (),
        unit: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw the scores of a backtest.

        Parameters
        ----------
        result : BacktestResult
            What `seqest.forecasting.backtest` returned; its `scores` is asked.
        metrics : str or sequence of str, default="mase"
            As in `BacktestResult.scores`; each has a row of panels. Of a single one the
            legend tells the score over all forecasts.
        by : str or sequence of str, default=("step", "origin")
            Columns of its predictions but "model"; each has a column of panels.
        baselines, unit, ax
            As in `from_scores`.

        Returns
        -------
        BacktestDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        ValueError
            If a metric, a column or a baseline is not known, or scores are all NaN.
        """
        owner = f"{cls.__name__}.from_result"
        asked = [metrics] if isinstance(metrics, str) else list(metrics)
        columns = [by] if isinstance(by, str) else list(by)
        for name, given in (("metrics", asked), ("by", columns)):
            if not given or "model" in given:
                rule = "at least one name, and none of them 'model'"
                raise ValueError(worded(owner, name, given, rule))
        tables = [result.scores(asked, by=["model", column]) for column in columns]
        read = [read_scores(owner, table) for table in tables]
        panels = list(zip(*read, strict=True))
        overall = None
        if len(asked) == 1:
            means = result.scores(asked, by=["model"])[asked[0]]
            overall = {str(name): mean for name, mean in means.items()}
        chosen = _baselines(owner, baselines, panels[0][0])
        return cls(panels, baselines=chosen, overall=overall).plot(ax, unit=unit)

    @classmethod
    def from_scores(
        cls,
        scores: Any,
        *,
        baselines: str | Sequence[str] = (),
        unit: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw a table of scores.

        Parameters
        ----------
        scores : Series or DataFrame
            Indexed by a level "model" and one other, as `BacktestResult.scores` returns
            it with ``by=["model", "step"]``. Each column is a metric, with a panel. NaN
            leaves a gap.
        baselines : str or sequence of str, default=()
            Which models are only there to be compared with.
        unit : str or None, default=None
            Of the target, which the axes of errors name.
        ax : Axes or array-like of Axes, default=None
            Where to draw: as many axes as panels. None makes a figure.

        Returns
        -------
        BacktestDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        TypeError
            If scores are not of pandas.
        ValueError
            If they have other levels or are all NaN, or a baseline is not among them.
        """
        owner = f"{cls.__name__}.from_scores"
        panels = [[panel] for panel in read_scores(owner, scores)]
        chosen = _baselines(owner, baselines, panels[0][0])
        return cls(panels, baselines=chosen).plot(ax, unit=unit)

    def plot(self, ax: Any = None, *, unit: str | None = None) -> Self:
        """Draw the panels.

        Parameters
        ----------
        ax, unit
            As in `from_scores`.

        Returns
        -------
        BacktestDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError
            Without matplotlib.
        ValueError
            If there are not as many axes as panels.
        """
        owner, new = type(self).__name__, ax is None
        shape = len(self.panels), len(self.panels[0])
        if new:
            size = 3.0 + 4.0 * shape[1], 1.2 + 2.6 * shape[0]
            self.axes_ = new_axes(owner, shape, size, sharex="col", sharey="row")
        else:
            self.axes_ = given_axes(owner, ax, shape[0] * shape[1]).reshape(shape)
        self.ax_, self.figure_ = self.axes_[0, 0], self.axes_[0, 0].figure
        self.lines_ = [
            self._draw(axes, panel)
            for own, panels in zip(self.axes_, self.panels, strict=True)
            for axes, panel in zip(own, panels, strict=True)
        ]
        for axes, panels in zip(self.axes_[:, 0], self.panels, strict=True):
            if goal_of(panels[0].metric) <= 0:
                axes.set_ylim(bottom=0)  # when all is drawn: panels share the axis
            axes.set_ylabel(named(panels[0].metric, unit))
        for axes, panel in zip(self.axes_[-1], self.panels[-1], strict=True):
            axes.set_xlabel(WORDS.get(panel.by, panel.by))
        add_legend(self.axes_, outside=new)
        return self

    def _looks(self) -> dict[str, dict[str, Any]]:
        """Return the look of each model: by the order given, not by how good it is."""
        names = list(self.panels[0][0].curves)
        proper = [name for name in names if name not in self.baselines]
        found = dict(zip(proper, looks(len(proper)), strict=True))
        for k, name in enumerate(self.baselines):
            dash, mark = DASHES[1 + k % 6], MARKERS[k % 7]
            found[name] = {"color": GREY, "linestyle": dash, "marker": mark}
            found[name] |= {"linewidth": 1.0, "markerfacecolor": "white"}
        return found

    def _draw(self, axes: Axes, panel: Scores) -> dict[str, Any]:
        lines, every = {}, self._looks()
        for name in self.panels[0][0].rank:
            if name not in panel.curves:
                continue
            places, values = panel.curves[name]
            look = {"markersize": 5, "linewidth": 1.8, **every[name]}
            if panel.ticks is not None:
                look["linestyle"] = ""  # between names there is nothing
            elif len(places) > FEW:
                look["markevery"] = len(places) // 10
            (lines[name],) = axes.plot(places, values, **look, label=self._label(name))
        if (goal := goal_of(panel.metric)) > 0:
            axes.axhline(goal, color=INK, linewidth=0.8, zorder=1)
        if panel.ticks is None:
            format_times(axes, places, panel.zone)
        else:
            long = sum(map(len, panel.ticks)) > 40
            turned: dict[str, Any] = {"rotation": 35, "ha": "right"} if long else {}
            axes.set_xticks(range(len(panel.ticks)), panel.ticks, **turned)
            axes.margins(x=0.5 / len(panel.ticks))
        return lines

    def _label(self, name: str) -> str:
        if self.overall is None or not np.isfinite(self.overall[name]):
            return name
        return f"{name}: {self.overall[name]:.3g}"


def _baselines(owner: str, baselines: Any, panel: Scores) -> list[str]:
    """Return the names of baselines, which must be there."""
    names = [baselines] if isinstance(baselines, str) else list(baselines)
    for name in names:
        check_choice(owner, "baselines", name, panel.curves)
    return names
