"""Series are the same data in every form, and predictions go back the way X came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqest import ESNRegressor
from tests.reference import echo_state as plain

RAGGED, ALIKE = (40, 25, 33), (30, 30, 30)
WASHOUT = 5
MODEL = {"n_units": 12, "washout": WASHOUT, "alpha": 1e-3, "random_state": 0}

# Kernels and NumPy sum in another order.
ROUNDING = {"rtol": 1e-9, "atol": 1e-10}
# The ridge equations magnify rounding by their condition, here up to about 1e6.
SOLVED = {"rtol": 1e-6, "atol": 1e-7}


def drawn(lengths):
    """Return inputs and targets of a few series, lists of arrays."""
    rng = np.random.default_rng(0)
    X = [rng.uniform(-1, 1, (n, 2)) for n in lengths]
    return X, [np.roll(x[:, 0], 1) + x[:, 1] ** 2 for x in X]


@dataclass
class Form:
    """The same series as an argument of fit, and predictions as a list again."""

    X: Any
    y: Any
    apart: Callable[[Any], list]
    groups: Any = None


def by_groups(X, y, ids, codes=None):
    """Return stacked rows in the order of `codes`, each named by the id of its code."""
    lengths = [len(x) for x in X]
    codes = np.repeat(range(len(X)), lengths) if codes is None else codes
    rows = np.empty(len(codes), int)
    for k, first in enumerate(np.cumsum([0, *lengths[:-1]])):
        rows[codes == k] = first + np.arange(lengths[k])

    def apart(predicted):
        return [predicted[codes == k] for k in range(len(X))]

    names = [ids[code] for code in codes]
    return Form(np.concatenate(X)[rows], np.concatenate(y)[rows], apart, names)


def shuffled_codes(lengths):
    return np.random.default_rng(1).permutation(np.repeat(range(3), lengths))


def by_index(X, y, ids, interleaved=False):
    """Return a frame whose MultiIndex holds the ids and a date."""
    form = by_groups(X, y, ids, shuffled_codes(RAGGED) if interleaved else None)
    day = np.empty(len(form.X), int)
    for rows in form.apart(np.arange(len(day))):
        day[rows] = range(len(rows))
    dates = pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D")
    names = [id_ if isinstance(id_, tuple) else (id_,) for id_ in form.groups]
    levels = [*zip(*names, strict=True), dates]
    index = pd.MultiIndex.from_arrays(levels)
    frame = pd.DataFrame(form.X, index, ["inflow", "rain"])
    return Form(frame, pd.Series(form.y, index), form.apart)


def objects(items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


FORMS = {
    "groups": lambda: by_groups(*drawn(RAGGED), "abc"),
    "interleaved groups": lambda: by_groups(
        *drawn(RAGGED), "abc", shuffled_codes(RAGGED)
    ),
    "groups of integers": lambda: by_groups(*drawn(RAGGED), [7, 3, 5]),
    "groups of tuples": lambda: by_groups(
        *drawn(RAGGED), [("a", 1), ("a", 2), ("b", 1)]
    ),
    "groups of mixed types": lambda: by_groups(*drawn(RAGGED), ["1", 1, 2.5]),
    "index of two levels": lambda: by_index(*drawn(RAGGED), "abc"),
    "index of three levels": lambda: by_index(
        *drawn(RAGGED), [("a", 1), ("a", 2), ("b", 1)]
    ),
    "index of two levels, interleaved": lambda: by_index(
        *drawn(RAGGED), "abc", interleaved=True
    ),
    "list of arrays": lambda: Form(*drawn(RAGGED), list),
    "tuple of arrays": lambda: Form(*map(tuple, drawn(RAGGED)), list),
    "object array of arrays": lambda: Form(*map(objects, drawn(RAGGED)), list),
    "list of frames": lambda: Form(
        list(map(pd.DataFrame, drawn(RAGGED)[0])),
        list(map(pd.Series, drawn(RAGGED)[1])),
        list,
    ),
    "3-D array": lambda: Form(
        np.stack(drawn(ALIKE)[0]), np.stack(drawn(ALIKE)[1])[..., None], list
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_teaches_and_predicts_as_the_series_one_by_one(name):
    form = FORMS[name]()
    X, y = drawn(ALIKE if name == "3-D array" else RAGGED)
    model = ESNRegressor(**MODEL).fit(form.X, form.y, groups=form.groups)
    F = [plain.features(plain.states(model.reservoir_, x), x) for x in X]
    learnt = np.vstack([f[WASHOUT:] for f in F])
    targets = np.concatenate([part[WASHOUT:] for part in y])
    coef, intercept = plain.ridge(learnt, targets[:, None], model.alpha)
    np.testing.assert_allclose(np.ravel(model.coef_), coef[0], **SOLVED)
    np.testing.assert_allclose(np.ravel(model.intercept_), intercept, **SOLVED)
    predicted = form.apart(model.predict(form.X, form.groups))
    for ours, f in zip(predicted, F, strict=True):
        expected = f @ np.ravel(model.coef_) + model.intercept_
        np.testing.assert_allclose(np.ravel(ours), expected, **ROUNDING)


@settings(max_examples=30)
@given(st.permutations(np.repeat([0, 1, 2], (9, 5, 7)).tolist()))
def test_rows_of_several_series_may_be_interleaved_in_any_way(codes):
    X, y = drawn((9, 5, 7))
    form = by_groups(X, y, "abc", np.array(codes))
    options = {**MODEL, "washout": 0}
    ours = ESNRegressor(**options).fit(form.X, form.y, groups=form.groups)
    theirs = ESNRegressor(**options).fit(X, y, groups=list("abc"))
    # The blocks of rows, and with them the order of sums, may differ.
    np.testing.assert_allclose(ours.coef_, theirs.coef_, **SOLVED)
    after = [np.ones((3, 2)), np.zeros((4, 2)), -np.ones((2, 2))]
    order = np.array([2, 0, 1, 1, 0, 1, 2, 0, 1])
    more = by_groups(after, [x[:, 0] for x in after], "abc", order)
    apart = more.apart(ours.predict(more.X, more.groups))
    for ours_, theirs_ in zip(apart, theirs.predict(after, list("abc")), strict=True):
        np.testing.assert_allclose(ours_, theirs_, **SOLVED)


@pytest.mark.parametrize(
    "groups",
    [
        np.repeat(["a", "b"], 20),
        pd.Series(np.repeat(["a", "b"], 20), index=range(100, 140)),
        pd.Series(pd.Categorical(np.repeat(["a", "b"], 20))),
        pd.Index(np.repeat(["a", "b"], 20)),
        pd.DataFrame({"station": np.repeat(["a", "b"], 20)}),
        np.repeat(["a", "b"], 20)[:, None],
    ],
    ids=["array", "series", "categorical", "index", "frame", "column"],
)
def test_an_id_is_the_same_whatever_container_names_it(groups):
    (X,), (y,) = drawn((40,))
    model = ESNRegressor(**MODEL).fit(X, y, groups=groups)
    after = model.predict(X[::-1], ["a"] * 20 + ["b"] * 20)
    again = ESNRegressor(**MODEL).fit(X, y, groups=["a"] * 20 + ["b"] * 20)
    np.testing.assert_array_equal(after, again.predict(X[::-1], groups))


def test_ids_in_two_columns_are_tuples():
    (X,), (y,) = drawn((40,))
    pairs = np.array([["a", "x"], ["b", "x"]], object).repeat(20, axis=0)
    model = ESNRegressor(**MODEL).fit(X, y, groups=pairs)
    state = model.predict(X, pairs, return_state=True)[1]
    assert state.ids == (("a", "x"), ("b", "x"))


def test_a_series_of_one_level_in_a_multiindex_is_one_series():
    (X,), (y,) = drawn((40,))
    index = pd.MultiIndex.from_arrays([pd.RangeIndex(40)])
    model = ESNRegressor(**MODEL).fit(pd.DataFrame(X, index), y)
    assert model.predict(pd.DataFrame(X, index)).shape == (40,)


@pytest.mark.parametrize("width", [None, 1, 2])
def test_predictions_have_the_form_of_X_and_the_outputs_of_y(width):
    X, y = drawn(ALIKE)
    outputs = () if width is None else (width,)
    y = [np.resize(part, (30, *outputs)) for part in y]
    model = ESNRegressor(**MODEL).fit(X, y)
    assert model.predict(X[0]).shape == (30, *outputs)
    assert model.predict(pd.DataFrame(X[0])).shape == (30, *outputs)
    assert model.predict(np.stack(X)).shape == (3, 30, *outputs)
    as_list = model.predict([X[0], X[1][:7]])
    assert [part.shape for part in as_list] == [(30, *outputs), (7, *outputs)]


def test_numbers_in_objects_integers_and_booleans_are_read_as_floats():
    X, y = np.arange(60).reshape(30, 2) % 7 > 3, np.arange(30) % 5
    floats = ESNRegressor(**MODEL).fit(X.astype(float), y.astype(float))
    for dtype in (object, int, bool, "float16"):
        other = ESNRegressor(**MODEL).fit(X.astype(dtype), y.astype(object))
        np.testing.assert_array_equal(other.predict(X), floats.predict(X))
    nullable = pd.DataFrame(X.astype(float)).astype("Float64")
    model = ESNRegressor(**MODEL).fit(nullable, pd.Series(y, dtype="Int64"))
    np.testing.assert_array_equal(model.coef_, floats.coef_)


def test_names_of_columns_are_kept_and_compared():
    (X,), (y,) = drawn((40,))
    frame = pd.DataFrame(X, columns=["inflow", "rain"])
    model = ESNRegressor(**MODEL).fit([frame[:20], frame[20:]], [y[:20], y[20:]])
    assert model.feature_names_in_.tolist() == ["inflow", "rain"]
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict([frame[["rain", "inflow"]]])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([], "X is empty"),
        ([np.ones((5, 2)), np.ones((5, 3))], r"X\[1\] has shape \(5, 3\) and X\[0\]"),
        ([np.ones((5, 2)), np.ones(5)], r"X\[1\] has shape \(5,\)"),
        ([np.ones((5, 2)), np.ones((0, 2))], r"X\[1\] .* at least one row"),
        ([np.ones(5), np.ones(4)], "items differ in shape.*list of series holds 2-D"),
        ([pd.Series([1.0, 2.0])] * 2, "list of pandas Series.*holds 2-D"),
        (
            [pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]})],
            "must have the same columns",
        ),
    ],
)
def test_a_list_that_is_no_list_of_series_is_refused(X, message):
    with pytest.raises(ValueError, match=message):
        ESNRegressor().fit(X, [1.0, 2.0])


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (["a", "b", "c"] * 10, r"ends in \w+ labels such as 'a'.*X.swaplevel"),
        ([f"2024-01-{day:02d}" for day in range(1, 31)], r"pd\.to_datetime"),
    ],
)
def test_a_multiindex_that_does_not_end_in_time_is_refused(last, message):
    index = pd.MultiIndex.from_arrays([np.repeat(range(10), 3), last])
    with pytest.raises(ValueError, match=message):
        ESNRegressor().fit(pd.DataFrame(np.ones((30, 2)), index), np.ones(30))
