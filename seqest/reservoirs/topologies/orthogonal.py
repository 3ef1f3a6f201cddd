"""A rotation of the state, drawn uniformly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer

__all__ = ["orthogonal"]


def orthogonal(n_units: int, *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a Haar distributed orthogonal matrix, dense (Mezzadri 2007, section 5).

    Parameters
    ----------
    n_units : int
        Number of units N, at least 1. Drawing takes time N³ and memory N².
    rng : Generator
        Source of random numbers.

    Returns
    -------
    ndarray of shape (n_units, n_units)
        Stored (to, from).

    Examples
    --------
    >>> Q = orthogonal(3, rng=np.random.default_rng(0))
    >>> float(np.linalg.norm(Q @ [3.0, 4.0, 0.0]))
    5.0
    """
    n_units = check_integer("orthogonal", "n_units", n_units, 1)
    rotation, triangle = np.linalg.qr(rng.standard_normal((n_units, n_units)))
    # LAPACK's signs are not uniform. Those of R's diagonal make the factors unique,
    # which hands the invariance of the Gaussian on to Q.
    return rotation * np.sign(np.diag(triangle))
