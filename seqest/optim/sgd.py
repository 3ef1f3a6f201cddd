"""Gradient descent, without memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from seqest._compile import kernel
from seqest.optim.rule import Array, State, UpdateRule

__all__ = ["SGD"]


@final
@dataclass(frozen=True, kw_only=True)
class SGD(UpdateRule):
    r"""A step down the gradient.

    .. math:: \theta \leftarrow \theta - \eta\, g

    with gradient :math:`g` and learning rate :math:`\eta`. Stochastic, online, by
    mini-batch or by full batch: that is for whoever supplies the gradient. The same as
    ``torch.optim.SGD``.

    References
    ----------
    Robbins, H. & Monro, S. (1951). A stochastic approximation method. Annals of
    Mathematical Statistics 22, eq. 8.

    Examples
    --------
    >>> import numpy as np
    >>> theta, rule = np.array([1.0]), SGD()
    >>> rule.step(theta, 2 * theta, rule.begin(theta), 0.1)
    >>> theta
    array([0.8])
    """

    def _update(
        self, theta: Array, gradient: Array, state: State, learning_rate: float
    ) -> None:
        """Let theta <- theta - learning_rate * gradient."""
        descend(theta, gradient, learning_rate)


@kernel
def descend(theta: Any, gradient: Any, learning_rate: Any) -> None:
    """Step down the gradient in one pass."""
    rate = theta.dtype.type(learning_rate)
    for i in range(theta.size):
        theta[i] -= rate * gradient[i]
