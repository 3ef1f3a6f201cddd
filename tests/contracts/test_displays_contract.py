"""Laws of every display, whatever it draws."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.lines import Line2D

from tests.contracts.tables.displays import TABLE

Draw = Callable[[], Any]


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


every_display = pytest.mark.parametrize("draw", TABLE.values(), ids=TABLE)


@every_display
def test_it_makes_one_figure_with_its_axes(draw: Draw) -> None:
    display = draw()
    assert len(plt.get_fignums()) == 1
    assert {axes.figure for axes in display.axes_.flat} == {display.figure_}


@every_display
def test_it_draws_into_axes_that_are_given_and_makes_none(draw: Draw) -> None:
    display = draw()
    figure, axes = plt.subplots(display.axes_.size)
    n_figures = len(plt.get_fignums())
    assert display.plot(axes) is display
    assert len(plt.get_fignums()) == n_figures
    assert display.figure_ is figure
    assert list(display.axes_.flat) == list(np.ravel(axes))
    assert all(own.has_data() for own in display.axes_.flat)


@every_display
def test_another_number_of_axes_is_refused(draw: Draw) -> None:
    display = draw()
    axes = plt.subplots(display.axes_.size + 1)[1]
    with pytest.raises(ValueError, match=r"Display\.plot\(ax=.*one for each panel"):
        display.plot(axes)


@every_display
def test_without_matplotlib_it_says_what_to_install(
    draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"Display needs.*'seqest\[plot\]'"):
        draw()


@every_display
def test_its_axes_are_named(draw: Draw) -> None:
    display = draw()
    assert any(axes.get_xlabel() for axes in display.axes_.flat)
    words = [axes.get_ylabel() for axes in display.axes_.flat]
    assert any(words) or display.figure_.get_supylabel()


@every_display
def test_nothing_written_leaves_the_picture(draw: Draw) -> None:
    figure = draw().figure_
    figure.draw_without_rendering()
    drawn = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert (drawn.x0, drawn.y0) >= (-0.01, -0.01)
    assert drawn.x1 <= width + 0.01
    assert drawn.y1 <= height + 0.01


@every_display
def test_what_a_legend_names_is_told_apart_in_grey(draw: Draw) -> None:
    display = draw()
    own = [axes.get_legend() for axes in display.axes_.flat]
    legends = [*filter(None, own), *display.figure_.legends]
    for legend in legends:
        lines = [line for line in legend.legend_handles if isinstance(line, Line2D)]
        for one, other in combinations(lines, 2):
            assert look_in_grey(one) != look_in_grey(other)


def look_in_grey(line: Line2D) -> tuple[Any, ...]:
    red, green, blue = colors.to_rgb(line.get_color())
    shade = round(4 * (0.3 * red + 0.59 * green + 0.11 * blue))
    dashes = line.get_linestyle(), line.get_linewidth(), shade
    return (line.get_marker(), *dashes, line._unscaled_dash_pattern)
