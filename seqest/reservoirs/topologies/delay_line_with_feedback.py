"""A chain that also hears backwards."""

from __future__ import annotations

from seqest._validation import check_integer, check_number, worded
from seqest.reservoirs.matrices import Sparse
from seqest.reservoirs.topologies.delay_line import delay_line

__all__ = ["delay_line_with_feedback"]


def delay_line_with_feedback(n_units: int, *, feedback_weight: float = 0.25) -> Sparse:
    """Return a chain whose units also hear the next one (Rodan & Tiňo 2011, "DLRB").

    The spectral radius is ``2 sqrt(abs(b)) cos(pi / (N + 1))`` for the feedback weight
    b: with the default, nearly the weight of the chain. It says little about
    transients, which grow along the chain where b is much smaller.

    Parameters
    ----------
    n_units : int
        Number of units N, at least 2.
    feedback_weight : float, default=0.25
        Weight b from each unit to the one before, not 0; that of the chain is 1.

    Returns
    -------
    csr_array of shape (n_units, n_units)
        Stored (to, from).

    Examples
    --------
    >>> delay_line_with_feedback(4) @ [0, 1, 0, 0]
    array([0.25, 0.  , 1.  , 0.  ])
    """
    owner = "delay_line_with_feedback"
    n_units = check_integer(owner, "n_units", n_units, 2)
    b = check_number(owner, "feedback_weight", feedback_weight, "(-inf, inf)")
    if b == 0:
        remedy = "Use delay_line for a chain without feedback."
        raise ValueError(worded(owner, "feedback_weight", b, "other than 0", remedy))
    chain = delay_line(n_units)
    return (chain + b * chain.T).tocsr()
