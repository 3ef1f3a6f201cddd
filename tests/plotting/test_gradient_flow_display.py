"""The display of how outputs answer to earlier inputs: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression

from seqest import ElmanRegressor
from seqest.plotting import GradientFlowDisplay as Display

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((40, 2)), RNG.standard_normal((40, 3))
SLOPES = RNG.standard_normal((40, 5, 3, 2))
for lag in range(1, 5):
    SLOPES[:lag, lag] = 0  # before the series begins
IDS = np.repeat(["a", "b"], [15, 25])
DAYS = [*pd.date_range("2024", periods=15), *pd.date_range("2024", periods=25)]


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def network() -> ElmanRegressor:
    settings = {"max_iter": 2, "n_iter_no_change": 2, "random_state": 0}
    return ElmanRegressor(4, **settings).fit(X, Y)


@pytest.fixture(scope="module")
def network_of_two() -> ElmanRegressor:
    settings = {"max_iter": 2, "n_iter_no_change": 2, "random_state": 0}
    return ElmanRegressor(4, **settings).fit(X, Y, groups=IDS)


def norms_of(slopes: Any, firsts: Any) -> list[float]:
    """Return the root mean square of the norms, row by row."""
    found = []
    for lag in range(slopes.shape[1]):
        squares = [
            np.linalg.norm(slopes[t, lag]) ** 2
            for t in range(len(slopes))
            if t - lag >= max(first for first in firsts if first <= t)
        ]
        found.append(np.sqrt(np.mean(squares)))
    return found


def test_norms_are_root_mean_squares_over_the_rows_that_have_the_lag() -> None:
    lags, drawn = Display.from_sensitivities(SLOPES).lines_[""].get_data()
    np.testing.assert_array_equal(lags, [0, 1, 2, 3, 4])
    np.testing.assert_allclose(drawn, norms_of(SLOPES, [0]))


def test_a_network_is_asked_for_its_sensitivity(network: ElmanRegressor) -> None:
    display = Display.from_estimator({"Elman": network}, X, n_lags=6)
    expected = norms_of(network.sensitivity(X, n_lags=6), [0])
    np.testing.assert_allclose(display.lines_["Elman"].get_ydata(), expected)
    assert display.ax_.get_yscale() == "log"


def test_no_lag_reaches_into_another_series(network_of_two: ElmanRegressor) -> None:
    slopes = network_of_two.sensitivity(X, groups=IDS, n_lags=6)
    expected = norms_of(slopes, [0, 15])
    display = Display.from_estimator(network_of_two, X, groups=IDS, n_lags=6)
    np.testing.assert_allclose(display.lines_[""].get_ydata(), expected)


def test_rows_of_series_may_be_interleaved() -> None:
    index = pd.MultiIndex.from_arrays([IDS, DAYS], names=["shop", "day"])
    table = pd.DataFrame(X, index)
    settings = {"max_iter": 2, "n_iter_no_change": 2, "random_state": 0}
    network = ElmanRegressor(4, **settings).fit(table, pd.DataFrame(Y, index))
    apart = Display.from_estimator(network, table, n_lags=3)
    mixed = Display.from_estimator(network, table.sort_index(level=1), n_lags=3)
    both = apart.lines_[""].get_ydata(), mixed.lines_[""].get_ydata()
    np.testing.assert_allclose(*both)


def test_series_may_come_in_a_list(network: ElmanRegressor) -> None:
    pieces = [X[:15], X[15:]]
    slopes = network.sensitivity(pieces, n_lags=4)
    expected = norms_of(np.concatenate(slopes), [0, 15])
    for display in (
        Display.from_estimator(network, pieces, n_lags=4),
        Display.from_sensitivities(slopes),
    ):
        np.testing.assert_allclose(display.lines_[""].get_ydata(), expected)


def test_a_lag_longer_than_the_series_and_a_zero_are_not_drawn() -> None:
    slopes = SLOPES[:3].copy()
    slopes[:, 1] = 0
    drawn = Display.from_sensitivities(slopes).lines_[""].get_ydata()
    np.testing.assert_array_equal(np.isnan(drawn), [False, True, False, True, True])


def test_norms_are_drawn_at_their_lags() -> None:
    display = Display.from_norms({"a": [1.0, 2.0], "b": [3.0, 4.0]}, lags=[5, 6])
    np.testing.assert_array_equal(display.lines_["b"].get_data(), [[5, 6], [3, 4]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"norms": [1.0, -1.0]}, "norms=.*not negative"),
        ({"norms": [0.0, 0.0]}, "norms=.*somewhere positive"),
        ({"norms": [[1.0]]}, "norms=.*one-dimensional"),
        ({"norms": {}}, "norms=.*at least one by name"),
        ({"lags": [1, 2, 3]}, "lags=.*2 of them"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Display.from_norms(**{"norms": [1.0, 2.0], **change})


@pytest.mark.parametrize("slopes", [SLOPES[:, 0], SLOPES * np.nan], ids=["3-D", "NaN"])
def test_slopes_must_be_what_sensitivity_returns(slopes: Any) -> None:
    with pytest.raises(ValueError, match=r"slopes=.*finite, and of four dimensions"):
        Display.from_sensitivities(slopes)


def test_networks_must_be_fitted_and_have_a_sensitivity() -> None:
    with pytest.raises(NotFittedError):
        Display.from_estimator(ElmanRegressor(), X)
    with pytest.raises(TypeError, match="a network with a sensitivity"):
        Display.from_estimator(LinearRegression().fit(X, Y), X)
