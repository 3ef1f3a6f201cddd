"""Networks: their weights, their outputs, and what holds for any cell alike."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from seqest.recurrence import Batch, Network
from seqest.recurrence.unroll import IDENTITY, LOGISTIC, SOFTMAX, STATES, TANH
from tests.contracts.tables.cells import CELLS, DEPTHS, FED_BACK
from tests.recurrence.draws import (
    Array,
    Units,
    apart,
    batch,
    cotangents,
    network,
    pulled,
    weights,
)
from tests.reference import derivatives

TANH_CELL = CELLS["tanh"]


def assert_derivatives(net: Network, given: Batch) -> None:
    theta = weights(net)
    C, E = cotangents(net, given)

    def total() -> Any:
        run = net.unroll(theta, given, keep=False)
        return (run.outputs * C).sum() + (run.end * E).sum()

    ours = pulled(net, theta, given, C, E)
    for found, x in zip(
        (ours.theta, ours.inputs, ours.start),
        (theta, given.X, given.start),
        strict=True,
    ):
        expected = derivatives.gradient(total, x)
        # Relative to the largest: differences of sums around 10 are good to 1e-9.
        atol = 1e-6 * max(1, np.abs(expected).max(initial=0))
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=atol)


@pytest.mark.parametrize("fed_back", FED_BACK)
@pytest.mark.parametrize("function", [IDENTITY, LOGISTIC, TANH, SOFTMAX])
def test_derivatives_pass_through_each_function_of_the_outputs(
    function: int, fed_back: str
) -> None:
    net = network(TANH_CELL, fed_back, function=function)
    assert_derivatives(net, batch(net, 5))


@pytest.mark.parametrize("name", ["tanh", "LSTM"])
def test_a_network_without_outputs_gives_its_last_states(name: str) -> None:
    net = Network(CELLS[name], 2, 3, (4, 3), function=STATES)
    given = batch(net, 5)
    run = net.unroll(weights(net), given)
    last = run.outputs[given.places[1:] - 1]
    first = CELLS[name].n_states * 4
    np.testing.assert_array_equal(run.end[:, first : first + 3], last)
    assert_derivatives(net, given)


def test_a_network_without_hidden_layers_is_linear_in_inputs_and_memories() -> None:
    net = Network(TANH_CELL, 2, 2, (), output_lags=1)
    theta, given = weights(net), apart(net, [6])
    (part,) = net.parts
    bias, W, W_fed = np.split(part.of(theta), [1, 3])
    y = given.start[0, 2:]
    for x, output in zip(given.X, net.unroll(theta, given).outputs, strict=True):
        y = bias[0] + x @ W + y @ W_fed
        np.testing.assert_allclose(output, y, rtol=1e-13)
    assert_derivatives(net, given)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", CELLS)
def test_parts_fill_theta_without_gap_or_overlap(name: str, depth: str) -> None:
    net = network(CELLS[name], depth=depth)
    ends = [part.place + part.n_from * part.n_to for part in net.parts]
    assert [part.place for part in net.parts] == [0, *ends[:-1]]
    assert ends[-1] == net.n_weights
    names = [part.name for part in net.parts]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["tanh", "leaky"])
def test_the_signs_of_odd_units_change_neither_outputs_nor_derivatives(
    name: str,
) -> None:
    net = network(CELLS[name])
    theta, given = weights(net), batch(net, 5)
    C, E = cotangents(net, given)
    expected, back = net.unroll(theta, given), pulled(net, theta, given, C, E)
    for layer, signs in enumerate(([1, -1, -1, 1], [-1, 1])):
        units = Units(layer, np.arange(len(signs)), np.array(signs))
        turned = replace(given, start=units.states(net, given.start))
        other = units.weights(net, theta)
        assert not np.array_equal(other, theta)
        run = net.unroll(other, turned)
        again = pulled(net, other, turned, C, units.states(net, E))
        # Every product and sum is the same but for its sign.
        np.testing.assert_array_equal(run.outputs, expected.outputs)
        np.testing.assert_array_equal(run.end, units.states(net, expected.end))
        np.testing.assert_array_equal(again.inputs, back.inputs)
        np.testing.assert_array_equal(again.theta, units.weights(net, back.theta))


@pytest.mark.parametrize("n_sequences", [1, 11])
def test_without_inputs_outputs_are_scaled_to_be_the_next(n_sequences: int) -> None:
    n_steps = 6
    net = network(TANH_CELL)
    theta = weights(net)
    like = apart(net, [n_steps] * n_sequences)
    loop = np.array([[2.0, -0.5], [0.1, 0.3]])
    free = net.unroll(theta, replace(like, X=np.empty((0, 0))), loop=loop)
    y = like.start[:, net.n_memories : net.n_fed]
    X = like.X.reshape(n_sequences, n_steps, -1).copy()
    outputs = free.outputs.reshape(n_sequences, n_steps, -1)
    for t in range(n_steps):
        X[:, t] = loop[0] * y + loop[1]
        y = outputs[:, t]
    driven = net.unroll(theta, replace(like, X=X.reshape(like.X.shape)))
    # The multiplication and the sum may be fused there, and are not here.
    np.testing.assert_allclose(free.outputs, driven.outputs, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(free.end, driven.end, rtol=1e-12, atol=1e-14)


def test_sequences_in_the_widest_rows_are_as_in_narrow_ones() -> None:
    net = network(TANH_CELL)
    answers = []
    for dtype in (np.float64, np.float32):
        theta, given = weights(net, dtype), batch(net, 19, dtype)
        run = net.unroll(theta, given)
        answers.append(
            [run.outputs, run.end, *pulled(net, theta, given, *cotangents(net, given))]
        )
        assert {group.width for group in run.groups} == {
            8 if dtype is np.float64 else 16
        }
    for double, single in zip(*answers, strict=True):
        assert single.dtype == np.float32
        # Weights and inputs are rounded, too: 6e-8 each, summed over some 100 terms.
        atol = 3e-6 * np.abs(double).max()
        np.testing.assert_allclose(single, double, rtol=0, atol=atol)


@pytest.mark.parametrize("lengths", [[0], [0, 0, 0], [4, 0, 2]])
def test_a_sequence_without_rows_ends_where_it_starts(lengths: list[int]) -> None:
    net = network(TANH_CELL)
    theta, given = weights(net), apart(net, lengths)
    C, E = cotangents(net, given)
    back = pulled(net, theta, given, C, E)
    empty = np.array(lengths) == 0
    for keep in (True, False):
        run = net.unroll(theta, given, keep=keep)
        np.testing.assert_array_equal(run.end[empty], given.start[empty])
    np.testing.assert_array_equal(back.start[empty], E[empty])
    assert np.any(back.theta) == (sum(lengths) > 0)


def test_a_batch_of_nothing_gives_nothing() -> None:
    net = network(TANH_CELL)
    given = apart(net, [])
    run = net.unroll(weights(net), given)
    assert (run.outputs.shape, run.end.shape) == ((0, 2), (0, net.n_states))
    back = net.pullback(weights(net), run, run.outputs, run.end, inputs=True)
    np.testing.assert_array_equal(back.theta, np.zeros(net.n_weights))


def test_a_run_changes_none_of_what_it_is_given() -> None:
    net = network(TANH_CELL)
    theta, given = weights(net), apart(net, [3, 5])
    given = replace(given, teacher=np.full((8, 2), 0.5))
    kept: list[Array] = [theta, given.X, given.start, *cotangents(net, given)]
    kept += [given.first, given.length, np.asarray(given.teacher)]
    before = [array.copy() for array in kept]
    pulled(net, theta, given, *kept[3:5])
    for array, copy in zip(kept, before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_a_softmax_of_huge_net_inputs_is_finite_and_sums_to_one() -> None:
    net = Network(TANH_CELL, 1, 3, (), function=SOFTMAX)
    theta = np.array([0.0, 0.0, 0.0, 1000.0, 0.0, -1000.0])
    X = np.array([[-1.0], [0.0], [1.0]])
    given = Batch(X, np.zeros(1, int), np.full(1, 3), np.zeros((1, net.n_states)))
    outputs = net.unroll(theta, given).outputs
    expected = [[0, 0, 1], [1 / 3, 1 / 3, 1 / 3], [1, 0, 0]]
    np.testing.assert_allclose(outputs, expected, rtol=1e-15, atol=1e-300)


def test_memories_without_outputs_are_of_the_last_layer() -> None:
    net = Network(TANH_CELL, 1, 2, (2, 2), function=STATES, output_lags=1)
    theta, given = np.zeros(net.n_weights), apart(net, [5])
    W = {part.name: part.of(theta) for part in net.parts}
    # The first layer takes x, the last half of it; lag 1 goes nowhere but is kept.
    W["hidden_0.W_in"][1] = 1, 2
    W["hidden_1.W_0"][:] = np.diag([0.5, 0.5])
    run = net.unroll(theta, given)
    np.testing.assert_array_equal(run.end[0, :2], run.outputs[-2])


def test_the_draws_are_unequal_and_overlap() -> None:
    given = batch(network(TANH_CELL), 11)
    assert len(set(given.length.tolist())) == 6
    assert np.bincount(given.rows).max() > 1
    assert [b - a for a, b in pairwise(given.places)] == given.length.tolist()
