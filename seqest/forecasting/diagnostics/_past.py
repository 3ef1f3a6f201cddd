"""Delayed rows that are honest about what came before a series: it is unknown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqest.features.taps import Lags, deepest, tapped

__all__ = ["past"]

Array = NDArray[np.float64]


def past(columns: Array, offsets: NDArray[np.int64], lags: Lags) -> Array:
    """Return the matrix of delayed columns, NaN where unknown.

    Parameters
    ----------
    columns : ndarray of shape (n_rows, n_columns)
        Stacked rows, NaN where unknown.
    offsets : ndarray of shape (n_stretches + 1,)
        Where each stretch begins, and where the last ends.
    lags : tuple of tuple of int
        The lags of each column, ascending.

    Returns
    -------
    ndarray of shape (n_rows, n_taps)
        By column and then by lag.
    """
    shape = offsets.size - 1, deepest(lags), columns.shape[1]
    # A delay line at rest takes NaN for "as the first row", but infinity as it is.
    rows = tapped(columns, offsets, lags, np.full(shape, np.inf))
    rows[np.isinf(rows)] = np.nan
    return rows
