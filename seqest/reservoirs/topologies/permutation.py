"""Every unit hears one unit, and is heard by one."""

from __future__ import annotations

import numpy as np

from seqest._validation import check_integer
from seqest.reservoirs.matrices import Sparse, connect

__all__ = ["permutation"]


def permutation(n_units: int, *, rng: np.random.Generator) -> Sparse:
    """Return a permutation of the units, all N! of them equally likely.

    Parameters
    ----------
    n_units : int
        Number of units N, at least 1. All N weights are 1.
    rng : Generator
        Source of random numbers.

    Returns
    -------
    csr_array of shape (n_units, n_units)
        Stored (to, from).

    Examples
    --------
    >>> permutation(4, rng=np.random.default_rng(0)) @ [1, 2, 3, 4]
    array([3., 1., 2., 4.])
    """
    n_units = check_integer("permutation", "n_units", n_units, 1)
    # Rows in order, so that `source` is the permutation itself.
    source = rng.permutation(n_units)
    return connect(n_units, np.arange(n_units), source)
