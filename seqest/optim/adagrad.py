"""Steps shortened by all gradients so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from seqest._compile import kernel
from seqest._validation import check_number
from seqest.optim.rule import Array, State, UpdateRule

__all__ = ["Adagrad"]


@final
@dataclass(frozen=True, kw_only=True)
class Adagrad(UpdateRule):
    r"""Each parameter's step divided by the length of all its gradients so far.

    .. math:: s \leftarrow s + g^2, \qquad
        \theta \leftarrow \theta - \eta\, \frac{g}{\sqrt{s} + \epsilon}

    element by element. The epsilon stands beside the root, as in the paper (its
    :math:`\delta`) and in ``torch.optim.Adagrad``, with which this agrees. Steps shrink
    as one over the root of their number, so :math:`\eta` is larger than elsewhere: 0.01
    in torch.

    Parameters
    ----------
    epsilon : float > 0, default=1e-10
        Keeps the first steps finite, by default that of torch. Raising it slows
        parameters whose gradients are small.

    References
    ----------
    Duchi, J., Hazan, E. & Singer, Y. (2011). Adaptive subgradient methods for online
    learning and stochastic optimization. JMLR 12, figure 1 with diagonal matrices.

    Examples
    --------
    >>> import numpy as np
    >>> theta, rule = np.array([1.0]), Adagrad()
    >>> state = rule.begin(theta)
    >>> for _ in range(2):
    ...     rule.step(theta, 2 * theta, state, 0.1)
    >>> theta.round(4)
    array([0.8331])
    """

    memory: ClassVar[tuple[str, ...]] = ("squares",)
    epsilon: float = 1e-10

    def __post_init__(self) -> None:
        check_number("Adagrad", "epsilon", self.epsilon, "(0, inf)")

    def _update(
        self, theta: Array, gradient: Array, state: State, learning_rate: float
    ) -> None:
        """Let s <- s + g², theta <- theta - learning_rate * g / (√s + epsilon)."""
        shorten(theta, gradient, state["squares"], learning_rate, float(self.epsilon))


@kernel
def shorten(
    theta: Any, gradient: Any, squares: Any, learning_rate: Any, epsilon: Any
) -> None:
    """Sum up squares and step, in one pass."""
    number = theta.dtype.type
    rate, beside = number(learning_rate), number(epsilon)
    for i in range(theta.size):
        squares[i] += gradient[i] * gradient[i]
        theta[i] -= rate * gradient[i] / (np.sqrt(squares[i]) + beside)
