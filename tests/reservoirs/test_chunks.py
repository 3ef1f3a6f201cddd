"""Chunks of one series side by side: the states of a run step by step, or nearly."""

from __future__ import annotations

from itertools import chain

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import seqest.reservoirs.chunks as module
from seqest import ESNRegressor, Reservoir
from seqest.reservoirs.chunks import Chunked, Plan
from seqest.reservoirs.draw import draw_stack
from seqest.reservoirs.harvest import harvest
from seqest.reservoirs.runs import Runs
from tests.reference import echo_state as plain

ROWS = 12_000


def draw(n_units=20, seed=0, activation="tanh", radius=0.9, leak=1.0, **other):
    options = {
        "topology": "random",
        "density": "auto",
        "input_scaling": 0.5,
        "input_weights": "uniform",
        "bias_scaling": 0.3,
        "feedback_scaling": 0.0,
        "n_inputs": 2,
        "n_outputs": 0,
    }
    options |= {"activation": activation, "spectral_radius": radius}
    options |= {"n_units": n_units, "leak_rate": leak, **other}
    return draw_stack("ESN", rng=np.random.default_rng(seed), **options)[0]


def inputs(n_rows, seed=1, dtype=np.float64):
    return np.random.default_rng(seed).uniform(-1, 1, (n_rows, 2)).astype(dtype)


def run(stack, X, tolerance, lengths=None, skip=0, start=None):
    lengths = np.array([len(X)] if lengths is None else lengths)
    runs = Runs(np.cumsum(lengths) - lengths, lengths, np.minimum(skip, lengths))
    shape = lengths.size, stack.n_units
    states = np.zeros(shape, X.dtype) if start is None else start.astype(X.dtype)
    facts, H = Chunked(), np.full((len(X), stack.n_units), np.nan, X.dtype)
    blocks = harvest(
        stack, X, runs, states, stack.n_units, tolerance=tolerance, facts=facts
    )
    for block in chain.from_iterable(blocks):
        assert np.isnan(H[block.rows]).all()
        H[block.rows] = block.design
    return H, states, facts


@pytest.mark.parametrize("n_units", [20, (12, 8)])
@pytest.mark.parametrize("density", ["auto", 1.0])
def test_states_are_those_of_the_equation(n_units, density):
    stack, X = draw(n_units, density=density), inputs(ROWS)
    start = np.random.default_rng(2).uniform(-1, 1, (1, stack.n_units))
    H, end, facts = run(stack, X, 1e-9, skip=700, start=start)
    expected = plain.states(stack, X, start=start[0])
    assert facts.n_chunks > 1
    assert facts.warmup > 0
    assert facts.n_reruns == 0
    np.testing.assert_allclose(H[700:], expected[700:], rtol=0, atol=1e-9)
    np.testing.assert_allclose(end[0], expected[-1], rtol=0, atol=1e-9)
    assert np.isnan(H[:700]).all()


@settings(max_examples=25, deadline=None)
@given(
    seed=some.integers(0, 2**16),
    n_units=some.integers(1, 30),
    radius=some.sampled_from([0.3, 0.9, 0.99, 1.2, 3.0]),
    leak=some.sampled_from([0.05, 0.5, 1.0]),
    activation=some.sampled_from(["tanh", "logistic", "relu", "identity"]),
    scaling=some.sampled_from([0.0, 0.1, 1.0, 10.0]),
    n_rows=some.integers(module.FEWEST_ROWS, 40_000),
)
def test_any_reservoir_has_the_states_of_a_run_in_order(
    seed, n_units, radius, leak, activation, scaling, n_rows
):
    rule = {"activation": activation, "radius": radius, "leak": leak}
    stack = draw(n_units, seed, **rule, input_scaling=scaling)
    X = inputs(n_rows, seed)
    in_order, end_in_order, none = run(stack, X, 0.0)
    H, end, _ = run(stack, X, 1e-9)
    assert none == Chunked()
    if not np.isfinite(end_in_order).all():
        assert not np.isfinite(end).all()
        return
    scale = np.maximum(1.0, np.abs(in_order).max())
    # What a boundary may leave can grow a little before it is forgotten.
    assert np.abs(H - in_order).max() <= 1e-8 * scale
    assert np.abs(end - end_in_order).max() <= 1e-8 * scale


@pytest.mark.parametrize("scaling", [1e3, 1e6])
def test_states_of_any_size_are_forgotten_as_those_of_one(scaling):
    stack = draw(60, activation="identity", input_scaling=scaling)
    X = inputs(40_000)
    in_order, _, _ = run(stack, X, 0.0)
    H, _, facts = run(stack, X, 1e-9)
    assert facts.n_chunks > 1
    assert facts.n_reruns == 0
    assert np.abs(H - in_order).max() <= 1e-9 * np.abs(in_order).max()


def test_what_a_boundary_leaves_grows_as_rounding_does():
    # In silence this reservoir amplifies; 200 rows of it, where a chunk begins.
    stack = draw(50, radius=2.0, input_scaling=3.0, bias_scaling=0.0)
    X = inputs(60_000)
    X[4700:4900] = 0.0
    in_order, end, _ = run(stack, X, 0.0)
    nudged, _, _ = run(stack, X, 0.0, start=np.full((1, 50), 1e-15))
    H, end_in_chunks, facts = run(stack, X, 1e-9)
    assert facts.n_chunks > 1
    assert np.abs(H - in_order).max() < 1e-6
    assert np.abs(nudged - in_order).max() < 1e-6
    np.testing.assert_allclose(end_in_chunks, end, rtol=0, atol=1e-9)


@pytest.mark.parametrize("radius", [3.0, 10.0])
def test_a_chaotic_reservoir_runs_in_order(radius):
    stack, X = draw(100, radius=radius, input_scaling=0.1), inputs(ROWS)
    in_order, _, _ = run(stack, X, 0.0)
    H, _, facts = run(stack, X, 1e-9)
    assert facts == Chunked()
    np.testing.assert_array_equal(H, in_order)


def test_a_stretch_that_does_not_forget_runs_again_in_order():
    # Without input this reservoir remembers for ever; with it, it forgets at once.
    stack, X = draw(50, radius=2.5, input_scaling=8.0, bias_scaling=0.0), inputs(60_000)
    X[20_000:25_000] = 0.0
    in_order, end_in_order, _ = run(stack, X, 0.0)
    H, end, facts = run(stack, X, 1e-9)
    assert 0 < facts.n_reruns < facts.n_chunks
    # Chaos makes rounding large, but only where the input is silent.
    same = np.r_[:20_000, 25_200:60_000]
    np.testing.assert_allclose(H[same], in_order[same], rtol=0, atol=1e-9)
    np.testing.assert_allclose(end, end_in_order, rtol=0, atol=1e-9)


def test_a_warm_up_that_is_too_short_costs_time_and_no_digits(monkeypatch):
    stack, X = draw(radius=0.99, leak=0.3), inputs(ROWS)
    in_order, end_in_order, _ = run(stack, X, 0.0)

    def plan(job, run, tolerance):
        return Plan(3, 2, np.array([0, 5000, ROWS]), tolerance)

    monkeypatch.setattr("seqest.reservoirs.harvest.plan_of", plan)
    H, end, facts = run(stack, X, 1e-9)
    # Every chunk but the first failed, and the second wave was left to a run in order.
    assert facts == Chunked(32, 3, 31)
    np.testing.assert_allclose(H, in_order, rtol=0, atol=1e-12)
    np.testing.assert_allclose(end, end_in_order, rtol=0, atol=1e-12)


def test_any_number_of_threads_gives_the_same_bits():
    stack, X = draw(), inputs(ROWS)
    found = []
    before = numba.get_num_threads()
    try:
        for n_threads in (1, before):
            numba.set_num_threads(n_threads)
            H, _, facts = run(stack, X, 1e-9)
            assert facts.n_chunks > 1
            found.append(H)
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(*found)


def test_short_series_beside_long_ones_run_whole():
    stack, lengths = draw(), [ROWS, 50, 2000, 2 * ROWS, 300, 1, *[10] * 15]
    X = inputs(sum(lengths))
    in_order, ends_in_order, _ = run(stack, X, 0.0, lengths)
    H, ends, facts = run(stack, X, 1e-9, lengths)
    assert facts.n_chunks > 2
    np.testing.assert_allclose(H, in_order, rtol=0, atol=1e-9)
    np.testing.assert_allclose(ends, ends_in_order, rtol=0, atol=1e-9)


def test_single_precision_agrees_to_its_rounding():
    stack, X = draw(), inputs(ROWS, dtype=np.float32)
    H, _, facts = run(stack, X, 1e-9)
    assert facts.n_chunks > 1
    assert facts.n_reruns == 0
    assert H.dtype == np.float32
    np.testing.assert_allclose(H, run(stack, X, 0.0)[0], rtol=0, atol=4e-6)


def test_a_shift_runs_in_order():
    assert run(draw(topology="ring"), inputs(ROWS), 1e-9)[2] == Chunked()


def test_what_overflows_is_not_finite_either_way():
    stack, X = draw(activation="identity", radius=1.5), inputs(ROWS)
    assert not np.isfinite(run(stack, X, 1e-9)[1]).all()


def test_an_estimator_says_what_it_did_and_can_be_told_not_to():
    X = inputs(ROWS)
    y = np.roll(X[:, 0], 1)
    model = ESNRegressor(20, input_scaling=0.5, random_state=0).fit(X, y)
    assert model.harvest_.n_chunks > 1
    plainly = ESNRegressor(
        20, input_scaling=0.5, harvest_tolerance=0.0, random_state=0
    ).fit(X, y)
    assert plainly.harvest_ == Chunked()
    np.testing.assert_allclose(model.predict(X), plainly.predict(X), atol=1e-6)
    # Training data moves every weight by as little as it moves states.
    np.testing.assert_allclose(model.coef_, plainly.coef_, atol=1e-6)


@pytest.mark.parametrize("noise", [0.0, 1e-3])
@pytest.mark.parametrize("feedback", [0.0, 0.3])
def test_noise_runs_in_order_and_teacher_forcing_need_not(noise, feedback):
    X = inputs(ROWS)
    y = np.roll(X[:, 0], 1)
    model = ESNRegressor(20, noise=noise, feedback_scaling=feedback, random_state=0)
    model.fit(X, y)
    assert (model.harvest_ == Chunked()) == (noise > 0)


def test_states_of_the_transformer_are_those_in_order():
    X = inputs(ROWS)
    reservoir = Reservoir(20, random_state=0)
    H = reservoir.fit_transform(X)
    assert reservoir.harvest_.n_chunks > 1
    in_order = Reservoir(20, harvest_tolerance=0.0, random_state=0).fit_transform(X)
    np.testing.assert_allclose(H, in_order, rtol=0, atol=1e-9)


@pytest.mark.parametrize("tolerance", [-1.0, 1e-5, np.nan, "auto"])
@pytest.mark.parametrize("kind", [ESNRegressor, Reservoir])
def test_tolerances_that_are_none_are_refused(kind, tolerance):
    X = inputs(50)
    with pytest.raises((ValueError, TypeError), match="harvest_tolerance"):
        kind(5, harvest_tolerance=tolerance).fit(X, X[:, 0])
