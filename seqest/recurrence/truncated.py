"""Backpropagation through time, truncated, with the state carried from row to row.

Each error flows back over a given number of steps. With one step this is Elman's
original scheme, in which h(t-1) is taken for an input (Elman 1990, "Finding structure
in time", Cognitive Science 14; Williams and Peng 1990, "An efficient gradient-based
algorithm for on-line training of recurrent network trajectories", Neural Computation
2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.recurrence.batch import Batch, Workspace
from seqest.recurrence.descent import Descent
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.losses import n_counted
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network, Run

__all__ = ["Truncated"]

Array = NDArray[Any]
# Positions of short runs that are worked off at once.
AT_ONCE = 50_000


@dataclass(eq=False)
class Truncated:
    """Backpropagation truncated after a number of steps, the state carried on.

    Pieces of all stretches are taken in their order. In each the network is run
    forwards; then every row's error flows back over its own `n_steps - 1` steps of
    recurrence, from the state that the run went through. A step of descent follows
    each piece.

    Attributes
    ----------
    model : Model
        What learns; its network must run forwards only.
    lesson : Lesson
        From what.
    n_steps : int
        Steps through which each error flows.
    piece : int or None
        Rows of each stretch between steps of descent; None for all.
    """

    model: Model
    lesson: Lesson
    n_steps: int
    piece: int | None
    workspace: Workspace = field(default_factory=Workspace)
    _ends: Array = field(init=False)

    def epoch(self, descent: Descent, rng: np.random.Generator) -> float:
        """Go once through all rows, a step for each piece.

        Parameters
        ----------
        descent : Descent
            Takes the steps.
        rng : Generator
            Not drawn from: the order of rows is that of time.

        Returns
        -------
        float
            The mean loss of the pieces.
        """
        lesson, losses = self.lesson, []
        longest = int(np.diff(lesson.offsets).max())
        before = np.empty((len(lesson.X), self.model.network.n_states), lesson.X.dtype)
        for k in range(0, longest, self.piece or longest):

            def at(theta: Array, k: int = k) -> tuple[float, Array]:
                return self._piece(theta, before, k, self.piece or longest)

            losses.append(descent.step(at))
        return float(np.mean(losses))

    def gradient(self, theta: Array) -> tuple[float, Array]:
        """Return the loss of all rows and its truncated gradient.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            The weights.

        Returns
        -------
        loss : float
            With the penalty.
        gradient : ndarray of shape (n_theta,)
            In the dtype of theta.
        """
        before = np.empty(
            (len(self.lesson.X), self.model.network.n_states), theta.dtype
        )
        longest = int(np.diff(self.lesson.offsets).max())
        return self._piece(theta, before, 0, longest)

    def _piece(
        self, theta: Array, before: Array, begin: int, n_rows: int
    ) -> tuple[float, Array]:
        """Return loss and gradient of rows begin : begin + n_rows of all stretches.

        `before` (n_rows, n_states) holds the state before each row, of this piece
        after the call.
        """
        lesson, model, network = self.lesson, self.model, self.model.network
        assert isinstance(network, Network)
        going = np.flatnonzero(np.diff(lesson.offsets) > begin)
        first = lesson.offsets[going] + begin
        length = np.minimum(lesson.offsets[going + 1] - first, n_rows)
        if begin == 0:
            start = lesson.start[going].astype(theta.dtype)
            start[lesson.at_rest[going]] = model.rest(theta)[0]
        else:
            start = self._ends[going]
        batch = Batch(lesson.X, first, length, start, lesson.teacher)
        run = model.unroll(theta, batch, workspace=self.workspace)
        assert isinstance(run, Run)
        rows = batch.rows
        before[rows] = network.states_before(run)
        if begin == 0:
            self._ends = np.zeros(
                (lesson.offsets.size - 1, network.n_states), theta.dtype
            )
        self._ends[going] = run.end
        weights = None if lesson.weights is None else lesson.weights[rows]
        Z = lesson.Z[rows]
        loss, deltas = model.loss(run.outputs, Z, weights, network.function)
        gradient = np.zeros_like(theta)
        stretch = np.repeat(going, length)
        for part in np.array_split(
            np.arange(rows.size), 1 + rows.size * self.n_steps // AT_ONCE
        ):
            gradient += self._pulled(
                theta, before, rows[part], stretch[part], deltas[part]
            )
        return model.penalised(theta, loss, gradient, n_counted(Z, weights))

    def _pulled(
        self,
        theta: Array,
        before: Array,
        rows: NDArray[np.int64],
        stretch: NDArray[np.int64],
        deltas: Array,
    ) -> Array:
        """Pull the cotangents of some rows back over their last steps."""
        lesson, model = self.lesson, self.model
        begins = lesson.offsets[stretch]
        first = np.maximum(rows - self.n_steps + 1, begins)
        batch = Batch(lesson.X, first, rows - first + 1, before[first], lesson.teacher)
        run = model.unroll(theta, batch, workspace=self.workspace)
        lasts = np.zeros((batch.places[-1], deltas.shape[1]), deltas.dtype)
        lasts[batch.places[1:] - 1] = deltas
        at_rest = (first == begins) & lesson.at_rest[stretch]
        return model.pull(theta, run, lasts, at_rest)
