"""ESNRegressor against the plain loops of its equations."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import LinearSVR

from seqest import ESNRegressor
from seqest.readouts import RecursiveLeastSquares
from tests.reference import echo_state as plain

# Summation order differs between a compiled kernel and NumPy, and a reservoir passes
# rounding on for some tens of steps.
ROUNDING = {"rtol": 1e-9, "atol": 1e-10}


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (300, 2))
    y = np.roll(X[:, 0], 1) + 0.3 * np.roll(X[:, 1], 2) ** 2
    return X, y


def two_outputs(y):
    return np.column_stack([y, np.cos(3 * y)])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"leak_rate": 0.3, "bias_scaling": 0.5},
        {"topology": "ring"},
        {"topology": "orthogonal"},
        {"topology": "delay_line"},
        {"activation": "relu", "spectral_radius": 0.5},
        {"activation": "logistic"},
        {"activation": "identity"},
        {"readout_features": "squared"},
        {"readout_features": "half_squared", "include_input": True},
        {"n_units": (12, 7, 5), "leak_rate": 0.6},
        {"alpha": np.array([1e-3, 1.0])},
        {"n_units": 400},
    ],
)
def test_fit_and_predict_follow_the_equations(data, options):
    X, y = data
    Y = two_outputs(y)
    options = {
        "n_units": 30,
        "random_state": 1,
        "washout": 20,
        "alpha": 1e-4,
        **options,
    }
    model = ESNRegressor(**options).fit(X, Y)
    H = plain.states(model.reservoir_, X)
    F = plain.features(H, X, model.readout_features)
    for k, alpha in enumerate(np.broadcast_to(model.alpha_, 2)):
        coef, intercept = plain.ridge(F[20:], Y[20:, [k]], alpha)
        # The ridge equations magnify rounding by their condition, up to about 1e8.
        np.testing.assert_allclose(model.coef_[k], coef[0], rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(model.intercept_[k], intercept[0], atol=1e-5)
    expected = F @ model.coef_.T + model.intercept_
    np.testing.assert_allclose(model.predict(X), expected, **ROUNDING)


def test_without_input_the_readout_sees_the_states_alone(data):
    X, y = data
    model = ESNRegressor(20, include_input=False, random_state=0).fit(X, y)
    assert model.coef_.shape == (20,)
    H = plain.states(model.reservoir_, X)
    np.testing.assert_allclose(
        model.predict(X), H @ model.coef_ + model.intercept_, **ROUNDING
    )


def test_many_series_side_by_side_equal_one_by_one(data):
    X, y = data
    cuts = [7, 40, 41, 130, 180, 260]
    model = ESNRegressor(25, random_state=0, washout=0).fit(
        np.split(X, cuts), np.split(y, cuts)
    )
    H = np.vstack([plain.states(model.reservoir_, part) for part in np.split(X, cuts)])
    F = plain.features(H, X)
    coef, _ = plain.ridge(F, y[:, None], model.alpha_)
    np.testing.assert_allclose(model.coef_, coef[0], rtol=1e-5, atol=1e-6)
    predicted = model.predict(np.split(X, cuts))
    assert [len(part) for part in predicted] == [len(p) for p in np.split(X, cuts)]
    expected = F @ model.coef_ + model.intercept_
    np.testing.assert_allclose(np.concatenate(predicted), expected, **ROUNDING)


def test_feedback_is_taught_and_then_runs_closed_loop(data):
    X, y = data
    Y = two_outputs(y)
    options = {"feedback_scaling": 0.4, "random_state": 0, "washout": 10}
    model = ESNRegressor(25, readout_features="squared", **options).fit(X, Y)
    H = plain.states(model.reservoir_, X, Y)
    F = plain.features(H, X, "squared")
    taught = F @ model.coef_.T + model.intercept_
    np.testing.assert_allclose(model.predict_open_loop(X, Y), taught, **ROUNDING)
    after = X[:50] / 2
    linear = model.coef_, model.intercept_
    free = plain.free_run(model.reservoir_, *linear, H[-1], Y[-1], after, "squared")
    np.testing.assert_allclose(model.predict(after), free, rtol=1e-6, atol=1e-8)


def test_a_deep_stack_runs_closed_loop_as_its_equations(data):
    X, y = data
    model = ESNRegressor(
        (12, 9), feedback_scaling=0.3, leak_rate=0.5, random_state=3
    ).fit(X, y)
    H = plain.states(model.reservoir_, X, y[:, None])
    linear = model.coef_[None], model.intercept_
    free = plain.free_run(model.reservoir_, *linear, H[-1], y[-1:], X[:40] / 2)
    np.testing.assert_allclose(
        model.predict(X[:40] / 2), free[:, 0], rtol=1e-6, atol=1e-8
    )


@pytest.mark.parametrize("readout", [None, KNeighborsRegressor(3)])
def test_forecast_feeds_outputs_back_as_inputs(readout):
    x = np.sin(0.3 * np.arange(400))[:, None]
    model = ESNRegressor(30, readout=readout, random_state=0).fit(x[:-1], x[1:])
    H = plain.states(model.reservoir_, x[:-1])
    h, y, expected = H[-1], x[-1], []
    for _ in range(20):
        h = plain.states(model.reservoir_, y[None], start=h)[-1]
        F = plain.features(h[None], y[None])
        y = np.asarray(
            F @ model.coef_.T + model.intercept_
            if readout is None
            else model.readout_.predict(F)
        ).reshape(1)
        expected.append(y)
    np.testing.assert_allclose(model.forecast(20), expected, rtol=1e-6, atol=1e-8)


def test_forecast_needs_outputs_that_are_the_next_inputs(data):
    X, y = data
    model = ESNRegressor(10, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"X\[1:\] == y\[:-1\]"):
        model.forecast(5)


def test_forecast_of_named_series_has_one_row_for_each():
    x = [np.sin(0.3 * np.arange(200) + phase) for phase in (0.0, 1.0, 2.0)]
    X = np.concatenate([part[:-1] for part in x])[:, None]
    y = np.concatenate([part[1:] for part in x])
    groups = np.repeat(["a", "b", "c"], 199)
    model = ESNRegressor(30, random_state=0).fit(X, y, groups=groups)
    ahead = model.forecast(10)
    expected = [np.sin(0.3 * np.arange(200, 210) + phase) for phase in (0.0, 1.0, 2.0)]
    # A trained forecast of a sine: close, not exact.
    np.testing.assert_allclose(ahead, expected, atol=0.02)


def test_weights_of_two_equal_rows_given_twice_and_zero_drops_rows(data):
    X, y = data
    weight = np.tile([0.0, 1.0, 2.0], 100)
    model = ESNRegressor(20, washout=9, random_state=0).fit(X, y, sample_weight=weight)
    F = plain.features(plain.states(model.reservoir_, X), X)
    coef, _ = plain.ridge(F[9:], y[9:, None], model.alpha_, weight[9:])
    np.testing.assert_allclose(model.coef_, coef[0], rtol=1e-5, atol=1e-6)


def test_rows_without_a_target_drop_out_while_the_state_advances(data):
    X, y = data
    holes = y.copy()
    holes[50:80] = np.nan
    model = ESNRegressor(20, washout=9, random_state=0).fit(X, holes)
    F = plain.features(plain.states(model.reservoir_, X), X)
    seen = np.isfinite(holes) & (np.arange(300) >= 9)
    coef, _ = plain.ridge(F[seen], y[seen, None], model.alpha_)
    np.testing.assert_allclose(model.coef_, coef[0], rtol=1e-5, atol=1e-6)


def test_missing_feedback_is_replaced_by_the_models_own_prediction():
    t = np.arange(600)
    y = np.sin(0.2 * t)
    X = np.cos(0.05 * t)[:, None]
    holes = y.copy()
    holes[300:310] = np.nan
    options = {"feedback_scaling": 0.5, "random_state": 0, "washout": 50}
    model = ESNRegressor(40, **options).fit(X, holes)
    first = ESNRegressor(40, **options).fit(X, y)
    own = model.predict_open_loop(X, holes)
    # Ten missing values out of 600 hardly change a fit that bridges them itself.
    np.testing.assert_allclose(own[300:310], y[300:310], atol=0.02)
    again, whole = model.predict_open_loop(X, y), first.predict_open_loop(X, y)
    np.testing.assert_allclose(again[50:], whole[50:], atol=0.02)


@pytest.mark.parametrize("noise", [0.0, 1e-2])
@pytest.mark.parametrize("feedback", [0.0, 0.3])
def test_partial_fit_in_pieces_equals_one_fit(data, noise, feedback):
    X, y = data
    model = ESNRegressor(
        20,
        washout=30,
        noise=noise,
        feedback_scaling=feedback,
        alpha=1e-4,
        random_state=0,
    )
    whole = clone(model).fit(X, y)
    pieces = clone(model)
    for a, b in [(0, 50), (50, 51), (51, 170), (170, 300)]:
        pieces.partial_fit(X[a:b], y[a:b])
    np.testing.assert_allclose(pieces.coef_, whole.coef_, rtol=1e-5, atol=1e-6)
    after = X[:20] / 3
    np.testing.assert_allclose(pieces.predict(after), whole.predict(after), atol=1e-8)


def test_partial_fit_goes_on_from_fit(data):
    X, y = data
    model = ESNRegressor(20, washout=30, alpha=1e-4, random_state=0)
    whole = clone(model).fit(X, y)
    pieces = clone(model).fit(X[:200], y[:200]).partial_fit(X[200:], y[200:])
    np.testing.assert_allclose(pieces.coef_, whole.coef_, rtol=1e-5, atol=1e-6)


def test_partial_fit_of_many_series_goes_on_in_each():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (400, 1))
    y = np.roll(X[:, 0], 1)
    groups = np.tile(["a", "b", "c", "d"], 100)
    model = ESNRegressor(15, washout=5, alpha=1e-4, random_state=0)
    whole = clone(model).fit(X, y, groups=groups)
    pieces = clone(model)
    for rows in (slice(0, 200), slice(200, 400)):
        pieces.partial_fit(X[rows], y[rows], groups=groups[rows])
    np.testing.assert_allclose(pieces.coef_, whole.coef_, rtol=1e-5, atol=1e-7)


def test_recursive_least_squares_learns_what_ridge_does(data):
    X, y = data
    readout = RecursiveLeastSquares(alpha=1e-2)
    online = ESNRegressor(20, readout=readout, washout=10, random_state=0).fit(X, y)
    F = plain.features(plain.states(online.reservoir_, X), X)
    ones = np.hstack([np.ones((290, 1)), F[10:]])
    gram = ones.T @ ones + 1e-2 * np.eye(ones.shape[1])
    coef = np.linalg.solve(gram, ones.T @ y[10:])
    np.testing.assert_allclose(online.coef_, coef[1:], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(online.intercept_, coef[0], atol=1e-6)


def test_force_learning_tames_a_generator_that_feeds_itself():
    # Sussillo and Abbott 2009: the network's own output is fed back while it learns.
    t = np.arange(3000)
    y = np.sin(0.1 * t)
    X = np.ones((3000, 1))
    model = ESNRegressor(
        100,
        spectral_radius=1.2,
        leak_rate=0.3,
        feedback_scaling=1.0,
        include_input=False,
        readout=RecursiveLeastSquares(alpha=1.0),
        random_state=0,
        washout=0,
    ).partial_fit(X, y, teacher_forcing=False)
    free = model.predict(X[:200], initial_state="last")
    np.testing.assert_allclose(free, np.sin(0.1 * np.arange(3000, 3200)), atol=0.1)


def test_any_regressor_can_be_the_readout(data):
    X, y = data
    model = ESNRegressor(20, readout=KNeighborsRegressor(1), washout=0, random_state=0)
    model.fit(X, y)
    np.testing.assert_allclose(model.predict(X), y)
    assert not hasattr(model, "coef_")


def test_a_readout_for_single_outputs_is_given_a_flat_target(data):
    X, y = data
    model = ESNRegressor(
        20, readout=LinearSVR(max_iter=100_000, random_state=0), random_state=0
    ).fit(X, y)
    assert model.coef_.shape == (22,)


def test_a_list_of_penalties_is_chosen_from_by_cross_validation(data):
    X, y = data
    model = ESNRegressor(20, alpha=[1e-6, 1e-2, 1e6], random_state=0).fit(X, y)
    assert model.alpha_ in (1e-6, 1e-2)


def test_many_to_one_learns_from_the_last_state_of_each_series():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 12, 1))
    y = X[:, -1, 0] - X[:, -2, 0]
    model = ESNRegressor(30, random_state=0, alpha=1e-8).fit(X[:30], y[:30])
    H = np.vstack([plain.states(model.reservoir_, series)[-1] for series in X])
    F = plain.features(H, X[:, -1])
    expected = F @ model.coef_ + model.intercept_
    predicted = model.predict(X)
    np.testing.assert_allclose(predicted, expected, rtol=1e-6, atol=1e-8)
    assert model.score(X[:30], y[:30]) > 0.99


def test_float32_stays_float32(data):
    X, y = data
    model = ESNRegressor(30, random_state=0).fit(X.astype(np.float32), y)
    assert model.predict(X.astype(np.float32)).dtype == np.float32
    assert model.predict(X).dtype == np.float64
    double = ESNRegressor(30, random_state=0).fit(X, y)
    # Single precision has seven digits.
    np.testing.assert_allclose(model.predict(X), double.predict(X), atol=1e-3)


def test_adding_feedback_leaves_the_other_weights_as_they_were(data):
    X, y = data
    plain_one = ESNRegressor(20, random_state=0).fit(X, y)
    fed_back = ESNRegressor(20, feedback_scaling=0.1, random_state=0).fit(X, y)
    np.testing.assert_array_equal(plain_one.W_in_, fed_back.W_in_)
    np.testing.assert_array_equal(plain_one.W_.toarray(), fed_back.W_.toarray())


def test_a_pickled_estimator_predicts_the_same_bits(data):
    X, y = data
    model = ESNRegressor(20, feedback_scaling=0.2, random_state=0).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(model.predict(X[:9]), again.predict(X[:9]))


def test_predict_changes_nothing(data):
    X, y = data
    model = ESNRegressor(20, feedback_scaling=0.2, random_state=0).fit(X, y)
    before = pickle.dumps(model)
    model.predict(X)
    model.predict_open_loop(X, y)
    model.score(X, y)
    assert pickle.dumps(model) == before


def test_verbose_reports_on_the_error_stream(data, capsys):
    X, y = data
    ESNRegressor(20, random_state=0, verbose=1).fit(X, y)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "ESNRegressor: fitted" in captured.err


def test_the_penalty_chosen_does_not_depend_on_how_series_are_run():
    # Noise of no size has series run one by one instead of side by side.
    rng = np.random.default_rng(0)
    X = [rng.standard_normal((200, 1)) for _ in range(5)]
    y = [np.roll(x[:, 0], k + 1) + rng.standard_normal(200) for k, x in enumerate(X)]
    options = {"n_units": 50, "alpha": [1e-6, 1e-2, 1.0, 1e2, 1e4], "random_state": 0}
    lanes = ESNRegressor(**options).fit(X, y)
    single = ESNRegressor(**options, noise=1e-13).fit(X, y)
    assert lanes.alpha_ == single.alpha_
    H = np.vstack([plain.states(lanes.reservoir_, x)[20:] for x in X])
    F = plain.features(H, np.vstack([x[20:] for x in X]))
    target = np.concatenate([part[20:] for part in y])[:, None]
    folds = np.array_split(np.arange(len(F)), 5)
    errors = []
    for alpha in options["alpha"]:
        error = 0.0
        for fold in folds:
            rest = np.setdiff1d(np.arange(len(F)), fold)
            coef, intercept = plain.ridge(F[rest], target[rest], alpha)
            error += np.sum((F[fold] @ coef.T + intercept - target[fold]) ** 2)
        errors.append(error)
    assert lanes.alpha_ == options["alpha"][int(np.argmin(errors))]


def test_pieces_of_constant_input_follow_each_other():
    y = np.sin(0.1 * np.arange(400))
    X = np.zeros((400, 1))
    model = ESNRegressor(
        20, feedback_scaling=1.0, washout=10, alpha=1e-4, random_state=0
    )
    whole = clone(model).fit(X, y)
    pieces = clone(model)
    for a in range(0, 400, 100):
        pieces.partial_fit(X[a : a + 100], y[a : a + 100])
    np.testing.assert_allclose(pieces.coef_, whole.coef_, rtol=1e-5, atol=1e-6)


def test_constant_rows_go_on_from_training():
    y = np.sin(0.1 * np.arange(2000))
    X = np.zeros((2000, 1))
    model = ESNRegressor(100, feedback_scaling=1.0, random_state=0).fit(X, y)
    expected = np.sin(0.1 * np.arange(2000, 2010))
    # A trained generator of a sine: close, not exact.
    np.testing.assert_allclose(model.predict(X[:10]), expected, atol=0.01)


def test_series_without_names_cannot_be_gone_on_from():
    x = np.sin(0.3 * np.arange(200)).reshape(2, 100, 1)
    model = ESNRegressor(20, random_state=0).fit(x[:, :-1], x[:, 1:])
    with pytest.raises(ValueError, match="have no names"):
        model.forecast(3)
    with pytest.raises(ValueError, match="have no names"):
        model.predict(x[0], initial_state="last")


def test_force_and_teacher_forcing_may_follow_each_other(data):
    X, y = data
    model = ESNRegressor(
        20, feedback_scaling=0.3, readout=RecursiveLeastSquares(), random_state=0
    )
    model.partial_fit(X[:100], y[:100], teacher_forcing=False)
    model.partial_fit(X[100:200], y[100:200])
    model.partial_fit(X[200:], y[200:], teacher_forcing=False)
    assert model.coef_.shape == (22,)


def test_auto_chooses_a_penalty_in_fit_and_keeps_it_in_pieces(data):
    X, y = data
    noisy = y + np.random.default_rng(0).standard_normal(300)
    model = ESNRegressor(50, random_state=0).fit(X, noisy)
    chosen = model.alpha_
    assert chosen > 1e-4
    assert model.partial_fit(X, noisy).alpha_ == chosen
    assert ESNRegressor(50, random_state=0).partial_fit(X, noisy).alpha_ == 1e-4


def test_a_readout_whose_predict_is_overridden_is_asked_itself(data):
    class NotNegative(Ridge):
        def predict(self, X):
            return np.maximum(super().predict(X), 0)

    X, y = data
    model = ESNRegressor(20, readout=NotNegative(), random_state=0).fit(X, y)
    assert model.predict(X).min() == 0
    forecast = ESNRegressor(20, readout=Ridge(), random_state=0).fit(X, y)
    assert forecast.coef_.shape == (22,)


def test_score_compares_with_the_target_as_given():
    X = np.sin(np.arange(300.0)).astype(np.float32)[:, None]
    y = 1e8 + X[:, 0].astype(np.float64)
    model = ESNRegressor(20, random_state=0).fit(X, y)
    # Predictions are float32 as X is: near 1e8 they can only be multiples of 8.
    assert model.score(X, y) < 0.5


def test_statistics_that_overflow_are_refused_in_words(data):
    X, y = data
    with pytest.raises(ValueError, match="too large to add up"):
        ESNRegressor(20, random_state=0).fit(X * 1e200, y)
