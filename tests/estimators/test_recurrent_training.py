"""How recurrent regressors are trained: solvers, rates, and when training ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, ParameterGrid, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqest import ElmanRegressor, JordanRegressor
from seqest.optim import SGD, Adam, Cosine, Momentum
from tests.estimators.test_recurrent import (
    every_class,
    rows,
    small,
    two_sines,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*max_iter:sklearn.exceptions.ConvergenceWarning"
)
SCHEDULES = {
    "constant": lambda epoch: 1.0,
    "invscaling": lambda epoch: (epoch + 1) ** -0.5,
    "step": lambda epoch: 0.1 ** (epoch // 30),
    "exponential": lambda epoch: 0.99**epoch,
    "cosine": Cosine(n_epochs=35),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_by_name_is_that_function_of_the_epoch(name: str) -> None:
    X, y = rows()
    settings = {"max_iter": 35, "solver": "sgd", "tol": 0.0}
    named = small(ElmanRegressor, learning_rate=name, **settings).fit(X, y)
    given = small(ElmanRegressor, learning_rate=SCHEDULES[name], **settings).fit(X, y)
    np.testing.assert_allclose(named.theta_, given.theta_, rtol=1e-12)
    constant = small(ElmanRegressor, **settings).fit(X, y)
    assert np.array_equal(named.theta_, constant.theta_) == (name == "constant")


def test_an_adaptive_rate_drops_where_the_loss_does() -> None:
    X, y = rows()
    settings = {"solver": "sgd", "learning_rate_init": 3.0, "max_iter": 40}
    adaptive = small(ElmanRegressor, learning_rate="adaptive", **settings).fit(X, y)
    constant = small(ElmanRegressor, **settings).fit(X, y)
    assert adaptive.loss_curve_[:3] == constant.loss_curve_[:3]
    assert adaptive.best_loss_ < constant.best_loss_


def test_epochs_at_a_rate_of_nothing_change_nothing() -> None:
    X, y = rows()
    rate: Any = {"learning_rate": lambda epoch: 1.0 if epoch < 2 else 0.0}
    frozen = small(ElmanRegressor, solver="sgd", **rate).fit(X, y)
    short = small(ElmanRegressor, solver="sgd", max_iter=2).fit(X, y)
    np.testing.assert_array_equal(frozen.theta_, short.theta_)


def test_a_solver_may_be_an_update_rule() -> None:
    X, y = rows()
    named = small(ElmanRegressor, beta_1=0.8, epsilon=1e-6)
    given = small(ElmanRegressor, solver=Adam(beta_1=0.8, epsilon=1e-6))
    np.testing.assert_array_equal(named.fit(X, y).theta_, given.fit(X, y).theta_)
    again = clone(given).fit(X, y)
    np.testing.assert_array_equal(again.theta_, given.theta_)
    coasting = small(ElmanRegressor, solver=Momentum(momentum=0.0)).fit(X, y)
    plain = small(ElmanRegressor, solver="sgd").fit(X, y)
    np.testing.assert_allclose(coasting.theta_, plain.theta_, rtol=1e-12)


@every_class
def test_lbfgs_reaches_a_lower_loss_than_twenty_epochs_of_adam(regressor: Any) -> None:
    x = two_sines(150)
    data = x[:-1, None], x[1:]
    adam = small(regressor, max_iter=20).fit(*data)
    newton = small(regressor, max_iter=20, solver="lbfgs").fit(*data)
    assert newton.best_loss_ < adam.best_loss_ / 2
    assert newton.n_iter_ == len(newton.loss_curve_) <= 20
    assert newton.loss_curve_ == sorted(newton.loss_curve_, reverse=True)


def test_lbfgs_and_full_batches_descend_the_same_loss() -> None:
    X, y = rows()
    # The first loss of a descent is that of the first weights, as is a still one's.
    still = small(ElmanRegressor, max_iter=1, solver="sgd", learning_rate_init=1e-300)
    newton = small(ElmanRegressor, max_iter=1, solver="lbfgs", alpha=0.1)
    start = still.set_params(alpha=0.1).fit(X, y).loss_curve_[0]
    assert newton.fit(X, y).loss_curve_[0] < start < 2


def two_series() -> tuple[Any, Any, Any, Any]:
    """Return series of 50 and 30 rows, and which of them are their last tenths."""
    X, y = rows(80)
    groups = np.repeat(["a", "b"], [50, 30])
    held_out = np.zeros(80, bool)
    held_out[45:50] = held_out[77:] = True
    return X, y, groups, held_out


def test_early_stopping_learns_nothing_from_the_last_rows_of_each_series() -> None:
    X, y, groups, held_out = two_series()
    settings = {"early_stopping": True, "standardize": False, "max_iter": 1}
    expected = small(ElmanRegressor, **settings).fit(X, y, groups=groups)
    other = small(ElmanRegressor, **settings)
    other.fit(X, np.where(held_out, 7 - 9 * y, y), groups=groups)
    np.testing.assert_array_equal(other.theta_, expected.theta_)
    assert other.best_validation_score_ != expected.best_validation_score_
    for row in (44, 76):
        changed = y.copy()
        changed[row] = -9
        other.fit(X, changed, groups=groups)
        assert np.abs(other.theta_ - expected.theta_).max() > 1e-5


@every_class
def test_early_stopping_gives_the_weights_of_the_best_validation_score(
    regressor: Any,
) -> None:
    X, y, groups, held_out = two_series()
    model = small(
        regressor,
        early_stopping=True,
        max_iter=60,
        learning_rate_init=0.2,
        n_iter_no_change=8,
    ).fit(X, y, groups=groups)
    # Jordan's network is fed measured outputs there, as where it learns.
    predicted = model.predict_open_loop(X, y, groups, initial_state="zero")
    score = r2_score(y[held_out], predicted[held_out])
    assert model.best_validation_score_ == pytest.approx(score, rel=1e-9)
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.best_validation_score_ > model.validation_scores_[-1]
    assert len(model.validation_scores_) == model.n_iter_ < 60
    assert model.best_loss_ is None


def test_early_stopping_needs_rows_to_validate_on() -> None:
    X, y = rows(9)
    model = small(ElmanRegressor, early_stopping=True)
    with pytest.raises(ValueError, match=r"leaves 1 rows to validate on\. Give longer"):
        model.fit(X, y)
    model.set_params(solver="lbfgs")
    with pytest.raises(ValueError, match=r"early_stopping=True\): must be False with"):
        model.fit(*rows())


def test_whole_series_are_held_out_where_each_has_one_target() -> None:
    X = np.random.default_rng(0).uniform(-1, 1, (20, 4, 1))
    y = X[:, -1, 0]
    settings = {"early_stopping": True, "standardize": False, "max_iter": 1}
    expected = small(ElmanRegressor, **settings).fit(X, y)
    other = small(ElmanRegressor, **settings).fit(X, np.r_[y[:18], 7, 8])
    np.testing.assert_array_equal(other.theta_, expected.theta_)
    assert other.best_validation_score_ != expected.best_validation_score_


def test_training_stops_once_nothing_improves_and_keeps_the_best() -> None:
    X, y = rows()
    model = small(ElmanRegressor, tol=0.5, n_iter_no_change=4, max_iter=100).fit(X, y)
    # One epoch to compare with, and one more than may be no better.
    assert model.n_iter_ == 6


def test_a_warm_start_goes_on_where_training_ended() -> None:
    X, y = rows()
    settings = {"solver": "sgd", "learning_rate_init": 0.05}
    model = small(ElmanRegressor, warm_start=True, **settings).fit(X, y)
    model.fit(X, y)
    straight = small(ElmanRegressor, **settings, max_iter=10).fit(X, y)
    np.testing.assert_array_equal(model.theta_, straight.theta_)
    assert model.loss_curve_ == straight.loss_curve_[5:]
    cold = small(ElmanRegressor, **settings).fit(X, y).fit(X, y)
    assert np.abs(cold.theta_ - straight.theta_).max() > 1e-4
    with pytest.raises(ValueError, match=r"warm_start=True\) has 46 weights of before"):
        model.fit(X[:, :1], y)
    np.testing.assert_array_equal(model.theta_, straight.theta_)


@pytest.mark.parametrize("options", [{}, {"truncation": 1}], ids=str)
def test_an_interrupted_fit_keeps_the_best_weights_so_far(options: Any) -> None:
    X, y = rows()

    def rate(epoch: int) -> float:
        if epoch == 3:
            raise KeyboardInterrupt
        return 1.0

    model = small(ElmanRegressor, learning_rate=rate, max_iter=50, **options)
    with pytest.warns(
        ConvergenceWarning, match="ElmanRegressor: training was inter.*4"
    ):
        model.fit(X, y)
    short = small(ElmanRegressor, max_iter=3, **options).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), short.predict(X))
    assert model.loss_curve_ == short.loss_curve_


def test_too_few_epochs_warn() -> None:
    with pytest.warns(ConvergenceWarning, match="max_iter=5 epochs"):
        small(ElmanRegressor, n_iter_no_change=2).fit(*rows())


ABSURD = {
    "activation": "identity",
    "solver": "sgd",
    "learning_rate_init": 1e3,
    "clip_norm": None,
    "max_iter": 99,
}


@pytest.mark.parametrize(
    "options", [{}, {"truncation": 2, "window": 40}, {"early_stopping": True}], ids=str
)
@pytest.mark.parametrize("regressor", [ElmanRegressor, JordanRegressor])
def test_divergence_is_told_with_epoch_rate_and_remedy_and_spoils_nothing(
    regressor: Any, options: Any
) -> None:
    X, y = rows()
    model = small(regressor).fit(X, y)
    before = model.predict(X)
    model.set_params(**ABSURD, **options)
    words = (
        rf"{regressor.__name__} diverged: .* in epoch \d+ at a learning rate of 1000\. "
        "Lower learning_rate_init, set clip_norm, or standardise X and y"
    )
    with pytest.raises(ValueError, match=words):
        model.fit(X, y)
    np.testing.assert_array_equal(model.predict(X), before)


def test_a_run_that_grows_without_bound_is_told_with_its_step() -> None:
    x = 1.05 ** np.arange(60)
    model = small(ElmanRegressor, activation="identity", max_iter=50)
    model.fit(x[:-1, None], x[1:])
    with pytest.raises(FloatingPointError, match=r"was not finite at step \d+\. Use a"):
        model.forecast(100_000)


def test_search_over_solvers_and_layers_scores_as_a_loop_by_hand() -> None:
    X, y = rows(160)
    pipeline = make_pipeline(
        StandardScaler(), small(ElmanRegressor, max_iter=10, learning_rate_init=0.03)
    )
    grid = {
        "elmanregressor__solver": ["adam", "rmsprop", SGD()],
        "elmanregressor__hidden_layer_sizes": [4, (3, 2)],
    }
    cv = TimeSeriesSplit(3)
    search = GridSearchCV(pipeline, grid, cv=cv, n_jobs=2).fit(X, y)
    expected = []
    for options in ParameterGrid(grid):
        model = clone(pipeline).set_params(**options)
        scores = [
            r2_score(y[test], model.fit(X[train], y[train]).predict(X[test]))
            for train, test in cv.split(X)
        ]
        expected.append(np.mean(scores))
    ours = search.cv_results_["mean_test_score"]
    # BLAS may add in another order in another process.
    np.testing.assert_allclose(ours, expected, rtol=1e-9)
    best = max(expected)
    assert search.best_score_ == pytest.approx(best, rel=1e-9)
    assert search.best_estimator_.predict(X).shape == (160,)
