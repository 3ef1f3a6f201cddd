"""Gradient descent with momentum that looks where it is going."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

from seqest._compile import kernel
from seqest._validation import check_number
from seqest.optim.rule import Array, State, UpdateRule

__all__ = ["Nesterov"]


@final
@dataclass(frozen=True, kw_only=True)
class Nesterov(UpdateRule):
    r"""Momentum with the gradient taken where the momentum leads.

    .. math:: v \leftarrow \mu v - \eta\, \nabla L(\theta + \mu v), \qquad
        \theta \leftarrow \theta + v

    The state keeps :math:`\mu v`, the part of the next step that is known already, so
    that `look_ahead` is a sum. ``torch.optim.SGD(nesterov=True)`` and
    ``MLPRegressor(nesterovs_momentum=True)`` hold :math:`\theta + \mu v` in place of
    :math:`\theta`: at a constant :math:`\eta` their parameters are our points looked
    ahead to.

    Parameters
    ----------
    momentum : float in [0, 1), default=0.9
        The share :math:`\mu` kept of the step before, by default that of MLPRegressor.
        Raising it averages over more gradients.

    References
    ----------
    Nesterov, Y. (1983). A method of solving a convex programming problem with
    convergence rate O(1/k²). Soviet Mathematics Doklady 27. Sutskever, I., Martens, J.,
    Dahl, G. & Hinton, G. (2013). On the importance of initialization and momentum in
    deep learning. ICML, eq. 3 and 4, here with constant momentum.

    Examples
    --------
    >>> import numpy as np
    >>> theta, rule = np.array([1.0]), Nesterov(momentum=0.5)
    >>> state = rule.begin(theta)
    >>> for _ in range(2):
    ...     rule.step(theta, 2 * rule.look_ahead(theta, state), state, 0.1)
    >>> theta
    array([0.56])
    """

    memory: ClassVar[tuple[str, ...]] = ("coasting", "ahead")
    momentum: float = 0.9

    def __post_init__(self) -> None:
        check_number("Nesterov", "momentum", self.momentum, "[0, 1)")

    def _update(
        self, theta: Array, gradient: Array, state: State, learning_rate: float
    ) -> None:
        """Let v <- coasting - learning_rate * gradient, theta <- theta + v."""
        coast(theta, gradient, state["coasting"], learning_rate, float(self.momentum))


@kernel
def coast(
    theta: Any, gradient: Any, coasting: Any, learning_rate: Any, momentum: Any
) -> None:
    """Change place and what is known of the next step, in one pass."""
    number = theta.dtype.type
    rate, share = number(learning_rate), number(momentum)
    for i in range(theta.size):
        velocity = coasting[i] - rate * gradient[i]
        theta[i] += velocity
        coasting[i] = share * velocity
