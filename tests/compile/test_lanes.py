"""Lanes: sixteen numbers in registers."""

from __future__ import annotations

import numpy as np
import pytest

from seqest._compile import LANES, kernel, load, multiply_add, splat, store


@kernel
def combine(a, x, y):
    for i in range(x.shape[0]):
        store(
            y,
            i,
            multiply_add(a[i], load(x, i), multiply_add(a[i], splat(a[i]), load(y, i))),
        )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_loads_products_and_stores_act_on_every_lane(dtype):
    rng = np.random.default_rng(0)
    a = rng.standard_normal(5).astype(dtype)
    x, y = rng.standard_normal((2, 5, LANES)).astype(dtype)
    expected = a[:, None] * x + (a**2)[:, None] + y
    combine(a, x, y)
    assert y.dtype == dtype
    # Fused products round once where NumPy rounds twice.
    np.testing.assert_allclose(y, expected, rtol=8 * np.finfo(dtype).eps, atol=1e-6)


def test_lanes_may_be_loaded_from_unaligned_memory():
    memory = np.zeros(1 + 3 * LANES)
    x = memory[1:].reshape(3, LANES)
    x[:] = np.arange(3)[:, None]
    y = np.zeros((3, LANES))
    combine(np.ones(3), x, y)
    np.testing.assert_array_equal(y, np.arange(3)[:, None] + np.ones(LANES))
