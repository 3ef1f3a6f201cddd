"""The display of residuals' diagnostics: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import dates
from matplotlib import pyplot as plt
from scipy import stats
from sklearn.linear_model import LinearRegression

from seqest import NARXRegressor
from seqest.plotting import ResidualsDisplay as Display

RNG = np.random.default_rng(0)
E = RNG.standard_normal(80) + 0.5
INDEXES = {
    "datetimes": pd.date_range("2024-03-01", periods=80, freq="D", name="day"),
    "datetimes in a zone": pd.date_range(
        "2024-03-01", periods=80, freq="D", tz="Europe/Berlin"
    ),
    "periods": pd.period_range("2018-03", periods=80, freq="M"),
    "integers": pd.RangeIndex(100, 180),
}


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def correlations(display: Display) -> dict[float, float]:
    """Return the correlation that markers show at each lag."""
    drawn = display.correlograms_[0]
    points: dict[float, float] = {}
    for artist in (drawn.inside, drawn.outside):
        points.update(zip(*artist.get_data(), strict=True))
    return points


def test_residuals_are_drawn_over_rows() -> None:
    display = Display.from_predictions(E + 3, np.full(80, 3.0))
    rows, drawn = display.lines_[0].get_data()
    np.testing.assert_array_equal(rows, np.arange(80))
    np.testing.assert_allclose(drawn, E)
    assert display.axes_[0, 0].get_xlabel() == "row"


def test_the_histogram_is_a_density_beside_the_normal_one() -> None:
    display = Display.from_residuals(E)
    bars = display.bars_[0].patches
    assert sum(bar.get_width() * bar.get_height() for bar in bars) == pytest.approx(1)
    left, width = bars[2].get_x(), bars[2].get_width()
    share = np.mean([left <= e < left + width for e in E])
    assert bars[2].get_height() * width == pytest.approx(share)
    places, heights = display.densities_[0].get_data()
    expected = stats.norm.pdf(places, E.mean(), E.std())
    np.testing.assert_allclose(heights, expected)


def test_autocorrelations_are_those_of_a_loop() -> None:
    found = correlations(Display.from_residuals(E, n_lags=5))
    centred = E - E.mean()
    for lag in range(1, 6):
        total = sum(centred[t] * centred[t - lag] for t in range(lag, 80))
        assert found[lag] == pytest.approx(total / sum(centred**2))


def test_quantiles_are_sorted_residuals_over_those_of_a_normal() -> None:
    display = Display.from_residuals(E)
    expected, sizes = display.quantiles_[0].get_data()
    np.testing.assert_array_equal(sizes, np.sort(E))
    np.testing.assert_allclose(expected, stats.norm.ppf((np.arange(80) + 0.5) / 80))
    ends, line = display.quantile_lines_[0].get_data()
    np.testing.assert_allclose(line, E.mean() + E.std() * ends)


def test_the_band_of_quantiles_is_left_as_often_as_asked() -> None:
    display = Display.from_residuals(E, alpha=0.2)
    edges = display.quantile_bands_[0].get_paths()[0].vertices
    lower, upper = edges[1:201], edges[202:402][::-1]
    # The tenth of 80: how it varies among many draws.
    draws = np.sort(RNG.standard_normal((4000, 80)), axis=1)[:, 9]
    place = stats.norm.ppf(9.5 / 80)
    for edge, share in ((lower, 0.1), (upper, 0.9)):
        drawn = np.interp(place, edge[:, 0], edge[:, 1])
        # A quantile of 4000 draws is known to 0.01.
        expected = E.mean() + E.std() * np.quantile(draws, share)
        assert drawn == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_every_time_index_is_drawn(index: pd.Index) -> None:
    display = Display.from_residuals(pd.Series(E, index))
    display.figure_.draw_without_rendering()
    np.testing.assert_array_equal(display.lines_[0].get_ydata(), E)
    is_dates = index.dtype.kind != "i"
    look = display.ax_.xaxis.get_major_formatter()
    assert isinstance(look, dates.ConciseDateFormatter) == is_dates


def test_series_are_drawn_apart_in_their_own_time() -> None:
    days = pd.date_range("2024-03-01", periods=40)
    index = pd.MultiIndex.from_product([["a", "b"], days], names=["shop", "day"])
    residuals = pd.Series(E, index).sort_index(level=1)  # rows of both in turn
    display = Display.from_residuals(residuals)
    drawn = display.lines_[0].get_ydata()
    np.testing.assert_array_equal(drawn, [*E[:40], np.nan, *E[40:]])
    times = display.lines_[0].get_xdata()
    np.testing.assert_array_equal(times[-40:], days)
    grouped = Display.from_residuals(E, groups=np.repeat([0, 1], 40), n_lags=3)
    assert np.isnan(grouped.lines_[0].get_ydata()[40])


def test_what_is_unknown_leaves_a_gap_and_does_not_count() -> None:
    gap = E.copy()
    gap[5] = np.nan
    display = Display.from_residuals(gap, discard=2)
    np.testing.assert_array_equal(display.lines_[0].get_ydata()[2:], gap[2:])
    assert len(display.quantiles_[0].get_ydata()) == 77


def test_constant_residuals_are_drawn_without_what_they_lack() -> None:
    display = Display.from_residuals(np.full(30, 2.0))
    display.figure_.draw_without_rendering()
    assert display.densities_ == [None]
    assert correlations(display) == {}
    assert display.axes_[0, 2].get_title() == "constant: no autocorrelation"
    assert set(display.quantiles_[0].get_ydata()) == {2.0}


def test_each_output_has_four_panels() -> None:
    table = pd.DataFrame({"flow": E, "level": E[::-1]})
    display = Display.from_residuals(table)
    assert display.axes_.shape == (2, 4)
    words = [axes.get_ylabel() for axes in display.axes_[:, 0]]
    assert words == ["residual of flow", "residual of level"]


def test_an_estimator_is_judged_by_its_steps_or_its_predictions() -> None:
    X, y = E[:, np.newaxis], np.roll(E, 1)
    linear = LinearRegression().fit(X, y)
    drawn = Display.from_estimator(linear, X, y).lines_[0].get_ydata()
    np.testing.assert_allclose(drawn, y - linear.predict(X))
    narx = NARXRegressor(2, solver="lm", max_iter=3, tol=1e9, random_state=0).fit(X, y)
    drawn = Display.from_estimator(narx, X, y).lines_[0].get_ydata()
    np.testing.assert_allclose(drawn, y - narx.predict_open_loop(X, y))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y_true": E[:1], "y_pred": E[:1]}, "y_true=.*at least two residuals"),
        ({"y_true": E * np.nan}, "y_true"),
        ({"y_pred": E[1:]}, "y_pred has 79 rows"),
        ({"y_pred": np.column_stack([E, E])}, "y_pred=.*as many outputs"),
        ({"n_lags": 80}, "n_lags=80.*less than 80"),
        ({"alpha": 1}, r"alpha=1.*\(0, 1\)"),
        ({"discard": 80}, "discard=80.*longest series"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Display.from_predictions(**{"y_true": E, "y_pred": 0 * E, **change})
