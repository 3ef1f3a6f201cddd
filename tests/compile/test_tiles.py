"""Tiles: several rows of lanes in registers."""

from __future__ import annotations

import numpy as np
import pytest

from seqest._compile import (
    NARROW,
    NARROW_TILES,
    SIDE,
    TILE,
    WIDE,
    WIDE_TILES,
    add_outer,
    add_products,
    add_sums,
    specialise,
)

load = load_tile = store_tile = load_side = zero_tile = None  # bound for each width


def _moved(source, first, target, second):
    store_tile(target, second, load_tile(source, first))


def _products(weights, place, step, x, row, target, first):
    tile = load_tile(target, first)
    store_tile(target, first, add_products(weights, place, step, load(x, row), tile))


def _outer(x, first, y, second, n_steps, sums, place, step):
    tile = zero_tile(x)
    for t in range(n_steps):
        far = t * np.uint64(SIDE)
        tile = add_outer(load_side(x, first + far), load_side(y, second + far), tile)
    add_sums(tile, sums, place, step)


MOVED, PRODUCTS, OUTER = {}, {}, {}
for access, tiles in ((NARROW, NARROW_TILES), (WIDE, WIDE_TILES)):
    width, name = access.width, f"of_{access.width}"
    whole = {"load_tile": tiles.load_tile, "store_tile": tiles.store_tile}
    sides = {"load_side": tiles.load_side, "zero_tile": tiles.zero_tile}
    MOVED[width] = specialise(_moved, name, **whole)
    PRODUCTS[width] = specialise(_products, name, load=access.load, **whole)
    OUTER[width] = specialise(_outer, name, **sides)

every_width = pytest.mark.parametrize("width", MOVED)
both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def places(*numbers):
    return map(np.uint64, numbers)


@both_precisions
@every_width
def test_a_tile_is_loaded_and_stored_row_by_row(width, dtype):
    source = np.arange((TILE + 5) * width, dtype=dtype).reshape(-1, width)
    target = np.full((TILE + 4, width), -1, dtype)
    (first, second) = places(3, 2)
    MOVED[width](source, first, target, second)
    np.testing.assert_array_equal(target[2 : 2 + TILE], source[3 : 3 + TILE])
    np.testing.assert_array_equal(target[:2], -1)
    np.testing.assert_array_equal(target[2 + TILE :], -1)


@every_width
def test_a_tile_may_lie_in_unaligned_memory(width):
    memory = np.arange(1.0 + TILE * width)
    target = np.zeros(1 + TILE * width)
    moved = target[1:].reshape(TILE, width)
    MOVED[width](memory[1:].reshape(TILE, width), *places(0), moved, *places(0))
    np.testing.assert_array_equal(target[1:], memory[1:])
    assert target[0] == 0


@both_precisions
@every_width
@pytest.mark.parametrize("step", [1, 3])
def test_each_row_of_a_tile_has_a_weight_of_its_own(step, width, dtype):
    rng = np.random.default_rng(0)
    weights = np.full(5 + TILE * step, np.nan, dtype)
    own = slice(4, 4 + TILE * step, step)
    weights[own] = rng.standard_normal(TILE)
    x = rng.standard_normal((3, width)).astype(dtype)
    target = rng.standard_normal((TILE + 2, width)).astype(dtype)
    expected = target.copy()
    expected[1:-1] += weights[own][:, np.newaxis] * x[2]
    first, stride, row, to = places(4, step, 2, 1)
    PRODUCTS[width](weights, first, stride, x, row, target, to)
    # Fused products round once where NumPy rounds twice.
    np.testing.assert_allclose(target, expected, atol=8 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(target[[0, -1]], expected[[0, -1]])


@both_precisions
@every_width
@pytest.mark.parametrize("n_steps", [0, 1, 5])
def test_outer_products_are_summed_over_lanes_into_their_places(n_steps, width, dtype):
    rng = np.random.default_rng(0)
    # Integers, whose sums are exact in any order.
    x, y = rng.integers(-3, 4, (2, SIDE * n_steps + 2, width)).astype(dtype)
    place, step = 3, SIDE + 2
    sums = np.arange(place + SIDE * step + 1.0).astype(dtype)
    expected = sums.copy()
    block = expected[place : place + SIDE * step].reshape(SIDE, step)
    for t in range(n_steps):
        left = x[1 + SIDE * t : 1 + SIDE * (t + 1)]
        right = y[2 + SIDE * t : 2 + SIDE * (t + 1)]
        block[:, :SIDE] += left @ right.T
    first, second, steps, to, stride = places(1, 2, n_steps, place, step)
    OUTER[width](x, first, y, second, steps, sums, to, stride)
    np.testing.assert_array_equal(sums, expected)
