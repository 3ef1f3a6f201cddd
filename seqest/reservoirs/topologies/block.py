"""Clusters of units, with few connections between them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer, check_number, worded
from seqest.reservoirs.matrices import (
    Sparse,
    connect,
    draw_places,
    draw_weights,
    share_of_places,
)

__all__ = ["block"]


def block(
    n_units: int,
    *,
    n_blocks: int = 4,
    density: float | Literal["auto"] = "auto",
    between: float = 0.1,
    distribution: str = "uniform",
    rng: np.random.Generator,
) -> Sparse:
    """Return clusters of consecutive units, dense within and sparse between.

    Parameters
    ----------
    n_units : int
        Number of units N, at least `n_blocks`; the blocks differ by one unit at most.
    n_blocks : int, default=4
        Number of clusters.
    density : float in (0, 1] or "auto", default="auto"
        The share of the places within a block that is connected; ``"auto"`` makes
        about ten connections a unit in all, at most every place within the blocks.
    between : float in [0, 1], default=0.1
        The share of the places between blocks that is connected, over `density`.
        0 leaves the blocks alone, 1 makes them vanish.
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
    >>> W = block(40, n_blocks=2, density=0.5, rng=np.random.default_rng(0))
    >>> W[:20, :20].nnz + W[20:, 20:].nnz, W[:20, 20:].nnz + W[20:, :20].nnz
    (400, 40)
    """
    n_units = check_integer("block", "n_units", n_units, 1)
    n_blocks = check_integer("block", "n_blocks", n_blocks, 1)
    if n_blocks > n_units:
        rule = f"at most n_units={n_units}"
        raise ValueError(worded("block", "n_blocks", n_blocks, rule))
    between = check_number("block", "between", between, "[0, 1]")
    edges = np.arange(n_blocks + 1) * n_units // n_blocks
    size = np.repeat(np.diff(edges), np.diff(edges))  # of each unit's block, (N,)
    first = np.repeat(edges[:-1], np.diff(edges))  # first unit of it, (N,)
    n_sources = float(np.mean(size + between * (n_units - size)))
    share = share_of_places("block", density, n_sources)
    to, rank = _draw_in_rows(size, share, rng)
    to_far, far = _draw_in_rows(n_units - size, share * between, rng)
    # A unit's places outside its block, in order, leave the block out.
    far = np.where(far < first[to_far], far, far + size[to_far])
    to, source = np.append(to, to_far), np.append(first[to] + rank, far)
    weights = draw_weights("block", distribution, to.size, rng)
    return connect(n_units, to, source, weights)


def _draw_in_rows(
    width: NDArray[np.int64], share: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row and rank of a share of all places, row i having ``width[i]``."""
    end = np.cumsum(width)
    places = draw_places(int(end[-1]), round(share * int(end[-1])), rng)
    row = np.searchsorted(end, places, side="right")
    return row, places - (end - width)[row]
