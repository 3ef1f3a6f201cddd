"""Correlations of series with their own past, and with that of others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from seqest.metrics._columns import column_of, read_n_lags
from seqest.metrics._series import read_series

__all__ = ["autocorrelation", "cross_correlation"]

Array = NDArray[np.float64]


def autocorrelation(
    y: ArrayLike, n_lags: int, *, groups: ArrayLike | None = None
) -> Array:
    r"""Correlation of a series with itself, lag by lag.

    .. math:: r_k = \frac{\sum_t (y_{t-k} - \bar y)(y_t - \bar y)}
        {\sum_t (y_t - \bar y)^2}

    over the pairs that are known and of one series. Fewer pairs at longer lags are not
    made up for (the biased estimate), so that :math:`|r_k| \le 1`.

    Parameters
    ----------
    y : array-like of shape (n_timesteps,)
        The series, NaN where unknown.
    n_lags : int
        The greatest lag, in rows.
    groups : array-like of shape (n_timesteps,), optional
        The series each row belongs to; their rows may be interleaved. One mean serves
        all. A pandas MultiIndex that ends in time says it too, and no pair reaches over
        a hole in a time index.

    Returns
    -------
    ndarray of shape (n_lags + 1,)
        Correlations at lags 0, 1, …, n_lags, without unit; the first is 1.

    Raises
    ------
    ValueError
        If `y` holds inf or is constant, or `n_lags` is not less than the rows of the
        longest series.

    References
    ----------
    G. E. P. Box and G. M. Jenkins (1976), Time Series Analysis, section 2.1.5.

    Examples
    --------
    >>> from seqest.metrics import autocorrelation
    >>> autocorrelation([1.0, 2.0, 3.0, 4.0], 2)
    array([ 1.  ,  0.25, -0.3 ])
    """
    owner = "autocorrelation"
    series = read_series(owner, None, groups, y=y)
    column = column_of(owner, "y", series.tables[0])
    lags = np.arange(read_n_lags(owner, n_lags, series) + 1)
    return correlogram(column, column, lags, series.stretches).values


def cross_correlation(
    x: ArrayLike, y: ArrayLike, n_lags: int, *, groups: ArrayLike | None = None
) -> Array:
    r"""Correlation of one series with the past and the future of another.

    .. math:: r_k = \frac{\sum_t (x_{t-k} - \bar x)(y_t - \bar y)}
        {\sqrt{\sum_t (x_t - \bar x)^2 \sum_t (y_t - \bar y)^2}}

    For k > 0 x comes first: an input that works k rows later stands out at lag k.

    Parameters
    ----------
    x, y : array-like of shape (n_timesteps,)
        The series, NaN where unknown. Where both carry a pandas index, the indexes must
        agree.
    n_lags : int
        The greatest lag, in rows.
    groups : array-like of shape (n_timesteps,), optional
        As in `autocorrelation`.

    Returns
    -------
    ndarray of shape (2 * n_lags + 1,)
        Correlations at lags -n_lags, …, n_lags, without unit; lag 0 is in the middle.

    Raises
    ------
    ValueError
        As in `autocorrelation`, or if the series do not match.

    References
    ----------
    G. E. P. Box and G. M. Jenkins (1976), Time Series Analysis, section 11.1.2.

    Examples
    --------
    >>> from seqest.metrics import cross_correlation
    >>> x, y = [0, 1, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0]
    >>> print(cross_correlation(x, y, 3).argmax() - 3)
    2
    """
    owner = "cross_correlation"
    series = read_series(owner, None, groups, x=x, y=y)
    first, second = (
        column_of(owner, name, table)
        for name, table in zip("xy", series.tables, strict=True)
    )
    last = read_n_lags(owner, n_lags, series)
    lags = np.arange(-last, last + 1)
    return correlogram(first, second, lags, series.stretches).values


@dataclass(frozen=True)
class Correlogram:
    """Correlations by lag, of how many pairs, and the known values of a series."""

    lags: NDArray[np.int64]
    values: Array
    n_pairs: Array
    n_known: float  # of two series their geometric mean

    def bounds(self, alpha: float) -> Array:
        """Return what a share `alpha` exceeds by chance where one series is white."""
        deviations = np.sqrt(self.n_pairs) / self.n_known
        return np.asarray(-ndtri(alpha / 2) * deviations)


def correlogram(
    x: Array, y: Array, lags: NDArray[np.int64], stretches: NDArray[np.int64]
) -> Correlogram:
    """Return the correlations of x(t - lag) with y(t), NaN where one is constant."""
    known = [np.where(np.isnan(values), 0.0, 1.0) for values in (x, y)]
    x, y = (_centred(values) for values in (x, y))
    n_pairs = _lagged_sums(known[0], known[1], lags, stretches)
    size = np.sqrt((x @ x) * (y @ y))
    with np.errstate(invalid="ignore"):
        values = _lagged_sums(x, y, lags, stretches) / size
    n_known = np.sqrt(known[0].sum() * known[1].sum())
    return Correlogram(lags, values, n_pairs, float(n_known))


def _centred(values: Array) -> Array:
    """Return values around their mean, in units of their range, 0 where unknown."""
    known = values[~np.isnan(values)]
    span = np.ptp(known) if known.size else 0.0
    if span == 0:
        return np.zeros_like(values)
    centred: Array = np.nan_to_num((values - known.mean()) / span)
    return centred


def _lagged_sums(
    x: Array, y: Array, lags: NDArray[np.int64], stretches: NDArray[np.int64]
) -> Array:
    """Return the sums of x(t - lag) y(t) over pairs within a stretch."""
    sums = np.empty(len(lags))
    for k, lag in enumerate(lags):
        early, late = (x, y) if lag >= 0 else (y, x)
        lag, end = abs(lag), len(x) - abs(lag)
        together = stretches[:end] == stretches[lag:]
        sums[k] = early[:end] @ (late[lag:] * together)
    return sums
