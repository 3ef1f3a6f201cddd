"""The display of courses through phase space: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from seqest import ESNRegressor
from seqest.plotting import PhasePortraitDisplay as Display

WAVE = np.sin(2 * np.pi * np.arange(120) / 40)
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(RNG.standard_normal((50, 4)), columns=list("xyzw"))


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def test_one_output_is_drawn_beside_itself_some_rows_before() -> None:
    display = Display.from_predictions(WAVE, WAVE[:90] / 2, delay=7)
    now, before = display.truth_line_.get_data()
    np.testing.assert_array_equal(now, WAVE[7:])
    np.testing.assert_array_equal(before, WAVE[:-7])
    now, before = display.run_lines_["run"].get_data()
    np.testing.assert_array_equal(now, WAVE[7:90] / 2)
    assert display.ax_.get_xlabel() == "y(t)"
    assert display.ax_.get_ylabel() == "y(t − 7)"
    assert [axes.get_title() for axes in display.axes_] == ["truth", "run"]


def test_the_delay_is_where_the_past_is_mostly_forgotten() -> None:
    centred = WAVE - WAVE.mean()
    lag, correlation = 0, 1.0
    while correlation >= np.exp(-1):
        lag += 1
        correlation = centred[lag:] @ centred[:-lag] / (centred @ centred)
    display = Display.from_predictions(WAVE, WAVE)
    assert display.ax_.get_ylabel() == f"y(t − {lag})"


def test_one_output_has_three_coordinates_where_asked() -> None:
    series = pd.Series(WAVE, name="level (m)")
    display = Display.from_predictions(series, WAVE, dims=3, delay=5)
    now, before, earlier = display.truth_line_.get_data_3d()
    np.testing.assert_array_equal(now, WAVE[10:])
    np.testing.assert_array_equal(before, WAVE[5:-5])
    np.testing.assert_array_equal(earlier, WAVE[:-10])
    assert display.ax_.get_zlabel() == "level (m), 10 rows before"


@pytest.mark.parametrize("dims", [["w", "y"], [3, 1]])
def test_outputs_are_chosen_by_name_or_position(dims: Any) -> None:
    display = Display.from_predictions(TABLE, {"a": TABLE + 1}, dims=dims)
    np.testing.assert_array_equal(
        display.run_lines_["a"].get_data(), TABLE[["w", "y"]].to_numpy().T + 1
    )
    assert display.ax_.get_xlabel() == "w"


def test_three_outputs_are_drawn_in_space() -> None:
    display = Display.from_predictions(TABLE[list("xyz")], TABLE[list("zyx")])
    assert [axes.name for axes in display.axes_] == ["3d", "3d"]
    z, _, x = display.run_lines_["run"].get_data_3d()
    np.testing.assert_array_equal(z, TABLE["z"])
    np.testing.assert_array_equal(x, TABLE["x"])
    display.figure_.draw_without_rendering()


def test_panels_have_one_scale_that_holds_every_course() -> None:
    display = Display.from_predictions(WAVE, {"small": WAVE / 2, "large": 3 * WAVE})
    limits = {axes.get_xlim() for axes in display.axes_}
    assert len(limits) == 1
    assert limits.pop()[1] > 3


def test_an_overlay_has_one_panel_and_a_legend() -> None:
    runs = {"small": WAVE / 2, "large": 3 * WAVE}
    display = Display.from_predictions(WAVE, runs, layout="overlay")
    assert display.axes_.shape == (1,)
    words = [text.get_text() for text in display.figure_.legends[0].get_texts()]
    assert words == ["truth", "small", "large"]


def test_an_estimator_runs_freely_as_long_as_the_truth() -> None:
    model = ESNRegressor(30, random_state=0).fit(WAVE[:99, np.newaxis], WAVE[1:100])
    display = Display.from_estimator({"ESN": model}, WAVE[100:], delay=2)
    expected = model.forecast(20)
    np.testing.assert_array_equal(display.run_lines_["ESN"].get_xdata(), expected[2:])
    display = Display.from_estimator(model, WAVE[:50], initial_state="zero", delay=2)
    expected = model.forecast(50, initial_state="zero")
    drawn = display.run_lines_["free run"].get_xdata()
    np.testing.assert_array_equal(drawn, expected[2:])


def test_a_course_that_stands_still_is_drawn() -> None:
    display = Display.from_predictions(np.ones(9), np.ones(9))
    display.figure_.draw_without_rendering()
    assert set(display.truth_line_.get_xdata()) == {1.0}


def test_space_needs_axes_in_space() -> None:
    axes = plt.figure().subplots(2)
    with pytest.raises(ValueError, match=r"ax=.*projection '3d'"):
        Display.from_predictions(WAVE, WAVE, dims=3, ax=axes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y_true": WAVE * np.nan}, "y_true=.*finite"),
        ({"y_pred": np.append(WAVE, np.inf)}, "y_pred=.*finite"),
        ({"y_pred": WAVE[:1]}, "y_pred=.*at least two rows"),
        ({"y_pred": TABLE}, "y_pred=.*as many outputs as y_true, 1"),
        ({"dims": 4}, "dims=4.*2 or 3 coordinates"),
        ({"delay": 0}, "delay=0.*at least 1"),
        ({"delay": 120}, "delay=120.*less than 120"),
        ({"layout": "beside"}, "layout='beside'.*'apart', 'overlay'"),
        ({"y_true": TABLE, "y_pred": TABLE, "dims": ["x"]}, "dims=.*outputs x, y, z"),
        ({"y_true": TABLE, "y_pred": TABLE, "dims": ["x", "v"]}, "dims=.*two or three"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Display.from_predictions(**{"y_true": WAVE, "y_pred": WAVE, **change})
