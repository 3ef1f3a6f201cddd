"""Delays that are suggested for systems whose delays are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from statsmodels.tsa.stattools import pacf

from seqest import NARXRegressor, TDNNRegressor
from seqest.forecasting import DelaySuggestion, suggest_delays
from tests.forecasting.systems import arx, noisy_input

OUTPUTS, INPUTS = {1: 1.2, 2: -0.5}, {3: 1.0, 4: 0.5}
METHODS = ["correlation", "search"]


def evidence(suggestion: DelaySuggestion, kind: str) -> Any:
    table = suggestion.table
    return table[table["kind"] == kind].set_index("delay")


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_the_dead_time_of_an_input_is_its_first_delay(memory: float) -> None:
    firsts = []
    for seed in range(30):
        found = suggest_delays(*arx(seed, OUTPUTS, INPUTS, memory=memory), max_delay=10)
        firsts.append(found.input_delays[0])
        assert {1, 2} <= set(found.output_delays)
        assert {3, 4} <= set(found.input_delays)
    # Delays 0 to 2 come first by chance in 5 % · 3/11 of 30 cases: more than 3 never.
    assert firsts.count(3) >= 27


def test_without_prewhitening_a_smooth_input_would_name_earlier_delays() -> None:
    X, y = arx(0, {}, {3: 1.0}, memory=0.95)
    found = suggest_delays(X, y, max_delay=10)
    assert found.input_delays[0] == 3
    raw = np.corrcoef(X[7:-2, 0], y[9:])[0, 1]  # at delay 2
    assert abs(raw) > 0.5
    assert abs(evidence(found, "input")["value"][2]) < 0.2


def test_the_value_of_an_output_delay_is_its_partial_autocorrelation() -> None:
    _, y = arx(1, OUTPUTS, INPUTS)
    values = evidence(suggest_delays(None, y, max_delay=9), "output")["value"]
    expected = pacf(y, nlags=9, method="ldbiased")[1:]
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-10)  # one recursion


def test_a_prewhitened_correlation_is_proportional_to_the_impulse_response() -> None:
    X, y = arx(2, {}, {1: 1.0, 4: -0.5}, memory=0.7, noise=0.1, n_timesteps=4000)
    values = evidence(suggest_delays(X, y, max_delay=8), "input")["value"]
    response = values / values[1]
    expected = [0.0, 1.0, 0.0, 0.0, -0.5, 0.0, 0.0, 0.0, 0.0]
    # The standard deviation of a correlation is 1/√4000 = 0.016.
    np.testing.assert_allclose(response, expected, rtol=0, atol=0.06)


def test_white_noise_is_given_a_delay_as_rarely_as_asked() -> None:
    false_output, false_input, n_cases = 0, 0, 200
    for seed in range(n_cases):
        rng = np.random.default_rng(seed)
        u, y = noisy_input(rng, 200, 0.8), rng.standard_normal(200)
        found = suggest_delays(u[:, None], y, max_delay=15)
        false_output += "y" not in found.weak
        false_input += "x0" not in found.weak
    # 5 % of 200: 10 with a standard deviation of 3.1, of which three are allowed.
    assert 1 <= false_output <= 19
    assert 1 <= false_input <= 19


def test_a_column_without_evidence_is_weak_and_gets_the_least_delay() -> None:
    rng = np.random.default_rng(5)
    found = suggest_delays(rng.standard_normal((200, 1)), rng.standard_normal(200))
    assert (found.input_delays, found.output_delays) == ([0], [1])
    assert found.weak == ("x0", "y")
    assert "No delay of 'x0' stands out." in repr(found)


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_the_search_finds_the_delays_of_a_linear_system(memory: float) -> None:
    exact = 0
    for seed in range(20):
        X, y = arx(seed, OUTPUTS, INPUTS, memory=memory)
        found = suggest_delays(X, y, max_delay=8, method="search")
        assert {1, 2} <= set(found.output_delays)
        assert {3, 4} <= set(found.input_delays)
        exact += (found.output_delays, found.input_delays) == ([1, 2], [3, 4])
    # One standard error lets a superset through in about one case of four.
    assert exact >= 12


def test_the_error_of_a_step_is_that_of_cross_validation() -> None:
    X, y = arx(3, OUTPUTS, INPUTS)
    found = suggest_delays(X, y, max_delay=6, method="search", n_splits=4)
    H, target = [], y[6:]
    for k, row in found.table.iterrows():
        source = X[:, 0] if row["kind"] == "input" else y
        H.append(source[6 - row["delay"] : len(y) - row["delay"]])
        scores = cross_val_score(
            LinearRegression(),
            np.column_stack(H),
            target,
            cv=TimeSeriesSplit(4),
            scoring="neg_mean_squared_error",
        )
        # Least squares by another route.
        assert row["value"] == pytest.approx(-scores.mean() / target.var(), rel=1e-9), k


def test_a_regressor_gives_what_least_squares_gives() -> None:
    X, y = arx(4, OUTPUTS, INPUTS, n_timesteps=150)
    own = suggest_delays(X, y, max_delay=4, method="search", n_splits=4)
    given = suggest_delays(
        X,
        y,
        max_delay=4,
        method="search",
        n_splits=4,
        regressor=LinearRegression(),
    )
    # Least squares by another route.
    pd.testing.assert_frame_equal(own.table, given.table, rtol=1e-8)


def test_a_nonlinear_regressor_finds_what_a_linear_one_hardly_sees() -> None:
    squares = make_pipeline(PolynomialFeatures(2), LinearRegression())
    options: dict[str, Any] = {"max_delay": 4, "method": "search", "n_splits": 4}
    error: dict[str, list[float]] = {"linear": [], "squares": []}
    for seed in range(4):
        X, y = arx(seed, {1: 0.5}, {2: 1.0}, n_timesteps=300, of_input=np.square)
        for name, regressor in (("linear", None), ("squares", squares)):
            found = suggest_delays(X, y, regressor=regressor, **options)
            error[name].append(found.table["value"].min())
        assert found.input_delays[0] == 2
    # Half of the variance is of the square of the input, which is hardly a line.
    assert max(error["squares"]) < 0.4 * min(error["linear"])


def test_several_outputs_share_what_is_searched() -> None:
    u, e = np.random.default_rng(6).standard_normal((2, 400))
    Y = np.zeros((400, 2))
    for t in range(3, 400):
        Y[t] = 0.6 * Y[t - 1, 0] + u[t - 2], -0.7 * Y[t - 3, 1] + 0.3 * e[t]
    found = suggest_delays(u[:, None], Y, max_delay=5, method="search")
    assert found.input_delays == [2]
    assert 1 in found.output_delays[0]
    assert 3 in found.output_delays[1]
    NARXRegressor(2, max_iter=1, tol=1e9, **found.parameters).fit(u[:, None], Y)


@pytest.mark.parametrize("method", METHODS)
def test_each_input_has_delays_of_its_own_by_name(method: Any) -> None:
    a, y = arx(7, {1: 0.6}, {2: 1.0}, n_timesteps=500)
    b = np.random.default_rng(8).standard_normal(500)
    y = y + np.roll(b, 5)
    frame = pd.DataFrame({"valve": a[:, 0], "heat": b})
    found = suggest_delays(frame, y, max_delay=8, method=method)
    assert found.input_delays["valve"][0] == 2
    assert found.input_delays["heat"][0] == 5
    assert set(suggest_delays(frame.to_numpy(), y).input_delays) == {0, 1}
    model = NARXRegressor(2, max_iter=1, tol=1e9, **found.parameters)
    assert model.fit(frame, y).input_delays_[0] == tuple(found.input_delays["valve"])
    TDNNRegressor(2, max_iter=1, tol=1e9, delays=found.input_delays).fit(frame, y)


@pytest.mark.parametrize("method", METHODS)
def test_no_delay_reaches_into_another_series(method: Any) -> None:
    pairs = [arx(seed, OUTPUTS, INPUTS, n_timesteps=100) for seed in range(5)]
    X, y = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    groups = np.repeat(list("abcde"), 100)
    y += 10 * np.repeat(np.arange(5) % 2, 100)
    expected = suggest_delays(X, y, groups=groups, max_delay=8, method=method).table
    index = pd.MultiIndex.from_arrays([groups, np.tile(np.arange(100), 5)])
    framed = suggest_delays(
        pd.DataFrame(X, index, ["x0"]), pd.Series(y, index), max_delay=8, method=method
    )
    pd.testing.assert_frame_equal(framed.table, expected)
    listed = [list(np.split(values, 5)) for values in (X, y)]
    found = suggest_delays(*listed, max_delay=8, method=method).table
    pd.testing.assert_frame_equal(found, expected)
    glued = suggest_delays(X, y, max_delay=8, method=method).table
    assert not glued.equals(expected)


@pytest.mark.parametrize("method", METHODS)
def test_unknown_outputs_drop_out(method: Any) -> None:
    X, y = arx(9, OUTPUTS, INPUTS, n_timesteps=800)
    y[::40] = np.nan
    found = suggest_delays(X, y, max_delay=8, method=method)
    assert found.input_delays[:2] == [3, 4]
    assert found.output_delays[:2] == [1, 2]


@pytest.mark.parametrize("method", METHODS)
def test_without_inputs_it_is_an_autoregression(method: Any) -> None:
    _, y = arx(10, {1: 0.5, 4: 0.4}, {}, n_timesteps=600)
    found = suggest_delays(None, pd.Series(y, name="sales"), method=method)
    assert found.input_delays is None
    assert {1, 4} <= set(found.output_delays)
    assert found.parameters == {"output_delays": found.output_delays}
    assert set(found.table["feature"]) == {"sales"}


def test_the_result_reads_as_arguments_and_cannot_be_changed() -> None:
    found = suggest_delays(*arx(0, {1: 0.6}, {3: 1.0}, noise=0.1), method="search")
    assert repr(found) == "DelaySuggestion(input_delays=[3], output_delays=[1])"
    columns = ["kind", "feature", "delay", "value", "bound", "chosen"]
    assert list(found.table.columns) == columns
    with pytest.raises(AttributeError):
        found.input_delays = [1]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"max_delay": 0}, "max_delay=0.*at least 1"),
        ({"max_delay": 50}, "max_delay=50.*less than half of 100"),
        ({"method": "guess"}, "method='guess'.*'correlation', 'search'"),
        ({"alpha": 0.0}, r"alpha=0.0.*in \(0, 1\)"),
        ({"n_splits": 1}, "n_splits=1.*at least 2"),
        ({"y": None}, "y=None.*array of numbers"),
        ({"y": np.ones(100)}, "y=.*'y' is constant"),
        (
            {"y": np.ones((100, 2)) * np.arange(100)[:, None]},
            "y=.*one output.*'search'",
        ),
        ({"X": np.ones((100, 1))}, "X=.*'x0' is constant. Drop it"),
        ({"X": np.full((100, 1), np.nan)}, r"X\[0, 0\] is NaN"),
        ({"X": np.arange(99.0)[:, None]}, "y has 100 rows but X has 99"),
        ({"groups": np.arange(100)}, "y=.*at least 8 rows"),
        ({"groups": np.arange(99)}, "groups have 99 rows but X has 100"),
        ({"method": "search", "n_splits": 40}, "max_delay=20.*82 rows.*80 rows"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    X, y = arx(11, {1: 0.5}, {1: 1.0}, n_timesteps=100)
    with pytest.raises(ValueError, match=words):
        suggest_delays(**{"X": X, "y": y, **change})


@pytest.mark.parametrize("regressor", [LinearRegression, LogisticRegression(), "ridge"])
def test_what_is_no_regressor_is_of_the_wrong_type(regressor: Any) -> None:
    X, y = arx(11, {1: 0.5}, {1: 1.0}, n_timesteps=100)
    with pytest.raises(TypeError, match=r"regressor=.*a scikit-learn regressor"):
        suggest_delays(X, y, method="search", regressor=regressor)
