"""Networks run as the equations say."""

from __future__ import annotations

import numpy as np
import pytest

from seqest.cells import LSTM
from seqest.recurrence import Batch, Network
from seqest.recurrence.unroll import IDENTITY, LOGISTIC, SOFTMAX, TANH
from tests.contracts.tables.cells import CELLS, DEPTHS, FED_BACK
from tests.recurrence.draws import apart, batch, network, states_of, weights
from tests.reference import recurrent as plain


def assert_as_written(net: Network, n_sequences: int) -> None:
    theta, given = weights(net), batch(net, n_sequences)
    run = net.unroll(theta, given)
    for k, (first, length) in enumerate(zip(given.first, given.length, strict=True)):
        X = given.X[first : first + length]
        outputs, end = plain.run(net, theta, X, given.start[k])
        # Six steps, sums of some twenty terms around 1 in another order.
        near = {"rtol": 1e-12, "atol": 1e-13}
        rows = slice(*given.places[k : k + 2])
        np.testing.assert_allclose(run.outputs[rows], outputs, **near)
        np.testing.assert_allclose(run.end[k], end, **near)


@pytest.mark.parametrize("n_sequences", [1, 5])
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("fed_back", FED_BACK)
@pytest.mark.parametrize("name", CELLS)
def test_a_network_runs_as_its_equations_say(
    name: str, fed_back: str, depth: str, n_sequences: int
) -> None:
    assert_as_written(network(CELLS[name], fed_back, depth), n_sequences)


@pytest.mark.parametrize("skip_layers", [False, True])
@pytest.mark.parametrize("skip_inputs", [False, True])
def test_each_skip_connection_is_there_when_asked_for(
    skip_inputs: bool, skip_layers: bool
) -> None:
    skips = {"skip_inputs": skip_inputs, "skip_layers": skip_layers}
    assert_as_written(network(CELLS["tanh"], hidden=(4, 2, 3), **skips), 5)


@pytest.mark.parametrize("function", [IDENTITY, LOGISTIC, TANH, SOFTMAX])
def test_outputs_are_the_function_asked_for(function: int) -> None:
    assert_as_written(network(CELLS["tanh"], function=function), 5)


@pytest.mark.parametrize("leak", [0.5, 0.1])
def test_an_lstm_with_its_gates_held_is_a_leaky_integrator(leak: float) -> None:
    n_steps, n_units = 30, 2
    net = Network(LSTM, 1, 1, (n_units,))
    theta = np.zeros(net.n_weights)
    layer = plain.matrices(net, theta)["hidden_0"]  # views of theta
    odds = np.log(leak / (1 - leak))
    # i = leak, f = 1 - leak, g = tanh(w x), o = 1 to the last digit.
    bias, drive = layer["W_in"].reshape(2, 4, n_units)
    bias[:] = np.array([odds, -odds, 0, 50])[:, np.newaxis]
    drive[2] = 1e-5, -2e-5
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (n_steps, 1))
    # Sequences of 1, 2, 3, ... steps end in c(1), c(2), c(3), ...
    start = np.zeros(net.n_states)
    start[states_of(net, 0)][n_units:] = rng.normal(size=n_units)
    length = np.arange(1, n_steps + 1)
    given = Batch(X, np.zeros_like(length), length, np.tile(start, (n_steps, 1)))
    ends = net.unroll(theta, given).end[:, states_of(net, 0)]
    c = start[states_of(net, 0)][n_units:]
    for x, end in zip(X, ends, strict=True):
        c = (1 - leak) * c + leak * np.array([1e-5, -2e-5]) * x
        # tanh is the identity there but for a third of (2e-5)³.
        np.testing.assert_allclose(end[n_units:], c, rtol=1e-12, atol=3e-15)
        np.testing.assert_allclose(end[:n_units], np.tanh(c), rtol=1e-12, atol=3e-15)


def test_sequences_of_the_loops_stand_apart() -> None:
    net = network(CELLS["LSTM"])
    state = np.arange(float(net.n_states))
    np.testing.assert_array_equal(plain.together(*plain.apart(net, state)), state)
    assert apart(net, [3, 4]).rows.tolist() == list(range(7))
