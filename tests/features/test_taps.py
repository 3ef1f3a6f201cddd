"""Lagged rows: read, laid out as a matrix, and kept at the end of each stretch."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator

from seqest._sequences import read_sequences
from seqest.features import taps
from seqest.features.taps import (
    deepest,
    last_rows,
    read_delays,
    require_longer,
    tapped,
)
from tests.features import plain


def unknown(n_stretches, depth, n_columns):
    return np.full((n_stretches, depth, n_columns), np.nan)


@st.composite
def stretches(draw):
    """Draw rows, their offsets, and the lags of each column."""
    lengths = draw(st.lists(st.integers(1, 12), min_size=1, max_size=5))
    lags = draw(
        st.lists(
            st.sets(st.integers(0, 9), min_size=1, max_size=5).map(sorted).map(tuple),
            min_size=1,
            max_size=3,
        )
    )
    # Each value occurs once: where it is found says where it came from.
    X = 1.0 + np.arange(sum(lengths) * len(lags)).reshape(-1, len(lags))
    return X, np.cumsum([0, *lengths]), tuple(lags)


def apart(X, offsets):
    return np.split(X, offsets[1:-1])


@given(stretches(), st.sampled_from([1, 7, 30, 10**6]))
@settings(deadline=None)
def test_taps_are_the_lagged_values_of_their_own_stretch(case, block):
    X, offsets, lags = case
    before = unknown(offsets.size - 1, deepest(lags), X.shape[1])
    with mock.patch.object(taps, "BLOCK", block):
        H = tapped(X, offsets, lags, before)
    expected = [plain.delayed(part, lags) for part in apart(X, offsets)]
    np.testing.assert_array_equal(H, np.concatenate(expected))


@given(stretches(), st.integers(0, 3), st.data())
@settings(deadline=None)
def test_cut_anywhere_and_gone_on_with_the_last_rows_taps_are_the_same(
    case, spare, data
):
    X, offsets, lags = case
    depth = deepest(lags) + spare
    pieces = apart(X, offsets)
    before = unknown(len(pieces), depth, X.shape[1])
    expected = tapped(X, offsets, lags, before)
    cuts = [data.draw(st.integers(1, len(part))) for part in pieces]
    heads = [part[:cut] for part, cut in zip(pieces, cuts, strict=True)]
    ends = np.cumsum([0, *cuts])
    kept = last_rows(np.concatenate(heads), ends, depth, before)
    for k, (part, cut) in enumerate(zip(pieces, cuts, strict=True)):
        if cut < len(part):
            whole = np.array([0, len(part) - cut])
            later = tapped(part[cut:], whole, lags, kept[k : k + 1])
            mine = expected[offsets[k] + cut : offsets[k + 1]]
            np.testing.assert_array_equal(later, mine)


@given(stretches(), st.integers(0, 12), st.data())
@settings(deadline=None)
def test_the_last_rows_are_those_of_what_came_before_and_of_the_stretch(
    case, depth, data
):
    X, offsets, _ = case
    pieces = apart(X, offsets)
    before = -1.0 - np.arange(len(pieces) * depth * X.shape[1])
    before = before.reshape(len(pieces), depth, X.shape[1])
    n_unknown = data.draw(st.integers(0, depth))
    before[:, :n_unknown] = np.nan
    for k, rows in enumerate(last_rows(X, offsets, depth, before)):
        both = np.concatenate([before[k], pieces[k]])
        np.testing.assert_array_equal(rows, both[len(both) - depth :])


def test_a_value_unknown_before_a_stretch_is_the_next_known_one_of_its_column():
    X = np.array([[10.0, 20.0], [11.0, 21.0]])
    before = np.array([[[np.nan, 1.0], [2.0, np.nan], [np.nan, np.nan]]])
    H = tapped(X, np.array([0, 2]), ((0, 1, 2, 3), (0, 1, 2, 3)), before)
    expected = [
        [10, 10, 2, 2, 20, 20, 20, 1],
        [11, 10, 10, 2, 21, 20, 20, 20],
    ]
    np.testing.assert_array_equal(H, expected)


def test_a_long_series_is_written_in_blocks_without_a_seam():
    X = np.random.default_rng(0).standard_normal((50_000, 2))
    lags = ((0, 1, 2, 5, 9), (3, 30))
    H = tapped(X, np.array([0, len(X)]), lags, unknown(1, 30, 2))
    taps_of_columns = [(c, lag) for c, own in enumerate(lags) for lag in own]
    for tap, (c, lag) in enumerate(taps_of_columns):
        np.testing.assert_array_equal(H[30:, tap], X[30 - lag : len(X) - lag, c])


@pytest.mark.parametrize(
    ("delays", "columns", "least", "expected"),
    [
        (0, 1, 0, [(0,)]),
        (2, 2, 0, [(0, 1, 2), (0, 1, 2)]),
        (2, 1, 1, [(1, 2)]),
        ([3, 1], 1, 0, [(1, 3)]),
        (range(1, 4), 1, 1, [(1, 2, 3)]),
        ((7,), 1, 0, [(7,)]),
        ({5, 2}, 1, 0, [(2, 5)]),
        (np.array([4, 2]), 1, 0, [(2, 4)]),
        (np.int64(1), 1, 0, [(0, 1)]),
        ({0: 1, 1: [5]}, 2, 0, [(0, 1), (5,)]),
        ({"v": [2], "u": 1}, ["u", "v"], 1, [(1,), (2,)]),
        ({"u": 0, np.int32(1): [2]}, np.array(["u", "v"], object), 0, [(0,), (2,)]),
    ],
)
def test_delays_are_read_in_each_of_their_forms(delays, columns, least, expected):
    lags = read_delays("Line", "delays", delays, columns, least=least)
    assert list(lags) == expected
    assert all(type(lag) is int for own in lags for lag in own)


KINDS = "must be an integer, a list of integers or a dict of these by column."
ENTRIES = "must be a dict with one entry for each column."


@pytest.mark.parametrize(
    ("delays", "error", "message"),
    [
        (-1, ValueError, "Line(delays=-1): must be an integer of at least 0."),
        (True, TypeError, "Line(delays=True): must be an integer of at least 0."),
        (1.0, TypeError, f"Line(delays=1.0): {KINDS}"),
        ("3", TypeError, f"Line(delays='3'): {KINDS}"),
        (None, TypeError, f"Line(delays=None): {KINDS}"),
        (np.array(3), TypeError, f"Line(delays=array(3)): {KINDS}"),
        ([], ValueError, "Line(delays=[]): must be a list of at least one delay."),
        ([2, -3], ValueError, "Line(delays[1]=-3): must be an integer of at least 0."),
        ([2, 1.5], TypeError, "Line(delays[1]=1.5): must be an integer of at least 0."),
        (
            [[1], [1, 2]],
            TypeError,
            "Line(delays[0]=[1]): must be an integer of at least 0.",
        ),
        (
            [4, 1, 4],
            ValueError,
            "Line(delays=[4, 1, 4]): must be a list without repetitions. 4 is "
            "repeated.",
        ),
        (
            {"u": 1, "v": []},
            ValueError,
            "Line(delays['v']=[]): must be a list of at least one delay.",
        ),
        (
            {"u": 1, "v": [0, -2]},
            ValueError,
            "Line(delays['v'][1]=-2): must be an integer of at least 0.",
        ),
        (
            {"u": 1},
            ValueError,
            f"Line(delays={{'u': 1}}): {ENTRIES} Column 'v' has none; drop it to leave "
            "it out.",
        ),
        (
            {"u": 1, "v": 1, "w": 1},
            ValueError,
            f"Line(delays={{'u': 1, 'v': 1, 'w': 1}}): {ENTRIES} There is no column "
            "'w'; there are ['u', 'v'].",
        ),
        (
            {"u": 1, -1: 1},
            ValueError,
            f"Line(delays={{'u': 1, -1: 1}}): {ENTRIES} There is no column -1; there "
            "are ['u', 'v'].",
        ),
        (
            {"u": 1, 0: 2, "v": 1},
            ValueError,
            f"Line(delays={{'u': 1, 0: 2, 'v': 1}}): {ENTRIES} Column 'u' has two.",
        ),
    ],
)
def test_delays_that_are_none_are_refused_in_words(delays, error, message):
    with pytest.raises(error) as caught:
        read_delays("Line", "delays", delays, ["u", "v"])
    assert str(caught.value) == message


@pytest.mark.parametrize("delays", [0, [0], [1, 0]])
def test_lag_0_is_refused_where_the_value_itself_is_sought(delays):
    with pytest.raises(ValueError, match=r"of at least 1\. Lag 0 is the value itself"):
        read_delays("Line", "output_delays", delays, 1, least=1)


class Reader(BaseEstimator):
    pass


@pytest.mark.parametrize(
    ("X", "groups", "which"),
    [
        (np.zeros((3, 1)), None, "X has n_samples=3."),
        ([np.zeros((9, 1)), np.zeros((3, 1))], None, "X[1] has n_samples=3."),
        (np.zeros((6, 1)), list("aababa"), "series 'b' has n_samples=2."),
    ],
)
def test_a_delay_as_long_as_a_series_is_refused_with_its_name(X, groups, which):
    sequences = read_sequences(Reader(), X, groups, reset=True)
    with pytest.raises(ValueError, match="Line") as caught:
        require_longer("Line", "delays", [1, 3], 3, sequences)
    assert str(caught.value) == (
        "Line(delays=[1, 3]): must be less than the number of rows of every series, "
        f"but {which} Lower it, or leave that series out."
    )


def test_a_delay_one_shorter_than_every_series_is_taken():
    sequences = read_sequences(Reader(), np.zeros((4, 1)), reset=True)
    require_longer("Line", "delays", 3, 3, sequences)
