"""The pointwise functions f of a reservoir's units."""

from __future__ import annotations

from typing import Any

from seqest._compile import exact_kernel, hyperbolic_tangent, like, logistic

__all__ = ["ACTIVATIONS"]


@exact_kernel
def relu(x: Any) -> Any:
    """Return max(x, 0); NaN stays NaN."""
    zero = like(x, 0.0)
    return zero if x < zero else x


@exact_kernel
def identity(x: Any) -> Any:
    """Return x."""
    return x


ACTIVATIONS = {
    "identity": identity,
    "logistic": logistic,
    "relu": relu,
    "tanh": hyperbolic_tangent,
}
