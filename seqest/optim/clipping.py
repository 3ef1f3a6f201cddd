"""Gradients shortened where they explode."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import kernel

__all__ = ["clip_by_norm"]

# Below it squares lose digits in float32.
SMALL = 1e-30


def clip_by_norm(gradient: NDArray[Any], clip_norm: float) -> float:
    r"""Shorten `gradient` to a norm of `clip_norm`, in place, if it is longer.

    .. math:: g \leftarrow g\, c / \lVert g \rVert
        \quad\text{if}\quad \lVert g \rVert > c

    The direction stays. Norms that overflow on the way are no trouble. A gradient with
    NaN or infinity has no direction and is left as it is, to be seen.

    Parameters
    ----------
    gradient : ndarray of shape (n_parameters,)
        The gradient; changed.
    clip_norm : float > 0
        The longest norm left alone. Raising it clips less.

    Returns
    -------
    float
        The norm before.

    References
    ----------
    Pascanu, R., Mikolov, T. & Bengio, Y. (2013). On the difficulty of training
    recurrent neural networks. ICML, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> gradient = np.array([3.0, 4.0])
    >>> clip_by_norm(gradient, 1.0), gradient
    (5.0, array([0.6, 0.8]))
    """
    squares = float(_sum_of_squares(gradient))
    if not SMALL < squares < inf:
        return _clip_scaled(gradient, clip_norm)
    norm = sqrt(squares)
    if norm > clip_norm:
        gradient *= clip_norm / norm
    return norm


@kernel
def _sum_of_squares(values: Any) -> Any:
    total = 0.0
    for i in range(values.size):
        total += values[i] * values[i]
    return total


def _clip_scaled(gradient: NDArray[Any], clip_norm: float) -> float:
    """Clip a gradient whose squares leave the range of numbers, NaN included."""
    largest = float(abs(gradient).max(initial=0.0))
    if not 0.0 < largest < inf:
        return largest
    scaled = gradient.astype(np.float64) / largest
    length = sqrt(np.dot(scaled, scaled))
    if largest * length > clip_norm:
        gradient[:] = scaled * (clip_norm / length)
    return largest * length
