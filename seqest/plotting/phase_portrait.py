"""Free runs and the truth in the coordinates of a phase space, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_choice, worded
from seqest.plotting._axes import add_legend, given_axes, new_axes
from seqest.plotting._coordinates import (
    delayed,
    delayed_names,
    read_columns,
    read_course,
    read_delay,
)
from seqest.plotting._looks import INK, PALE, by_name, looks

__all__ = ["PhasePortraitDisplay"]

Array = NDArray[np.float64]


class PhasePortraitDisplay:
    """The course of a system through its states: the truth, and what models run.

    A run that lost the course of a chaotic system may still draw its attractor: so this
    is judged by the shape, and not row by row. Of one output the coordinates are the
    output and itself some rows before.

    Make one with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    truth : ndarray of shape (n_rows, n_coordinates)
        Two or three coordinates.
    runs : dict of str to ndarray of shape (n_rows, n_coordinates)
        By the title of each panel.
    names : sequence of str
        What coordinates are called.

    Attributes
    ----------
    axes_ : ndarray of Axes of shape (n_panels,)
        The truth and each run; or one for all.
    ax_ : Axes
        The first of them.
    figure_ : Figure
        The figure of these axes.
    truth_line_ : Line2D
        The truth.
    run_lines_ : dict of str to Line2D
        The runs by name.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.plotting import PhasePortraitDisplay
    >>> y = np.sin(np.arange(100) / 8)
    >>> display = PhasePortraitDisplay.from_predictions(y, y, delay=12)
    >>> display.truth_line_.get_xdata().shape
    (88,)
    """

    def __init__(
        self, truth: Array, runs: Mapping[str, Array], names: Sequence[str]
    ) -> None:
        self.truth = truth
        self.runs = runs
        self.names = names

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        y_true: Any,
        *,
        initial_state: Any = None,
        dims: Any = None,
        delay: int | Literal["auto"] = "auto",
        layout: Literal["apart", "overlay"] = "apart",
        ax: Any = None,
    ) -> Self:
        """Draw the free runs of fitted estimators.

        Parameters
        ----------
        estimator : estimator or dict of str to estimator
            Its `forecast` runs as many rows as there are of the truth.
        y_true : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
            As in `from_predictions`.
        initial_state : {"auto", "zero", "last"} or State, default=None
            As in `forecast`; None is the end of training.
        dims, delay, layout, ax
            As in `from_predictions`.

        Returns
        -------
        PhasePortraitDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            As in `from_predictions`, or as `forecast` raises it.
        """
        owner = f"{cls.__name__}.from_estimator"
        given = {} if initial_state is None else {"initial_state": initial_state}
        runs = {
            name or "free run": own.forecast(len(y_true), **given)
            for name, own in by_name(owner, "estimator", estimator).items()
        }
        where: dict[str, Any] = {"dims": dims, "delay": delay, "layout": layout}
        return cls.from_predictions(y_true, runs, **where, ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        *,
        dims: Any = None,
        delay: int | Literal["auto"] = "auto",
        layout: Literal["apart", "overlay"] = "apart",
        ax: Any = None,
    ) -> Self:
        """Draw runs.

        Parameters
        ----------
        y_true : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
            The true course.
        y_pred : array-like or dict of str to array-like
            A run, or several by name, of as many outputs; rows may be more or fewer.
        dims : sequence of 2 or 3 positions or names of outputs, or int, default=None
            Coordinates; None is the first two or three outputs. Of one output it is how
            many coordinates there are, 2 by default.
        delay : int >= 1 or "auto", default="auto"
            Rows between the coordinates of one output. "auto" is where its correlation
            with its past falls below 1 / e.
        layout : {"apart", "overlay"}, default="apart"
            A panel for each course, or one for all, which suits simple ones.
        ax : Axes or array-like of Axes, default=None
            Where to draw: as many as panels, in 3-D of that projection. None makes a
            figure.

        Returns
        -------
        PhasePortraitDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        ValueError
            If outputs do not match or are not finite, or a coordinate is not there.
        """
        owner = f"{cls.__name__}.from_predictions"
        truth = read_course(owner, "y_true", y_true)
        runs = {
            name or "run": read_course(owner, "y_pred", own, truth.shape[1])
            for name, own in by_name(owner, "y_pred", y_pred).items()
        }
        if truth.shape[1] == 1:
            n = 2 if dims is None else dims
            if n not in (2, 3):
                rule = "2 or 3 coordinates of one output"
                raise ValueError(worded(owner, "dims", dims, rule))
            rows = read_delay(owner, delay, truth[:, 0], n)
            names = delayed_names(getattr(y_true, "name", None), rows, n)
            shortest = min(map(len, (truth, *runs.values())))
            if shortest <= (n - 1) * rows:
                rule = f"less than {-(-shortest // (n - 1))} for these rows"
                raise ValueError(worded(owner, "delay", delay, rule))
            truth = delayed(truth, rows, n)
            runs = {name: delayed(run, rows, n) for name, run in runs.items()}
        else:
            columns, names = read_columns(owner, dims, y_true, truth.shape[1])
            truth = truth[:, columns]
            runs = {name: run[:, columns] for name, run in runs.items()}
        return cls(truth, runs, names).plot(ax, layout=layout)

    def plot(
        self, ax: Any = None, *, layout: Literal["apart", "overlay"] = "apart"
    ) -> Self:
        """Draw the panels.

        Parameters
        ----------
        ax, layout
            As in `from_predictions`.

        Returns
        -------
        PhasePortraitDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if there are not as many axes as panels.
        """
        owner, new, solid = type(self).__name__, ax is None, len(self.names) == 3
        check_choice(f"{owner}.plot", "layout", layout, ("apart", "overlay"))
        together = layout == "overlay"
        n_panels = 1 if together else 1 + len(self.runs)
        if new:
            self.axes_ = self._new_axes(n_panels, solid)
        else:
            self.axes_ = given_axes(owner, ax, n_panels)
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        if solid and any(axes.name != "3d" for axes in self.axes_):
            raise ValueError(worded(f"{owner}.plot", "ax", ax, "of projection '3d'"))
        over = {"color": PALE, "lw": 4, "label": "truth"}
        alone = {"color": INK, "lw": 0.8}
        truth = self.truth.T
        (self.truth_line_,) = self.ax_.plot(*truth, **(over if together else alone))
        self.run_lines_: dict[str, Any] = {}
        places = [self.ax_] * len(self.runs) if together else self.axes_[1:]
        every = zip(places, self.runs.items(), looks(len(self.runs)), strict=True)
        for axes, (name, run), look in every:
            look |= {"marker": "", "lw": 1.4, "label": name}
            (self.run_lines_[name],) = axes.plot(
                *run.T, **(look if together else alone)
            )
        if together:
            add_legend(self.axes_, outside=new)
        self._name_axes(() if together else ("truth", *self.runs), new)
        return self

    def _new_axes(self, n_panels: int, solid: bool) -> NDArray[Any]:
        size = 1.2 + 3.6 * n_panels, 4.6
        if solid:
            options: dict[str, Any] = {"subplot_kw": {"projection": "3d"}}
        else:
            options = {"sharex": True, "sharey": True}
        return new_axes(type(self).__name__, (1, n_panels), size, **options).ravel()

    def _name_axes(self, titles: Sequence[str], new: bool) -> None:
        every = np.concatenate([self.truth, *self.runs.values()])
        low, high = every.min(axis=0), every.max(axis=0)
        margin = 0.05 * np.where(high > low, high - low, 1.0)
        for axes in self.axes_:
            for axis, name, least, most in zip(
                "xyz", self.names, low - margin, high + margin, strict=False
            ):
                axes.set(**{f"{axis}label": name, f"{axis}lim": (least, most)})
        for axes, title in zip(self.axes_, titles, strict=False):
            axes.set_title(title, fontsize="medium")
        if new and len(self.names) == 2:
            for axes in self.axes_[1:]:
                axes.set_ylabel("")
