"""Teacher forcing, and its release: which outputs a network is fed while it learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from seqest.recurrence.bptt import Windowed
from seqest.recurrence.descent import Descent
from seqest.recurrence.online import Filtered, RealTime
from seqest.recurrence.truncated import Truncated

__all__ = ["Released"]


@dataclass(eq=False)
class Released:
    """A regime in which a share of rows is fed measured outputs, the rest its own.

    With a share that falls from epoch to epoch the network is led from teacher forcing
    to its closed loop (Bengio, Vinyals, Jaitly and Shazeer 2015, "Scheduled sampling
    for sequence prediction with recurrent neural networks", NeurIPS 28).

    Attributes
    ----------
    regime : Windowed, Truncated, RealTime or Filtered
        How an epoch goes.
    share : callable
        Takes the epoch, counted from 0; returns the share of rows that are forced.
    n_epochs : int
        Epochs gone by.
    """

    regime: Windowed | Truncated | RealTime | Filtered
    share: Callable[[int], float]
    n_epochs: int = 0

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
        lesson = self.regime.lesson
        free = rng.random(len(lesson.Z)) >= self.share(self.n_epochs)
        teacher = np.where(free[:, np.newaxis], np.nan, lesson.Z).astype(lesson.Z.dtype)
        self.regime.lesson = replace(lesson, teacher=teacher)
        self.n_epochs += 1
        try:
            return self.regime.epoch(descent, rng)
        finally:
            self.regime.lesson = lesson
