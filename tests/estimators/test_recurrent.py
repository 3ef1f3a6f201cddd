"""Elman, Jordan, GRU and LSTM regressors: what they learn, and where they go on."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest

from seqest import ElmanRegressor, GRURegressor, JordanRegressor, LSTMRegressor
from tests.reference import derivatives

CLASSES = [ElmanRegressor, JordanRegressor, GRURegressor, LSTMRegressor]
every_class = pytest.mark.parametrize("regressor", CLASSES)
# Jordan's network is fed its own outputs, which a teacher replaces while it learns.
WITHOUT_FEEDBACK = [ElmanRegressor, GRURegressor, LSTMRegressor]
every_class_without_feedback = pytest.mark.parametrize("regressor", WITHOUT_FEEDBACK)
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*max_iter:sklearn.exceptions.ConvergenceWarning"
)
# Lanes of a batch add up in another order than one sequence alone.
ROUNDING = {"rtol": 1e-10, "atol": 1e-12}


def small(regressor: Any, **options: Any) -> Any:
    settings = {"hidden_layer_sizes": 5, "max_iter": 5, "random_state": 0}
    return regressor(**{**settings, **options})


def two_sines(n_rows: int = 500) -> Any:
    t = np.arange(n_rows)
    return np.sin(0.2 * t) + 0.5 * np.sin(0.311 * t)


def rows(n_rows: int = 120) -> tuple[Any, Any]:
    """Return two inputs, and a target that remembers one of them."""
    X = np.random.default_rng(0).uniform(-1, 1, (n_rows, 2))
    return X, np.roll(X[:, 0], 1) + X[:, 1] ** 2


def dated(X: Any, start: str = "2024-03-25") -> pd.DataFrame:
    return pd.DataFrame(X, pd.date_range(start, periods=len(X), freq="h"), ["a", "b"])


@every_class
def test_defaults_learn_two_sines_and_forecast_goes_on(regressor: Any) -> None:
    x = two_sines(520)
    model = regressor(random_state=0).fit(x[:499, None], x[1:500])
    assert model.score(x[:499, None], x[1:500]) > 0.99
    assert model.n_iter_ == len(model.loss_curve_)
    assert model.best_loss_ == min(model.loss_curve_) < 0.01
    ahead = x[500:]
    stays = np.abs(ahead - x[499]).mean()
    assert np.abs(model.forecast(20) - ahead).mean() < stays / 2


@every_class
def test_a_forecast_feeds_each_output_back_as_the_next_input(regressor: Any) -> None:
    x = np.column_stack([two_sines(120), np.cos(0.2 * np.arange(120))])
    model = small(regressor).fit(x[:-1], x[1:])
    row, state, expected = x[-1:], "last", []
    for _ in range(6):
        row, state = model.predict(row, initial_state=state, return_state=True)
        expected.append(row[0])
    np.testing.assert_allclose(model.forecast(6), expected, **ROUNDING)
    # A state that predict returned has seen its row: the forecast starts after it.
    _, state = model.predict(x[-1:], initial_state="last", return_state=True)
    ahead = model.forecast(5, initial_state=state)
    np.testing.assert_allclose(ahead, expected[1:], **ROUNDING)


def test_a_forecast_that_leaves_the_range_of_the_targets_warns() -> None:
    x = 1.05 ** np.arange(60)
    model = small(ElmanRegressor, activation="identity", max_iter=50)
    model.fit(x[:-1, None], x[1:])
    with pytest.warns(RuntimeWarning, match="left the range"):
        assert model.forecast(200)[-1] > 100 * x[-1]


@every_class_without_feedback
def test_rows_that_follow_by_their_index_are_predicted_as_in_one_run(
    regressor: Any,
) -> None:
    X, y = rows()
    frame = dated(X)
    model = small(regressor).fit(frame[:80], y[:80])
    whole = model.predict(frame)
    np.testing.assert_allclose(model.predict(frame[80:]), whole[80:], **ROUNDING)
    apart = model.predict(frame[81:])
    cold = model.predict(frame[81:], initial_state="zero")
    np.testing.assert_array_equal(apart, cold)
    assert np.abs(apart - whole[81:]).max() > 1e-3


def test_closed_loop_goes_on_from_the_outputs_that_were_measured() -> None:
    X, y = rows()
    frame = dated(X)
    model = small(JordanRegressor, output_lags=2).fit(frame[:80], y[:80])
    known = np.where(np.arange(120) < 80, y, np.nan)
    expected = model.predict_open_loop(frame, known)[80:]
    np.testing.assert_allclose(model.predict(frame[80:]), expected, **ROUNDING)


@every_class
def test_a_state_goes_on_where_it_was_taken(regressor: Any) -> None:
    X, y = rows()
    model = small(regressor, hidden_layer_sizes=(4, 3)).fit(X, y)
    new = X[::-1]
    whole, end = model.predict(new, initial_state="zero", return_state=True)
    _, state = model.predict(new[:50], initial_state="zero", return_state=True)
    later, last = model.predict(new[50:], initial_state=state, return_state=True)
    np.testing.assert_allclose(later, whole[50:], **ROUNDING)
    np.testing.assert_allclose(last.values["units"], end.values["units"], **ROUNDING)


@every_class
def test_series_may_come_by_groups_in_three_dimensions_or_in_a_list(
    regressor: Any,
) -> None:
    X, y = rows()
    boxes, targets = X.reshape(4, 30, 2), y.reshape(4, 30, 1)
    order = np.arange(120).reshape(4, 30).T.ravel()  # a row of each in turn
    groups = np.repeat(list("abcd"), 30)
    box = small(regressor).fit(boxes, targets)
    listed = small(regressor).fit(list(boxes), list(y.reshape(4, 30)))
    mixed = small(regressor).fit(X[order], y[order], groups=groups[order])
    np.testing.assert_array_equal(listed.theta_, box.theta_)
    np.testing.assert_array_equal(mixed.theta_, box.theta_)
    expected = box.predict(boxes)
    assert expected.shape == (4, 30, 1)
    np.testing.assert_array_equal(
        np.concatenate(listed.predict(list(boxes))), expected.ravel()
    )
    given = mixed.predict(X[order], groups[order], initial_state="zero")
    np.testing.assert_array_equal(given, expected.ravel()[order])
    assert box.score(boxes, targets) == pytest.approx(
        mixed.score(X[order], y[order], groups=groups[order]), rel=1e-12
    )


@every_class
def test_one_target_a_series_is_learnt_at_its_end(regressor: Any) -> None:
    rng = np.random.default_rng(1)
    X = [rng.uniform(-1, 1, (5 + k % 3, 1)) for k in range(60)]
    y = np.array([part[-1, 0] + part[-2, 0] for part in X])
    model = small(regressor, max_iter=150, learning_rate_init=0.03)
    if regressor is JordanRegressor:
        model.set_params(state_feedback=True)  # there are no outputs on the way
    model.fit(X, y)
    predicted = model.predict(X)
    assert predicted.shape == (60,)
    assert model.score(X, y) > 0.95
    # A series alone has no others beside it.
    np.testing.assert_allclose(model.predict(X[7:8]), predicted[7:8], **ROUNDING)


@every_class
def test_a_series_of_no_weight_or_target_teaches_nothing(regressor: Any) -> None:
    rng = np.random.default_rng(1)
    X = rng.uniform(-1, 1, (12, 5, 1))
    y = X[:, -1, 0] - X[:, -2, 0]
    weights = np.ones(12)
    weights[[2, 9]] = 0
    unknown = np.where(weights > 0, y, np.nan)
    settings = {"standardize": False, "alpha": 0.1}
    model = small(regressor, **settings).fit(X, y, sample_weight=weights)
    without = small(regressor, **settings).fit(X, unknown)
    np.testing.assert_allclose(model.theta_, without.theta_, **ROUNDING)
    assert np.abs(
        model.theta_ - small(regressor, **settings).fit(X, y).theta_
    ).max() > (1e-4)


@pytest.mark.parametrize("options", [{}, {"window": 20}, {"truncation": 2}], ids=str)
@every_class_without_feedback
def test_a_row_of_no_weight_or_target_teaches_nothing_but_moves_the_state(
    regressor: Any, options: Any
) -> None:
    X, y = rows()
    weights = np.ones(120)
    weights[40:60] = 0
    unknown = np.where(weights > 0, y, np.nan)
    settings = {"alpha": 1.0, **options}
    model = small(regressor, **settings).fit(X, unknown)
    weighted = small(regressor, **settings).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(model.theta_, weighted.theta_, **ROUNDING)
    garbled = np.where(weights > 0, y, 1e3)
    same = small(regressor, **settings).fit(X, garbled, sample_weight=weights)
    np.testing.assert_array_equal(weighted.theta_, same.theta_)
    changed = X.copy()
    changed[50:60] += 1
    # The state runs through those rows, and the row after them is a lesson of it.
    other = small(regressor, standardize=False, **settings).fit(changed, unknown)
    same = small(regressor, standardize=False, **settings).fit(X, unknown)
    assert np.abs(other.theta_ - same.theta_).max() > 1e-6


@every_class
def test_float32_stays_float32(regressor: Any) -> None:
    X, y = rows()
    single = small(regressor).fit(X.astype(np.float32), y.astype(np.float32))
    assert single.theta_.dtype == np.float32
    assert all(W.dtype == np.float32 for W in single.weights_.values())
    predicted, state = single.predict(X.astype(np.float32), return_state=True)
    assert predicted.dtype == state.values["units"].dtype == np.float32
    double = small(regressor).fit(X, y)
    # Seven digits, through five steps of descent.
    np.testing.assert_allclose(predicted, double.predict(X), atol=1e-4)


@every_class
def test_the_unit_of_the_targets_is_undone_on_output(regressor: Any) -> None:
    X, y = rows()
    model = small(regressor).fit(X, y)
    other = small(regressor).fit(X, 1000 * y + 5e4)
    np.testing.assert_allclose(other.loss_curve_, model.loss_curve_, rtol=1e-9)
    expected = 1000 * model.predict(X) + 5e4
    np.testing.assert_allclose(other.predict(X), expected, rtol=1e-9)
    moved = small(regressor).fit(X * [3, 0.01] + [0, 7], y)
    np.testing.assert_allclose(
        moved.predict(X * [3, 0.01] + [0, 7]), model.predict(X), rtol=1e-9, atol=1e-10
    )
    raw = small(regressor, standardize=False).fit(X, 3 * y)
    assert np.abs(raw.predict(X) - 3 * model.predict(X)).max() > 1e-3


def test_columns_that_are_constant_are_only_shifted() -> None:
    X, y = rows()
    X[:, 1] = 4.2
    model = small(ElmanRegressor).fit(X, np.column_stack([y, np.full(120, -3e5)]))
    predicted = model.predict(X)
    assert np.isfinite(predicted).all()
    # The scale of what is constant is 1, beside which an untrained bias is small.
    np.testing.assert_allclose(predicted[:, 1], -3e5, atol=2)


@every_class
def test_sensitivity_is_the_slope_of_predict(regressor: Any) -> None:
    X, y = rows(40)
    model = small(regressor, learn_initial_state=True).fit(X, np.column_stack([y, -y]))
    new = X[:7] + 0.1
    slopes = model.sensitivity(new, n_lags=3, initial_state="zero")
    assert slopes.shape == (7, 4, 2, 2)

    def predict() -> Any:
        return model.predict(new, initial_state="zero")

    for t in range(7):
        for feature in range(2):
            moved = derivatives.along(predict, new, (t, feature))
            for lag in range(4):
                if t + lag < 7:
                    ours = slopes[t + lag, lag, :, feature]
                    # Differences of outputs around 1 are good to 1e-10.
                    np.testing.assert_allclose(ours, moved[t + lag], atol=1e-8)
    assert not slopes[1, 2:].any()


@every_class
def test_learning_gives_the_same_bits_on_any_number_of_threads(regressor: Any) -> None:
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one core")
    rng = np.random.default_rng(0)
    X = [rng.uniform(-1, 1, (10 + k % 4, 2)) for k in range(90)]
    y = [np.roll(part[:, 0], 1) for part in X]
    before, learnt = numba.get_num_threads(), []
    try:
        for n_threads in (1, 2):
            numba.set_num_threads(n_threads)
            # So many units that a batch is worth sharing among threads.
            model = small(regressor, hidden_layer_sizes=80, max_iter=2, batch_size=90)
            learnt.append(model.fit(X, y).theta_)
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(*learnt)


def test_layers_of_one_number_are_one_layer() -> None:
    X, y = rows()
    one, same = (small(LSTMRegressor, hidden_layer_sizes=n) for n in (5, (5,)))
    np.testing.assert_array_equal(one.fit(X, y).theta_, same.fit(X, y).theta_)
    listed = small(LSTMRegressor, hidden_layer_sizes=np.array([5, 4])).fit(X, y)
    assert listed.weights_["hidden_1.U"].shape == (4, 16)
    listed.weights_["hidden_1.U"][:] = 0
    assert (listed.theta_ == 0).sum() >= 64
