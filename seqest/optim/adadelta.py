"""Steps in units of the steps before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from seqest._compile import kernel
from seqest._validation import check_number
from seqest.optim.rule import Array, State, UpdateRule

__all__ = ["Adadelta"]


@final
@dataclass(frozen=True, kw_only=True)
class Adadelta(UpdateRule):
    r"""Each parameter's step in proportion to the size of its steps so far.

    .. math:: s \leftarrow \rho s + (1 - \rho) g^2, \quad
        \Delta = -\frac{\sqrt{d + \epsilon}}{\sqrt{s + \epsilon}}\, g, \quad
        d \leftarrow \rho d + (1 - \rho) \Delta^2, \quad
        \theta \leftarrow \theta + \eta \Delta

    element by element, from :math:`s = d = 0`. The epsilon stands inside both roots, as
    in the paper and in ``torch.optim.Adadelta``, with which this agrees. The paper has
    no learning rate: its :math:`\eta` is 1.

    Parameters
    ----------
    decay : float in [0, 1), default=0.95
        The share :math:`\rho` kept of both mean squares, by default that of the paper's
        table 1 (0.9 in torch). Raising it averages over more gradients.
    epsilon : float > 0, default=1e-6
        Sets off the first steps, which are about its root in size; by default that of
        the paper and of torch. Raising it starts faster and settles less closely.

    References
    ----------
    Zeiler, M. D. (2012). ADADELTA: an adaptive learning rate method. arXiv:1212.5701,
    algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> theta, rule = np.array([1.0]), Adadelta()
    >>> state = rule.begin(theta)
    >>> for _ in range(2):
    ...     rule.step(theta, 2 * theta, state, 1.0)
    >>> theta.round(6)
    array([0.991009])
    """

    memory: ClassVar[tuple[str, ...]] = ("mean_square", "mean_square_step")
    decay: float = 0.95
    epsilon: float = 1e-6

    def __post_init__(self) -> None:
        check_number("Adadelta", "decay", self.decay, "[0, 1)")
        check_number("Adadelta", "epsilon", self.epsilon, "(0, inf)")

    def _update(
        self, theta: Array, gradient: Array, state: State, learning_rate: float
    ) -> None:
        """Step by the gradient times the ratio of the two roots."""
        memory = state["mean_square"], state["mean_square_step"]
        constants = learning_rate, float(self.decay), float(self.epsilon)
        rescale(theta, gradient, *memory, *constants)


@kernel
def rescale(
    theta: Any,
    gradient: Any,
    mean_square: Any,
    mean_square_step: Any,
    learning_rate: Any,
    decay: Any,
    epsilon: Any,
) -> None:
    """Average squares, step, and average the step's square, in one pass."""
    number = theta.dtype.type
    rate, inside = number(learning_rate), number(epsilon)
    keep, learn = number(decay), number(1.0 - decay)
    for i in range(theta.size):
        g, before = gradient[i], mean_square_step[i]
        square = keep * mean_square[i] + learn * g * g
        step = np.sqrt(before + inside) / np.sqrt(square + inside) * g
        mean_square[i] = square
        mean_square_step[i] = keep * before + learn * step * step
        theta[i] -= rate * step
