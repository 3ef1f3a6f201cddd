"""The long short-term memory cell, in its form of today, with a forget gate.

i = σ(a_i), f = σ(a_f), g = tanh(a_g), o = σ(a_o);
c(t) = f c(t-1) + i g;  h(t) = o tanh(c(t)),

where a(t) = W_in x(t) + W h(t-1) + b has four blocks in this order, as in torch. The
forget gate's bias starts at 1.

References
----------
Hochreiter and Schmidhuber (1997), "Long short-term memory", Neural Computation 9,
without forget gate; Gers, Schmidhuber and Cummins (2000), "Learning to forget", Neural
Computation 12, with it, section 3. Jozefowicz, Zaremba and Sutskever (2015), "An
empirical exploration of recurrent network architectures", ICML, on its bias.
"""

from __future__ import annotations

from typing import Any

from seqest._compile import hyperbolic_tangent, kernel, like, logistic
from seqest.cells.cell import Cell, OwnProduct

__all__ = ["LSTM"]


@kernel
def _forward(
    A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any
) -> None:
    f, g, o = a + m, a + m + m, a + m + m + m
    c_before, c = before + m, now + m
    for i in range(m + m):
        A[a + i] = logistic(A[a + i])
    for i in range(m):
        A[g + i] = hyperbolic_tangent(A[g + i])
    for i in range(m):
        A[o + i] = logistic(A[o + i])
    for i in range(m):
        V[c + i] = A[f + i] * V[c_before + i] + A[a + i] * A[g + i]
    for i in range(m):
        V[now + i] = A[o + i] * hyperbolic_tangent(V[c + i])


@kernel
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
    f, g, o = a + m, a + m + m, a + m + m + m
    c_before, c = before + m, now + m
    dc_before, dc = d_before + m, d_now + m
    for i in range(m):
        out, squashed, dh = A[o + i], hyperbolic_tangent(V[c + i]), D[d_now + i]
        one = like(out, 1)
        D[dc + i] += dh * out * (one - squashed * squashed)
        A[o + i] = dh * squashed * out * (one - out)
    for i in range(m):
        forget, error = A[f + i], D[dc + i]
        A[f + i] = error * V[c_before + i] * forget * (like(forget, 1) - forget)
        D[dc_before + i] += error * forget
    for i in range(m):
        gate, new, error = A[a + i], A[g + i], D[dc + i]
        one = like(gate, 1)
        A[a + i] = error * new * gate * (one - gate)
        A[g + i] = error * gate * (one - new * new)


LSTM = Cell(
    name="lstm",
    n_states=2,
    n_blocks=4,
    drive=(0, 4),
    products=(OwnProduct(0, (0, 4)),),
    forward=(_forward,),
    backward=(_backward,),
    bias=(0.0, 1.0, 0.0, 0.0),
)
