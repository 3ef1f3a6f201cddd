"""Networks whose past is known are perceptrons over taps, and learn row by row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.cells import simple
from seqest.optim import SGD
from seqest.recurrence.batch import Batch
from seqest.recurrence.bptt import Windowed
from seqest.recurrence.descent import Descent
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.losses import LOSSES
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network
from seqest.recurrence.rowwise import Rowwise, side_by_side
from seqest.recurrence.unroll import IDENTITY

Array = NDArray[Any]
N_ROWS = 137
CELL = simple("tanh", slope=1.0, recurrent=False)


def network(**options: Any) -> Network:
    taps = {
        "input_lags": 3,
        "input_taps": ((0, 1), (1, 0), (3, 0), (3, 1)),
        "output_lags": 2,
        "output_taps": ((1, 0), (2, 0)),
    }
    return Network(CELL, 2, 1, (5, 4), IDENTITY, **{**taps, **options})


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        ({}, ["x1(0)", "x0(1)", "x0(3)", "x1(3)", "y(1)", "y(2)"]),
        (
            {"input_taps": None, "input_lags": 1, "output_taps": None},
            ["x0(0)", "x1(0)", "x0(1)", "x1(1)", "y(1)", "y(2)"],
        ),
        ({"skip_inputs": True}, ["x1(0)", "x0(1)", "x0(3)", "x1(3)", "y(1)", "y(2)"]),
    ],
)
def test_the_static_network_sees_taps_by_lag_and_column(
    options: dict[str, Any], columns: list[str]
) -> None:
    rng = np.random.default_rng(0)
    whole = network(**options)
    static = whole.static
    assert static is not None
    assert static.is_static
    assert not whole.is_static
    assert static.n_weights == whole.n_weights
    theta = rng.normal(size=whole.n_weights)
    X, Y = rng.normal(size=(N_ROWS, 2)), rng.normal(size=(N_ROWS, 1))
    named = {"x0": X[:, 0], "x1": X[:, 1], "y": Y[:, 0]}
    H = np.column_stack([np.roll(named[name[:-3]], int(name[-2])) for name in columns])
    state = np.zeros((1, whole.n_states))
    fed = Batch(X, np.array([0]), np.array([N_ROWS]), state, Y)
    expected = whole.unroll(theta, fed, keep=False).outputs
    got = static.unroll(theta, side_by_side(H, static.n_states), keep=False).outputs
    # The first rows look back to before the series. Sums in another order.
    np.testing.assert_allclose(got[3:], expected[3:], rtol=1e-12)


def test_what_carries_a_state_is_not_static() -> None:
    assert network(layer_lags=1).static is None
    assert network(traces=(0.5,)).static is None
    recurrent = simple("tanh", slope=1.0, recurrent=True)
    assert Network(recurrent, 2, 1, (3,), IDENTITY).static is None


def lesson(rng: np.random.Generator, dtype: Any, weighted: bool) -> Lesson:
    X, Z = rng.normal(size=(N_ROWS, 3)), rng.normal(size=(N_ROWS, 1))
    Z[[4, 60]] = np.nan
    weights = rng.uniform(0, 2, N_ROWS) if weighted else None
    offsets = np.array([0, 50, N_ROWS])
    start = np.zeros((2, 6), dtype)
    rows = X.astype(dtype), Z.astype(dtype), weights, offsets
    return Lesson(*rows, start, np.ones(2, bool))


def model(alpha: float = 0.3) -> Model:
    return Model(Network(CELL, 3, 1, (5,), IDENTITY), LOSSES["squared_error"](), alpha)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_step_down_all_rows_is_that_of_their_windows(
    dtype: Any, weighted: bool
) -> None:
    rng = np.random.default_rng(1)
    own, learner = lesson(rng, dtype, weighted), model()
    theta = rng.normal(size=learner.n_theta).astype(dtype)
    reference = Windowed(learner, own, own.windows(None, None), 2)
    loss, gradient = reference.gradient(theta)
    for shuffle in (False, True):
        ours = theta.copy()
        rule = Rowwise(learner, own, 1, N_ROWS, shuffle)
        found = rule.epoch(Descent(ours, SGD(), 1.0), np.random.default_rng(2))
        # Sums in another order.
        tolerance = 1e-12 if dtype is np.float64 else 2e-5
        assert found == pytest.approx(loss, rel=tolerance)
        np.testing.assert_allclose(theta - ours, gradient, atol=20 * tolerance)


@pytest.mark.parametrize("window", [1, 7, 500])
def test_an_epoch_grades_every_known_row_once(window: int) -> None:
    rng = np.random.default_rng(3)
    own, learner = lesson(rng, np.float64, False), model(0.0)
    theta = rng.normal(size=learner.n_theta)
    expected, _ = Windowed(learner, own, own.windows(None, None), 2).gradient(theta)
    still = Descent(theta, SGD(), 0.0)
    for batch_size in (1, 3, 1000):
        mean = Rowwise(learner, own, window, batch_size).epoch(still, rng)
        assert mean == pytest.approx(expected, rel=1e-12)


def test_rows_of_a_window_are_dealt_together() -> None:
    own = lesson(np.random.default_rng(4), np.float64, False)
    rows = Rowwise(model(), own, 10, 2)._order(np.random.default_rng(5))
    known = np.flatnonzero(~np.isnan(own.Z[:, 0]))
    assert sorted(rows) == known.tolist()
    windows = {tuple(known[k : k + 10]) for k in range(0, known.size, 10)}
    cuts = [k for k in range(1, rows.size) if rows[k] != rows[k - 1] + 1]
    # All begin where a window does, and no two follow each other by chance.
    begins = {window[0] for window in windows}
    assert {rows[k] for k in cuts} - begins <= {5, 61}  # after those unknown
    assert len(cuts) > 5


def test_batches_without_weight_are_passed_over() -> None:
    own = lesson(np.random.default_rng(6), np.float64, False)
    weights = np.zeros(N_ROWS)
    weights[100:] = 1.0
    own = replace(own, weights=weights)
    learner = model(0.5)
    theta = np.random.default_rng(7).normal(size=learner.n_theta)
    steps = []

    class Counted(Descent):
        def step(self, gradient_at: Any) -> float:
            steps.append(1)
            return super().step(gradient_at)

    rule = Rowwise(learner, own, 1, 50, shuffle=False)
    rule.epoch(Counted(theta, SGD(), 0.1), np.random.default_rng(8))
    assert len(steps) == 2  # rows 50 to 99 have none, and the first 50 neither
