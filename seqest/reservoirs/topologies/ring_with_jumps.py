"""One ring, with shortcuts."""

from __future__ import annotations

import numpy as np

from seqest._validation import check_integer, check_number, worded
from seqest.reservoirs.matrices import Sparse, connect
from seqest.reservoirs.topologies.ring import ring

__all__ = ["ring_with_jumps"]


def ring_with_jumps(
    n_units: int, *, jump_length: int = 10, jump_weight: float = 0.5
) -> Sparse:
    """Return a ring with two-way jumps of one length (Rodan & Tiňo 2012, "CRJ").

    Jumps join units 0 and l, l and 2l, ..., as long as they do not pass unit 0.

    Parameters
    ----------
    n_units : int
        Number of units N, more than twice `jump_length`.
    jump_length : int, default=10
        Units l that a jump spans, at least 2. Raising it makes jumps fewer.
    jump_weight : float, default=0.5
        Weight of a jump; that of the ring is 1.

    Returns
    -------
    csr_array of shape (n_units, n_units)
        Stored (to, from).

    Examples
    --------
    >>> ring_with_jumps(6, jump_length=2) @ [1, 0, 0, 0, 0, 0]
    array([0. , 1. , 0.5, 0. , 0.5, 0. ])
    """
    owner = "ring_with_jumps"
    n_units = check_integer(owner, "n_units", n_units, 1)
    length = check_integer(owner, "jump_length", jump_length, 2)
    if 2 * length >= n_units:
        rule = f"less than half of n_units={n_units}"
        raise ValueError(worded(owner, "jump_length", jump_length, rule))
    weight = check_number(owner, "jump_weight", jump_weight, "(-inf, inf)")
    start = np.arange(0, n_units - length + 1, length)
    end = (start + length) % n_units
    there = connect(n_units, end, start, weight)
    return (ring(n_units) + there + there.T).tocsr()
