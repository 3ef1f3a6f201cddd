"""What is learned from: rows with targets, and the windows they are cut into."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest._compile import kernel
from seqest.recurrence.batch import Batch
from seqest.recurrence.history import History

__all__ = ["Lesson", "Windows"]

Array = NDArray[Any]


class Windows(NamedTuple):
    """Pieces of stretches, each run on its own.

    A row counts in one window; where windows overlap, rows that have counted before
    only warm the next one up.
    """

    first: NDArray[np.int64]  # (n_windows,) first row
    length: NDArray[np.int64]  # number of rows
    counted: NDArray[np.int64]  # the first row that counts
    stretch: NDArray[np.int64]  # whose rows

    def chosen(self, which: Any) -> Windows:
        """Return some of the windows."""
        return Windows(*(column[which] for column in self))


@dataclass(frozen=True, eq=False)
class Lesson:
    """Stretches of rows to learn from."""

    X: Array  # (n_rows, n_inputs)
    Z: Array  # (n_rows, n_outputs), NaN where there is no target
    weights: Array | None  # (n_rows,) how much each target counts
    offsets: NDArray[np.int64]  # (n_stretches + 1,) where stretches begin and end
    start: Array  # (n_stretches, n_states) where they go on from
    at_rest: NDArray[np.bool_]  # (n_stretches,) which start from rest instead
    teacher: Array | None = None  # (n_rows, n_outputs) fed back, NaN: own outputs
    history: History | None = None  # of delay lines, which windows go on from

    def windows(self, length: int | None, stride: int | None) -> Windows:
        """Cut stretches into windows.

        Parameters
        ----------
        length : int or None
            Rows of a window; None leaves stretches whole.
        stride : int or None
            Rows from one to the next, at most `length`, which it is by default.

        Returns
        -------
        Windows
            The last of each stretch ends where it ends; the first begins with it, or
            where delay lines are full.
        """
        rows: list[tuple[int, int, int, int]] = []
        for k in range(self.offsets.size - 1):
            begin = int(self.offsets[k]) + (0 if length is None else self._unknown(k))
            n = int(self.offsets[k + 1]) - begin
            size = min(n, length or n)
            firsts = list(range(0, n - size + 1, stride or size))
            if firsts[-1] + size < n:
                firsts.append(n - size)
            before = 0
            for first in firsts:
                rows.append((begin + first, size, begin + before, k))
                before = first + size
        return Windows(*np.ascontiguousarray(np.array(rows, np.int64).T))

    def _unknown(self, stretch: int) -> int:
        """Return how many rows of a stretch go by until delay lines are full.

        Windows that begin later go on from known rows alone.
        """
        if self.history is None or not self.history.wiring.is_recalled:
            return 0
        begin, end = self.offsets[stretch : stretch + 2]
        known = ~np.isnan(self.Z[begin:end]).any(axis=1)
        return int(np.argmax(known)) if self.at_rest[stretch] else 0

    def batch(self, windows: Windows, rest: Array) -> tuple[Batch, NDArray[np.bool_]]:
        """Return windows as a batch, and which of them start from rest.

        Parameters
        ----------
        windows : Windows
            Some of `windows`.
        rest : ndarray of shape (n_states,)
            The state at rest.

        Returns
        -------
        batch : Batch
            The sequences.
        at_rest : ndarray of shape (n_windows,)
            All but those at the beginning of a stretch that goes on from before.
        """
        begins = self.offsets[windows.stretch]
        at_rest = (windows.first != begins) | self.at_rest[windows.stretch]
        start = self.start[windows.stretch].astype(rest.dtype)
        if self.history is None:
            start[at_rest] = rest
        else:
            n_fed = self.history.wiring.n_fed
            start[at_rest, n_fed:] = rest[n_fed:]
            start = self.history.states(windows.first, begins, start, rest)
        windowed = self.X, windows.first, windows.length, start, self.teacher
        return Batch(*windowed), at_rest

    def targets(self, windows: Windows, batch: Batch) -> tuple[Array, Array | None]:
        """Return targets and weights of a batch, in the order of its outputs.

        Parameters
        ----------
        windows : Windows
            What the batch was made of.
        batch : Batch
            The batch.

        Returns
        -------
        Z : ndarray of shape (n_positions, n_outputs)
            NaN where a row only warms up.
        weights : ndarray of shape (n_positions,) or None
            Of the rows.
        """
        Z = np.empty((batch.places[-1], self.Z.shape[1]), self.Z.dtype)
        _take_targets(self.Z, windows.first, windows.length, windows.counted, Z)
        return Z, None if self.weights is None else self.weights[batch.rows]

    def without_last(
        self, fraction: float, stretches: bool = False
    ) -> tuple[Lesson, NDArray[np.bool_]]:
        """Return the lesson without targets in the last part of each stretch.

        Parameters
        ----------
        fraction : float
            How much of each stretch.
        stretches : bool, default=False
            Whether whole stretches are held out instead, the last ones.

        Returns
        -------
        lesson : Lesson
            The same rows; those at the end have no targets.
        held_out : ndarray of shape (n_rows,)
            Which these are.
        """
        held_out = np.zeros(len(self.Z), bool)
        if stretches:
            n_stretches = self.offsets.size - 1
            last = int(np.ceil(fraction * n_stretches))
            held_out[self.offsets[n_stretches - last] :] = True
        for begin, end in pairwise(self.offsets if not stretches else ()):
            held_out[end - int(np.ceil(fraction * (end - begin))) : end] = True
        Z = self.Z.copy()
        Z[held_out] = np.nan
        return replace(self, Z=Z), held_out


@kernel
def _take_targets(Z: Any, first: Any, length: Any, counted: Any, taken: Any) -> None:
    """Copy the targets of windows one after the other, NaN before the first counted."""
    place = np.uint64(0)
    for k in range(np.uint64(first.shape[0])):
        for row in range(first[k], first[k] + length[k]):
            for j in range(np.uint64(Z.shape[1])):
                taken[place, j] = Z[row, j] if row >= counted[k] else np.nan
            place += np.uint64(1)
