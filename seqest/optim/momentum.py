"""Gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

from seqest._compile import kernel
from seqest._validation import check_number
from seqest.optim.rule import Array, State, UpdateRule

__all__ = ["Momentum"]


@final
@dataclass(frozen=True, kw_only=True)
class Momentum(UpdateRule):
    r"""A step down the gradient and a share of the step before (the heavy ball).

    .. math:: v \leftarrow \mu v - \eta\, g, \qquad \theta \leftarrow \theta + v

    The velocity :math:`v` is in units of the parameters, as in
    ``MLPRegressor(nesterovs_momentum=False)``. ``torch.optim.SGD`` keeps the velocity
    before it is multiplied by :math:`\eta`; paths agree as long as :math:`\eta` does
    not change.

    Parameters
    ----------
    momentum : float in [0, 1), default=0.9
        The share :math:`\mu` kept of the step before, by default that of MLPRegressor.
        Raising it averages over more gradients and overshoots more.

    References
    ----------
    Polyak, B. T. (1964). Some methods of speeding up the convergence of iteration
    methods. USSR Computational Mathematics and Mathematical Physics 4, eq. 9.
    Rumelhart, D. E., Hinton, G. E. & Williams, R. J. (1986). Learning representations
    by back-propagating errors. Nature 323, eq. 9.

    Examples
    --------
    >>> import numpy as np
    >>> theta, rule = np.array([1.0]), Momentum(momentum=0.5)
    >>> state = rule.begin(theta)
    >>> for _ in range(2):
    ...     rule.step(theta, 2 * theta, state, 0.1)
    >>> theta
    array([0.54])
    """

    memory: ClassVar[tuple[str, ...]] = ("velocity",)
    momentum: float = 0.9

    def __post_init__(self) -> None:
        check_number("Momentum", "momentum", self.momentum, "[0, 1)")

    def _update(
        self, theta: Array, gradient: Array, state: State, learning_rate: float
    ) -> None:
        """Let v <- momentum * v - learning_rate * gradient, theta <- theta + v."""
        roll(theta, gradient, state["velocity"], learning_rate, float(self.momentum))


@kernel
def roll(
    theta: Any, gradient: Any, velocity: Any, learning_rate: Any, momentum: Any
) -> None:
    """Change velocity and place in one pass."""
    number = theta.dtype.type
    rate, share = number(learning_rate), number(momentum)
    for i in range(theta.size):
        velocity[i] = share * velocity[i] - rate * gradient[i]
        theta[i] += velocity[i]
