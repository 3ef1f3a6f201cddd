"""One long series in chunks that run side by side.

A reservoir that forgets where it started needs no past but the last rows. A long run
is cut into chunks, each warmed up from rest on the rows before it, and `LANES` of them
share the vector lanes of one task, several tasks the threads. The state that a chunk
ends in is then compared with the one that the next was warmed up to; where they differ
by more than the tolerance, the next chunk is run again, in order. So where chunks meet
the states are those of a run in order within the tolerance, whatever the reservoir
does; what is left there may grow within a chunk where the input lets it, as what
rounding leaves does in any run.

How long a warm-up must be is measured first, on pairs of far states at several places
of the series. The plan depends on shapes and on what was measured, never on the number
of threads.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from itertools import cycle, pairwise
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import LANES, parallel_map
from seqest.reservoirs.runs import BLOCK_BYTES, Block, Job

__all__ = ["FEWEST_ROWS", "Chunked", "Plan", "plan_of", "run_side_by_side"]

# Shorter runs are as soon done in order.
FEWEST_ROWS = 10_000
# Tasks of a wave, as many as leave chunks long enough.
TASKS = (4, 2, 1)
# Warm-ups that a chunk is long at least, and where there is room; half of that after
# waves are made equal, and so never less than one, on which `_Wave.advance` relies.
# Longer chunks spare warm-ups, shorter ones memory that is touched for the first time.
LEAST, ENOUGH = 2, 3
# What the states of a wave may take; those of two waves exist at once.
WAVE_BYTES = 1 << 26
# Steps between looks at how far pairs are apart; fewest before giving up.
LOOK, PATIENCE = 16, 128
# What is slower than this share of the pace that the limit asks for is given up.
PACE = 0.75
# A warm-up is measured to this share of the tolerance, and has some steps more.
SAFETY, MORE = 0.1, 16
# Units of rounding that no comparison can be finer than.
ROUNDING = 16
# A wave with a larger share of chunks run again is the last one cut into chunks.
FAILING = 0.25


@dataclass
class Chunked:
    """What of a harvest was cut into chunks.

    Attributes
    ----------
    n_chunks : int
        Chunks that ran side by side, of all series; 0 where all ran in order.
    warmup : int
        Rows that each was warmed up on; the most of all series.
    n_reruns : int
        Chunks whose warm-up did not suffice, and which were run again in order.
    """

    n_chunks: int = 0
    warmup: int = 0
    n_reruns: int = 0


@dataclass(frozen=True)
class Plan:
    """How a run is cut.

    Attributes
    ----------
    warmup : int
        Rows before each chunk that it is warmed up on.
    n_tasks : int
        Tasks of `LANES` chunks in a wave.
    edges : ndarray of shape (n_waves + 1,)
        First steps of the waves, and the end.
    tolerance : float
        Largest difference at a boundary, in units of the states.
    """

    warmup: int
    n_tasks: int
    edges: NDArray[np.int64]
    tolerance: float


def plan_of(job: Job, run: int, tolerance: float) -> Plan | None:
    """Return how to cut a run, or None where running it in order is better.

    Parameters
    ----------
    job : Job
        The harvest.
    run : int
        Which run.
    tolerance : float
        Largest difference at a boundary, in units of the states.
    """
    length = int(job.runs.length[run])
    # A shift vectorises as well along its units as along lanes.
    if length < FEWEST_ROWS or job.loops.structure == "shift":
        return None
    finest = ROUNDING * float(np.finfo(job.inputs.dtype).eps)
    tolerance = max(tolerance, finest)
    room = min(length, WAVE_BYTES // (job.width * job.inputs.itemsize)) // LANES
    near, limit = max(SAFETY * tolerance, finest), room // LEAST - MORE
    warmup = _forgetting_time(job, run, near, limit)
    if warmup is None:
        return None
    warmup += MORE
    n_tasks = next(n for n in TASKS if n * LEAST * warmup <= room)
    chunk = min(room // n_tasks, ENOUGH * warmup)
    n_waves = -(-length // (n_tasks * LANES * chunk))
    edges = np.linspace(0, length, n_waves + 1).astype(np.int64)
    return Plan(warmup, n_tasks, edges, tolerance)


def _forgetting_time(job: Job, run: int, near: float, limit: int) -> int | None:
    """Return after how many steps all pairs of states are `near`; None for too many.

    Half of the lanes run some steps from rest, and each then gets a partner in a corner
    as far as states reach, at as many places of the run. What takes longer than
    `limit`, or is not on its way there, is given up.
    """
    n_units, dtype = job.states.shape[1], job.inputs.dtype
    if limit < LOOK:
        return None
    last = job.runs.length[run] - limit - LOOK
    places = np.linspace(0, last, LANES // 2).astype(np.int64)
    lanes = _Lanes(job, job.runs.start[run] + np.repeat(places, 2))
    lanes.warm_up(0, LOOK)
    corners = np.random.default_rng(0).choice([-1.0, 1.0], (n_units, LANES // 2))
    lanes.h[:, 1::2] = (corners * max(1.0, np.abs(lanes.h).max())).astype(dtype)
    for step in range(LOOK, limit + 1, LOOK):
        lanes.warm_up(step, step + LOOK)
        apart = _apart(lanes.h[:, ::2], lanes.h[:, 1::2])
        if apart <= near:
            return step
        late = log(apart) > PACE * step / limit * log(near)
        if not apart < np.inf or (step >= PATIENCE and late):
            return None
    return None


def _apart(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Return the largest difference in units of the states, of the largest above 1."""
    with np.errstate(invalid="ignore", over="ignore"):
        scale = max(1.0, float(np.abs(a).max()))
        return float(np.abs(a - b).max()) / scale


class _Lanes:
    """`LANES` places of a series side by side.

    Attributes
    ----------
    h : ndarray of shape (n_units, LANES)
        Their states, at rest at first.
    """

    def __init__(self, job: Job, start: NDArray[np.int64]) -> None:
        self.job, self.start = job, start
        self.h = np.zeros((job.states.shape[1], LANES), job.inputs.dtype)

    def warm_up(self, begin: int, end: int) -> None:
        """Run steps begin:end; the states are not kept."""
        length = np.full(LANES, end)
        self._run(begin, length, length, np.empty((0, self.job.width), self.h.dtype))

    def keep(self, length: NDArray[np.int64], design: NDArray[Any]) -> NDArray[Any]:
        """Run `length` steps each; return the states (LANES, n_units) at the ends.

        `design` receives all states, place after place.
        """
        return self._run(0, length, np.zeros_like(length), design)

    def _run(
        self,
        begin: int,
        length: NDArray[np.int64],
        skip: NDArray[np.int64],
        design: NDArray[Any],
    ) -> NDArray[Any]:
        base, ends = np.cumsum(length) - length, np.empty_like(self.h.T, order="C")
        runs = np.column_stack([self.start, length, skip, base])
        steps = begin, int(length.max())
        job = self.job
        h = self.h[np.newaxis]
        job.loops.lanes(job.layers, job.inputs, runs, *steps, h, design, ends)
        return ends


class _Wave:
    """The chunks of some rows of a run, whose states exist at once."""

    def __init__(
        self, job: Job, run: int, plan: Plan, bounds: tuple[int, int], design: Any
    ) -> None:
        self.job, self.run, self.plan = job, run, plan
        self.begin, self.end = bounds
        self.n_chunks = plan.n_tasks * LANES
        self.edges = np.linspace(*bounds, self.n_chunks + 1).astype(np.int64)
        self.design = design[: self.end - self.begin]
        shape = self.n_chunks, job.states.shape[1]
        self.warmed, self.ends = (np.empty(shape, design.dtype) for _ in range(2))

    def advance(self, task: int) -> None:
        """Warm the chunks of a task up and run them."""
        chunks = slice(task * LANES, (task + 1) * LANES)
        edges = self.edges[chunks.start : chunks.stop + 1]
        origin = self.job.runs.start[self.run]
        warmup = self.plan.warmup
        lanes = _Lanes(self.job, origin + np.maximum(edges[:-1] - warmup, 0))
        lanes.warm_up(0, warmup)
        if task == 0:
            lanes.h[:, 0] = self.job.states[self.run]  # known, as its past has run
        self.warmed[chunks] = lanes.h.T
        lanes.start = origin + edges[:-1]
        design = self.design[edges[0] - self.begin : edges[-1] - self.begin]
        self.ends[chunks] = lanes.keep(np.diff(edges), design)

    def mend(self) -> int:
        """Run chunks again, in order, that began elsewhere; return their number."""
        reruns = 0
        for k in range(1, self.n_chunks):
            if _apart(self.ends[k - 1], self.warmed[k]) <= self.plan.tolerance:
                continue
            reruns += 1
            first, last = self.edges[k : k + 2]
            design = self.design[first - self.begin : last - self.begin]
            self.ends[k] = self.ends[k - 1]
            self.job.advance(self.run, int(first), design, self.ends[k])
        self.job.states[self.run] = self.ends[-1]
        return reruns

    def blocks(self) -> list[Block]:
        """Return the states after the skipped steps, in pieces that fit a cache."""
        origin, size = int(self.job.runs.start[self.run]), self.job.rows_of_block()
        # Blocks that threads share are higher.
        size = max(size, 4 * BLOCK_BYTES // self.design[:1].nbytes)
        first = min(max(int(self.job.runs.skip[self.run]), self.begin), self.end)
        steps = [(k, min(k + size, self.end)) for k in range(first, self.end, size)]
        return [
            Block(
                slice(origin + begin, origin + end),
                self.design[begin - self.begin : end - self.begin],
            )
            for begin, end in steps
        ]


def run_side_by_side(
    job: Job, run: int, plan: Plan, facts: Chunked
) -> Generator[list[Block], None, int]:
    """Yield the states of a run in order, some blocks at a time.

    Parameters
    ----------
    job : Job
        The harvest; its state of this run becomes that after the last step.
    run : int
        Which run.
    plan : Plan
        How it is cut.
    facts : Chunked
        Told what was done.

    Yields
    ------
    list of Block
        As of `harvest`.

    Returns
    -------
    int
        The steps that were run: not all where too many chunks had to run again.
    """
    facts.warmup = max(facts.warmup, plan.warmup)
    shape = int(np.diff(plan.edges).max()), job.width
    designs = cycle([np.empty(shape, job.inputs.dtype) for _ in range(2)])
    end = 0
    for begin, end in pairwise(map(int, plan.edges)):
        wave = _Wave(job, run, plan, (begin, end), next(designs))
        parallel_map(wave.advance, range(plan.n_tasks))
        reruns = wave.mend()
        facts.n_chunks += wave.n_chunks
        facts.n_reruns += reruns
        yield wave.blocks()
        if reruns > FAILING * wave.n_chunks:
            break
    return end
