"""Lags chosen by what they explain of the training rows, and how many they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seqest.forecasting._design import lagged

__all__ = ["chosen_lags"]

Array = NDArray[np.float64]
SHORT = 12  # the longest run of lags that is tried without a season
SHARE = 4  # lags reach over at most one in so many rows of the shortest series


def chosen_lags(
    rows: Array, offsets: NDArray[np.int64], period: int | None
) -> tuple[int, ...]:
    """Return the lags of the linear autoregression with the least BIC.

    n log(RSS / n) + k log n of n rows and k lags; tried are runs 1, …, p, alone and
    with lags around one season and two, and whole seasons.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_targets)
        Transformed targets, NaN where there are none.
    offsets : ndarray of shape (n_series + 1,)
        Where series begin and end.
    period : int or None
        Rows of a season.

    Returns
    -------
    tuple of int
        Ascending.

    References
    ----------
    Schwarz (1978), Estimating the dimension of a model, Annals of Statistics 6.
    """
    n_known = np.add.reduceat(np.isfinite(rows[:, 0]), offsets[:-1])
    most = max(1, int(n_known.min()) // SHARE)
    candidates = [lags for lags in _candidates(period) if lags[-1] <= most]
    if len(candidates) < 2:
        return (1,)
    deepest = max(lags[-1] for lags in candidates)
    n_targets = rows.shape[1]
    seen = lagged(rows, offsets, range(1, deepest + 1))
    known = np.isfinite(np.hstack([seen, rows])).all(axis=1)
    H, Y = seen[known], rows[known]
    H, Y = H - H.mean(axis=0), Y - Y.mean(axis=0)
    gram, cross = H.T @ H, H.T @ Y
    # Rounding alone makes a gram of smooth rows singular; this much is not seen.
    gram[np.diag_indices_from(gram)] *= 1 + 1e-10
    n, total = len(Y), (Y**2).sum(axis=0)
    if not (total > 0).all():
        return (1,)

    def criterion(lags: tuple[int, ...]) -> float:
        own = [(lag - 1) * n_targets + k for lag in lags for k in range(n_targets)]
        weights = np.linalg.lstsq(gram[np.ix_(own, own)], cross[own], rcond=None)[0]
        left = total - (weights * cross[own]).sum(axis=0)
        shares = np.maximum(left / total, np.finfo(np.float64).eps)
        return float(n * np.log(shares).sum() + len(own) * n_targets * np.log(n))

    return min(candidates, key=criterion)


def _candidates(period: int | None) -> Iterator[tuple[int, ...]]:
    m = period or 0
    seasons: list[tuple[int, ...]] = [()]
    if m:
        seasons += [(m,), (m, m + 1), (m - 1, m, m + 1), (m, 2 * m)]
        yield from (tuple(range(1, n + 1)) for n in (m, m + 1, 2 * m, 2 * m + 1))
    for p in range(1, SHORT + 1):
        for season in seasons:
            lags = {*range(1, p + 1), *season} - {0}
            yield tuple(sorted(lags))
