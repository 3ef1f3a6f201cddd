"""Harvesting: every row once, in blocks, whatever the division of the work."""

from __future__ import annotations

import tracemalloc
from itertools import chain

import numpy as np
import pytest
from scipy import sparse

import seqest.reservoirs.runs as module
from seqest.reservoirs import Layer, Stack
from seqest.reservoirs.harvest import harvest
from seqest.reservoirs.noise import StateNoise
from seqest.reservoirs.runs import Runs
from tests.reference import echo_state as plain


def draw(n_layers=1, n_units=20, n_inputs=3):
    rng = np.random.default_rng(0)
    layers = []
    for k in range(n_layers):
        W = 0.3 * sparse.random_array((n_units, n_units), density=0.2, rng=rng).tocsr()
        W_in = rng.uniform(-1, 1, (n_units, n_units if k else n_inputs))
        bias = rng.uniform(-1, 1, n_units)
        layers.append(Layer(W, W_in, bias, 0.3 + 0.2 * k))
    return Stack(tuple(layers), None, "tanh")


def runs_of(lengths, skip=0):
    lengths = np.asarray(lengths)
    starts = np.cumsum(lengths) - lengths
    return Runs(starts, lengths, np.minimum(np.full(lengths.size, skip), lengths))


def collect(stack, X, runs, states, **options):
    H = np.full((len(X), stack.n_units), np.nan)
    blocks = harvest(stack, X, runs, states, stack.n_units + 1, **options)
    for block in chain.from_iterable(blocks):
        assert np.isnan(H[block.rows]).all()
        H[block.rows] = block.design[:, : stack.n_units]
    return H


@pytest.mark.parametrize("n_layers", [1, 3])
@pytest.mark.parametrize("n_runs", [1, 2, 3, 40, 300])
def test_states_follow_the_equation_in_every_run(n_runs, n_layers):
    stack = draw(n_layers)
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, 60, n_runs)
    X = rng.standard_normal((lengths.sum(), 3))
    runs = runs_of(lengths, skip=5)
    before = rng.standard_normal((n_runs, stack.n_units))
    after = before.copy()
    H = collect(stack, X, runs, after)
    for k, (start, length) in enumerate(zip(runs.start, lengths, strict=True)):
        rows = slice(start, start + length)
        expected = plain.states(stack, X[rows], start=before[k])
        np.testing.assert_allclose(after[k], expected[-1], atol=1e-12)
        np.testing.assert_allclose(H[rows][5:], expected[5:], atol=1e-12)
        assert np.isnan(H[rows][:5]).all()


@pytest.mark.parametrize("n_runs", [1, 5])
def test_small_blocks_give_the_same_bits(n_runs, monkeypatch):
    stack, rng = draw(2), np.random.default_rng(2)
    X = rng.standard_normal((n_runs * 700, 3))
    runs = runs_of([700] * n_runs)
    states = np.zeros((n_runs, stack.n_units))
    whole = collect(stack, X, runs, states.copy())
    monkeypatch.setattr(module, "BLOCK_BYTES", 1)
    np.testing.assert_array_equal(collect(stack, X, runs, states.copy()), whole)


def test_short_runs_beside_a_long_one_take_little_memory():
    stack = draw(n_units=100)
    runs = runs_of([12_000, *[2] * 3000])
    X = np.random.default_rng(0).standard_normal((runs.length.sum(), 3))
    tracemalloc.start()
    for _ in harvest(stack, X, runs, np.zeros((3001, 100)), 101, tolerance=1e-9):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5e8  # where 1.4e9 were asked for blocks of 12 000 steps


def test_in_order_blocks_come_run_after_run():
    stack, X = draw(), np.zeros((1500, 3))
    runs = runs_of([600, 500, 400])
    states = np.zeros((3, stack.n_units))
    width = stack.n_units
    blocks = chain.from_iterable(harvest(stack, X, runs, states, width, in_order=True))
    rows = [block.rows for block in blocks]
    starts = [rows_of_block.start for rows_of_block in rows]
    assert starts == sorted(starts)


def test_noise_of_a_row_does_not_depend_on_how_rows_are_cut():
    origin = {"rows": np.array([0]), "run": np.array([3])}
    whole = StateNoise(0.1, 7, 4, origin)(0, 0, 300)
    pieces = [StateNoise(0.1, 7, 4, origin)(0, a, b) for a, b in [(0, 1), (1, 130)]]
    later = {"rows": np.array([130]), "run": np.array([3])}
    pieces.append(StateNoise(0.1, 7, 4, later)(0, 0, 170))
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_noise_has_the_scale_asked_for_and_differs_between_runs():
    origin = {"rows": np.array([0, 0]), "run": np.array([0, 1])}
    noise = StateNoise(0.1, 7, 50, origin)
    first, second = noise(0, 0, 1000), noise(1, 0, 1000)
    # 50 000 draws: the standard error of their deviation is 0.3 %.
    np.testing.assert_allclose(first.std(), 0.1, rtol=0.02)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.02
