"""Outputs and all derivatives, beside torch on the same weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.cells import GRU, LSTM, Cell, simple
from seqest.recurrence import Batch, Network
from tests.recurrence.draws import cotangents, states_of

torch = pytest.importorskip("torch")

Array = NDArray[np.float64]
Read = Callable[[str], Array]
KINDS: dict[str, tuple[Cell, Callable[..., Any], dict[str, Any]]] = {
    "tanh": (simple("tanh"), torch.nn.RNN, {"nonlinearity": "tanh"}),
    "relu": (simple("relu"), torch.nn.RNN, {"nonlinearity": "relu"}),
    "LSTM": (LSTM, torch.nn.LSTM, {}),
    "GRU": (GRU, torch.nn.GRU, {}),
}
N_INPUTS, N_UNITS, N_OUTPUTS, N_STEPS = 2, 5, 3, 7


def blocks(kind: str, of: Array) -> Array:
    """Return what torch keeps in blocks of rows, in blocks of ours, in columns."""
    if kind == "GRU":  # torch: r, z, n
        r, z, n = np.split(of, 3)
        of = np.concatenate([n, r, z])
    return of.T


def packed(net: Network, kind: str, read: Read, bias: Callable[..., Any]) -> Array:
    """Return theta, or its gradient, of what `read` finds under torch's names.

    Torch has two biases where we have one; `bias` makes one of them.
    """
    theta = np.full(net.n_weights, np.nan)
    W = {part.name: part.of(theta) for part in net.parts}
    for k in range(len(net.hidden)):
        W_ih, W_hh, b_ih, b_hh = (
            blocks(kind, read(f"{name}_l{k}"))
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        layer = f"hidden_{k}"
        W[f"{layer}.W_in"][0] = bias(b_ih, b_hh)
        W[f"{layer}.W_in" if k == 0 else f"{layer}.W_{k - 1}"][-len(W_ih) :] = W_ih
        if kind == "GRU":  # ours: n, r, z, and what r multiplies
            W[f"{layer}.W_in"][0, :N_UNITS] = b_ih[:N_UNITS]
            W[f"{layer}.b_3"][0] = b_hh[:N_UNITS]
            W_hh = np.roll(W_hh, -N_UNITS, axis=1)
        W[f"{layer}.U"][:] = W_hh
    W["output.W_in"][0] = read("output.bias")
    W[f"output.W_{len(net.hidden) - 1}"][:] = read("output.weight").T
    assert np.isfinite(theta).all(), "every weight is one of torch's"
    return theta


@pytest.mark.parametrize("n_sequences", [1, 5])
@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_outputs_and_derivatives_are_those_of_torch(
    kind: str, n_layers: int, n_sequences: int
) -> None:
    cell, layers, options = KINDS[kind]
    torch.manual_seed(0)
    like: dict[str, Any] = {"dtype": torch.float64}
    theirs = layers(N_INPUTS, N_UNITS, n_layers, batch_first=True, **options, **like)
    theirs.output = torch.nn.Linear(N_UNITS, N_OUTPUTS, **like)
    net = Network(cell, N_INPUTS, N_OUTPUTS, (N_UNITS,) * n_layers)
    named = dict(theirs.named_parameters())
    theta = packed(net, kind, lambda name: named[name].detach().numpy(), np.add)

    rng = np.random.default_rng(1)
    X = rng.normal(size=(n_sequences * N_STEPS, N_INPUTS))
    start = rng.normal(size=(n_sequences, net.n_states))
    start[:, : net.n_fed] = 0
    length = np.full(n_sequences, N_STEPS)
    given = Batch(X, np.cumsum(length) - length, length, start)
    C, E = cotangents(net, given)
    E[:, : net.n_fed] = 0
    run = net.unroll(theta, given)
    back = net.pullback(theta, run, C, E, inputs=True)

    def split(states: Array) -> list[Any]:
        """Return h, and c, of all layers as torch has them."""
        own = [states[:, states_of(net, k)] for k in range(n_layers)]
        each = [np.split(h, cell.n_states, axis=1) for h in own]
        return [torch.tensor(np.stack(block)) for block in zip(*each, strict=True)]

    signal = torch.tensor(X.reshape(n_sequences, N_STEPS, -1), requires_grad=True)
    first = [states.requires_grad_() for states in split(start)]
    h, last = theirs(signal, tuple(first) if kind == "LSTM" else first[0])
    last = last if kind == "LSTM" else [last]
    y = theirs.output(h)
    loss = (y.reshape(C.shape) * torch.tensor(C)).sum()
    for states, factor in zip(last, split(E), strict=True):
        loss = loss + (states * factor).sum()
    loss.backward()

    # The same sums of some twenty terms over seven steps in another order.
    near: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-12}
    np.testing.assert_allclose(run.outputs, y.detach().numpy().reshape(C.shape), **near)
    for ours, states in zip(split(run.end), last, strict=True):
        np.testing.assert_allclose(ours.numpy(), states.detach().numpy(), **near)
    gradient = packed(
        net, kind, lambda name: named[name].grad.numpy(), lambda ih, hh: ih
    )
    np.testing.assert_allclose(back.theta, gradient, **near)
    np.testing.assert_allclose(
        back.inputs, signal.grad.numpy().reshape(X.shape), **near
    )
    for ours, states in zip(split(back.start), first, strict=True):
        np.testing.assert_allclose(ours.numpy(), states.grad.numpy(), **near)
