"""Any regressor behind delay lines: the same laws as the perceptron's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingRegressor,
    StackingRegressor,
)
from sklearn.linear_model import (
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
)
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    PolynomialFeatures,
    StandardScaler,
)

from seqest import ElmanRegressor, NARXRegressor, TappedDelayLine, TDNNRegressor

Array = NDArray[Any]
N_ROWS = 160


@pytest.fixture
def data() -> tuple[Array, Array]:
    """Return the inputs and outputs of a cubic system of second order."""
    rng = np.random.default_rng(0)
    u, y = rng.uniform(-1, 1, (N_ROWS, 2)), np.zeros(N_ROWS)
    for t in range(2, N_ROWS):
        y[t] = 0.5 * y[t - 1] - 0.1 * y[t - 2] ** 3 + (u[t, 0] + u[t - 1, 1]) / 2
    return u, y


def cubic() -> Any:
    return make_pipeline(PolynomialFeatures(3), LinearRegression())


def narx(regressor: Any = None, **options: Any) -> NARXRegressor:
    delays = {"input_delays": {0: 1, 1: [1]}, "output_delays": 2}
    regressor = Ridge(1e-3) if regressor is None else regressor
    return NARXRegressor(**{**delays, **options}, regressor=regressor)


def row(X: Array, fed: list[Any], t: int) -> list[float]:
    """Return the columns of `narx` at row t; `fed` holds two outputs before row 0."""
    before = max(t - 1, 0)
    return [X[t, 0], X[before, 0], X[before, 1], fed[t + 1], fed[t]]


def test_it_is_the_regressor_fitted_to_lagged_rows(data: tuple[Array, Array]) -> None:
    X, y = data
    fed = [0.0, 0.0, *y]
    H = np.array([row(X, fed, t) for t in range(2, N_ROWS)])
    theirs = Ridge(1e-3).fit(H, y[2:])
    ours = narx().fit(X, y)
    np.testing.assert_allclose(ours.regressor_.coef_, theirs.coef_, rtol=1e-10)
    one_ahead = ours.predict_open_loop(X, y, initial_state="zero")
    np.testing.assert_allclose(one_ahead[2:], theirs.predict(H), rtol=1e-10)


def test_without_feedback_too() -> None:
    X = np.random.default_rng(1).normal(size=(50, 2))
    y = X[:, 0] ** 2
    H = np.column_stack([X[2:, 0], X[:-2, 0], X[2:, 1], X[:-2, 1]])
    theirs = ExtraTreesRegressor(5, random_state=3).fit(H, y[2:])
    own = ExtraTreesRegressor(5, random_state=3)
    ours = TDNNRegressor(delays=[0, 2], regressor=own).fit(X, y)
    predicted = ours.predict(X, initial_state="zero")
    np.testing.assert_array_equal(predicted[2:], theirs.predict(H))
    assert not hasattr(own, "estimators_")  # a copy learned


def test_a_free_run_is_the_loop_over_its_regressor(data: tuple[Array, Array]) -> None:
    X, y = data
    model = narx(cubic()).fit(X, y)
    fed = [0.3, -0.2]
    for t in range(60):
        fed.append(model.regressor_.predict([row(X, fed, t)])[0])
    run = model.predict(X[:60], y_init=[9.0, 0.3, -0.2], initial_state="zero")
    # Sums in another order, sixty times over.
    np.testing.assert_allclose(run, fed[2:], rtol=1e-8)
    rest = [y.mean()] * 2
    again = model.predict(X[:60], y_init=rest, initial_state="zero")
    np.testing.assert_array_equal(model.predict(X[:60], initial_state="zero"), again)


class Stepped(Ridge):
    """A ridge regression that is not known to be linear."""


def scaled_cubic(last: Any) -> Any:
    scaled = PolynomialFeatures(3, interaction_only=True), StandardScaler()
    return make_pipeline(StandardScaler(), *scaled, StandardScaler(), last)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "around",
    [
        lambda last: last,
        scaled_cubic,
        lambda last: make_pipeline(PolynomialFeatures(2, include_bias=False), last),
        lambda last: make_pipeline(StandardScaler(with_std=False), "passthrough", last),
        lambda last: make_pipeline(StandardScaler(with_mean=False), last),
    ],
)
def test_polynomials_run_as_any_other(
    data: tuple[Array, Array], dtype: Any, around: Any
) -> None:
    X, y = (values.astype(dtype) for values in data)
    Y = np.column_stack([y, np.roll(y, 1)])
    Y[[3, 4, 70]] = np.nan
    groups = np.repeat([1, 2], N_ROWS // 2)
    for targets in (y, Y):
        fast, slow = (
            narx(around(kind(1.0))).fit(X, targets, groups=groups)
            for kind in (Ridge, Stepped)
        )
        assert fast._lagged_.formula is not None
        assert slow._lagged_.formula is None
        start = {"groups": groups, "initial_state": "zero"}
        for method, told in (("predict", ()), ("predict_open_loop", (targets,))):
            ours, theirs = (getattr(m, method)(X, *told, **start) for m in (fast, slow))
            assert ours.dtype == dtype
            # Rounding of steps fed back.
            tolerance = 1e-9 if dtype is np.float64 else 1e-3
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


class SteppedNet(MLPRegressor):
    """A perceptron that is not known to be one."""


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic", "identity"])
@pytest.mark.parametrize("hidden", [(3,), (9, 2, 4)])
def test_perceptrons_of_scikit_learn_run_as_any_other(
    data: tuple[Array, Array], dtype: Any, activation: str, hidden: tuple[int, ...]
) -> None:
    X, y = (values.astype(dtype) for values in data)
    Y = np.column_stack([y, np.roll(y, 1)])
    Y[[3, 4, 70]] = np.nan
    options = {"activation": activation, "solver": "lbfgs", "alpha": 10.0}
    for targets in (y, Y):
        fast, slow = (
            narx(
                make_pipeline(
                    StandardScaler(),
                    StandardScaler(with_mean=False),
                    kind(hidden_layer_sizes=hidden, random_state=0, **options),
                )
            ).fit(X, targets)
            for kind in (MLPRegressor, SteppedNet)
        )
        assert fast._lagged_.formula is not None
        assert slow._lagged_.formula is None
        ours, theirs = (m.predict(X, initial_state="zero") for m in (fast, slow))
        assert ours.dtype == dtype
        # Rounding of steps fed back.
        tolerance = 1e-9 if dtype is np.float64 else 1e-3
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


class Clipped(Pipeline):
    """Goes its own way outside of what it saw."""

    def predict(self, X: Any) -> Any:
        return np.clip(super().predict(X), -100.0, 100.0)


def test_only_what_is_a_polynomial_is_taken_for_it(data: tuple[Array, Array]) -> None:
    X, y = data
    for regressor in (LinearRegression(), Lasso(1e-3), HuberRegressor(max_iter=1000)):
        model = narx(regressor).fit(X, y)
        H = np.eye(5)
        expected = model.regressor_.predict(H)
        np.testing.assert_allclose(model._lagged_.formula(H)[:, 0], expected, rtol=1e-9)
    # It has coefficients, too, but predicts their exponential.
    counted = narx(PoissonRegressor(max_iter=1000)).fit(X, np.exp(y))
    others = [make_pipeline(KBinsDiscretizer(), Ridge()), ExtraTreesRegressor(2)]
    others.append(Clipped([("ridge", Ridge())]))
    for model in (counted, *(narx(other).fit(X, y) for other in others)):
        assert model._lagged_.formula is None
    run = counted.predict(X[:2], y_init=[1.0, 1.0], initial_state="zero")
    lags = [row(X, [1.0, 1.0], 0)]
    assert run[0] == pytest.approx(counted.regressor_.predict(lags)[0])


def test_predictions_stand_in_for_outputs_that_are_not_known(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = narx().fit(X, y)
    told = y.copy()
    told[[0, 1, 20, 40, 41, 42, 43]] = np.nan
    fed: list[Any] = [y.mean()] * 2
    expected = []
    for t in range(N_ROWS):
        expected.append(model.regressor_.predict([row(X, fed, t)])[0])
        fed.append(expected[-1] if np.isnan(told[t]) else told[t])
    got = model.predict_open_loop(X, told, initial_state="zero")
    np.testing.assert_allclose(got, expected, rtol=1e-10)


def test_rows_with_anything_unknown_are_not_learned(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    told = y.copy()
    told[50:53] = np.nan
    # Rows whose delays are known: none that follows an unknown output by two.
    kept = [t for t in range(2, N_ROWS) if not 50 <= t <= 54]
    H = np.array([row(X, [0.0, 0.0, *y], t) for t in kept])
    theirs = Ridge(1e-3).fit(H, y[kept])
    ours = narx().fit(X, told).regressor_
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-10)


@pytest.mark.parametrize("steps", [1, 4, N_ROWS])
def test_steps_ahead_are_short_free_runs_from_measured_outputs(
    data: tuple[Array, Array], steps: int
) -> None:
    X, y = data
    groups = np.repeat(["a", "b"], [90, N_ROWS - 90])
    model = narx().fit(X, y, groups=groups)
    ahead = model.predict_ahead(X, y, steps, groups, initial_state="zero")
    for begin, t in ((0, 0), (0, 1), (0, 70), (90, 92), (90, 150)):
        cut = max(t - steps + 1, begin)
        state: Any = "zero"
        if cut > begin:
            before = X[begin:cut], y[begin:cut], groups[begin:cut]
            _, state = model.predict_open_loop(
                *before, initial_state="zero", return_state=True
            )
        here = slice(cut, t + 1)
        run = model.predict(X[here], groups[here], initial_state=state)
        assert ahead[t] == pytest.approx(run[-1], rel=1e-10)


def test_unknown_outputs_are_held_where_steps_are_ahead(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = narx().fit(X, y)
    told, stands_in = y.copy(), y.copy()
    told[[0, 30]], stands_in[[0, 30]] = np.nan, [y.mean(), y[29]]
    ours, theirs = (
        model.predict_ahead(X, z, 3, initial_state="zero") for z in (told, stands_in)
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_series_run_side_by_side_as_each_alone(data: tuple[Array, Array]) -> None:
    X, y = data
    model = narx(cubic()).fit(X, y)
    parts = [X[:50], X[50:57], X[57:]]
    together = model.predict(parts, initial_state="zero")
    for part, run in zip(parts, together, strict=True):
        alone = model.predict(part, initial_state="zero")
        np.testing.assert_allclose(run, alone, rtol=1e-9)


def test_no_delay_reaches_over_a_hole(data: tuple[Array, Array]) -> None:
    X, y = data
    index = pd.date_range("2020", periods=N_ROWS + 5, freq="D").delete(range(80, 85))
    frame = pd.DataFrame(X, index=index, columns=["u", "v"])
    model = narx(input_delays={"u": 1, "v": [1]}).fit(frame, pd.Series(y, index))
    kept = [t for t in range(2, N_ROWS) if t not in (80, 81)]
    H = np.array([row(X, [0.0, 0.0, *y], t) for t in kept])
    theirs = Ridge(1e-3).fit(H, y[kept])
    np.testing.assert_allclose(model.regressor_.coef_, theirs.coef_, rtol=1e-10)
    # The next day goes on, any other starts anew.
    whole = model.predict_open_loop(frame, pd.Series(y, index))
    later = index[-1] + pd.to_timedelta([1, 2, 3], "D")
    on = model.predict(pd.DataFrame(X[:3], later, ["u", "v"]))
    anew = model.predict(pd.DataFrame(X[:3], later + pd.Timedelta("9D"), ["u", "v"]))
    fed, before = list(y[-2:]), X[[-1, 0]]
    first = [X[0, 0], before[0, 0], before[0, 1], fed[1], fed[0]]
    assert on[0] == pytest.approx(model.regressor_.predict([first])[0])
    assert anew[0] != on[0]
    assert len(whole) == N_ROWS


def test_several_outputs_have_delays_of_their_own() -> None:
    rng = np.random.default_rng(2)
    u, Y = rng.normal(size=(200, 1)), np.zeros((200, 2))
    for t in range(3, 200):
        Y[t] = [0.5 * Y[t - 1, 1] + u[t - 1, 0], -0.3 * Y[t - 3, 0] + u[t, 0]]
    delays = {"input_delays": 1, "output_delays": {0: [3], 1: 1}}
    model = NARXRegressor(**delays, regressor=LinearRegression()).fit(u, Y)
    expected = [[0, 1, 0, 0.5], [1, 0, -0.3, 0]]
    np.testing.assert_allclose(model.regressor_.coef_, expected, atol=1e-12)
    assert model.output_delays_ == ((3,), (1,))
    np.testing.assert_allclose(
        model.predict(u, initial_state="zero")[40:], Y[40:], atol=1e-8
    )
    boosted = MultiOutputRegressor(HistGradientBoostingRegressor(max_iter=3))
    assert NARXRegressor(**delays, regressor=boosted).fit(u, Y).predict(u).shape == (
        200,
        2,
    )


def test_weights_reach_the_regressor(data: tuple[Array, Array]) -> None:
    X, y = data
    weights = np.where(np.arange(N_ROWS) < 100, 1.0, 0.0)
    ours = narx().fit(X, y, sample_weight=weights).regressor_
    H = np.array([row(X, [0.0, 0.0, *y], t) for t in range(2, 100)])
    theirs = Ridge(1e-3).fit(H, y[2:100])
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-9)


def test_its_forecast_feeds_outputs_to_the_inputs() -> None:
    x = np.sin(0.3 * np.arange(300)) + np.sin(1.1 * np.arange(300))
    regressor = LinearRegression()
    model = TDNNRegressor(delays=3, regressor=regressor).fit(x[:199, None], x[1:200])
    # Two sines obey a recursion over four values; rounding grows along the run.
    np.testing.assert_allclose(model.forecast(100), x[200:], atol=1e-8)
    model = NARXRegressor(input_delays=0, output_delays=3, regressor=Ridge(1e-9))
    model.fit(x[:199, None], x[1:200])
    rest = model.forecast(5, initial_state="zero")
    fed = [x[1:200].mean()] * 3
    for _ in range(5):
        lagged = [fed[-1], *fed[-1:-4:-1]]
        fed.append(model.regressor_.predict([lagged])[0])
    np.testing.assert_allclose(rest, fed[3:], rtol=1e-9)


def test_halves_are_one_whole(data: tuple[Array, Array]) -> None:
    X, y = data
    model = narx(input_delays=[0, 6]).fit(X, y)
    whole = model.predict(X, initial_state="zero")
    # The first half is shorter than the delay line.
    first, state = model.predict(X[:4], initial_state="zero", return_state=True)
    second = model.predict(X[4:], initial_state=state)
    np.testing.assert_allclose(np.append(first, second), whole, rtol=1e-9)


def test_delays_and_the_regressor_are_searched_in_a_pipeline(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    pipeline = make_pipeline(StandardScaler(), narx(input_delays=1))
    grid = {
        "narxregressor__output_delays": [1, 2],
        "narxregressor__regressor": [Lasso(0.1), cubic(), KNeighborsRegressor(3)],
    }
    folds = TimeSeriesSplit(2, test_size=40)
    search = GridSearchCV(pipeline, grid, cv=folds).fit(X, y)
    assert search.best_params_["narxregressor__output_delays"] == 2
    assert "pipeline" in str(search.best_params_["narxregressor__regressor"]).lower()
    assert search.best_score_ > 0.99


def test_regressors_that_hide_what_they_can_do_are_taken(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    stacked = StackingRegressor([("line", Ridge(1e-3))])  # predicts once it is fitted
    searched = GridSearchCV(Ridge(), {"alpha": [1e-3, 1.0]})
    for regressor in (stacked, searched, TransformedTargetRegressor(Ridge(1e-3))):
        model = narx(regressor).fit(X, y)
        assert model.score(X, y) > 0.9
    weights = np.ones(N_ROWS)
    weighted = narx(searched).fit(X, y, sample_weight=weights)  # passed on by name
    assert weighted.score(X, y) > 0.9


def test_predictions_of_another_shape_are_refused(data: tuple[Array, Array]) -> None:
    X, y = data

    class Doubled(LinearRegression):
        def predict(self, X: Array) -> Array:
            return np.tile(super().predict(X)[:, np.newaxis], 2)

    model = narx(Doubled()).fit(X[:, :], y)
    with pytest.raises(ValueError, match=r"predicted an array of shape \(1, 2\)"):
        model.predict(X, initial_state="zero")


def test_only_a_run_on_its_own_outputs_is_told_to_leave_its_range(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = TDNNRegressor(regressor=LinearRegression()).fit(X, y)
    model.predict(1e4 * X)  # no warning, which would be an error
    with pytest.warns(RuntimeWarning, match="left the range.*raise its penalty"):
        narx(LinearRegression()).fit(X, y).predict(1e4 * X)


def test_a_seed_reaches_every_part_that_draws(data: tuple[Array, Array]) -> None:
    X, y = data
    trees = make_pipeline(StandardScaler(), ExtraTreesRegressor(3, max_depth=4))
    runs = [narx(trees, random_state=s).fit(X, y).predict(X) for s in (0, 0, 1)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.abs(runs[0] - runs[2]).max() > 1e-3
    seeded = narx(ExtraTreesRegressor(3, random_state=5), random_state=0).fit(X, y)
    assert seeded.regressor_.random_state == 5


def test_a_run_that_diverges_is_reported_with_its_step(
    data: tuple[Array, Array],
) -> None:
    X, y = data

    class Doubled(LinearRegression):
        def predict(self, X: Array) -> Array:
            with np.errstate(over="ignore"):
                return np.square(X[:, -1] + 2)

    # Cubes that are not finite are refused by the pipeline itself.
    steep = narx(cubic()).fit(X, 5 * y + 3 * y**3)
    far = {"y_init": [1e4, 1e4], "initial_state": "zero"}
    for model, options in ((narx(Doubled()).fit(X, y), {}), (steep, far)):
        with pytest.raises(FloatingPointError, match="not finite at step"):
            model.predict(X, **options)
    model = TDNNRegressor(delays=1, regressor=Doubled()).fit(y[:-1, None], y[1:])
    with pytest.raises(FloatingPointError, match="not finite at step"):
        model.forecast(100)


class NoPredict(BaseEstimator):
    def fit(self, X: Any, y: Any) -> NoPredict:
        return self


@pytest.mark.parametrize(
    ("regressor", "message"),
    [
        (LogisticRegression(), "It is a classifier"),
        (NoPredict(), "It needs fit, predict"),
        ("ridge", "It needs fit, predict"),
        (Ridge, r"Give an instance, Ridge\(…\)"),
        (ElmanRegressor(), "A memory of its own"),
        (make_pipeline(TappedDelayLine(2), Ridge()), "A memory of its own"),
        (MultiOutputRegressor(ElmanRegressor()), "A memory of its own"),
    ],
)
@pytest.mark.parametrize("estimator", [NARXRegressor, TDNNRegressor])
def test_what_is_no_regressor_is_refused(
    data: tuple[Array, Array], estimator: Any, regressor: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        estimator(regressor=regressor).fit(*data)


def test_what_a_regressor_cannot_do_is_said(data: tuple[Array, Array]) -> None:
    X, y = data
    with pytest.raises(ValueError, match="fit takes sample_weight"):
        narx(KNeighborsRegressor()).fit(X, y, sample_weight=np.ones(N_ROWS))
    with pytest.raises(ValueError, match="MultiOutputRegressor"):
        narx(HistGradientBoostingRegressor()).fit(X, np.column_stack([y, y]))
    gaps = np.where(np.arange(N_ROWS) % 2, y, np.nan)
    with pytest.raises(ValueError, match="no row of y to learn from"):
        narx().fit(X, gaps)
    model = narx().fit(X, y)
    for name in ("partial_fit", "sensitivity", "weights_", "theta_"):
        assert not hasattr(model, name)
    with pytest.raises(AttributeError, match=r"Ridge\(alpha=0.001\)\) has no"):
        model.weights_  # noqa: B018
    assert not hasattr(NARXRegressor(max_iter=1), "regressor_")


@pytest.mark.parametrize(
    "options",
    [
        {"hidden_layer_sizes": 4},
        {"closed_loop": True},
        {"early_stopping": True},
        {"alpha": 0.1},
    ],
)
def test_parameters_of_a_perceptron_that_is_not_there_are_refused(
    data: tuple[Array, Array], options: dict[str, Any]
) -> None:
    (name,) = options
    with pytest.raises(ValueError, match=rf"NARXRegressor\({name}=.*left out"):
        narx(Lasso(1e-3), **options).fit(*data)
