"""The forms of alpha, and what is said about others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqest.readouts.penalty import check_alpha


@pytest.mark.parametrize("alpha", [0, 1e-8, np.float32(0.5), np.array(2.0)])
def test_a_number_is_for_all_outputs(alpha: Any) -> None:
    penalty = check_alpha("ESN", alpha, 3)
    assert penalty.values.shape == ()
    assert penalty.values == alpha
    assert not penalty.is_chosen


def test_an_array_has_one_for_each_output() -> None:
    penalty = check_alpha("ESN", np.array([1, 2]), 2, incremental=True)
    assert penalty.values.tolist() == [1.0, 2.0]
    assert not penalty.is_chosen


@pytest.mark.parametrize("alpha", [[1.0, 0], (1.0, 0)])
def test_a_list_holds_candidates(alpha: Any) -> None:
    penalty = check_alpha("ESN", alpha, 2)
    assert penalty.values.tolist() == [1.0, 0.0]
    assert penalty.is_chosen


@pytest.mark.parametrize(
    ("alpha", "message"),
    [
        (-1.0, r"ESN\(alpha=-1.0\): must be in \[0, inf\)"),
        (np.inf, r"must be in \[0, inf\)"),
        (np.nan, r"must be in \[0, inf\)"),
        ([1.0, -2.0], r"ESN\(alpha=-2.0\): must be in \[0, inf\)"),
        ([], r"ESN\(alpha=\[\]\): must be a list of at least one candidate"),
        (np.ones(3), r"must be of shape \(2,\), one penalty .* candidates pass a list"),
        (np.array([1.0, np.nan]), r"ESN\(alpha=nan\): must be in \[0, inf\)"),
    ],
)
def test_other_values_are_refused(alpha: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_alpha("ESN", alpha, 2)


@pytest.mark.parametrize(
    "alpha", ["auto", None, True, [1.0, "2"], np.array(["a", "b"])]
)
def test_other_kinds_are_refused(alpha: Any) -> None:
    with pytest.raises(TypeError, match=r"must be a number in \[0, inf\)"):
        check_alpha("ESN", alpha, 2)


def test_pieces_leave_nothing_to_choose_by() -> None:
    with pytest.raises(
        ValueError, match=r"in partial_fit. Candidates are chosen by fit"
    ):
        check_alpha("ESN", [1.0, 2.0], 1, incremental=True)
