"""Laws of every cell, whatever is fed back and however deep the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numba
import numpy as np
import pytest

import seqest.cells
from seqest.cells import ACTIVATIONS, Cell
from seqest.recurrence import Batch, Network, Workspace
from seqest.recurrence import network as module
from tests.contracts.tables.cells import CELLS, DEPTHS, FED_BACK, TABLE
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

both_ways = pytest.mark.parametrize("flip", [False, True], ids=["ahead", "flipped"])
whatever_is_fed_back = pytest.mark.parametrize("fed_back", FED_BACK)
however_deep = pytest.mark.parametrize("depth", DEPTHS)


# One cell after the other, so that each worker compiles few of them.
@pytest.fixture(scope="module", params=CELLS)
def cell(request: pytest.FixtureRequest) -> Cell:
    return CELLS[request.param]


def sums(
    net: Network, theta: Array, given: Batch, C: Array, E: Array, **options: Any
) -> Array:
    """Return Σ C outputs + Σ E end of each sequence."""
    run = net.unroll(theta, given, **options)
    outputs = np.add.reduceat((run.outputs * C).sum(axis=1), given.places[:-1])
    return outputs + (run.end * E).sum(axis=1)


def assert_derivatives(
    net: Network, theta: Array, given: Batch, C: Array, E: Array, flip: bool
) -> None:
    """Compare all derivatives with central differences."""
    ours = pulled(net, theta, given, C, E, flip=flip)

    def each() -> Array:
        return sums(net, theta, given, C, E, flip=flip, keep=False)

    # No two sequences share a state: one move tells the derivatives of all.
    columns = [(slice(None), k) for k in range(net.n_states)]
    starts = [derivatives.along(each, given.start, column) for column in columns]
    for name, found, expected in (
        ("theta", ours.theta, derivatives.gradient(lambda: each().sum(), theta)),
        ("inputs", ours.inputs, derivatives.gradient(lambda: each().sum(), given.X)),
        ("start", ours.start, np.array(starts).T),
    ):
        # Relative to the largest: differences of sums around 10 are good to 1e-9.
        atol = 1e-6 * np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=atol, err_msg=name)


def test_the_table_names_every_cell_and_activation() -> None:
    assert set(TABLE) == set(seqest.cells.__all__) - {"ACTIVATIONS"}
    assert {cell.name for cell in TABLE["simple"].values()} == set(ACTIVATIONS)


@both_ways
@pytest.mark.parametrize("n_sequences", [1, 5, 11])
@however_deep
@whatever_is_fed_back
def test_derivatives_are_those_of_central_differences(
    cell: Cell, fed_back: str, depth: str, n_sequences: int, flip: bool
) -> None:
    net = network(cell, fed_back, depth)
    given = batch(net, n_sequences)
    assert_derivatives(net, weights(net), given, *cotangents(net, given), flip)


@both_ways
def test_derivatives_stop_at_outputs_that_a_teacher_replaces(
    cell: Cell, flip: bool
) -> None:
    net = network(cell)
    given = batch(net, 5)
    rng = np.random.default_rng(4)
    teacher = rng.normal(size=(len(given.X), net.n_outputs))
    teacher[rng.random(teacher.shape) < 0.5] = np.nan
    given = replace(given, teacher=teacher)
    assert_derivatives(net, weights(net), given, *cotangents(net, given), flip)


@both_ways
def test_errors_barred_from_memory_take_what_is_fed_back_as_given(
    cell: Cell, flip: bool
) -> None:
    net = network(cell, errors_pass_memory=False)
    theta, given = weights(net), apart(net, [1, 4, 6, 2, 5])
    C, E = cotangents(net, given)
    E[:, : net.n_fed] = 0
    ours = pulled(net, theta, given, C, E, flip=flip)
    # With its own outputs for a teacher nothing that moves gets into the memories.
    outputs = net.unroll(theta, given, flip=flip).outputs
    frozen = replace(given, teacher=outputs)

    def each() -> Array:
        return sums(net, theta, frozen, C, E, flip=flip, keep=False)

    for found, x in ((ours.theta, theta), (ours.inputs, given.X)):
        expected = derivatives.gradient(lambda: each().sum(), x)
        np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())
    # Memories and outputs before the first step are memory, too.
    assert not ours.start[:, : net.n_fed].any()
    for k in range(net.n_fed, net.n_states):
        expected = derivatives.along(each, given.start, (slice(None), k))
        np.testing.assert_allclose(ours.start[:, k], expected, rtol=1e-6, atol=1e-6)
    passed = pulled(
        replace(net, errors_pass_memory=True), theta, given, C, E, flip=flip
    )
    assert not np.allclose(passed.theta, ours.theta, rtol=0.01)


@both_ways
def test_sequences_side_by_side_are_each_as_if_alone(cell: Cell, flip: bool) -> None:
    net = network(cell)
    theta, given = weights(net), batch(net, 11)
    C, E = cotangents(net, given)
    run = net.unroll(theta, given, flip=flip)
    together = pulled(net, theta, given, C, E, flip=flip)
    total, inputs = np.zeros_like(theta), np.zeros_like(given.X)
    # The same sums in another order, of some ten terms around 1.
    near = {"rtol": 1e-11, "atol": 1e-13}
    for k in range(11):
        one, rows = slice(k, k + 1), slice(*given.places[k : k + 2])
        alone = Batch(given.X, given.first[one], given.length[one], given.start[one])
        ran = net.unroll(theta, alone, flip=flip)
        np.testing.assert_allclose(run.outputs[rows], ran.outputs, **near)
        np.testing.assert_allclose(run.end[one], ran.end, **near)
        back = pulled(net, theta, alone, C[rows], E[one], flip=flip)
        np.testing.assert_allclose(together.start[one], back.start, **near)
        total += back.theta
        inputs += back.inputs
    np.testing.assert_allclose(together.theta, total, **near)
    np.testing.assert_allclose(together.inputs, inputs, **near)


@both_ways
@pytest.mark.parametrize("n_sequences", [1, 3])
def test_steps_one_at_a_time_are_the_run_and_its_errors_back(
    cell: Cell, n_sequences: int, flip: bool
) -> None:
    n_steps = 5
    net = network(cell)
    theta, given = weights(net), apart(net, [n_steps] * n_sequences)
    C, E = cotangents(net, given)
    whole = net.unroll(theta, given, flip=flip)
    order = range(n_steps)[::-1] if flip else range(n_steps)
    state, runs = given.start, []
    for t in order:
        step = Batch(given.X, given.first + t, np.ones_like(given.length), state)
        runs.append(net.unroll(theta, step, flip=flip))
        state = runs[-1].end
        np.testing.assert_array_equal(runs[-1].outputs, whole.outputs[given.first + t])
    np.testing.assert_array_equal(state, whole.end)
    total = np.zeros_like(theta)
    for t, run in zip(reversed(order), reversed(runs), strict=True):
        deltas = C[given.first + t] * (1 - run.outputs**2)
        back = net.pullback(theta, run, deltas, E, flip=flip)
        E, total = back.start, total + back.theta
    expected = pulled(net, theta, given, C, cotangents(net, given)[1], flip=flip)
    # Five products summed one by one, or together: rounding alone.
    np.testing.assert_allclose(E, expected.start, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(total, expected.theta, rtol=1e-11, atol=1e-13)


@both_ways
def test_a_run_that_keeps_nothing_gives_the_same_bits(cell: Cell, flip: bool) -> None:
    net = network(cell)
    theta = weights(net)
    for n_sequences in (1, 11):
        given = batch(net, n_sequences)
        kept, passing = (
            net.unroll(theta, given, flip=flip, keep=keep) for keep in (True, False)
        )
        np.testing.assert_array_equal(passing.outputs, kept.outputs)
        np.testing.assert_array_equal(passing.end, kept.end)


def test_a_flipped_run_is_one_of_the_rows_turned_round(cell: Cell) -> None:
    net = network(cell)
    theta, given = weights(net), apart(net, [7, 7, 7])
    turned = replace(given, X=given.X.reshape(3, 7, -1)[:, ::-1].reshape(21, -1).copy())
    flipped, ahead = net.unroll(theta, given, flip=True), net.unroll(theta, turned)
    there = ahead.outputs.reshape(3, 7, -1)[:, ::-1].reshape(21, -1)
    np.testing.assert_array_equal(flipped.outputs, there)
    np.testing.assert_array_equal(flipped.end, ahead.end)


def test_no_row_kernel_takes_single_precision_to_double(cell: Cell) -> None:
    place, single = numba.types.uintp, numba.types.float32[::1]
    ahead = single, place, single, *[place] * 3, single
    back = single, place, single, *[place] * 2, single, *[place] * 3, single
    for kernels, taken in ((cell.forward, ahead), (cell.backward, back)):
        for kernel in kernels:
            compiled = numba.njit(taken)(kernel.py_func)
            code = compiled.inspect_llvm(compiled.signatures[0])
            assert "float" in code
            assert "double" not in code


# Row kernels differ in what the law above tells of all: these do for the loops.
@pytest.mark.parametrize("name", ["GRU", "GRU, reset before", "LSTM", "tanh"])
def test_single_precision_stays_and_follows_double(name: str) -> None:
    answers = []
    for dtype in (np.float64, np.float32):
        net = network(CELLS[name])
        theta, given = weights(net, dtype), batch(net, 11, dtype)
        run = net.unroll(theta, given)
        back = pulled(net, theta, given, *cotangents(net, given))
        answers.append([run.outputs, run.end, *back])
        assert {array.dtype for array in answers[-1]} == {np.dtype(dtype)}
        assert {array.dtype for array in run.signals + run.nets} == {np.dtype(dtype)}
    for double, single in zip(*answers, strict=True):
        # Weights and inputs are rounded, too: 6e-8 each, summed over some 40 terms.
        atol = 3e-6 * np.abs(double).max()
        np.testing.assert_allclose(single, double, rtol=0, atol=atol)


@both_ways
def test_what_comes_later_changes_nothing_before(cell: Cell, flip: bool) -> None:
    net = network(cell)
    theta, given = weights(net), apart(net, [8, 8])
    before = net.unroll(theta, given, flip=flip).outputs.reshape(2, 8, -1)
    X = given.X.reshape(2, 8, -1).copy()
    later, earlier = (slice(0, 4), slice(4, 8))[:: 1 if flip else -1]
    X[:, later] += 1
    moved = replace(given, X=X.reshape(16, -1))
    after = net.unroll(theta, moved, flip=flip).outputs.reshape(2, 8, -1)
    np.testing.assert_array_equal(after[:, earlier], before[:, earlier])
    assert not np.isclose(after[:, later], before[:, later]).all(axis=-1).any()


@both_ways
def test_a_closed_loop_is_feeding_back_by_hand(cell: Cell, flip: bool) -> None:
    n_steps = 6
    net = network(cell)
    theta, given = weights(net), apart(net, [n_steps, n_steps])
    free = net.unroll(theta, given, flip=flip)
    # Outputs come to light one by one; what is not yet known is 9 and must not matter.
    teacher = np.full_like(free.outputs, 9)
    taught = net.unroll(theta, replace(given, teacher=teacher), flip=flip)
    assert not np.allclose(taught.outputs, free.outputs, atol=1e-3)
    for t in range(n_steps):
        rows = given.first + (n_steps - 1 - t if flip else t)
        taught = net.unroll(theta, replace(given, teacher=teacher), flip=flip)
        teacher[rows] = taught.outputs[rows]
    np.testing.assert_array_equal(teacher, free.outputs)


@both_ways
def test_where_the_teacher_is_silent_the_own_output_is_fed_back(
    cell: Cell, flip: bool
) -> None:
    net = network(cell)
    theta, given = weights(net), apart(net, [6, 4, 5])
    free = net.unroll(theta, given, flip=flip)
    silent = replace(given, teacher=np.full_like(free.outputs, np.nan))
    run = net.unroll(theta, silent, flip=flip)
    np.testing.assert_array_equal(run.outputs, free.outputs)
    np.testing.assert_array_equal(run.end, free.end)
    teacher = np.random.default_rng(5).normal(size=free.outputs.shape)
    teacher[::2, 0] = teacher[1::3, 1] = np.nan
    heard = net.unroll(theta, replace(given, teacher=teacher), flip=flip)
    full = np.where(np.isnan(teacher), heard.outputs, teacher)
    told = net.unroll(theta, replace(given, teacher=full), flip=flip)
    np.testing.assert_array_equal(told.outputs, heard.outputs)
    np.testing.assert_array_equal(told.end, heard.end)


@pytest.fixture
def threads() -> Iterator[Any]:
    """Set numbers of threads, and the one there was in the end."""
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one core")
    before = numba.get_num_threads()
    yield numba.set_num_threads
    numba.set_num_threads(before)


def test_the_number_of_threads_changes_no_bit(
    cell: Cell, threads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Even a batch as small as this is then shared.
    monkeypatch.setattr(module, "WORTH_SHARING", 0)
    net = network(cell)
    theta, given = weights(net), batch(net, 43)
    answers = []
    for n_threads in (1, 2):
        threads(n_threads)
        run = net.unroll(theta, given)
        back = pulled(net, theta, given, *cotangents(net, given))
        answers.append([run.outputs, run.end, *back])
    for one, two in zip(*answers, strict=True):
        np.testing.assert_array_equal(one, two)


@both_ways
def test_nothing_left_in_memory_is_seen(cell: Cell, flip: bool) -> None:
    net = network(cell)
    theta, given = weights(net), batch(net, 5)  # in a width of 8, unequal lengths
    cotangent = cotangents(net, given)
    space = Workspace()
    pulled(net, theta, given, *cotangent, flip=flip, workspace=space)

    def left(value: float) -> Workspace:
        for array in space.arrays.values():
            array.fill(value)
        return space

    answers = []
    for value in (0.0, np.nan):
        options: dict[str, Any] = {"flip": flip, "workspace": left(value)}
        run = net.unroll(theta, given, **options, keep=False)
        left(value)
        back = pulled(net, theta, given, *cotangent, **options)
        answers.append([run.outputs, run.end, *back])
    for clean, ours in zip(*answers, strict=True):
        assert np.isfinite(ours).all()
        np.testing.assert_array_equal(ours, clean)


def test_a_sequence_with_nan_spoils_no_other(cell: Cell) -> None:
    net = network(cell)
    theta, given = weights(net), apart(net, [6, 3, 5, 4, 6])
    X = given.X.copy()
    X[given.first[2] + 1] = np.nan
    clean, spoilt = (net.unroll(theta, replace(given, X=x)) for x in (given.X, X))
    hit = np.zeros(len(X), bool)
    hit[given.first[2] + 1 : given.places[3]] = True
    assert np.isnan(spoilt.outputs[hit]).all()
    np.testing.assert_array_equal(spoilt.outputs[~hit], clean.outputs[~hit])
    others = np.arange(5) != 2
    np.testing.assert_array_equal(spoilt.end[others], clean.end[others])


def test_the_order_of_hidden_units_changes_neither_outputs_nor_derivatives(
    cell: Cell,
) -> None:
    net = network(cell)
    theta, given = weights(net), batch(net, 5)
    C, E = cotangents(net, given)
    expected, back = net.unroll(theta, given), pulled(net, theta, given, C, E)
    for layer, order in enumerate(([2, 0, 3, 1], [1, 0])):
        units = Units(layer, np.array(order))
        other = units.weights(net, theta)
        assert not np.array_equal(other, theta)
        moved = replace(given, start=units.states(net, given.start))
        run = net.unroll(other, moved)
        again = pulled(net, other, moved, C, units.states(net, E))
        # Sums over units in another order.
        near = {"rtol": 1e-11, "atol": 1e-13}
        np.testing.assert_allclose(run.outputs, expected.outputs, **near)
        np.testing.assert_allclose(run.end, units.states(net, expected.end), **near)
        np.testing.assert_allclose(again.inputs, back.inputs, **near)
        gradient = units.weights(net, back.theta)
        np.testing.assert_allclose(again.theta, gradient, **near)
