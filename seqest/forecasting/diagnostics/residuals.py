"""Whether residuals are what intervals and forecasts take them for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from seqest._compile import one_blas_thread
from seqest._validation import check_integer
from seqest.forecasting.diagnostics._apart import Column, columns_apart
from seqest.forecasting.diagnostics._past import past
from seqest.forecasting.diagnostics.validity import lagrange_multiplier
from seqest.forecasting.diagnostics.whiteness import ljung_box
from seqest.metrics._columns import read_n_lags, varying_columns
from seqest.metrics._series import read_series
from seqest.metrics.correlation import correlogram

__all__ = ["residual_diagnostics"]

Array = NDArray[np.float64]
Verdict = tuple[float, float, float]  # statistic, degrees of freedom, p-value

UNKNOWN: Verdict = (np.nan, np.nan, np.nan)


def residual_diagnostics(
    residuals: Any,
    *,
    n_lags: int | Literal["auto"] = "auto",
    model_df: int = 0,
    discard: int = 0,
    groups: Any = None,
) -> pd.DataFrame:
    """Test the residuals of each series by Ljung-Box, Jarque-Bera, ARCH and a t-test.

    ============  ===================================  ==============================
    test          holds where residuals are            a small p-value says
    ============  ===================================  ==============================
    mean zero     around zero                          forecasts are biased
    Ljung-Box     uncorrelated in time                 their past would help to
                                                       forecast: longer lags, a season
    ARCH          equally variable at all times        intervals are at times too wide
                                                       and at times too narrow
    Jarque-Bera   normal                               normal intervals mislead: take
                                                       bootstrapped or conformal ones
    ============  ===================================  ==============================

    Parameters
    ----------
    residuals : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        One-step prediction errors, NaN where unknown; best on rows that were not
        learned from.
    n_lags : int or "auto", default="auto"
        The greatest lag of Ljung-Box and ARCH; "auto" is 20, or a quarter of the
        longest series. Raising it finds later structure, all of it less surely.
    model_df : int, default=0
        As in `whiteness_tests`, for Ljung-Box.
    discard : int, default=0
        How many rows at the start of each series to leave out, where predictions
        started from rest.
    groups : array-like of shape (n_timesteps,), default=None
        The series each row belongs to. `whiteness_tests` judges all series as one.

    Returns
    -------
    DataFrame
        A row for each series, output and test, with statistic, degrees of freedom (df)
        and p_value. NaN where a series is constant or too short for a test.

    Raises
    ------
    ValueError
        If residuals hold inf or an output is constant in all series, or another
        argument is out of its range.

    References
    ----------
    G. M. Ljung and G. E. P. Box (1978), On a measure of lack of fit in time series
    models, Biometrika 65. C. M. Jarque and A. K. Bera (1980), Efficient tests for
    normality, homoscedasticity and serial independence of regression residuals,
    Economics Letters 6. R. F. Engle (1982), Autoregressive conditional
    heteroscedasticity, Econometrica 50, on n R² of a regression of squares on their
    lags.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.forecasting import residual_diagnostics
    >>> heavy = np.random.default_rng(0).standard_t(3, 500)
    >>> tests = residual_diagnostics(heavy).set_index("test")
    >>> tests.index[tests["p_value"] < 0.001].tolist()
    ['Jarque-Bera']
    """
    owner = "residual_diagnostics"
    model_df = check_integer(owner, "model_df", model_df, 0)
    series = read_series(owner, None, groups, residuals=residuals)
    last = read_n_lags(owner, n_lags, series, least=1)
    table = series.without_first(owner, series.tables[0], discard)
    varying_columns(owner, "residuals", table)
    with one_blas_thread():  # the regressions are many, and small
        rows = [
            (column.series, column.output, test, *verdict)
            for column in columns_apart(series, table)
            for test, verdict in _verdicts(column, last, model_df)
        ]
    columns = "series output test statistic df p_value"
    return pd.DataFrame(rows, columns=columns.split())


def _verdicts(
    column: Column, last: int, model_df: int
) -> Iterator[tuple[str, Verdict]]:
    known = column.values[~np.isnan(column.values)]
    vary = known.size > 1 and np.ptp(known) > 0
    yield "mean zero", _mean_zero(known) if vary else UNKNOWN
    yield "Ljung-Box", _white(column, last, model_df) if vary else UNKNOWN
    yield "ARCH", _equally_variable(column, last) if vary else UNKNOWN
    yield "Jarque-Bera", _normal(known) if vary else UNKNOWN


def _mean_zero(known: Array) -> Verdict:
    statistic, p_value = stats.ttest_1samp(known, 0.0)
    return float(statistic), float(known.size - 1), float(p_value)


def _white(column: Column, last: int, model_df: int) -> Verdict:
    stretches = np.repeat(np.arange(column.offsets.size - 1), np.diff(column.offsets))
    lags = np.arange(1, min(last, column.values.size - 1) + 1)
    found = correlogram(column.values, column.values, lags, stretches)
    if lags.size < last or found.n_pairs[-1] == 0 or last <= model_df:
        return UNKNOWN
    statistic, p_value = ljung_box(found, model_df)
    return float(statistic[-1]), float(last - model_df), float(p_value[-1])


def _equally_variable(column: Column, last: int) -> Verdict:
    squares = column.values**2
    H = past(squares[:, np.newaxis], column.offsets, (tuple(range(1, last + 1)),))
    verdict = lagrange_multiplier(H, squares)
    return UNKNOWN if np.isnan(verdict[0]) else verdict


def _normal(known: Array) -> Verdict:
    found = stats.jarque_bera(known)
    return float(found.statistic), 2.0, float(found.pvalue)
