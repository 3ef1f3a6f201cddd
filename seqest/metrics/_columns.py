"""What correlations ask of the columns and lags they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer, worded
from seqest.metrics._series import Series

__all__ = ["column_of", "read_n_lags", "varying_columns"]

Array = NDArray[np.float64]


def column_of(owner: str, name: str, table: Array) -> Array:
    """Return the one column of a table, which must vary."""
    if table.shape[1] != 1:
        rule = "one-dimensional"
        remedy = f"Take its {table.shape[1]} columns one by one."
        raise ValueError(worded(owner, name, table, rule, remedy))
    column: Array = varying_columns(owner, name, table)[0]
    return column


def varying_columns(owner: str, name: str, table: Array) -> Array:
    """Return the columns of a table, none of them constant, one after another."""
    for column in table.T:
        if np.ptp(column[~np.isnan(column)]) == 0:
            rule = "varying in every column" if table.shape[1] > 1 else "varying"
            remedy = "The correlations of what is constant are undefined."
            raise ValueError(worded(owner, name, table, rule, remedy))
    return table.T


def read_n_lags(
    owner: str, n_lags: Any, series: Series, least: int = 0, most: int = 20
) -> int:
    """Return the number of lags: "auto" is `most`, or less for short series."""
    if isinstance(n_lags, str) and n_lags == "auto":
        return max(1, min(most, series.longest // 4))
    last = check_integer(owner, "n_lags", n_lags, least)
    if last >= series.longest:
        rule = f"less than {series.longest}, the rows of the longest series"
        raise ValueError(worded(owner, "n_lags", n_lags, rule))
    return last
