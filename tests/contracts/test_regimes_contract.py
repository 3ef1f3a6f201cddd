"""Laws of every training regime, whatever network learns by it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone

from seqest import ElmanRegressor, GRURegressor, JordanRegressor, LSTMRegressor
from seqest.estimators._schooling import REGIMES
from tests.contracts.tables.regimes import TABLE, Training

Array = NDArray[np.float64]

every_regime = pytest.mark.parametrize("training", TABLE.values(), ids=TABLE)
every_class = pytest.mark.parametrize(
    "regressor", [ElmanRegressor, JordanRegressor, GRURegressor, LSTMRegressor]
)


def two_sines(n: int = 200) -> tuple[Array, Array]:
    t = np.arange(n + 1)
    x = np.sin(0.3 * t) + 0.5 * np.sin(0.11 * t)
    return x[:-1, np.newaxis].copy(), x[1:].copy()


def trained(regressor: Any, training: Training, **options: Any) -> Any:
    """Return an estimator that runs all its epochs."""
    fixed = {**vars(training), "n_iter_no_change": training.max_iter, "random_state": 0}
    return regressor(6, **{**fixed, **options})


def error(model: Any, X: Array, y: Array) -> float:
    """Return the squared error of one-step predictions; a guess of the mean has 1."""
    return float(np.mean((model.predict_open_loop(X, y) - y) ** 2) / y.var())


def test_the_table_names_every_regime() -> None:
    assert set(REGIMES) <= set(TABLE)


@every_class
@every_regime
def test_a_network_learns(regressor: Any, training: Training) -> None:
    X, y = two_sines()
    assert error(trained(regressor, training).fit(X, y), X, y) < 0.3


@every_regime
def test_clones_and_pickles_learn_the_same_bits(training: Training) -> None:
    X, y = two_sines()
    model = trained(ElmanRegressor, training).fit(X, y)
    for again in (clone(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(again.fit(X, y).theta_, model.theta_)


@every_regime
def test_rows_without_a_target_are_gone_through_and_not_learned(
    training: Training,
) -> None:
    X, y = two_sines()
    holed = np.where(np.arange(len(y)) % 7 == 3, np.nan, y)
    model = trained(ElmanRegressor, training).fit(X, holed)
    assert np.isfinite(model.loss_curve_).all()
    assert error(model, X, y) < 0.3


@every_regime
def test_outputs_are_fed_back_as_teacher_forcing_says(training: Training) -> None:
    X, y = two_sines()
    forced, half, free = (
        trained(JordanRegressor, training, teacher_forcing=share, max_iter=3).fit(X, y)
        for share in (1.0, 0.5, 0.0)
    )
    for one, other in ((forced, half), (half, free), (free, forced)):
        assert np.abs(one.theta_ - other.theta_).max() > 1e-6


@every_regime
def test_pieces_are_learned_one_after_the_other(training: Training) -> None:
    X, y = two_sines()
    model = trained(LSTMRegressor, training)
    for _ in range(training.max_iter):
        for k in range(0, len(X), 50):
            model.partial_fit(X[k : k + 50], y[k : k + 50])
    assert error(model, X, y) < 0.3


@every_regime
def test_single_precision_stays(training: Training) -> None:
    X, y = (part.astype(np.float32) for part in two_sines())
    model = trained(ElmanRegressor, training).fit(X, y)
    assert model.theta_.dtype == model.predict(X).dtype == np.float32
