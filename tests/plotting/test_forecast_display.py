"""The display of forecasts: what it draws, and of what."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import dates
from matplotlib import pyplot as plt
from sklearn.linear_model import LinearRegression

from seqest.datasets import load_airline
from seqest.forecasting import Forecaster
from seqest.plotting import ForecastDisplay as Display

DAYS = pd.date_range("2024-03-01", periods=12, freq="D", name="day")
VALUES = np.random.default_rng(0).standard_normal(12).cumsum()
INDEXES = {
    "datetimes": DAYS,
    "datetimes in a zone": DAYS.tz_localize("Europe/Berlin"),
    "periods": pd.period_range("2024-03", periods=12, freq="M"),
    "integers": pd.RangeIndex(100, 112),
    "floats": pd.Index(np.arange(12) / 4),
}


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def parts(index: pd.Index = DAYS, name: str | None = "level (m)") -> dict[str, Any]:
    """Return eight rows of history, and a forecast and the truth of four."""
    y = pd.Series(VALUES, index, name=name)
    mean = y[8:] + 0.3
    return {
        "mean": mean,
        "history": y[:8],
        "truth": y[8:],
        "intervals": {0.95: around(mean, 2.0), 0.8: around(mean, 1.0)},
    }


def around(mean: Any, width: float) -> pd.DataFrame:
    return pd.DataFrame({"lower": mean - width, "upper": mean + width})


def stacked(shops: dict[Any, dict[str, Any]], names: list[str]) -> dict[str, Any]:
    """Return the parts of several series below each other."""

    def below(tables: dict[Any, Any]) -> Any:
        return pd.concat(tables, names=names)

    whole: dict[str, Any] = {
        part: below({shop: own[part] for shop, own in shops.items()})
        for part in ("mean", "history", "truth")
    }
    whole["intervals"] = {
        level: below({shop: own["intervals"][level] for shop, own in shops.items()})
        for level in (0.8, 0.95)
    }
    return whole


def heights(line: Any) -> np.ndarray[Any, Any]:
    return np.asarray(line.get_ydata(), float)


def edges(band: Any, n: int) -> tuple[Any, Any]:
    """Return the lower and the upper edge of a band of n points."""
    points = band.get_paths()[0].vertices[:, 1]
    return points[1 : n + 1], points[n + 2 : 2 * n + 2][::-1]


def test_lines_show_what_was_given() -> None:
    given = parts()
    display = Display.from_predictions(given["mean"], truth=given["truth"])
    np.testing.assert_array_equal(heights(display.mean_lines_[0]), given["mean"])
    np.testing.assert_array_equal(heights(display.truth_lines_[0]), given["truth"])
    np.testing.assert_array_equal(display.mean_lines_[0].get_xdata(), DAYS[8:])


def test_bands_show_the_bounds_of_each_level() -> None:
    given = parts()
    display = Display.from_predictions(given["mean"], intervals=given["intervals"])
    for level, frame in given["intervals"].items():
        lower, upper = edges(display.bands_[0][level], 4)
        np.testing.assert_array_equal(lower, frame["lower"])
        np.testing.assert_array_equal(upper, frame["upper"])


def test_curves_start_from_the_last_row_of_history() -> None:
    given = parts()
    display = Display.from_predictions(**given)
    np.testing.assert_array_equal(heights(display.history_lines_[0]), VALUES[:8])
    for line in (display.mean_lines_[0], display.truth_lines_[0]):
        assert line.get_xdata()[0] == DAYS[7]
        assert heights(line)[0] == VALUES[7]
    np.testing.assert_array_equal(heights(display.mean_lines_[0])[1:], given["mean"])
    lower, upper = edges(display.bands_[0][0.95], 5)
    assert lower[0] == upper[0] == VALUES[7]


def test_a_forecast_within_history_is_not_joined_to_its_end() -> None:
    given = parts()
    display = Display.from_predictions(given["mean"], history=given["truth"])
    np.testing.assert_array_equal(heights(display.mean_lines_[0]), given["mean"])


def test_wider_levels_are_lighter_and_lie_below() -> None:
    display = Display.from_predictions(**parts())
    narrow, wide = display.bands_[0][0.8], display.bands_[0][0.95]
    assert list(display.bands_[0]) == [0.8, 0.95]
    assert narrow.get_facecolor().sum() < wide.get_facecolor().sum()
    assert wide.get_zorder() < narrow.get_zorder()
    assert narrow.get_zorder() < display.mean_lines_[0].get_zorder()


def test_lines_differ_without_colour() -> None:
    display = Display.from_predictions(**parts())
    lines = display.history_lines_ + display.mean_lines_ + display.truth_lines_
    widths = [line.get_linewidth() for line in lines]
    assert widths[1] > 2 * widths[0]
    assert [line.get_linestyle() for line in lines] == ["-", "-", "--"]


def test_the_legend_names_lines_and_levels() -> None:
    display = Display.from_predictions(**parts(), name="ESN")
    words = [text.get_text() for text in display.figure_.legends[0].get_texts()]
    assert words == ["history", "ESN", "80 %", "95 %", "truth"]


def test_axes_are_called_as_the_data() -> None:
    axes = Display.from_predictions(**parts()).ax_
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("day", "level (m)")
    axes = Display.from_predictions(**parts(DAYS.rename(None), None)).ax_
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time", "")


def test_a_forecast_without_a_name_takes_that_of_history() -> None:
    given = parts()
    mean = given["mean"].rename(None)
    display = Display.from_predictions(mean, history=given["history"])
    assert display.ax_.get_ylabel() == "level (m)"


def test_a_frame_of_one_column_is_a_series() -> None:
    given = parts()
    frames = {name: given[name].to_frame() for name in ("mean", "history", "truth")}
    bounds = pd.concat({"level (m)": given["intervals"][0.8]}, axis=1)
    display = Display.from_predictions(**frames, intervals={0.8: bounds})
    np.testing.assert_array_equal(heights(display.mean_lines_[0])[1:], given["mean"])
    lower, _ = edges(display.bands_[0][0.8], 5)
    np.testing.assert_array_equal(lower[1:], given["intervals"][0.8]["lower"])
    assert display.ax_.get_ylabel() == "level (m)"


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_every_time_index_is_drawn_with_its_values(index: pd.Index) -> None:
    display = Display.from_predictions(**parts(index))
    display.figure_.draw_without_rendering()
    np.testing.assert_array_equal(heights(display.mean_lines_[0])[1:], VALUES[8:] + 0.3)


def test_dates_are_written_concisely_and_periods_at_their_start() -> None:
    display = Display.from_predictions(**parts(INDEXES["periods"]))
    axis = display.ax_.xaxis
    assert isinstance(axis.get_major_formatter(), dates.ConciseDateFormatter)
    expected = pd.date_range("2024-03", periods=12, freq="MS")[7:]
    np.testing.assert_array_equal(display.mean_lines_[0].get_xdata(), expected)


def test_zoned_times_are_written_on_their_own_clock() -> None:
    index = INDEXES["datetimes in a zone"]
    display = Display.from_predictions(**parts(index))
    expected = index.tz_convert("UTC").tz_localize(None)[7:]
    np.testing.assert_array_equal(display.mean_lines_[0].get_xdata(), expected)
    ticks = dates.num2date(display.ax_.get_xticks(), tz="Europe/Berlin")
    assert {tick.hour for tick in ticks} == {0}


def test_integer_times_have_ticks_at_integers() -> None:
    short = parts(pd.RangeIndex(12))
    display = Display.from_predictions(short["mean"][:2])
    ticks = display.ax_.get_xticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))


def test_axes_that_have_a_format_keep_it() -> None:
    axes = plt.figure().gca()
    axes.xaxis.set_major_formatter(dates.DateFormatter("%d.%m."))
    Display.from_predictions(**parts(), ax=axes)
    assert isinstance(axes.xaxis.get_major_formatter(), dates.DateFormatter)


def test_each_series_has_a_panel() -> None:
    shops = {"south": parts(), "north": parts()}
    shops["north"]["mean"] = shops["north"]["mean"] + 5
    display = Display.from_predictions(**stacked(shops, ["shop", "day"]))
    assert [axes.get_title() for axes in display.axes_] == ["south", "north"]
    for line, given in zip(display.mean_lines_, shops.values(), strict=True):
        np.testing.assert_array_equal(heights(line)[1:], given["mean"])
    assert len(display.bands_) == len(display.truth_lines_) == 2
    assert len(display.figure_.legends[0].get_texts()) == 5
    assert display.ax_ is display.axes_[0]


def test_rows_of_series_may_be_interleaved() -> None:
    shops = {name: parts() for name in "ab"}
    given = stacked(shops, ["shop", "day"])
    given["history"] = given["history"].sort_index(level=1)
    display = Display.from_predictions(**given)
    np.testing.assert_array_equal(heights(display.history_lines_[1]), VALUES[:8])


def test_ids_of_several_levels_are_written_together() -> None:
    shops = {("Bonn", 1): parts(), ("Bonn", 2): parts()}
    given = stacked(shops, ["town", "shop", "day"])
    display = Display.from_predictions(**given)
    assert [axes.get_title() for axes in display.axes_] == ["Bonn, 1", "Bonn, 2"]
    assert display.axes_[1].get_xlabel() == "day"


def test_a_series_that_is_new_has_no_history() -> None:
    given = stacked({"a": parts(), "b": parts()}, ["shop", "day"])
    given["history"] = given["history"][["a"]]
    display = Display.from_predictions(**given)
    assert display.history_lines_[1] is None
    np.testing.assert_array_equal(heights(display.mean_lines_[1]), VALUES[8:] + 0.3)


def test_each_target_has_a_panel() -> None:
    given = parts()
    two = {
        name: pd.DataFrame({"flow": 2 * given[name], "level": given[name]})
        for name in ("mean", "history", "truth")
    }
    bounds = {name: around(two["mean"][name], 1.0) for name in ("level", "flow")}
    intervals = {0.8: pd.concat(bounds, axis=1)}
    display = Display.from_predictions(**two, intervals=intervals)
    assert [axes.get_ylabel() for axes in display.axes_] == ["flow", "level"]
    for k, name in enumerate(("flow", "level")):
        mean = two["mean"][name]
        np.testing.assert_array_equal(heights(display.mean_lines_[k])[1:], mean)
        _, upper = edges(display.bands_[k][0.8], 5)
        np.testing.assert_array_equal(upper[1:], mean + 1)


def test_each_target_of_each_series_has_a_panel() -> None:
    table = pd.DataFrame({"flow": VALUES, "level": VALUES}, DAYS)
    mean = pd.concat({"a": table, "b": table}, names=["river", "day"])
    axes = Display.from_predictions(mean).axes_
    assert [own.get_title() for own in axes] == ["a", "a", "b", "b"]
    assert [own.get_ylabel() for own in axes] == ["flow", "level"] * 2


def test_more_panels_than_allowed_are_refused() -> None:
    given = stacked({k: parts() for k in range(13)}, ["shop", "day"])
    with pytest.raises(ValueError, match=r"max_panels=12\): must be at least 13"):
        Display.from_predictions(given["mean"])
    display = Display.from_predictions(given["mean"], max_panels=13)
    assert display.axes_.shape == (13,)


def test_one_step_is_seen_without_history() -> None:
    given = parts()
    bounds = given["intervals"][0.8][:1]
    display = Display.from_predictions(given["mean"][:1], intervals={0.8: bounds})
    assert display.mean_lines_[0].get_marker() == "o"
    assert display.bands_[0][0.8].get_linewidth() > 0


def test_what_is_empty_is_not_drawn() -> None:
    given = parts()
    display = Display.from_predictions(given["mean"], truth=given["truth"][:0])
    assert display.truth_lines_ == [None]
    assert display.bands_ == [{}]


def test_it_draws_into_axes_that_are_given_and_again_elsewhere() -> None:
    figure, axes = plt.subplots(2)
    given = stacked({"a": parts(), "b": parts()}, ["shop", "day"])
    display = Display.from_predictions(**given, ax=axes)
    assert display.figure_ is figure
    assert list(display.axes_) == list(axes)
    assert len(axes[0].get_legend().get_texts()) == 5
    assert display.plot() is display
    assert display.figure_ is not figure


def test_it_draws_over_a_plot_of_pandas() -> None:
    given = parts(INDEXES["periods"])
    axes = given["history"].plot()
    display = Display.from_predictions(given["mean"], ax=axes)
    display.figure_.draw_without_rendering()
    left, right = axes.dataLim.intervalx
    assert right - left == 11


def test_a_forecaster_is_asked_for_mean_and_intervals() -> None:
    y = load_airline()
    model = Forecaster(LinearRegression(), lags=12, random_state=0).fit(y=y[:-6])
    display = Display.from_estimator(model, 6, y=y[-30:-6], alpha=(0.5, 0.1))
    result = model.get_forecast(6)
    mean = heights(display.mean_lines_[0])
    np.testing.assert_array_equal(mean[1:], result.predicted_mean)
    assert mean[0] == y.iloc[-7]
    for level, alpha in ((0.5, 0.5), (0.9, 0.1)):
        lower, _ = edges(display.bands_[0][level], 7)
        np.testing.assert_array_equal(lower[1:], result.conf_int(alpha)["lower"])


def test_a_forecaster_of_several_targets_is_drawn_target_by_target() -> None:
    y = pd.DataFrame({"flow": VALUES, "level": -VALUES}, DAYS)
    model = Forecaster(LinearRegression(), lags=1, random_state=0).fit(y=y)
    display = Display.from_estimator(model, 3, y=y, alpha=0.2)
    assert [list(bands) for bands in display.bands_] == [[0.8], [0.8]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mean": parts()["mean"][:0]}, r"\(mean=.*at least one row"),
        ({"history": VALUES}, r"\(history=.*a Series or DataFrame"),
        ({"mean": parts(pd.Index(list("abcdefghijkl")))["mean"]}, "datetimes, periods"),
        ({"history": parts(INDEXES["integers"])["history"]}, "indexed by dates, as"),
        (
            {"truth": parts(INDEXES["datetimes in a zone"])["truth"]},
            r"\(truth=.*indexed by dates, as mean is",
        ),
        ({"history": parts()["history"][::-1]}, r"order of time.*sort_index"),
        (
            {"history": stacked({"a": parts()}, ["shop", "day"])["history"]},
            "history=.*series and targets of mean",
        ),
        ({"truth": pd.DataFrame({"a": VALUES, "b": VALUES}, DAYS)}, "targets of mean"),
        ({"mean": parts()["mean"].astype(str) + " m"}, "mean=.*real numbers"),
        ({"intervals": parts()["intervals"][0.8]}, "intervals=.*a dict from level"),
        ({"intervals": {95: parts()["intervals"][0.8]}}, r"=95\).*95 % is 0.95"),
        ({"intervals": {0.8: parts()["intervals"][0.8][1:]}}, "indexed as mean"),
        ({"intervals": {0.8: parts()["mean"]}}, "'lower' and 'upper'"),
        ({"max_panels": 0}, "max_panels=0.*at least 1"),
        ({"ax": [1, 2]}, "ax=.*1 Axes, one for each panel"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        Display.from_predictions(**{**parts(), **change})


def test_an_alpha_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match=r"alpha=5.*\(0, 1\)"):
        Display.from_estimator(None, alpha=(0.2, 5))


def test_without_matplotlib_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'seqest\[plot\]'"):
        Display.from_predictions(**parts())
