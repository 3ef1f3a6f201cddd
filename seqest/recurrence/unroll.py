"""A network run along time, and its errors run back: the two compiled loops.

A network is a vector of signals v(t) and a table of weights between parts of it. The
parts are the constant 1, the inputs, memories, the states of the layers, and the
outputs as they are fed back. A step of time works them off in this order:

    memories   v(t)[to] = decay v(t-1)[to] + (1 - decay) v(t-1)[from]
    layers     a = Σ Wᵀ v(t or t-1)[from];  states by the row kernels of the cell
    outputs    a = Σ Wᵀ v(t or t-1)[from];  y = φ(a), or a measured output where given

and backwards the same tables are read from their ends. Up to `width` sequences run side
by side: V holds rows of `width` numbers, those of step t from row ``(t + 1) size`` on;
rows ``0 : size`` are the state at the start. A sequence that has ended holds its state.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from seqest._compile import (
    exponential,
    hyperbolic_tangent,
    kernel,
    like,
    logistic,
    specialise,
)
from seqest.cells import Cell
from seqest.recurrence.products import PRODUCTS

__all__ = [
    "IDENTITY",
    "LOGISTIC",
    "SOFTMAX",
    "STATES",
    "TANH",
    "Loops",
    "Tables",
    "loops_of",
]

# Functions of the outputs; with the last there is no output layer, and what stands at
# the outputs' place in v is given out.
IDENTITY, LOGISTIC, TANH, SOFTMAX, STATES = range(5)
NOUGHT, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
# The templates are written for these, and specialised for each cell and width.
width, n_stages = np.uint64(1), np.uint64(1)
forwards, backwards, gradient = PRODUCTS[1]
stage_0: Any = None
stage_1: Any = None
ahead: Any = None
behind: Any = None
add_gradients: Any = None


class Tables(NamedTuple):
    """A network as the loops read it; places and sizes count rows and are unsigned.

    Attributes
    ----------
    sizes : ndarray of shape (7,)
        Rows of v, rows of net inputs, number of inputs, place of the outputs in v,
        their number, the place of their net inputs, their function.
    memories : ndarray of shape (n_memories, 4)
        Place, place of what is remembered, rows, whether errors pass.
    decays : ndarray of shape (n_memories,)
        How much of a memory stays, in the dtype of theta.
    layers : ndarray of shape (n_layers, 3)
        Place of the states, number of units, place of the net inputs.
    stages : ndarray of shape (n_layers + 1, n_stages + 1)
        Where the edges of each stage of each layer begin and end; the outputs' last.
    edges : ndarray of shape (n_edges, 7)
        Place of the signals, their number, place of the net inputs, their number,
        place of the weights in theta, whether the signals are those of the step before,
        and whether some of them are more than inputs, so that errors go on.
    constants : ndarray
        Of the cell, in the dtype of theta.
    """

    sizes: Any
    memories: Any
    decays: Any
    layers: Any
    stages: Any
    edges: Any
    constants: Any


class Loops(NamedTuple):
    """The compiled loops of one cell and width; see `_unroll` and `_pullback`."""

    unroll: Any
    pullback: Any


def loops_of(cell: Cell, width: int) -> Loops:
    """Return the time loops of a cell for `width` sequences side by side."""
    return _specialised(cell.name, cell.forward, cell.backward, width)


@cache
def _specialised(
    name: str, forward: tuple[Any, ...], backward: tuple[Any, ...], width: int
) -> Loops:
    """Return loops that all cells with the same row kernels share."""
    name, products, many = f"{name}_{width}", PRODUCTS[width], np.uint64(len(forward))
    ways = {}
    for way, stages in (("ahead", forward), ("behind", backward)):
        ways[way] = {"n_stages": many, "stage_0": stages[0], "stage_1": stages[-1]}
    w = {"width": np.uint64(width)}
    ahead = specialise(_ahead, name, **ways["ahead"], **w, forwards=products.forwards)
    behind = specialise(
        _back, name, **ways["behind"], **w, backwards=products.backwards
    )
    sums = specialise(_add_gradients, str(width), gradient=products.gradient)
    return Loops(
        specialise(_unroll, name, **w, ahead=ahead),
        specialise(_pullback, name, **w, behind=behind, add_gradients=sums),
    )


@kernel
def _set_inputs(
    X: Any, loop: Any, runs: Any, flip: Any, t: Any, V: Any, now: Any, y: Any, w: Any
) -> None:
    """Set the constant and the inputs; y is where outputs of the step before are."""
    for lane in range(w):
        V[now + lane] = like(V[now], 1)
    for k in range(np.uint64(loop.shape[1])):
        for lane in range(w):
            output = V[y + k * w + lane]
            V[now + (ONE + k) * w + lane] = loop[0, k] * output + loop[1, k]
    n_runs = np.uint64(runs.shape[0])
    for lane in range(w):
        running = lane < n_runs and t < runs[min(lane, n_runs - ONE), 1]
        row = NOUGHT
        if running:
            row = runs[lane, 0] + (runs[lane, 1] - ONE - t if flip else t)
        for k in range(np.uint64(X.shape[1])):
            # What stands in idle lanes is multiplied by zeros, and must be finite.
            V[now + (ONE + k) * w + lane] = X[row, k] if running else like(V[now], 0)


@kernel
def _remember(
    memories: Any, decays: Any, V: Any, before: Any, now: Any, w: Any
) -> None:
    for k in range(np.uint64(memories.shape[0])):
        keep = decays[k]
        take = like(keep, 1) - keep
        to, old = now + memories[k, 0] * w, before + memories[k, 0] * w
        source = before + memories[k, 1] * w
        for i in range(memories[k, 2] * w):
            V[to + i] = keep * V[old + i] + take * V[source + i]


@kernel
def _apply(function: Any, A: Any, a: Any, n: Any, w: Any) -> None:
    """Apply the function of the outputs to net inputs, in place."""
    if function == LOGISTIC:
        for i in range(n * w):
            A[a + i] = logistic(A[a + i])
    elif function == TANH:
        for i in range(n * w):
            A[a + i] = hyperbolic_tangent(A[a + i])
    elif function == SOFTMAX:
        for lane in range(w):
            highest = A[a + lane]
            for j in range(n):
                highest = max(highest, A[a + j * w + lane])
            total = like(highest, 0)
            for j in range(n):
                A[a + j * w + lane] = exponential(A[a + j * w + lane] - highest)
                total += A[a + j * w + lane]
            for j in range(n):
                A[a + j * w + lane] /= total


@kernel
def _give_outputs(
    A: Any,
    a: Any,
    runs: Any,
    flip: Any,
    t: Any,
    teacher: Any,
    out: Any,
    V: Any,
    now: Any,
    sizes: Any,
    w: Any,
) -> None:
    """Write outputs to their rows, and what is fed back to V."""
    y = now + sizes[3] * w
    for lane in range(np.uint64(runs.shape[0])):
        if t < runs[lane, 1]:
            step = runs[lane, 1] - ONE - t if flip else t
            for j in range(np.uint64(out.shape[1])):
                if sizes[6] == STATES:
                    out[runs[lane, 2] + step, j] = V[y + j * w + lane]
                    continue
                value = A[a + j * w + lane]
                out[runs[lane, 2] + step, j] = value
                if teacher.shape[0]:
                    measured = teacher[runs[lane, 0] + step, j]
                    value = value if np.isnan(measured) else measured
                V[y + j * w + lane] = value


@kernel
def _hold(runs: Any, t: Any, size: Any, V: Any, before: Any, now: Any, w: Any) -> None:
    """Let sequences that have ended keep their signals, and idle lanes zeros.

    Cotangents there are zero, but what they are multiplied by must be finite.
    """
    n_runs = np.uint64(runs.shape[0])
    for lane in range(w):
        if lane >= n_runs or t >= runs[lane, 1]:
            for i in range(size):
                V[now + i * w + lane] = V[before + i * w + lane]


def _ahead(
    theta: Any,
    tables: Any,
    layer: Any,
    V: Any,
    before: Any,
    now: Any,
    A: Any,
    net: Any,
) -> None:
    """Work off one layer, or the net inputs of the outputs; `net` counts numbers."""
    layers, stages, edges = tables.layers, tables.stages, tables.edges
    inner = layer < np.uint64(layers.shape[0])
    for stage in range(n_stages if inner else ONE):
        for e in range(stages[layer, stage], stages[layer, stage + ONE]):
            n_from, n_to, place = edges[e, 1], edges[e, 3], edges[e, 4]
            v = (before if edges[e, 5] else now) // width + edges[e, 0]
            a = net // width + edges[e, 2]
            forwards(theta, place, n_from, n_to, V, v, A, a)
        if inner:
            own, m = layers[layer, 0] * width, layers[layer, 1] * width
            a = net + layers[layer, 2] * width
            if stage == NOUGHT:
                stage_0(A, a, V, before + own, now + own, m, tables.constants)
            else:
                stage_1(A, a, V, before + own, now + own, m, tables.constants)


def _unroll(
    theta: Any,
    tables: Any,
    X: Any,
    loop: Any,
    runs: Any,
    flip: Any,
    teacher: Any,
    n_steps: Any,
    keep: Any,
    V: Any,
    A: Any,
    out: Any,
) -> None:
    """Run up to `width` sequences.

    Row k of `runs` (n_runs, 3) is a sequence: its first row in X, its length, its first
    row in out; `flip` runs it from its end. X has a column for each input, or none:
    then inputs are ``loop[0] y(t-1) + loop[1]``. `teacher` has a row for each of X and
    a column for each output, NaN where the network's own output is fed back; or no
    rows. With `keep` V (n_steps + 1, size, width) and A (n_steps, n_nets, width)
    keep all steps; else two and one, in turn.
    """
    sizes = tables.sizes
    size, nets, last = sizes[0] * width, sizes[1] * width, len(tables.layers)
    y = sizes[3] * width
    for t in range(n_steps):
        before = (t if keep else t % TWO) * size
        now = (t + ONE if keep else (t + ONE) % TWO) * size
        net = t * nets if keep else NOUGHT
        for i in range(net, net + nets):
            A[i] = like(A[i], 0)
        _set_inputs(X, loop, runs, flip, t, V, now, before + y, width)
        _remember(tables.memories, tables.decays, V, before, now, width)
        for layer in range(np.uint64(last) + ONE):
            ahead(theta, tables, layer, V, before, now, A, net)
        a = net + sizes[5] * width
        _apply(sizes[6], A, a, sizes[4], width)
        _give_outputs(A, a, runs, flip, t, teacher, out, V, now, sizes, width)
        _hold(runs, t, sizes[0], V, before, now, width)


@kernel
def _set_aside(
    runs: Any, t: Any, size: Any, D: Any, now: Any, aside: Any, w: Any
) -> None:
    """Take the cotangents of sequences that have ended out of the step."""
    for lane in range(np.uint64(runs.shape[0])):
        if t >= runs[lane, 1]:
            for i in range(size):
                aside[i * w + lane] = D[now + i * w + lane]
                D[now + i * w + lane] = like(aside[0], 0)


@kernel
def _pass_by(
    runs: Any, t: Any, size: Any, D: Any, before: Any, aside: Any, w: Any
) -> None:
    """Hand what was set aside to the step before, as a held state does."""
    for lane in range(np.uint64(runs.shape[0])):
        if t >= runs[lane, 1]:
            for i in range(size):
                D[before + i * w + lane] = aside[i * w + lane]


@kernel
def _take_deltas(
    A: Any,
    a: Any,
    runs: Any,
    flip: Any,
    t: Any,
    teacher: Any,
    deltas: Any,
    D: Any,
    y: Any,
    function: Any,
    w: Any,
) -> None:
    """Turn outputs in A into cotangents of their net inputs.

    Those of `deltas` are of net inputs already; those of outputs that were fed back
    pass through the function.
    """
    n, n_runs = np.uint64(deltas.shape[1]), np.uint64(runs.shape[0])
    for lane in range(w):
        runs_on = lane < n_runs and t < runs[min(lane, n_runs - ONE), 1]
        if not runs_on:
            for j in range(n if function != STATES else NOUGHT):
                A[a + j * w + lane] = like(A[a], 0)
            continue
        step = runs[lane, 1] - ONE - t if flip else t
        if function == STATES:
            for j in range(n):
                D[y + j * w + lane] += deltas[runs[lane, 2] + step, j]
            continue
        for j in range(n):
            if teacher.shape[0] and not np.isnan(teacher[runs[lane, 0] + step, j]):
                D[y + j * w + lane] = like(A[a], 0)
        inner = like(A[a], 0)
        if function == SOFTMAX:
            for j in range(n):
                inner += A[a + j * w + lane] * D[y + j * w + lane]
        for j in range(n):
            output, fed = A[a + j * w + lane], D[y + j * w + lane]
            if function == LOGISTIC:
                fed *= output * (like(output, 1) - output)
            elif function == TANH:
                fed *= like(output, 1) - output * output
            elif function == SOFTMAX:
                fed = output * (fed - inner)
            A[a + j * w + lane] = deltas[runs[lane, 2] + step, j] + fed


@kernel
def _recall(memories: Any, decays: Any, D: Any, before: Any, now: Any, w: Any) -> None:
    for k in range(np.uint64(memories.shape[0])):
        if memories[k, 3] == ONE:
            keep = decays[k]
            take = like(keep, 1) - keep
            to, old = now + memories[k, 0] * w, before + memories[k, 0] * w
            source = before + memories[k, 1] * w
            for i in range(memories[k, 2] * w):
                D[old + i] += keep * D[to + i]
                D[source + i] += take * D[to + i]


@kernel
def _give_inputs(
    D: Any, now: Any, runs: Any, flip: Any, t: Any, pulled: Any, w: Any
) -> None:
    """Write cotangents of the inputs to the rows of the outputs they belong to."""
    for lane in range(np.uint64(runs.shape[0])):
        if t < runs[lane, 1]:
            row = runs[lane, 2] + (runs[lane, 1] - ONE - t if flip else t)
            for k in range(np.uint64(pulled.shape[1])):
                pulled[row, k] = D[now + (ONE + k) * w + lane]


def _add_gradients(tables: Any, V: Any, A: Any, n_steps: Any, G: Any) -> None:
    """Add to G the products of signals with the cotangents of net inputs in A."""
    sizes, edges = tables.sizes, tables.edges
    for e in range(np.uint64(edges.shape[0])):
        n_from, n_to, place = edges[e, 1], edges[e, 3], edges[e, 4]
        v = edges[e, 0] + (NOUGHT if edges[e, 5] else sizes[0])
        to = edges[e, 2]
        gradient(V, v, sizes[0], A, to, sizes[1], n_steps, n_from, n_to, G, place)


def _back(
    theta: Any,
    tables: Any,
    layer: Any,
    V: Any,
    v: Any,
    A: Any,
    net: Any,
    D: Any,
    before: Any,
    now: Any,
    inputs: Any,
) -> None:
    """Work off one layer backwards; v is where the signals of the step before are."""
    layers, stages, edges = tables.layers, tables.stages, tables.edges
    inner = layer < np.uint64(layers.shape[0])
    for up in range(n_stages if inner else ONE):
        stage = (n_stages if inner else ONE) - ONE - up
        if inner:
            own, m = layers[layer, 0] * width, layers[layer, 1] * width
            a, d, d_now = net + layers[layer, 2] * width, before + own, now + own
            then = v + tables.sizes[0] * width + own
            if stage == NOUGHT:
                stage_0(A, a, V, v + own, then, D, d, d_now, m, tables.constants)
            else:
                stage_1(A, a, V, v + own, then, D, d, d_now, m, tables.constants)
        for e in range(stages[layer, stage], stages[layer, stage + ONE]):
            if edges[e, 6] == NOUGHT and not inputs:
                continue
            n_from, n_to, place = edges[e, 1], edges[e, 3], edges[e, 4]
            source = (before if edges[e, 5] else now) // width + edges[e, 0]
            a = net // width + edges[e, 2]
            backwards(theta, place, n_from, n_to, A, a, D, source)


def _pullback(
    theta: Any,
    tables: Any,
    runs: Any,
    flip: Any,
    teacher: Any,
    n_steps: Any,
    V: Any,
    A: Any,
    deltas: Any,
    D: Any,
    pulled: Any,
    G: Any,
) -> None:
    """Run cotangents back through what `_unroll` kept.

    `deltas` are cotangents of the outputs' net inputs, in the rows of `out`. D (2,
    size, width) holds those of the last state in its half ``n_steps % 2``, and after
    the call those of the first in half 0. `pulled` receives those of the inputs in the
    rows of `out`, if it has columns. Those of theta are added to G. A is overwritten by
    those of all net inputs.
    """
    sizes = tables.sizes
    size, nets = sizes[0] * width, sizes[1] * width
    last, inputs = np.uint64(len(tables.layers)), pulled.shape[1] > 0
    aside = np.zeros(size, V.dtype)
    for back in range(n_steps):
        t = n_steps - ONE - back
        now, before, net = ((t + ONE) % TWO) * size, (t % TWO) * size, t * nets
        for i in range(before, before + size):
            D[i] = like(D[i], 0)
        _set_aside(runs, t, sizes[0], D, now, aside, width)
        a, y = net + sizes[5] * width, now + sizes[3] * width
        _take_deltas(A, a, runs, flip, t, teacher, deltas, D, y, sizes[6], width)
        for up in range(last + ONE):
            v = t * size
            behind(theta, tables, last - up, V, v, A, net, D, before, now, inputs)
        _recall(tables.memories, tables.decays, D, before, now, width)
        _give_inputs(D, now, runs, flip, t, pulled, width)
        _pass_by(runs, t, sizes[0], D, before, aside, width)
    add_gradients(tables, V, A, n_steps, G)
