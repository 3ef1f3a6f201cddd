"""Batches of sequences, dealt into groups that run side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import NARROW, WIDE

__all__ = ["Batch", "Group", "Workspace", "dealt"]

Array = NDArray[Any]

# Bytes of a cache line.
LINE = 64


@dataclass(frozen=True, eq=False)
class Batch:
    """Sequences of rows, and where each starts from.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_inputs)
        Inputs; without columns outputs are the next inputs.
    first, length : ndarray of shape (n_sequences,)
        First row of each sequence and its number of rows; they may overlap.
    start : ndarray of shape (n_sequences, n_states)
        The state before each.
    teacher : ndarray of shape (n_rows, n_outputs) or None
        Outputs to feed back, NaN where the network's own are.
    """

    X: Array
    first: NDArray[np.int64]
    length: NDArray[np.int64]
    start: Array
    teacher: Array | None = None

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Where the outputs of each sequence begin; and, last, how many there are."""
        return np.concatenate([[0], np.cumsum(self.length)]).astype(np.int64)

    @cached_property
    def runs(self) -> NDArray[np.uint64]:
        """First row, length and place of outputs of each sequence, (n_sequences, 3)."""
        columns = self.first, self.length, self.places[:-1]
        return np.column_stack(columns).astype(np.uint64)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The row of X that each output belongs to, shape (n_positions,)."""
        shift = np.repeat(self.first - self.places[:-1], self.length)
        return np.arange(shift.size) + shift


class Group:
    """Sequences of a batch that run side by side.

    Attributes
    ----------
    members : ndarray of shape (n_members,)
        Which sequences.
    runs : ndarray of shape (n_members, 3)
        Those of the batch.
    width : int
        How many fit.
    n_steps : int
        Length of the longest.
    """

    def __init__(self, batch: Batch, members: NDArray[np.int64], width: int) -> None:
        self.members, self.width = members, width
        self.runs = batch.runs[members]
        self.n_steps = int(self.runs[:, 1].max())


def dealt(batch: Batch, dtype: Any, shared: bool) -> list[Group]:
    """Return the groups of a batch, sequences of like length together.

    How wide groups are depends on the number of sequences, the dtype and the work
    alone: a few fill two narrow groups where threads share them, as `shared` says, else
    a wide one, which costs less than both.
    """
    n_sequences = batch.first.size
    few = n_sequences <= (WIDE.width if shared else NARROW.width)
    width = WIDE.width
    if n_sequences == 1:
        width = 1
    elif few or np.dtype(dtype).itemsize == 8:
        width = NARROW.width
    order = np.argsort(-batch.length, kind="stable")
    return [
        Group(batch, order[k : k + width], width) for k in range(0, order.size, width)
    ]


@dataclass(eq=False)
class Workspace:
    """Memory used again by one batch after the other.

    What a run keeps in it is valid until the next run.
    """

    arrays: dict[tuple[str, int], Array] = field(default_factory=dict)
    parts: dict[int, Workspace] = field(default_factory=dict)

    def part(self, index: int) -> Workspace:
        """Return a part of the memory that is apart from others.

        Parameters
        ----------
        index : int
            Which.

        Returns
        -------
        Workspace
            The same each time.
        """
        return self.parts.setdefault(index, Workspace())

    def take(self, name: str, index: int, size: int, dtype: Any) -> Array:
        """Return a flat array, its content undefined, that begins with a cache line.

        Vectors that cross from line to line are loaded half as fast.

        Parameters
        ----------
        name : str
            What it is for.
        index : int
            For which group.
        size : int
            Numbers in it.
        dtype : dtype
            Their dtype.

        Returns
        -------
        ndarray of shape (size,)
            The array, the same as before if that was as large.
        """
        array = self.arrays.get((name, index))
        if array is None or array.size < size or array.dtype != dtype:
            array = self.arrays[name, index] = _on_line(size, np.dtype(dtype))
        return array[:size]


def _on_line(size: int, dtype: np.dtype[Any]) -> Array:
    room = np.empty(size * dtype.itemsize + LINE, np.uint8)
    first = -room.__array_interface__["data"][0] % LINE  # sooner than `ctypes.data`
    return room[first : first + size * dtype.itemsize].view(dtype)
