"""Batches: where rows and outputs are, and how sequences are dealt into groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqest.recurrence import Batch, Workspace
from seqest.recurrence.batch import dealt
from tests.contracts.tables.cells import CELLS
from tests.recurrence.draws import batch, cotangents, network, pulled, weights


def of_lengths(lengths: Any) -> Batch:
    length = np.array(lengths, np.int64)
    first = np.arange(length.size) * 2
    return Batch(np.zeros((99, 1)), first, length, np.zeros((length.size, 0)))


def test_outputs_stand_one_sequence_after_the_other() -> None:
    given = Batch(
        np.zeros((9, 1)), np.array([4, 0, 5]), np.array([2, 3, 4]), np.zeros((3, 0))
    )
    assert given.places.tolist() == [0, 2, 5, 9]
    assert given.rows.tolist() == [4, 5, 0, 1, 2, 5, 6, 7, 8]


def test_a_batch_of_nothing_has_no_places() -> None:
    assert of_lengths([]).places.tolist() == [0]
    assert of_lengths([]).rows.tolist() == []
    assert dealt(of_lengths([]), np.float64, False) == []


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n_sequences", [1, 2, 8, 9, 16, 17, 33, 100])
def test_every_sequence_is_dealt_once_with_its_rows_and_places(
    n_sequences: int, dtype: Any
) -> None:
    given = of_lengths(np.random.default_rng(0).integers(1, 9, n_sequences))
    groups = dealt(given, dtype, True)
    members = np.concatenate([group.members for group in groups])
    assert sorted(members) == list(range(n_sequences))
    assert all(0 < group.members.size <= group.width for group in groups)
    for group in groups:
        assert group.runs.dtype == np.uint64
        columns = group.runs.astype(np.int64).T
        np.testing.assert_array_equal(columns[0], given.first[group.members])
        np.testing.assert_array_equal(columns[1], given.length[group.members])
        np.testing.assert_array_equal(columns[2], given.places[:-1][group.members])
        assert group.n_steps == columns[1].max()


def test_sequences_of_like_length_run_together() -> None:
    lengths = np.random.default_rng(0).permutation(np.arange(1, 25))
    groups = dealt(of_lengths(lengths), np.float64, False)
    kept = [sorted(lengths[group.members].tolist()) for group in groups]
    assert kept == [list(range(k, k + 8)) for k in (17, 9, 1)]


def test_sequences_of_one_length_keep_their_order() -> None:
    groups = dealt(of_lengths([3] * 20), np.float64, False)
    assert [group.members.tolist() for group in groups] == [
        list(range(8)),
        list(range(8, 16)),
        list(range(16, 20)),
    ]


@pytest.mark.parametrize(
    ("n_sequences", "dtype", "shared", "width"),
    [
        (1, np.float64, False, 1),
        (1, np.float32, True, 1),
        (2, np.float64, True, 8),
        (2, np.float32, False, 8),
        (9, np.float32, False, 16),
        (9, np.float64, False, 8),
        (16, np.float32, True, 8),
        (17, np.float32, True, 16),
        (17, np.float64, False, 8),
        (1000, np.float64, True, 8),
    ],
)
def test_the_width_follows_from_number_precision_and_work(
    n_sequences: int, dtype: Any, shared: bool, width: int
) -> None:
    groups = dealt(of_lengths([3] * n_sequences), dtype, shared)
    assert {group.width for group in groups} == {width}


def test_memory_is_used_again_and_grows_when_it_must() -> None:
    space = Workspace()
    first = space.take("V", 0, 10, np.float64)
    assert (first.shape, first.dtype) == ((10,), np.dtype(np.float64))
    less = space.take("V", 0, 4, np.float64)
    assert less.shape == (4,)
    assert np.shares_memory(less, first)
    assert not np.shares_memory(space.take("V", 1, 4, np.float64), first)
    assert not np.shares_memory(space.take("A", 0, 4, np.float64), first)
    more = space.take("V", 0, 11, np.float64)
    assert more.shape == (11,)
    single = space.take("V", 0, 4, np.float32)
    assert (single.shape, single.dtype) == ((4,), np.dtype(np.float32))


@pytest.mark.parametrize("size", [1, 7, 1000, 100_001])
def test_memory_begins_with_a_cache_line(size: int) -> None:
    for index, dtype in enumerate([np.float32, np.float64] * 4):
        assert Workspace().take("V", index, size, dtype).ctypes.data % 64 == 0


def test_runs_that_share_memory_give_what_they_give_apart() -> None:
    net, space = network(CELLS["LSTM"]), Workspace()
    theta = weights(net)
    kept = []
    for n_sequences in (11, 1, 5, 11):
        given = batch(net, n_sequences, seed=n_sequences)
        cotangent = cotangents(net, given)
        run = net.unroll(theta, given, workspace=space)
        back = pulled(net, theta, given, *cotangent, workspace=space)
        alone = net.unroll(theta, given)
        again = pulled(net, theta, given, *cotangent)
        kept.append(((run.outputs, run.end, *back), (alone.outputs, alone.end, *again)))
    # What a run gave stays, though later ones used its memory.
    for shared, apart in kept:
        for ours, theirs in zip(shared, apart, strict=True):
            np.testing.assert_array_equal(ours, theirs)
