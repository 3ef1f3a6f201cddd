"""Networks that carry nothing along: their rows in any order, side by side.

A delay line makes a network look back, but what it sees at a row is known beforehand
where no output of its own is fed back. Then it is `Wiring.static`: a perceptron over
rows of taps. Rows that are learned from are dealt one by one, as in MLPRegressor, and
fill all lanes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import NARROW, WIDE, kernel
from seqest.recurrence.batch import Batch, Group
from seqest.recurrence.descent import Descent
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.losses import RowLoss
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network
from seqest.recurrence.unroll import loops_of

__all__ = ["Rowwise", "side_by_side"]

Array = NDArray[Any]
# Rows that a lane runs through in prediction; what does not fill a lane is idle in it.
LANE = 64
NO, YES = np.uint64(0), np.uint64(1)


def side_by_side(X: Array, n_states: int) -> Batch:
    """Return independent rows as sequences that fill the lanes.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_inputs)
        The rows.
    n_states : int
        Of the network, which is static.

    Returns
    -------
    Batch
        Their outputs are in the order of the rows.
    """
    first = np.arange(0, len(X), LANE)
    length = np.minimum(LANE, len(X) - first)
    return Batch(X, first, length, np.zeros((first.size, n_states), X.dtype))


@dataclass(eq=False)
class Rowwise:
    """Steps down the gradients of some rows at a time.

    Attributes
    ----------
    model : Model
        What learns: its network is static, its loss a `RowLoss`.
    lesson : Lesson
        From what.
    window : int
        How many consecutive rows are dealt together.
    batch_size : int
        How many windows make a batch.
    shuffle : bool
        Whether they are dealt anew in each epoch.
    """

    model: Model
    lesson: Lesson
    window: int
    batch_size: int
    shuffle: bool = True

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        """The rows that have targets."""
        return np.flatnonzero(~np.isnan(self.lesson.Z).any(axis=1))

    @cached_property
    def _sheets(self) -> dict[int, _Sheet]:
        return {}

    def epoch(self, descent: Descent, rng: np.random.Generator) -> float:
        """Go once through all rows, a step for each batch.

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
        rows, size = self._order(rng), self.batch_size * self.window
        weights, total, count = self.lesson.weights, 0.0, 0.0
        for k in range(0, rows.size, size):
            chosen = rows[k : k + size]
            share = chosen.size if weights is None else float(weights[chosen].sum())
            if share:
                sheet = self._sheet(chosen.size, descent.theta.dtype)
                sheet.fill(self.lesson, chosen, share)
                total += share * descent.step(sheet.gradient)
                count += share
        return total / count

    def _order(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the rows in the order in which windows are dealt."""
        rows, n = self._rows, min(self.window, self._rows.size)
        if not self.shuffle:
            return rows
        n_windows = -(-rows.size // n)
        order = rng.permutation(n_windows)
        if n == 1:
            return rows[order]
        places = (order[:, np.newaxis] * n + np.arange(n)).ravel()
        dealt: NDArray[np.int64] = rows[places[places < rows.size]]
        return dealt

    def _sheet(self, n_rows: int, dtype: Any) -> _Sheet:
        if n_rows not in self._sheets:
            self._sheets[n_rows] = _Sheet(self.model, n_rows, dtype)
        return self._sheets[n_rows]


class _Sheet:
    """Room for a batch of so many rows, used again by one batch after the other."""

    def __init__(self, model: Model, n_rows: int, dtype: Any) -> None:
        network, loss = model.network, model.loss
        assert isinstance(network, Network)
        assert isinstance(loss, RowLoss)
        self.model, self.network, self.loss = model, network, loss
        self.X = np.empty((n_rows, network.n_inputs), dtype)
        self.Z = np.empty((n_rows, network.n_outputs), dtype)
        self.weights: Array | None = None
        self.n_rows = 0.0
        width = (WIDE if np.dtype(dtype).itemsize == 4 else NARROW).width
        steps = -(-n_rows // width)
        first = np.arange(0, n_rows, steps)
        length = np.minimum(steps, n_rows - first)
        batch = Batch(self.X, first, length, np.empty((first.size, 0)))
        self.group = Group(batch, np.arange(first.size), width)
        self.loops, self.tables = loops_of(network.cell, width), network.tables(dtype)
        size, nets = (int(n) * width for n in self.tables.sizes[:2])
        self.V, self.D = np.zeros((steps + 1) * size, dtype), np.empty(2 * size, dtype)
        self.A = np.empty(steps * nets, dtype)
        self.outputs, self.deltas = np.empty_like(self.Z), np.empty_like(self.Z)
        self.G = np.empty(network.n_weights, dtype)
        # What there is none of: a teacher, a loop, cotangents of inputs.
        self.teacher, self.loop = self.Z[:0], np.empty((2, 0), dtype)
        self.pulled = np.empty((n_rows, 0), dtype)

    def fill(self, lesson: Lesson, rows: NDArray[np.int64], n_rows: float) -> None:
        """Take up rows to learn from, which count as `n_rows`."""
        self.n_rows = n_rows
        _take_rows(lesson.X, rows, self.X)
        _take_rows(lesson.Z, rows, self.Z)
        if lesson.weights is not None:
            self.weights = lesson.weights[rows]

    def gradient(self, theta: Array) -> tuple[float, Array]:
        """Return the loss of the rows with the penalty, and its gradient."""
        runs, n_steps = self.group.runs, np.uint64(self.group.n_steps)
        V, A, tables, teacher = self.V, self.A, self.tables, self.teacher
        told: tuple[Any, ...] = theta, tables, self.X, self.loop, runs, NO, teacher
        self.loops.unroll(*told, n_steps, YES, V, A, self.outputs)
        function, targets = self.network.function, (self.Z, self.weights)
        loss = self.loss.grade(
            self.outputs, *targets, self.n_rows, function, runs, self.deltas
        )
        self.D.fill(0)
        self.G.fill(0)
        told = theta, tables, runs, NO, teacher, n_steps, V, A
        self.loops.pullback(*told, self.deltas, self.D, self.pulled, self.G)
        return self.model.penalised(theta, loss, self.G, self.n_rows)


@kernel
def _take_rows(source: Any, rows: Any, taken: Any) -> None:
    for i in range(np.uint64(rows.shape[0])):
        row = np.uint64(rows[i])
        for j in range(np.uint64(taken.shape[1])):
            taken[i, j] = source[row, j]
