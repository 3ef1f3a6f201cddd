"""Each metric against its definition, scikit-learn and what is published of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import Ridge
from sklearn.metrics import (
    make_scorer,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from sklearn.model_selection import TimeSeriesSplit, cross_val_score

from seqest.datasets import load_airline, lorenz63
from seqest.metrics import (
    mase,
    memory_capacity,
    nmse,
    nrmse,
    smape,
    valid_prediction_time,
)

RNG = np.random.default_rng(0)
TRUE = RNG.standard_normal((60, 2)).cumsum(axis=0) + 100.0
PRED = TRUE + RNG.standard_normal((60, 2))
WEIGHT = RNG.uniform(0, 2, 60)

# Sums in another order.
ROUNDING = 1e-12


# nmse, nrmse


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("multioutput", ["raw_values", "uniform_average", [1.0, 4.0]])
def test_nmse_is_what_the_coefficient_of_determination_leaves(
    weight: object, multioutput: object
) -> None:
    ours = nmse(TRUE, PRED, sample_weight=weight, multioutput=multioutput)
    theirs = r2_score(TRUE, PRED, sample_weight=weight, multioutput=multioutput)
    np.testing.assert_allclose(ours, 1 - theirs, rtol=1e-10)  # 1 − R² cancels


def test_nrmse_is_the_root_error_over_the_standard_deviation() -> None:
    root = root_mean_squared_error(TRUE, PRED, multioutput="raw_values")
    ours = nrmse(TRUE, PRED, multioutput="raw_values")
    np.testing.assert_allclose(ours, root / TRUE.std(axis=0), rtol=ROUNDING)
    squares = nmse(TRUE, PRED, multioutput="raw_values")
    np.testing.assert_allclose(ours**2, squares, rtol=ROUNDING)


def test_an_nmse_of_16_hundredths_is_an_nrmse_of_4_tenths() -> None:
    y = np.array([-1.0, 1.0] * 10)
    assert nmse(y, 0.6 * y) == pytest.approx(0.16, rel=ROUNDING)
    assert nrmse(y, 0.6 * y) == pytest.approx(0.4, rel=ROUNDING)


def test_predicting_the_mean_scores_one() -> None:
    mean = np.broadcast_to(TRUE.mean(axis=0), TRUE.shape)
    assert nmse(TRUE, mean) == pytest.approx(1.0, rel=ROUNDING)
    assert nrmse(TRUE, mean) == pytest.approx(1.0, rel=ROUNDING)


def test_units_do_not_matter() -> None:
    expected = nrmse(TRUE, PRED)
    # An offset of 1e6 leaves 16 − 6 digits of a deviation near one, squared.
    assert nrmse(1e3 * TRUE + 1e6, 1e3 * PRED + 1e6) == pytest.approx(
        expected, rel=1e-9
    )


def test_a_scale_of_ones_own_divides_the_error() -> None:
    root = root_mean_squared_error(TRUE, PRED, multioutput="raw_values")
    ours = nrmse(TRUE, PRED, scale=[2.0, 5.0], multioutput="raw_values")
    np.testing.assert_allclose(ours, root / (2.0, 5.0), rtol=ROUNDING)
    ours = nmse(TRUE, PRED, scale=2.0, multioutput="raw_values")
    np.testing.assert_allclose(ours, root**2 / 4, rtol=ROUNDING)


@pytest.mark.parametrize("metric", [nmse, nrmse, valid_prediction_time])
@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 1e8])
def test_a_constant_target_wants_a_scale(metric: object, value: float) -> None:
    # The deviation of seven times 0.1 rounds to 1e-17, which would divide by nothing.
    y = np.full(7, value)
    with pytest.raises(ValueError, match=r"output 0 is constant.*Pass scale="):
        metric(y, y + 1)
    assert metric(y, y + 1, scale=2.0) < 1
    with pytest.raises(ValueError, match="constant"):
        metric([value], [1.0])


@pytest.mark.parametrize("metric", [nmse, nrmse, valid_prediction_time])
@pytest.mark.parametrize("scale", [0.0, [1.0, -1.0], [1.0, 1.0, 1.0], np.nan, "big"])
def test_a_bad_scale_is_named(metric: object, scale: object) -> None:
    with pytest.raises(ValueError, match=r"\(scale="):
        metric(TRUE, PRED, scale=scale)


def test_constant_where_the_weight_is_is_constant() -> None:
    weight = [1.0, 1.0, 0.0]
    with pytest.raises(ValueError, match="constant"):
        nrmse([2.0, 2.0, 5.0], [2.0, 1.0, 0.0], sample_weight=weight)


def test_a_search_takes_nrmse_as_its_scorer() -> None:
    series = load_airline().to_numpy()
    X, y = series[:-1, np.newaxis], series[1:]
    scorer = make_scorer(nrmse, greater_is_better=False)
    scores = cross_val_score(Ridge(), X, y, cv=TimeSeriesSplit(3), scoring=scorer)
    for (train, test), score in zip(TimeSeriesSplit(3).split(X), scores, strict=True):
        pred = Ridge().fit(X[train], y[train]).predict(X[test])
        expected = root_mean_squared_error(y[test], pred) / y[test].std()
        assert -score == pytest.approx(expected, rel=ROUNDING)


# valid_prediction_time


def test_valid_time_counts_the_rows_before_the_first_that_errs() -> None:
    y = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])  # deviation 1
    pred = y + np.array([0.0, 0.2, -0.29, 0.31, 0.0, 0.0])
    assert valid_prediction_time(y, pred) == 3.0
    assert valid_prediction_time(y, pred, threshold=0.25) == 2.0
    assert valid_prediction_time(y, pred, threshold=0.4) == 6.0
    assert valid_prediction_time(y, pred, scale=0.5) == 1.0
    assert valid_prediction_time(y, y + 0.5) == 0.0


def test_an_error_of_the_threshold_itself_is_valid() -> None:
    assert valid_prediction_time([0.0, 4.0], [1.0, 4.0], threshold=0.5) == 2.0


def test_the_error_is_the_root_mean_square_over_outputs() -> None:
    y = np.array([[1.0, 10.0], [-1.0, -10.0]] * 3)  # deviations 1 and 10
    pred = y.copy()
    pred[4] += (0.3, 4.0)  # √((.3² + .4²) / 2) = .354
    assert valid_prediction_time(y, pred, threshold=0.35) == 4.0
    assert valid_prediction_time(y, pred, threshold=0.36) == 6.0


def test_time_is_in_units_of_dt_or_in_lyapunov_times() -> None:
    y = np.array([1.0, -1.0] * 5)
    pred = y.copy()
    pred[7] = 5.0
    assert valid_prediction_time(y, pred, dt=0.01) == pytest.approx(0.07)
    time = valid_prediction_time(y, pred, dt=0.01, lyapunov_exponent=0.906)
    assert time == pytest.approx(0.07 * 0.906)


def test_an_error_that_grows_with_the_exponent_is_valid_for_its_logarithm() -> None:
    dt, exponent, start = 0.01, 0.906, 1e-6
    true = lorenz63(3000, dt=dt)
    sigma = true.std(axis=0)
    times = dt * np.arange(1, 3001)  # row 0 stands dt after the last known state
    error = start * np.exp(exponent * times)
    pred = true + np.outer(error, sigma)
    ours = valid_prediction_time(true, pred, dt=dt, lyapunov_exponent=exponent)
    # In Lyapunov times, to the row.
    assert ours == pytest.approx(np.log(0.3 / start), abs=dt * exponent)


def test_rows_unknown_take_their_time_but_end_nothing() -> None:
    y = np.array([[1.0, 1.0], [-1.0, -1.0]] * 3)
    pred = y.copy()
    pred[2:] += 9.0
    y[2, 0] = np.nan
    assert valid_prediction_time(y, pred) == 3.0


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_run_that_blows_up_was_valid_until_then(value: float) -> None:
    y = np.array([1.0, -1.0] * 3)
    pred = y.copy()
    pred[4:] = value
    assert valid_prediction_time(y, pred) == 4.0


@pytest.mark.parametrize("name", ["threshold", "dt", "lyapunov_exponent"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_bad_numbers_of_valid_time_are_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"valid_prediction_time\({name}="):
        valid_prediction_time(TRUE, PRED, **{name: value})


# memory_capacity


def delayed(u: np.ndarray, n_delays: int) -> np.ndarray:
    return np.column_stack([np.roll(u, k) for k in range(1, n_delays + 1)])


def test_memory_is_the_sum_of_squared_correlations_from_each_delay_on() -> None:
    rng = np.random.default_rng(1)
    u = rng.uniform(-1, 1, 80)
    outputs = rng.standard_normal((80, 5)) + delayed(u, 5)
    expected = [
        np.corrcoef(u[: 80 - k], outputs[k:, k - 1])[0, 1] ** 2 for k in range(1, 6)
    ]
    parts = memory_capacity(u, outputs, multioutput="raw_values")
    np.testing.assert_allclose(parts, expected, rtol=1e-10)
    assert memory_capacity(u, outputs) == pytest.approx(sum(expected), rel=1e-10)


def test_the_input_before_the_first_row_lets_every_row_count() -> None:
    rng = np.random.default_rng(2)
    u = rng.uniform(-1, 1, 100)
    outputs = rng.standard_normal((100, 8)) + delayed(u, 8)
    for n_past in (3, 8, 40):
        parts = memory_capacity(
            u[n_past:], outputs[n_past:], u_past=u[:n_past], multioutput="raw_values"
        )
        for k, part in enumerate(parts, start=1):
            first = max(k, n_past)
            pair = np.corrcoef(u[first - k : 100 - k], outputs[first:, k - 1])
            assert part == pytest.approx(pair[0, 1] ** 2, rel=1e-10)


def test_a_delay_line_remembers_everything() -> None:
    u = np.random.default_rng(3).uniform(-0.8, 0.8, 500)
    outputs = delayed(u, 60)
    assert memory_capacity(u, outputs) == pytest.approx(60.0, abs=1e-10)
    # Scale, sign and offset of an output are for the readout to choose.
    assert memory_capacity(u, 3.0 - 1e-3 * outputs) == pytest.approx(60.0, abs=1e-8)


def test_noise_remembers_one_over_the_rows_per_delay() -> None:
    rng = np.random.default_rng(4)
    outputs = rng.standard_normal((1000, 200))
    capacity = memory_capacity(rng.uniform(-1, 1, 1000), outputs)
    # A sum of 200 χ²₁ over about 900 rows: .22 with a deviation of .022.
    assert 0.12 < capacity < 0.34


def test_a_constant_output_remembers_nothing() -> None:
    u = np.random.default_rng(5).uniform(-1, 1, 50)
    outputs = delayed(u, 2)
    outputs[:, 1] = 0.1
    parts = memory_capacity(u, outputs, multioutput="raw_values")
    np.testing.assert_allclose(parts, [1.0, 0.0], rtol=0, atol=ROUNDING)


@pytest.mark.parametrize(
    ("u", "shape", "options", "words"),
    [
        (np.arange(10.0), (10, 8), {}, "at most 7 delays for 10 inputs"),
        (np.arange(10.0), (10, 9), {"u_past": [1.0]}, "at most 8 delays"),
        (np.arange(9.0), (10, 2), {}, r"\(u=.*10 of them"),
        (np.ones((10, 2)), (10, 2), {}, r"\(u="),
        (np.full(10, np.nan), (10, 2), {}, r"\(u=.*finite"),
        (np.full(10, 0.3), (10, 2), {}, r"\(u=.*varies"),
        (np.arange(10.0), (10, 2), {"u_past": []}, r"\(u_past="),
        (np.arange(10.0), (10, 2), {"multioutput": "mean"}, "'raw_values', 'sum'"),
        (np.arange(10.0), (10, 2), {"multioutput": [0.5, 0.5]}, "'raw_values', 'sum'"),
    ],
)
def test_bad_input_to_memory_is_named(
    u: np.ndarray, shape: tuple[int, int], options: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        memory_capacity(u, np.zeros(shape), **options)


# mase


@pytest.mark.parametrize("period", [1, 12])
def test_the_naive_forecast_of_the_training_rows_scores_one(period: int) -> None:
    y = load_airline()
    naive = y.shift(period).iloc[period:]
    score = mase(y.iloc[period:], naive, y_train=y, seasonal_period=period)
    assert score == pytest.approx(1.0, rel=ROUNDING)


def test_mase_is_the_error_in_units_of_the_naive_step() -> None:
    train, true = TRUE[:40], TRUE[40:]
    pred = PRED[40:]
    for period in (1, 7):
        steps = [np.abs(train[t] - train[t - period]) for t in range(period, 40)]
        error = mean_absolute_error(true, pred, multioutput="raw_values")
        ours = mase(
            true, pred, y_train=train, seasonal_period=period, multioutput="raw_values"
        )
        np.testing.assert_allclose(ours, error / np.mean(steps, axis=0), rtol=ROUNDING)


def test_a_hole_in_the_training_rows_drops_the_steps_that_touch_it() -> None:
    train = np.array([1.0, 2.0, np.nan, 7.0, 10.0])
    assert mase([4.0], [2.0], y_train=train) == 1.0  # steps 1 and 3


@pytest.mark.parametrize(
    ("train", "period", "words"),
    [
        ([1.0], 1, "more than seasonal_period=1 rows"),
        (np.arange(12.0), 12, "more than seasonal_period=12 rows"),
        (np.ones(9), 1, "changing from season to season"),
        (np.tile([1.0, 5.0], 6), 2, "changing from season to season"),
        ([1.0, np.nan, 2.0], 1, "changing from season to season"),
        ([np.nan, np.nan], 1, r"\(y_train="),
        ([1.0, np.inf], 1, r"y_train\[1, 0\] is infinite"),
        (np.ones((9, 2)), 1, "of 1 outputs"),
        ([], 1, "not empty"),
        (np.arange(5.0), 0, "seasonal_period=0"),
    ],
)
def test_bad_training_rows_are_named(train: object, period: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        mase([1.0, 2.0], [1.0, 1.0], y_train=train, seasonal_period=period)


# smape

numbers = arrays(np.float64, 5, elements=st.floats(-1e6, 1e6))


def test_smape_is_the_share_of_the_mean_size_in_percent() -> None:
    true, pred = np.array([100.0, 50.0, 0.0]), np.array([110.0, 40.0, 0.0])
    expected = (200 * 10 / 210 + 200 * 10 / 90 + 0) / 3
    assert smape(true, pred) == pytest.approx(expected, rel=ROUNDING)


@given(numbers, numbers)
def test_smape_is_symmetric_and_from_0_to_200(a: np.ndarray, b: np.ndarray) -> None:
    score = smape(a, b)
    assert score == smape(b, a)
    assert 0 <= score <= 200 * (1 + ROUNDING)
    assert smape(a, a) == 0.0


@given(numbers)
def test_a_forecast_of_nothing_or_of_the_opposite_scores_200(a: np.ndarray) -> None:
    share = 200 * np.mean(a != 0)
    assert smape(a, np.zeros(5)) == pytest.approx(share, rel=ROUNDING)
    assert smape(a, -a) == pytest.approx(share, rel=ROUNDING)


# All


def test_a_series_is_scored_against_the_rows_of_an_array() -> None:
    y = load_airline()
    assert nrmse(y, y.to_numpy() + 1.0) == pytest.approx(
        1 / y.std(ddof=0), rel=ROUNDING
    )


def test_missing_values_of_pandas_are_unknown_rows() -> None:
    y = pd.Series([1.0, None, 3.0, 5.0], dtype="Float64")
    assert smape(y, [1.0, 9.0, 3.0, 5.0]) == 0.0
