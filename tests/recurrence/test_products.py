"""The three products of weights with signals, against NumPy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.recurrence.products import PANEL, PRODUCTS

Array = NDArray[Any]

every_width = pytest.mark.parametrize("width", PRODUCTS)
both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])

# All remainders of tiles, of 2 to 8 rows, and of their sides, of 1 to 4; and several.
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 31, 34]
PLACE, BEFORE, AFTER = 3, 2, 9  # where weights begin in theta; rows around others


def places(*numbers: int) -> Iterator[np.uint64]:
    return map(np.uint64, numbers)


def rows(rng: np.random.Generator, n: int, width: int, dtype: Any) -> Array:
    """Return rows among others, that are to stay what they are."""
    return rng.normal(size=(BEFORE + n + AFTER, width)).astype(dtype)


def among_nans(signals: Array) -> Array:
    """Return rows among others that are NaN: whoever reads these shows it."""
    hidden = np.full_like(signals, np.nan)
    hidden[BEFORE:-AFTER] = signals[BEFORE:-AFTER]
    return hidden


@both_precisions
@every_width
@pytest.mark.parametrize("n_from", SIZES)
def test_products_with_weights_add_to_what_is_there_and_touch_nothing_else(
    n_from: int, width: int, dtype: Any
) -> None:
    rng = np.random.default_rng(n_from)
    # Thirty-four terms of products around 1, added up in another order.
    atol = 70 * np.finfo(dtype).eps
    for n_to in SIZES:
        theta = np.full(PLACE + n_from * n_to + 4, np.nan, dtype)
        W = theta[PLACE:-4].reshape(n_from, n_to)
        W[:] = rng.normal(size=W.shape)
        V, A = (rows(rng, n, width, dtype) for n in (n_from, n_to))
        seen, there, back = among_nans(V), A.copy(), V.copy()
        there[BEFORE:-AFTER] += W.T @ V[BEFORE:-AFTER]
        sizes = tuple(places(PLACE, n_from, n_to))
        v, a = places(BEFORE, BEFORE)
        PRODUCTS[width].forwards(theta, *sizes, seen.reshape(-1), v, A.reshape(-1), a)
        np.testing.assert_allclose(A, there, rtol=0, atol=atol)
        for edge in (slice(BEFORE), slice(-AFTER, None)):
            np.testing.assert_array_equal(A[edge], there[edge])
        seen = among_nans(A)
        back[BEFORE:-AFTER] += W @ A[BEFORE:-AFTER]
        PRODUCTS[width].backwards(theta, *sizes, seen.reshape(-1), a, V.reshape(-1), v)
        # Terms of A are sums of so many themselves.
        np.testing.assert_allclose(V, back, rtol=0, atol=10 * atol)
        for edge in (slice(BEFORE), slice(-AFTER, None)):
            np.testing.assert_array_equal(V[edge], back[edge])


@both_precisions
@pytest.mark.parametrize("width", [width for width in PRODUCTS if width > 1])
def test_a_sequence_has_the_bits_alone_that_it_has_among_others(
    width: int, dtype: Any
) -> None:
    rng = np.random.default_rng(0)
    for n_from, n_to in product(SIZES, SIZES):
        theta = rng.normal(size=n_from * n_to).astype(dtype)
        V, A = (rng.normal(size=(n, width)).astype(dtype) for n in (n_from, n_to))
        alone, own = A[:, -1].copy(), V[:, -1].copy()
        sizes, none = tuple(places(0, n_from, n_to)), np.uint64(0)
        PRODUCTS[1].forwards(theta, *sizes, own, none, alone, none)
        PRODUCTS[width].forwards(
            theta, *sizes, V.reshape(-1), none, A.reshape(-1), none
        )
        np.testing.assert_array_equal(alone, A[:, -1])


def assert_gradient(
    width: int, dtype: Any, n_steps: int, n_from: int, n_to: int
) -> None:
    """Compare with NumPy; rows of a step lie apart, and theirs among others."""
    rng = np.random.default_rng(n_from + 100 * n_to)
    v_step, a_step = n_from + 3, n_to + 1
    V, A = (
        np.full((n_steps * step + BEFORE, width), np.nan, dtype)
        for step in (v_step, a_step)
    )
    total = np.zeros((n_from, n_to))
    for t in range(n_steps):
        v, a = BEFORE + t * v_step, BEFORE + t * a_step
        V[v : v + n_from] = rng.normal(size=(n_from, width))
        A[a : a + n_to] = rng.normal(size=(n_to, width))
        total += V[v : v + n_from].astype(float) @ A[a : a + n_to].astype(float).T
    G = rng.normal(size=PLACE + n_from * n_to + 4).astype(dtype)
    expected = G.astype(float)
    expected[PLACE:-4] += total.ravel()
    PRODUCTS[width].gradient(
        V.reshape(-1),
        *places(BEFORE, v_step),
        A.reshape(-1),
        *places(BEFORE, a_step, n_steps, n_from, n_to),
        G,
        np.uint64(PLACE),
    )
    # A random walk of n_steps * width terms around 1, rounded at each.
    atol = 10 * np.finfo(dtype).eps * n_steps * width
    np.testing.assert_allclose(G, expected, rtol=0, atol=atol)
    np.testing.assert_array_equal(G[:PLACE], expected[:PLACE])
    np.testing.assert_array_equal(G[-4:], expected[-4:])


@both_precisions
@every_width
@pytest.mark.parametrize("n_from", SIZES)
def test_the_gradient_is_added_over_steps_and_sequences(
    n_from: int, width: int, dtype: Any
) -> None:
    for n_to in SIZES:
        assert_gradient(width, dtype, n_steps=7, n_from=n_from, n_to=n_to)


@both_precisions
@every_width
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_the_gradient_of_more_steps_than_a_panel_holds_counts_each_once(
    beyond: int, width: int, dtype: Any
) -> None:
    panel = int(PANEL) // (width * np.dtype(dtype).itemsize)
    assert_gradient(width, dtype, 2 * panel + beyond, n_from=9, n_to=6)


@both_precisions
@every_width
def test_without_steps_the_gradient_stays(width: int, dtype: Any) -> None:
    assert_gradient(width, dtype, n_steps=0, n_from=5, n_to=5)


SAVED = """
import sys
import numpy as np
from seqest._compile.tiles import _registers
from seqest.recurrence.products import PRODUCTS

n_from, n_to, n_steps = 37, 43, 70
results = {"registers": _registers()}
for dtype, width in (("float64", 8), ("float32", 8), ("float64", 16), ("float32", 16)):
    rng = np.random.default_rng(0)
    theta, V, A = (
        rng.normal(size=n * width).astype(dtype)
        for n in (n_from * n_to, n_from * n_steps, n_to * n_steps)
    )
    of, to, steps, zero = map(np.uint64, (n_from, n_to, n_steps, 0))
    PRODUCTS[width].forwards(theta, zero, of, to, V, zero, A, zero)
    PRODUCTS[width].backwards(theta, zero, of, to, A, zero, V, zero)
    PRODUCTS[width].gradient(V, zero, of, A, zero, to, steps, of, to, theta, zero)
    results[f"{dtype}, {width}"] = np.concatenate([theta, V, A])
np.savez(sys.argv[1], **results)
"""


def test_a_cpu_of_fewer_registers_finds_the_same(tmp_path: Path) -> None:
    from numba.core.registry import cpu_target

    _, _, features = cpu_target.target_context.codegen().magic_tuple()
    if "+avx512vl" not in features:
        pytest.skip("The CPU has no more registers than others.")
    fewer = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma"}
    for name, own in (("these", {}), ("fewer", fewer)):
        subprocess.run(
            [sys.executable, "-c", SAVED, str(tmp_path / name)],
            check=True,
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), **own},
        )
    found, expected = (
        dict(np.load(tmp_path / f"{name}.npz")) for name in ("fewer", "these")
    )
    assert tuple(expected.pop("registers")) == (32, 64)
    assert tuple(found["registers"]) == (16, 32)
    assert len(expected) == 4
    for name, own in expected.items():
        # Sums of some hundred terms in another order; the largest counts.
        atol = 100 * np.finfo(own.dtype).eps * np.abs(own).max()
        np.testing.assert_allclose(found[name], own, rtol=0, atol=atol)
