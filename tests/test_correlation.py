"""Correlations along time against statsmodels, loops and each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.stattools import acf, ccf

from seqest.metrics import autocorrelation, cross_correlation
from seqest.metrics.correlation import correlogram

RNG = np.random.default_rng(0)
Y = RNG.standard_normal(80).cumsum()
X = np.roll(Y, -2) + RNG.standard_normal(80)

# Sums in another order; the values are at most one.
ROUNDING = {"rtol": 0, "atol": 1e-12}


def test_autocorrelations_are_those_of_statsmodels() -> None:
    expected = acf(Y, nlags=30, fft=False)
    np.testing.assert_allclose(autocorrelation(Y, 30), expected, **ROUNDING)


def test_pairs_with_unknown_values_drop_out_as_in_statsmodels() -> None:
    holed = Y.copy()
    holed[[3, 4, 40]] = np.nan
    expected = acf(holed, nlags=30, fft=False, missing="conservative")
    np.testing.assert_allclose(autocorrelation(holed, 30), expected, **ROUNDING)


def test_cross_correlations_are_those_of_statsmodels_on_both_sides() -> None:
    found = cross_correlation(X, Y, 30)
    later = ccf(Y, X, adjusted=False)[:31]  # theirs has y(t + k) x(t)
    earlier = ccf(X, Y, adjusted=False)[:31]
    np.testing.assert_allclose(found[30:], later, **ROUNDING)
    np.testing.assert_allclose(found[30::-1], earlier, **ROUNDING)


def test_an_input_that_works_three_rows_later_stands_out_at_lag_three() -> None:
    u = np.random.default_rng(1).standard_normal(200)
    y = np.concatenate([np.zeros(3), u[:-3]])
    assert cross_correlation(u, y, 10).argmax() - 10 == 3


def test_unknown_values_of_two_series_drop_their_own_pairs_only() -> None:
    x, y = X[:9].copy(), Y[:9].copy()
    x[[2, 5]], y[[5, 6]] = np.nan, np.nan
    a, b = x - np.nanmean(x), y - np.nanmean(y)
    size = np.sqrt(np.nansum(a**2) * np.nansum(b**2))
    expected = [
        np.nansum([a[t - k] * b[t] for t in range(9) if 0 <= t - k < 9]) / size
        for k in range(-4, 5)
    ]
    np.testing.assert_allclose(cross_correlation(x, y, 4), expected, **ROUNDING)


def test_series_of_two_indexes_are_refused() -> None:
    x, y = pd.Series(X), pd.Series(Y, index=np.arange(80) + 1)
    with pytest.raises(ValueError, match="y has another index than x"):
        cross_correlation(x, y, 3)
    with pytest.raises(ValueError, match="y has 79 rows but x has 80"):
        cross_correlation(X, Y[1:], 3)


def test_an_offset_of_a_million_costs_no_digits_that_count() -> None:
    # 1e6 leaves 1e-10 of a unit's digits; the values are of size one.
    found = cross_correlation(X + 1e6, Y - 1e6, 9)
    np.testing.assert_allclose(found, cross_correlation(X, Y, 9), rtol=0, atol=1e-8)


def test_white_series_exceed_the_bounds_as_often_as_asked() -> None:
    outside = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x, y = rng.standard_normal((2, 120))
        y[rng.integers(0, 120, 20)] = np.nan
        groups = np.repeat(np.arange(6), 20)  # short: lag 9 has half of the pairs
        found = correlogram(x, y, np.arange(10), groups)
        outside.append(np.abs(found.values) > found.bounds(0.1))
    # Of 2000, 10 %: a standard deviation of 0.7 %, of which three are allowed; the
    # correlations of a short series are a little less than normal at the ends.
    assert np.mean(outside) == pytest.approx(0.1, abs=0.022)
