"""Real-time recurrent learning against backpropagation, and against its equations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.cells import GRU, GRU_RESET_BEFORE, LSTM, simple
from seqest.optim import SGD, Nesterov
from seqest.recurrence import Batch, Network, sensitivities
from seqest.recurrence.descent import Descent
from seqest.recurrence.rtrl import rtrl_epoch, rtrl_gradient
from seqest.recurrence.unroll import LOGISTIC, TANH
from tests.recurrence.draws import batch, network, weights

Array = NDArray[Any]
CELLS = {
    "tanh": simple("tanh", slope=0.7),
    "LSTM": LSTM,
    "GRU": GRU,
    "GRU, reset before": GRU_RESET_BEFORE,
}


class HalfSquares:
    """½ Σ (y - z)² for outputs of a function, known targets alone."""

    def __init__(self, targets: Array, function: int = TANH) -> None:
        self.targets, self.function = targets, function

    def __call__(self, outputs: Array, places: Array) -> tuple[float, Array]:
        errors = np.nan_to_num(outputs - self.targets[places])
        slope = 1 - outputs**2 if self.function == TANH else 1.0
        return float((errors**2).sum() / 2), errors * slope


def targets(given: Batch, n_outputs: int = 2) -> Array:
    return np.random.default_rng(8).normal(size=(given.places[-1], n_outputs))


def backpropagated(
    net: Network, theta: Array, given: Batch, loss_at: HalfSquares
) -> tuple[float, Array]:
    """Return loss and gradient, theta ending in the start of the layers or not."""
    start = given.start.copy()
    if theta.size > net.n_weights:
        start[:, net.n_fed :] = theta[net.n_weights :]
    run = net.unroll(theta[: net.n_weights], replace(given, start=start))
    loss, deltas = loss_at(run.outputs, np.arange(len(run.outputs)))
    pulled = net.pullback(theta[: net.n_weights], run, deltas)
    learned = pulled.start[:, net.n_fed :].sum(axis=0)
    gradient = np.append(pulled.theta, learned)
    return loss, gradient[: theta.size]


@pytest.mark.parametrize("taught", ["own", "half", "measured"])
@pytest.mark.parametrize("fed_back", ["nothing", "two outputs", "a trace"])
@pytest.mark.parametrize("name", CELLS)
def test_the_gradient_of_series_is_that_of_backpropagation(
    name: str, fed_back: str, taught: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that series are cut, and none where another is.
    monkeypatch.setattr(sensitivities, "PIECE", 3)
    net = network(CELLS[name], fed_back)
    given, theta = batch(net, 9), weights(net)
    if taught != "own":
        teacher = np.random.default_rng(9).normal(size=(len(given.X), 2))
        teacher[::2] = np.nan if taught == "half" else teacher[::2]
        given = replace(given, teacher=teacher)
    loss_at = HalfSquares(targets(given))
    loss, gradient = rtrl_gradient(net, theta, given, loss_at)
    their_loss, theirs = backpropagated(net, theta, given, loss_at)
    assert loss == pytest.approx(their_loss, rel=1e-12)
    # The same sum in another order.
    error = np.linalg.norm(gradient - theirs) / np.linalg.norm(theirs)
    assert error < 1e-10


def test_losses_stated_at_net_inputs_are_not_differentiated_again() -> None:
    net = network(CELLS["tanh"], function=LOGISTIC)
    given, theta = batch(net, 9), weights(net)
    # Of the cross-entropy with logistic outputs: y - z.
    loss_at = HalfSquares(targets(given), LOGISTIC)
    gradient = rtrl_gradient(net, theta, given, loss_at)[1]
    theirs = backpropagated(net, theta, given, loss_at)[1]
    np.testing.assert_allclose(gradient, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("rule", [SGD(), Nesterov()])
def test_steps_after_each_series_are_those_of_backpropagation(rule: Any) -> None:
    net = network(CELLS["tanh"])
    given = batch(net, 5)
    loss_at, rests = HalfSquares(targets(given)), np.zeros(net.n_states - net.n_fed)
    # The start is learned, so each series begins where the last step has put it.
    ours = Descent(np.append(weights(net), rests), rule, 0.1)
    theirs = Descent(ours.theta.copy(), rule, 0.1)
    total = rtrl_epoch(net, ours, given, loss_at, online=False)
    losses = []
    for k in range(5):
        first, length, start = given.first[k:], given.length[k:], given.start[k:]
        alone = replace(given, first=first[:1], length=length[:1], start=start[:1])
        own = HalfSquares(loss_at.targets[given.places[k] :])

        def at(theta: Array, alone: Batch = alone, own: Any = own) -> Any:
            return backpropagated(net, theta, alone, own)

        losses.append(theirs.step(at))
    assert total == pytest.approx(sum(losses), rel=1e-12)
    np.testing.assert_allclose(ours.theta, theirs.theta, rtol=0, atol=1e-12)
    assert np.abs(ours.theta[net.n_weights :]).max() > 1e-3


def textbook(W: Array, U: Array, W_out: Array, X: Array, Z: Array, rate: float) -> None:
    """Learn h = tanh(Wᵀ [1; x] + Uᵀ h), y = W_outᵀ [1; h] online, weights in place."""
    n = len(U)
    h, dh_w, dh_u = np.zeros(n), np.zeros((n, *W.shape)), np.zeros((n, *U.shape))
    for x, z in zip(X, Z, strict=True):
        before, x = h, np.append(1.0, x)
        h = np.tanh(x @ W + before @ U)
        own = np.eye(n)
        dh_w = np.einsum("lk,lij->kij", U, dh_w) + np.einsum("i,jk->kij", x, own)
        dh_u = np.einsum("lk,lij->kij", U, dh_u) + np.einsum("i,jk->kij", before, own)
        dh_w *= (1 - h**2)[:, np.newaxis, np.newaxis]
        dh_u *= (1 - h**2)[:, np.newaxis, np.newaxis]
        error = np.append(1.0, h) @ W_out - z
        if np.isnan(error).any():
            continue
        back = W_out[1:] @ error
        W_out -= rate * np.outer(np.append(1.0, h), error)
        W -= rate * np.einsum("k,kij->ij", back, dh_w)
        U -= rate * np.einsum("k,kij->ij", back, dh_u)


@pytest.mark.parametrize("missing", [False, True])
def test_steps_after_each_row_are_those_of_the_textbook(missing: bool) -> None:
    net = Network(simple("tanh"), 2, 2, (3,))
    rng = np.random.default_rng(10)
    X, Z = rng.normal(size=(60, 2)), rng.normal(size=(60, 2))
    if missing:
        Z[rng.random(60) < 0.3] = np.nan
    one = np.zeros(1, np.int64), np.array([60])
    given = Batch(X, *one, np.zeros((1, net.n_states)))
    descent = Descent(weights(net), SGD(), 0.05)
    theirs = descent.theta.copy()
    parts = {part.name: part.of(theirs) for part in net.parts}
    W, U = parts["hidden_0.W_in"], parts["hidden_0.U"]
    bias, above = parts["output.W_in"], parts["output.W_0"]
    W_out = np.concatenate([bias, above])
    textbook(W, U, W_out, X, Z, 0.05)
    bias[:], above[:] = W_out[:1], W_out[1:]
    rtrl_epoch(net, descent, given, HalfSquares(Z, function=0))
    # Rounding of sixty steps.
    np.testing.assert_allclose(descent.theta, theirs, rtol=0, atol=1e-11)


def test_a_row_without_a_target_takes_no_step() -> None:
    net = Network(simple("tanh"), 2, 2, (3,))
    given = Batch(
        np.ones((4, 2)), np.zeros(1, np.int64), np.array([4]), np.zeros((1, 5))
    )
    Z = np.array([[1.0, 2.0], [np.nan] * 2, [np.nan] * 2, [np.nan] * 2])
    # Momentum would go on coasting.
    descent, once = (
        Descent(weights(net), Nesterov(), 0.1),
        Descent(weights(net), Nesterov(), 0.1),
    )
    rtrl_epoch(net, descent, given, HalfSquares(Z, function=0))
    short = replace(given, length=np.array([1]))
    rtrl_epoch(net, once, short, HalfSquares(Z, function=0))
    np.testing.assert_array_equal(descent.theta, once.theta)


def test_weights_of_float32_stay_so() -> None:
    net = network(CELLS["tanh"])
    given = batch(net, 3, np.float32)
    descent = Descent(weights(net, np.float32), SGD(), 0.1)
    rtrl_epoch(net, descent, given, HalfSquares(targets(given)))
    assert descent.theta.dtype == np.float32
    assert np.abs(descent.theta - weights(net)).max() > 1e-3
