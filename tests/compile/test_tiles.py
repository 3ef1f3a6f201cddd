"""Tiles: several rows of lanes in registers."""

from __future__ import annotations

import numpy as np
import pytest

from seqest._compile import (
    NARROW,
    NARROW_TILES,
    WIDE,
    WIDE_TILES,
    add_outer,
    add_products,
    add_sums,
    specialise,
    store_tile,
)

# Bound for each width.
load = count = load_rows = load_left = load_right = zero_tile = None


def _counted(array):
    return count(array)


def _moved(source, first, target, second):
    store_tile(target, second, load_rows(source, first))


def _products(weights, place, step, x, row, target, first):
    tile = load_rows(target, first)
    store_tile(target, first, add_products(weights, place, step, load(x, row), tile))


def _outer(x, left, first, y, right, second, n_steps, sums, place, step):
    tile = zero_tile(x)
    for t in range(n_steps):
        of_x, of_y = first + t * left, second + t * right
        tile = add_outer(load_left(x, of_x), load_right(y, of_y), tile)
    add_sums(tile, sums, place, step)


SIZES = ("several", "single", "left", "right")
COUNTED, MOVED, PRODUCTS, OUTER = {}, {}, {}, {}
for access, tiles in ((NARROW, NARROW_TILES), (WIDE, WIDE_TILES)):
    width = access.width
    for size in SIZES:
        name, rows = f"of_{width}_{size}", getattr(tiles, size)
        COUNTED[width, size] = specialise(_counted, name, count=rows.count)
        MOVED[width, size] = specialise(_moved, name, load_rows=rows.load)
        PRODUCTS[width, size] = specialise(
            _products, name, load=access.load, load_rows=rows.load
        )
    OUTER[width] = specialise(
        _outer,
        f"of_{width}",
        load_left=tiles.left.load,
        load_right=tiles.right.load,
        zero_tile=tiles.zero_tile,
    )

every_width = pytest.mark.parametrize("width", OUTER)
every_size = pytest.mark.parametrize("size", SIZES)
both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def places(*numbers):
    return map(np.uint64, numbers)


def rows_of(width, size, dtype):
    return int(COUNTED[width, size](np.empty(0, dtype)))


@both_precisions
@every_width
def test_sides_are_about_as_long(width, dtype):
    several, single, left, right = (rows_of(width, s, dtype) for s in SIZES)
    assert several in (2, 4, 8)
    assert single == 1
    assert left * right in (several, 2 * several)
    assert left <= right <= 2 * left


@both_precisions
@every_width
@every_size
def test_a_tile_is_loaded_and_stored_row_by_row(size, width, dtype):
    n = rows_of(width, size, dtype)
    source = np.arange((n + 5) * width, dtype=dtype).reshape(-1, width)
    target = np.full((n + 4, width), -1, dtype)
    (first, second) = places(3, 2)
    MOVED[width, size](source, first, target, second)
    np.testing.assert_array_equal(target[2 : 2 + n], source[3 : 3 + n])
    np.testing.assert_array_equal(target[:2], -1)
    np.testing.assert_array_equal(target[2 + n :], -1)


@every_width
def test_a_tile_may_lie_in_unaligned_memory(width):
    n = rows_of(width, "several", np.float64)
    memory = np.arange(1.0 + n * width)
    target = np.zeros(1 + n * width)
    moved = target[1:].reshape(n, width)
    source = memory[1:].reshape(n, width)
    MOVED[width, "several"](source, *places(0), moved, *places(0))
    np.testing.assert_array_equal(target[1:], memory[1:])
    assert target[0] == 0


@both_precisions
@every_width
@every_size
@pytest.mark.parametrize("step", [1, 3])
def test_each_row_of_a_tile_has_a_weight_of_its_own(step, size, width, dtype):
    n = rows_of(width, size, dtype)
    rng = np.random.default_rng(0)
    weights = np.full(5 + n * step, np.nan, dtype)
    own = slice(4, 4 + n * step, step)
    weights[own] = rng.standard_normal(n)
    x = rng.standard_normal((3, width)).astype(dtype)
    target = rng.standard_normal((n + 2, width)).astype(dtype)
    expected = target.copy()
    expected[1:-1] += weights[own][:, np.newaxis] * x[2]
    first, stride, row, to = places(4, step, 2, 1)
    PRODUCTS[width, size](weights, first, stride, x, row, target, to)
    # Fused products round once where NumPy rounds twice.
    np.testing.assert_allclose(target, expected, atol=8 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(target[[0, -1]], expected[[0, -1]])


@both_precisions
@every_width
@pytest.mark.parametrize("n_steps", [0, 1, 5])
def test_outer_products_are_summed_over_lanes_into_their_places(n_steps, width, dtype):
    n_left, n_right = (rows_of(width, side, dtype) for side in ("left", "right"))
    rng = np.random.default_rng(0)
    # Integers, whose sums are exact in any order.
    x, y = (
        rng.integers(-3, 4, (n * n_steps + 2, width)).astype(dtype)
        for n in (n_left, n_right)
    )
    place, step = 3, n_right + 2
    sums = np.arange(place + n_left * step + 1.0).astype(dtype)
    expected = sums.copy()
    block = expected[place : place + n_left * step].reshape(n_left, step)
    for t in range(n_steps):
        left = x[1 + n_left * t : 1 + n_left * (t + 1)]
        right = y[2 + n_right * t : 2 + n_right * (t + 1)]
        block[:, :n_right] += left @ right.T
    of_x, of_y = places(n_left, 1), places(n_right, 2)
    OUTER[width](x, *of_x, y, *of_y, *places(n_steps), sums, *places(place, step))
    np.testing.assert_array_equal(sums, expected)
