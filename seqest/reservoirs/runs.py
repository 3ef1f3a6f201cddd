"""What a harvest runs over, and the blocks of states it hands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqest.reservoirs.kernels import TimeLoops

__all__ = ["BLOCK_BYTES", "Block", "Job", "Runs"]

# What a block of states may take, so that it is still in cache when it is read.
BLOCK_BYTES = 1 << 20

Rows: TypeAlias = slice | NDArray[np.int64]
Noise: TypeAlias = Callable[[int, int, int], NDArray[Any]]


@dataclass(frozen=True)
class Runs:
    """Stretches of consecutive rows, each run from a state of its own.

    Attributes
    ----------
    start : ndarray of shape (n_runs,)
        First row of each run in the stacked input.
    length : ndarray of shape (n_runs,)
        Number of steps.
    skip : ndarray of shape (n_runs,)
        Steps at the beginning whose states are not handed on (washout).
    """

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    skip: NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Some rows of states.

    Attributes
    ----------
    rows : slice or ndarray
        Which rows of the stacked input they belong to.
    design : ndarray of shape (n_rows, width)
        States in the first n_units columns; the others are free for the reader.
    """

    rows: Rows
    design: NDArray[Any]


@dataclass(frozen=True)
class Job:
    """All that a harvest reads, and the states it writes.

    Attributes
    ----------
    loops : TimeLoops
        The compiled time loops.
    layers : tuple
        The weights as they take them.
    inputs : ndarray of shape (n_rows, n_inputs)
        Stacked series.
    runs : Runs
        Which rows to run over.
    states : ndarray of shape (n_runs, n_units)
        The state before each run, and then after it.
    width : int
        Columns of the design.
    noise : callable or None
        Added to the states.
    """

    loops: TimeLoops
    layers: tuple[Any, ...]
    inputs: NDArray[Any]
    runs: Runs
    states: NDArray[Any]
    width: int
    noise: Noise | None

    def rows_of_block(self) -> int:
        """Return how many rows a block of one run has."""
        row = self.width * self.inputs.itemsize
        # The wider a design, the taller: each costs a pass over the Gram matrix.
        return max(256, min(4096, BLOCK_BYTES // row), min(self.width, 2048))

    def advance(
        self, run: int, begin: int, design: NDArray[Any], state: NDArray[Any]
    ) -> None:
        """Run from step `begin` on, step by step.

        Parameters
        ----------
        run : int
            Which run.
        begin : int
            The first step.
        design : ndarray of shape (n_steps, width)
            Receives the states of as many steps as it has rows.
        state : ndarray of shape (n_units,)
            The state before, and then after them.
        """
        noise = np.empty((0, 0), design.dtype)
        if self.noise is not None and len(design):
            noise = self.noise(run, begin, begin + len(design))
        row = int(self.runs.start[run]) + begin
        first = 0
        rows = self.inputs[row : row + len(design)]
        source = np.require(rows, requirements=["C", "W"])
        for layer in self.layers:
            last = first + layer[2].size
            part = np.ascontiguousarray(noise[:, first:last], design.dtype)
            source = self.loops.series(
                layer, source, part, state[first:last], design, first
            )
            first = last
