"""Tests of residuals: their levels where nothing was missed, and what they see."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa.stattools import acf, ccf

from seqest.forecasting import validity_tests, whiteness_tests
from tests.forecasting.systems import arx, noisy_input

Array = NDArray[np.float64]

# Sums in another order.
ROUNDING = 1e-10
TESTS = ["e-e", "u-e", "u2-e", "u2-e2", "eu-e"]


def few(count: float, share: float, n_cases: int) -> bool:
    """Say whether a count of a binomial law is within three standard deviations."""
    return abs(count - share * n_cases) <= 3 * np.sqrt(n_cases * share * (1 - share))


def failed(residuals: Any, X: Any, level: float = 1e-3) -> set[str]:
    tests = validity_tests(residuals, X)
    return set(tests["test"][tests["p_value"] < level])


def one_step_misses(X: Array, y: Array, inputs: list[int], outputs: list[int]) -> Array:
    """Return the residuals of a linear model of these delays, fitted on the rows."""
    last = max([*inputs, *outputs])
    columns = [np.ones(len(y) - last)]
    columns += [X[last - k : len(y) - k, 0] for k in inputs]
    columns += [y[last - k : len(y) - k] for k in outputs]
    H = np.column_stack(columns)
    return np.asarray(y[last:] - H @ np.linalg.lstsq(H, y[last:], rcond=None)[0])


@pytest.mark.parametrize("model_df", [0, 3])
def test_statistics_are_those_of_statsmodels(model_df: int) -> None:
    e = np.random.default_rng(0).standard_normal(150)
    found = whiteness_tests(e, n_lags=12, model_df=model_df)
    expected = acorr_ljungbox(e, lags=12, model_df=model_df)
    np.testing.assert_array_equal(found["lag"], np.arange(1, 13))
    np.testing.assert_allclose(found["autocorrelation"], acf(e, nlags=12)[1:])
    np.testing.assert_allclose(found["statistic"], expected["lb_stat"], rtol=ROUNDING)
    np.testing.assert_allclose(found["p_value"], expected["lb_pvalue"], rtol=1e-8)
    assert found["p_value"].isna().sum() == model_df


@pytest.mark.parametrize("groups", [None, np.repeat(np.arange(8), 25)])
def test_white_residuals_fail_as_rarely_as_the_level_says(groups: Any) -> None:
    n_cases, flagged, outside = 200, 0, []
    for seed in range(n_cases):
        e = np.random.default_rng(seed).standard_normal(200)
        e[seed % 200] = np.nan
        found = whiteness_tests(e, n_lags=10, groups=groups)
        flagged += found["p_value"].iloc[-1] < 0.05
        outside.append(np.mean(np.abs(found["autocorrelation"]) > found["bound"]))
    assert few(flagged, 0.05, n_cases)
    assert few(np.sum(outside) * 10, 0.05, n_cases * 10)


def test_residuals_of_a_fit_need_its_degrees_of_freedom() -> None:
    naive, adjusted, n_cases = 0, 0, 200
    for seed in range(n_cases):
        X, y = arx(seed, {1: 0.5, 2: 0.3, 3: -0.2}, {}, n_timesteps=300)
        e = one_step_misses(X, y, [], [1, 2, 3])
        naive += whiteness_tests(e, n_lags=6)["p_value"].iloc[-1] < 0.05
        found = whiteness_tests(e, n_lags=6, model_df=3)
        adjusted += found["p_value"].iloc[-1] < 0.05
    assert few(adjusted, 0.05, n_cases)
    assert naive < 0.01 * n_cases  # chi-squared of 3, held against that of 6


def test_a_missing_output_delay_is_seen() -> None:
    for seed in range(20):
        X, y = arx(seed, {1: 0.5, 2: 0.4}, {1: 1.0})
        tests = whiteness_tests(one_step_misses(X, y, [1], [1]))
        assert tests["p_value"].iloc[-1] < 0.01


def test_each_output_is_tested_by_itself() -> None:
    e = np.random.default_rng(0).standard_normal((100, 2))
    e[:, 1] = e[:, 1].cumsum()
    frame = pd.DataFrame(e, columns=["level", "heat"])
    found = whiteness_tests(frame, n_lags=5)
    assert found["output"].tolist() == ["level"] * 5 + ["heat"] * 5
    heat = found[found["output"] == "heat"].reset_index(drop=True)
    alone = whiteness_tests(frame["heat"], n_lags=5)
    pd.testing.assert_frame_equal(heat, alone)
    assert set(whiteness_tests(e, n_lags=5)["output"]) == {"y0", "y1"}


def test_no_lags_reach_over_a_hole_in_time() -> None:
    days = pd.date_range("2024-01-01", periods=120)
    e = pd.Series(np.random.default_rng(1).standard_normal(120), days)
    holed = e.drop(days[40:60])
    pd.testing.assert_frame_equal(
        whiteness_tests(holed, n_lags=8), whiteness_tests(holed.asfreq("D"), n_lags=8)
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"residuals": None}, "residuals=None"),
        ({"residuals": np.zeros(50)}, "residuals=.*varying"),
        ({"residuals": [1.0, np.inf, 0.0]}, "infinity"),
        ({"residuals": np.full(50, np.nan)}, "residuals has NaN in every row"),
        ({"n_lags": 50}, "n_lags=50.*less than 50"),
        ({"n_lags": 0}, "n_lags=0.*at least 1"),
        ({"model_df": -1}, "model_df=-1"),
        ({"alpha": 1.0}, r"alpha=1.0.*\(0, 1\)"),
        ({"groups": [1, 2]}, "groups have 2 rows but residuals has 50"),
    ],
)
def test_what_cannot_be_tested_for_whiteness_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    e = np.random.default_rng(0).standard_normal(50)
    with pytest.raises(ValueError, match=words):
        whiteness_tests(**{"residuals": e, **change})


def test_where_nothing_was_missed_every_test_fails_as_rarely_as_its_level_says() -> (
    None
):
    n_cases, n_lags = 200, 8
    flagged: Counter[str] = Counter()
    for seed in range(n_cases):
        rng = np.random.default_rng(seed)
        u, e = noisy_input(rng, 200, 0.8), rng.standard_normal(200)
        tests = validity_tests(e, u[:, None], n_lags=n_lags)
        flagged.update(tests["test"][tests["p_value"] < 0.05])
    for test in TESTS:
        assert few(flagged[test], 0.05, n_cases), test


@pytest.mark.parametrize(
    ("missed", "test"),
    [
        (lambda u, e: 0.5 * np.roll(e, 1), "e-e"),
        (lambda u, e: 0.5 * np.roll(u, 2), "u-e"),
        (lambda u, e: 0.5 * np.roll(u, 2) ** 2, "u2-e"),
        (lambda u, e: 0.5 * np.roll(u, 2) ** 3, "u2-e2"),
        (lambda u, e: 0.6 * np.roll(e * u, 1), "eu-e"),
    ],
    ids=TESTS,
)
def test_what_a_model_missed_is_seen_by_its_test(missed: Any, test: str) -> None:
    for seed in range(20):
        u, e = np.random.default_rng(seed).standard_normal((2, 500))
        assert test not in failed(e, u[:, None])
        assert test in failed(e + missed(u, e), u[:, None])


def test_the_model_of_the_right_delays_passes_and_that_of_wrong_ones_does_not() -> None:
    for seed in range(20):
        X, y = arx(seed, {1: 0.6}, {3: 1.0}, memory=0.5)
        assert not failed(one_step_misses(X, y, [3], [1]), X[3:])
        assert "u-e" in failed(one_step_misses(X, y, [1, 2], [1]), X[2:])


def test_correlations_are_those_of_statsmodels() -> None:
    u, e = np.random.default_rng(3).standard_normal((2, 120)) + 0.5
    found = validity_tests(e, u[:, None], n_lags=6, by_lag=True)
    centred = u - u.mean()
    pairs = {"u-e": (u, e), "u2-e": (centred**2, e), "u2-e2": (centred**2, e**2)}
    for test, (x, z) in pairs.items():
        own = found[found["test"] == test].set_index("lag")["correlation"]
        assert list(own.index) == list(range(-6, 7))
        np.testing.assert_allclose(own.loc[0:], ccf(z, x, adjusted=False)[:7])
        np.testing.assert_allclose(own.loc[0:-6:-1], ccf(x, z, adjusted=False)[:7])
    own = found[found["test"] == "eu-e"].set_index("lag")["correlation"]
    np.testing.assert_allclose(own, ccf(e, e * centred, adjusted=False)[1:7])
    bound = found[found["lag"] == 0]["bound"]
    np.testing.assert_allclose(bound, stats.norm.ppf(0.975) / np.sqrt(120))


def test_the_statistic_is_that_of_a_regression_on_lags() -> None:
    u, e = np.random.default_rng(4).standard_normal((2, 90))
    row = validity_tests(e, u[:, None], n_lags=3).set_index("test").loc["u-e"]
    H = np.column_stack([np.ones(87), *(u[3 - k : 90 - k] for k in range(4))])
    misses = e[3:] - H @ np.linalg.lstsq(H, e[3:], rcond=None)[0]
    statistic = 87 * (1 - misses.var() / e[3:].var())
    assert row["statistic"] == pytest.approx(statistic, rel=ROUNDING)
    assert row["df"] == 4
    assert row["p_value"] == pytest.approx(stats.chi2.sf(statistic, 4), rel=1e-8)


def test_the_share_inside_counts_what_came_before() -> None:
    u = np.random.default_rng(5).standard_normal(400)
    feedback = np.roll(u, -2)  # the input answers to the residual
    tests = validity_tests(feedback, u[:, None], n_lags=9).set_index("test")
    assert tests.loc["u-e", "share_inside"] >= 0.8
    by_lag = validity_tests(feedback, u[:, None], n_lags=9, by_lag=True)
    own = by_lag[by_lag["test"] == "u-e"].set_index("lag")
    assert own["correlation"].idxmax() == -2


def test_a_sine_is_tested_on_the_two_dimensions_it_has() -> None:
    t = np.arange(300)
    e = np.random.default_rng(6).standard_normal(300)
    tests = validity_tests(e, np.sin(0.3 * t)[:, None], n_lags=9).set_index("test")
    assert tests.loc["u-e", "df"] == 2
    assert "u-e" in failed(e + np.sin(0.3 * t), np.sin(0.3 * t)[:, None])


def test_of_a_balanced_binary_input_the_square_says_nothing() -> None:
    u = np.tile([3.0, 3.0, 1.0, 1.0], 25)
    e = np.random.default_rng(7).standard_normal(100)
    tests = validity_tests(e, u[:, None]).set_index("test")
    assert tests.loc[["u2-e", "u2-e2"], "p_value"].isna().all()
    assert tests.loc[["e-e", "u-e", "eu-e"], "p_value"].notna().all()


def test_each_input_and_output_is_tested_by_itself() -> None:
    rng = np.random.default_rng(8)
    X = pd.DataFrame(rng.standard_normal((300, 2)), columns=["valve", "heat"])
    E = rng.standard_normal((300, 2))
    E[1:, 1] += X["heat"].to_numpy()[:-1]
    tests = validity_tests(E, X)
    assert len(tests) == 2 * (1 + 2 * 4)
    u_e = tests[tests["test"] == "u-e"]
    worst = u_e.loc[u_e["p_value"].idxmin()]
    assert (worst["output"], worst["input"]) == ("y1", "heat")


def test_series_are_kept_apart() -> None:
    rng = np.random.default_rng(9)
    X, e = rng.standard_normal((200, 1)), rng.standard_normal(200)
    groups = np.repeat(["a", "b"], 100)
    expected = validity_tests(e, X, groups=groups)
    listed = validity_tests([e[:100], e[100:]], [X[:100], X[100:]])
    pd.testing.assert_frame_equal(listed, expected)
    mixed = np.arange(200).reshape(2, 100).T.ravel()
    found = validity_tests(e[mixed], X[mixed], groups=groups[mixed])
    pd.testing.assert_frame_equal(found, expected)
    assert not validity_tests(e, X).equals(expected)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"residuals": None}, "residuals=None"),
        ({"residuals": np.zeros(50)}, "residuals=.*varying"),
        ({"residuals": np.arange(49.0)}, "residuals has 49 rows but X has 50"),
        ({"X": np.ones((50, 1))}, "X=.*varying"),
        ({"X": np.full((50, 1), np.nan)}, r"X\[0, 0\] is NaN"),
        ({"n_lags": 50}, "n_lags=50.*less than 50"),
        ({"model_df": -1}, "model_df=-1"),
        ({"alpha": 2}, r"alpha=2.*\(0, 1\)"),
    ],
)
def test_what_cannot_be_validated_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    u, e = np.random.default_rng(0).standard_normal((2, 50))
    with pytest.raises(ValueError, match=words):
        validity_tests(**{"residuals": e, "X": u[:, None], **change})


@pytest.mark.parametrize("test", [whiteness_tests, validity_tests])
def test_rows_that_are_discarded_count_for_nothing(test: Any) -> None:
    rng = np.random.default_rng(3)
    e, u = rng.standard_normal(200), rng.standard_normal((200, 1))
    groups = np.repeat(["a", "b"], 100)
    cut = e.copy()
    cut[:5] = cut[100:105] = np.nan
    more = () if test is whiteness_tests else (u,)
    pd.testing.assert_frame_equal(
        test(e, *more, groups=groups, discard=5), test(cut, *more, groups=groups)
    )
    with pytest.raises(ValueError, match=r"discard=100\): must be less than"):
        test(e, *more, groups=groups, discard=100)
