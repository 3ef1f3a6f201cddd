"""Reservoir: states along rows, as a step of pipelines made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from seqest import ESNRegressor, Reservoir
from tests.reference import echo_state as plain

OPTIONS = {"n_units": 20, "random_state": 0}
# Kernels and NumPy sum in another order; the states pass rounding on for some steps.
ROUNDING = {"rtol": 1e-9, "atol": 1e-12}


@pytest.fixture
def X():
    return np.random.default_rng(0).uniform(-1, 1, (150, 2))


@pytest.fixture
def frame(X):
    return pd.DataFrame(X, pd.date_range("2024", periods=150), ["inflow", "rain"])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"leak_rate": 0.3, "activation": "logistic"},
        {"n_units": (9, 6), "topology": "ring"},
    ],
)
def test_states_follow_the_equations(X, options):
    reservoir = Reservoir(**{**OPTIONS, **options})
    H = reservoir.fit_transform(X)
    expected = plain.states(reservoir.reservoir_, X)
    np.testing.assert_allclose(H, expected, **ROUNDING)
    parts = reservoir.transform([X[:40], X[40:41], X[41:90], X[90:]])
    for ours, rows in zip(parts, np.split(X, [40, 41, 90]), strict=True):
        theirs = plain.states(reservoir.reservoir_, rows)
        np.testing.assert_allclose(ours, theirs, **ROUNDING)


def test_its_weights_are_those_of_an_ESNRegressor_of_the_same_seed(X):
    ours = Reservoir(**OPTIONS).fit(X).reservoir_.layers[0]
    theirs = ESNRegressor(**OPTIONS).fit(X, X[:, 0])
    np.testing.assert_array_equal(plain.dense(ours.W), plain.dense(theirs.W_))
    np.testing.assert_array_equal(ours.W_in, theirs.W_in_)
    np.testing.assert_array_equal(ours.bias, theirs.bias_)


def test_a_pipeline_with_Ridge_is_an_ESNRegressor(X):
    y = np.roll(X[:, 0], 1)
    model = ESNRegressor(**OPTIONS, washout=0, alpha=1e-2).fit(X[:100], y[:100])
    sees_inputs = make_union(Reservoir(**OPTIONS), FunctionTransformer())
    pipeline = make_pipeline(sees_inputs, Ridge(alpha=1e-2)).fit(X[:100], y[:100])
    for rows in (slice(0, 100), slice(100, 150)):
        ours, theirs = model.predict(X[rows]), pipeline.predict(X[rows])
        # Two solvers of the same equations, whose condition is about 1e4.
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-9)


def test_fit_transform_is_fit_and_then_transform_of_the_same_rows(X, frame):
    groups = np.tile(["a", "b"], 75)
    for rows, ids in [(X, None), (frame, None), (X, groups)]:
        together = Reservoir(**OPTIONS).fit_transform(rows, groups=ids)
        apart = Reservoir(**OPTIONS).fit(rows, groups=ids).transform(rows, ids)
        np.testing.assert_array_equal(together, apart)
    lists = [X[:60], X[60:]]
    together = Reservoir(**OPTIONS).fit_transform(lists)
    for ours, theirs in zip(
        together, Reservoir(**OPTIONS).fit(lists).transform(lists), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_it_goes_on_where_the_rows_go_on(X, frame):
    for rows in (X, frame):
        reservoir = Reservoir(**OPTIONS).fit(rows[:100])
        whole = plain.states(reservoir.reservoir_, X)
        np.testing.assert_allclose(
            reservoir.transform(rows[100:]), whole[100:], **ROUNDING
        )
        H, state = reservoir.transform(rows[:70], return_state=True)
        np.testing.assert_allclose(H, whole[:70], **ROUNDING)
        later = reservoir.transform(rows[70:], initial_state=state)
        np.testing.assert_allclose(later, whole[70:], **ROUNDING)
    gap = plain.states(reservoir.reservoir_, X[101:])
    np.testing.assert_allclose(reservoir.transform(frame[101:]), gap, **ROUNDING)


def test_units_are_named_and_frames_keep_index_and_names(frame):
    reservoir = Reservoir((2, 1), random_state=0).set_output(transform="pandas")
    names = ["reservoir0", "reservoir1", "reservoir2"]
    assert reservoir.fit(frame).get_feature_names_out().tolist() == names
    assert reservoir.feature_names_in_.tolist() == ["inflow", "rain"]
    for H in (reservoir.fit_transform(frame), reservoir.transform(frame)):
        assert H.columns.tolist() == names
        pd.testing.assert_index_equal(H.index, frame.index)
    H, state = reservoir.transform(frame[50:], return_state=True)
    pd.testing.assert_index_equal(H.index, frame.index[50:])
    np.testing.assert_array_equal(H.iloc[-1:], state.values["units"])


def test_rows_of_interleaved_series_keep_their_labels(X):
    index = pd.MultiIndex.from_product([pd.date_range("2024", periods=75), ["a", "b"]])
    frame = pd.DataFrame(X, index.swaplevel())
    H = Reservoir(**OPTIONS).set_output(transform="pandas").fit_transform(frame)
    pd.testing.assert_index_equal(H.index, frame.index)
    for name, first in [("a", 0), ("b", 1)]:
        alone = Reservoir(**OPTIONS).fit_transform(X[first::2])
        np.testing.assert_allclose(H.loc[name], alone, **ROUNDING)


def test_a_pipeline_of_frames_tells_time_to_every_step(frame):
    y = np.roll(frame["rain"], 1)
    pipeline = make_pipeline(StandardScaler(), Reservoir(**OPTIONS), Ridge(1e-2))
    pipeline.set_output(transform="pandas").fit(frame[:100], y[:100])
    scaler, reservoir, ridge = (step for _, step in pipeline.steps)
    Z = scaler.transform(frame).to_numpy()
    H = plain.states(reservoir.reservoir_, Z)
    for rows, states in [
        (slice(100, 150), H[100:]),
        (slice(0, 100), H[:100]),
        (slice(110, 150), plain.states(reservoir.reservoir_, Z[110:])),
    ]:
        expected = states @ ridge.coef_ + ridge.intercept_
        np.testing.assert_allclose(pipeline.predict(frame[rows]), expected, rtol=1e-8)


def test_a_failed_fit_leaves_what_was_fitted(X):
    reservoir = Reservoir(**OPTIONS).fit(X)
    before = reservoir.transform(X[::-1])
    reservoir.set_params(leak_rate=2.0)
    with pytest.raises(ValueError, match="leak_rate"):
        reservoir.fit(X[:, :1])
    np.testing.assert_array_equal(reservoir.transform(X[::-1]), before)


def test_after_several_series_rows_without_ids_are_refused(X):
    reservoir = Reservoir(**OPTIONS).fit(X, groups=np.tile(["a", "b"], 75))
    with pytest.raises(
        ValueError, match="Reservoir was fitted on 2 series but X names"
    ):
        reservoir.transform(X)
