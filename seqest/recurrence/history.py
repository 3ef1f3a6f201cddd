"""What delay lines hold where a sequence begins inside a stretch of known rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.recurrence.wiring import Line, Wiring

__all__ = ["History", "held"]

Array = NDArray[Any]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class History:
    """Rows that the delay lines of a network remember.

    Attributes
    ----------
    wiring : Wiring
        The network.
    X : ndarray of shape (n_rows, n_inputs)
        Inputs.
    Y : ndarray of shape (n_rows, n_outputs) or None
        Outputs, without NaN; None where none is fed back.
    """

    wiring: Wiring
    X: Array
    Y: Array | None = None

    @cached_property
    def inputs(self) -> Places:
        """Columns of a state, (n_lags, n_inputs); row k is x(t - 1 - k) before step t.

        Without rows where no inputs are remembered.
        """
        line = self.wiring.lines[0]
        return self._columns(line)[0 if line.depth else 1 :]

    @cached_property
    def outputs(self) -> Places:
        """The same of outputs, (n_lags, n_outputs); the last one is always held."""
        return self._columns(self.wiring.lines[1])

    def _columns(self, line: Line) -> Places:
        n, places = line.n_columns, [line.source]
        places += [line.place + k * n for k in range(line.depth)]
        first = np.array(places, np.int64)[:, np.newaxis] - self.wiring.first_state
        return first + np.arange(n)

    def states(
        self,
        first: NDArray[np.int64],
        begins: NDArray[np.int64],
        before: Array,
        rest: Array,
    ) -> Array:
        """Return the states that sequences start from.

        Parameters
        ----------
        first, begins : ndarray of shape (n_sequences,)
            The first row of each sequence, and of the stretch it is in.
        before : ndarray of shape (n_sequences, n_states)
            The state before this stretch.
        rest : ndarray of shape (n_states,)
            What else a sequence starts from that begins within a stretch.

        Returns
        -------
        ndarray of shape (n_sequences, n_states)
            In the dtype of `rest`.
        """
        passed = first - begins
        states = before.astype(rest.dtype)
        states[passed > 0] = rest
        self._fill(states, self.inputs, self.X, before, first, passed)
        if self.Y is not None:
            self._fill(states, self.outputs, self.Y, before, first, passed)
        return states

    def _fill(
        self,
        states: Array,
        columns: Places,
        rows: Array,
        before: Array,
        first: NDArray[np.int64],
        passed: NDArray[np.int64],
    ) -> None:
        """Fill a delay line from rows, and from `before` what is older than these."""
        lags = np.arange(len(columns))
        places = first[:, np.newaxis] - 1 - lags
        held = rows[np.maximum(places, 0)].reshape(len(first), -1)
        for k in np.flatnonzero(passed < len(columns)):
            own = held[k].reshape(columns.shape)
            own[passed[k] :] = before[k, columns[: len(columns) - passed[k]]]
        states[:, columns.ravel()] = held

    def padded(self, states: Array, first: NDArray[np.int64]) -> Array:
        """Return states whose delay lines of inputs hold the first row where unknown.

        Parameters
        ----------
        states : ndarray of shape (n_sequences, n_states)
            NaN in these lines stands for rest.
        first : ndarray of shape (n_sequences,)
            The first row of each sequence.

        Returns
        -------
        ndarray of shape (n_sequences, n_states)
            A new array.
        """
        padded = states.copy()
        for places in self.inputs:
            unknown = np.flatnonzero(np.isnan(states[:, places[0]]))
            padded[unknown[:, np.newaxis], places] = self.X[first[unknown]]
        return padded


def held(Y: Array, offsets: NDArray[np.int64], before: Array | None = None) -> Array:
    """Return rows in which the last known value stands in for NaN.

    Parameters
    ----------
    Y : ndarray of shape (n_rows, n_outputs)
        The rows of all stretches.
    offsets : ndarray of shape (n_stretches + 1,)
        Where these begin and end.
    before : ndarray of shape (n_stretches, n_outputs), optional
        The last value before each; 0 by default.

    Returns
    -------
    ndarray of shape (n_rows, n_outputs)
        `Y` itself if nothing is missing.
    """
    missing = np.isnan(Y)
    if not missing.any():
        return Y
    begins = np.repeat(offsets[:-1], np.diff(offsets))[:, np.newaxis]
    row = np.arange(len(Y))[:, np.newaxis]
    last = np.maximum.accumulate(np.where(missing, -1, row), axis=0)
    filled = np.take_along_axis(Y, np.maximum(last, 0), axis=0)
    first: Any = 0
    if before is not None:
        first = np.repeat(before, np.diff(offsets), axis=0)
    return np.where(last < begins, first, filled).astype(Y.dtype)
