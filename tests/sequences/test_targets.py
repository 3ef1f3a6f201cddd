"""Targets and weights are aligned with X, and told from others in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqest import ESNRegressor

MODEL = {"n_units": 12, "washout": 5, "alpha": 1e-3, "random_state": 0}
LENGTHS = (40, 25, 33)


@pytest.fixture
def X():
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, (n, 2)) for n in LENGTHS]


@pytest.fixture
def y(X):
    return [np.roll(x[:, 0], 1) for x in X]


def fitted(X, y, **more):
    return ESNRegressor(**MODEL).fit(X, y, **more)


def objects(items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


@pytest.mark.parametrize(
    "wrap",
    [
        lambda y: [part.tolist() for part in y],
        lambda y: [part[:, None] for part in y],
        lambda y: [pd.Series(part) for part in y],
        lambda y: [pd.DataFrame(part) for part in y],
        objects,
    ],
    ids=["lists", "columns", "Series", "frames", "object array"],
)
def test_targets_of_a_list_come_in_any_list(X, y, wrap):
    np.testing.assert_array_equal(
        np.ravel(fitted(X, wrap(y)).coef_), fitted(X, y).coef_
    )


def test_targets_of_a_3D_X_come_as_array_or_list(X, y):
    alike, targets = np.stack([x[:25] for x in X]), np.stack([p[:25, None] for p in y])
    expected = fitted(list(alike), [part[:, 0] for part in targets]).coef_
    for given in (targets, list(targets)):
        for inputs in (alike, list(alike)):
            np.testing.assert_array_equal(fitted(inputs, given).coef_[0], expected)


def test_many_to_one_targets_may_be_flat_a_column_or_several(X):
    alike = np.stack([x[:25] for x in X])
    ends = alike[:, -1, 0]
    flat = fitted(alike, ends)
    assert flat.predict(alike).shape == (3,)
    for column in (ends[:, None], pd.DataFrame(ends), ends[:, None].tolist()):
        model = fitted(alike, column)
        np.testing.assert_array_equal(model.predict(alike)[:, 0], flat.predict(alike))
    assert fitted(alike, alike[:, -1]).predict(alike).shape == (3, 2)
    # Ragged series as well: the state at each one's last row is read.
    for given in ([1.0, 2.0, 3.0], np.array([1.0, 2.0, 3.0]), pd.Series([1.0, 2, 3])):
        assert fitted(X, given).predict(X).shape == (3,)


def test_many_to_one_weights_are_one_per_series(X):
    ends = np.array([1.0, 2.0, 5.0])
    dropped = fitted(X, ends, sample_weight=[1.0, 1.0, 0.0])
    expected = fitted(X[:2], ends[:2])
    # Weights and rows that are left out are summed in another order.
    np.testing.assert_allclose(dropped.coef_, expected.coef_, atol=1e-12)


@pytest.mark.parametrize(
    "wrap",
    [
        list,
        objects,
        lambda w: np.concatenate(w),
        lambda w: [pd.Series(part) for part in w],
    ],
    ids=["list", "object array", "joined", "Series"],
)
def test_weights_of_a_list_are_listed_or_joined(X, y, wrap):
    weights = [np.linspace(0.1, 1, n) for n in LENGTHS]
    rows, groups = np.concatenate(X), np.repeat(["a", "b", "c"], LENGTHS)
    joined = {"groups": groups, "sample_weight": np.concatenate(weights)}
    expected = fitted(rows, np.concatenate(y), **joined)
    model = fitted(X, y, sample_weight=wrap(weights))
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-9)


def test_weights_move_with_interleaved_rows(X, y):
    groups = np.tile([0, 1], 20)
    weights = np.where(groups == 0, 1.0, 0.0)
    both = fitted(X[0], y[0], groups=groups, sample_weight=weights)
    one = fitted(X[0][::2], y[0][::2])
    np.testing.assert_allclose(both.coef_, one.coef_, rtol=1e-6, atol=1e-9)


def test_a_score_is_r_squared_over_all_rows_with_a_target(X, y):
    model = fitted(X, y)
    holes = [part.copy() for part in y]
    holes[1][3:9] = np.nan
    Z, Y = np.concatenate(model.predict(X)), np.concatenate(holes)
    seen = np.isfinite(Y)
    error = np.sum((Y[seen] - Z[seen]) ** 2)
    expected = 1 - error / np.sum((Y[seen] - Y[seen].mean()) ** 2)
    assert model.score(X, holes) == pytest.approx(expected, rel=1e-12)
    joined = np.concatenate(X), np.concatenate(holes), np.repeat(range(3), LENGTHS)
    interleaved = np.argsort(np.concatenate([np.arange(n) for n in LENGTHS]))
    for rows in (slice(None), interleaved):
        inputs, targets, groups = (part[rows] for part in joined)
        score = model.score(inputs, targets, groups=groups)
        assert score == pytest.approx(expected, rel=1e-12)


def test_a_one_step_prediction_knows_no_target_of_its_own_row(X, y):
    model = ESNRegressor(feedback_scaling=0.3, **MODEL).fit(X, y)
    first = model.predict_open_loop(X, y)
    changed = [part.copy() for part in y]
    for part in changed:
        part[12:] += 1.0
    again = model.predict_open_loop(X, changed)
    for before, after in zip(first, again, strict=True):
        np.testing.assert_array_equal(before[:13], after[:13])
        assert abs(before[13] - after[13]) > 1e-6


def test_open_loop_without_any_measurement_is_closed_loop(X, y):
    model = ESNRegressor(feedback_scaling=0.3, **MODEL).fit(X, y)
    unknown = [np.full(n, np.nan) for n in LENGTHS]
    for ours, theirs in zip(
        model.predict_open_loop(X, unknown), model.predict(X), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_open_loop_of_a_many_to_one_model_is_predict(X):
    ends = np.array([1.0, 2.0, 5.0])
    model = fitted(X, ends)
    np.testing.assert_array_equal(
        model.predict_open_loop(X, ends, return_state=True)[0], model.predict(X)
    )


ALIKE = np.zeros((4, 10, 2))


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (ALIKE, np.ones((4, 10)), r"Give shape \(4, 10, 1\) for the first"),
        (ALIKE, [np.ones(10)] * 4, "a target at every step or 10 targets a series"),
        (ALIKE, np.ones((4, 9, 1)), "which has 4 series of 10 steps"),
        (ALIKE, np.ones(40), r"40 rows but X has 4 series.*\(n_series, n_timesteps,"),
        (ALIKE, [np.ones(10), np.ones(9)] * 2, r"series of shapes \(9,\) and \(10,\)"),
        (list(ALIKE), np.ones(40), "4 series.*for a target at every step a list"),
        (list(ALIKE), [np.ones(10)] * 3, "y holds 3 series but X holds 4"),
        (list(ALIKE), [np.ones(9)] * 4, r"y\[0\] has 9 rows but X\[0\] has 10"),
        (list(ALIKE), [[1.0, 2.0]] * 4, "give y as an array"),
        (
            list(ALIKE),
            [np.ones(10), np.ones((10, 1))] * 2,
            r"y\[1\] has shape \(10, 1\) and y\[0\] \(10,\)",
        ),
        (ALIKE[0], np.ones(9), "y has 9 rows but X has 10"),
        (ALIKE[0], np.ones((1, 10)), "y has 1 rows but X has 10"),
    ],
)
def test_targets_that_do_not_fit_X_are_refused_in_words(X, y, message):
    with pytest.raises(ValueError, match=message):
        ESNRegressor().fit(X, y)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(3), r"sample_weight has shape \(3,\) but ESNRegressor needs \(10,\)"),
        (-np.ones(10), "not negative"),
        (np.full(10, np.nan), "must be finite"),
        (np.zeros(10), "not all zero"),
        (["heavy"] * 10, r"ESNRegressor\(sample_weight=.*an array of real numbers"),
    ],
)
def test_weights_that_are_none_are_refused_in_words(weights, message):
    with pytest.raises(ValueError, match=message):
        ESNRegressor().fit(ALIKE[0], np.arange(10.0), sample_weight=weights)


def test_more_rows_must_have_the_targets_that_were_fitted(X, y):
    model = fitted(X, y)
    with pytest.raises(ValueError, match=r"y has 2 outputs but .* fitted on 1"):
        model.partial_fit(X, [np.column_stack([part, part]) for part in y])
    with pytest.raises(ValueError, match=r"one target per series but .* per row"):
        model.partial_fit(X, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="y has 2 outputs"):
        model.predict_open_loop(X, [np.column_stack([part, part]) for part in y])
    many_to_one = fitted(X, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="must be a 3-D array or a list of series"):
        many_to_one.predict(X[0])
