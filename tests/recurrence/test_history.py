"""Delay lines filled from known rows are those that a run has filled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.cells import LSTM, simple
from seqest.recurrence import Batch, Network
from seqest.recurrence.history import History
from seqest.recurrence.lesson import Lesson

Array = NDArray[Any]
OPTIONS: dict[str, dict[str, Any]] = {
    "of nothing": {},
    "of inputs": {"input_lags": 3},
    "of outputs": {"output_lags": 2},
    "of both, some taps": {
        "input_lags": 3,
        "input_taps": ((0, 1), (3, 0)),
        "output_lags": 4,
        "output_taps": ((1, 0), (4, 1)),
    },
}
every_line = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


def network(options: dict[str, Any]) -> Network:
    return Network(simple("tanh", recurrent=False), 2, 2, (5,), **options)


@every_line
def test_a_window_goes_on_where_a_run_of_the_whole_stretch_is(
    options: dict[str, Any],
) -> None:
    net, rng = network(options), np.random.default_rng(0)
    theta = rng.normal(0, 0.5, net.n_weights)
    X, Z = rng.normal(size=(2, 20, 2))
    offsets = np.array([0, 12, 20])
    start = rng.normal(size=(2, net.n_states))
    teacher = Z if net.output_lags else None
    whole = Batch(X, offsets[:-1], np.diff(offsets), start, teacher)
    expected = net.unroll(theta, whole).outputs
    history = History(net, X, teacher)
    rests = np.zeros(2, bool)
    lesson = Lesson(X, Z, None, offsets, start, rests, teacher, history)
    for length in (1, 2, 5):
        windows = lesson.windows(length, 1)
        batch, _ = lesson.batch(windows, np.zeros(net.n_states))
        run = net.unroll(theta, batch)
        # The same sums, and the same memories.
        np.testing.assert_array_equal(run.outputs, expected[batch.rows])


def test_layers_start_from_rest_within_a_stretch_and_lines_do_not() -> None:
    net, rng = Network(LSTM, 1, 1, (3,), input_lags=1), np.random.default_rng(1)
    X, start = rng.normal(size=(6, 1)), rng.normal(size=(1, net.n_states))
    rest = rng.normal(size=net.n_states)
    lesson = Lesson(
        *(X, X, None, np.array([0, 6]), start, np.ones(1, bool)),
        history=History(net, X),
    )
    batch, at_rest = lesson.batch(lesson.windows(2, 2), rest)
    assert at_rest.all()
    # The last inputs, the memory of those before, the outputs, the states.
    np.testing.assert_array_equal(batch.start[0, :2], start[0, :2])
    np.testing.assert_array_equal(batch.start[1:, 0], X[[1, 3], 0])
    np.testing.assert_array_equal(batch.start[1:, 1], X[[0, 2], 0])
    np.testing.assert_array_equal(batch.start[:, 3:], [rest[3:]] * 3)
