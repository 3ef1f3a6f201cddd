"""The time-delay network: a perceptron on lags, a convolution, and what it forgets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqest import TDNNRegressor

Array = NDArray[Any]
stopped_early = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"
)


@pytest.fixture
def data() -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    y = np.tanh(X[:, 0] + np.roll(X[:, 1], 2)) + 0.1 * np.roll(X[:, 0], 1)
    return X, y


def small(**options: Any) -> TDNNRegressor:
    quick = {"max_iter": 20, "n_iter_no_change": 20, "random_state": 0}
    return TDNNRegressor(**{"hidden_layer_sizes": (5,), **quick, **options})


def lagged(X: Array, lags: list[tuple[int, int]]) -> Array:
    """Return columns x_c(t - lag), the first row repeated before the series."""
    rows = np.arange(len(X))
    return np.column_stack([X[np.maximum(rows - lag, 0), c] for lag, c in lags])


@pytest.mark.parametrize(
    ("delays", "taps"),
    [
        (2, [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]),
        ([4, 1], [(1, 0), (1, 1), (4, 0), (4, 1)]),
        ({0: [3], 1: 1}, [(0, 1), (1, 1), (3, 0)]),
    ],
)
def test_it_is_a_perceptron_over_lagged_columns(
    data: tuple[Array, Array], delays: Any, taps: list[tuple[int, int]]
) -> None:
    X, y = data
    model = small(delays=delays, standardize=False).fit(X, y)
    weights = model.weights_
    W = weights["hidden_0.W_in"]
    h = np.tanh(lagged(X, taps) @ W[1:] + W[0])
    expected = h @ weights["output.W_0"] + weights["output.W_in"][0]
    # Sums in another order.
    np.testing.assert_allclose(model.predict(X), expected[:, 0], rtol=1e-12)


def test_its_first_layer_is_a_causal_convolution(data: tuple[Array, Array]) -> None:
    X, y = data
    model = small(delays=3, activation="identity", standardize=False).fit(X, y)
    weights = model.weights_
    kernels = weights["hidden_0.W_in"][1:].reshape(4, 2, 5)  # lag, column, unit
    h = weights["hidden_0.W_in"][0] + sum(
        lfilter(kernels[:, column, unit], 1, X[:, column])[:, np.newaxis]
        * np.eye(5)[unit]
        for column in range(2)
        for unit in range(5)
    )
    expected = h @ weights["output.W_0"] + weights["output.W_in"][0]
    # A filter starts from zeros, and the delay line from the first row.
    np.testing.assert_allclose(model.predict(X)[3:], expected[3:, 0], rtol=1e-12)


def test_hidden_delays_make_every_layer_a_convolution(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = small(
        delays=1, hidden_delays=[0, 2], hidden_layer_sizes=(4, 3), standardize=False
    ).fit(X, y)
    weights, below = model.weights_, lagged(X, [(0, 0), (0, 1), (1, 0), (1, 1)])
    W = weights["hidden_0.W_in"]
    below = np.tanh(below @ W[1:] + W[0])
    for above, own in (("hidden_1", "W_0"), ("output", "W_1")):
        earlier = np.vstack([np.zeros((2, below.shape[1])), below[:-2]])
        both = np.hstack([below, earlier])
        net = both @ weights[f"{above}.{own}"] + weights[f"{above}.W_in"][0]
        below = net if above == "output" else np.tanh(net)
    np.testing.assert_allclose(model.predict(X), below[:, 0], rtol=1e-11)


@stopped_early
def test_without_delays_it_is_scikit_learns_perceptron(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    theirs = MLPRegressor(hidden_layer_sizes=(5, 4), activation="tanh", max_iter=5).fit(
        X, y
    )
    ours = small(hidden_layer_sizes=(5, 4), delays=0, standardize=False).fit(X, y)
    names = [("hidden_0.W_in",), ("hidden_1.W_in", "hidden_1.W_0")]
    names.append(("output.W_in", "output.W_1"))
    pairs = zip(names, theirs.coefs_, theirs.intercepts_, strict=True)
    for parts, coefficients, intercept in pairs:
        joined = np.vstack([intercept, coefficients])
        split = [1] if len(parts) == 2 else []
        for part, rows in zip(parts, np.split(joined, split), strict=True):
            ours.weights_[part][:] = rows
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-12)


@stopped_early
@pytest.mark.parametrize("solver", ["lbfgs", "lm"])
def test_how_rows_are_cut_into_windows_is_no_matter(
    data: tuple[Array, Array], solver: str
) -> None:
    X, y = data
    options = {"delays": [0, 3], "solver": solver, "max_iter": 5, "tol": 1e-12}
    whole, cut = (small(window=n, **options).fit(X, y) for n in (None, 7))
    # The same sums in another order, five steps long.
    np.testing.assert_allclose(whole.theta_, cut.theta_, rtol=1e-6, atol=1e-8)


def test_rows_whose_delays_reach_before_the_series_are_not_learned(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    other = y.copy()
    other[:3] = [5.0, -7.0, 11.0]
    options = {"delays": [0, 3], "standardize": False}
    ours, theirs = (small(**options).fit(X, targets) for targets in (y, other))
    np.testing.assert_array_equal(ours.theta_, theirs.theta_)


@pytest.mark.parametrize("hidden_delays", [0, 2])
def test_what_comes_later_changes_no_earlier_prediction(
    data: tuple[Array, Array], hidden_delays: int
) -> None:
    X, y = data
    model = small(delays=4, hidden_delays=hidden_delays).fit(X, y)
    later = X.copy()
    later[60:] = 9.0
    ours, theirs = (model.predict(rows, initial_state="zero") for rows in (X, later))
    np.testing.assert_array_equal(ours[:60], theirs[:60])
    assert (ours[60:] != theirs[60:]).all()


def test_it_remembers_as_long_as_its_delays_and_no_longer(
    data: tuple[Array, Array],
) -> None:
    X, y = data
    model = small(delays=[0, 4], hidden_delays=1).fit(X, y)
    struck = X.copy()
    struck[50] += 1.0
    moved = np.flatnonzero(
        model.predict(X, initial_state="zero")
        != model.predict(struck, initial_state="zero")
    )
    assert moved.tolist() == [50, 51, 54, 55]


def test_two_halves_are_one_whole(data: tuple[Array, Array]) -> None:
    X, y = data
    model = small(delays=5).fit(X, y)
    whole = model.predict(X, initial_state="zero")
    first, state = model.predict(X[:47], initial_state="zero", return_state=True)
    second = model.predict(X[47:], initial_state=state)
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)


@stopped_early
def test_delays_are_searched_in_a_pipeline(data: tuple[Array, Array]) -> None:
    X, y = data
    pipeline = make_pipeline(StandardScaler(), small(solver="lbfgs", max_iter=60))
    grid = {
        "tdnnregressor__delays": [0, 2, [0, 1, 2]],
        "tdnnregressor__hidden_layer_sizes": [(3,), (6,)],
    }
    search = GridSearchCV(pipeline, grid, cv=TimeSeriesSplit(3)).fit(X, y)
    assert search.best_params_["tdnnregressor__delays"] != 0
    # Other words for the same.
    scores = search.cv_results_["mean_test_score"].reshape(3, 2)
    np.testing.assert_array_equal(scores[1], scores[2])


def test_cross_validation_is_a_loop_over_its_folds(data: tuple[Array, Array]) -> None:
    X, y = data
    model, folds = small(delays=4), TimeSeriesSplit(3)
    expected = []
    for train, test in folds.split(X):
        fitted = clone(model).fit(X[train], y[train])
        # The delay line of each fold holds the last training rows.
        both = fitted.predict(X[: test[-1] + 1], initial_state="zero")
        expected.append(-np.mean((y[test] - both[test]) ** 2))
    scores = cross_val_score(model, X, y, cv=folds, scoring="neg_mean_squared_error")
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delays": -1}, r"TDNNRegressor\(delays=-1\)"),
        ({"delays": []}, r"TDNNRegressor\(delays=\[\]\)"),
        ({"delays": [1, 1]}, "1 is repeated"),
        ({"delays": {0: 1}}, "Column 1 has none"),
        ({"hidden_delays": [0, 0]}, r"hidden_delays=\[0, 0\]"),
        ({"delays": 120}, r"TDNNRegressor\(delays=120\)"),
        ({"hidden_delays": 120}, r"TDNNRegressor\(hidden_delays=120\)"),
        ({"delays": 10**30}, "at most 1000000"),
    ],
)
def test_delays_that_cannot_be_are_refused(
    data: tuple[Array, Array], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        small(**options).fit(*data)


def test_the_series_that_is_too_short_is_named(data: tuple[Array, Array]) -> None:
    X, y = data
    groups = np.repeat(["long", "short"], [116, 4])
    with pytest.raises(ValueError, match="series 'short' has n_samples=4"):
        small(delays=4).fit(X, y, groups=groups)
