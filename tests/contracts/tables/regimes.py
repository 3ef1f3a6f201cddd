"""The regimes, each with how long it takes to learn two sines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seqest.recurrence.bptt import Windowed
from seqest.recurrence.ekf import ExtendedKalmanFilter
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.model import Model

__all__ = ["TABLE", "Training"]


@dataclass(frozen=True)
class Training:
    """What an estimator is told.

    Parameters
    ----------
    regime : str, ExtendedKalmanFilter or callable
        How errors reach back.
    max_iter : int
        Epochs that suffice.
    learning_rate_init : float
        Of Adam.
    """

    regime: str | ExtendedKalmanFilter | Callable[[Model, Lesson], Any]
    max_iter: int = 4
    learning_rate_init: float = 0.003


def whole_series(model: Model, lesson: Lesson) -> Windowed:
    """Return backpropagation through whole series, as one from outside would."""
    return Windowed(model, lesson, lesson.windows(None, None), 32)


TABLE: dict[str, Training] = {
    "bptt": Training("bptt", 30, 0.01),
    "ekf": Training("ekf"),
    "ekf_decoupled": Training("ekf_decoupled"),
    "rtrl": Training("rtrl", 60, 0.01),
    "rtrl_online": Training("rtrl_online"),
    "ExtendedKalmanFilter": Training(ExtendedKalmanFilter(measurement_noise=0.1)),
    "a callable": Training(whole_series, 60, 0.01),
}
