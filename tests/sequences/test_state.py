"""Where prediction starts: from the states that training rows left, or from rest."""

from __future__ import annotations

import copy
import pickle
from itertools import groupby, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import KFold, TimeSeriesSplit

from seqest import ESNRegressor, Reservoir, State
from tests.reference import echo_state as plain

MODEL = {"n_units": 12, "washout": 5, "alpha": 1e-3, "random_state": 0}
# Kernels and NumPy sum in another order; the states pass rounding on for some steps.
ROUNDING = {"rtol": 1e-9, "atol": 1e-10}


@pytest.fixture
def data():
    X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    return X, np.roll(X[:, 0], 1) + X[:, 1] ** 2


def dated(X, start="2024-01-01", freq="h"):
    return pd.DataFrame(X, pd.date_range(start, periods=len(X), freq=freq))


def after(model, X):
    """Return the state that rows leave which start from rest."""
    return plain.states(model.reservoir_, X)[-1]


def predictions_from(model, start, X):
    X = np.asarray(X)
    F = plain.features(plain.states(model.reservoir_, X, start=start), X)
    return F @ model.coef_ + model.intercept_


def assert_starts(model, start, X, predicted):
    """Hold `predicted` against the equations from the state `start`; None is rest."""
    np.testing.assert_allclose(predicted, predictions_from(model, start, X), **ROUNDING)


INDEXES = {
    "no index": lambda X: X,
    "dates": dated,
    "integers": lambda X: pd.DataFrame(X),
    "periods": lambda X: dated(X).to_period("h"),
    "business days": lambda X: dated(X, freq="B"),
}
every_index = pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)


@every_index
def test_the_rows_after_the_training_rows_go_on_from_them(data, index):
    X, y = data
    model = ESNRegressor(**MODEL).fit(index(X)[:150], y[:150])
    assert_starts(model, after(model, X[:150]), X[150:], model.predict(index(X)[150:]))
    assert_starts(
        model, after(model, X[:150]), X[150:151], model.predict(index(X)[150:151])
    )


@every_index
def test_the_training_rows_themselves_start_from_rest(data, index):
    X, y = data
    model = ESNRegressor(**MODEL).fit(index(X)[:150], y[:150])
    for rows in (slice(0, 150), slice(0, 7), slice(0, 200)):
        assert_starts(model, None, X[rows], model.predict(index(X)[rows]))


@pytest.mark.parametrize("index", ["dates", "integers", "periods"])
def test_rows_after_a_gap_or_within_the_training_rows_start_from_rest(data, index):
    X, y = data
    frame = INDEXES[index](X)
    model = ESNRegressor(**MODEL).fit(frame[:150], y[:150])
    for rows in (slice(151, 200), slice(149, 200), slice(40, 60)):
        assert_starts(model, None, X[rows], model.predict(frame[rows]))


def test_without_an_index_other_rows_are_taken_to_follow(data):
    X, y = data
    model = ESNRegressor(**MODEL).fit(X[:150], y[:150])
    assert_starts(model, after(model, X[:150]), X[180:], model.predict(X[180:]))
    # The rows count as the beginning as far as single precision tells.
    again = model.predict(X[:20].astype(np.float32))
    expected = predictions_from(model, None, X[:20])
    np.testing.assert_allclose(again, expected, atol=1e-4)
    # One row of the first hundred that differs makes them other rows.
    other = X[:150].copy()
    other[99] += 1
    assert_starts(model, after(model, X[:150]), other, model.predict(other))


@pytest.mark.parametrize("kind", ["constant", "binary", "periodic"])
def test_rows_that_occur_again_do_not_count_as_the_training_rows(data, kind):
    _, y = data
    X = {
        "constant": np.ones((200, 1)),
        "binary": np.random.default_rng(1).integers(0, 2, (200, 1)).astype(float),
        "periodic": np.resize([0.0, 1.0, 2.0], 200)[:, None],
    }[kind]
    model = ESNRegressor(**MODEL).fit(X[:150], y[:150])
    # Three rows, of which the training rows hold the like more than once.
    later = X[:3]
    assert_starts(model, after(model, X[:150]), later, model.predict(later))


def test_an_irregular_index_goes_on_within_its_longest_step(data):
    X, y = data
    frame = dated(X, freq="B")
    model = ESNRegressor(**MODEL).fit(frame[:150], y[:150])
    end = frame.index[149]
    for days, start in [
        (1, after(model, X[:150])),
        (3, after(model, X[:150])),
        (4, None),
    ]:
        later = dated(X[150:], end + pd.Timedelta(days=days), "B")
        later.index = end + pd.to_timedelta(days + np.arange(50), unit="D")
        assert_starts(model, start, X[150:], model.predict(later))


def test_zero_starts_from_rest_and_last_from_the_end_whatever_the_index_says(data):
    X, y = data
    for frame in (X, dated(X)):
        model = ESNRegressor(**MODEL).fit(frame[:150], y[:150])
        end = after(model, X[:150])
        for rows in (slice(0, 20), slice(150, 170), slice(160, 200)):
            zero = model.predict(frame[rows], initial_state="zero")
            assert_starts(model, None, X[rows], zero)
            last = model.predict(frame[rows], initial_state="last")
            assert_starts(model, end, X[rows], last)


def test_the_constructor_says_where_to_start_and_predict_overrides_it(data):
    X, y = data
    model = ESNRegressor(initial_state="last", **MODEL).fit(X[:150], y[:150])
    assert_starts(model, after(model, X[:150]), X[:20], model.predict(X[:20]))
    zero = model.predict(X[160:], initial_state="zero")
    assert_starts(model, None, X[160:], zero)
    model.set_params(initial_state="zero")
    assert_starts(model, None, X[150:], model.predict(X[150:]))


def test_each_series_goes_on_from_its_own_end_and_an_unseen_one_from_rest(data):
    X, y = data
    ids = np.tile(["a", "b"], 100)
    model = ESNRegressor(**MODEL).fit(X[:150], y[:150], groups=ids[:150])
    names = np.array(["b", "c", "a"] * 10)
    predicted = model.predict(X[150:180], names)
    for name in "abc":
        start = None if name == "c" else after(model, X[:150][ids[:150] == name])
        rows = names == name
        assert_starts(model, start, X[150:180][rows], predicted[rows])


def test_with_a_time_index_each_series_has_its_own_next_stamp(data):
    X, y = data
    index = pd.MultiIndex.from_product([["a", "b"], pd.date_range("2024", periods=100)])
    frame = pd.DataFrame(X, index)
    date = index.get_level_values(1)
    train = date < np.where(index.get_level_values(0) == "a", date[60], date[80])
    model = ESNRegressor(**MODEL).fit(frame[train], y[train])
    late = date >= date[80]
    predicted = model.predict(frame[late])
    # Series a ended twenty days earlier: its rows do not follow.
    assert_starts(model, None, X[80:100], predicted[:20])
    assert_starts(model, after(model, X[100:180]), X[180:], predicted[20:])


def test_a_single_named_series_is_known_without_its_name(data):
    X, y = data
    model = ESNRegressor(**MODEL).fit(X[:150], y[:150], groups=["a"] * 150)
    assert_starts(model, after(model, X[:150]), X[150:], model.predict(X[150:]))


def test_series_of_a_list_or_a_3D_array_have_no_name_and_start_from_rest(data):
    X, y = data
    model = ESNRegressor(**MODEL).fit([X[:80], X[80:150]], [y[:80], y[80:150]])
    for part in model.predict([X[150:], X[150:]]), model.predict(X[None, 150:]):
        assert_starts(model, None, X[150:], part[0])
    assert_starts(model, None, X[150:], model.predict(X[150:]))
    with_names = ESNRegressor(**MODEL).fit(
        [X[:80], X[80:150]], [y[:80], y[80:150]], groups=["a", "b"]
    )
    (predicted,) = with_names.predict([X[150:]], groups=["a"])
    assert_starts(with_names, after(with_names, X[:80]), X[150:], predicted)


def test_the_end_of_series_without_names_cannot_be_asked_for():
    x = np.sin(0.3 * np.arange(200))[:, None]
    model = ESNRegressor(**MODEL).fit([x[:-1]] * 2, [x[1:]] * 2)
    with pytest.raises(ValueError, match=r"no names.*Pass groups in fit, or a State"):
        model.predict(x, initial_state="last")
    with pytest.raises(ValueError, match=r"no names.*Pass groups in fit, or a State"):
        model.forecast(5)
    _, state = model.predict(x, return_state=True)
    assert model.forecast(5, initial_state=state).shape == (5, 1)
    assert model.forecast(5, initial_state="zero").shape == (5, 1)


@pytest.mark.parametrize("method", ["predict", "score", "partial_fit"])
def test_after_several_series_rows_without_ids_are_refused(data, method):
    X, y = data
    model = ESNRegressor(**MODEL).fit(X, y, groups=np.repeat(["a", "b"], 100))
    targets = () if method == "predict" else (y,)
    with pytest.raises(
        ValueError, match=r"fitted on 2 series but X names none.*groups"
    ):
        getattr(model, method)(X, *targets)


def test_the_test_folds_of_TimeSeriesSplit_go_on_from_the_training_rows(data):
    X, y = data
    for train, test in TimeSeriesSplit(4).split(X):
        model = ESNRegressor(**MODEL).fit(X[train], y[train])
        assert_starts(model, after(model, X[train]), X[test], model.predict(X[test]))


def test_with_a_gap_a_time_index_tells_to_start_from_rest(data):
    X, y = data
    frame = dated(X)
    for train, test in TimeSeriesSplit(4, gap=3).split(X):
        model = ESNRegressor(**MODEL).fit(frame.iloc[train], y[train])
        assert_starts(model, None, X[test], model.predict(frame.iloc[test]))


def test_test_folds_of_KFold_go_on_from_the_stretch_before_them(data):
    X, y = data
    frame = dated(X)
    for train, test in KFold(5).split(X):
        model = ESNRegressor(**MODEL).fit(frame.iloc[train], y[train])
        first = test[0]
        start = after(model, X[:first]) if first else None
        assert_starts(model, start, X[test], model.predict(frame.iloc[test]))


def test_rows_that_fill_several_holes_go_on_from_each(data):
    X, y = data
    frame = dated(X)
    missing = np.r_[50:60, 120:125]
    train = np.delete(np.arange(200), missing)
    model = ESNRegressor(**MODEL).fit(frame.iloc[train], y[train])
    predicted = model.predict(frame.iloc[missing])
    assert_starts(model, after(model, X[:50]), X[50:60], predicted[:10])
    assert_starts(model, after(model, X[60:120]), X[120:125], predicted[10:])


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["train", "test", "unused"]), min_size=2, max_size=8))
def test_whatever_rows_are_left_each_stretch_goes_on_from_the_one_right_before(roles):
    roles = ["train", *roles, "test"]
    X = np.random.default_rng(0).uniform(-1, 1, (40 * len(roles), 2))
    frame, y = dated(X), np.roll(X[:, 0], 1)
    role = np.repeat(roles, 40)
    model = ESNRegressor(**MODEL).fit(frame[role == "train"], y[role == "train"])
    predicted = pd.Series(np.nan, frame.index)
    predicted[role == "test"] = model.predict(frame[role == "test"])
    start = None
    for kind, blocks in groupby(range(len(roles)), key=lambda k: roles[k]):
        blocks = list(blocks)
        rows = slice(40 * blocks[0], 40 * (blocks[-1] + 1))
        if kind == "test":
            assert_starts(model, start, X[rows], predicted.iloc[rows])
        start = after(model, X[rows]) if kind == "train" else None


@every_index
def test_a_state_carried_on_equals_one_prediction_over_all_rows(data, index):
    X, y = data
    for feedback in (0.0, 0.3):
        model = ESNRegressor(feedback_scaling=feedback, **MODEL).fit(index(X), y)
        whole = model.predict(index(X))
        head, state = model.predict(index(X)[:60], return_state=True)
        middle, state = model.predict(
            index(X)[60:61], initial_state=state, return_state=True
        )
        tail = model.predict(index(X)[61:], initial_state=state)
        np.testing.assert_allclose(np.r_[head, middle, tail], whole, **ROUNDING)


def test_a_state_is_that_after_the_last_stretch_of_each_series(data):
    X, y = data
    index = pd.MultiIndex.from_product([["a", "b"], pd.date_range("2024", periods=100)])
    frame = pd.DataFrame(X, index).drop(index[[70, 71, 150]])
    ends = [X[72:100], X[151:]]
    for model, method in [
        (ESNRegressor(**MODEL).fit(frame, np.delete(y, [70, 71, 150])), "predict"),
        (Reservoir(12, random_state=0).fit(frame), "transform"),
    ]:
        _, state = getattr(model, method)(frame, return_state=True)
        assert state.ids == ("a", "b")
        expected = [after(model, rows) for rows in ends]
        np.testing.assert_allclose(state.values["units"], expected, **ROUNDING)


def test_a_state_of_several_series_is_found_by_name_or_by_position(data):
    X, y = data
    parts = [X[:70], X[70:130], X[130:]]
    model = ESNRegressor(**MODEL).fit(X, y)
    _, state = model.predict(parts, return_state=True)
    assert state.ids == (None, None, None)
    ends = [after(model, part) for part in parts]
    for start, predicted in zip(
        ends, model.predict([X[:9]] * 3, initial_state=state), strict=True
    ):
        assert_starts(model, start, X[:9], predicted)
    _, named = model.predict(parts, groups=list("abc"), return_state=True)
    swapped = model.predict(X[:20], ["c", "a"] * 10, initial_state=named)
    assert_starts(model, ends[2], X[:20:2], swapped[::2])
    assert_starts(model, ends[0], X[1:20:2], swapped[1::2])


def test_one_state_may_be_where_many_series_start(data):
    X, y = data
    model = ESNRegressor(**MODEL).fit(X, y)
    _, state = model.predict(X[:50], return_state=True)
    for predicted in model.predict([X[50:60], X[60:80]], initial_state=state):
        start = after(model, X[:50])
        rows = X[50:60] if len(predicted) == 10 else X[60:80]
        assert_starts(model, start, rows, predicted)


def test_a_state_that_does_not_say_where_to_start_is_refused(data):
    X, y = data
    model = ESNRegressor(**MODEL).fit(X, y)
    other = ESNRegressor(13, random_state=0).fit(X, y)
    _, state = other.predict(X, return_state=True)
    with pytest.raises(ValueError, match="initial_state is another model's"):
        model.predict(X, initial_state=state)
    _, state = Reservoir(12, random_state=0).fit(X).transform(X, return_state=True)
    with pytest.raises(ValueError, match="initial_state is another model's"):
        model.predict(X, initial_state=state)
    _, state = model.predict([X, X, X], return_state=True)
    with pytest.raises(ValueError, match=r"is of 3 series.*where series None of X"):
        model.predict([X, X], initial_state=state)
    _, state = model.predict([X, X], groups=["a", "b"], return_state=True)
    with pytest.raises(ValueError, match=r"\('a', 'b'\), so where series 'c' of X"):
        model.predict([X], groups=["c"], initial_state=state)
    incomplete = State(("a",), state.values)
    with pytest.raises(ValueError, match="another model's"):
        model.predict([X], groups=["a"], initial_state=incomplete)


def test_a_state_of_another_model_is_refused_by_forecast_too():
    x = np.sin(0.3 * np.arange(200))[:, None]
    model = ESNRegressor(20, random_state=0).fit(x[:-1], x[1:, 0])
    for n_units in (5, 50):
        other = ESNRegressor(n_units, random_state=0).fit(x[:-1], x[1:, 0])
        _, state = other.predict(x, return_state=True)
        with pytest.raises(ValueError, match="initial_state is another model's"):
            model.forecast(5, initial_state=state)


def test_a_state_is_plain_data_that_nobody_changes(data):
    X, y = data
    model = ESNRegressor(feedback_scaling=0.2, **MODEL).fit(X, y)
    _, state = model.predict(X[:50], return_state=True)
    before = copy.deepcopy(state)
    expected = model.predict(X[50:], initial_state=state)
    for again in (state, pickle.loads(pickle.dumps(state)), before):
        np.testing.assert_array_equal(
            model.predict(X[50:], initial_state=again), expected
        )
    for name, values in state.values.items():
        np.testing.assert_array_equal(values, before.values[name])
    assert "1 series" in repr(state)


@pytest.mark.parametrize("index", ["no index", "dates", "integers"])
@pytest.mark.parametrize("pieces", [[0, 60, 61, 140, 180], range(181)])
def test_partial_fit_goes_on_across_the_index(data, index, pieces):
    X, y = data
    frame = INDEXES[index](X)
    options = {**MODEL, "washout": 0}
    whole = ESNRegressor(**options).fit(frame[:180], y[:180])
    parts = ESNRegressor(**options)
    for first, last in pairwise(pieces):
        parts.partial_fit(frame[first:last], y[first:last])
    # The ridge equations magnify rounding by their condition, about 1e6.
    np.testing.assert_allclose(parts.coef_, whole.coef_, rtol=1e-7, atol=1e-8)
    ours, theirs = parts.predict(frame[180:]), whole.predict(frame[180:])
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_partial_fit_after_a_gap_starts_from_rest_with_a_washout(data):
    X, y = data
    frame = dated(X)
    kept = np.r_[0:80, 90:200]
    whole = ESNRegressor(**MODEL).fit(frame.iloc[kept], y[kept])
    parts = ESNRegressor(**MODEL).fit(frame[:80], y[:80])
    parts.partial_fit(frame[90:], y[90:])
    np.testing.assert_allclose(parts.coef_, whole.coef_, rtol=1e-7, atol=1e-8)
    # And what it knows of the first stretch stays: the rows between go on from it.
    between = parts.predict(frame[80:90])
    assert_starts(parts, after(parts, X[:80]), X[80:90], between)


def test_partial_fit_forgets_the_ends_it_went_on_from(data):
    X, y = data
    frame = dated(X)
    parts = ESNRegressor(**MODEL).fit(frame[:80], y[:80])
    assert_starts(parts, after(parts, X[:80]), X[80:90], parts.predict(frame[80:90]))
    parts.partial_fit(frame[80:190], y[80:190])
    assert_starts(parts, None, X[80:90], parts.predict(frame[80:90]))
    assert_starts(parts, after(parts, X[:190]), X[190:], parts.predict(frame[190:]))


def test_of_two_ends_that_rows_may_follow_the_later_one_counts(data):
    X, y = data
    time = np.cumsum(np.resize([1, 2, 3], 150))  # irregular, the longest step is 3
    frame = pd.DataFrame(X, np.r_[time, time[-1] + 1 + np.arange(50)])
    options = {**MODEL, "washout": 0, "initial_state": "zero"}
    model = ESNRegressor(**options).fit(frame[:150], y[:150])
    model.partial_fit(frame[150:151], y[150:151])
    predicted = model.set_params(initial_state="auto").predict(frame[151:])
    assert_starts(model, after(model, X[150:151]), X[151:], predicted)


def test_last_starts_the_first_stretch_of_new_rows_alone(data):
    X, y = data
    frame = dated(X)
    model = ESNRegressor(**MODEL).fit(frame[:150], y[:150])
    later = frame.iloc[np.r_[160:190, 192:200]]
    predicted = model.predict(later, initial_state="last")
    assert_starts(model, after(model, X[:150]), X[160:190], predicted[:30])
    assert_starts(model, None, X[192:], predicted[30:])


def test_a_forecast_goes_on_from_the_end_a_given_state_or_rest():
    x = np.sin(0.3 * np.arange(300))
    model = ESNRegressor(30, random_state=0).fit(x[:-1, None], x[1:])
    ends = model.forecast(10)
    # A trained forecast of a sine: close, not exact.
    np.testing.assert_allclose(ends, np.sin(0.3 * np.arange(300, 310)), atol=1e-2)
    np.testing.assert_array_equal(model.forecast(10, initial_state="last"), ends)
    _, state = model.predict(x[:100, None], return_state=True)
    earlier = model.forecast(10, initial_state=state)
    np.testing.assert_allclose(earlier, np.sin(0.3 * np.arange(101, 111)), atol=1e-2)
    assert abs(model.forecast(10, initial_state="zero") - ends).max() > 0.1
