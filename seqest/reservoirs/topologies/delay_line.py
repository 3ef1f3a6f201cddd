"""A chain."""

from __future__ import annotations

import numpy as np

from seqest._validation import check_integer
from seqest.reservoirs.matrices import Sparse, connect

__all__ = ["delay_line"]


def delay_line(n_units: int) -> Sparse:
    """Return the chain in which unit i hears unit i - 1 (Rodan & Tiňo 2011, "DLR").

    It has no loop, so its spectral radius is 0: `scale` sets its weight instead.

    Parameters
    ----------
    n_units : int
        Number of units N, at least 2. All N - 1 weights are 1.

    Returns
    -------
    csr_array of shape (n_units, n_units)
        Stored (to, from).

    Examples
    --------
    >>> delay_line(4) @ [1, 2, 3, 4]
    array([0., 1., 2., 3.])
    """
    n_units = check_integer("delay_line", "n_units", n_units, 2)
    units = np.arange(n_units)
    # The last unit passes nothing on.
    return connect(n_units, to=units[1:], source=units[:-1])
