"""NARX: free runs, steps ahead, histories, and training in closed loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqest import NARXRegressor

Array = NDArray[Any]
stopped_early = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"
)


@pytest.fixture
def data() -> tuple[Array, Array]:
    """Return the inputs and outputs of a nonlinear system of second order."""
    rng = np.random.default_rng(0)
    u, y = rng.uniform(-1, 1, (240, 2)), np.zeros(240)
    for t in range(2, 240):
        y[t] = np.tanh(0.5 * y[t - 1] - 0.3 * y[t - 2] + u[t, 0] + u[t - 1, 1])
    return u, y


def small(**options: Any) -> NARXRegressor:
    quick = {"max_iter": 30, "n_iter_no_change": 30, "random_state": 0}
    delays = {"input_delays": 1, "output_delays": 2}
    return NARXRegressor(**{"hidden_layer_sizes": (6,), **delays, **quick, **options})


def by_hand(model: NARXRegressor, X: Array, y_init: Array, n_steps: int) -> Array:
    """Return a free run after known outputs, by a loop over the equation."""
    weights, taps = model.weights_, [(0, 0), (0, 1), (1, 0), (1, 1)]
    W, y = weights["hidden_0.W_in"], list(y_init)
    for t in range(n_steps):
        row = [1.0, *(X[max(t - lag, 0), c] for lag, c in taps), y[-1], y[-2]]
        h = np.tanh(row @ W)
        out = h @ weights["output.W_0"] + weights["output.W_in"][0]
        y.append(out[0])
    return np.array(y[len(y_init) :])


def test_a_free_run_is_the_loop_over_its_equation(data: tuple[Array, Array]) -> None:
    X, y = data
    model = small(standardize=False).fit(X, y)
    run = model.predict(X[:60], y_init=[0.3, -0.2], initial_state="zero")
    # Sums in another order, sixty times over.
    expected = by_hand(model, X, np.array([0.3, -0.2]), 60)
    np.testing.assert_allclose(run, expected, rtol=1e-9)
    from_rest = model.predict(X[:60], initial_state="zero")
    expected = by_hand(model, X, np.zeros(2), 60)
    np.testing.assert_allclose(from_rest, expected, rtol=1e-9)


def test_histories_stand_in_the_units_of_the_outputs(data: tuple[Array, Array]) -> None:
    X, y = data[0], 50 + 20 * data[1]
    model = small(max_iter=200, n_iter_no_change=200).fit(X, y)
    # The state holds the inputs before as well.
    _, state = model.predict_open_loop(X[:50], y[:50], return_state=True)
    ours = model.predict(X[50:80], y_init=y[40:50], initial_state=state)
    theirs = model.predict(X[50:80], initial_state=state)
    # There and back through the scaling of the outputs.
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    other = model.predict(X[50:80], y_init=y[40:50] + 30, initial_state=state)
    assert np.abs(other - ours).max() > 1


@pytest.mark.parametrize("missing", [[], [50, 51, 90]])
def test_a_linear_network_finds_the_regression_on_its_known_delays(
    data: tuple[Array, Array], missing: list[int]
) -> None:
    X, y = data
    rows = np.arange(2, len(y))
    lags = np.column_stack([X[rows], X[rows - 1], y[rows - 1], y[rows - 2]])
    told = y.copy()
    told[missing] = np.nan
    known = [t for t in rows if not {t, t - 1, t - 2} & set(missing)]
    line = LinearRegression().fit(lags[np.array(known) - 2], y[known])
    options = {"activation": "identity", "solver": "lm", "alpha": 0.0, "tol": 1e-10}
    model = small(hidden_layer_sizes=(1,), max_iter=200, **options).fit(X, told)
    one_ahead = model.predict_open_loop(X, y, initial_state="zero")
    # To what the end of the descent leaves.
    np.testing.assert_allclose(one_ahead[2:], line.predict(lags), atol=1e-5)


def test_an_output_that_is_never_known_with_its_delays_cannot_be_learned(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    gaps = np.where(np.arange(len(y)) % 2, y, np.nan)
    with pytest.raises(ValueError, match="no row of y to learn from"):
        small().fit(X, gaps)


def test_steps_ahead_are_short_free_runs_from_measured_outputs(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = small().fit(X, y)
    for steps in (1, 3):
        ahead = model.predict_ahead(X, y, steps, initial_state="zero")
        for t in (0, 1, 5, 100, len(y) - 1):
            begin = max(t - steps + 1, 0)
            state: Any = "zero"
            if begin:
                before = X[:begin], y[:begin]
                _, state = model.predict_open_loop(
                    *before, initial_state="zero", return_state=True
                )
            run = model.predict(X[begin : t + 1], initial_state=state)
            assert ahead[t] == pytest.approx(run[-1], rel=1e-12)


def test_one_step_ahead_is_open_loop_and_many_are_a_free_run(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = small().fit(X, y)
    start = {"initial_state": "zero"}
    one = model.predict_ahead(X, y, 1, **start)
    np.testing.assert_allclose(one, model.predict_open_loop(X, y, **start), rtol=1e-12)
    many = model.predict_ahead(X, y, len(y), **start)
    np.testing.assert_allclose(many, model.predict(X, **start), rtol=1e-12)


@stopped_early
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_training_in_closed_loop_lowers_the_error_of_free_runs(solver: str) -> None:
    rng = np.random.default_rng(3)
    u, y = rng.uniform(-1, 1, (400, 1)), np.zeros(400)
    for t in range(1, 400):
        y[t] = 0.9 * np.sin(y[t - 1]) + 0.3 * u[t - 1, 0]
    # What is measured is noisy, so that one step ahead learns too little of the past.
    measured = y + 0.2 * rng.normal(size=400)
    options: dict[str, Any] = {"input_delays": [1], "output_delays": 1}
    options |= {"solver": solver, "max_iter": 40, "hidden_layer_sizes": (4,)}
    errors = []
    for closed_loop in (False, True):
        model = small(closed_loop=closed_loop, horizon=32, **options)
        model.fit(u[:300], measured[:300])
        errors.append(np.mean((model.predict(u[300:]) - y[300:]) ** 2))
    assert errors[1] < errors[0] / 2


@stopped_early
def test_training_in_closed_loop_begins_where_delays_are_known() -> None:
    rng = np.random.default_rng(0)
    u, y = rng.normal(size=(400, 1)), np.zeros(400)
    for t in range(2, 400):
        y[t] = 1.6 * y[t - 1] - 0.8 * y[t - 2] + u[t - 1, 0]
    # The series begins in the middle of a motion that takes long to be forgotten.
    X, y = u[100:], y[100:]
    options = {"activation": "identity", "solver": "lm", "alpha": 0.0, "tol": 1e-12}
    delays = {"input_delays": [1], "hidden_layer_sizes": (1,)}
    model = small(closed_loop=True, horizon=64, **options, **delays).fit(X, y)
    assert model.best_loss_ < 1e-20


def test_steps_beyond_the_series_are_a_free_run(data: tuple[Array, Array]) -> None:
    X, y = data
    for options in ({}, {"regressor": Ridge(1e-3)}):
        delays = {"input_delays": 1, "output_delays": 2, **options}
        model = NARXRegressor(**delays).fit(X, y) if options else small().fit(X, y)
        far = model.predict_ahead(X, y, 10**12, initial_state="zero")
        run = model.predict(X, initial_state="zero")
        np.testing.assert_allclose(far, run, rtol=1e-12)


@pytest.mark.parametrize("regressor", [None, Ridge(1e-3)])
def test_steps_ahead_hold_what_the_state_knows(
    data: tuple[Array, Array], regressor: Any
) -> None:
    X, y = data
    model = small() if regressor is None else NARXRegressor(regressor=regressor)
    model.fit(X[:100], y[:100])
    before = {"return_state": True, "initial_state": "zero"}
    _, state = model.predict_open_loop(X[:100], y[:100], **before)
    told, stands_in = y[100:].copy(), y[100:].copy()
    told[:2], stands_in[:2] = np.nan, y[99]
    ours, theirs = (
        model.predict_ahead(X[100:], z, 1, initial_state=state)
        for z in (told, stands_in)
    )
    # There and back through the scaling.
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    single = model.predict_ahead(X[100:].astype(np.float32), y[100:], 2)
    assert single.dtype == np.float32


def test_pieces_without_a_row_to_learn_from_only_advance_the_state(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = small(input_delays=7)
    for row in range(5):
        model.partial_fit(X[row : row + 1], y[row : row + 1])
    first = model.theta_.copy()
    model.partial_fit(X[5:9], y[5:9])  # the seventh delay is known from row 7 on
    assert (model.theta_ != first).any()


@pytest.mark.parametrize("solver", ["adam", "lbfgs", "lm"])
@pytest.mark.parametrize("regressor", [None, Ridge()])
def test_weights_on_rows_that_are_not_learned_are_refused(
    data: tuple[Array, Array], solver: str, regressor: Any
) -> None:
    X, y = data
    weights = (np.arange(len(y)) < 2).astype(float)
    model = (
        small(solver=solver)
        if regressor is None
        else NARXRegressor(output_delays=2, regressor=regressor)
    )
    with pytest.raises(ValueError, match="no row of y to learn from"):
        model.fit(X, y, sample_weight=weights)


def test_what_partial_fit_cannot_do_is_refused(data: tuple[Array, Array]) -> None:
    X, y = data
    with pytest.raises(ValueError, match=r"closed_loop=True.*learns one step ahead"):
        small(closed_loop=True).partial_fit(X, y)
    model = small().fit(X, y).set_params(regressor=Ridge())
    with pytest.raises(ValueError, match=r"partial_fit\(regressor=Ridge\(\)\)"):
        model.partial_fit(X, y)
    assert model.weights_  # what was fitted is a network
    model = NARXRegressor(regressor=Ridge()).fit(X, y).set_params(regressor=None)
    assert not hasattr(model, "partial_fit")
    with pytest.raises(ValueError, match="the target y is None"):
        model.predict_open_loop(X, None)
    with pytest.raises(ValueError, match="needs y at every step"):
        small().fit(X.reshape(4, 60, 2), y[:4])


def test_a_warm_start_needs_the_same_delays(data: tuple[Array, Array]) -> None:
    X, y = data
    model = small(warm_start=True).fit(X, y)
    model.fit(X, y)
    model.set_params(input_delays=[3, 7])
    with pytest.raises(ValueError, match="delays have changed"):
        model.fit(X, y)


def test_horizons_double_up_to_the_last() -> None:
    assert small(closed_loop=True, horizon=20)._horizons(500) == [2, 4, 8, 16, 20]
    assert small(closed_loop=True, horizon=16)._horizons(500) == [2, 4, 8, 16]
    assert small(closed_loop=True)._horizons(500) == [2, 4, 8, 16, 32, 64]
    assert small(closed_loop=True)._horizons(3) == [2, 3]
    assert small(closed_loop=True, horizon=10**12)._horizons(5) == [2, 4, 5]
    assert small()._horizons(500) == []


def test_what_comes_later_changes_no_earlier_prediction(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = small().fit(X, y)
    later, told = X.copy(), y.copy()
    later[100:], told[100:] = 3.0, -3.0
    start = {"initial_state": "zero"}
    for ours, theirs in (
        (model.predict(X, **start), model.predict(later, **start)),
        (
            model.predict_open_loop(X, y, **start),
            model.predict_open_loop(later, told, **start),
        ),
        (
            model.predict_ahead(X, y, 4, **start),
            model.predict_ahead(later, told, 4, **start),
        ),
    ):
        np.testing.assert_array_equal(ours[:100], theirs[:100])
    # An output answers to measured ones of rows before it alone.
    told = y.copy()
    told[100] += 1
    ours, theirs = (model.predict_open_loop(X, z, **start) for z in (y, told))
    assert np.flatnonzero(ours != theirs).tolist() == [101, 102]


def test_series_have_histories_of_their_own(data: tuple[Array, Array]) -> None:
    X, y = data
    groups = np.repeat(["a", "b"], 120)
    model = small().fit(X, y, groups=groups)
    start = {"initial_state": "zero"}
    given = {"a": y[:2], "b": y[120:122]}
    both = model.predict(X, groups, y_init=given, **start)
    for name, rows in (("a", slice(0, 120)), ("b", slice(120, 240))):
        own = model.predict(X[rows], groups[rows], y_init={name: given[name]}, **start)
        np.testing.assert_array_equal(both[rows], own)
    with pytest.raises(ValueError, match="the outputs of each series"):
        model.predict(X, groups, y_init=y[:2])
    with pytest.raises(ValueError, match="an entry for series 'b'"):
        model.predict(X, groups, y_init={"a": y[:2]})


def test_series_without_names_have_histories_in_their_order(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = small().fit(X, y)
    parts, histories = [X[:90], X[90:150]], [y[:2], y[88:90]]
    expected = [
        model.predict(part, y_init=history, initial_state="zero")
        for part, history in zip(parts, histories, strict=True)
    ]
    for run, own in zip(
        model.predict(parts, y_init=histories, initial_state="zero"),
        expected,
        strict=True,
    ):
        np.testing.assert_array_equal(run, own)
    runs = model.predict(
        X.reshape(4, 60, 2), y_init=np.reshape(y[:8], (4, 2)), initial_state="zero"
    )
    third = model.predict(X[120:180], y_init=y[4:6], initial_state="zero")
    np.testing.assert_array_equal(runs[2], third)
    for wrong in (histories[:1], 0.3, y[:3]):
        with pytest.raises(ValueError, match="before each of the 2 series"):
            model.predict(parts, y_init=wrong)


@pytest.mark.parametrize(
    "y_init",
    [[0.1], [[0.1, 0.2], [0.1, 0.2]], [0.1, np.nan], np.zeros((2, 1, 1)), 0.5],
)
def test_a_history_of_another_shape_is_refused(
    data: tuple[Array, Array], y_init: Any
) -> None:
    X, y = data
    model = small().fit(X, y)
    with pytest.raises(ValueError, match=r"n_lags >= 2, the greatest output delay"):
        model.predict(X, y_init=y_init)
    with pytest.raises(ValueError, match="an array of real numbers"):
        model.predict(X, y_init="ab")


@stopped_early
def test_delays_and_units_are_searched_in_a_pipeline(data: tuple[Array, Array]) -> None:
    X, y = data
    pipeline = make_pipeline(StandardScaler(), small(solver="lbfgs", max_iter=60))
    grid = {
        "narxregressor__input_delays": [0, 1],
        "narxregressor__output_delays": [1, 2],
        "narxregressor__hidden_layer_sizes": [(3,), (6,)],
    }
    search = GridSearchCV(pipeline, grid, cv=TimeSeriesSplit(2), n_jobs=2).fit(X, y)
    # Those of the system, the second input of which counts a step later.
    assert search.best_params_["narxregressor__input_delays"] == 1
    assert search.best_params_["narxregressor__output_delays"] == 2


@pytest.mark.parametrize("regressor", [None, Ridge(1e-3)])
def test_cross_validation_is_a_loop_over_its_folds(
    data: tuple[Array, Array], regressor: Any
) -> None:
    X, y = data
    model, folds = small(), TimeSeriesSplit(4)
    if regressor is not None:
        model = NARXRegressor(output_delays=2, regressor=regressor)
    expected = []
    for train, test in folds.split(X):
        fitted = clone(model).fit(X[train], y[train])
        # Each fold follows its training rows: the run goes on from their end.
        run = fitted.predict(X[test], initial_state="last")
        error = np.mean((y[test] - run) ** 2)
        expected.append(-error)
    scores = cross_val_score(model, X, y, cv=folds, scoring="neg_mean_squared_error")
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"output_delays": 0}, r"NARXRegressor\(output_delays=0\)"),
        ({"output_delays": [1, 0]}, "Lag 0 is the value itself"),
        ({"input_delays": -2}, r"NARXRegressor\(input_delays=-2\)"),
        ({"output_delays": {1: 1}}, "There is no column 1"),
        ({"output_delays": 240}, r"NARXRegressor\(output_delays=240\)"),
        ({"output_delays": 10**9}, r"output_delays=1000000000\)"),
        ({"input_delays": [10**30]}, "less than the number of rows"),
        ({"horizon": 0}, r"NARXRegressor\(horizon=0\)"),
        ({"closed_loop": True, "horizon": 0}, r"NARXRegressor\(horizon=0\)"),
    ],
)
def test_delays_that_cannot_be_are_refused(
    data: tuple[Array, Array], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        small(**options).fit(*data)
