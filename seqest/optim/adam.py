"""Averaged gradients divided by their running size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from seqest._compile import kernel
from seqest._validation import check_number
from seqest.optim.rule import Array, State, UpdateRule

__all__ = ["Adam"]


@final
@dataclass(frozen=True, kw_only=True)
class Adam(UpdateRule):
    r"""The mean gradient divided by the root of the mean square, both unbiased.

    At step :math:`t = 1, 2, \dots`

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
        v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
        \theta \leftarrow \theta - \eta\,
        \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    element by element, from :math:`m = v = 0`. The epsilon stands beside the root of
    the corrected mean square, as in the paper's algorithm 1 and in
    ``torch.optim.Adam``, with which this agrees. MLPRegressor has it beside the root of
    the uncorrected one (the paper's :math:`\hat\epsilon`), where it is larger in the
    first steps by :math:`1 / \sqrt{1 - \beta_2^t}`.

    Parameters
    ----------
    beta_1 : float in [0, 1), default=0.9
        The share kept of the mean gradient. Raising it averages over more gradients.
    beta_2 : float in [0, 1), default=0.999
        The share kept of the mean square. Raising it averages over more gradients.
    epsilon : float > 0, default=1e-8
        Keeps steps finite where gradients vanish. Raising it slows parameters whose
        gradients are small.

    References
    ----------
    Kingma, D. P. & Ba, J. (2015). Adam: a method for stochastic optimization. ICLR,
    algorithm 1, whose defaults these are.

    Examples
    --------
    >>> import numpy as np
    >>> theta, rule = np.array([1.0]), Adam()
    >>> state = rule.begin(theta)
    >>> for _ in range(2):
    ...     rule.step(theta, 2 * theta, state, 0.1)
    >>> theta.round(4)
    array([0.8004])
    """

    memory: ClassVar[tuple[str, ...]] = ("mean", "mean_square")
    counters: ClassVar[tuple[str, ...]] = ("n_steps",)
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_number("Adam", "beta_1", self.beta_1, "[0, 1)")
        check_number("Adam", "beta_2", self.beta_2, "[0, 1)")
        check_number("Adam", "epsilon", self.epsilon, "(0, inf)")

    def _update(
        self, theta: Array, gradient: Array, state: State, learning_rate: float
    ) -> None:
        """Step by the corrected mean over the root of the corrected mean square."""
        memory = state["mean"], state["mean_square"], state["n_steps"]
        shares = float(self.beta_1), float(self.beta_2)
        adapt(theta, gradient, *memory, learning_rate, *shares, float(self.epsilon))


@kernel
def adapt(
    theta: Any,
    gradient: Any,
    mean: Any,
    mean_square: Any,
    n_steps: Any,
    learning_rate: Any,
    beta_1: Any,
    beta_2: Any,
    epsilon: Any,
) -> None:
    """Average gradients and squares and step, in one pass."""
    number = theta.dtype.type
    n_steps[0] += 1
    rate = number(learning_rate / (1.0 - beta_1 ** n_steps[0]))
    correction = number(1.0 / np.sqrt(1.0 - beta_2 ** n_steps[0]))
    keep_1, learn_1 = number(beta_1), number(1.0 - beta_1)
    keep_2, learn_2 = number(beta_2), number(1.0 - beta_2)
    beside = number(epsilon)
    for i in range(theta.size):
        g = gradient[i]
        average = keep_1 * mean[i] + learn_1 * g
        square = keep_2 * mean_square[i] + learn_2 * g * g
        mean[i] = average
        mean_square[i] = square
        theta[i] -= rate * average / (np.sqrt(square) * correction + beside)
