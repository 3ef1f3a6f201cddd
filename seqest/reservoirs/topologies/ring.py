"""One ring."""

from __future__ import annotations

import numpy as np

from seqest._validation import check_integer
from seqest.reservoirs.matrices import Sparse, connect

__all__ = ["ring"]


def ring(n_units: int) -> Sparse:
    """Return the simple cycle: unit i hears unit i - 1 (Rodan & Tiňo 2011).

    Parameters
    ----------
    n_units : int
        Number of units N, at least 1. All N weights are 1.

    Returns
    -------
    csr_array of shape (n_units, n_units)
        Stored (to, from).

    Examples
    --------
    >>> ring(4) @ [1, 0, 0, 0]
    array([0., 1., 0., 0.])
    """
    n_units = check_integer("ring", "n_units", n_units, 1)
    units = np.arange(n_units)
    return connect(n_units, to=(units + 1) % n_units, source=units)
