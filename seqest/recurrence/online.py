"""Epochs of regimes that learn along the rows: RTRL and the Kalman filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.recurrence.descent import Descent
from seqest.recurrence.ekf import ExtendedKalmanFilter, KalmanState
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.losses import counted
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network
from seqest.recurrence.rtrl import rtrl_epoch

__all__ = ["Filtered", "RealTime"]

Array = NDArray[Any]


@dataclass(eq=False)
class RealTime:
    """Real-time recurrent learning along whole stretches; see `rtrl_epoch`.

    The loss must be a mean over rows. No penalty is put on the weights.

    Attributes
    ----------
    model : Model
        What learns; its network must run forwards only.
    lesson : Lesson
        From what.
    online : bool
        Whether a step of descent follows each row, else each stretch.
    """

    model: Model
    lesson: Lesson
    online: bool

    def epoch(self, descent: Descent, rng: np.random.Generator) -> float:
        """Go once through all rows.

        Parameters
        ----------
        descent : Descent
            Takes the steps.
        rng : Generator
            Not drawn from: the order of rows is that of time.

        Returns
        -------
        float
            The mean loss of the rows.
        """
        model, lesson = self.model, self.lesson
        network = model.network
        assert isinstance(network, Network)
        batch, at_rest = lesson.batch(
            lesson.windows(None, None), model.rest(descent.theta)[0]
        )
        known = counted(lesson.Z, lesson.weights)
        totals = np.add.reduceat(known, lesson.offsets[:-1])
        share = np.ones(len(known))
        if not self.online:
            share = np.repeat(1 / np.maximum(totals, 1e-300), np.diff(lesson.offsets))

        def loss_at(outputs: Array, places: NDArray[np.int64]) -> tuple[float, Array]:
            of_row = model.loss(outputs, lesson.Z[places], None, network.function)
            size = known[places].sum() * share[places[0]]
            return of_row[0] * size, of_row[1] * outputs.dtype.type(size)

        total = rtrl_epoch(
            network, descent, batch, loss_at, online=self.online, at_rest=at_rest
        )
        return total / float(known.sum() if self.online else np.sum(totals > 0))


@dataclass(eq=False)
class Filtered:
    """Kalman filter training along whole stretches; see `ExtendedKalmanFilter`.

    It minimises squared errors, and takes no learning rate: what it knows of the
    weights stays in the descent's memory.

    Attributes
    ----------
    model : Model
        What learns; its network must run forwards only.
    lesson : Lesson
        From what.
    rule : ExtendedKalmanFilter
        The filter.
    """

    model: Model
    lesson: Lesson
    rule: ExtendedKalmanFilter

    def epoch(self, descent: Descent, rng: np.random.Generator) -> float:
        """Go once through all rows.

        Parameters
        ----------
        descent : Descent
            Holds the weights, and what is known of them.
        rng : Generator
            Not drawn from: the order of rows is that of time.

        Returns
        -------
        float
            The mean loss of the rows, each before it was learned; NaN if they diverged.
        """
        model, lesson, network = self.model, self.lesson, self.model.network
        assert isinstance(network, Network)
        memory: dict[str, Any] = descent.memory
        outputs = np.empty(lesson.Z.shape)
        for k, at_rest in enumerate(lesson.at_rest):
            start = model.rest(descent.theta)[0] if at_rest else lesson.start[k]
            known: KalmanState | None = memory.get("kalman")
            if known is None:
                known = self.rule.begin(network, descent.theta, start)
                memory["kalman"] = known
            known.restart(network, start, bool(at_rest))
            rows = slice(*lesson.offsets[k : k + 2])
            teacher = None if lesson.teacher is None else lesson.teacher[rows]
            stretch = network, known, lesson.X[rows], lesson.Z[rows], teacher
            outputs[rows] = self.rule.learn(*stretch)
            descent.theta[:] = known.theta
        if np.isnan(outputs).any():
            return float("nan")
        Y = outputs.astype(lesson.Z.dtype)
        return model.loss(Y, lesson.Z, lesson.weights, network.function)[0]
