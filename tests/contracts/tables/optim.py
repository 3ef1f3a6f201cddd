"""Parts of `optim`, each as a way down to a quadratic's minimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.optim import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adaptive,
    Constant,
    Cosine,
    Custom,
    Exponential,
    InverseScaling,
    Momentum,
    Nesterov,
    RMSprop,
    Schedule,
    StepDecay,
    Stopping,
    UpdateRule,
    as_schedule,
    clip_by_norm,
    lbfgs,
    levenberg_marquardt,
)

__all__ = ["RULES", "SCHEDULES", "TABLE", "Descent", "Quadratic"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Quadratic:
    """Half the squared length of ``root (theta - minimum)``, of condition 100."""

    root: Array = field(default_factory=lambda: np.diag([1.0, 3.0, 10.0]))
    minimum: Array = field(default_factory=lambda: np.array([1.0, -2.0, 0.5]))

    def loss(self, theta: Array) -> float:
        r = self.root @ (theta - self.minimum)
        return float(r @ r) / 2

    def gradient(self, theta: Array) -> Array:
        J = self.root.astype(theta.dtype)
        return J.T @ (J @ (theta - self.minimum.astype(theta.dtype)))


@dataclass(frozen=True)
class Descent:
    """A rule going down, 3000 steps at most.

    Parameters
    ----------
    rule : UpdateRule
        The rule.
    learning_rate : float
        The first learning rate.
    schedule : Schedule
        What becomes of it.
    clip_norm : float
        The longest gradient.
    stopping : callable
        Makes what ends it.
    """

    rule: UpdateRule = field(default_factory=SGD)
    learning_rate: float = 0.01
    schedule: Schedule = field(default_factory=Constant)
    clip_norm: float = np.inf
    stopping: Callable[[], Stopping] = lambda: Stopping(n_iter_no_change=np.inf)

    def __call__(self, quadratic: Quadratic, theta: Array) -> Array:
        theta, stopping = theta.copy(), self.stopping()
        state = self.rule.begin(theta)
        for epoch in range(3000):
            rate = self.learning_rate * self.schedule(epoch, stopping.loss_curve_)
            gradient = quadratic.gradient(self.rule.look_ahead(theta, state))
            clip_by_norm(gradient, self.clip_norm)
            self.rule.step(theta, gradient, state, rate)
            if stopping.update(epoch, quadratic.loss(theta), theta):
                break
        stopping.restore(theta)
        return theta


def _by_lbfgs(quadratic: Quadratic, theta: Array) -> Array:
    def objective(w: Array) -> tuple[float, Array]:
        return quadratic.loss(w), quadratic.gradient(w)

    return lbfgs(objective, theta, tol=1e-3).theta


def _by_levenberg_marquardt(quadratic: Quadratic, theta: Array) -> Array:
    def normal_equations(w: Array) -> tuple[float, Array, Array]:
        curvature = quadratic.root.T @ quadratic.root
        return quadratic.loss(w), curvature, quadratic.gradient(w)

    return levenberg_marquardt(normal_equations, quadratic.loss, theta, tol=1e-5).theta


RULES: dict[str, Descent] = {
    "SGD": Descent(SGD()),
    "Momentum": Descent(Momentum()),
    "Nesterov": Descent(Nesterov()),
    "Adagrad": Descent(Adagrad(), 1.0),
    "Adadelta": Descent(Adadelta(), 1.0),
    # Their steps do not shrink with the gradient: the learning rate must.
    "RMSprop": Descent(RMSprop(), 0.05, Exponential(decay=0.995)),
    "Adam": Descent(Adam(), 0.05, Exponential(decay=0.995)),
}
SCHEDULES: dict[str, Schedule] = {
    "Adaptive": Adaptive(tol=0.0),
    "Constant": Constant(),
    "Cosine": Cosine(n_epochs=3000, warm_up=10),
    "Custom": Custom(factor=lambda epoch: 1 / (1 + epoch / 1000)),
    "Exponential": Exponential(decay=0.999),
    "InverseScaling": InverseScaling(power_t=0.1),
    "StepDecay": StepDecay(n_epochs=1000, decay=0.5),
    "as_schedule": as_schedule(lambda epoch: 0.5 + 0.5 * (epoch % 2)),
}
TABLE: dict[str, Callable[[Quadratic, Array], Array]] = {
    **RULES,
    **{name: Descent(schedule=schedule) for name, schedule in SCHEDULES.items()},
    "Stopping": Descent(stopping=lambda: Stopping(tol=1e-9)),
    "clip_by_norm": Descent(clip_norm=1.0),
    "lbfgs": _by_lbfgs,
    "levenberg_marquardt": _by_levenberg_marquardt,
}
