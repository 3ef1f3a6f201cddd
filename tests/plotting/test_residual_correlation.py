"""The display of residuals' correlations: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy import stats
from sklearn.linear_model import LinearRegression

from seqest import NARXRegressor
from seqest.metrics import autocorrelation, cross_correlation
from seqest.plotting import ResidualCorrelationDisplay as Display

RNG = np.random.default_rng(0)
X, TRUE = RNG.standard_normal((100, 1)), RNG.standard_normal(100)
PRED = TRUE + RNG.standard_normal(100)


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def drawn(display: Display, panel: int) -> dict[float, float]:
    """Return the correlation that markers show at each lag."""
    points: dict[float, float] = {}
    for artist in (display.inside_[panel], display.outside_[panel]):
        points.update(zip(*artist.get_data(), strict=True))
    return points


def test_the_panels_show_both_correlations() -> None:
    display = Display.from_predictions(TRUE, PRED, X, n_lags=7)
    own, with_input = drawn(display, 0), drawn(display, 1)
    expected = autocorrelation(TRUE - PRED, 7)[1:]
    np.testing.assert_allclose([own[k] for k in range(1, 8)], expected)
    expected = cross_correlation(X[:, 0], TRUE - PRED, 7)
    np.testing.assert_allclose([with_input[k] for k in range(-7, 8)], expected)


def test_a_marker_is_outside_where_its_correlation_is() -> None:
    misses = np.concatenate([np.zeros(2), X[:-2, 0]]) + 0.1 * TRUE
    display = Display.from_predictions(misses, np.zeros(100), X, n_lags=7)
    assert 2 in display.outside_[1].get_xdata()
    bound = stats.norm.ppf(0.975) / 10
    assert np.abs(display.outside_[1].get_ydata()).min() > 0.9 * bound
    assert np.abs(display.inside_[1].get_ydata()).max() < bound
    # Told apart without colour: by shape and by filling.
    inside, outside = display.inside_[1], display.outside_[1]
    assert inside.get_marker() != outside.get_marker()
    assert inside.get_markerfacecolor() == "white"


def test_residuals_are_one_step_errors_where_the_estimator_has_them() -> None:
    y = np.zeros(100)
    for t in range(1, 100):
        y[t] = 0.8 * y[t - 1] + X[t - 1, 0] + 0.1 * TRUE[t]
    model = NARXRegressor(2, solver="lm", max_iter=5, tol=1e9, random_state=0).fit(X, y)
    display = Display.from_estimator(model, X, y, n_lags=5)
    expected = autocorrelation(y - model.predict_open_loop(X, y), 5)[1:]
    np.testing.assert_allclose([drawn(display, 0)[k] for k in range(1, 6)], expected)


def test_any_regressor_will_do() -> None:
    model = LinearRegression().fit(X, TRUE)
    display = Display.from_estimator(model, X, TRUE, n_lags=5)
    expected = autocorrelation(TRUE - model.predict(X), 5)[1:]
    np.testing.assert_allclose([drawn(display, 0)[k] for k in range(1, 6)], expected)


def test_the_first_rows_of_each_series_are_discarded() -> None:
    groups = np.repeat([0, 1], 50)
    spoilt = PRED.copy()
    spoilt[[0, 1, 50, 51]] = 1e3
    residuals = np.where(np.isin(np.arange(100), [0, 1, 50, 51]), np.nan, TRUE - PRED)
    display = Display.from_predictions(TRUE, spoilt, n_lags=5, discard=2, groups=groups)
    expected = autocorrelation(residuals, 5, groups=groups)[1:]
    np.testing.assert_allclose([drawn(display, 0)[k] for k in range(1, 6)], expected)


def test_each_output_has_a_row_and_each_input_a_column() -> None:
    outputs = pd.DataFrame(RNG.standard_normal((100, 2)), columns=["level", "heat"])
    inputs = pd.DataFrame(RNG.standard_normal((100, 2)), columns=["valve", "fan"])
    display = Display.from_predictions(outputs, np.zeros((100, 2)), inputs)
    titles = [[axes.get_title() for axes in row] for row in display.axes_]
    assert titles[1] == [
        "residuals of heat",
        "valve with residuals of heat",
        "fan with residuals of heat",
    ]
    assert len(display.stems_) == len(display.bands_) == 6
    assert display.figure_ is display.axes_[0, 0].figure


def test_without_inputs_there_is_one_panel() -> None:
    assert Display.from_predictions(TRUE, PRED).axes_.shape == (1, 1)


def test_it_draws_into_axes_that_are_given_and_again_elsewhere() -> None:
    figure, axes = plt.subplots(2)
    display = Display.from_predictions(TRUE, PRED, X, ax=axes)
    assert display.figure_ is figure
    assert list(display.axes_[0]) == list(axes)
    assert display.plot() is display
    assert display.figure_ is not figure
    single = Display.from_predictions(TRUE, PRED, ax=plt.figure().gca())
    assert single.axes_.shape == (1, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y_pred": PRED[1:]}, "y_pred has 99 rows but X has 100"),
        ({"y_pred": np.column_stack([PRED, PRED])}, "y_pred=.*as many outputs"),
        ({"y_pred": TRUE}, "y_true - y_pred=.*varying"),
        ({"X": np.ones((100, 1))}, "X=.*varying"),
        ({"n_lags": 100}, "n_lags=100.*less than 100"),
        ({"alpha": 0}, r"alpha=0.*\(0, 1\)"),
        ({"discard": -1}, "discard=-1.*at least 0"),
        ({"discard": 100}, "discard=100.*longest series"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Display.from_predictions(**{"y_true": TRUE, "y_pred": PRED, "X": X, **change})


def test_another_number_of_axes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ax=.*2 Axes, one for each panel"):
        Display.from_predictions(TRUE, PRED, X, ax=plt.figure().gca())
