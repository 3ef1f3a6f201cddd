"""Laws of clipping by norm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.optim import clip_by_norm

both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def gradient(scale: float, dtype: Any) -> NDArray[Any]:
    return (scale * np.random.default_rng(3).standard_normal(50)).astype(dtype)


# Squares of the first and last scale leave the range of float32.
@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1.0, 1e12, 1e30])
@both_precisions
def test_a_long_gradient_keeps_its_direction_and_gets_the_norm(
    scale: float, dtype: Any
) -> None:
    g = gradient(scale, dtype)
    exact = g.astype(np.longdouble)
    norm = np.sqrt((exact**2).sum())
    clip_norm = float(norm) / 3
    before = clip_by_norm(g, clip_norm)
    # Rounding of a sum of 50 squares.
    rtol = 50 * float(np.finfo(dtype).eps)
    assert g.dtype == dtype
    assert before == pytest.approx(float(norm), rel=rtol)
    np.testing.assert_allclose(g, (exact / 3).astype(dtype), rtol=rtol)


@pytest.mark.parametrize("scale", [1e-300, 1e200, 1e307])
def test_squares_may_leave_the_range_of_doubles(scale: float) -> None:
    g = np.array([3.0, -4.0]) * scale
    assert clip_by_norm(g, scale) == pytest.approx(5 * scale, rel=1e-15)
    np.testing.assert_allclose(g, np.array([0.6, -0.8]) * scale, rtol=1e-15)


def test_even_the_norm_may_be_beyond_numbers() -> None:
    g = np.full(4, 1.5e308)
    assert clip_by_norm(g, 1.0) == np.inf
    np.testing.assert_allclose(g, 0.5, rtol=1e-15)


@both_precisions
def test_a_short_gradient_is_left_as_it_is(dtype: Any) -> None:
    for scale in (0.0, 1e-30, 1.0):
        g = gradient(scale, dtype)
        before = g.copy()
        assert clip_by_norm(g, 100.0) == pytest.approx(
            np.linalg.norm(before.astype(float)), rel=1e-6
        )
        np.testing.assert_array_equal(g, before)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@both_precisions
def test_a_gradient_without_direction_is_left_to_be_seen(
    bad: float, dtype: Any
) -> None:
    g = np.array([1.0, bad, 1e30], dtype)
    before = g.copy()
    norm = clip_by_norm(g, 1.0)
    assert np.isnan(norm) if np.isnan(bad) else norm == np.inf
    np.testing.assert_array_equal(g, before)


def test_clipping_twice_is_clipping_once() -> None:
    g = gradient(10.0, np.float64)
    clip_by_norm(g, 1.0)
    once = g.copy()
    assert clip_by_norm(g, 1.0) == pytest.approx(1.0, rel=1e-15)
    np.testing.assert_allclose(g, once, rtol=1e-15)
