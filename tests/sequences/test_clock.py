"""What a time index says: which row comes next, and where rows are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqest import ESNRegressor, Reservoir
from seqest._sequences import Clock
from tests.reference import echo_state as plain

START = np.zeros(1, int)  # one series


def dates(freq, n=60, start="2023-01-31", **more):
    return pd.date_range(start, periods=n, freq=freq, **more)


def zoned(freq, n, start, zone):
    return dates(freq, n, start, tz=zone)


def local_days(n, start, zone):
    """Return local midnights, or where the clock skips midnight the hour after it."""
    naive = dates("D", n, start)
    return naive.tz_localize(zone, nonexistent="shift_forward", ambiguous=True)


# Each ends in a row after the training rows and the row after that one.
REGULAR = {
    "days": dates("D"),
    "days in nanoseconds": dates("D", unit="ns"),
    "days in seconds": dates("D", unit="s"),
    "hours": dates("h"),
    "ten days": dates("10D"),
    "weeks": dates("W"),
    "month starts": dates("MS"),
    "month ends": dates("ME"),
    "quarter starts": dates("QS"),
    "quarter ends": dates("QE"),
    "quarters of another year": dates("QE-FEB"),
    "year starts": dates("YS"),
    "year ends": dates("YE"),
    "the 15th": dates(pd.DateOffset(months=1), start="2023-01-15"),
    "leap days and 28ths": pd.DatetimeIndex(
        [f"{year}-02-28" for year in range(1950, 2010)]
    ),
    # Clocks go forward on 26 March 2023 and back on 29 October 2023.
    "zoned hours in spring": zoned("h", 900, "2023-03-10", "Europe/Berlin"),
    "zoned hours in autumn": zoned("h", 900, "2023-10-10", "Europe/Berlin"),
    "zoned days": zoned("D", 300, "2023-03-01", "Europe/Berlin"),
    "zoned weeks": zoned("W", 60, "2023-03-01", "America/New_York"),
    "zoned month starts": zoned("MS", 60, "2023-01-01", "Europe/Berlin"),
    "zoned month ends": zoned("ME", 60, "2023-01-01", "Europe/Berlin"),
    # On 28 April 2023 the clock went from 23:59 to 01:00.
    "zoned days one of which lacks midnight": local_days(
        60, "2023-04-10", "Africa/Cairo"
    ),
    "hours where midnight is skipped": zoned("h", 900, "2023-04-10", "Africa/Cairo"),
    "periods of months": pd.period_range("2023-01", periods=60, freq="M"),
    "periods of quarters": pd.period_range("2023-01", periods=60, freq="Q"),
    "periods of two days": pd.period_range("2023-01", periods=60, freq="2D"),
    "time spans": pd.timedelta_range("1s", periods=60, freq="3s"),
    "range": pd.RangeIndex(60),
    "range by threes": pd.RangeIndex(5, 185, 3),
    "integers": pd.Index(np.arange(10, 70)),
    "small integers": pd.Index(np.arange(60, dtype="int8")),
    "nullable integers": pd.Index(pd.array(np.arange(60), dtype="Int64")),
    "years as floats": pd.Index(1700 + np.arange(60.0)),
    "tenths": pd.Index(np.arange(60) * 0.1),
    "a linear space": pd.Index(np.linspace(0, 1, 601)),
    "single precision": pd.Index((np.arange(600) * 0.01).astype("float32")),
    # Stored to 0.24 microseconds, so steps differ by up to 5e-5 of their length.
    "seconds since 1970 at 100 Hz": pd.Index(1.7e9 + 0.01 * np.arange(1000)),
    # The same at 10 kHz: by up to 5e-3 of their length.
    "seconds since 1970 at 10 kHz": pd.Index(1.7e9 + 1e-4 * np.arange(1000)),
}
IRREGULAR = {
    "business days": dates("B", 300),
    "first business days of months": dates("BMS", 60),
    "third Fridays": dates("WOM-3FRI", 60),
    "powers": pd.Index(2.0 ** np.arange(30)),
    "squares": pd.Index(np.arange(60) ** 2),
}
NO_TIME = {
    "texts": pd.Index([f"row {k}" for k in range(60)]),
    "booleans": pd.Index([True, False]),
    "categories": pd.CategoricalIndex(range(60)),
    "intervals": pd.interval_range(0, 60),
}


def holes(index):
    clock = Clock.learn(index, START)
    return np.flatnonzero(clock.holes(clock.stamps(index)))


def follows(index, end, first):
    """Say whether row `first` comes after row `end` for one who saw rows up to end."""
    clock = Clock.learn(index[: end + 1], START)
    stamps = clock.stamps(index)
    return clock.follows(int(stamps[end]), int(stamps[first]))


@pytest.mark.parametrize("index", REGULAR.values(), ids=REGULAR)
def test_a_regular_index_has_no_hole_and_one_next_row(index):
    assert holes(index).size == 0
    last = len(index) - 1
    for end in (last // 2, last - 2):
        assert follows(index, end, end + 1)
        assert not follows(index, end, end + 2)
        assert not follows(index, end, end)
        assert not follows(index, end, end - 1)


@pytest.mark.parametrize("index", REGULAR.values(), ids=REGULAR)
def test_a_missing_row_of_a_regular_index_is_a_hole_where_it_was(index):
    np.testing.assert_array_equal(holes(index.delete(40)), [39])
    np.testing.assert_array_equal(holes(index.delete([20, 21, 22, 50])), [19, 46])


@pytest.mark.parametrize("index", IRREGULAR.values(), ids=IRREGULAR)
def test_an_irregular_index_is_consecutive_and_goes_on_within_its_longest_step(index):
    assert holes(index).size == 0
    assert holes(index.delete(20)).size == 0
    clock = Clock.learn(index, START)
    end, longest = int(clock.stamps(index)[-1]), np.diff(clock.stamps(index)).max()
    assert clock.follows(end, end + 1)
    assert clock.follows(end, end + longest)
    assert not clock.follows(end, end + longest + 1)
    assert not clock.follows(end, end)


@pytest.mark.parametrize("index", NO_TIME.values(), ids=NO_TIME)
def test_labels_without_time_have_no_clock(index):
    assert Clock.learn(index, START) is None


@pytest.mark.parametrize(("n_missing", "n_holes"), [(5, 5), (6, 0)])
def test_an_index_is_regular_when_95_percent_of_its_steps_are_alike(n_missing, n_holes):
    # 101 rows have 100 steps, of which the missing rows lengthen n_missing.
    missing = np.arange(10, 10 + 2 * n_missing, 2)
    index = dates("D", 101 + n_missing).delete(missing)
    assert holes(index).size == n_holes


def test_the_step_is_that_within_series_and_not_between_them():
    month = dates("MS", 4, "2020-01-01")
    index = month.append([month] * 9)
    clock = Clock.learn(index, np.arange(0, 40, 4))
    assert clock.unit == "months"
    assert (clock.step, clock.longest, clock.regular) == (1, 1, True)
    # A series begins where the one before it ends.
    chained = dates("MS", 8, "2020-01-01").append(dates("MS", 8, "2020-08-01"))
    assert Clock.learn(chained, np.array([0, 8])).unit == "months"


def test_while_no_step_was_seen_any_later_row_follows():
    clock = Clock.learn(dates("D", 1), START)
    assert clock.follows(10, 11)
    assert clock.follows(10, 500)
    assert not clock.follows(10, 10)


@pytest.fixture
def frame():
    X = np.random.default_rng(0).uniform(-1, 1, (60, 2))
    return pd.DataFrame(X, dates("D", 60), ["inflow", "rain"])


def test_a_hole_cuts_a_series_and_each_stretch_has_its_own_washout(frame):
    # 57 rows are left; the second stretch starts from rest after the hole.
    frame = frame.drop(frame.index[30:33])
    y = np.arange(57.0)
    model = ESNRegressor(12, washout=8, alpha=1e-3, random_state=0).fit(frame, y)
    X = frame.to_numpy()
    H = [plain.states(model.reservoir_, part) for part in (X[:30], X[30:])]
    learnt = np.vstack([H[0][8:], H[1][8:]])
    F = plain.features(learnt, np.vstack([X[8:30], X[38:]]))
    coef, _ = plain.ridge(F, np.r_[y[8:30], y[38:]][:, None], model.alpha)
    # The ridge equations magnify rounding by their condition, about 1e5.
    np.testing.assert_allclose(model.coef_, coef[0], rtol=1e-7)
    expected = plain.features(np.vstack(H), X) @ model.coef_ + model.intercept_
    np.testing.assert_allclose(model.predict(frame), expected, rtol=1e-9)


def test_a_hole_in_one_of_several_series_cuts_that_one_alone(frame):
    index = pd.MultiIndex.from_product([["a", "b"], frame.index[:30]])
    both = frame.set_axis(index).drop(("b", frame.index[14]))
    reservoir = Reservoir(8, random_state=0).fit(both)
    H = reservoir.transform(both, initial_state="zero")
    X = both.to_numpy()
    parts = [plain.states(reservoir.reservoir_, x) for x in np.split(X, [30, 44])]
    np.testing.assert_allclose(H, np.vstack(parts), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["shuffled", "reversed", "repeated"])
@pytest.mark.parametrize("index", ["days", "integers", "tenths", "texts"])
def test_rows_out_of_time_order_are_refused_where_time_is_known(frame, kind, index):
    order = {
        "shuffled": np.random.default_rng(0).permutation(60),
        "reversed": np.arange(60)[::-1],
        "repeated": np.repeat(np.arange(30), 2),
    }[kind]
    frame = frame.set_axis((REGULAR | NO_TIME)[index]).iloc[order]
    if index == "texts":
        ESNRegressor(5).fit(frame, np.arange(60.0))
        return
    with pytest.raises(ValueError, match=r"does not increase.*shuffled or repeated"):
        ESNRegressor(5).fit(frame, np.arange(60.0))


def test_the_rows_that_are_out_of_order_are_named(frame):
    with pytest.raises(ValueError, match="2023-02-09 00:00:00 follows 2023-02-10"):
        ESNRegressor(5).fit(frame.iloc[[*range(9), 10, 9]], np.arange(11.0))


def test_series_may_each_begin_anew_but_not_run_backwards(frame):
    index = pd.MultiIndex.from_product([["a", "b"], frame.index[:30]])
    both = frame.set_axis(index)
    ESNRegressor(5).fit(both, np.arange(60.0))
    with pytest.raises(ValueError, match="does not increase within a series"):
        ESNRegressor(5).fit(both.iloc[[*range(40), 45, 44]], np.arange(42.0))


@pytest.mark.parametrize(
    "index",
    [
        dates("D", 60).insert(5, pd.NaT)[:60],
        pd.Index([*range(59), np.nan]),
        pd.Index([*np.arange(59.0), np.inf]),
    ],
    ids=["NaT", "NaN", "inf"],
)
def test_a_missing_label_is_refused(frame, index):
    with pytest.raises(ValueError, match="index has missing labels"):
        ESNRegressor(5).fit(frame.set_axis(index), np.arange(60.0))


@pytest.mark.parametrize("other", ["range", "texts", "tenths", "zoned days", "periods"])
def test_predicting_on_another_kind_of_index_is_refused(frame, other):
    model = ESNRegressor(5).fit(frame, np.arange(60.0))
    indexes = {**REGULAR, **NO_TIME, "periods": frame.index.to_period("D")}
    moved = frame[:59].set_axis(indexes[other][:59])
    with pytest.raises(ValueError, match=r"fitted on a datetime index.*plain array"):
        model.predict(moved)


def test_predicting_faster_than_the_training_rows_is_refused(frame):
    monthly = frame.set_axis(dates("MS", 60))
    model = ESNRegressor(5).fit(monthly, np.arange(60.0))
    with pytest.raises(ValueError, match=r"too little for the index.*frequency"):
        model.predict(frame)


def test_one_index_in_another_resolution_is_the_same(frame):
    model = ESNRegressor(5, random_state=0).fit(frame[:40], np.arange(40.0))
    later = frame[40:]
    expected = model.predict(later)
    for unit in ("s", "ms", "ns"):
        same = later.set_axis(later.index.as_unit(unit))
        np.testing.assert_array_equal(model.predict(same), expected)
