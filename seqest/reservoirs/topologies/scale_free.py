"""Few hubs, many leaves."""

from __future__ import annotations

import numpy as np

from seqest._validation import check_integer, worded
from seqest.reservoirs.matrices import Sparse, connect, draw_weights

__all__ = ["scale_free"]


def scale_free(
    n_units: int,
    *,
    n_attachments: int = 5,
    distribution: str = "uniform",
    rng: np.random.Generator,
) -> Sparse:
    """Return a network grown by preferential attachment (Barabási & Albert 1999).

    Units join one by one. Each picks distinct earlier units with a chance proportional
    to their degrees; the first ones are all joined to each other. Degrees k then follow
    the power law k^-3. The graph is undirected: every edge becomes a connection each
    way, with weights of their own. Connections one way only would leave no loop.

    Parameters
    ----------
    n_units : int
        Number of units N, more than `n_attachments`.
    n_attachments : int, default=5
        Edges m that each unit brings along. A unit has about 2m connections into it.
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
    Barabási, A.-L. & Albert, R. (1999). Emergence of scaling in random networks.
    Science 286, 509-512.

    Examples
    --------
    >>> W = scale_free(100, n_attachments=2, rng=np.random.default_rng(0))
    >>> W.nnz
    394
    """
    owner = "scale_free"
    n_units = check_integer(owner, "n_units", n_units, 1)
    m = check_integer(owner, "n_attachments", n_attachments, 1)
    if m >= n_units:
        rule = f"less than n_units={n_units}"
        raise ValueError(worded(owner, "n_attachments", n_attachments, rule))
    ends = _grow(n_units, m, rng)
    one, other = np.array(ends).reshape(-1, 2).T
    to, source = np.append(one, other), np.append(other, one)
    weights = draw_weights(owner, distribution, to.size, rng)
    return connect(n_units, to, source, weights)


def _grow(n_units: int, m: int, rng: np.random.Generator) -> list[int]:
    """Return the ends of all edges, pair by pair.

    A unit stands here as often as it has edges: to pick an entry is to pick a unit with
    a chance proportional to its degree.
    """
    ends = [
        unit for new in range(1, m + 1) for old in range(new) for unit in (new, old)
    ]
    for new in range(m + 1, n_units):
        picked: dict[int, None] = {}  # a set that keeps the order of drawing
        while len(picked) < m:
            entries = rng.integers(len(ends), size=m - len(picked)).tolist()
            picked.update((ends[entry], None) for entry in entries)
        ends += [unit for old in picked for unit in (new, old)]
    return ends
