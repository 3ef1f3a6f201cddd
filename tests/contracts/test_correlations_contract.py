"""What holds for every correlation along time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.contracts.tables.correlations import TABLE

Correlation = Callable[..., Any]

every_correlation = pytest.mark.parametrize("found", TABLE.values(), ids=TABLE.keys())

# Sums in another order; the values are at most one.
ROUNDING = {"rtol": 0, "atol": 1e-12}


def walk(seed: int = 0, n_timesteps: int = 60) -> Any:
    """Return a series that remembers, around an offset that is no longer small."""
    noise = np.random.default_rng(seed).standard_normal(n_timesteps)
    return 5.0 + np.convolve(noise, [1.0, 0.8, 0.3], "same")


@every_correlation
def test_no_correlation_is_beyond_one(found: Correlation) -> None:
    for seed in range(20):
        y = walk(seed, 12)
        y[seed % 12] = np.nan
        assert np.abs(found(y, 11)).max() <= 1 + 1e-12  # rounding


@every_correlation
def test_forms_of_one_series_count_alike(found: Correlation) -> None:
    y = walk()
    expected = found(y, 5)
    days = pd.date_range("2024-01-01", periods=60)
    for form in (y[:, None], pd.Series(y), pd.Series(y, days), pd.DataFrame({"a": y})):
        np.testing.assert_array_equal(found(form, 5), expected)


@every_correlation
def test_the_argument_is_not_written_to(found: Correlation) -> None:
    y = walk()
    y[4] = np.nan
    kept = y.copy()
    y.flags.writeable = False
    found(y, 5)
    np.testing.assert_array_equal(y, kept)


@every_correlation
def test_no_pair_is_of_two_series(found: Correlation) -> None:
    a, b = walk(0), walk(1, 40)
    apart = np.concatenate([a, np.full(9, np.nan), b])  # no lag of 8 reaches over it
    groups = ["a"] * 60 + ["b"] * 40
    together = np.concatenate([a, b])
    expected = found(apart, 8)
    np.testing.assert_allclose(found(together, 8, groups=groups), expected, **ROUNDING)
    assert np.abs(found(together, 8) - expected).max() > 1e-4


@every_correlation
def test_rows_of_series_may_be_interleaved(found: Correlation) -> None:
    a, b = walk(0, 50), walk(1, 50)
    groups = np.repeat([7, 3], 50)
    expected = found(np.concatenate([a, b]), 8, groups=groups)
    mixed = np.column_stack([a, b]).ravel()
    values = found(mixed, 8, groups=np.tile([7, 3], 50))
    np.testing.assert_allclose(values, expected, **ROUNDING)


@every_correlation
def test_a_multiindex_names_the_series(found: Correlation) -> None:
    y = walk()
    index = pd.MultiIndex.from_product([["a", "b"], range(30)])
    expected = found(y, 8, groups=np.repeat(["a", "b"], 30))
    np.testing.assert_array_equal(found(pd.Series(y, index), 8), expected)


@every_correlation
def test_no_pair_reaches_over_a_hole_in_time(found: Correlation) -> None:
    y = pd.Series(walk(), pd.date_range("2024-01-01", periods=60, freq="h"))
    holed = y.drop(y.index[20:30])
    np.testing.assert_allclose(found(holed, 5), found(holed.asfreq("h"), 5), **ROUNDING)


@every_correlation
@pytest.mark.parametrize(
    ("y", "n_lags", "words"),
    [
        (walk(), 60, "n_lags=60.*less than 60"),
        (walk(), -1, "n_lags=-1.*at least 0"),
        (np.full(9, 2.0), 1, "varying"),
        (np.full(9, np.nan), 1, "NaN in every row"),
        (np.append(walk(), np.inf), 1, "infinity"),
        (np.ones((9, 2)), 1, "one-dimensional.*one by one"),
        (np.ones((9, 2, 2)), 1, "one or two dimensions"),
        (pd.Series(walk())[::-1], 1, "does not increase.*shuffle=False"),
    ],
)
def test_what_has_no_correlations_is_refused_in_words(
    found: Correlation, y: Any, n_lags: int, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        found(y, n_lags)


@every_correlation
def test_groups_of_another_length_are_refused(found: Correlation) -> None:
    with pytest.raises(ValueError, match=r"groups have 3 rows but \w has 60"):
        found(walk(), 5, groups=[1, 1, 2])
