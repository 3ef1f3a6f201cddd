"""Orders of differencing: of simulated series whose orders are known, and the tests."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from seqest.datasets import load_airline
from seqest.forecasting import suggest_differencing

Array = NDArray[np.float64]
N_CASES = 40


def white(rng: np.random.Generator, n: int = 200) -> Array:
    return rng.standard_normal(n)


def random_walk(rng: np.random.Generator, n: int = 200) -> Array:
    return np.cumsum(rng.standard_normal(n))


def twice_integrated(rng: np.random.Generator) -> Array:
    return np.cumsum(random_walk(rng))


def autoregression(rng: np.random.Generator) -> Array:
    y = rng.standard_normal(300)
    for t in range(1, 300):
        y[t] += 0.5 * y[t - 1]
    return y[100:]


def seasonal_walk(rng: np.random.Generator) -> Array:
    y = rng.standard_normal(240)
    for t in range(12, 240):
        y[t] += y[t - 12]
    return y


def walk_of_seasons(rng: np.random.Generator) -> Array:
    """(1 - B)(1 - B¹²) y(t) = e(t)"""
    return np.cumsum(seasonal_walk(rng))


def orders(simulate: Callable[[np.random.Generator], Array], period: int | None) -> Any:
    """Return the orders suggested for series of many seeds, shape (n, 2)."""
    found = [
        suggest_differencing(simulate(np.random.default_rng(s)), seasonal_period=period)
        for s in range(N_CASES)
    ]
    return np.array([(f.differencing, f.seasonal_differencing) for f in found])


# Of random walks of 200 rows Dickey-Fuller keeps a unit root in 95 %, by its level, and
# KPSS finds 98 %; of the autoregressions it takes 14 % for walks, Dickey-Fuller next to
# none. So both are right in nine of ten or more: at least 80 % of 40 cases are.
@pytest.mark.parametrize(
    ("simulate", "period", "expected"),
    [
        (white, None, (0, 0)),
        (autoregression, None, (0, 0)),
        (random_walk, None, (1, 0)),
        (twice_integrated, None, (2, 0)),
        (autoregression, 12, (0, 0)),
        (random_walk, 12, (1, 0)),
        (seasonal_walk, 12, (0, 1)),
        (walk_of_seasons, 12, (1, 1)),
    ],
)
def test_simulated_series_are_differenced_as_they_were_summed(
    simulate: Any, period: int | None, expected: tuple[int, int]
) -> None:
    right = (orders(simulate, period) == expected).all(axis=1)
    assert right.mean() >= 0.8


def test_the_logarithm_of_the_airline_series_takes_one_difference_of_each_kind() -> (
    None
):
    found = suggest_differencing(np.log(load_airline()), seasonal_period=12)
    assert (found.differencing, found.seasonal_differencing) == (1, 1)
    table = found.table
    assert table["test"].tolist() == ["seasonal strength", *["KPSS", "ADF"] * 2]
    assert table["differencing"].tolist() == [0, 0, 0, 1, 1]
    assert table["seasonal_differencing"].tolist() == [0, 1, 1, 1, 1]
    assert table["asks"].tolist() == [True, True, True, False, False]
    words = "differencing=1, seasonal_differencing=1, seasonal_period=12"
    assert repr(found) == f"DifferencingSuggestion({words})"
    assert ", ".join(f"{k}={v}" for k, v in found.parameters.items()) == words


@pytest.mark.parametrize("n_rows", [60, 250])
def test_kpss_is_the_sum_of_squared_partial_sums(n_rows: int) -> None:
    y = white(np.random.default_rng(0), n_rows)
    e = y - y.mean()
    long_run = e @ e / n_rows
    n_lags = int(3 * np.sqrt(n_rows) / 13)
    for lag in range(1, n_lags + 1):
        weight = 1 - lag / (n_lags + 1)
        long_run += 2 * weight * (e[lag:] @ e[:-lag]) / n_rows
    expected = (np.cumsum(e) ** 2).sum() / (n_rows**2 * long_run)
    table = suggest_differencing(y).table.set_index("test")
    np.testing.assert_allclose(table.loc["KPSS", "statistic"], expected)


def test_adf_is_the_t_statistic_of_the_level_at_one_of_its_lags() -> None:
    y = random_walk(np.random.default_rng(1))
    d, possible = np.diff(y), []
    for n_lags in range(15):
        rows = np.arange(n_lags, d.size)
        H = np.column_stack([np.ones(rows.size), y[rows]])
        H = np.column_stack([H, *(d[rows - k] for k in range(1, n_lags + 1))])
        weights = np.linalg.lstsq(H, d[rows], rcond=None)[0]
        e = d[rows] - H @ weights
        spread = e @ e / (rows.size - H.shape[1]) * np.linalg.inv(H.T @ H)[1, 1]
        possible.append(weights[1] / np.sqrt(spread))
    table = suggest_differencing(y).table.query("differencing == 0").set_index("test")
    # The two solve the same regression by other factorizations.
    distance = np.abs(np.array(possible) - table.loc["ADF", "statistic"])
    assert distance.min() < 1e-8


@pytest.mark.parametrize("noise", [0.3, 1.0, 3.0])
def test_the_strength_is_the_share_of_the_season_in_the_detrended(noise: float) -> None:
    rng = np.random.default_rng(2)
    t = np.arange(1200)
    season = np.tile(rng.permutation(np.linspace(-1, 1, 12)), 100)
    y = season / season.std() + noise * rng.standard_normal(1200) + 0.01 * t
    table = suggest_differencing(y, seasonal_period=12).table
    # STL lets the season change, and so takes up to a quarter of the noise for season.
    taken = 0.25
    least, most = 1 / (1 + noise**2), (1 + taken * noise**2) / (1 + noise**2)
    assert least - 0.05 < table["statistic"].iloc[0] < most + 0.05


def test_of_long_series_the_last_rows_are_tested() -> None:
    noise = np.random.default_rng(0).normal(size=12_000)
    y = np.concatenate([noise[:2_000], np.cumsum(noise[2_000:])])
    found, last = suggest_differencing(y), suggest_differencing(y[-10_000:])
    assert found.differencing == last.differencing == 1
    pd.testing.assert_frame_equal(found.table, last.table)


def test_what_follows_a_rule_exactly_is_differenced_until_it_is_constant() -> None:
    t = np.arange(120.0)
    for y, period, expected in (
        (np.full(120, 7.3), 12, (0, 0)),
        (1e6 + 0.1 * t, None, (1, 0)),
        (t**2, None, (2, 0)),
        (np.tile(np.sin(t[:12]), 10), 12, (0, 1)),
        (t % 12 + 0.37 * t, 12, (0, 1)),
    ):
        found = suggest_differencing(y, seasonal_period=period)
        assert (found.differencing, found.seasonal_differencing) == expected
        last = found.table.iloc[-2:]
        assert last["statistic"].isna().all()
        assert not last["asks"].any()


def test_no_more_differences_are_taken_than_allowed() -> None:
    y = twice_integrated(np.random.default_rng(3))
    assert [
        suggest_differencing(y, max_differencing=most).differencing for most in range(4)
    ] == [0, 1, 2, 2]


def test_most_series_of_a_panel_decide() -> None:
    rng = np.random.default_rng(4)
    series = [random_walk(rng), white(rng), random_walk(rng), white(rng, 4)]
    lengths = [len(y) for y in series]
    groups = np.repeat(list("abcd"), lengths)
    found = suggest_differencing(np.concatenate(series), groups=groups)
    single = [suggest_differencing(y).differencing for y in series[:3]]
    assert single == [1, 0, 1]
    assert found.differencing == 1
    assert set(found.table["series"]) == {"a", "b", "c"}  # of d there is too little
    both = suggest_differencing(np.concatenate(series[:2]), groups=groups[:400])
    assert both.differencing == 0


def test_rows_of_a_panel_may_be_interleaved_and_outputs_named() -> None:
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"flow": random_walk(rng, 150), "noise": white(rng, 150)})
    days = pd.date_range("2020-01-01", periods=150)
    apart = pd.concat({"a": table.set_index(days), "b": 2 * table.set_index(days)})
    together = suggest_differencing(apart.sort_index(level=1)).table
    pd.testing.assert_frame_equal(together, suggest_differencing(apart).table)
    assert together["output"].unique().tolist() == ["flow", "noise"]
    # Neither test depends on the scale.
    a, b = (together[together["series"] == name] for name in "ab")
    np.testing.assert_allclose(a["statistic"], b["statistic"])


def test_statsmodels_warnings_stay_inside() -> None:
    suggest_differencing(random_walk(np.random.default_rng(6)))  # imports it
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for y in (random_walk(np.random.default_rng(6)), np.arange(50.0) % 5):
            suggest_differencing(y, seasonal_period=5)
    assert caught == []


Y = white(np.random.default_rng(7), 60)


@pytest.mark.parametrize(
    ("y", "parameters", "words"),
    [
        (Y[:9], {}, "of at least 10 rows"),
        (
            Y,
            {"seasonal_period": 31},
            "at least 62 rows. It follows from seasonal_perio",
        ),
        (np.append(Y, np.nan), {}, "without NaN"),
        (
            pd.Series(Y, pd.date_range("2020", periods=60)).drop("2020-01-09"),
            {},
            "without a hole in its index",
        ),
        (Y, {"alpha": 0.2}, r"\(alpha=0.2\): must be in \[0.01, 0.1\)"),
        (Y, {"seasonal_period": 1}, "an integer of at least 2"),
        (Y, {"max_differencing": -1}, "an integer of at least 0"),
        (Y, {"groups": [1, 2]}, "groups have 2 rows but y has 60"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_words(
    y: Any, parameters: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        suggest_differencing(y, **parameters)
