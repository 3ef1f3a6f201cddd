"""Whether residuals are free of what the inputs could tell: linearly, and beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc

from seqest._validation import check_flag, check_integer, check_number
from seqest.forecasting.diagnostics._past import past
from seqest.forecasting.diagnostics.whiteness import ljung_box
from seqest.metrics._columns import read_n_lags, varying_columns
from seqest.metrics._series import Series, read_series
from seqest.metrics.correlation import Correlogram, correlogram

__all__ = ["validity_tests"]

Array = NDArray[np.float64]


def validity_tests(
    residuals: Any,
    X: Any,
    *,
    n_lags: int | Literal["auto"] = "auto",
    model_df: int = 0,
    alpha: float = 0.05,
    by_lag: bool = False,
    discard: int = 0,
    groups: Any = None,
) -> pd.DataFrame:
    """Test the validity of a model by correlations of its residuals with inputs.

    Of a NARX or another nonlinear model that missed nothing, the residuals e and the
    inputs u, around their mean, have all of these correlations zero:

    ========  ==============================  ==============================
    test      correlations of                 see, for instance
    ========  ==============================  ==============================
    "e-e"     e(t - k) with e(t), k > 0       a missing output delay
    "u-e"     u(t - k) with e(t)              a missing input delay
    "u2-e"    u²(t - k) with e(t)             missing even powers
    "u2-e2"   u²(t - k) with e²(t)            missing powers, even or odd
    "eu-e"    e(t - k) u(t - k) with e(t),    missing products of noise and
              k > 0                           input
    ========  ==============================  ==============================

    Where noise is not white but was left out of the model on purpose, as in a free run,
    "e-e" fails and the levels of the others no longer hold.

    Parameters
    ----------
    residuals : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        One-step prediction errors, NaN where unknown; best on rows that were not
        learned from.
    X : array-like of shape (n_timesteps, n_features)
        The inputs, in any form an estimator takes.
    n_lags : int or "auto", default="auto"
        The greatest lag; "auto" is 20, or a quarter of the longest series.
    model_df : int, default=0
        As in `whiteness_tests`, for "e-e".
    alpha : float in (0, 1), default=0.05
        The share of correlations outside the bounds where nothing was missed.
    by_lag : bool, default=False
        Whether to return the correlations lag by lag in place of the verdicts.
    discard : int, default=0
        How many rows at the start of each series to leave out, where predictions
        started from rest.
    groups : array-like of shape (n_timesteps,), default=None
        The series each row belongs to.

    Returns
    -------
    DataFrame
        A row for each output, input and test: output, input (missing for "e-e"), test,
        the share of lags inside the bounds (share_inside), and over all lags from 0 on
        a statistic, its degrees of freedom (df) and p_value. The statistic is that of
        Ljung and Box for "e-e", otherwise n R² of a regression on the lags (a Lagrange
        multiplier test), since an input's correlations at several lags are not
        independent. NaN where an input has two values, equally far from its mean, whose
        square is constant.

        With `by_lag` a row for each of their lags: output, input, test, lag,
        correlation, bound (±). Of the input tests there are negative lags, too:
        correlations there say that inputs answer to the output (feedback), and nothing
        against the model.

    Raises
    ------
    ValueError
        If residuals and X do not match, a column of either is constant, or another
        argument is out of its range.

    References
    ----------
    S. A. Billings and W. S. F. Voon (1986), Correlation based model validity tests for
    non-linear models, International Journal of Control 44. On n R²: R. F. Engle (1984),
    Wald, likelihood ratio, and Lagrange multiplier tests in econometrics, Handbook of
    Econometrics 2.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.forecasting import validity_tests
    >>> rng = np.random.default_rng(0)
    >>> u, e = rng.standard_normal((2, 500))
    >>> e[2:] += 0.5 * u[:-2] ** 2  # what the model missed
    >>> tests = validity_tests(e, u[:, None])
    >>> print(tests[tests["p_value"] < 0.001]["test"].tolist())
    ['u2-e', 'u2-e2']
    """
    owner = "validity_tests"
    model_df = check_integer(owner, "model_df", model_df, 0)
    alpha = check_number(owner, "alpha", alpha, "(0, 1)")
    by_lag = check_flag(owner, "by_lag", by_lag)
    series = read_series(owner, X, groups, residuals=residuals)
    last = read_n_lags(owner, n_lags, series, least=1)
    residuals = series.without_first(owner, series.tables[0], discard)
    errors = varying_columns(owner, "residuals", residuals)
    varying_columns(owner, "X", series.X)
    rows: list[tuple[Any, ...]] = []
    for pair in _pairs(series, errors):
        found = pair.correlogram(series, last)
        bounds = found.bounds(alpha)
        if by_lag:
            by = zip(found.lags, found.values, bounds, strict=True)
            rows += [(*pair.names, *row) for row in by]
        else:
            verdict = pair.verdict(series, found, last, model_df)
            rows.append((*pair.names, _share_inside(found, bounds), *verdict))
    columns = "output input test share_inside statistic df p_value"
    if by_lag:
        columns = "output input test lag correlation bound"
    return pd.DataFrame(rows, columns=columns.split())


@dataclass(frozen=True)
class Pair:
    """Two series whose correlations are to vanish.

    Attributes
    ----------
    names : tuple
        Output, input and test.
    x, e : ndarray of shape (n_rows,)
        What comes first, and the residuals or their squares.
    """

    names: tuple[str, str | None, str]
    x: Array
    e: Array

    @property
    def past_only(self) -> bool:
        """Whether lag 0 says nothing: both hold the residuals themselves."""
        return self.names[2] in ("e-e", "eu-e")

    def correlogram(self, series: Series, last: int) -> Correlogram:
        """Return the correlations up to a lag."""
        lags = np.arange(1 if self.past_only else -last, last + 1)
        return correlogram(self.x, self.e, lags, series.stretches)

    def verdict(
        self, series: Series, found: Correlogram, last: int, model_df: int
    ) -> tuple[float, int, float]:
        """Return statistic, degrees of freedom and p-value over all lags."""
        if self.names[2] == "e-e":
            statistic, p_value = ljung_box(found, model_df)
            return float(statistic[-1]), last - model_df, float(p_value[-1])
        lags = (tuple(range(int(self.past_only), last + 1)),)
        H = past(self.x[:, np.newaxis], series.sequences.offsets, lags)
        return lagrange_multiplier(H, self.e)


def _pairs(series: Series, errors: Array) -> Iterator[Pair]:
    inputs = series.X - series.X.mean(axis=0)
    for output, e in zip(series.names[1], errors, strict=True):
        yield Pair((output, None, "e-e"), e, e)
        for name, u in zip(series.names[0], inputs.T, strict=True):
            square = u**2
            # Of two values equally far from their mean squares differ by rounding.
            if np.ptp(square) <= 1e-9 * square.max():
                square = np.zeros_like(u)
            yield Pair((output, name, "u-e"), u, e)
            yield Pair((output, name, "u2-e"), square, e)
            yield Pair((output, name, "u2-e2"), square, e**2)
            yield Pair((output, name, "eu-e"), e * u, e)


def _share_inside(found: Correlogram, bounds: Array) -> float:
    """Return the share of lags from 0 on whose correlation is within its bounds."""
    counts = (found.lags >= 0) & ~np.isnan(found.values)
    inside = np.abs(found.values[counts]) <= bounds[counts]
    return float(inside.mean()) if inside.size else np.nan


def lagrange_multiplier(H: Array, e: Array) -> tuple[float, int, float]:
    """Return n R² of a regression of e on H, its degrees of freedom and p-value."""
    known = ~(np.isnan(H).any(axis=1) | np.isnan(e))
    if known.sum() <= H.shape[1] + 1:
        return np.nan, 0, np.nan
    H, e = H[known] - H[known].mean(axis=0), e[known] - e[known].mean()
    weights, _, rank, _ = np.linalg.lstsq(H, e, rcond=None)
    explained = H @ weights
    if rank == 0 or np.ptp(e) == 0:
        return np.nan, 0, np.nan
    statistic = e.size * (explained @ explained) / (e @ e)
    return float(statistic), int(rank), float(chdtrc(rank, statistic))
