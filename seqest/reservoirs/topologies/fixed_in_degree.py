"""The same number of connections into every unit."""

from __future__ import annotations

import numpy as np

from seqest._validation import check_integer, worded
from seqest.reservoirs.matrices import Sparse, connect, draw_weights

__all__ = ["fixed_in_degree"]


def fixed_in_degree(
    n_units: int,
    *,
    in_degree: int = 10,
    distribution: str = "uniform",
    rng: np.random.Generator,
) -> Sparse:
    """Return connections from `in_degree` distinct units into every unit.

    Parameters
    ----------
    n_units : int
        Number of units N, at least `in_degree`.
    in_degree : int, default=10
        Connections into each unit, its own output perhaps among them.
    distribution : {"uniform", "normal", "sign"}, default="uniform"
        Of the weights: U[-1, 1], N(0, 1) or ±1.
    rng : Generator
        Source of random numbers.

    Returns
    -------
    csr_array of shape (n_units, n_units)
        Stored (to, from).

    Examples
    --------
    >>> W = fixed_in_degree(50, in_degree=3, rng=np.random.default_rng(0))
    >>> (W != 0).sum(axis=1)[:4]
    array([3, 3, 3, 3])
    """
    owner = "fixed_in_degree"
    n_units = check_integer(owner, "n_units", n_units, 1)
    degree = check_integer(owner, "in_degree", in_degree, 1)
    if degree > n_units:
        rule = f"at most n_units={n_units}"
        raise ValueError(worded(owner, "in_degree", in_degree, rule))
    source = [rng.choice(n_units, degree, replace=False) for _ in range(n_units)]
    to = np.repeat(np.arange(n_units), degree)
    weights = draw_weights(owner, distribution, to.size, rng)
    return connect(n_units, to, np.concatenate(source), weights)
