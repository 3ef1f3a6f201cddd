"""Weights scaled to a spectral radius."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from scipy import sparse

from seqest._validation import check_number, worded
from seqest.reservoirs.matrices import Matrix, check_matrix
from seqest.reservoirs.spectral.radius import estimate_radius, warn_if_uncertain

__all__ = ["scale", "scaled"]


def scale(W: Any, radius: float, owner: str = "scale") -> Matrix:
    """Return W scaled so that its spectral radius is `radius`.

    A delay line, or several, whose weights are of one size has no loop and so a
    spectral radius of 0: there `radius` becomes the size of the weights.

    Parameters
    ----------
    W : ndarray or sparse array of shape (n_units, n_units)
        Real and finite. It is left as it is.
    radius : float
        More than 0. Radii above 1 are allowed: whether a driven reservoir forgets its
        initial state depends on its input too.
    owner : str, default="scale"
        Whose ``spectral_radius`` this is, for errors.

    Returns
    -------
    csr_array or ndarray of shape (n_units, n_units)
        Of the kind of W, float64.

    Raises
    ------
    ValueError
        If `radius` is not positive, or if all eigenvalues of W are 0, or might be.

    Warns
    -----
    ConvergenceWarning
        If the radius of W is not known to 1e-3; see `spectral_radius`.

    Examples
    --------
    >>> scale([[0.0, 4.0], [0.25, 0.0]], 0.9)
    array([[0.   , 3.6  ],
           [0.225, 0.   ]])
    """
    return scaled(W, radius, owner)[0]


def scaled(W: Any, radius: float, owner: str) -> tuple[Matrix, float]:
    """Return `scale` of W and the spectral radius that it then has: 0 for chains."""
    radius = check_number(owner, "spectral_radius", radius, "(0, inf)")
    matrix = check_matrix(owner, "W", W)
    found = estimate_radius(matrix)
    size = found.value
    if size == 0 == found.error:
        size = _chain_weight(matrix)
    elif size <= found.error < inf:
        size = 0.0
    if size == 0:
        rule = "reachable by scaling, but no eigenvalue of W differs from 0"
        remedy = "Raise density, or take a topology with loops."
        raise ValueError(worded(owner, "spectral_radius", radius, rule, remedy))
    warn_if_uncertain(owner, found)
    entries = matrix if isinstance(matrix, np.ndarray) else matrix.data
    entries /= size  # apart from `radius`: their quotient may overflow
    entries *= radius
    return matrix, found.value / size * radius


def _chain_weight(W: Matrix) -> float:
    """Return the size of the weights if W is made of chains of one weight, else 0."""
    rows = sparse.csr_array(W)
    sizes = np.abs(rows.data)
    largest = sizes.max(initial=0.0)
    n_into = np.diff(rows.indptr).max(initial=0)
    n_out_of = np.bincount(rows.indices).max(initial=0)
    is_equal = (sizes >= (1 - 1e-12) * largest).all()
    return float(largest) if n_into <= 1 and n_out_of <= 1 and is_equal else 0.0
