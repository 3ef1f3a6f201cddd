"""The display of loss curves: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqest import ElmanRegressor, ESNRegressor
from seqest.forecasting import Forecaster
from seqest.plotting import LossCurveDisplay as Display

X = np.random.default_rng(0).standard_normal((60, 1))
y = np.roll(X[:, 0], 1)
SHORT = {"max_iter": 6, "n_iter_no_change": 6, "random_state": 0}


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def test_a_network_is_drawn_epoch_by_epoch_and_its_least_loss_marked() -> None:
    model = ElmanRegressor(4, **SHORT).fit(X, y)
    display = Display.from_estimator(model)
    epochs, losses = display.lines_[""].get_data()
    np.testing.assert_array_equal(epochs, [1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(losses, model.loss_curve_)
    (best,) = display.best_marks_[""].get_ydata()
    assert best == model.best_loss_
    assert display.axes_.shape == (1,)


def test_validation_scores_have_a_panel_and_decide_which_epoch_is_best() -> None:
    watched = ElmanRegressor(4, early_stopping=True, **SHORT).fit(X, y)
    models = {"watched": watched, "unwatched": ElmanRegressor(4, **SHORT).fit(X, y)}
    display = Display.from_estimator(models)
    scores = display.score_lines_["watched"].get_ydata()
    np.testing.assert_array_equal(scores, watched.validation_scores_)
    assert list(display.score_lines_) == ["watched"]
    best = display.best_marks_["watched"]
    assert best.axes is display.axes_[1]
    assert list(best.get_ydata()) == [watched.best_validation_score_]
    assert display.best_marks_["unwatched"].axes is display.axes_[0]
    # One look of a network in both panels.
    lines = display.lines_["watched"], display.score_lines_["watched"]
    assert lines[0].get_color() == lines[1].get_color()


def test_networks_inside_others_are_found() -> None:
    network = ElmanRegressor(4, **SHORT)
    days = pd.date_range("2024-03-01", periods=60, freq="D")
    y_dated = pd.Series(y, days)
    models = {
        "pipeline": make_pipeline(StandardScaler(), network).fit(X, y),
        "forecaster": Forecaster(network, lags=1, random_state=0).fit(y=y_dated),
    }
    display = Display.from_estimator(models)
    expected = models["pipeline"][-1].loss_curve_
    np.testing.assert_array_equal(display.lines_["pipeline"].get_ydata(), expected)
    expected = models["forecaster"].regressor_.loss_curve_
    np.testing.assert_array_equal(display.lines_["forecaster"].get_ydata(), expected)


def test_networks_of_scikit_learn_are_drawn_too() -> None:
    model = MLPRegressor(
        hidden_layer_sizes=4, max_iter=5, tol=1e9, n_iter_no_change=2
    ).fit(X, y)
    display = Display.from_estimator(model)
    np.testing.assert_array_equal(display.lines_[""].get_ydata(), model.loss_curve_)


@pytest.mark.parametrize(
    ("losses", "scale"),
    [([3.0, 1.0], "linear"), ([30.0, 1.0], "log"), ([30.0, 0.0], "linear")],
)
def test_the_scale_suits_the_losses(losses: list[float], scale: str) -> None:
    assert Display.from_losses(losses).ax_.get_yscale() == scale


def test_the_scale_may_be_asked_for() -> None:
    assert Display.from_losses([3.0, 1.0], scale="log").ax_.get_yscale() == "log"


def test_epochs_that_diverged_are_left_out() -> None:
    display = Display.from_losses([3.0, 1.0, np.inf, np.nan])
    np.testing.assert_array_equal(
        display.lines_[""].get_ydata(), [3.0, 1.0, np.nan, np.nan]
    )
    assert list(display.best_marks_[""].get_xdata()) == [2]


def test_one_epoch_is_seen() -> None:
    display = Display.from_losses({"a": [3.0]})
    assert display.lines_["a"].get_marker() == "o"
    display.figure_.draw_without_rendering()


def test_names_are_in_the_legend_in_the_order_given() -> None:
    display = Display.from_losses({"b": [2.0, 1.0], "a": [2.0, 1.5]})
    (legend,) = display.figure_.legends
    words = [text.get_text() for text in legend.get_texts()]
    assert words == ["b", "a", "best epoch"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"losses": {}}, r"losses=\{\}.*at least one by name"),
        ({"losses": [np.nan]}, "losses=.*number that is finite"),
        ({"losses": [[1.0]]}, "losses=.*one-dimensional"),
        ({"losses": "fast"}, "losses='fast'.*real numbers"),
        ({"validation_scores": [0.5]}, "validation_scores=.*networks and epochs"),
        ({"validation_scores": {"x": [0.5]}}, "validation_scores=.*networks and"),
        ({"scale": "cubic"}, "scale='cubic'.*'auto', 'linear', 'log'"),
        ({"losses": [1.0, 0.0], "scale": "log"}, "scale='log'.*not positive"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Display.from_losses(**{"losses": [2.0, 1.0], **change})


def test_before_fit_and_without_epochs_there_is_nothing_to_draw() -> None:
    with pytest.raises(NotFittedError):
        Display.from_estimator(ElmanRegressor())
    with pytest.raises(TypeError, match=r"trained epoch by epoch, with loss_curve_"):
        Display.from_estimator(ESNRegressor(10).fit(X, y))
