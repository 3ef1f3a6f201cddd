"""The pointwise functions of units, f, and how errors pass them, f' in terms of f."""

from __future__ import annotations

from typing import Any

from seqest._compile import exact_kernel, hyperbolic_tangent, like, logistic

__all__ = ["ACTIVATIONS", "PULLBACKS"]


@exact_kernel
def relu(x: Any) -> Any:
    """Return max(x, 0); NaN stays NaN."""
    zero = like(x, 0.0)
    return zero if x < zero else x


@exact_kernel
def identity(x: Any) -> Any:
    """Return x."""
    return x


@exact_kernel
def through_tanh(h: Any, error: Any) -> Any:
    """Return error (1 - h²)."""
    return (like(h, 1.0) - h * h) * error


@exact_kernel
def through_logistic(h: Any, error: Any) -> Any:
    """Return error h (1 - h)."""
    return h * (like(h, 1.0) - h) * error


@exact_kernel
def through_relu(h: Any, error: Any) -> Any:
    """Return error where h is above 0, else 0."""
    return error if h > like(h, 0.0) else like(h, 0.0)


@exact_kernel
def through_identity(h: Any, error: Any) -> Any:
    """Return error."""
    return error


ACTIVATIONS = {
    "identity": identity,
    "logistic": logistic,
    "relu": relu,
    "tanh": hyperbolic_tangent,
}
PULLBACKS = {
    "identity": through_identity,
    "logistic": through_logistic,
    "relu": through_relu,
    "tanh": through_tanh,
}
