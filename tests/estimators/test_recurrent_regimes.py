"""Regimes that learn along the rows, and least squares, through the estimators."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone

from seqest import ElmanRegressor, GRURegressor, JordanRegressor, LSTMRegressor
from seqest.recurrence.bptt import Windowed
from seqest.recurrence.descent import Descent
from seqest.recurrence.ekf import ExtendedKalmanFilter
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.model import Model

Array = NDArray[np.float64]
ALL = (ElmanRegressor, JordanRegressor, GRURegressor, LSTMRegressor)
every_class = pytest.mark.parametrize("regressor", ALL)


def two_sines(n: int) -> tuple[Array, Array]:
    t = np.arange(n + 1)
    x = np.sin(0.3 * t) + 0.5 * np.sin(0.11 * t)
    return x[:-1, np.newaxis].copy(), x[1:].copy()


def of_few_epochs(regressor: Any, n_epochs: int, **options: Any) -> Any:
    fixed = {"max_iter": n_epochs, "n_iter_no_change": n_epochs, "random_state": 0}
    return regressor(6, **fixed, **options)


@every_class
def test_rtrl_by_series_takes_the_steps_of_backpropagation(regressor: Any) -> None:
    X, y = two_sines(60)
    options = {"window": None, "alpha": 0.0, "solver": "sgd", "clip_norm": None}
    ours = of_few_epochs(regressor, 3, regime="rtrl", **options).fit(X, y)
    other = of_few_epochs(regressor, 3, **options).fit(X, y)
    # Derivatives forwards and backwards in time differ by rounding.
    np.testing.assert_allclose(ours.theta_, other.theta_, rtol=1e-8, atol=1e-12)


@every_class
def test_least_squares_goes_lower_than_as_many_epochs(regressor: Any) -> None:
    X, y = two_sines(200)
    epochs = of_few_epochs(regressor, 20).fit(X, y)
    with pytest.warns(match="max_iter"):
        least = of_few_epochs(regressor, 20, solver="lm").fit(X, y)
    assert least.loss_curve_[-1] < 0.5 * epochs.loss_curve_[-1]


def test_least_squares_minimises_the_loss_that_descent_does() -> None:
    X, y = two_sines(120)
    weights, y = np.random.default_rng(0).uniform(0, 1, 120), y.copy()
    y[[3, 50]] = np.nan
    lowest = []
    for solver in ("lm", "lbfgs"):
        model = of_few_epochs(ElmanRegressor, 2000, solver=solver, alpha=1.0, tol=1e-7)
        lowest.append(model.fit(X, y, sample_weight=weights).best_loss_)
    # Both end in a minimum of the same function from the same weights.
    assert lowest[0] == pytest.approx(lowest[1], rel=0.05)


def test_a_filter_may_be_given_with_its_constants() -> None:
    X, y = two_sines(100)
    timid = ExtendedKalmanFilter(measurement_noise=1e6)
    bold = ExtendedKalmanFilter(measurement_noise=0.1)
    curves = [
        of_few_epochs(ElmanRegressor, 2, regime=rule).fit(X, y).loss_curve_
        for rule in (timid, bold)
    ]
    assert curves[1][-1] < 0.1 * curves[0][-1]


def test_pieces_go_on_with_what_the_filter_knows() -> None:
    X, y = two_sines(150)
    model = of_few_epochs(LSTMRegressor, 1, regime="ekf", standardize=False)
    whole = of_few_epochs(LSTMRegressor, 1, regime="ekf", standardize=False).fit(X, y)
    for part in np.array_split(np.arange(150), 3):
        model.partial_fit(X[part], y[part])
    # The same rows, one after the other; sensitivities start anew with each piece.
    assert model.score(X, y) == pytest.approx(whole.score(X, y), abs=0.1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"regime": "rtrl", "bidirectional": True}, "which need whole series"),
        ({"regime": "rtrl", "truncation": 3}, "errors reach back without end"),
        ({"regime": "ekf", "loss": "absolute_error"}, "with a Kalman filter"),
        ({"regime": "ekf", "solver": "lm"}, "one by windows"),
        ({"solver": "lm", "truncation": 3}, "one by windows"),
        ({"solver": "lm", "loss": "huber"}, "loss='squared_error'"),
        ({"solver": "lm", "bidirectional": True}, "bidirectional=False"),
        ({"solver": "lm", "early_stopping": True}, "which has no epochs"),
        ({"regime": "sgd"}, "must be one of 'bptt', 'ekf'"),
        ({"regime": ExtendedKalmanFilter}, "must be one of 'bptt', 'ekf'"),
    ],
)
def test_what_does_not_go_together_is_refused(
    options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        of_few_epochs(LSTMRegressor, 2, **options).fit(*two_sines(50))


def whole_series(model: Model, lesson: Lesson) -> Windowed:
    """Return backpropagation through whole series."""
    return Windowed(model, lesson, lesson.windows(None, None), 32)


@dataclass
class RandomSearch:
    """A regime that knows no gradients: a step by chance stays where it helps."""

    model: Model
    rows: Lesson  # not called lesson: it cannot be changed
    size: float = 0.1

    def epoch(self, descent: Descent, rng: np.random.Generator) -> float:
        descent.memory["n_epochs"] = descent.memory.get("n_epochs", np.zeros(1)) + 1
        loss = self.loss(descent.theta)
        moved = descent.theta + self.size * rng.standard_normal(descent.theta.size)
        if self.loss(moved) < loss:
            descent.theta[:] = moved
        return loss

    def loss(self, theta: Array) -> float:
        windows = self.rows.windows(None, None)
        batch, _ = self.rows.batch(windows, self.model.rest(theta)[0])
        Z, weights = self.rows.targets(windows, batch)
        outputs = self.model.unroll(theta, batch, keep=False).outputs
        return self.model.loss(outputs, Z, weights, self.model.network.function)[0]


@pytest.mark.parametrize("options", [{}, {"bidirectional": True}, {"solver": "sgd"}])
def test_a_regime_of_ones_own_goes_the_way_it_says(options: dict[str, Any]) -> None:
    X, y = two_sines(60)
    ours = of_few_epochs(GRURegressor, 3, regime=whole_series, **options).fit(X, y)
    other = of_few_epochs(GRURegressor, 3, window=None, **options).fit(X, y)
    np.testing.assert_array_equal(ours.theta_, other.theta_)


def test_a_regime_of_ones_own_may_be_a_class_that_is_cloned_and_pickled() -> None:
    X, y = two_sines(60)
    model = of_few_epochs(ElmanRegressor, 40, regime=partial(RandomSearch, size=0.2))
    model.fit(X, y)
    assert model.loss_curve_[-1] < 0.8 * model.loss_curve_[0]
    np.testing.assert_array_equal(clone(model).fit(X, y).theta_, model.theta_)
    plain = of_few_epochs(ElmanRegressor, 9, regime=RandomSearch).fit(X, y)
    again = pickle.loads(pickle.dumps(plain))
    assert again.regime is RandomSearch
    np.testing.assert_array_equal(again.predict(X), plain.predict(X))
    np.testing.assert_array_equal(again.fit(X, y).theta_, plain.theta_)


def test_a_regime_of_ones_own_is_made_for_each_piece_and_remembers_in_the_descent() -> (
    None
):
    X, y = two_sines(90)
    model = of_few_epochs(ElmanRegressor, 1, regime=RandomSearch)
    for k in range(0, 90, 30):
        model.partial_fit(X[k : k + 30], y[k : k + 30])
    assert model._descent_.memory["n_epochs"] == 3


def test_early_stopping_watches_a_regime_of_ones_own() -> None:
    X, y = two_sines(100)
    model = of_few_epochs(ElmanRegressor, 5, regime=RandomSearch, early_stopping=True)
    assert len(model.fit(X, y).validation_scores_) == 5


@pytest.mark.parametrize(
    "regime", [lambda model, lesson: None, lambda model, lesson: RandomSearch]
)
def test_what_has_no_epochs_is_no_regime(regime: Any) -> None:
    words = r"^ElmanRegressor\(regime=.*an object with epoch\(descent, rng\)\.$"
    with pytest.raises(TypeError, match=words):
        of_few_epochs(ElmanRegressor, 2, regime=regime).fit(*two_sines(50))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"truncation": 3}, r"truncation=3\): must be None with a regime of your own"),
        ({"teacher_forcing": 0.5}, "must be 1 with a regime that has no attribute"),
        ({"teacher_forcing": lambda epoch: 1.0}, "Keep the lesson there"),
        ({"solver": "lm"}, "must be one by windows with solver='lm'"),
        ({"solver": "lbfgs"}, "must be one by windows with solver='lbfgs'"),
    ],
)
def test_what_a_regime_of_ones_own_cannot_do_is_refused(
    options: dict[str, Any], words: str
) -> None:
    model = of_few_epochs(JordanRegressor, 2, regime=RandomSearch, **options)
    with pytest.raises(ValueError, match=words):
        model.fit(*two_sines(50))
