"""Recurrent networks as plain loops over time, written from the papers' equations.

One sequence at a time; theta is taken apart by the names of its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.recurrence import Network
from seqest.recurrence.unroll import IDENTITY, LOGISTIC, SOFTMAX, TANH

Array = NDArray[np.float64]
Matrices = dict[str, Array]
# Takes W x + b in blocks, the layer's matrices and its states; returns the new states.
Step = Callable[[Array, Matrices, list[Array]], list[Array]]


def sigma(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def softmax(a: Array) -> Array:
    return np.exp(a) / np.exp(a).sum()


FUNCTIONS = {IDENTITY: lambda a: a, LOGISTIC: sigma, TANH: np.tanh, SOFTMAX: softmax}


def elman(f: Callable[[Array], Array], slope: float) -> Step:
    """Elman (1990), and Rumelhart, Hinton and Williams (1986) on the functions."""

    def step(drive: Array, W: Matrices, states: list[Array]) -> list[Array]:
        recurrent = states[0] @ W["U"] if "U" in W else 0
        return [f(slope * (drive + recurrent))]

    return step


def lstm(drive: Array, W: Matrices, states: list[Array]) -> list[Array]:
    """Gers, Schmidhuber and Cummins (2000), without peepholes."""
    h, c = states
    a_i, a_f, a_g, a_o = np.split(drive + h @ W["U"], 4)
    c = sigma(a_f) * c + sigma(a_i) * np.tanh(a_g)
    return [sigma(a_o) * np.tanh(c), c]


def gru_after(drive: Array, W: Matrices, states: list[Array]) -> list[Array]:
    """Cho et al. (2014), v1: the reset gate multiplies the product."""
    (h,) = states
    W_n, W_r, W_z = np.split(drive, 3)
    U_r, U_z, U_n = np.split(h @ W["U"], 3)
    r, z = sigma(W_r + U_r), sigma(W_z + U_z)
    new = np.tanh(W_n + r * (U_n + W["b_3"][0]))
    return [z * h + (1 - z) * new]


def gru_before(drive: Array, W: Matrices, states: list[Array]) -> list[Array]:
    """Cho et al. (2014), v3, eqs. 5 to 8: the reset gate multiplies the state."""
    h, _ = states
    W_n, W_r, W_z = np.split(drive, 3)
    U_r, U_z = np.split(h @ W["U"], 2)
    r, z = sigma(W_r + U_r), sigma(W_z + U_z)
    new = np.tanh(W_n + (r * h) @ W["U_1"])
    return [z * h + (1 - z) * new, r * h]


def leaky(leak: float) -> Step:
    """Jaeger, Lukoševičius, Popovici and Siewert (2007), eq. 2, tanh inside."""

    def step(drive: Array, W: Matrices, states: list[Array]) -> list[Array]:
        (h,) = states
        return [(1 - leak) * h + leak * np.tanh(drive + h @ W["U"])]

    return step


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "logistic": sigma,
    "relu": lambda a: np.maximum(a, 0),
    "identity": lambda a: a,
}


STEPS: dict[str, Step] = {
    "lstm": lstm,
    "gru": gru_after,
    "gru_reset_before": gru_before,
}


def step_of(cell: Any) -> Step:
    if cell.name in ACTIVATIONS:
        return elman(ACTIVATIONS[cell.name], *cell.constants)
    if cell.name == "leaky":
        return leaky(*cell.constants)
    return STEPS[cell.name]


def matrices(net: Network, theta: Array) -> dict[str, Matrices]:
    """Return the matrices of each layer by name."""
    layers: dict[str, Matrices] = {}
    for part in net.parts:
        layer, name = part.name.split(".")
        layers.setdefault(layer, {})[name] = part.of(theta)
    return layers


def product(W: Matrices, signals: Array, below: dict[int, Array]) -> Array:
    """Return W x + b, and what comes from layers below."""
    total = W["W_in"][0] + signals @ W["W_in"][1:]
    for k, h in below.items():
        total = total + h @ W[f"W_{k}"]
    return total


def run(net: Network, theta: Array, X: Array, start: Array) -> tuple[Array, Array]:
    """Return outputs and end of one sequence.

    Jordan's memories are of what came out before: the last K outputs, and traces m(t) =
    μ m(t-1) + (1 - μ) y(t-1). Delay lines of inputs and of layers hold their last rows.
    """
    layers, step = matrices(net, theta), step_of(net.cell)
    seen, into, lags, traces, held, y, states = apart(net, start)
    outputs = []
    for x in X:
        into = [*seen, *into][: net.input_lags]
        lags = [y, *lags][: net.output_lags]
        traces = [
            mu * m + (1 - mu) * y for mu, m in zip(net.traces, traces, strict=True)
        ]
        held = [
            [states[k][0].copy(), *held[k]][: net.layer_lags]
            for k in range(len(net.hidden))
        ]
        seen = [x] if net.input_lags else []
        inputs = tapped([x, *into], net.input_taps, 0)
        inputs += tapped(lags, net.output_taps, 1)
        signals = np.concatenate([*inputs, *traces])
        skipping = np.concatenate(inputs) if net.skip_inputs else np.empty(0)
        below: dict[int, Array] = {}
        for k in range(len(net.hidden)):
            W, under = layers[f"hidden_{k}"], {k - 1: below[k - 1]} if k else {}
            drive = product(W, skipping if k else signals, under)
            states[k] = step(drive, W, states[k])
            taps = net.layer_taps or range(net.layer_lags + 1)
            below[k] = np.concatenate([[states[k][0], *held[k]][lag] for lag in taps])
        if not net.skip_layers:
            below = {k: below[k]}
        y = FUNCTIONS[net.function](product(layers["output"], skipping, below))
        outputs.append(y)
    return np.array(outputs), together(seen, into, lags, traces, held, y, states)


def tapped(rows: list[Array], taps: Any, least: int) -> list[Array]:
    """Return what is seen of rows, of which the first has the lag `least`."""
    if taps is None:
        return rows
    return [rows[lag - least][[column]] for lag, column in taps]


def apart(net: Network, state: Array) -> tuple[Any, ...]:
    """Return the parts of a state.

    The last inputs where they are remembered, lags of inputs and outputs, traces, lags
    of layers, outputs, states of each layer.
    """
    n, m, n_seen = net.n_outputs, net.n_inputs, int(net.input_lags > 0)
    sizes = [m] * (n_seen + net.input_lags)
    sizes += [n] * (net.output_lags + len(net.traces))
    sizes += [n_units for n_units in net.hidden for _ in range(net.layer_lags)]
    sizes += [n]
    sizes += [n_units for n_units in net.hidden for _ in range(net.cell.n_states)]
    pieces = iter(np.split(state, np.cumsum(sizes)[:-1]))

    def take(n_pieces: int) -> list[Array]:
        return [next(pieces) for _ in range(n_pieces)]

    into = take(n_seen), take(net.input_lags)
    fed = take(net.output_lags), take(len(net.traces))
    held = [take(net.layer_lags) for _ in net.hidden]
    y = next(pieces)
    return *into, *fed, held, y, [take(net.cell.n_states) for _ in net.hidden]


def together(
    seen: Any, into: Any, lags: Any, traces: Any, held: Any, y: Array, layers: Any
) -> Array:
    """Return the state of these parts."""
    flat = [h for rows in (*held, [y], *layers) for h in rows]
    return np.concatenate([*seen, *into, *lags, *traces, *flat])
