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
N_DRAWS = 5


def two_outputs(rng: np.random.Generator) -> Array:
    """Return a target: two random walks of different size."""
    return rng.standard_normal((N_TIMESTEPS, 2)).cumsum(axis=0) * (1.0, 30.0)


def one_input(rng: np.random.Generator) -> Array:
    """Return an input to be remembered."""
    return rng.uniform(-1, 1, (N_TIMESTEPS, 1))


def delayed(u: Array) -> Array:
    """Return the input one, two and three rows ago; it wraps around at the start."""
    return np.hstack([np.roll(u, k, axis=0) for k in range(1, N_DELAYS + 1)])


def sure(truth: Array) -> Array:
    """Return paths, or quantiles, that all are the truth: those of an output first."""
    return np.repeat(truth, N_DRAWS, axis=1)


def against_nothing(y_true: Any, y_pred: Any, **options: Any) -> Any:
    """Return the OWA of a prediction where the naive forecast is 0 throughout."""
    return metrics.owa(y_true, y_pred, y_naive=np.zeros(np.shape(y_true)), **options)


def of_points(score: Callable[..., Any]) -> Callable[..., Any]:
    """Return the score of intervals that begin and end in the prediction."""

    def score_of_points(y_true: Any, y_pred: Any, **options: Any) -> Any:
        return score(y_true, y_pred, y_pred, **options)

    return score_of_points


@dataclass(frozen=True)
class Metric:
    """A metric and how its laws are put to it.

    `draw` makes its first argument, `perfect` the second that scores `best`, of
    `n_draws` columns per output and called `name`. Where `by_row` is set, rows count
    each for itself: weights and several outputs are taken. Where `by_series` is set,
    rows may be of several series, whose scores are averaged, unless it is a ratio of
    such averages.
    """

    score: Callable[..., Any]
    best: float
    draw: Callable[[np.random.Generator], Array] = two_outputs
    perfect: Callable[[Array], Array] = np.copy
    by_row: bool = True
    by_series: bool = False
    is_ratio: bool = False
    n_draws: int = 1
    name: str = "y_pred"
    accepts_blown_up_predictions: bool = False


TRAIN = two_outputs(np.random.default_rng(99))

LEVELS = (np.arange(N_DRAWS) + 0.5) / N_DRAWS

TABLE = {
    "coverage": Metric(
        of_points(metrics.coverage), best=1.0, by_series=True, name="lower"
    ),
    "crps": Metric(
        metrics.crps, best=0.0, perfect=sure, by_series=True, n_draws=N_DRAWS
    ),
    "crps of quantiles": Metric(
        partial(metrics.crps, q=LEVELS),
        best=0.0,
        perfect=sure,
        by_series=True,
        n_draws=N_DRAWS,
    ),
    "mase": Metric(partial(metrics.mase, y_train=TRAIN), best=0.0, by_series=True),
    "memory_capacity": Metric(
        metrics.memory_capacity, float(N_DELAYS), one_input, delayed, by_row=False
    ),
    "nmse": Metric(metrics.nmse, best=0.0),
    "nrmse": Metric(metrics.nrmse, best=0.0),
    "owa": Metric(
        partial(against_nothing, y_train=TRAIN),
        best=0.0,
        by_series=True,
        is_ratio=True,
    ),
    "pinball": Metric(partial(metrics.pinball, q=0.3), best=0.0, by_series=True),
    "pinball of quantiles": Metric(
        partial(metrics.pinball, q=LEVELS),
        best=0.0,
        perfect=sure,
        by_series=True,
        n_draws=N_DRAWS,
    ),
    "rmsse": Metric(partial(metrics.rmsse, y_train=TRAIN), best=0.0, by_series=True),
    "smape": Metric(metrics.smape, best=0.0, by_series=True),
    "valid_prediction_time": Metric(
        metrics.valid_prediction_time,
        best=float(N_TIMESTEPS),
        by_row=False,
        accepts_blown_up_predictions=True,
    ),
    "winkler": Metric(
        partial(of_points(metrics.winkler), alpha=0.2),
        best=0.0,
        by_series=True,
        name="lower",
    ),
}
