"""Sensitivities and Jacobians against differences, and against each other."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.cells import GRU, GRU_RESET_BEFORE, LSTM, simple
from seqest.optim import levenberg_marquardt
from seqest.recurrence import Batch, Network
from seqest.recurrence.jacobian import jacobian, normal_equations
from seqest.recurrence.sensitivities import Sensitivities
from seqest.recurrence.unroll import IDENTITY, LOGISTIC, SOFTMAX, STATES, TANH
from tests.recurrence.draws import batch, network, weights

Array = NDArray[Any]
PERCEPTRON = simple("tanh", recurrent=False)
CELLS = {
    "tanh": simple("tanh", slope=0.7),
    "LSTM": LSTM,
    "GRU": GRU,
    "GRU, reset before": GRU_RESET_BEFORE,
}
STEP = 1e-5
# Central differences are off by about STEP² times a third derivative, and by rounding
# over STEP.
CLOSE = {"rtol": 1e-6, "atol": 1e-7}


def outputs(net: Network, theta: Array, given: Batch, at_rest: Array) -> Array:
    """Return the outputs where theta may end in the start of the layers."""
    start = given.start.copy()
    if theta.size > net.n_weights:
        start[at_rest, net.n_fed :] = theta[net.n_weights :]
    given = replace(given, start=start)
    return net.unroll(theta[: net.n_weights], given, keep=False).outputs


def differences(
    net: Network, theta: Array, given: Batch, at_rest: Array | None = None
) -> Array:
    """Return the Jacobian by central differences."""
    rests = np.ones(given.first.size, bool) if at_rest is None else at_rest
    columns = []
    for direction in STEP * np.eye(theta.size):
        ahead = outputs(net, theta + direction, given, rests)
        behind = outputs(net, theta - direction, given, rests)
        columns.append((ahead - behind) / (2 * STEP))
    return np.stack(columns, axis=-1)


def measured(net: Network, given: Batch, share: float) -> Batch:
    """Return the batch with a share of the outputs measured."""
    rng = np.random.default_rng(4)
    teacher = rng.normal(size=(len(given.X), net.n_outputs))
    teacher[rng.random(teacher.shape) >= share] = np.nan
    return replace(given, teacher=teacher)


def step_by_step(net: Network, theta: Array, given: Batch) -> Array:
    """Return the Jacobian carried along each sequence alone, row by row."""
    rows = []
    for k, (first, length) in enumerate(zip(given.first, given.length, strict=True)):
        carried = Sensitivities.begin(net, theta, given.start[k])
        for t in range(first, first + length):
            teacher = None if given.teacher is None else given.teacher[t]
            slopes = carried.step(net, theta, given.X[t], teacher)
            rows.append(slopes.of_outputs(net.function))
    return np.concatenate(rows)


@pytest.mark.parametrize("depth", ["one layer", "two layers and skips"])
@pytest.mark.parametrize("name", CELLS)
def test_the_jacobian_is_that_of_central_differences(name: str, depth: str) -> None:
    net = network(CELLS[name], depth=depth)
    theta, given = weights(net), batch(net, 9)
    theirs = differences(net, theta, given)
    np.testing.assert_allclose(jacobian(net, theta, given), theirs, **CLOSE)


@pytest.mark.parametrize("share", [0.5, 1.0])
@pytest.mark.parametrize("cell", [CELLS["tanh"], PERCEPTRON])
def test_measured_outputs_that_are_fed_back_owe_nothing_to_theta(
    cell: Any, share: float
) -> None:
    net = network(cell)
    theta, given = weights(net), measured(net, batch(net, 9), share)
    theirs = differences(net, theta, given)
    np.testing.assert_allclose(jacobian(net, theta, given), theirs, **CLOSE)


@pytest.mark.parametrize("function", [IDENTITY, LOGISTIC, TANH, SOFTMAX])
@pytest.mark.parametrize("cell", [CELLS["tanh"], PERCEPTRON])
def test_the_function_of_the_outputs_is_differentiated(
    cell: Any, function: int
) -> None:
    fed_back = "nothing" if cell is PERCEPTRON else "two outputs"
    net = network(cell, fed_back, function=function)
    theta, given = weights(net), batch(net, 9)
    theirs = differences(net, theta, given)
    np.testing.assert_allclose(jacobian(net, theta, given), theirs, **CLOSE)


@pytest.mark.parametrize("cell", [CELLS["tanh"], PERCEPTRON])
def test_a_network_without_outputs_has_the_jacobian_of_its_states(cell: Any) -> None:
    net = Network(cell, 2, 3, (4, 3), STATES)
    theta, given = weights(net), batch(net, 9)
    theirs = differences(net, theta, given)
    np.testing.assert_allclose(jacobian(net, theta, given), theirs, **CLOSE)


@pytest.mark.parametrize("name", ["tanh", "LSTM"])
def test_a_learned_start_belongs_to_theta_where_sequences_start_from_rest(
    name: str,
) -> None:
    net = network(CELLS[name])
    theta = np.append(weights(net), np.linspace(-1, 1, net.n_states - net.n_fed))
    given, at_rest = batch(net, 9), np.arange(9) % 3 != 0
    ours = jacobian(net, theta, given, at_rest)
    np.testing.assert_allclose(ours, differences(net, theta, given, at_rest), **CLOSE)


@pytest.mark.parametrize("cell", [CELLS["tanh"], PERCEPTRON])
def test_a_memory_that_blocks_errors_is_an_input_to_derivatives(cell: Any) -> None:
    net = network(cell, depth="one layer", errors_pass_memory=False)
    theta, given = weights(net), batch(net, 9)
    before = net.states_before(net.unroll(theta, given))
    # The memories of a step come from the state before, by the definition of each.
    lag, trace = net.n_outputs * net.output_lags, net.n_outputs
    y = before[:, net.n_memories : net.n_fed]
    parts = [y, before[:, : lag - net.n_outputs]]
    for k, decay in enumerate(net.traces):
        old = before[:, lag + k * trace : lag + (k + 1) * trace]
        parts.append(decay * old + (1 - decay) * y)
    X = np.hstack([given.X[given.rows], *parts])
    plain = Network(cell, X.shape[1], net.n_outputs, net.hidden, net.function)
    start = np.delete(given.start, np.s_[: net.n_memories], axis=1)
    unfolded = Batch(X, given.places[:-1], given.length, start)
    theirs = jacobian(plain, theta, unfolded)
    # The same products in another order.
    np.testing.assert_allclose(jacobian(net, theta, given), theirs, rtol=0, atol=1e-13)


@pytest.mark.parametrize("fed_back", ["nothing", "two outputs and two traces"])
def test_rows_worked_off_at_once_have_the_slopes_of_rows_one_by_one(
    fed_back: str,
) -> None:
    net = network(PERCEPTRON, fed_back)
    rng = np.random.default_rng(5)
    # Longer than what runs as a piece, shorter, and overlapping.
    first, length = np.array([0, 250, 100]), np.array([600, 3, 257])
    start = rng.normal(size=(3, net.n_states))
    given = Batch(rng.normal(size=(600, 2)), first, length, start)
    given, theta = measured(net, given, 1.0), weights(net)
    ours = jacobian(net, theta, given)
    # The same products in another order.
    theirs = step_by_step(net, theta, given)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-13)


def test_a_sequence_has_the_same_jacobian_alone() -> None:
    net = network(CELLS["tanh"])
    theta, given = weights(net), batch(net, 11)
    ours, theirs = jacobian(net, theta, given), step_by_step(net, theta, given)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-13)


def test_float32_is_worked_on_in_float64() -> None:
    net = network(CELLS["tanh"])
    theta, given = weights(net, np.float32), batch(net, 3, np.float32)
    ours = jacobian(net, theta, given)
    exact = Batch(
        given.X.astype(float), given.first, given.length, given.start.astype(float)
    )
    assert ours.dtype == np.float64
    np.testing.assert_array_equal(ours, jacobian(net, theta.astype(float), exact))


@pytest.mark.parametrize("cell", [CELLS["tanh"], PERCEPTRON])
def test_normal_equations_are_products_of_the_jacobian(cell: Any) -> None:
    net = network(cell, "nothing")
    theta, given = weights(net), batch(net, 200)
    n = int(given.places[-1])
    rng = np.random.default_rng(6)
    Z, scale = rng.normal(size=(n, 2)), rng.uniform(size=(n, 2))
    scale[::7] = 0

    def residual_of(Y: Array, places: Array) -> tuple[Array, Array]:
        return scale[places] * (Y - Z[places]), scale[places]

    loss, curvature, gradient = normal_equations(net, theta, given, residual_of)
    Y = net.unroll(theta, given, keep=False).outputs
    r = (scale * (Y - Z)).ravel()
    J = (scale[:, :, np.newaxis] * jacobian(net, theta, given)).reshape(-1, theta.size)
    # Sums over hundreds of rows, in blocks.
    np.testing.assert_allclose(loss, r @ r / 2, rtol=1e-12)
    np.testing.assert_allclose(curvature, J.T @ J, rtol=0, atol=1e-10)
    np.testing.assert_allclose(gradient, J.T @ r, rtol=0, atol=1e-10)


def test_levenberg_marquardt_finds_a_network_that_gave_the_targets() -> None:
    net = Network(CELLS["tanh"], 1, 1, (2,))
    rng = np.random.default_rng(7)
    first, length = np.arange(4) * 25, np.full(4, 25)
    given = Batch(rng.normal(size=(100, 1)), first, length, np.zeros((4, net.n_states)))
    true = weights(net)
    Z = net.unroll(true, given, keep=False).outputs

    def residual_of(Y: Array, places: Array) -> tuple[Array, Array]:
        return Y - Z[places], np.ones_like(Y)

    def loss(theta: Array) -> float:
        errors = net.unroll(theta, given, keep=False).outputs - Z
        return float((errors**2).sum() / 2)

    found = levenberg_marquardt(
        lambda theta: normal_equations(net, theta, given, residual_of),
        loss,
        true + rng.normal(0, 0.1, true.size),
    )
    # Gauss-Newton steps converge quadratically where residuals vanish.
    np.testing.assert_allclose(found.theta, true, rtol=0, atol=1e-6)


def test_what_is_carried_can_be_pickled_and_gone_on_with() -> None:
    net = network(CELLS["tanh"])
    theta, given = weights(net), batch(net, 1)
    whole = Sensitivities.begin(net, theta, given.start[0])
    parted = Sensitivities.begin(net, theta, given.start[0])
    for x in given.X[:5]:
        ours = whole.step(net, theta, x).nets
        parted = pickle.loads(pickle.dumps(parted))
        np.testing.assert_array_equal(parted.step(net, theta, x).nets, ours)


def test_theta_of_another_length_is_refused() -> None:
    net = network(CELLS["tanh"])
    with pytest.raises(ValueError, match=r"must be \d+ weights, or these and 6 states"):
        jacobian(net, np.zeros(net.n_weights + 1), batch(net, 1))
