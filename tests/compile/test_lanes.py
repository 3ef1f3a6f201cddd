"""Lanes: eight or sixteen numbers in registers."""

from __future__ import annotations

import numpy as np
import pytest

from seqest._compile import (
    LANES,
    NARROW,
    WIDE,
    lanes_sum,
    load,
    multiply_add,
    specialise,
    splat,
    store,
)


def _combine(a, x, y):
    for i in range(x.shape[0]):
        store(
            y,
            i,
            multiply_add(a[i], load(x, i), multiply_add(a[i], splat(a[i]), load(y, i))),
        )


def _inner(x, y, sums):
    for i in range(x.shape[0]):
        sums[i] = lanes_sum(multiply_add(load(x, i), load(y, i), splat(sums[i])))


def _copy(source, first, target, second):
    store(target, second, load(source, first))


COMBINE, INNER, COPY = {}, {}, {}
for access in (NARROW, WIDE):
    width, name = access.width, f"of_{access.width}"
    load_store = {"load": access.load, "store": access.store}
    COPY[width] = specialise(_copy, name, **load_store)
    COMBINE[width] = specialise(_combine, name, **load_store, splat=access.splat)
    INNER[width] = specialise(_inner, name, load=access.load, splat=access.splat)

every_width = pytest.mark.parametrize("width", COMBINE)
both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@both_precisions
@every_width
def test_loads_products_and_stores_act_on_every_lane(width, dtype):
    rng = np.random.default_rng(0)
    a = rng.standard_normal(5).astype(dtype)
    x, y = rng.standard_normal((2, 5, width)).astype(dtype)
    expected = a[:, None] * x + (a**2)[:, None] + y
    COMBINE[width](a, x, y)
    assert y.dtype == dtype
    # Fused products round once where NumPy rounds twice.
    np.testing.assert_allclose(y, expected, rtol=8 * np.finfo(dtype).eps, atol=1e-6)


@both_precisions
@every_width
def test_a_sum_counts_every_lane_once(width, dtype):
    # Powers of two, so that no two sets of lanes have one sum and nothing is rounded.
    x = np.tile(2.0 ** np.arange(width), (3, 1)).astype(dtype)
    y = np.ones_like(x)
    y[1] = -2
    sums = np.array([0.0, 1.0, 0.5], dtype)
    INNER[width](x, y, sums)
    total = 2.0**width - 1
    expected = [total, -2 * total + width, total + 0.5 * width]
    np.testing.assert_array_equal(sums, expected)


@every_width
def test_lanes_may_be_loaded_from_unaligned_memory(width):
    memory = np.zeros(1 + 3 * width)
    x = memory[1:].reshape(3, width)
    x[:] = np.arange(3)[:, None]
    y = np.zeros((3, width))
    COMBINE[width](np.ones(3), x, y)
    np.testing.assert_array_equal(y, np.arange(3)[:, None] + np.ones(width))


@every_width
def test_rows_of_a_flat_array_are_counted_in_its_lanes(width):
    source, target = np.arange(3.0 * width), np.zeros(3 * width)
    COPY[width](source, np.uint64(2), target, np.uint64(1))
    np.testing.assert_array_equal(target[width : 2 * width], source[2 * width :])
    assert not target[:width].any()
    assert not target[2 * width :].any()


def test_the_names_without_a_width_are_those_of_the_widest():
    assert (WIDE.width, NARROW.width) == (LANES, 8)
    assert (load, store, splat) == (WIDE.load, WIDE.store, WIDE.splat)
