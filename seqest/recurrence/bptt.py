"""Backpropagation through time, over whole stretches or windows of them.

Errors flow back from every row to the beginning of its window (Werbos 1990,
"Backpropagation through time: what it does and how to do it", Proceedings of the IEEE
78).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.recurrence.batch import Workspace
from seqest.recurrence.descent import Descent
from seqest.recurrence.lesson import Lesson, Windows
from seqest.recurrence.losses import counted
from seqest.recurrence.model import Model

__all__ = ["Windowed"]

Array = NDArray[Any]


@dataclass(eq=False)
class Windowed:
    """Backpropagation through windows, in batches.

    Attributes
    ----------
    model : Model
        What learns.
    lesson : Lesson
        From what.
    windows : Windows
        Its pieces.
    batch_size : int
        How many make a batch.
    shuffle : bool
        Whether they are dealt anew in each epoch.
    """

    model: Model
    lesson: Lesson
    windows: Windows
    batch_size: int
    shuffle: bool = True
    workspace: Workspace = field(default_factory=Workspace)

    def epoch(self, descent: Descent, rng: np.random.Generator) -> float:
        """Go once through all windows, a step for each batch.

        Parameters
        ----------
        descent : Descent
            Takes the steps.
        rng : Generator
            Deals the windows.

        Returns
        -------
        float
            The mean loss of the rows.
        """
        n_windows = self.windows.first.size
        order = rng.permutation(n_windows) if self.shuffle else np.arange(n_windows)
        total = 0.0
        for k in range(0, n_windows, self.batch_size):
            chosen = np.sort(order[k : k + self.batch_size])
            count = self._counts[chosen].sum()
            if count:
                windows = self.windows.chosen(chosen)
                loss = descent.step(partial(self.gradient, windows=windows))
                total += count * loss
        return float(total / self._counts.sum())

    @cached_property
    def _counts(self) -> NDArray[np.float64]:
        """How much the rows of each window count."""
        counts = counted(self.lesson.Z, self.lesson.weights)
        sums = np.concatenate([[0.0], np.cumsum(counts)])
        ends = self.windows.first + self.windows.length
        total: NDArray[np.float64] = sums[ends] - sums[self.windows.counted]
        return total

    def gradient(
        self, theta: Array, windows: Windows | None = None
    ) -> tuple[float, Array]:
        """Return the loss of windows, by default all, and its gradient.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            The weights.
        windows : Windows, optional
            Which.

        Returns
        -------
        loss : float
            With the penalty.
        gradient : ndarray of shape (n_theta,)
            In the dtype of theta.
        """
        windows = self.windows if windows is None else windows
        batch, at_rest = self.lesson.batch(windows, self.model.rest(theta)[0])
        Z, weights = self.lesson.targets(windows, batch)
        return self.model.gradient(theta, batch, Z, weights, at_rest, self.workspace)
