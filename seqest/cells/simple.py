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

from seqest._compile import specialise
from seqest.cells.activations import ACTIVATIONS, PULLBACKS
from seqest.cells.cell import Cell, OwnProduct

__all__ = ["simple"]

# The templates below are specialised for each activation.
activate: Any = None
pull: Any = None


def _forward(
    A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any
) -> None:
    slope = constants[0]
    for i in range(m):
        V[now + i] = activate(slope * A[a + i])


def _backward(
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
        A[a + i] = slope * pull(V[now + i], D[d_now + i])


KERNELS = {
    name: (
        specialise(_forward, name, activate=activation),
        specialise(_backward, name, pull=PULLBACKS[name]),
    )
    for name, activation in ACTIVATIONS.items()
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
    forward, backward = KERNELS[activation]
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
