"""JordanRegressor against plain loops of its equations, in closed and open loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seqest import JordanRegressor
from tests.estimators.test_recurrent import rows, small
from tests.reference import derivatives

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*max_iter:sklearn.exceptions.ConvergenceWarning"
)
ROUNDING = {"rtol": 1e-10, "atol": 1e-12}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"memory": 0.0},
    {"memory": 0.8, "output_lags": 2},
    {"state_feedback": True, "slope": 0.7},
]


def data() -> tuple[Any, Any]:
    X, y = rows(40)
    return X, np.column_stack([y, np.cos(2 * y)])


def jordan(**options: Any) -> Any:
    settings = {"standardize": False, "alpha": 0.0, **options}
    return small(JordanRegressor, **settings)


def by_the_equations(
    model: Any, W: dict[str, Any], X: Any, measured: Any = None, remembered: Any = None
) -> Any:
    """Return outputs from rest; `measured` and `remembered` stand in for own ones.

    The trace is m(t) = μ m(t-1) + (1 - μ) y(t-1), after Jordan (1986), section 2.
    """
    n_outputs = W["output.W_0"].shape[1]
    h = np.zeros(len(W["output.W_0"]))
    m, lags = np.zeros(n_outputs), np.zeros((model.output_lags + 1, n_outputs))
    outputs = []
    for t, x in enumerate(X):
        m = model.memory * m + (1 - model.memory) * lags[0]
        into = np.concatenate([[1.0], x, lags[: model.output_lags].ravel(), m])
        net = into @ W["hidden_0.W_in"]
        if model.state_feedback:
            net = net + h @ W["hidden_0.U"]
        h = np.tanh(model.slope * net)
        y = W["output.W_in"][0] + h @ W["output.W_0"]
        outputs.append(y)
        fed = y if measured is None or np.isnan(measured[t]).any() else measured[t]
        fed = fed if remembered is None else remembered[t]
        lags = np.vstack([fed, lags[:-1]])
    return np.array(outputs)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_predict_feeds_the_networks_own_outputs_back(options: Any) -> None:
    X, Y = data()
    model = jordan(**options).fit(X, Y)
    closed = by_the_equations(model, model.weights_, X)
    ours = model.predict(X, initial_state="zero")
    np.testing.assert_allclose(ours, closed, **ROUNDING)
    opened = by_the_equations(model, model.weights_, X, Y)
    ahead = model.predict_open_loop(X, Y, initial_state="zero")
    np.testing.assert_allclose(ahead, opened, **ROUNDING)
    assert np.abs(closed - opened).max() > 1e-3


def test_own_outputs_stand_in_for_those_not_measured() -> None:
    X, Y = data()
    model = jordan(output_lags=2).fit(X, Y)
    Y[10:14] = np.nan
    expected = by_the_equations(model, model.weights_, X, Y)
    ahead = model.predict_open_loop(X, Y, initial_state="zero")
    np.testing.assert_allclose(ahead, expected, **ROUNDING)


def test_a_prediction_in_open_loop_sees_earlier_outputs_alone() -> None:
    X, Y = data()
    model = jordan().fit(X, Y)
    before = model.predict_open_loop(X, Y, initial_state="zero")
    Y[20] += 1
    after = model.predict_open_loop(X, Y, initial_state="zero")
    np.testing.assert_array_equal(after[:21], before[:21])
    assert (np.abs(after - before)[21] > 1e-4).all()


def first_and_next(**options: Any) -> tuple[dict[str, Any], Any]:
    """Return the first weights, and the gradient by which a step has moved them."""
    X, Y = data()
    step: dict[str, Any] = {"solver": "sgd", "clip_norm": None, "max_iter": 1}
    begun = jordan(**options, **step, learning_rate_init=1e-300).fit(X, Y)
    moved = jordan(**options, **step, learning_rate_init=1.0).fit(X, Y)
    return begun, begun.theta_ - moved.theta_


def assert_gradient(model: Any, found: Any, outputs: Callable[[Any], Any]) -> None:
    """Compare with central differences of the squared error of `outputs`."""
    _, Y = data()
    theta, W, place = model.theta_.copy(), {}, 0
    for name, matrix in model.weights_.items():
        W[name] = theta[place : place + matrix.size].reshape(matrix.shape)
        place += matrix.size
    assert place == theta.size

    def loss() -> float:
        return float(np.mean((outputs(W) - Y) ** 2) / 2)

    # Differences of a loss around 1 are good to 1e-10.
    np.testing.assert_allclose(
        found, derivatives.gradient(loss, theta), rtol=1e-6, atol=1e-8
    )


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_training_feeds_measured_outputs(options: Any) -> None:
    X, Y = data()
    model, gradient = first_and_next(**options)
    assert_gradient(model, gradient, lambda W: by_the_equations(model, W, X, Y))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_errors_flow_through_memory_where_they_are_told_to(options: Any) -> None:
    X, _ = data()
    released = {"teacher_forcing": 0.0, **options}
    model, gradient = first_and_next(**released, errors_through_memory=True)
    assert_gradient(model, gradient, lambda W: by_the_equations(model, W, X))
    model, barred = first_and_next(**released)
    # What is fed back is the network's own, but taken as given.
    own = by_the_equations(model, model.weights_, X)
    assert_gradient(
        model, barred, lambda W: by_the_equations(model, W, X, remembered=own)
    )
    assert np.abs(gradient - barred).max() > 1e-4


def test_forcing_may_be_released_with_the_epochs() -> None:
    X, Y = data()
    seen = []

    def share(epoch: int) -> float:
        seen.append(epoch)
        return 1.0 if epoch < 3 else 0.0

    released = jordan(teacher_forcing=share, max_iter=5).fit(X, Y)
    assert seen == [0, 1, 2, 3, 4]
    forced, free = (jordan(teacher_forcing=s, max_iter=5).fit(X, Y) for s in (1.0, 0.0))
    assert released.loss_curve_[:3] == pytest.approx(forced.loss_curve_[:3], rel=1e-12)
    assert released.loss_curve_[3] != pytest.approx(forced.loss_curve_[3], rel=1e-6)
    assert free.loss_curve_[0] != pytest.approx(forced.loss_curve_[0], rel=1e-6)


def test_losses_of_other_shares_do_not_decide_which_weights_are_kept() -> None:
    X, Y = data()
    released = jordan(teacher_forcing=lambda epoch: float(epoch >= 20), max_iter=21)
    losses = released.fit(X, Y).loss_curve_
    assert losses[-1] > min(losses)
    assert released.best_loss_ == losses[-1]


def test_a_constant_plan_is_turned_into_its_sequence() -> None:
    """Jordan (1986): the same plan throughout, and memory alone tells where one is."""
    t = np.arange(12)
    Y = np.column_stack([np.sin(2 * np.pi * t / 12), np.cos(2 * np.pi * t / 12)])
    plan = np.ones((12, 1))
    model = JordanRegressor(
        16, solver="lbfgs", memory=0.5, max_iter=500, alpha=0.0, random_state=0
    ).fit(plan, Y)
    np.testing.assert_allclose(model.predict(plan, initial_state="zero"), Y, atol=0.05)


def test_it_reads_a_series_forwards_only() -> None:
    assert "bidirectional" not in JordanRegressor().get_params()
    with pytest.raises(TypeError, match="bidirectional"):
        JordanRegressor(bidirectional=True)  # type: ignore[call-arg]
