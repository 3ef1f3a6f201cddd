"""The display of backtests: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import dates
from matplotlib import pyplot as plt

from seqest.datasets import load_airline
from seqest.forecasting import (
    BacktestResult,
    DriftForecaster,
    NaiveForecaster,
    RollingOriginSplit,
    SeasonalNaiveForecaster,
    backtest,
)
from seqest.plotting import BacktestDisplay as Display


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    models = {
        "naive": NaiveForecaster(random_state=0),
        "season": SeasonalNaiveForecaster(12, random_state=0),
        "drift": DriftForecaster(random_state=0),
    }
    cv = RollingOriginSplit(4, n_splits=3)
    y = load_airline()
    return backtest(models, y, cv=cv, levels=(0.8,), seasonal_period=12)


def scores() -> pd.Series:
    """Return the errors of two models at three steps."""
    index = pd.MultiIndex.from_product([["a", "b"], [1, 2, 3]], names=["model", "step"])
    return pd.Series([3.0, 2.0, 1.0, 5.0, 6.0, 7.0], index, name="mae")


def words_of(legend: Any) -> list[str]:
    return [text.get_text() for text in legend.get_texts()]


def test_errors_are_drawn_by_step_and_by_origin(result: BacktestResult) -> None:
    display = Display.from_result(result, "mae")
    by_step, by_origin = display.lines_
    rows = result.predictions
    rows = rows[rows["model"] == "drift"]
    errors = np.abs(rows["y_true"] - rows["y_pred"])
    steps, drawn = by_step["drift"].get_data()
    np.testing.assert_array_equal(steps, [1, 2, 3, 4])
    expected = [errors[rows["step"] == step].mean() for step in steps]
    np.testing.assert_allclose(drawn, expected)
    origins, drawn = by_origin["drift"].get_data()
    stamps = rows["origin"].unique()
    np.testing.assert_array_equal(origins, stamps.to_timestamp())
    expected = [errors[rows["origin"] == stamp].mean() for stamp in stamps]
    np.testing.assert_allclose(drawn, expected)
    assert display.axes_.shape == (1, 2)
    look = display.axes_[0, 1].xaxis.get_major_formatter()
    assert isinstance(look, dates.ConciseDateFormatter)


def test_the_legend_has_the_best_first_with_its_score(result: BacktestResult) -> None:
    words = words_of(Display.from_result(result, "mase").figure_.legends[0])
    means = result.scores("mase")["mase"].sort_values()
    assert words == [f"{name}: {score:.3g}" for name, score in means.items()]


def test_a_model_looks_the_same_whatever_its_rank(result: BacktestResult) -> None:
    given, turned = scores(), 10 - scores()
    pair = [Display.from_scores(table).lines_[0] for table in (given, turned)]
    for name in "ab":
        assert pair[0][name].get_color() == pair[1][name].get_color()
    assert [list(lines) for lines in pair] == [["a", "b"], ["b", "a"]]


def test_baselines_are_thin_and_grey(result: BacktestResult) -> None:
    lines = Display.from_result(result, by="step", baselines="naive").lines_[0]
    assert lines["naive"].get_linewidth() < lines["season"].get_linewidth()
    assert lines["naive"].get_color() == "0.55"


def test_each_metric_has_a_row_and_coverage_a_line_where_it_should_be(
    result: BacktestResult,
) -> None:
    metrics = ["rmse", "smape", "coverage_80", "winkler_80"]
    display = Display.from_result(result, metrics, by="step", unit="k")
    assert [axes.get_ylabel() for axes in display.axes_[:, 0]] == [
        "RMSE (k)",
        "sMAPE (%)",
        "share inside 80 %",
        "Winkler score of 80 % (k)",
    ]
    table = result.scores("coverage_80", by=["model", "step"])["coverage_80"]
    drawn = display.lines_[2]["drift"].get_ydata()
    np.testing.assert_allclose(drawn, table["drift"])
    goals = [
        line for line in display.axes_[2, 0].lines if set(line.get_ydata()) == {0.8}
    ]
    assert len(goals) == 1
    assert display.axes_[-1, 0].get_xlabel() == "steps ahead"


def test_the_best_coverage_is_the_nearest_to_its_level() -> None:
    table = scores().rename("coverage_80") / 10
    assert words_of(Display.from_scores(table).figure_.legends[0]) == ["b", "a"]


def test_series_are_named_and_not_joined_by_lines(result: BacktestResult) -> None:
    shops = [result.predictions.assign(series=name) for name in ("north", "south")]
    panel = BacktestResult(pd.concat(shops, ignore_index=True))
    display = Display.from_result(panel, by="series")
    ticks = [tick.get_text() for tick in display.ax_.get_xticklabels()]
    assert ticks == ["north", "south"]
    assert display.lines_[0]["drift"].get_linestyle() == "None"


@pytest.mark.parametrize(
    "origins",
    [
        pd.date_range("2024", periods=3, tz="Europe/Berlin"),
        pd.period_range("2024", periods=3, freq="M"),
        pd.RangeIndex(10, 13),
    ],
    ids=["datetimes in a zone", "periods", "integers"],
)
def test_every_kind_of_origin_is_drawn(origins: pd.Index) -> None:
    index = pd.MultiIndex.from_product([["a"], origins], names=["model", "origin"])
    display = Display.from_scores(pd.Series([1.0, 2.0, 3.0], index, name="mae"))
    display.figure_.draw_without_rendering()
    assert list(display.lines_[0]["a"].get_ydata()) == [1, 2, 3]


def test_a_score_that_is_not_known_leaves_a_gap() -> None:
    table = scores()
    table["a", 2] = np.nan
    drawn = Display.from_scores(table).lines_[0]["a"].get_ydata()
    np.testing.assert_array_equal(drawn, [3, np.nan, 1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scores": [1, 2]}, r"scores=\[1, 2\].*a Series or DataFrame"),
        ({"scores": scores()[:0]}, "scores=.*at least one row"),
        ({"scores": scores().droplevel("model")}, "indexed by 'model' and one other"),
        ({"scores": scores() * np.nan}, "scores=.*finite of some mae"),
        ({"scores": scores().astype(str) + " m"}, "scores=.*real numbers"),
        ({"baselines": "c"}, "baselines='c'.*one of 'a', 'b'"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        Display.from_scores(**{"scores": scores(), **change})


@pytest.mark.parametrize(
    "change", [{"by": "model"}, {"by": ()}, {"metrics": ()}], ids=str
)
def test_something_must_be_asked_for(
    change: dict[str, Any], result: BacktestResult
) -> None:
    with pytest.raises(ValueError, match="at least one name, and none of them 'model'"):
        Display.from_result(result, **change)


def test_an_unknown_metric_is_refused(result: BacktestResult) -> None:
    with pytest.raises(ValueError, match="metrics='mape'"):
        Display.from_result(result, "mape")
