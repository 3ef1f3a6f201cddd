"""Regimes that learn along the rows, and least squares, through the estimators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest import ElmanRegressor, GRURegressor, JordanRegressor, LSTMRegressor
from seqest.recurrence.ekf import ExtendedKalmanFilter

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
@pytest.mark.parametrize("regime", ["ekf", "ekf_decoupled", "rtrl", "rtrl_online"])
def test_each_regime_learns(regressor: Any, regime: str) -> None:
    X, y = two_sines(200)
    few, rate = (60, 0.01) if regime == "rtrl" else (4, 0.003)
    model = of_few_epochs(regressor, few, regime=regime, learning_rate_init=rate)
    errors = model.fit(X, y).predict_open_loop(X, y) - y
    # A guess of the mean scores 1.
    assert np.mean(errors**2) / y.var() < 0.3


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
    ],
)
def test_what_does_not_go_together_is_refused(
    options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        of_few_epochs(LSTMRegressor, 2, **options).fit(*two_sines(50))
