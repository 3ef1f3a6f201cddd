"""Teacher forcing, and its release: which outputs a network is fed while it learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from seqest.recurrence.descent import Descent
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.training import Regime

__all__ = ["Released"]


class Taught(Regime, Protocol):
    """A regime that reads its lesson anew in each epoch."""

    lesson: Lesson


@dataclass(eq=False)
class Released:
    """A regime in which a share of rows is fed measured outputs, the rest its own.

    With a share that falls from epoch to epoch the network is led from teacher forcing
    to its closed loop (Bengio, Vinyals, Jaitly and Shazeer 2015, "Scheduled sampling
    for sequence prediction with recurrent neural networks", NeurIPS 28).

    Attributes
    ----------
    regime : Taught
        How an epoch goes.
    share : callable
        Takes the epoch, counted from 0; returns the share of rows that are forced.
    n_epochs : int
        Epochs gone by.
    changed : bool
        Whether the last epoch had another share than the one before, so that their
        losses say nothing about each other.
    last_share : float
        The share of the last epoch.
    """

    regime: Taught
    share: Callable[[int], float]
    n_epochs: int = 0
    changed: bool = False
    last_share: float = 1.0

    def epoch(self, descent: Descent, rng: np.random.Generator) -> float:
        """Go once through all rows.

        Parameters
        ----------
        descent : Descent
            Takes the steps.
        rng : Generator
            Draws which rows are forced.

        Returns
        -------
        float
            The mean loss of the rows.
        """
        lesson, share = self.regime.lesson, self.share(self.n_epochs)
        free = rng.random(len(lesson.Z)) >= share
        teacher = np.where(free[:, np.newaxis], np.nan, lesson.Z).astype(lesson.Z.dtype)
        self.regime.lesson = replace(lesson, teacher=teacher)
        self.changed = self.n_epochs > 0 and share != self.last_share
        self.last_share = share
        self.n_epochs += 1
        try:
            return self.regime.epoch(descent, rng)
        finally:
            self.regime.lesson = lesson
