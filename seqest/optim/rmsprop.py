"""Steps divided by the running size of the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from seqest._compile import kernel
from seqest._validation import check_number
from seqest.optim.rule import Array, State, UpdateRule

__all__ = ["RMSprop"]


@final
@dataclass(frozen=True, kw_only=True)
class RMSprop(UpdateRule):
    r"""Each parameter's step divided by the root of its mean squared gradient.

    .. math:: s \leftarrow \rho s + (1 - \rho) g^2, \qquad
        \theta \leftarrow \theta - \eta\, \frac{g}{\sqrt{s} + \epsilon}

    element by element, from :math:`s = 0`. The lecture has no epsilon; here it stands
    beside the root, as in ``torch.optim.RMSprop``, with which this agrees when `decay`
    is its ``alpha`` (0.99 there).

    Parameters
    ----------
    decay : float in [0, 1), default=0.9
        The share :math:`\rho` kept of the mean square, by default that of the lecture.
        Raising it averages over more gradients.
    epsilon : float > 0, default=1e-8
        Keeps steps finite where gradients vanish, by default that of torch. Raising it
        slows parameters whose gradients are small.

    References
    ----------
    Tieleman, T. & Hinton, G. (2012). Lecture 6.5, rmsprop: divide the gradient by a
    running average of its recent magnitude. Neural Networks for Machine Learning,
    Coursera.

    Examples
    --------
    >>> import numpy as np
    >>> theta, rule = np.array([1.0]), RMSprop()
    >>> state = rule.begin(theta)
    >>> for _ in range(2):
    ...     rule.step(theta, 2 * theta, state, 0.01)
    >>> theta.round(4)
    array([0.9458])
    """

    memory: ClassVar[tuple[str, ...]] = ("mean_square",)
    decay: float = 0.9
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_number("RMSprop", "decay", self.decay, "[0, 1)")
        check_number("RMSprop", "epsilon", self.epsilon, "(0, inf)")

    def _update(
        self, theta: Array, gradient: Array, state: State, learning_rate: float
    ) -> None:
        """Let s forget and learn g², theta <- theta - learning_rate * g / (√s + ε)."""
        constants = learning_rate, float(self.decay), float(self.epsilon)
        divide(theta, gradient, state["mean_square"], *constants)


@kernel
def divide(
    theta: Any,
    gradient: Any,
    mean_square: Any,
    learning_rate: Any,
    decay: Any,
    epsilon: Any,
) -> None:
    """Average squares and step, in one pass."""
    number = theta.dtype.type
    rate, beside = number(learning_rate), number(epsilon)
    keep, learn = number(decay), number(1.0 - decay)
    for i in range(theta.size):
        square = keep * mean_square[i] + learn * gradient[i] * gradient[i]
        mean_square[i] = square
        theta[i] -= rate * gradient[i] / (np.sqrt(square) + beside)
