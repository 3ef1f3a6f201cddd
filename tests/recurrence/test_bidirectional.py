"""Networks that read a sequence from both ends: their equations and their errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.cells import LSTM, Cell, simple
from seqest.recurrence.batch import Batch, Workspace
from seqest.recurrence.bidirectional import Bidirectional
from seqest.recurrence.unroll import TANH
from tests.reference import derivatives

Array = NDArray[Any]
BLOCKS: dict[str, tuple[tuple[int, ...], ...]] = {
    "one layer": ((3,),),
    "deep": ((3, 2),),
    "stacked": ((3,), (2,)),
    "stacked and deep": ((2, 3), (2,)),
}
every_construction = pytest.mark.parametrize("blocks", BLOCKS)
with_and_without_skips = pytest.mark.parametrize("skips", [False, True])
LENGTHS = np.array([5, 1, 4])


def network(blocks: str, skips: bool, cell: Cell | None = None) -> Bidirectional:
    cell = simple("tanh") if cell is None else cell
    return Bidirectional(cell, 2, 2, BLOCKS[blocks], TANH, skips)


def drawn(net: Bidirectional) -> tuple[Array, Batch]:
    """Return weights, and sequences apart from each other in another order."""
    rng = np.random.default_rng(4)
    theta = rng.normal(0, 0.5, net.n_weights)
    X = rng.normal(size=(12, 2))
    start = rng.normal(0, 0.3, (3, net.n_states))
    return theta, Batch(X, np.array([6, 11, 1]), LENGTHS, start)


def pass_once(W: dict[str, Array], X: Array, starts: list[Array]) -> list[Array]:
    """Return the last layer's states of a deep network along X, by a plain loop."""
    states, given = [start.copy() for start in starts], []
    for x in X:
        below = x
        for layer, state in enumerate(states):
            drive = W[f"hidden_{layer}.W_in"][0] + state @ W[f"hidden_{layer}.U"]
            into = W[f"hidden_{layer}.W_in"][1:]
            if layer:
                into = W[f"hidden_{layer}.W_{layer - 1}"]
            states[layer] = below = np.tanh(drive + below @ into)
        given.append(below)
    return given


def by_the_equations(net: Bidirectional, theta: Array, X: Array, start: Array) -> Array:
    """Return outputs of a sequence: Graves, Mohamed and Hinton (2013), eqs. 8 to 10."""
    matrices = {part.name: part.of(theta) for part in net.parts}
    source, place = X, 0
    for block, hidden in enumerate(net.blocks):
        both = []
        for way in ("forwards", "backwards"):
            prefix = f"block_{block}.{way}."
            own = {n.removeprefix(prefix): W for n, W in matrices.items()}
            starts = []
            for n_units in hidden:
                starts.append(start[place : place + n_units])
                place += n_units
            ahead = way == "forwards"
            given = pass_once(own, source if ahead else source[::-1], starts)
            both.append(np.array(given if ahead else given[::-1]))
        source = np.hstack([*both, X] if net.skip_inputs else both)
    W = matrices["output.W_in"]
    return np.asarray(np.tanh(W[0] + source @ W[1:]))


@with_and_without_skips
@every_construction
def test_outputs_are_those_of_the_equations(blocks: str, skips: bool) -> None:
    net = network(blocks, skips)
    theta, batch = drawn(net)
    run = net.unroll(theta, batch)
    for k in range(3):
        rows = slice(batch.first[k], batch.first[k] + batch.length[k])
        expected = by_the_equations(net, theta, batch.X[rows], batch.start[k])
        ours = run.outputs[batch.places[k] : batch.places[k + 1]]
        # A dozen sums in another order.
        np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("cell", [simple("tanh"), LSTM], ids=["tanh", "LSTM"])
@with_and_without_skips
@every_construction
def test_derivatives_are_those_of_central_differences(
    blocks: str, skips: bool, cell: Cell
) -> None:
    net = network(blocks, skips, cell)
    theta, batch = drawn(net)
    rng = np.random.default_rng(5)
    C = rng.normal(size=(batch.places[-1], 2))
    E = rng.normal(size=batch.start.shape)

    def each() -> Array:
        run = net.unroll(theta, batch, keep=False)
        outputs = np.add.reduceat((run.outputs * C).sum(axis=1), batch.places[:-1])
        return np.asarray(outputs + (run.end * E).sum(axis=1))

    run = net.unroll(theta, batch)
    deltas = C * (1 - run.outputs**2)
    ours = net.pullback(theta, run, deltas, E, inputs=True)
    inputs = np.zeros_like(batch.X)
    inputs[batch.rows] = ours.inputs
    # No two sequences share a state: one move tells the derivatives of all.
    columns = [(slice(None), k) for k in range(net.n_states)]
    starts = [derivatives.along(each, batch.start, column) for column in columns]
    for found, expected in (
        (ours.theta, derivatives.gradient(lambda: each().sum(), theta)),
        (inputs, derivatives.gradient(lambda: each().sum(), batch.X)),
        (ours.start, np.array(starts).T),
    ):
        # Relative to the largest: differences of sums around 10 are good to 1e-9.
        atol = 1e-7 * np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=atol)


@every_construction
def test_inputs_are_pulled_back_only_where_they_are_wanted(blocks: str) -> None:
    net = network(blocks, True)
    theta, batch = drawn(net)
    C = np.ones((batch.places[-1], 2))
    whole = net.pullback(theta, net.unroll(theta, batch), C, inputs=True)
    part = net.pullback(theta, net.unroll(theta, batch), C)
    np.testing.assert_array_equal(part.theta, whole.theta)
    np.testing.assert_array_equal(part.start, whole.start)
    assert part.inputs.size == 0


@with_and_without_skips
@every_construction
def test_a_series_read_backwards_by_exchanged_ways_is_the_series(
    blocks: str, skips: bool
) -> None:
    net = network(blocks, skips)
    theta, batch = drawn(net)
    ways = {part.name: part for part in net.parts}
    mirrored = theta.copy()
    widths = [block[-1] for block in net.blocks]

    def exchanged(rows: Array, n_units: int) -> Array:
        """Exchange what comes from the two ways of the block below."""
        ahead, behind, rest = np.split(rows, [n_units, 2 * n_units])
        return np.vstack([behind, ahead, rest])

    for name, part in ways.items():
        other = name
        if "forwards" in name:
            other = name.replace("forwards", "backwards")
        elif "backwards" in name:
            other = name.replace("backwards", "forwards")
        W = ways[other].of(theta)
        block = int(name[6]) if name.startswith("block") else len(widths)
        if block and (name == "output.W_in" or name.endswith("hidden_0.W_in")):
            W = np.vstack([W[:1], exchanged(W[1:], widths[block - 1])])
        part.of(mirrored)[:] = W
    rest = np.zeros((1, net.n_states))
    one, length = np.zeros(1, np.int64), np.array([12])
    ours = net.unroll(theta, Batch(batch.X, one, length, rest)).outputs
    behind = net.unroll(mirrored, Batch(batch.X[::-1].copy(), one, length, rest))
    np.testing.assert_allclose(behind.outputs[::-1], ours, rtol=1e-12, atol=1e-14)
    assert (
        np.abs(
            ours - net.unroll(mirrored, Batch(batch.X, one, length, rest)).outputs
        ).max()
        > 0.01
    )


def test_parts_fill_theta_without_gap_and_have_names_of_their_own() -> None:
    net = network("stacked and deep", True)
    place = 0
    for part in net.parts:
        assert part.place == place
        place += part.n_from * part.n_to
    assert place == net.n_weights
    assert len({part.name for part in net.parts}) == len(net.parts)


def test_memory_used_again_changes_nothing() -> None:
    net = network("stacked", True)
    theta, batch = drawn(net)
    workspace = Workspace()
    fresh = net.unroll(theta, batch).outputs
    for _ in range(2):
        run = net.unroll(theta, batch, workspace=workspace)
        np.testing.assert_array_equal(run.outputs, fresh)
        net.pullback(theta, run, np.ones_like(fresh), inputs=True)
