"""Steps down a gradient, one update at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from numpy.typing import NDArray

from seqest.optim import State, UpdateRule, clip_by_norm

__all__ = ["Descent"]

Array = NDArray[Any]


@dataclass(eq=False)
class Descent:
    """Weights on their way down.

    Attributes
    ----------
    theta : ndarray of shape (n_theta,)
        The weights, changed in place.
    rule : UpdateRule
        How a gradient changes them.
    learning_rate : float
        Of the next steps.
    clip_norm : float or None
        The longest a gradient may be.
    memory : dict of str to ndarray
        What the rule remembers.
    """

    theta: Array
    rule: UpdateRule
    learning_rate: float
    clip_norm: float | None = None
    memory: State = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.memory:
            self.memory = self.rule.begin(self.theta)

    def step(self, gradient_at: Callable[[Array], tuple[float, Array]]) -> float:
        """Take a step, and return the loss before it.

        Parameters
        ----------
        gradient_at : callable
            Takes theta; returns the loss and its gradient there.

        Returns
        -------
        float
            The loss.
        """
        loss, gradient = gradient_at(self.rule.look_ahead(self.theta, self.memory))
        if self.clip_norm is not None:
            clip_by_norm(gradient, self.clip_norm)
        # A gradient that is not finite would spoil the weights.
        if isfinite(loss):
            self.rule.step(self.theta, gradient, self.memory, self.learning_rate)
        return loss
