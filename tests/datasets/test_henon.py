"""The Hénon map against its equation and what is published of its attractor."""

from __future__ import annotations

import numpy as np
import pytest

from seqest.datasets import henon


def test_each_row_is_the_map_of_the_row_before() -> None:
    states = henon(200)
    x, y = states[:-1].T
    np.testing.assert_allclose(states[1:, 0], 1 - 1.4 * x**2 + y, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(states[1:, 1], 0.3 * x)


def test_it_starts_where_it_is_told() -> None:
    np.testing.assert_array_equal(henon(1, x0=(0.1, 0.2), discard=0), [[0.1, 0.2]])


def test_the_published_fixed_point_stays() -> None:
    x = (-0.7 + np.sqrt(0.49 + 5.6)) / 2.8  # .631354…, Hénon (1976), equation 13
    states = henon(10, x0=(x, 0.3 * x), discard=0)
    # It is unstable: rounding grows by 1.92 a row.
    np.testing.assert_allclose(states[:, 0], x, rtol=0, atol=1e-12)


def test_the_attractor_keeps_its_published_bounds_and_exponent() -> None:
    states = henon(20_000)
    assert -1.29 < states[:, 0].min() < -1.28
    assert 1.27 < states[:, 0].max() < 1.28
    tangent, growth = np.array([1.0, 0.0]), 0.0
    for x in states[:, 0]:
        tangent = np.array([-2.8 * x * tangent[0] + tangent[1], 0.3 * tangent[0]])
        length = float(np.hypot(*tangent))
        growth += np.log(length)
        tangent /= length
    # .419 (Sprott 2003); the mean of 20 000 correlated rows is good to .005.
    assert growth / 20_000 == pytest.approx(0.419, abs=0.01)


def test_at_a_quarter_it_rests() -> None:
    states = henon(5, a=0.25, discard=2000)
    x = (-0.7 + np.sqrt(0.49 + 1.0)) / 0.5
    np.testing.assert_allclose(states[:, 0], x, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"x0": (5.0, 5.0)}, "escapes to infinity"),
        ({"a": 2.0}, "a=2, b=0.3"),
        ({"a": np.nan}, "a=nan"),
        ({"b": np.inf}, "b=inf"),
        ({"x0": 0.0}, "one-dimensional"),
        ({"x0": (0.0, 0.0, 0.0)}, "2 of them"),
        ({"discard": -1}, "discard=-1"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        henon(100, **arguments)
