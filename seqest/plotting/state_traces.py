"""The states of some units of a network over time, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from seqest._validation import check_integer, check_numeric, worded
from seqest.plotting._axes import given_axes, new_axes
from seqest.plotting._looks import COLOURS, INK
from seqest.plotting._times import drawable, format_times
from seqest.reservoirs.harvest import harvest
from seqest.reservoirs.runs import Runs

__all__ = ["StateTracesDisplay"]

Array = NDArray[np.float64]


class StateTracesDisplay:
    """The states of some units over time, below each other on one scale.

    Make one with `from_estimator` or `from_states`.

    Parameters
    ----------
    states : ndarray of shape (n_timesteps, n_traces)
        Of the units drawn.
    names : sequence of str
        What each is called.
    index : pandas.Index or None, default=None
        When rows are; None counts them.

    Attributes
    ----------
    axes_ : ndarray of Axes of shape (n_traces,)
        Where they were drawn.
    ax_ : Axes
        The first of them.
    figure_ : Figure
        The figure of these axes.
    lines_ : list of Line2D
        The states of each unit.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.plotting import StateTracesDisplay
    >>> H = np.arange(12.0).reshape(4, 3)
    >>> display = StateTracesDisplay.from_states(H, units=[2])
    >>> display.lines_[0].get_ydata()
    array([ 2.,  5.,  8., 11.])
    """

    def __init__(self, states: Array, names: Sequence[str], index: Any = None) -> None:
        self.states = states
        self.names = names
        self.index = index

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        units: int | Sequence[int] = 5,
        ax: Any = None,
    ) -> Self:
        """Draw the states of a fitted reservoir, from rest along X.

        Parameters
        ----------
        estimator : ESNRegressor or Reservoir
            With a `reservoir_`. Units of a stack are counted from the first layer up.
        X : array-like of shape (n_timesteps, n_inputs)
            The input of one series, as the reservoir sees it; with output feedback
            columns are ``[x(n), y(n - 1)]``. The index of pandas says when rows are.
        units, ax
            As in `from_states`.

        Returns
        -------
        StateTracesDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        NotFittedError
            Before `fit`.
        TypeError
            If there is no reservoir.
        ValueError
            If X does not fit the reservoir, or as in `from_states`.
        """
        owner = f"{cls.__name__}.from_estimator"
        check_is_fitted(estimator)
        if (stack := getattr(estimator, "reservoir_", None)) is None:
            rule = "one with a reservoir, such as ESNRegressor"
            raise TypeError(worded(owner, "estimator", estimator, rule))
        inputs = np.ascontiguousarray(_finite_table(owner, "X", X))
        n_inputs = stack.n_inputs + (0 if stack.W_fb is None else stack.W_fb.shape[1])
        if inputs.shape[1] != n_inputs:
            raise ValueError(worded(owner, "X", X, f"of {n_inputs} columns"))
        runs = Runs(np.zeros(1, int), np.array([len(inputs)]), np.zeros(1, int))
        H, rest = np.empty((len(inputs), stack.n_units)), np.zeros((1, stack.n_units))
        blocks = harvest(stack, inputs.copy(), runs, rest, stack.n_units)
        for block in chain.from_iterable(blocks):
            H[block.rows] = block.design
        index, numbers = getattr(X, "index", None), _units(owner, units, stack.n_units)
        return cls(H[:, numbers], _names(numbers), index).plot(ax)

    @classmethod
    def from_states(
        cls,
        states: Any,
        *,
        units: int | Sequence[int] = 5,
        ax: Any = None,
    ) -> Self:
        """Draw states.

        Parameters
        ----------
        states : array-like of shape (n_timesteps, n_units)
            Such as `Reservoir.transform` returns for one series. Of a DataFrame the
            index says when rows are, and units are called as its columns.
        units : int or sequence of int, default=5
            Which to draw: so many, evenly spread, or those at these positions.
        ax : Axes or array-like of Axes, default=None
            Where to draw: one for each unit. None makes a figure.

        Returns
        -------
        StateTracesDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        ValueError
            If states are not finite or of two dimensions, or a unit is not there.
        """
        owner = f"{cls.__name__}.from_states"
        H = _finite_table(owner, "states", states)
        numbers = _units(owner, units, H.shape[1])
        names = _names(numbers)
        if hasattr(states, "columns"):
            names = [str(states.columns[number]) for number in numbers]
        return cls(H[:, numbers], names, getattr(states, "index", None)).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the traces.

        Parameters
        ----------
        ax
            As in `from_states`.

        Returns
        -------
        StateTracesDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if there are not as many axes as units.
        """
        owner, n_panels, index = type(self).__name__, len(self.names), self.index
        if ax is None:
            size = 8.0, 1.0 + 0.9 * n_panels
            shared = {"sharex": True, "sharey": True}
            self.axes_ = new_axes(owner, (n_panels, 1), size, **shared).ravel()
        else:
            self.axes_ = given_axes(owner, ax, n_panels)
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        times = np.arange(len(self.states)) if index is None else drawable(index)
        marker = "o" if len(times) == 1 else ""
        self.lines_: list[Any] = []
        for axes, name, values in zip(
            self.axes_, self.names, self.states.T, strict=True
        ):
            axes.axhline(0, color=INK, linewidth=0.6)
            look: dict[str, Any] = {"color": COLOURS[2], "lw": 1.2, "marker": marker}
            self.lines_ += axes.plot(times, values, **look)
            axes.set_ylabel(name, fontsize="small")
            format_times(axes, times, getattr(index, "tz", None))
        words = "row" if index is None else str(index.name or "time")
        self.axes_[-1].set_xlabel(words)
        if ax is None:
            self.figure_.supylabel("state")
        return self


def _finite_table(owner: str, name: str, value: Any) -> Array:
    """Return finite numbers of two dimensions, with a row at least."""
    table = check_numeric(owner, name, value)
    if table.ndim != 2 or table.size == 0 or not np.isfinite(table).all():
        rule = "finite, and of two dimensions: rows and columns"
        raise ValueError(worded(owner, name, value, rule))
    index = getattr(value, "index", None)
    if getattr(index, "nlevels", 1) > 1:
        rule, remedy = "of one series", "Choose one, for instance with .loc or .xs."
        raise ValueError(worded(owner, name, value, rule, remedy))
    return table


def _units(owner: str, units: Any, n_units: int) -> list[int]:
    """Return the positions of the units that are drawn."""
    if np.ndim(units) == 0:
        many = min(check_integer(owner, "units", units, 1), n_units)
        return [round(place) for place in np.linspace(0, n_units - 1, many).tolist()]
    numbers = [check_integer(owner, "units", unit, 0) for unit in units]
    if not numbers or max(numbers) >= n_units:
        rule = f"a number, or at least one position below {n_units}"
        raise ValueError(worded(owner, "units", units, rule))
    return numbers


def _names(numbers: Sequence[int]) -> list[str]:
    return [f"unit {number}" for number in numbers]
