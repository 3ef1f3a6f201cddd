"""Whether residuals are white: free of what their own past could tell."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc

from seqest._validation import check_integer, check_number
from seqest.metrics._columns import read_n_lags, varying_columns
from seqest.metrics._series import read_series
from seqest.metrics.correlation import Correlogram, correlogram

__all__ = ["whiteness_tests"]

Array = NDArray[np.float64]


def whiteness_tests(
    residuals: Any,
    *,
    n_lags: int | Literal["auto"] = "auto",
    model_df: int = 0,
    alpha: float = 0.05,
    discard: int = 0,
    groups: Any = None,
) -> pd.DataFrame:
    r"""Test by Ljung and Box whether residuals are white, lag by lag.

    .. math:: Q_k = n (n + 2) \sum_{j=1}^{k} r_j^2 / m_j

    with n residuals, their autocorrelations r and the number of pairs m, n - j in one
    series without gaps. Of white residuals Q is chi-squared with k degrees of freedom.

    Parameters
    ----------
    residuals : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        One-step prediction errors, NaN where unknown.
    n_lags : int or "auto", default="auto"
        The greatest lag; "auto" is 20, or a quarter of the longest series.
    model_df : int, default=0
        Degrees of freedom that fitting took: of an autoregression with p delays p. For
        residuals on rows that were not learned from it is 0.
    alpha : float in (0, 1), default=0.05
        The share of white residuals' autocorrelations outside the bound.
    discard : int, default=0
        How many rows at the start of each series to leave out, where predictions
        started from rest.
    groups : array-like of shape (n_timesteps,), default=None
        The series each row belongs to.

    Returns
    -------
    DataFrame
        A row for each output and lag: output, lag, autocorrelation, bound (±), the
        statistic of all lags so far, and its p_value, NaN up to lag `model_df`.

    Raises
    ------
    ValueError
        If residuals hold inf or are constant, or another argument is out of its range.

    References
    ----------
    G. M. Ljung and G. E. P. Box (1978), On a measure of lack of fit in time series
    models, Biometrika 65.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.forecasting import whiteness_tests
    >>> white = np.random.default_rng(0).standard_normal(300)
    >>> tests = whiteness_tests(np.cumsum(white), n_lags=2)
    >>> tests["autocorrelation"].round(2).tolist()
    [0.97, 0.94]
    """
    owner = "whiteness_tests"
    model_df = check_integer(owner, "model_df", model_df, 0)
    alpha = check_number(owner, "alpha", alpha, "(0, 1)")
    series = read_series(owner, None, groups, residuals=residuals)
    lags = np.arange(1, read_n_lags(owner, n_lags, series, least=1) + 1)
    frames = []
    known = series.without_first(owner, series.tables[0], discard)
    columns = varying_columns(owner, "residuals", known)
    for name, column in zip(series.names[1], columns, strict=True):
        found = correlogram(column, column, lags, series.stretches)
        statistic, p_value = ljung_box(found, model_df)
        frame = {
            "output": name,
            "lag": lags,
            "autocorrelation": found.values,
            "bound": found.bounds(alpha),
            "statistic": statistic,
            "p_value": p_value,
        }
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames, ignore_index=True)


def ljung_box(found: Correlogram, model_df: int) -> tuple[Array, Array]:
    """Return the statistic of all lags so far, and its p-value."""
    n = found.n_known
    with np.errstate(invalid="ignore"):
        shares = np.where(found.n_pairs > 0, found.values**2 / found.n_pairs, 0.0)
    statistic = n * (n + 2) * np.cumsum(shares)
    freedom = np.arange(1, statistic.size + 1) - model_df
    p_value = chdtrc(np.maximum(freedom, 1), statistic)
    return statistic, np.where(freedom > 0, p_value, np.nan)
