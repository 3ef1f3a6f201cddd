"""The display of searches: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy.stats import loguniform
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, TimeSeriesSplit

from seqest import ESNRegressor
from seqest.plotting import SearchSurfaceDisplay as Display

GRID = list(product([0.01, 1.0, 100.0], ["tanh", "identity"], [5, 6]))
RESULTS = {
    "param_alpha": [row[0] for row in GRID],
    "param_activation": [row[1] for row in GRID],
    "param_n_units": [row[2] for row in GRID],
    "mean_test_score": np.arange(12.0),
    "std_test_score": np.linspace(0.1, 0.2, 12),
}


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def data() -> tuple[Any, Any]:
    X = np.random.default_rng(0).standard_normal((60, 1))
    return X, np.roll(X[:, 0], 1)


def test_cells_have_the_best_over_what_is_not_drawn() -> None:
    display = Display.from_results(RESULTS, ["alpha", "activation"])
    scores = display.surface_.get_array()
    # Rows are of activation, columns of alpha; n_units = 6 is better each time.
    np.testing.assert_array_equal(scores, [[1, 5, 9], [3, 7, 11]])
    words = [text.get_text() for text in display.ax_.texts]
    assert words == ["1", "5", "9", "3", "7", "11"]
    assert display.colorbar_.ax.get_ylabel() == "score"


def test_axes_are_logarithmic_or_of_names() -> None:
    display = Display.from_results(RESULTS, ["param_alpha", "activation"])
    assert display.ax_.get_xscale() == "log"
    ticks = [tick.get_text() for tick in display.ax_.get_xticklabels()]
    assert ticks == ["0.01", "1", "100"]
    ticks = [tick.get_text() for tick in display.ax_.get_yticklabels()]
    assert ticks == ["tanh", "identity"]
    assert display.ax_.get_xlabel() == "alpha"
    edges = display.surface_.get_coordinates()[0, :, 0]
    np.testing.assert_allclose(edges, [0.001, 0.1, 10, 1000])


@pytest.mark.parametrize(
    ("values", "scale"),
    [([1, 2, 4], "log"), ([1, 2, 3], "linear"), ([0, 50], "linear"), ([2, 50], "log")],
)
def test_the_scale_suits_the_values(values: list[float], scale: str) -> None:
    results = {"param_p": values, "mean_test_score": values}
    assert Display.from_results(results).ax_.get_xscale() == scale


def test_the_best_cell_is_framed() -> None:
    display = Display.from_results(RESULTS, ["alpha", "activation"])
    x, y = display.best_mark_.get_data()
    assert (min(x), max(x)) == pytest.approx((10, 1000))
    assert (min(y), max(y)) == (0.5, 1.5)


@pytest.mark.parametrize("scoring", ["neg_mean_absolute_error", "r2"])
def test_a_search_is_asked_for_what_it_tried(
    scoring: str, data: tuple[Any, Any]
) -> None:
    grid = {"alpha": [1e-3, 10.0], "spectral_radius": [0.5, 0.9]}
    model = ESNRegressor(10, random_state=0)
    cv = TimeSeriesSplit(2)
    search = GridSearchCV(model, grid, cv=cv, scoring=scoring).fit(*data)
    display = Display.from_estimator(search)
    errors = scoring.startswith("neg_")
    found = search.cv_results_["mean_test_score"].reshape(2, 2).T
    np.testing.assert_allclose(
        display.surface_.get_array(), -found if errors else found
    )
    label = display.colorbar_.ax.get_ylabel()
    assert label == ("mean absolute error" if errors else "r2")
    # Bright is good: so the scale is turned for errors.
    assert display.surface_.get_cmap().name == ("cividis_r" if errors else "cividis")
    x, _ = display.best_mark_.get_data()
    assert min(x) < search.best_params_["alpha"] < max(x)


def test_random_trials_are_points(data: tuple[Any, Any]) -> None:
    space = {"alpha": loguniform(1e-4, 1e2), "spectral_radius": [0.5, 0.7, 0.9]}
    options = {"n_iter": 5, "cv": TimeSeriesSplit(2), "random_state": 0}
    search = RandomizedSearchCV(ESNRegressor(10, random_state=0), space, **options)
    display = Display.from_estimator(search.fit(*data), ["alpha", "spectral_radius"])
    found = search.cv_results_
    points = display.surface_.get_offsets().data
    np.testing.assert_allclose(points[:, 0], found["param_alpha"].astype(float))
    np.testing.assert_allclose(display.surface_.get_array(), found["mean_test_score"])
    assert display.best_mark_.get_xdata()[0] == search.best_params_["alpha"]


def test_one_parameter_is_a_curve_with_the_spread_of_the_best() -> None:
    display = Display.from_results(RESULTS, "alpha")
    places, scores = display.line_.get_data()
    np.testing.assert_array_equal(places, [0.01, 1, 100])
    np.testing.assert_array_equal(scores, [3, 7, 11])
    lower = display.band_.get_paths()[0].vertices[1:4, 1]
    np.testing.assert_allclose(lower, scores - RESULTS["std_test_score"][[3, 7, 11]])
    assert display.best_mark_.get_data() == ([100], [11])
    assert display.surface_ is None


def test_names_have_points_with_bars() -> None:
    display = Display.from_results(RESULTS, "activation")
    assert display.line_.get_linestyle() == "None"
    (bars,) = display.band_.lines[2]
    low, high = bars.get_segments()[0][:, 1]
    assert high - low == pytest.approx(2 * RESULTS["std_test_score"][9])


def test_values_of_every_kind_have_names() -> None:
    values = [None, True, (8, 8), "a name that is longer than there is room"]
    results = {"param_p": values, "mean_test_score": [1, 2, 3, 4]}
    display = Display.from_results(results)
    display.figure_.draw_without_rendering()
    words = [tick.get_text() for tick in display.ax_.get_xticklabels()]
    assert words == ["None", "True", "(8, 8)", "a name that is longer…"]


def test_long_names_that_begin_alike_are_not_taken_for_one() -> None:
    values = [f"a name that is longer than there is room, {k}" for k in range(3)]
    results = {"param_p": values, "mean_test_score": [1, 2, 3]}
    display = Display.from_results(results)
    words = [tick.get_text() for tick in display.ax_.get_xticklabels()]
    assert words == values
    np.testing.assert_array_equal(display.line_.get_ydata(), [1, 2, 3])


def test_grids_of_different_parameters_and_failed_fits_are_drawn() -> None:
    results = {
        "param_p": np.ma.MaskedArray(
            [1.0, 2.0, 0.0], [False, False, True], dtype=object
        ),
        "mean_test_score": [np.nan, 2.0, 1.0],
    }
    display = Display.from_results(results)
    words = [tick.get_text() for tick in display.ax_.get_xticklabels()]
    assert words == ["2.0", "not set"]


def test_a_table_will_do_and_one_of_several_metrics_be_chosen() -> None:
    table = pd.DataFrame(RESULTS).rename(columns={"mean_test_score": "mean_test_r2"})
    display = Display.from_results(table, "alpha", metric="r2")
    assert display.ax_.get_ylabel() == "r2"
    assert display.band_ is None  # without std_test_r2


def test_many_cells_have_no_room_for_their_scores() -> None:
    rows = list(product(range(10), range(10)))
    results = dict(zip(["param_a", "param_b"], zip(*rows, strict=True), strict=True))
    display = Display.from_results({**results, "mean_test_score": np.arange(100.0)})
    assert len(display.ax_.texts) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cv_results": [1]}, r"cv_results=\[1\].*a dict of arrays"),
        ({"params": None}, "params=None.*one or two of 'alpha', 'activation', 'n_u"),
        ({"params": "beta"}, "params='beta'.*one or two of 'alpha'"),
        ({"params": ["alpha", "alpha"]}, "params=.*one or two of"),
        ({"params": []}, r"params=\[\].*one or two of"),
        ({"metric": "r2"}, "metric='r2'.*one of 'score'"),
        (
            {"cv_results": {**RESULTS, "mean_test_score": np.full(12, np.nan)}},
            "cv_results=.*at least one trial with a finite score",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    given = {"cv_results": RESULTS, "params": "alpha", **change}
    with pytest.raises((TypeError, ValueError), match=words):
        Display.from_results(**given)


def test_a_search_must_be_fitted() -> None:
    with pytest.raises(NotFittedError):
        Display.from_estimator(GridSearchCV(ESNRegressor(), {"alpha": [1]}))
