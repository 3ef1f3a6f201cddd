"""Kalman filter training against textbook loops, and what it promises."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.cells import LSTM, simple
from seqest.recurrence import Batch, Network
from seqest.recurrence.ekf import ExtendedKalmanFilter, KalmanState
from seqest.recurrence.unroll import TANH
from tests.recurrence.draws import network, weights

Array = NDArray[Any]
LINEAR = Network(simple("tanh"), 3, 2, ())
ONE_OUTPUT = Network(simple("tanh"), 3, 1, ())
ELMAN = Network(simple("tanh"), 2, 2, (3,), TANH, output_lags=1)
STEP = 1e-5


def rows(net: Network, n_rows: int, seed: int = 11) -> tuple[Array, Array]:
    """Return inputs, and noisy targets that a network of the same kind gives."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, net.n_inputs))
    start = np.zeros((1, net.n_states))
    given = Batch(X, np.zeros(1, np.int64), np.array([n_rows]), start)
    Z = net.unroll(weights(net, seed=seed), given, keep=False).outputs
    return X, Z + 0.1 * rng.normal(size=Z.shape)


def begun(net: Network, rule: ExtendedKalmanFilter, seed: int = 1) -> KalmanState:
    return rule.begin(net, weights(net, seed=seed), np.zeros(net.n_states))


def covariance(known: KalmanState) -> Array:
    """Return P as a whole, zero between groups."""
    P = np.zeros((known.theta.size, known.theta.size))
    for groups, blocks in zip(known.groups, known.covariances, strict=True):
        for places, block in zip(groups, blocks, strict=True):
            P[np.ix_(places, places)] = block
    return P


def one_step(net: Network, theta: Array, state: Array, x: Array) -> tuple[Array, Array]:
    """Return the output and the state after a row."""
    one = np.zeros(1, np.int64), np.ones(1, np.int64)
    run = net.unroll(theta, Batch(x[np.newaxis], *one, state[np.newaxis]), keep=False)
    return run.outputs[0], run.end[0]


def textbook(
    net: Network, known: KalmanState, X: Array, Z: Array, R: float, Q: float
) -> tuple[Array, Array]:
    """Return theta and P of the filter, derivatives by central differences.

    Correlations that P does not have in the beginning are left out.
    """
    theta, P = known.theta.copy(), covariance(known)
    allowed = np.zeros_like(P)
    for groups in known.groups:
        for places in groups:
            allowed[np.ix_(places, places)] = 1
    state, S = np.zeros(net.n_states), np.zeros((net.n_states, theta.size))
    for x, z in zip(X, Z, strict=True):
        columns = []
        for d in STEP * np.eye(theta.size + state.size):
            by_theta, by_state = d[: theta.size], d[theta.size :]
            ahead = one_step(net, theta + by_theta, state + by_state, x)
            behind = one_step(net, theta - by_theta, state - by_state, x)
            columns.append((np.concatenate(ahead) - np.concatenate(behind)) / 2 / STEP)
        J = np.stack(columns, axis=-1)
        total = J[:, : theta.size] + J[:, theta.size :] @ S
        y, state = one_step(net, theta, state, x)
        H, S = total[: y.size], total[y.size :]
        K = P @ H.T @ np.linalg.inv(H @ P @ H.T + R * np.eye(y.size))
        theta = theta + K @ (z - y)
        P = allowed * (P - K @ H @ P) + Q * np.eye(theta.size)
    return theta, P


@pytest.mark.parametrize("process_noise", [0.0, 1e-3])
@pytest.mark.parametrize("decoupled", [False, True])
def test_a_recurrent_network_is_filtered_as_in_the_textbook(
    decoupled: bool, process_noise: float
) -> None:
    rule = ExtendedKalmanFilter(
        measurement_noise=0.5, process_noise=process_noise, decoupled=decoupled
    )
    X, Z = rows(ELMAN, 40)
    ours = begun(ELMAN, rule)
    theta, P = textbook(ELMAN, ours, X, Z, 0.5, process_noise)
    rule.learn(ELMAN, ours, X, Z)
    # Central differences are good to 1e-10, which forty steps carry on.
    np.testing.assert_allclose(ours.theta, theta, rtol=0, atol=1e-6)
    np.testing.assert_allclose(covariance(ours), P, rtol=0, atol=1e-6)


def test_a_linear_network_is_recursive_least_squares() -> None:
    rule = ExtendedKalmanFilter(
        measurement_noise=0.5, process_noise=0.0, initial_variance=4.0
    )
    X, Z = rows(LINEAR, 50)
    known = rule.begin(LINEAR, np.zeros(LINEAR.n_weights), np.zeros(LINEAR.n_states))
    rule.learn(LINEAR, known, X, Z)
    # The weights for both outputs have the same information, and no correlation.
    design = np.column_stack([np.ones(50), X])
    P = np.linalg.inv(design.T @ design / 0.5 + np.eye(4) / 4.0)
    W = P @ design.T @ Z / 0.5
    # What is made up for rounding in fifty steps: about 1e-12.
    np.testing.assert_allclose(known.theta.reshape(4, 2), W, rtol=0, atol=1e-11)
    theirs = np.kron(P, np.eye(2))
    np.testing.assert_allclose(covariance(known), theirs, rtol=0, atol=1e-11)


def test_process_noise_makes_a_linear_network_a_kalman_filter() -> None:
    rule = ExtendedKalmanFilter(process_noise=0.01, initial_variance=4.0)
    X, Z = rows(ONE_OUTPUT, 50)
    known = rule.begin(ONE_OUTPUT, np.zeros(4), np.zeros(1))
    predicted = rule.learn(ONE_OUTPUT, known, X, Z)
    w, P = np.zeros(4), 4.0 * np.eye(4)
    for t, (x, z) in enumerate(zip(X, Z[:, 0], strict=True)):
        h = np.append(1.0, x)
        assert predicted[t, 0] == pytest.approx(h @ w, rel=0, abs=1e-12)
        w = w + P @ h / (1.0 + h @ P @ h) * (z - h @ w)
        P = P - np.outer(P @ h, h @ P) / (1.0 + h @ P @ h) + 0.01 * np.eye(4)
    np.testing.assert_allclose(known.theta, w, rtol=0, atol=1e-12)
    np.testing.assert_allclose(covariance(known), P, rtol=0, atol=1e-12)


def test_decoupled_with_one_unit_is_global() -> None:
    X, Z = rows(ONE_OUTPUT, 50)
    found = []
    for decoupled in (False, True):
        rule = ExtendedKalmanFilter(process_noise=0.01, decoupled=decoupled)
        known = begun(ONE_OUTPUT, rule)
        rule.learn(ONE_OUTPUT, known, X, Z)
        found.append(known)
    np.testing.assert_array_equal(found[0].theta, found[1].theta)
    np.testing.assert_array_equal(covariance(found[0]), covariance(found[1]))


def test_decoupled_groups_are_the_weights_that_lead_to_a_unit() -> None:
    net = network(LSTM)
    start = np.zeros(net.n_states - net.n_fed)
    theta = np.append(weights(net), start)
    rule = ExtendedKalmanFilter(decoupled=True)
    known = rule.begin(net, theta, np.zeros(net.n_states))
    groups = [set(places.tolist()) for layer in known.groups for places in layer]
    assert sorted(k for group in groups for k in group) == list(range(theta.size))
    assert len(groups) == sum(net.hidden) + net.n_outputs + start.size
    for part in net.parts:
        columns = part.of(np.arange(net.n_weights)).T
        for j, column in enumerate(columns):
            gates = columns[j % part.n_units :: part.n_units]
            group = next(group for group in groups if column[0] in group)
            assert set(gates.ravel().tolist()) <= group


@pytest.mark.parametrize("decoupled", [False, True])
def test_covariances_stay_symmetric_and_positive(decoupled: bool) -> None:
    # Nearly certain measurements of weights of which nothing is known, and no noise.
    rule = ExtendedKalmanFilter(
        measurement_noise=1e-6,
        process_noise=0.0,
        initial_variance=1e6,
        decoupled=decoupled,
    )
    net = Network(simple("tanh"), 2, 2, (3,))
    known = begun(net, rule)
    X, Z = rows(net, 3000)
    X[:, 1] = X[:, 0]  # so that some directions are never seen
    for t in range(0, 3000, 10):
        rule.learn(net, known, X[t : t + 10], Z[t : t + 10])
        P = covariance(known)
        np.testing.assert_array_equal(P, P.T)
        variances = np.linalg.eigvalsh(P)
        # These themselves are good to 1e-16 of the largest.
        assert variances[0] > 1e-15 * variances[-1]


def test_a_row_without_a_target_moves_the_state_alone() -> None:
    rule = ExtendedKalmanFilter()
    X, Z = rows(ELMAN, 10)
    known, seen = begun(ELMAN, rule), begun(ELMAN, rule)
    rule.learn(ELMAN, known, X[:5], Z[:5])
    rule.learn(ELMAN, seen, X[:5], Z[:5])
    Z[5:, 1] = np.nan
    outputs = rule.learn(ELMAN, known, X[5:], Z[5:])
    np.testing.assert_array_equal(known.theta, seen.theta)
    np.testing.assert_array_equal(covariance(known), covariance(seen))
    state = seen.carried.state
    for t in range(5):
        y, state = one_step(ELMAN, seen.theta, state, X[5 + t])
        np.testing.assert_array_equal(outputs[t], y)
    np.testing.assert_array_equal(known.carried.state, state)


def test_what_is_known_can_be_pickled_and_gone_on_with() -> None:
    rule = ExtendedKalmanFilter(decoupled=True)
    X, Z = rows(ELMAN, 20)
    whole, parted = begun(ELMAN, rule), begun(ELMAN, rule)
    rule.learn(ELMAN, whole, X, Z)
    rule.learn(ELMAN, parted, X[:7], Z[:7])
    parted = pickle.loads(pickle.dumps(parted))
    rule.learn(ELMAN, parted, X[7:], Z[7:])
    np.testing.assert_array_equal(parted.theta, whole.theta)
    np.testing.assert_array_equal(covariance(parted), covariance(whole))


def test_another_sequence_begins_at_its_own_start() -> None:
    rule = ExtendedKalmanFilter()
    X, Z = rows(ELMAN, 10)
    known = begun(ELMAN, rule)
    rule.learn(ELMAN, known, X, Z)
    start = np.linspace(-0.5, 0.5, ELMAN.n_states)
    known.restart(ELMAN, start)
    first = one_step(ELMAN, known.theta, start, X[0])[0]
    np.testing.assert_array_equal(rule.learn(ELMAN, known, X[:1], Z[:1])[0], first)


def test_measured_outputs_are_fed_back() -> None:
    rule = ExtendedKalmanFilter()
    X, Z = rows(ELMAN, 10)
    known = begun(ELMAN, rule)
    rule.learn(ELMAN, known, X, Z, Z)
    np.testing.assert_array_equal(known.carried.state[2:4], Z[-1])
    np.testing.assert_array_equal(known.carried.S[2:4], 0)


def test_derivatives_too_large_for_float64_teach_nothing() -> None:
    rule = ExtendedKalmanFilter()
    X, Z = rows(ONE_OUTPUT, 10)
    known, seen = begun(ONE_OUTPUT, rule), begun(ONE_OUTPUT, rule)
    X[4] = 1e9  # an error of 1e-16 in the weights' variance of 10 is above the noise
    rule.learn(ONE_OUTPUT, known, X[:5], Z[:5])
    rule.learn(ONE_OUTPUT, seen, X[:4], Z[:4])
    np.testing.assert_array_equal(known.theta, seen.theta)
    np.testing.assert_array_equal(covariance(known), covariance(seen))


def test_it_stops_where_numbers_leave_their_range() -> None:
    rule = ExtendedKalmanFilter()
    X, Z = rows(ONE_OUTPUT, 10)
    known = begun(ONE_OUTPUT, rule)
    X[4] = 1e200  # whose square is infinite
    outputs = rule.learn(ONE_OUTPUT, known, X, Z)
    assert np.isfinite(outputs[:4]).all()
    assert np.isnan(outputs[4:]).all()
    assert np.isfinite(known.theta).all()
    assert np.isfinite(covariance(known)).all()


@pytest.mark.parametrize(
    "wrong",
    [{"measurement_noise": 0.0}, {"process_noise": -1.0}, {"initial_variance": 0.0}],
)
def test_constants_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=rf"{name}={value}\): must be in"):
        begun(LINEAR, ExtendedKalmanFilter(**wrong))
