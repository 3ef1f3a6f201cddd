"""The display of memory by delay: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

from seqest import ESNRegressor
from seqest.plotting import MemoryCapacityDisplay as Display

U = np.random.default_rng(0).uniform(-1, 1, 103)
RECALLED = np.column_stack([U[3 - k : 103 - k] for k in (1, 2, 3)])
NOISY = RECALLED + np.random.default_rng(1).normal(0, (0.1, 0.5, 2), (100, 3))


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def test_lines_are_squared_correlations_by_delay() -> None:
    named = {"exact": RECALLED, "noisy": NOISY}
    display = Display.from_predictions(U[3:], named, u_past=U[:3])
    delays, drawn = display.lines_["noisy"].get_data()
    np.testing.assert_array_equal(delays, [1, 2, 3])
    pairs = zip(RECALLED.T, NOISY.T, strict=True)
    expected = [np.corrcoef(*pair)[0, 1] ** 2 for pair in pairs]
    np.testing.assert_allclose(drawn, expected)
    assert display.lines_["exact"].get_label() == "exact: 3"


def test_networks_are_asked_what_they_recall() -> None:
    X = U[3:, np.newaxis]
    model = ESNRegressor(20, random_state=0).fit(X, RECALLED)
    display = Display.from_estimator({"ESN": model}, X, u_past=U[:3])
    expected = [
        np.corrcoef(*pair)[0, 1] ** 2
        for pair in zip(RECALLED.T, model.predict(X).T, strict=True)
    ]
    np.testing.assert_allclose(display.lines_["ESN"].get_ydata(), expected)


def test_draws_have_a_mean_and_a_band_of_their_deviation() -> None:
    draws = np.array([[0.9, 0.5, 0.1], [0.7, 0.3, 0.3]])
    display = Display.from_capacities({"ring": draws, "line": draws[0]})
    np.testing.assert_allclose(display.lines_["ring"].get_ydata(), [0.8, 0.4, 0.2])
    edges = display.bands_["ring"].get_paths()[0].vertices[1:4, 1]
    np.testing.assert_allclose(edges, np.array([0.8, 0.4, 0.2]) - 0.1 * np.sqrt(2))
    assert list(display.bands_) == ["ring"]
    assert display.lines_["ring"].get_label() == "ring: 1.4 ± 0.1"
    assert display.lines_["line"].get_label() == "line: 1.5"


def test_a_network_without_a_name_is_told_by_its_sum() -> None:
    display = Display.from_capacities([1.0, 0.25])
    assert display.lines_[""].get_label() == "memory capacity: 1.25"


@pytest.mark.parametrize(
    ("capacities", "words"),
    [
        ([0.5, np.nan], r"capacities=.*in \[0, 1\]"),
        ([0.5, 1.5], r"capacities=.*in \[0, 1\]"),
        ([], r"capacities=.*draws and delays"),
        ([[[0.5]]], r"capacities=.*draws and delays"),
        ({}, "capacities=.*at least one by name"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(capacities: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Display.from_capacities(capacities)


def test_what_was_recalled_must_match_the_input() -> None:
    with pytest.raises(ValueError, match=r"u=.*100 of them"):
        Display.from_predictions(U, RECALLED)
