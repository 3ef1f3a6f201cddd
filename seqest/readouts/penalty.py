"""The forms in which a ridge penalty arrives: a number, one per output, candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_number, worded

__all__ = ["Penalty", "check_alpha"]

INTERVAL = "[0, inf)"


@dataclass(frozen=True)
class Penalty:
    """A checked `alpha`.

    Parameters
    ----------
    values : ndarray of shape (), (n_outputs,) or (n_candidates,)
        One penalty for all outputs, one for each, or those to choose from.
    is_chosen : bool
        Whether `values` are candidates.
    """

    values: NDArray[np.float64]
    is_chosen: bool = False


def check_alpha(
    owner: str, alpha: Any, n_outputs: int, *, incremental: bool = False
) -> Penalty:
    """Return `alpha` checked.

    Parameters
    ----------
    owner : str
        The class whose parameter it is.
    alpha : float, ndarray of shape (n_outputs,), or list or tuple of float
        A penalty for all outputs, one for each output, or candidates to choose from by
        cross-validation.
    n_outputs : int
        Number of targets.
    incremental : bool, default=False
        Whether the rows arrive in pieces of unknown number, so that there is nothing to
        cross-validate on.

    Returns
    -------
    Penalty
        The numbers and what they stand for.

    Raises
    ------
    TypeError
        If a penalty is not a number.
    ValueError
        If one is negative or not finite, if an array has another length than there are
        outputs, or if there are no candidates or no way to choose.

    Examples
    --------
    >>> check_alpha("ESNRegressor", [1e-8, 1e-4], 1).is_chosen
    True
    """
    if isinstance(alpha, list | tuple):
        if incremental:
            rule = "one number, or an array of one per output, in partial_fit"
            remedy = "Candidates are chosen by fit, which sees all rows."
            raise ValueError(worded(owner, "alpha", alpha, rule, remedy))
        if not alpha:
            rule = "a list of at least one candidate"
            raise ValueError(worded(owner, "alpha", alpha, rule))
        numbers = [check_number(owner, "alpha", one, INTERVAL) for one in alpha]
        return Penalty(np.array(numbers), is_chosen=True)
    if isinstance(alpha, np.ndarray) and alpha.ndim:
        return Penalty(_per_output(owner, alpha, n_outputs))
    number = alpha.item() if isinstance(alpha, np.ndarray) else alpha
    return Penalty(np.array(check_number(owner, "alpha", number, INTERVAL)))


def _per_output(owner: str, alpha: NDArray[Any], n_outputs: int) -> NDArray[np.float64]:
    if alpha.shape != (n_outputs,):
        rule = f"of shape ({n_outputs},), one penalty per output"
        remedy = "To choose among candidates pass a list."
        raise ValueError(worded(owner, "alpha", alpha, rule, remedy))
    numbers = [check_number(owner, "alpha", one, INTERVAL) for one in alpha.tolist()]
    return np.array(numbers)
