"""Rows of figures: theirs, ours over seeds, the goal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from benchmarks.page import machine, table

__all__ = ["Row", "format_table", "section_of", "timed"]

HEAD = (
    "task",
    "settings",
    "measure",
    "theirs",
    "ours: mean ± sd",
    "seeds",
    "goal",
    "reached",
    "minutes",
)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    task, settings, measure : str
        What was run and what was measured.
    theirs : str
        The figure of others, with its source.
    goal : float or None
        What our mean is to reach; None where nothing is set.
    scores : sequence of float
        Ours, one for each seed; empty if the row was skipped.
    minutes : float
        What all seeds took.
    more_is_better : bool
        Whether the goal is a floor.
    """

    task: str
    settings: str
    measure: str
    theirs: str
    goal: float | None
    scores: Sequence[float]
    minutes: float = 0.0
    more_is_better: bool = False

    @property
    def reached(self) -> str:
        """Whether our mean, not rounded, is at the goal."""
        if self.goal is None or not len(self.scores):
            return "–"
        mean = float(np.mean(self.scores))
        good = mean >= self.goal if self.more_is_better else mean <= self.goal
        return "yes" if good else "no"

    def cells(self) -> tuple[str, ...]:
        """Return the texts under `HEAD`."""
        count = len(self.scores)
        ours = f"{np.mean(self.scores):.3g}" if count else "skipped"
        if count > 1:
            ours += f" ± {np.std(self.scores, ddof=1):.1g}"
        goal = "–" if self.goal is None else f"{self.goal:g}"
        if self.goal is not None:
            goal = ("≥ " if self.more_is_better else "≤ ") + goal
        last = (str(count), goal, self.reached, f"{self.minutes:.1f}")
        return (self.task, self.settings, self.measure, self.theirs, ours, *last)


def timed(
    score: Callable[[int], float], seeds: Iterable[int]
) -> tuple[list[float], float]:
    """Return the score of each seed, and the minutes they took."""
    start = time.perf_counter()
    scores = [float(score(seed)) for seed in seeds]
    return scores, (time.perf_counter() - start) / 60


def format_table(rows: Sequence[Row]) -> str:
    """Return rows below their head, in columns."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        " | ".join(
            text.ljust(width) for text, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def section_of(name: str, task: ModuleType, rows: Sequence[Row], n_seeds: int) -> str:
    """Return what a page of figures says of a task.

    Parameters
    ----------
    name : str
        As on the command line.
    task : module
        Its docstring tells what is run; its `REMARK`, if any, why a goal is missed.
    rows : sequence of Row
        What was found.
    n_seeds : int
        How many seeds were asked for.
    """
    title, _, body = str(task.__doc__).partition("\n")
    minutes = sum(row.minutes for row in rows)
    command = f"python -m benchmarks.accuracy --tasks {name} --seeds {n_seeds}"
    parts = [
        f"## {title.removesuffix('.')}",
        body.strip(),
        table(HEAD, [row.cells() for row in rows]),
        getattr(task, "REMARK", "").strip(),
        f"`{command}`: {minutes:.1f} minutes on {machine()}.",
    ]
    return "\n\n".join(part for part in parts if part)
