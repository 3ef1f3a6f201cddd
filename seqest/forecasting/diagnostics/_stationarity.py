"""Tests of a series for a season and for a unit root, by statsmodels."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest.forecasting.diagnostics._apart import Column

__all__ = ["FEWEST", "Evidence", "season_evidence", "unit_root_evidence"]

Array = NDArray[np.float64]

STRONG = 0.64  # the strength of a season to be differenced, as in R's nsdiffs
FEWEST, MOST = 10, 10_000  # rows that tests are made of
EXACT = 1e-7  # of the size of changes, what is left where a recursion tells them all
SEASONAL_WINDOW = 11  # cycles that the season is smoothed over, as R's mstl does


class Evidence(NamedTuple):
    """What one test says of one column."""

    series: Any
    output: str
    seasonal_differencing: int
    differencing: int
    test: str
    statistic: float
    p_value: float
    asks: bool


def season_evidence(column: Column, period: int) -> Evidence:
    strength = 0.0
    if not _is_constant(column.values, column):
        strength = _seasonal_strength(column.values, period)
    name, strong = "seasonal strength", strength > STRONG
    return Evidence(column.series, column.output, 0, 0, name, strength, np.nan, strong)


def unit_root_evidence(
    column: Column, values: Array, seasonal: int, most: int, alpha: float
) -> Iterator[tuple[Evidence, Evidence]]:
    """Yield both tests of each order of differencing, until they do not both ask."""
    values = values[-MOST:]
    for order in range(most + 1):
        place = column.series, column.output, seasonal, order
        if values.size < FEWEST or _is_constant(values, column):
            unknown = np.nan, np.nan, False
            yield Evidence(*place, "KPSS", *unknown), Evidence(*place, "ADF", *unknown)
            return
        (level, p_level), (root, p_root) = _kpss(values), _unit_root(values)
        yield (
            Evidence(*place, "KPSS", level, p_level, p_level <= alpha),
            Evidence(*place, "ADF", root, p_root, p_root > alpha),
        )
        if not (p_level <= alpha < p_root):
            return
        values = np.diff(values)


def _is_constant(values: Array, column: Column) -> bool:
    """Say whether only rounding is left of a column after differences were taken."""
    # Of up to three differences, each of which may double the rounding of the values.
    rounding = 16 * np.finfo(float).eps * np.abs(column.values).max()
    return bool(np.ptp(values) <= rounding)


def _seasonal_strength(y: Array, period: int) -> float:
    """Return how much of a series without its trend is season, in [0, 1].

    Of the parts of STL it is 1 - Var(remainder) / Var(season + remainder).
    """
    from statsmodels.tsa.seasonal import STL

    parts = STL(y, period=period, seasonal=SEASONAL_WINDOW).fit()
    left, detrended = np.var(parts.resid), np.var(parts.seasonal + parts.resid)
    return max(0.0, float(1 - left / detrended)) if detrended > 0 else 0.0


def _kpss(y: Array) -> tuple[float, float]:
    """Return the statistic of KPSS and its p-value, which lies in [0.01, 0.1].

    A small one speaks against a stationary series. The lags are those that R's ndiffs
    takes: more of them cost so much power that one random walk in four passes.
    """
    from statsmodels.tsa import stattools

    lags = int(3 * np.sqrt(y.size) / 13)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the ends of the table of p-values
        statistic, p_value, *_ = stattools.kpss(y, regression="c", nlags=lags)
    return float(statistic), float(p_value)


def _unit_root(y: Array) -> tuple[float, float]:
    """Return the statistic of the augmented Dickey-Fuller test, and its p-value.

    A small one speaks against a unit root. The AIC chooses the lags. A series that
    follows a recursion with a unit root exactly has a p-value of 1: its statistic would
    be one rounding error over another.
    """
    from statsmodels.tsa.stattools import adfuller

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of series that follow a recursion exactly
        statistic, p_value, *_, store = adfuller(
            y, regression="c", autolag="AIC", regresults=True
        )
    changes, seen = store.resols.model.endog, store.resols.model.exog[:, 1:]
    told = seen @ np.linalg.lstsq(seen, changes)[0]  # without the level
    if np.linalg.norm(changes - told) <= EXACT * np.linalg.norm(changes):
        return np.nan, 1.0
    return float(statistic), float(p_value)
