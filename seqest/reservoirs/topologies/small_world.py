"""A ring of neighbours, some of them swapped for strangers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer, check_number, worded
from seqest.reservoirs.matrices import Sparse, connect, draw_weights

__all__ = ["small_world"]


def small_world(
    n_units: int,
    *,
    n_neighbors: int = 10,
    rewiring_probability: float = 0.1,
    distribution: str = "uniform",
    rng: np.random.Generator,
) -> Sparse:
    """Return a rewired ring lattice (Watts & Strogatz 1998), with directed connections.

    Every unit hears its nearest neighbours on a ring. Each of these connections, with
    the given probability, comes from elsewhere instead: from any unit that it does not
    hear already, never from itself. The number of connections into a unit stays.

    Parameters
    ----------
    n_units : int
        Number of units N, more than `n_neighbors`.
    n_neighbors : int, default=10
        Even; half of them on either side.
    rewiring_probability : float in [0, 1], default=0.1
        0 leaves the lattice, 1 makes connections random. Raising it shortens paths.
    distribution : {"uniform", "normal", "sign"}, default="uniform"
        Of the weights: U[-1, 1], N(0, 1) or ±1.
    rng : Generator
        Source of random numbers.

    Returns
    -------
    csr_array of shape (n_units, n_units)
        Stored (to, from).

    References
    ----------
    Watts, D. J. & Strogatz, S. H. (1998). Collective dynamics of 'small-world'
    networks. Nature 393, 440-442.

    Examples
    --------
    >>> W = small_world(30, n_neighbors=4, rng=np.random.default_rng(0))
    >>> W.nnz
    120
    """
    owner = "small_world"
    n_units = check_integer(owner, "n_units", n_units, 1)
    n_neighbors = check_integer(owner, "n_neighbors", n_neighbors, 2)
    if n_neighbors % 2 or n_neighbors >= n_units:
        rule = f"even and less than n_units={n_units}"
        raise ValueError(worded(owner, "n_neighbors", n_neighbors, rule))
    chance = check_number(owner, "rewiring_probability", rewiring_probability, "[0, 1]")
    half = n_neighbors // 2
    offset = np.delete(np.arange(-half, half + 1), half)
    heard = (np.arange(n_units)[:, None] + offset) % n_units  # (N, n_neighbors)
    moved = rng.random(heard.shape) < chance
    for unit in np.flatnonzero(moved.any(axis=1)):
        kept = np.append(heard[unit, ~moved[unit]], unit)
        heard[unit, moved[unit]] = _strangers(n_units, kept, moved[unit].sum(), rng)
    to = np.repeat(np.arange(n_units), n_neighbors)
    weights = draw_weights(owner, distribution, to.size, rng)
    return connect(n_units, to, heard.ravel(), weights)


def _strangers(
    n_units: int, known: NDArray[np.int64], n_drawn: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return `n_drawn` distinct units that are not among the `known`."""
    rank = rng.choice(n_units - known.size, n_drawn, replace=False)
    # Among the unknown, the unit of rank r comes after as many known ones as have at
    # most r unknown ones before them.
    unknown_before = np.sort(known) - np.arange(known.size)
    return rank + np.searchsorted(unknown_before, rank, side="right")
