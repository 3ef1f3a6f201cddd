"""Run a reservoir over one or many series and hand on its states block by block.

Nothing of size T x N need exist: each block is a design matrix whose first columns
hold states, for the reader to complete and reduce. Many series run side by side in
vector lanes, groups of lanes in threads. How the work is divided depends on shapes
alone, so the states are the same bits on any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqest._compile import LANES, parallel_map
from seqest.reservoirs.kernels import TimeLoops
from seqest.reservoirs.stack import Stack

__all__ = ["Block", "Runs", "harvest"]

# From so many runs on, lanes (filled up with idle ones) beat runs one by one.
FEWEST_LANES = 3
# Groups of lanes, or single runs, in flight at once.
WAVE = 8
# What a block of states may take, so that it is still in cache when it is read.
BLOCK_BYTES = 1 << 20

Rows: TypeAlias = slice | NDArray[np.int64]
Noise: TypeAlias = Callable[[int, int, int], NDArray[Any]]


@dataclass(frozen=True)
class Runs:
    """Stretches of consecutive rows, each run from a state of its own.

    A chunk of a long series, warmed up on the rows before it, is a run as well.

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


def harvest(
    stack: Stack,
    inputs: NDArray[Any],
    runs: Runs,
    states: NDArray[Any],
    width: int,
    noise: Noise | None = None,
    in_order: bool = False,
) -> Iterator[list[Block]]:
    """Yield the states of `stack` along `inputs`, some blocks at a time.

    Parameters
    ----------
    stack : Stack
        The weights.
    inputs : ndarray of shape (n_rows, n_inputs)
        Stacked series; with output feedback the columns are ``[x(n), y(n - 1)]``.
    runs : Runs
        Which rows to run over. Every run's blocks come in time order.
    states : ndarray of shape (n_runs, n_units)
        The state before each run; overwritten by the state after it.
    width : int
        Columns of the design, at least n_units.
    noise : callable, optional
        ``noise(run, begin, end)`` returns what is added to the states of those
        steps, shape (end - begin, n_units).
    in_order : bool, default=False
        Whether blocks come run after run, for readers that learn row by row.

    Yields
    ------
    list of Block
        Rows of states after each run's skipped steps, made side by side. They stay
        valid while the next list is made, and are then overwritten.
    """
    alone = noise is not None or in_order or runs.start.size < FEWEST_LANES
    loops, layers = stack.teacher_forced(inputs.dtype)
    job = _Job(loops, layers, inputs, runs, states, width, noise)
    tasks = _Series.tasks(job) if alone else _Lanes.tasks(job)
    # Memory is touched for the first time once, and then serves all waves.
    slots: list[Iterator[NDArray[Any]]] = []
    for wave in _batched(tasks, 1 if in_order else WAVE):
        rows = wave[0].lanes * min(wave[0].steps, int(runs.length.max()))
        slots += [_two_designs(job, rows) for _ in wave[len(slots) :]]
        for task, slot in zip(wave, slots, strict=False):
            task.designs = slot
        begin, longest = 0, max(task.longest for task in wave)
        while begin < longest:
            end = min(begin + wave[0].steps, longest)
            yield _advance(wave, begin, end)
            begin = end


def _batched(tasks: Iterator[Any], size: int) -> Iterator[tuple[Any, ...]]:
    """Yield tuples of up to `size` tasks (`itertools.batched` from Python 3.12 on)."""
    while batch := tuple(islice(tasks, size)):
        yield batch


def _advance(wave: tuple[Any, ...], begin: int, end: int) -> list[Block]:
    blocks = parallel_map(lambda task: task.advance(begin, end), wave)
    return [block for block in blocks if len(block.design)]


@dataclass(frozen=True)
class _Job:
    loops: TimeLoops
    layers: tuple[Any, ...]
    inputs: NDArray[Any]
    runs: Runs
    states: NDArray[Any]
    width: int
    noise: Noise | None

    def rows_of_block(self) -> int:
        row = self.width * self.inputs.itemsize
        # The wider a design, the taller: each costs a pass over the Gram matrix.
        return max(256, min(4096, BLOCK_BYTES // row), min(self.width, 2048))


def _two_designs(job: _Job, rows: int) -> Iterator[NDArray[Any]]:
    """Return two arrays (rows, width) for ever in turn."""
    shape, dtype = (rows, job.width), job.inputs.dtype
    return cycle([np.empty(shape, dtype), np.empty(shape, dtype)])


class _Series:
    """One run, step by step."""

    designs: Iterator[NDArray[Any]]
    lanes = 1

    def __init__(self, job: _Job, run: int) -> None:
        self.job, self.run = job, run
        self.start = int(job.runs.start[run])
        self.longest = int(job.runs.length[run])
        self.skip = int(job.runs.skip[run])
        self.steps = job.rows_of_block()

    @classmethod
    def tasks(cls, job: _Job) -> Iterator[_Series]:
        return (cls(job, run) for run in range(job.runs.start.size))

    def advance(self, begin: int, end: int) -> Block:
        end = min(end, self.longest)
        design = next(self.designs)[: max(end - begin, 0)]
        first = self.start + begin
        self._run(design, self.job.inputs[first : first + len(design)], begin)
        kept = min(max(self.skip - begin, 0), len(design))
        return Block(slice(first + kept, first + len(design)), design[kept:])

    def _run(self, design: NDArray[Any], inputs: NDArray[Any], begin: int) -> None:
        noise = np.empty((0, 0), design.dtype)
        if self.job.noise is not None and len(design):
            noise = self.job.noise(self.run, begin, begin + len(design))
        first, source = 0, np.require(inputs, requirements=["C", "W"])
        for layer in self.job.layers:
            last = first + layer[2].size
            state = self.job.states[self.run, first:last]
            part = np.ascontiguousarray(noise[:, first:last], design.dtype)
            source = self.job.loops.series(layer, source, part, state, design, first)
            first = last


class _Lanes:
    """Up to `LANES` runs side by side."""

    designs: Iterator[NDArray[Any]]
    lanes = LANES

    def __init__(self, job: _Job, members: NDArray[np.int64]) -> None:
        self.job, self.members = job, members
        runs = job.runs
        self.length, self.skip = runs.length[members], runs.skip[members]
        self.start = runs.start[members]
        self.longest = int(self.length.max())
        self.steps = max(16, job.rows_of_block() * 4 // LANES)
        self.h = np.zeros((job.states.shape[1], LANES), job.inputs.dtype)
        self.h[:, : members.size] = job.states[members].T
        self.ends = np.ascontiguousarray(job.states[members])

    @classmethod
    def tasks(cls, job: _Job) -> Iterator[_Lanes]:
        # Runs of like length share a group, so that few lanes idle.
        order = np.argsort(-job.runs.length, kind="stable")
        return (cls(job, order[k : k + LANES]) for k in range(0, order.size, LANES))

    def advance(self, begin: int, end: int) -> Block:
        design, end = next(self.designs), min(end, self.longest)
        if begin >= end:
            return Block(slice(0, 0), design[:0])
        first = np.clip(self.skip, begin, end)
        counts = np.maximum(np.minimum(self.length, end) - first, 0)
        base = np.cumsum(counts) - counts - first
        runs = np.column_stack([self.start, self.length, self.skip, base])
        self.job.loops.lanes(
            self.job.layers,
            self.job.inputs,
            runs,
            begin,
            end,
            self.h,
            design,
            self.ends,
        )
        self.job.states[self.members] = self.ends
        rows = np.repeat(self.start - base, counts) + np.arange(counts.sum())
        return Block(rows, design[: rows.size])
