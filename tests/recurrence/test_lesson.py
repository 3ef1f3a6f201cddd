"""Windows of a lesson: every row counts once, from the right state."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from seqest.recurrence.lesson import Lesson

LENGTHS = [[1], [2, 1, 9], [10], [23, 7], [5, 5, 5]]
CUTS = [
    (length, stride)
    for length in (None, 1, 2, 3, 7, 10, 40)
    for stride in (None, 1, 2, 3, 7)
    if length is None or stride is None or stride <= length
]


def lesson(lengths: list[int], at_rest: list[bool] | None = None) -> Lesson:
    """Return rows that are numbered, in stretches of some lengths."""
    offsets = np.cumsum([0, *lengths])
    rows = np.arange(float(offsets[-1]))[:, np.newaxis]
    rest = np.ones(len(lengths), bool) if at_rest is None else np.array(at_rest)
    start = 100.0 + np.arange(3 * len(lengths)).reshape(-1, 3)
    return Lesson(rows, 10 + rows, 1 + rows[:, 0], offsets, start, rest)


@pytest.mark.parametrize(("length", "stride"), CUTS)
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_every_row_counts_once(
    lengths: list[int], length: int | None, stride: int | None
) -> None:
    given = lesson(lengths)
    windows = given.windows(length, stride)
    batch, _ = given.batch(windows, np.zeros(3))
    Z, weights = given.targets(windows, batch)
    counted = Z[~np.isnan(Z)]
    np.testing.assert_array_equal(np.sort(counted), given.Z[:, 0])
    assert weights is not None
    # A row keeps its own target and its own weight, wherever it stands.
    np.testing.assert_array_equal(weights, 1 + batch.rows)
    np.testing.assert_array_equal(counted, 10 + batch.rows[~np.isnan(Z[:, 0])])


@pytest.mark.parametrize(("length", "stride"), CUTS)
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_windows_are_as_long_as_asked_and_stay_in_their_stretch(
    lengths: list[int], length: int | None, stride: int | None
) -> None:
    given = lesson(lengths)
    windows = given.windows(length, stride)
    for first, size, counted, k in zip(*windows, strict=True):
        begin, end = given.offsets[k], given.offsets[k + 1]
        assert size == min(end - begin, length or end - begin)
        assert begin <= first <= counted < first + size <= end
    for k in range(len(lengths)):
        firsts = windows.first[windows.stretch == k]
        steps = set(np.diff(firsts)[:-1])
        assert steps <= {stride or length}
        assert (
            firsts[-1] + windows.length[windows.stretch == k][-1]
            == (given.offsets[k + 1])
        )


def test_overlap_warms_up_by_the_rows_that_have_counted() -> None:
    windows = lesson([10]).windows(6, 3)
    np.testing.assert_array_equal(windows.first, [0, 3, 4])
    np.testing.assert_array_equal(windows.length, [6, 6, 6])
    np.testing.assert_array_equal(windows.counted, [0, 6, 9])


def test_only_the_first_window_of_a_stretch_goes_on_from_before() -> None:
    given = lesson([8, 8], at_rest=[True, False])
    windows, rest = given.windows(4, 4), np.array([1.0, 2.0, 3.0])
    batch, at_rest = given.batch(windows, rest)
    np.testing.assert_array_equal(at_rest, [True, True, False, True])
    np.testing.assert_array_equal(batch.start[at_rest], np.tile(rest, (3, 1)))
    np.testing.assert_array_equal(batch.start[2], given.start[1])


def test_chosen_windows_are_those_alone() -> None:
    given = lesson([10, 6])
    windows = given.windows(4, 2)
    few = windows.chosen([1, 5])
    for ours, theirs in zip(few, windows, strict=True):
        np.testing.assert_array_equal(ours, theirs[[1, 5]])


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_the_last_part_of_each_stretch_is_held_out(fraction: float) -> None:
    given = lesson([10, 3, 40])
    shorter, held_out = given.without_last(fraction)
    for begin, end in pairwise(given.offsets):
        n_held = held_out[begin:end].sum()
        # At least the share that was asked for, by less than a row more.
        assert 0 <= n_held - fraction * (end - begin) < 1
        np.testing.assert_array_equal(
            held_out[begin:end].argsort(kind="stable"), np.arange(end - begin)
        )
    np.testing.assert_array_equal(np.isnan(shorter.Z[:, 0]), held_out)
    np.testing.assert_array_equal(shorter.Z[~held_out], given.Z[~held_out])
    assert not np.isnan(given.Z).any()
    assert shorter.X is given.X


def test_whole_stretches_are_held_out_where_each_has_one_target() -> None:
    given = lesson([3, 4, 2, 5])
    shorter, held_out = given.without_last(0.3, stretches=True)
    np.testing.assert_array_equal(held_out, np.repeat([False, True], [7, 7]))
    np.testing.assert_array_equal(np.isnan(shorter.Z[:, 0]), held_out)


def test_a_lesson_without_weights_has_none_in_its_windows() -> None:
    given: Any = replace(lesson([9]), weights=None)
    windows = given.windows(4, 2)
    batch, _ = given.batch(windows, np.zeros(3))
    assert given.targets(windows, batch)[1] is None
