"""Superimposed oscillators against trigonometry."""

from __future__ import annotations

import numpy as np
import pytest

from seqest.datasets import mso

PUBLISHED = [0.2, 0.311, 0.42, 0.51, 0.63, 0.74, 0.85, 0.97, 1.08, 1.19, 1.27, 1.32]


def test_one_oscillator_obeys_its_recurrence() -> None:
    y = mso(300, frequencies=[0.3])
    assert y[0] == 0
    assert y[1] == np.sin(0.3)
    expected = 2 * np.cos(0.3) * y[1:-1] - y[:-2]
    np.testing.assert_allclose(y[2:], expected, rtol=0, atol=1e-13)  # phases near 100


@pytest.mark.parametrize("n_sines", [1, 2, 5, 8, 12])
def test_several_are_the_sum_of_the_first_published_ones(n_sines: int) -> None:
    parts = [mso(100, frequencies=[f]) for f in PUBLISHED[:n_sines]]
    expected = np.sum(parts, axis=0)
    np.testing.assert_allclose(mso(100, frequencies=n_sines), expected, atol=1e-14)


def test_eight_are_the_default() -> None:
    np.testing.assert_array_equal(mso(50), mso(50, frequencies=8))


@pytest.mark.parametrize(
    ("frequencies", "words"),
    [
        (0, "at least 1"),
        (13, "at most 12"),
        ([], "one-dimensional"),
        ([[0.1, 0.2]], "one-dimensional"),
        ([0.1, np.nan], "finite"),
        ("all", "real numbers"),
    ],
)
def test_bad_frequencies_are_named(frequencies: object, words: str) -> None:
    with pytest.raises(ValueError, match=rf"mso\(frequencies=.*{words}"):
        mso(10, frequencies=frequencies)
