"""The gated recurrent unit, with the reset gate after or before the product.

z = σ(a_z), r = σ(a_r); the new candidate n and the state h(t) = (1 - z) n + z h(t-1):

``reset="after"``   n = tanh(W x + b + r (U h(t-1) + b')), as in torch and cuDNN
``reset="before"``  n = tanh(W x + b + U (r h(t-1))), as published

where a_z = W_z x(t) + U_z h(t-1) + b_z, and a_r likewise. Net inputs come in blocks n,
r, z, and last what the reset gate multiplies, U h(t-1) + b'. With the reset before, the
product is a second one, of a state that the first stage has made: h and q = r h(t-1)
are its states.

References
----------
Cho, van Merriënboer, Gulcehre, Bahdanau, Bougares, Schwenk and Bengio (2014), "Learning
phrase representations using RNN encoder-decoder for statistical machine translation",
arXiv:1406.1078v3, eqs. 5 to 8; v1 has the reset after the product.
"""

from __future__ import annotations

from typing import Any

from seqest._compile import hyperbolic_tangent, kernel, like, logistic
from seqest.cells.cell import Cell, OwnProduct

__all__ = ["GRU", "GRU_RESET_BEFORE"]


@kernel
def _mix(A: Any, a: Any, V: Any, before: Any, now: Any, m: Any) -> None:
    """Let h = n + z (h(t-1) - n)."""
    z = a + m + m
    for i in range(m):
        new = A[a + i]
        V[now + i] = new + A[z + i] * (V[before + i] - new)


@kernel
def _mix_back(
    A: Any,
    a: Any,
    V: Any,
    before: Any,
    D: Any,
    d_before: Any,
    d_now: Any,
    m: Any,
) -> None:
    """Turn n and z into cotangents of their net inputs."""
    z = a + m + m
    for i in range(m):
        D[d_before + i] += D[d_now + i] * A[z + i]
    for i in range(m):
        new, keep, error = A[a + i], A[z + i], D[d_now + i]
        take = like(keep, 1) - keep
        A[z + i] = error * (V[before + i] - new) * keep * take
        A[a + i] = error * take * (like(new, 1) - new * new)


@kernel
def _after(
    A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any
) -> None:
    r, recalled = a + m, a + m + m + m
    for i in range(m + m):
        A[r + i] = logistic(A[r + i])
    for i in range(m):
        A[a + i] += A[r + i] * A[recalled + i]
    for i in range(m):
        A[a + i] = hyperbolic_tangent(A[a + i])
    _mix(A, a, V, before, now, m)


@kernel
def _after_back(
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
    r, recalled = a + m, a + m + m + m
    _mix_back(A, a, V, before, D, d_before, d_now, m)
    for i in range(m):
        gate, error = A[r + i], A[a + i]
        A[r + i] = error * A[recalled + i] * gate * (like(gate, 1) - gate)
        A[recalled + i] = error * gate


@kernel
def _reset(
    A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any
) -> None:
    r, q = a + m, now + m
    for i in range(m + m):
        A[r + i] = logistic(A[r + i])
    for i in range(m):
        V[q + i] = A[r + i] * V[before + i]


@kernel
def _reset_back(
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
    r, dq = a + m, d_now + m
    for i in range(m):
        gate, error = A[r + i], D[dq + i]
        D[d_before + i] += error * gate
        A[r + i] = error * V[before + i] * gate * (like(gate, 1) - gate)


@kernel
def _new(A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any) -> None:
    for i in range(m):
        A[a + i] = hyperbolic_tangent(A[a + i])
    _mix(A, a, V, before, now, m)


@kernel
def _new_back(
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
    _mix_back(A, a, V, before, D, d_before, d_now, m)


GRU = Cell(
    name="gru",
    n_states=1,
    n_blocks=4,
    drive=(0, 3),
    products=(OwnProduct(0, (1, 4)),),
    forward=(_after,),
    backward=(_after_back,),
)
GRU_RESET_BEFORE = Cell(
    name="gru_reset_before",
    n_states=2,
    n_blocks=3,
    drive=(0, 3),
    products=(
        OwnProduct(0, (1, 3)),
        OwnProduct(1, (0, 1), before=False, stage=1),
    ),
    forward=(_reset, _new),
    backward=(_reset_back, _new_back),
)
