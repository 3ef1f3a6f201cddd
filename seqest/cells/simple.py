r"""The simple cell: h(t) = f(s a(t)), with slope s; Elman's, Jordan's, a perceptron's.

================ ================== ============================
f                h                  dh/da, in terms of h
================ ================== ============================
``"tanh"``       tanh(s a)          s (1 - h²)
``"logistic"``   1 / (1 + e^(-s a)) s h (1 - h)
``"relu"``       max(s a, 0)        s where h > 0, else 0
``"identity"``   s a                s
================ ================== ============================

Here a(t) = W_in x(t) + W h(t-1) + b; without the product W h(t-1) the layer has no
memory and is one of a perceptron.

References
----------
Elman (1990), "Finding structure in time", Cognitive Science 14. Rumelhart, Hinton and
Williams (1986), "Learning representations by back-propagating errors", Nature 323.
"""

from __future__ import annotations

from typing import Any

from seqest._compile import hyperbolic_tangent, kernel, like, logistic
from seqest.cells.cell import Cell, OwnProduct

__all__ = ["ACTIVATIONS", "simple"]


@kernel
def _tanh(
    A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any
) -> None:
    slope = constants[0]
    for i in range(m):
        V[now + i] = hyperbolic_tangent(slope * A[a + i])


@kernel
def _tanh_back(
    A: Any,
    a: Any,
    V: Any,
    before: Any,
    now: Any,
    D: Any,
    d_before: Any,
    d_now: Any,
    m: Any,
    constants: Any,
) -> None:
    slope = constants[0]
    for i in range(m):
        h = V[now + i]
        A[a + i] = slope * (like(h, 1) - h * h) * D[d_now + i]


@kernel
def _logistic(
    A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any
) -> None:
    slope = constants[0]
    for i in range(m):
        V[now + i] = logistic(slope * A[a + i])


@kernel
def _logistic_back(
    A: Any,
    a: Any,
    V: Any,
    before: Any,
    now: Any,
    D: Any,
    d_before: Any,
    d_now: Any,
    m: Any,
    constants: Any,
) -> None:
    slope = constants[0]
    for i in range(m):
        h = V[now + i]
        A[a + i] = slope * h * (like(h, 1) - h) * D[d_now + i]


@kernel
def _relu(
    A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any
) -> None:
    slope = constants[0]
    for i in range(m):
        net = slope * A[a + i]
        V[now + i] = like(net, 0) if net <= 0 else net  # NaN stays NaN


@kernel
def _relu_back(
    A: Any,
    a: Any,
    V: Any,
    before: Any,
    now: Any,
    D: Any,
    d_before: Any,
    d_now: Any,
    m: Any,
    constants: Any,
) -> None:
    slope = constants[0]
    for i in range(m):
        h = V[now + i]
        A[a + i] = slope * D[d_now + i] if h > 0 else like(h, 0)


@kernel
def _identity(
    A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any
) -> None:
    slope = constants[0]
    for i in range(m):
        V[now + i] = slope * A[a + i]


@kernel
def _identity_back(
    A: Any,
    a: Any,
    V: Any,
    before: Any,
    now: Any,
    D: Any,
    d_before: Any,
    d_now: Any,
    m: Any,
    constants: Any,
) -> None:
    slope = constants[0]
    for i in range(m):
        A[a + i] = slope * D[d_now + i]


ACTIVATIONS = {
    "tanh": (_tanh, _tanh_back),
    "logistic": (_logistic, _logistic_back),
    "relu": (_relu, _relu_back),
    "identity": (_identity, _identity_back),
}


def simple(
    activation: str = "tanh", *, slope: float = 1.0, recurrent: bool = True
) -> Cell:
    """Return the simple cell of an activation.

    Parameters
    ----------
    activation : {"tanh", "logistic", "relu", "identity"}, default="tanh"
        The function f.
    slope : float, default=1.0
        The factor s; raising it makes f steeper.
    recurrent : bool, default=True
        Whether the layer's own h(t-1) is fed back.

    Returns
    -------
    Cell
        The cell.

    Examples
    --------
    >>> from seqest.cells import simple
    >>> simple("logistic", slope=2.0).constants
    (2.0,)
    """
    forward, backward = ACTIVATIONS[activation]
    return Cell(
        name=activation,
        n_states=1,
        n_blocks=1,
        drive=(0, 1),
        products=(OwnProduct(0, (0, 1)),) if recurrent else (),
        forward=(forward,),
        backward=(backward,),
        constants=(slope,),
    )
