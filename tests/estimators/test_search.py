"""Searches and cross-validation of scikit-learn, on arrays and frames, as they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqest import ESNRegressor
from tests.reference import echo_state as plain

GRID = {
    "esnregressor__spectral_radius": [0.4, 0.95],
    "esnregressor__leak_rate": [0.5, 1.0],
}
# Sums in another order, through the ridge equations whose condition is about 1e6.
SOLVED = {"rtol": 1e-6}


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = 20 + 5 * np.cumsum(rng.standard_normal((240, 2)), axis=0) / 10
    return X, np.roll(X[:, 0], 2) - 0.1 * X[:, 1] ** 2


@pytest.fixture
def frame(data):
    index = pd.date_range("2024-03-25", periods=240, freq="h", tz="Europe/Berlin")
    return pd.DataFrame(data[0], index, ["inflow", "rain"])


def esn(**options):
    return ESNRegressor(15, random_state=0, alpha=1e-3, **options)


def pipeline():
    return make_pipeline(StandardScaler(), esn()).set_output(transform="pandas")


def learnt_by_hand(model, X, y):
    """Return the states along X and the readout that ridge regression gives."""
    H = plain.states(model.reservoir_, X)
    washout = len(X) // 10
    F = plain.features(H, X)[washout:]
    return H, plain.ridge(F, y[washout:, None], model.alpha)


def scores_by_hand(X, y, cv, options, carried):
    """Return the scores of a loop that carries the state over itself.

    `carried(H, train, test)` is the state before the test rows.
    """
    scores = []
    for train, test in cv.split(X):
        mean, scale = X[train].mean(axis=0), X[train].std(axis=0)
        Z = (X - mean) / scale
        model = esn(**options).fit(Z[train], y[train])  # for its weights alone
        H, (coef, intercept) = learnt_by_hand(model, Z[train], y[train])
        start = carried(H, train, test)
        after = plain.states(model.reservoir_, Z[test], start=start)
        predicted = plain.features(after, Z[test]) @ coef[0] + intercept
        error = np.sum((y[test] - predicted) ** 2)
        scores.append(1 - error / np.sum((y[test] - y[test].mean()) ** 2))
    return scores


def from_the_end(H, train, test):
    return H[-1]


@pytest.mark.parametrize("kind", ["array", "frame"])
def test_a_parallel_search_scores_as_a_loop_that_carries_the_state_over(
    data, frame, kind
):
    X, y = data
    cv = TimeSeriesSplit(5)
    if kind == "array":
        search = GridSearchCV(
            make_pipeline(StandardScaler(), esn()), GRID, cv=cv, n_jobs=2
        )
        search.fit(X, y)
    else:
        search = GridSearchCV(pipeline(), GRID, cv=cv, n_jobs=2)
        search.fit(frame, pd.Series(y, frame.index))
    for k, given in enumerate(search.cv_results_["params"]):
        options = {name.removeprefix("esnregressor__"): v for name, v in given.items()}
        expected = scores_by_hand(X, y, cv, options, from_the_end)
        ours = [search.cv_results_[f"split{i}_test_score"][k] for i in range(5)]
        np.testing.assert_allclose(ours, expected, **SOLVED)
    again = search.best_estimator_.predict(X if kind == "array" else frame)
    assert np.isfinite(again).all()


def test_a_cold_start_in_each_fold_would_have_scored_otherwise(data, frame):
    _, y = data
    cv = TimeSeriesSplit(5)
    warm = cross_val_score(pipeline(), frame, y, cv=cv)
    cold = pipeline().set_params(esnregressor__initial_state="zero")
    assert abs(cross_val_score(cold, frame, y, cv=cv) - warm).max() > 1e-3
    # With a gap before each fold a time index says so, and both start from rest.
    gap = TimeSeriesSplit(5, gap=2)
    np.testing.assert_array_equal(
        cross_val_score(cold, frame, y, cv=gap),
        cross_val_score(pipeline(), frame, y, cv=gap),
    )


def test_folds_of_KFold_go_on_from_the_stretch_before_them(data, frame):
    X, y = data
    cv = KFold(4)
    ours = []
    for train, test in cv.split(X):
        model = pipeline().fit(frame.iloc[train], y[train])
        scaler, network = model[0], model[-1]
        scaled = scaler.transform(frame).to_numpy()
        Z, before = scaled[test], scaled[: test[0]]
        H = plain.states(network.reservoir_, before)
        start = H[-1] if len(H) else None
        F = plain.features(plain.states(network.reservoir_, Z, start=start), Z)
        expected = F @ network.coef_ + network.intercept_
        np.testing.assert_allclose(model.predict(frame.iloc[test]), expected, **SOLVED)
        ours.append(expected)
    predicted = cross_val_predict(pipeline(), frame, y, cv=cv)
    np.testing.assert_allclose(predicted, np.concatenate(ours), **SOLVED)
    scores = cross_val_score(pipeline(), frame, y, cv=cv)
    expected = [r2_score(y[test], predicted[test]) for _, test in cv.split(X)]
    np.testing.assert_allclose(scores, expected, **SOLVED)


def several(frame):
    """Return four series in one frame, named in its MultiIndex."""
    index = pd.MultiIndex.from_product([list("abcd"), frame.index[:60]])
    return frame.set_axis(index)


def scores_of_unseen_series(X, y, groups):
    """Return scores of GroupKFold by hand: unseen series start from rest."""
    scores = []
    for train, test in GroupKFold(4).split(X, y, groups):
        model = esn().fit(X[train], y[train], groups=groups[train])
        predicted = np.empty(len(test))
        for name in np.unique(groups[test]):
            rows = groups[test] == name
            Z = X[test][rows]
            F = plain.features(plain.states(model.reservoir_, Z), Z)
            predicted[rows] = F @ model.coef_ + model.intercept_
        scores.append(r2_score(y[test], predicted))
    return scores


@pytest.fixture
def standard(data):
    X, y = data
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def test_a_MultiIndex_carries_the_ids_through_a_search_without_routing(standard, frame):
    X, y = standard
    given = several(frame.assign(inflow=X[:, 0], rain=X[:, 1]))
    groups = given.index.get_level_values(0).to_numpy()
    search = GridSearchCV(esn(), {"leak_rate": [1.0]}, cv=GroupKFold(4))
    search.fit(given, pd.Series(y, given.index), groups=groups)
    ours = [search.cv_results_[f"split{i}_test_score"][0] for i in range(4)]
    np.testing.assert_allclose(ours, scores_of_unseen_series(X, y, groups), **SOLVED)
    # And through the steps of a pipeline that keep the index.
    scores = cross_val_score(pipeline(), given, y, cv=GroupKFold(4), groups=groups)
    assert np.isfinite(scores).all()
    mixed = given.sort_index(level=1, kind="stable")
    names = mixed.index.get_level_values(0).to_numpy()
    again = cross_val_score(
        pipeline(),
        mixed,
        pd.Series(y, given.index)[mixed.index],
        cv=GroupKFold(4),
        groups=names,
    )
    np.testing.assert_allclose(np.sort(again), np.sort(scores), **SOLVED)


def test_with_routing_groups_reach_the_estimator_without_a_request(standard):
    X, y = standard
    groups = np.tile(list("abcd"), 60)
    expected = scores_of_unseen_series(X, y, groups)
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(esn(), {"leak_rate": [1.0]}, cv=GroupKFold(4))
        search.fit(X, y, groups=groups)
        inside = GridSearchCV(
            make_pipeline(StandardScaler(), esn()),
            {"esnregressor__leak_rate": [1.0]},
            cv=GroupKFold(4),
        ).fit(X, y, groups=groups)
        predicted = inside.best_estimator_.predict(X, groups=groups)
    ours = [search.cv_results_[f"split{i}_test_score"][0] for i in range(4)]
    np.testing.assert_allclose(ours, expected, **SOLVED)
    final = inside.best_estimator_
    state = final[-1].predict(final[0].transform(X), groups, return_state=True)[1]
    assert state.ids == tuple("abcd")
    np.testing.assert_array_equal(
        predicted, final[-1].predict(final[0].transform(X), groups)
    )


def test_without_routing_a_search_on_named_rows_says_what_it_cannot_know(standard):
    X, y = standard
    groups = np.tile(list("abcd"), 60)
    model = GridSearchCV(esn(), {"leak_rate": [1.0]}, cv=TimeSeriesSplit(3)).fit(X, y)
    best = model.best_estimator_.fit(X, y, groups=groups)
    with pytest.raises(ValueError, match="fitted on 4 series but X names none"):
        best.score(X, y)


def test_shuffled_folds_of_a_frame_are_refused_where_they_are_not_sorted(data, frame):
    _, y = data
    order = np.random.default_rng(0).permutation(240)
    with pytest.raises(ValueError, match="shuffled or repeated"):
        cross_val_score(
            pipeline(), frame.iloc[order], y[order], cv=3, error_score="raise"
        )


def test_targets_may_be_scaled_around_the_estimator(data):
    X, y = data
    whole = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), esn()), transformer=StandardScaler()
    ).fit(X[:200], y[:200])
    inner = make_pipeline(StandardScaler(), esn())
    mean, scale = y[:200].mean(), y[:200].std()
    inner.fit(X[:200], (y[:200] - mean) / scale)
    expected = inner.predict(X[200:]) * scale + mean
    np.testing.assert_allclose(whole.predict(X[200:]), expected, rtol=1e-9)
