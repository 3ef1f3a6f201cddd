"""Scores of prediction intervals: how many targets they hold, and how tightly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import check_number, worded
from seqest.metrics._panel import read_panel
from seqest.metrics._rows import Rows, read_rows
from seqest.metrics.errors import over_outputs

__all__ = ["coverage", "winkler"]

Array = NDArray[np.float64]


def winkler(
    y_true: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    alpha: float,
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    r"""Winkler's score of prediction intervals: their width, and what misses cost.

    .. math:: S = (u - l) + \frac2\alpha \max(l - y, 0) + \frac2\alpha \max(y - u, 0)

    Parameters
    ----------
    y_true, lower, upper : array-like of shape (n_timesteps[, n_outputs])
        The target, and the ends of its intervals.
    alpha : float
        The share of targets that should miss, in (0, 1): 0.05 for intervals of 95 %.
        Raising it makes a miss cheaper.
    groups, sample_weight, multioutput : optional
        As in `smape`.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The score, in the unit of the target; 0 is perfect.

    Raises
    ------
    ValueError
        If inputs do not match or are not finite, or `lower` is above `upper`.

    References
    ----------
    R. L. Winkler (1972), A decision-theoretic approach to interval estimation, Journal
    of the American Statistical Association 67. Gneiting and Raftery (2007), eq. 43.

    Examples
    --------
    >>> from seqest.metrics import winkler
    >>> winkler([1.0, 5.0], [0.0, 0.0], [4.0, 4.0], alpha=0.2)
    9.0
    """
    alpha = check_number("winkler", "alpha", alpha, "(0, 1)")
    rows = read_rows("winkler", y_true, sample_weight)
    low, high = _interval(rows, lower, upper)
    missed = np.maximum(low - rows.true, 0.0) + np.maximum(rows.true - high, 0.0)
    panel = read_panel(rows, groups, y_true, lower, upper)
    raw = panel.score(high - low + 2 / alpha * missed)
    return over_outputs("winkler", raw, multioutput)


def coverage(
    y_true: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    """Share of targets inside their intervals, whose ends count as inside.

    Parameters
    ----------
    y_true, lower, upper, groups, sample_weight, multioutput : optional
        As in `winkler`.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The share, from 0 to 1; best is what the intervals promise.

    Raises
    ------
    ValueError
        As in `winkler`.

    Examples
    --------
    >>> from seqest.metrics import coverage
    >>> coverage([1.0, 4.0, 5.0, 2.0], [0.0] * 4, [4.0] * 4)
    0.75
    """
    rows = read_rows("coverage", y_true, sample_weight)
    low, high = _interval(rows, lower, upper)
    inside = (low <= rows.true) & (rows.true <= high)
    panel = read_panel(rows, groups, y_true, lower, upper)
    raw = panel.score(inside.astype(np.float64))
    return over_outputs("coverage", raw, multioutput)


def _interval(rows: Rows, lower: Any, upper: Any) -> tuple[Array, Array]:
    """Return the ends of intervals, in their order."""
    low, high = rows.like("lower", lower), rows.like("upper", upper)
    if (low > high).any():
        rule = "nowhere above upper"
        remedy = "Sort the two where they cross, e.g. np.sort([lower, upper], axis=0)."
        raise ValueError(worded(rows.owner, "lower", lower, rule, remedy))
    return low, high
