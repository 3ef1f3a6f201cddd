"""The weights into a reservoir: drawn, a user's own, or from a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from seqest._validation import check_integer, check_number, worded
from seqest.reservoirs.matrices import check_matrix, draw_places, draw_weights

__all__ = ["InputWeights", "draw_input", "input_weights"]

InputWeights: TypeAlias = "str | Callable[..., Any] | ArrayLike"


def input_weights(
    n_units: int,
    n_features: int,
    *,
    scaling: float | ArrayLike = 1.0,
    distribution: str = "uniform",
    density: float = 1.0,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return random weights from `n_features` inputs to `n_units` units.

    Parameters
    ----------
    n_units : int
        Number of units, at least 1.
    n_features : int
        Number of inputs, at least 0.
    scaling : float or array-like of shape (n_features,), default=1.0
        What the weights of all inputs, or of each, are multiplied by; at least 0.
        Raising it drives the units further out of their linear range.
    distribution : {"uniform", "normal", "sign"}, default="uniform"
        U[-1, 1], N(0, 1), or ±1 with equal chances, times `scaling`.
    density : float in (0, 1], default=1.0
        The share of weights that are not 0, at places drawn without replacement.
    rng : Generator
        Source of random numbers.

    Returns
    -------
    ndarray of shape (n_units, n_features)
        Stored (to, from), float64.

    Raises
    ------
    ValueError
        If an argument lies outside its range.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> input_weights(2, 3, scaling=[0.5, 1, 2], distribution="sign", rng=rng)
    array([[ 0.5,  1. ,  2. ],
           [-0.5, -1. , -2. ]])
    """
    owner = "input_weights"
    n_units = check_integer(owner, "n_units", n_units, 1)
    n_features = check_integer(owner, "n_features", n_features, 0)
    factor = _check_scaling(owner, "scaling", scaling, n_features)
    share = check_number(owner, "density", density, "(0, 1]")
    shape = n_units, n_features
    if share == 1:
        return draw_weights(owner, distribution, shape, rng) * factor
    weights = np.zeros(n_units * n_features)
    places = draw_places(weights.size, round(share * weights.size), rng)
    weights[places] = draw_weights(owner, distribution, places.size, rng)
    return weights.reshape(shape) * factor


def draw_input(
    weights: InputWeights,
    n_units: int,
    n_features: int,
    *,
    scaling: float | ArrayLike = 1.0,
    rng: np.random.Generator,
    owner: str = "ESNRegressor",
) -> NDArray[np.float64]:
    """Return the scaled input weights that an estimator's parameters describe.

    Parameters
    ----------
    weights : {"uniform", "normal", "sign"}, callable or array-like
        A distribution; a function ``weights(n_units, n_features, rng=rng)``, such as a
        ``functools.partial`` of `input_weights`; or the weights themselves, stored
        (to, from).
    n_units, n_features : int
        The shape.
    scaling : float or array-like of shape (n_features,), default=1.0
        What the weights of all inputs, or of each, are multiplied by; at least 0.
    rng : Generator
        Source of random numbers.
    owner : str, default="ESNRegressor"
        Whose ``input_weights`` and ``input_scaling`` these are, for errors.

    Returns
    -------
    ndarray of shape (n_units, n_features)
        Float64, shared with nobody.

    Raises
    ------
    TypeError
        If an argument is of another kind.
    ValueError
        If a name is unknown, a shape is another, a weight is not finite, or a
        scaling is negative.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> draw_input(np.eye(3, 2), 3, 2, scaling=[2.0, 0.5], rng=rng)[1]
    array([0. , 0.5])
    """
    factor = _check_scaling(owner, "input_scaling", scaling, n_features)
    shape = n_units, n_features
    if isinstance(weights, str):
        drawn = draw_weights(owner, weights, shape, rng, name="input_weights")
        return drawn * factor
    if callable(weights):
        weights = weights(n_units, n_features, rng=rng)
    matrix = check_matrix(owner, "input_weights", weights, shape)
    if sparse.issparse(matrix):
        matrix = matrix.toarray()
    return matrix * factor


def _check_scaling(
    owner: str, name: str, scaling: float | ArrayLike, n_features: int
) -> NDArray[np.float64]:
    """Return the factor of each input, of shape (n_features,)."""
    if np.ndim(scaling) == 0:
        return np.full(n_features, check_number(owner, name, scaling, "[0, inf)"))
    factor = np.asarray(scaling)
    if factor.shape != (n_features,):
        rule = f"a number or of shape ({n_features},), one for each input"
        raise ValueError(worded(owner, name, scaling, rule))
    return np.array(
        [
            check_number(owner, f"{name}[{i}]", f, "[0, inf)")
            for i, f in enumerate(factor)
        ]
    )
