"""The metrics, each with arguments that suit it and its value when all is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest import metrics

Array = NDArray[np.float64]

N_TIMESTEPS = 40
N_DELAYS = 3


def two_outputs(rng: np.random.Generator) -> Array:
    """Return a target: two random walks of different size."""
    return rng.standard_normal((N_TIMESTEPS, 2)).cumsum(axis=0) * (1.0, 30.0)


def one_input(rng: np.random.Generator) -> Array:
    """Return an input to be remembered."""
    return rng.uniform(-1, 1, (N_TIMESTEPS, 1))


def delayed(u: Array) -> Array:
    """Return the input one, two and three rows ago; it wraps around at the start."""
    return np.hstack([np.roll(u, k, axis=0) for k in range(1, N_DELAYS + 1)])


@dataclass(frozen=True)
class Metric:
    """A metric and how its laws are put to it.

    `draw` makes its first argument, `perfect` the second that scores `best`. Where
    `by_row` is set, rows count each for itself: weights and several outputs are taken.
    """

    score: Callable[..., Any]
    best: float
    draw: Callable[[np.random.Generator], Array] = two_outputs
    perfect: Callable[[Array], Array] = np.copy
    by_row: bool = True
    accepts_blown_up_predictions: bool = False


TRAIN = two_outputs(np.random.default_rng(99))

TABLE = {
    "mase": Metric(partial(metrics.mase, y_train=TRAIN), best=0.0),
    "memory_capacity": Metric(
        metrics.memory_capacity, float(N_DELAYS), one_input, delayed, by_row=False
    ),
    "nmse": Metric(metrics.nmse, best=0.0),
    "nrmse": Metric(metrics.nrmse, best=0.0),
    "smape": Metric(metrics.smape, best=0.0),
    "valid_prediction_time": Metric(
        metrics.valid_prediction_time,
        best=float(N_TIMESTEPS),
        by_row=False,
        accepts_blown_up_predictions=True,
    ),
}
