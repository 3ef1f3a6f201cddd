"""Connections anywhere."""

from __future__ import annotations

from typing import Literal

import numpy as np

from seqest._validation import check_integer
from seqest.reservoirs.matrices import (
    Sparse,
    connect,
    draw_places,
    draw_weights,
    share_of_places,
)

__all__ = ["random"]


def random(
    n_units: int,
    *,
    density: float | Literal["auto"] = "auto",
    distribution: str = "uniform",
    rng: np.random.Generator,
) -> Sparse:
    """Return connections at places drawn uniformly without replacement (Jaeger 2001).

    Parameters
    ----------
    n_units : int
        Number of units N, at least 1.
    density : float in (0, 1] or "auto", default="auto"
        The share of the N² places that is connected, self-connections among them;
        ``"auto"`` is min(1, 10/N). Raising it costs time in every step.
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
    >>> random(100, density=0.05, rng=np.random.default_rng(0)).nnz
    500
    """
    n_units = check_integer("random", "n_units", n_units, 1)
    share = share_of_places("random", density, n_units)
    places = draw_places(n_units**2, round(share * n_units**2), rng)
    weights = draw_weights("random", distribution, places.size, rng)
    return connect(n_units, places // n_units, places % n_units, weights)
