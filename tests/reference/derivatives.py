"""Derivatives by central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Of the two errors, of rounding (1e-16 / STEP) and of curvature (STEP²), neither is
# much above 1e-10.
STEP = 1e-5


def along(function: Callable[[], Any], x: Array, where: Any) -> Any:
    """Return the derivative of `function` along x[where], moved in place."""
    kept = x[where].copy()
    x[where] = kept + STEP
    above = function()
    x[where] = kept - STEP
    below = function()
    x[where] = kept
    return (above - below) / (2 * STEP)


def gradient(function: Callable[[], Any], x: Array) -> Array:
    """Return the derivatives of a number along every element of x."""
    return np.array([along(function, x, k) for k in np.ndindex(x.shape)]).reshape(
        x.shape
    )
