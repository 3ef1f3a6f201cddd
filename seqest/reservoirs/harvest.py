"""Run a reservoir over one or many series and hand on its states block by block.

Nothing of size T x N need exist: each block is a design matrix whose first columns
hold states, for the reader to complete and reduce. Many series run side by side in
vector lanes, groups of lanes in threads. How the work is divided depends on shapes
alone, so the states are the same bits on any number of threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import LANES, parallel_map
from seqest.reservoirs.chunks import FEWEST_ROWS, Chunked, plan_of, run_side_by_side
from seqest.reservoirs.runs import Block, Job, Noise, Runs
from seqest.reservoirs.stack import Stack

__all__ = ["harvest"]

# From so many runs on, lanes (filled up with idle ones) beat runs one by one.
FEWEST_LANES = 3
# Groups of lanes, or single runs, in flight at once.
WAVE = 8


def harvest(
    stack: Stack,
    inputs: NDArray[Any],
    runs: Runs,
    states: NDArray[Any],
    width: int,
    *,
    noise: Noise | None = None,
    in_order: bool = False,
    tolerance: float = 0.0,
    facts: Chunked | None = None,
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
    tolerance : float, default=0.0
        How far states may be from those of a run step by step where chunks meet, into
        which a long run is cut; see `chunks`. With 0, with noise and in order none is.
    facts : Chunked, optional
        Told what was cut.

    Yields
    ------
    list of Block
        Rows of states after each run's skipped steps, made side by side. They stay
        valid while the next list is made, and are then overwritten.
    """
    job = Job(*stack.teacher_forced(inputs.dtype), inputs, runs, states, width, noise)
    runs_left = np.arange(runs.start.size)
    n_long = np.count_nonzero(runs.length >= FEWEST_ROWS)
    if tolerance and noise is None and not in_order and 0 < n_long < LANES:
        cut = facts or Chunked()
        plans = {run: plan_of(job, run, tolerance) for run in range(runs.start.size)}
        for run, plan in plans.items():
            if plan is not None:
                begin = yield from run_side_by_side(job, run, plan, cut)
                yield from _in_waves(job, [_Series(job, run)], 1, begin)
        runs_left = np.array([run for run, plan in plans.items() if plan is None], int)
    alone = noise is not None or in_order or runs_left.size < FEWEST_LANES
    kind: Any = _Series if alone else _Lanes
    yield from _in_waves(job, kind.tasks(job, runs_left), 1 if in_order else WAVE)


def _in_waves(
    job: Job, tasks: Iterable[Any], size: int, begin: int = 0
) -> Iterator[list[Block]]:
    """Run tasks from step `begin` on, up to `size` at a time."""
    # Memory is touched for the first time once, and then serves all waves.
    slots: list[Iterator[NDArray[Any]]] = []
    for wave in _batched(iter(tasks), size):
        slots += [_two_designs(job, wave[0].rows) for _ in wave[len(slots) :]]
        for task, slot in zip(wave, slots, strict=False):
            task.designs = slot
        first, longest = begin, max(task.longest for task in wave)
        while first < longest:
            end = min(first + wave[0].steps, longest)
            yield _advance(wave, first, end)
            first = end


def _batched(tasks: Iterator[Any], size: int) -> Iterator[tuple[Any, ...]]:
    """Yield tuples of up to `size` tasks (`itertools.batched` from Python 3.12 on)."""
    while batch := tuple(islice(tasks, size)):
        yield batch


def _advance(wave: tuple[Any, ...], begin: int, end: int) -> list[Block]:
    blocks = parallel_map(lambda task: task.advance(begin, end), wave)
    return [block for block in blocks if len(block.design)]


def _two_designs(job: Job, rows: int) -> Iterator[NDArray[Any]]:
    """Return two arrays (rows, width) for ever in turn."""
    shape, dtype = (rows, job.width), job.inputs.dtype
    return cycle([np.empty(shape, dtype), np.empty(shape, dtype)])


class _Series:
    """One run, step by step."""

    designs: Iterator[NDArray[Any]]

    def __init__(self, job: Job, run: int) -> None:
        self.job, self.run = job, run
        self.start = int(job.runs.start[run])
        self.longest = int(job.runs.length[run])
        self.skip = int(job.runs.skip[run])
        self.steps = job.rows_of_block()

    @classmethod
    def tasks(cls, job: Job, runs: NDArray[np.int64]) -> Iterator[_Series]:
        return (cls(job, run) for run in runs)

    @property
    def rows(self) -> int:
        """How many a block has at most, of any run."""
        return min(self.steps, int(self.job.runs.length.max()))

    def advance(self, begin: int, end: int) -> Block:
        end = min(end, self.longest)
        design = next(self.designs)[: max(end - begin, 0)]
        self.job.advance(self.run, begin, design, self.job.states[self.run])
        first = self.start + begin
        kept = min(max(self.skip - begin, 0), len(design))
        return Block(slice(first + kept, first + len(design)), design[kept:])


class _Lanes:
    """Many runs, `LANES` of them side by side."""

    designs: Iterator[NDArray[Any]]

    def __init__(self, job: Job, members: NDArray[np.int64]) -> None:
        self.job, self.members = job, members
        runs = job.runs
        self.length, self.skip = runs.length[members], runs.skip[members]
        self.start = runs.start[members]
        self.longest = int(self.length.max())
        self.steps = self.steps_of_block(job)
        n_full, rest = divmod(members.size, LANES)
        n_groups, n_units = n_full + (rest > 0), job.states.shape[1]
        self.rows = n_groups * LANES * min(self.steps, self.longest)
        self.ends = job.states[members]
        self.h = np.zeros((n_groups, n_units, LANES), job.inputs.dtype)
        full, last = np.split(self.ends, [n_full * LANES])
        self.h[:n_full] = full.reshape(n_full, LANES, n_units).transpose(0, 2, 1)
        self.h[n_full:, :, :rest] = last.T

    @staticmethod
    def steps_of_block(job: Job) -> int:
        """Return how many steps of `LANES` runs make up a block."""
        return max(16, job.rows_of_block() * 4 // LANES)

    @classmethod
    def tasks(cls, job: Job, runs: NDArray[np.int64]) -> Iterator[_Lanes]:
        # Runs of like length share a group, so that few lanes idle; longest ones first.
        order = runs[np.argsort(-job.runs.length[runs], kind="stable")]
        # Short ones share a task, while there are as many of these as a wave takes.
        at_once = cls.steps_of_block(job) // job.runs.length[order[:1]].max(initial=1)
        size = LANES * max(1, min(at_once, order.size // (LANES * WAVE)))
        return (cls(job, order[k : k + size]) for k in range(0, order.size, size))

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
