"""The scores of a search over one or two of its parameters, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from seqest.plotting._axes import add_legend, one_axes
from seqest.plotting._looks import INK
from seqest.plotting._scales import Scale
from seqest.plotting._trials import Trials, best_by_place, read_trials

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SearchSurfaceDisplay"]

Array = NDArray[np.float64]
CURVE, BEST = "#0072B2", "#D55E00"
CELLS, TICKS = 48, 8  # as many have room for their numbers


class SearchSurfaceDisplay:
    """The mean score of each trial over two parameters, or the curve over one.

    Each place shows the best over the parameters that are not drawn; bright is good. A
    full grid is drawn as cells, random trials as points. A curve has a band of the
    deviation over splits. The best of all is marked.

    Make one with `from_estimator` or `from_results`.

    Parameters
    ----------
    trials : Trials
        Scores, and the parameters as places.

    Attributes
    ----------
    axes_ : ndarray of Axes of shape (1,)
        Where it was drawn.
    ax_ : Axes
        The same.
    figure_ : Figure
        The figure of these axes.
    surface_ : QuadMesh or PathCollection or None
        Scores of two parameters: rows are of the second.
    colorbar_ : Colorbar or None
        Their scale.
    line_, band_ : Line2D and artist or None
        Scores of one parameter, and the deviation over splits.
    best_mark_ : Line2D
        Where the best trial is.

    Examples
    --------
    >>> from seqest.plotting import SearchSurfaceDisplay
    >>> tried = {"param_alpha": [0.1, 1, 10], "mean_test_score": [0.7, 0.9, 0.8]}
    >>> display = SearchSurfaceDisplay.from_results(tried)
    >>> print(display.best_mark_.get_xdata()[0])
    1.0
    """

    def __init__(self, trials: Trials) -> None:
        self.trials = trials

    @classmethod
    def from_estimator(
        cls,
        search: Any,
        params: str | Sequence[str] | None = None,
        *,
        metric: str = "score",
        ax: Any = None,
    ) -> Self:
        """Draw a fitted search.

        Parameters
        ----------
        search : GridSearchCV, RandomizedSearchCV or alike
            Its `cv_results_` and `scoring` are read. Errors that scikit-learn negates,
            such as "neg_mean_absolute_error", are drawn as errors.
        params, metric, ax
            As in `from_results`.

        Returns
        -------
        SearchSurfaceDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            As in `from_results`.
        NotFittedError
            Before `fit`.
        """
        check_is_fitted(search, "cv_results_")
        scoring = getattr(search, "scoring", None)
        owner = f"{cls.__name__}.from_estimator"
        found = read_trials(owner, search.cv_results_, params, metric, scoring)
        return cls(found).plot(ax)

    @classmethod
    def from_results(
        cls,
        cv_results: Any,
        params: str | Sequence[str] | None = None,
        *,
        metric: str = "score",
        scoring: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw a table of trials.

        Parameters
        ----------
        cv_results : dict of arrays or DataFrame
            With the columns ``mean_test_score`` and ``param_`` with the name of each
            parameter; "std_test_score" adds the band. Trials without a score drop out.
        params : str or sequence of one or two str, default=None
            Which parameters: along x, and along y. None takes those that vary.
        metric : str, default="score"
            What follows ``mean_test_``, for searches with several metrics.
        scoring : str or None, default=None
            What the score is; an error where it begins with "neg\\_".
        ax : Axes, default=None
            Where to draw. None makes a figure.

        Returns
        -------
        SearchSurfaceDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        TypeError
            If results are no table.
        ValueError
            If a column is missing, no score is finite, or more than two parameters vary
            and none is chosen.
        """
        owner = f"{cls.__name__}.from_results"
        return cls(read_trials(owner, cv_results, params, metric, scoring)).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the surface or the curve.

        Parameters
        ----------
        ax
            As in `from_results`.

        Returns
        -------
        SearchSurfaceDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if there is not one Axes.
        """
        owner, new = type(self).__name__, ax is None
        self.axes_ = one_axes(owner, ax, (6.6, 4.6))
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.surface_: Any = None
        self.colorbar_: Any = None
        self.line_: Any = None
        self.band_: Any = None
        scales = self.trials.scales
        if len(scales) == 1:
            self._draw_curve(scales[0])
        else:
            self._draw_surface(*scales)
        for axis, scale in zip("xy", scales, strict=False):
            _name_axis(self.ax_, axis, scale)
        add_legend(self.axes_, outside=new, crowded=len(scales) == 2)
        return self

    def _draw_curve(self, scale: Scale) -> None:
        trials = self.trials
        found = best_by_place(trials)
        chosen = [found[place] for place in sorted(found)]
        places = scale.places[chosen]
        scores, spreads = trials.scores[chosen], trials.spreads[chosen]
        style = "" if scale.ticks else "-"
        look: dict[str, Any] = {"color": CURVE, "marker": "o", "ms": 5, "ls": style}
        (self.line_,) = self.ax_.plot(places, scores, **look, label="mean over splits")
        if scale.ticks or len(places) == 1:
            bars: dict[str, Any] = {"fmt": "none", "ecolor": CURVE, "capsize": 4}
            self.band_ = self.ax_.errorbar(places, scores, spreads, **bars)
            self.ax_.margins(x=0.5 / len(places))
        elif spreads.any():
            edges = scores - spreads, scores + spreads
            band = {"color": CURVE, "alpha": 0.2, "linewidth": 0}
            self.band_ = self.ax_.fill_between(
                places, *edges, **band, label="± deviation over splits"
            )
        best = trials.best
        place = [scale.places[best]], [trials.scores[best]]
        self._mark(*place, "o", markersize=12, linestyle="")
        self.ax_.set_ylabel(trials.label)

    def _draw_surface(self, across: Scale, up: Scale) -> None:
        trials, found = self.trials, best_by_place(self.trials)
        look = {"cmap": "cividis" if trials.sign > 0 else "cividis_r"}
        x, y = across.places[trials.best], up.places[trials.best]
        if len(found) == len(across.steps) * len(up.steps):
            rows = [[found[a, b] for a in across.steps] for b in up.steps]
            edges, scores = (across.edges(), up.edges()), trials.scores[rows]
            self.surface_ = self.ax_.pcolormesh(*edges, scores, **look)
            self._write(scores, across.steps, up.steps)
            (left, right), (low, high) = across.cell(x), up.cell(y)
            self._mark([left, right, right, left, left], [low, low, high, high, low])
        else:
            chosen = list(found.values())
            places = across.places[chosen], up.places[chosen]
            dots = {"s": 70, "edgecolors": INK, "linewidths": 0.6, "zorder": 2, **look}
            scores = trials.scores[chosen]
            self.surface_ = self.ax_.scatter(*places, c=scores, **dots)
            self._mark([x], [y], "o", markersize=14, linestyle="")
        self.colorbar_ = self.figure_.colorbar(
            self.surface_, ax=self.ax_, label=trials.label
        )

    def _write(self, scores: Array, across: Array, up: Array) -> None:
        """Write scores into cells, where these have room."""
        if scores.size > CELLS:
            return
        for (row, column), score in np.ndenumerate(scores):
            red, green, blue, _ = self.surface_.cmap(self.surface_.norm(score))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
            self.ax_.text(
                across[column],
                up[row],
                f"{score:.3g}",
                ha="center",
                va="center",
                color="white" if dark else "black",
                fontsize="small",
            )

    def _mark(self, x: Any, y: Any, marker: str = "", **look: Any) -> None:
        look = {"color": BEST, "markerfacecolor": "none", "mew": 2.5, "lw": 3, **look}
        (self.best_mark_,) = self.ax_.plot(
            x, y, marker=marker, zorder=3, clip_on=False, label="best", **look
        )


def _name_axis(axes: Axes, which: str, scale: Scale) -> None:
    """Name an axis and the values on it, if they are few."""
    from matplotlib import ticker

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_label_text(scale.name)
    if scale.is_log:
        axes.set(**{f"{which}scale": "log"})
    if scale.ticks is not None:
        turned = which == "x" and sum(map(len, scale.ticks)) > 45
        look: dict[str, Any] = {"rotation": 35, "ha": "right"} if turned else {}
        axis.set_ticks(range(len(scale.ticks)), list(scale.ticks), **look)
    elif len(scale.steps) <= TICKS:
        axis.set_ticks(scale.steps, [f"{step:g}" for step in scale.steps])
        axis.set_minor_locator(ticker.NullLocator())
