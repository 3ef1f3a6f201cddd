"""Random networks, batches and cotangents, and where layers keep their states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.cells import Cell
from seqest.recurrence import Batch, Network
from seqest.recurrence.network import Pulled
from seqest.recurrence.unroll import LOGISTIC, SOFTMAX, TANH
from tests.contracts.tables.cells import DEPTHS, FED_BACK

Array = NDArray[Any]


def network(
    cell: Cell,
    fed_back: str = "two outputs and two traces",
    depth: str = "two layers and skips",
    **options: Any,
) -> Network:
    """Return a network; by default with all that one can have."""
    settings = {"function": TANH, **FED_BACK[fed_back], **DEPTHS[depth], **options}
    return Network(cell, 2, 2, **settings)


def weights(net: Network, dtype: Any = np.float64, seed: int = 1) -> Array:
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.5, net.n_weights).astype(dtype)


def batch(
    net: Network, n_sequences: int, dtype: Any = np.float64, seed: int = 2
) -> Batch:
    """Return sequences of 1 to 6 rows that overlap, each from a state of its own."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(20, net.n_inputs)).astype(dtype)
    length = rng.permutation(np.arange(n_sequences) % 6 + 1)
    first = rng.integers(0, 15, n_sequences)
    start = rng.normal(0, 0.3, (n_sequences, net.n_states)).astype(dtype)
    return Batch(X, first, length, start)


def apart(net: Network, lengths: list[int], seed: int = 2) -> Batch:
    """Return sequences one after the other, no row in two of them."""
    rng = np.random.default_rng(seed)
    length = np.array(lengths, np.int64)
    X = rng.normal(size=(length.sum(), net.n_inputs))
    start = rng.normal(0, 0.3, (length.size, net.n_states))
    return Batch(X, np.cumsum(length) - length, length, start)


def cotangents(net: Network, given: Batch, seed: int = 3) -> tuple[Array, Array]:
    """Return weights of outputs and of end states in a sum to differentiate."""
    rng = np.random.default_rng(seed)
    C = rng.normal(size=(given.places[-1], net.n_outputs))
    return C.astype(given.X.dtype), rng.normal(size=given.start.shape).astype(C.dtype)


def before_function(function: int, outputs: Array, C: Array) -> Array:
    """Return cotangents of net inputs for those of outputs."""
    if function == LOGISTIC:
        return C * outputs * (1 - outputs)
    if function == TANH:
        return C * (1 - outputs**2)
    if function == SOFTMAX:
        return outputs * (C - (C * outputs).sum(axis=1, keepdims=True))
    return C


def pulled(
    net: Network,
    theta: Array,
    given: Batch,
    C: Array,
    E: Array,
    *,
    flip: bool = False,
    **options: Any,
) -> Pulled:
    """Return the derivatives of Σ C outputs + Σ E end by `Network.pullback`."""
    run = net.unroll(theta, given, flip=flip, **options)
    deltas = before_function(net.function, run.outputs, C).astype(theta.dtype)
    back = net.pullback(
        theta, run, deltas, E.astype(theta.dtype), flip=flip, inputs=True
    )
    inputs = np.zeros_like(given.X)
    np.add.at(inputs, given.rows, back.inputs)
    return back._replace(inputs=inputs)


def states_of(net: Network, layer: int) -> slice:
    """Return where in a state those of a layer are, block after block."""
    sizes = [net.cell.n_states * n for n in net.hidden]
    first = net.n_states - sum(sizes[layer:])
    return slice(first, first + sizes[layer])


@dataclass(frozen=True)
class Units:
    """The units of a layer in another order, and with other signs."""

    layer: int
    order: Array
    signs: Any = 1.0

    def of(self, rows: Array) -> Array:
        """Return rows of one or more numbers for each unit, block after block."""
        blocks = rows.reshape(len(rows), -1, self.order.size)
        return (blocks[..., self.order] * self.signs).reshape(rows.shape)

    def weights(self, net: Network, theta: Array) -> Array:
        own, above = f"hidden_{self.layer}.", f".W_{self.layer}"
        new = theta.copy()
        for part in net.parts:
            W = part.of(new)
            if part.name.startswith(own):
                W[:] = self.of(W)
            if part.name.startswith(f"{own}U") or part.name.endswith(above):
                W[:] = self.of(W.T).T
        return new

    def states(self, net: Network, states: Array) -> Array:
        new, here = states.copy(), states_of(net, self.layer)
        new[:, here] = self.of(states[:, here])
        return new
