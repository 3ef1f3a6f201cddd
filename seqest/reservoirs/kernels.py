"""The time loops of a reservoir, compiled for a structure of W and an activation.

One step of a layer, with old state h and drive a = W_in x + bias + W_fb y(n-1):

    r = a + W h
    h <- (1 - leak) h + leak f(r)

The templates below call `product` (r <- r + W h) and `activate` (f), which
`compiled` binds.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from seqest._compile import (
    LANES,
    kernel,
    load,
    multiply_add,
    specialise,
    splat,
    store,
)
from seqest.cells import ACTIVATIONS
from seqest.reservoirs.features import fill_features
from seqest.reservoirs.products import PRODUCTS

__all__ = ["TimeLoops", "compiled"]

# Up to so many inputs the drives are summed up one by one.
FEW_INPUTS = 16


class TimeLoops(NamedTuple):
    """The compiled time loops of one structure and activation."""

    structure: str
    series: Any
    lanes: Any
    free: Any


@cache
def compiled(structure: str, activation: str) -> TimeLoops:
    """Return the time loops for a structure of W and an activation."""
    name = f"{structure}_{activation}"
    update = specialise(_update, activation, activate=ACTIVATIONS[activation])
    one, many = PRODUCTS[structure]
    return TimeLoops(
        structure,
        specialise(_run_series, name, product=one, update=update),
        specialise(_run_lanes, name, product=many, update=update),
        specialise(_run_free, name, product=one, update=update),
    )


def _update(h: Any, r: Any, rates: Any) -> None:
    """Let h <- rates[0] h + rates[1] f(r), over flat arrays, and r the new h."""
    keep, leak = rates[0], rates[1]
    for i in range(h.size):
        state = keep * h[i] + leak * activate(r[i])  # type: ignore[name-defined] # noqa: F821
        h[i] = state
        r[i] = state


@kernel
def _drive_series(X: Any, W_in: Any, bias: Any) -> Any:
    """Return the drives ``X W_in^T + bias`` of a block of rows.

    Few inputs are quicker added up than handed to BLAS.
    """
    if X.shape[1] > FEW_INPUTS:
        drives = np.dot(X, W_in.T)
        drives += bias
        return drives
    drives = np.empty((X.shape[0], bias.size), X.dtype)
    columns = np.ascontiguousarray(W_in.T)
    for t in range(X.shape[0]):
        for i in range(bias.size):
            drives[t, i] = bias[i]
        for j in range(X.shape[1]):
            x = X[t, j]
            for i in range(bias.size):
                drives[t, i] += x * columns[j, i]
    return drives


def _run_series(
    layer: Any, X: Any, noise: Any, h: Any, design: Any, column: int
) -> Any:
    """Run one layer over rows X (rows, n_inputs) of one series.

    ``design[:, column:column + n]`` receives the states; h (n,) is the state before
    and after. `noise` (rows, n) is added to each new state, or has no rows. Returns
    the states (rows, n) once more, as the inputs of a layer above.
    """
    W, W_in, bias, rates = layer
    nets = _drive_series(X, W_in, bias)
    for t in range(X.shape[0]):
        r = nets[t]
        product(W, h, r)  # type: ignore[name-defined] # noqa: F821
        update(h, r, rates)  # type: ignore[name-defined] # noqa: F821
        if noise.shape[0]:
            for i in range(h.size):
                h[i] += noise[t, i]
                r[i] = h[i]
        # A slice of its own: indices that cannot be negative vectorise.
        states = design[t, column : column + h.size]
        for i in range(h.size):
            states[i] = h[i]
    return nets


@kernel
def _drive_lanes(W_in: Any, bias: Any, u: Any, r: Any) -> None:
    """R = W_in u + bias for lanes u (n_inputs, LANES)."""
    for i in range(bias.size):
        total = splat(bias[i])
        for j in range(u.shape[0]):
            total = multiply_add(W_in[i, j], load(u, j), total)
        store(r, i, total)


@kernel
def _read_inputs(X: Any, runs: Any, t: int, u: Any) -> None:
    """Copy the inputs at step t of each lane's run into u (n_inputs, LANES)."""
    for lane in range(runs.shape[0]):
        if t < runs[lane, 1]:
            row = runs[lane, 0] + t
            for j in range(u.shape[0]):
                u[j, lane] = X[row, j]


@kernel
def _write_states(h: Any, runs: Any, t: int, design: Any, ends: Any) -> None:
    """Copy each lane's state at step t to its row of the design, or to `ends`."""
    for lane in range(runs.shape[0]):
        if runs[lane, 2] <= t < runs[lane, 1]:
            row = runs[lane, 3] + t
            for i in range(h.shape[0]):
                design[row, i] = h[i, lane]
        if t == runs[lane, 1] - 1:
            for i in range(h.shape[0]):
                ends[lane, i] = h[i, lane]


def _run_lanes(
    layers: Any, X: Any, runs: Any, begin: int, end: int, h: Any, design: Any, ends: Any
) -> None:
    """Run a stack of layers over series, LANES of them side by side, steps begin:end.

    Each row of `runs` (n_runs, 4) is a lane: its first row in X, its number of steps,
    the first step whose state is kept, and what to add to a step for its row in
    `design`. h (n_groups, n_units, LANES) is the joined state of the layers, before and
    after; `ends` (n_runs, n_units) receives it where a run ends.
    """
    u = np.zeros((X.shape[1], LANES), X.dtype)
    r = np.empty(h.shape[1:], X.dtype)
    for group in range(h.shape[0]):
        some = slice(group * LANES, (group + 1) * LANES)
        own, own_ends = runs[some], ends[some]
        for t in range(begin, min(end, own[:, 1].max())):
            _read_inputs(X, own, t, u)
            first = 0
            source = u
            for k in range(len(layers)):
                W, W_in, bias, rates = layers[k]
                last = first + bias.size
                state, net = h[group, first:last], r[first:last]
                _drive_lanes(W_in, bias, source, net)
                product(W, state, net)  # type: ignore[name-defined] # noqa: F821
                update(state.reshape(-1), net.reshape(-1), rates)  # type: ignore[name-defined] # noqa: F821
                first = last
                source = state
            _write_states(h[group], own, t, design, own_ends)


@kernel
def _drive(W_in: Any, bias: Any, u: Any, r: Any) -> None:
    """R = W_in u + bias."""
    for i in range(bias.size):
        total = bias[i]
        for j in range(u.size):
            total += W_in[i, j] * u[j]
        r[i] = total


@kernel
def _predict(coef: Any, intercept: Any, row: Any, y: Any) -> None:
    """Y = coef row + intercept, in float64."""
    for k in range(y.size):
        total = intercept[k]
        for j in range(row.size):
            total += coef[k, j] * row[j]
        y[k] = total


def _run_free(
    layers: Any,
    W_fb: Any,
    X: Any,
    teacher: Any,
    coef: Any,
    intercept: Any,
    features: int,
    include_input: int,
    bounds: Any,
    h: Any,
    y: Any,
    out: Any,
) -> tuple[int, int]:
    """Run a stack of layers on its own outputs, one series.

    The output y(n) is fed back into step n + 1 through W_fb (n_units of the first
    layer, n_outputs), and as the input x where X has no columns. Where `teacher`
    (rows, n_outputs) is not NaN it is fed back in place of the prediction.
    h (n_units,) and y (n_outputs,) are the state and the fed-back output, before and
    after; `out` (rows, n_outputs) receives the predictions. Returns the first step
    at which an output left `bounds` (2, n_outputs) and the first at which one was not
    finite, where the run stops; -1 for never.
    """
    n_inputs = X.shape[1] if X.shape[1] else y.size
    x = np.empty((1, n_inputs), X.dtype)
    feed = np.empty(y.size, X.dtype)
    width = h.size * (2 if features == 1 else 1) + (n_inputs if include_input else 0)
    row = np.empty((1, width), X.dtype)
    r = np.empty(h.size, X.dtype)
    left = -1
    for t in range(out.shape[0]):
        for k in range(y.size):
            feed[k] = y[k]
        for j in range(n_inputs):
            x[0, j] = X[t, j] if X.shape[1] else feed[j]
        first = 0
        source = x[0]
        for k in range(len(layers)):
            W, W_in, bias, rates = layers[k]
            last = first + bias.size
            state, net = h[first:last], r[first:last]
            _drive(W_in, bias, source, net)
            if k == 0 and W_fb.shape[0]:
                _drive(W_fb, net, feed, net)
            product(W, state, net)  # type: ignore[name-defined] # noqa: F821
            update(state, net, rates)  # type: ignore[name-defined] # noqa: F821
            first = last
            source = state
        for i in range(h.size):
            row[0, i] = h[i]
        fill_features(row, h.size, features, x, n_inputs if include_input else 0)
        _predict(coef, intercept, row[0], out[t])
        for k in range(y.size):
            # isfinite may be folded away where sums are reordered.
            if not abs(out[t, k]) < np.inf:
                return left, t
            if left < 0 and not bounds[0, k] <= out[t, k] <= bounds[1, k]:
                left = t
            y[k] = out[t, k] if np.isnan(teacher[t, k]) else teacher[t, k]
    return left, -1
