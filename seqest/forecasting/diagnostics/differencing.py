"""How many differences make a series stationary."""

from __future__ import annotations

from statistics import median_low
from typing import Any

import numpy as np
import pandas as pd

from seqest._compile import one_blas_thread
from seqest._validation import check_integer, check_number, worded
from seqest.forecasting.diagnostics._apart import Column, columns_apart
from seqest.forecasting.diagnostics._stationarity import (
    FEWEST,
    Evidence,
    season_evidence,
    unit_root_evidence,
)
from seqest.forecasting.diagnostics.suggestion import DifferencingSuggestion
from seqest.metrics._series import read_series

__all__ = ["suggest_differencing"]

OWNER = "suggest_differencing"


def suggest_differencing(
    y: Any,
    *,
    seasonal_period: int | None = None,
    max_differencing: int = 2,
    alpha: float = 0.05,
    groups: Any = None,
) -> DifferencingSuggestion:
    r"""Suggest how often to difference a series, over seasons and between neighbours.

    A seasonal difference is taken where, of the parts of STL, the season is strong:

    .. math:: 1 - \mathrm{Var}(R_t) / \mathrm{Var}(S_t + R_t) > 0.64

    with season S and remainder R. Then differences of neighbours are taken while both
    tests ask for one: KPSS rejects that the series is stationary, and the augmented
    Dickey-Fuller test does not reject that it has a unit root. Where they disagree, the
    series is left as it is; the table tells. A trend counts as not stationary. Both
    look at the last 10 000 rows, where there are more.

    Of several series or outputs each is tested, and more than half must ask.

    Parameters
    ----------
    y : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The series, at regular times and without NaN; a logarithm taken before, where
        its swings grow with its level. Series of fewer than 10 rows, or two seasons,
        are left out.
    seasonal_period : int >= 2, default=None
        Rows in a season; None looks for none. In few seasons noise can look strong:
        over three of 12 rows seven in ten series of white noise do, over four one in
        ten, over six none.
    max_differencing : int, default=2
        The most differences of neighbours.
    alpha : float in [0.01, 0.1), default=0.05
        The level of both tests; the p-values of KPSS are known in this range. Raising
        it lets KPSS ask more often and Dickey-Fuller less.
    groups : array-like of shape (n_timesteps,), default=None
        The series each row belongs to.

    Returns
    -------
    DifferencingSuggestion
        The orders and the `table` of evidence.

    Raises
    ------
    ValueError
        If y has NaN or a hole in its index, all series are too short, or an argument is
        out of its range.

    References
    ----------
    X. Wang, K. Smith and R. Hyndman (2006), Characteristic-based clustering for time
    series data, Data Mining and Knowledge Discovery 13, on the strength. R. J. Hyndman
    and Y. Khandakar (2008), Automatic time series forecasting: the forecast package for
    R, Journal of Statistical Software 27. Kwiatkowski, Phillips, Schmidt and Shin
    (1992), Journal of Econometrics 54. S. E. Said and D. A. Dickey (1984), Biometrika
    71.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.datasets import load_airline
    >>> from seqest.forecasting import suggest_differencing
    >>> suggest_differencing(np.log(load_airline()), seasonal_period=12)
    DifferencingSuggestion(differencing=1, seasonal_differencing=1, seasonal_period=12)
    """
    if seasonal_period is not None:
        seasonal_period = check_integer(OWNER, "seasonal_period", seasonal_period, 2)
    most = check_integer(OWNER, "max_differencing", max_differencing, 0)
    alpha = check_number(OWNER, "alpha", alpha, "[0.01, 0.1)")
    columns = _read_columns(y, groups, seasonal_period)
    with one_blas_thread():  # the regressions are many, and small
        return _suggestion(columns, seasonal_period, most, alpha)


def _suggestion(
    columns: list[Column], period: int | None, most: int, alpha: float
) -> DifferencingSuggestion:
    found, seasonal = [], 0
    if period is not None:
        found = [season_evidence(column, period) for column in columns]
        seasonal = median_low(int(evidence.asks) for evidence in found)
    orders = []
    for column in columns:
        values = column.values
        if period is not None and seasonal:
            values = values[period:] - values[:-period]
        tests = list(unit_root_evidence(column, values, seasonal, most, alpha))
        orders.append(min(most, sum(all(e.asks for e in pair) for pair in tests)))
        found += [evidence for pair in tests for evidence in pair]
    table = pd.DataFrame(found, columns=list(Evidence._fields))
    return DifferencingSuggestion(median_low(orders), seasonal, period, table)


def _read_columns(y: Any, groups: Any, period: int | None) -> list[Column]:
    """Return the columns that are long enough, of which there must be one."""
    series = read_series(OWNER, None, groups, y=y)
    table, sequences = series.tables[0], series.sequences
    if np.isnan(table).any() or sequences.n_stretches > len(sequences.ids):
        rule = "without NaN, and without a hole in its index"
        remedy = "Fill it first, e.g. y.asfreq('D').interpolate()."
        raise ValueError(worded(OWNER, "y", y, rule, remedy))
    fewest = FEWEST if period is None else max(2 * period, period + FEWEST)
    columns = [c for c in columns_apart(series, table) if c.values.size >= fewest]
    if not columns:
        rule = f"of at least {fewest} rows"
        remedy = "" if period is None else f"It follows from seasonal_period={period}."
        raise ValueError(worded(OWNER, "y", y, rule, remedy))
    return columns
