"""The display of states over time: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import dates
from matplotlib import pyplot as plt
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression

from seqest import ESNRegressor, Reservoir
from seqest.plotting import StateTracesDisplay as Display

H = np.random.default_rng(0).standard_normal((30, 9))
X = np.random.default_rng(1).standard_normal((30, 1))
INDEXES = {
    "datetimes": pd.date_range("2024-03-01", periods=30, name="day"),
    "datetimes in a zone": pd.date_range("2024-03-01", periods=30, tz="Asia/Tokyo"),
    "periods": pd.period_range("2018-03", periods=30, freq="M"),
    "integers": pd.RangeIndex(100, 130),
}


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def heights(display: Display) -> Any:
    return np.column_stack([line.get_ydata() for line in display.lines_])


def test_units_are_spread_over_all_or_chosen() -> None:
    np.testing.assert_array_equal(
        heights(Display.from_states(H, units=3)), H[:, [0, 4, 8]]
    )
    display = Display.from_states(H, units=[7, 2])
    np.testing.assert_array_equal(heights(display), H[:, [7, 2]])
    assert [axes.get_ylabel() for axes in display.axes_] == ["unit 7", "unit 2"]
    assert display.axes_[-1].get_xlabel() == "row"


def test_no_more_units_are_drawn_than_there_are() -> None:
    np.testing.assert_array_equal(heights(Display.from_states(H, units=20)), H)


def test_a_reservoir_runs_from_rest_along_its_input() -> None:
    model = Reservoir(12, random_state=0).fit(X)
    expected = model.transform(X, initial_state="zero")[:, [3, 5]]
    display = Display.from_estimator(model, X, units=[3, 5])
    np.testing.assert_allclose(heights(display), expected)


def test_the_reservoir_of_a_network_obeys_its_equation() -> None:
    model = ESNRegressor(12, leak_rate=0.5, feedback_scaling=0.3, random_state=0)
    y = np.roll(X[:, 0], 1)
    model.fit(X, y)
    inputs = np.column_stack([X[:, 0], np.append(0, y[:-1])])
    layer = model.reservoir_.layers[0]
    h, expected = np.zeros(12), []
    for x, fed in inputs:
        drive = layer.W_in @ [x] + layer.bias + model.W_fb_ @ [fed] + layer.W @ h
        h = 0.5 * h + 0.5 * np.tanh(drive)
        expected.append(h[4])
    display = Display.from_estimator(model, inputs, units=[4])
    # The states may be computed in float32.
    np.testing.assert_allclose(heights(display)[:, 0], expected, atol=1e-5)


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_every_time_index_is_drawn(index: pd.Index) -> None:
    frame = pd.DataFrame(H, index, columns=[f"h{k}" for k in range(9)])
    display = Display.from_states(frame, units=2)
    display.figure_.draw_without_rendering()
    assert [axes.get_ylabel() for axes in display.axes_] == ["h0", "h8"]
    is_dates = index.dtype.kind != "i"
    look = display.ax_.xaxis.get_major_formatter()
    assert isinstance(look, dates.ConciseDateFormatter) == is_dates


def test_one_row_is_seen() -> None:
    assert Display.from_states(H[:1]).lines_[0].get_marker() == "o"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"states": H * np.nan}, "states=.*finite"),
        ({"states": H[0]}, "states=.*two dimensions"),
        ({"states": H[:0]}, "states=.*two dimensions"),
        ({"units": 0}, "units=0.*at least 1"),
        ({"units": []}, r"units=\[\].*below 9"),
        ({"units": [9]}, r"units=\[9\].*below 9"),
        ({"units": [-1]}, "units=-1.*at least 0"),
        (
            {"states": pd.DataFrame(H).set_index([0, 1])},
            r"states=.*of one series\. Choose one",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Display.from_states(**{"states": H, **change})


def test_an_estimator_without_a_fitting_reservoir_is_refused() -> None:
    with pytest.raises(NotFittedError):
        Display.from_estimator(Reservoir(), X)
    with pytest.raises(TypeError, match="one with a reservoir"):
        Display.from_estimator(LinearRegression().fit(X, X[:, 0]), X)
    with pytest.raises(ValueError, match=r"X=.*of 1 columns"):
        Display.from_estimator(Reservoir(9).fit(X), H)
