"""partial_fit: pieces that follow each other, each an epoch of its own."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from seqest import ElmanRegressor, JordanRegressor, LSTMRegressor
from tests.estimators.test_recurrent import (
    ROUNDING,
    every_class,
    rows,
    small,
    two_sines,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*max_iter:sklearn.exceptions.ConvergenceWarning"
)


def still(regressor: Any, **options: Any) -> Any:
    """Return an estimator whose weights stay as they are drawn."""
    frozen = {"solver": "sgd", "learning_rate_init": 1e-300, "standardize": False}
    return small(regressor, **frozen, **options)


@every_class
def test_pieces_carry_the_state_on(regressor: Any) -> None:
    X, y = rows()
    whole = still(regressor).partial_fit(X[:90], y[:90])
    pieces = still(regressor)
    for first, last in ((0, 20), (20, 21), (21, 90)):
        pieces.partial_fit(X[first:last], y[first:last])
    ours, theirs = (m.predict(X[90:], initial_state="last") for m in (pieces, whole))
    np.testing.assert_allclose(ours, theirs, **ROUNDING)


@every_class
def test_a_piece_is_learnt_from_the_state_before_it(regressor: Any) -> None:
    X, y = rows()
    learnt = {
        rule: small(regressor, initial_state=rule, state_feedback=True)
        if regressor is JordanRegressor
        else small(regressor, initial_state=rule)
        for rule in ("auto", "last", "zero")
    }
    for model in learnt.values():
        model.partial_fit(X[:60], y[:60]).partial_fit(X[60:], y[60:])
    np.testing.assert_array_equal(learnt["auto"].theta_, learnt["last"].theta_)
    assert np.abs(learnt["auto"].theta_ - learnt["zero"].theta_).max() > 1e-6


@every_class
def test_a_piece_is_an_epoch_and_the_solver_remembers(regressor: Any) -> None:
    X, y = rows()
    model = small(regressor, initial_state="zero", window=40, batch_size=2)
    for _ in range(4):
        model.partial_fit(X, y)
    straight = small(regressor, window=40, batch_size=2, max_iter=4).fit(X, y)
    np.testing.assert_array_equal(model.theta_, straight.theta_)


@every_class
def test_a_piece_that_is_refused_changes_nothing(regressor: Any) -> None:
    X, y = rows()
    model = small(regressor).partial_fit(X[:60], y[:60])
    before = pickle.dumps(model)
    broken = X[60:].copy()
    broken[3, 0] = np.nan
    for given, targets in (
        (broken, y[60:]),
        (X[60:, :1], y[60:]),
        (X[60:], np.column_stack([y, y])[60:]),
        (X[60:], y[60:-1]),
        (X[60:], 1e300 * y[60:]),
    ):
        with pytest.raises(ValueError, match=r"NaN|features|outputs|rows|diverged"):
            model.partial_fit(given, targets)
        assert pickle.dumps(model) == before
    model.partial_fit(X[60:], y[60:])
    assert pickle.dumps(model) != before


def test_pieces_after_fit_go_on_from_its_end() -> None:
    X, y = rows()
    model = small(LSTMRegressor).fit(X[:60], y[:60])
    fitted = model.theta_.copy()
    model.partial_fit(X[60:90], y[60:90])
    moved = np.abs(model.theta_ - fitted).max()
    # A step or two of Adam, each about as long as the rate of .01.
    assert 0.001 < moved < 0.05
    with pytest.raises(ValueError, match=r"solver='lbfgs'\): must be another solver"):
        model.set_params(solver="lbfgs").partial_fit(X, y)


@pytest.mark.parametrize("gap", [0, 20])
def test_a_forecast_needs_pieces_that_follow_each_other(gap: int) -> None:
    x = two_sines(120)
    model = small(ElmanRegressor).partial_fit(x[:50, np.newaxis], x[1:51])
    model.partial_fit(x[50 + gap : -1, np.newaxis], x[51 + gap :])
    if gap:
        with pytest.raises(ValueError, match=r"X\[1:\] == y\[:-1\] in fit"):
            model.forecast(2)
    else:
        assert model.forecast(2).shape == (2,)
