"""What the recurrent regressors give their compiled loops: one type for a precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seqest import ElmanRegressor
from seqest.cells import Cell
from seqest.recurrence import network
from seqest.recurrence.unroll import Loops, loops_of
from tests.estimators.test_recurrent import rows, small

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*max_iter:sklearn.exceptions.ConvergenceWarning"
)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    """Return the arrays of each call of a compiled loop, from here on."""
    calls: list[list[Any]] = []

    def noting(loop: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            calls.append([a for a in arguments if isinstance(a, np.ndarray)])
            loop(*arguments)

        return call

    def watched(cell: Cell, width: int) -> Loops:
        return Loops(*map(noting, loops_of(cell, width)))

    monkeypatch.setattr(network, "loops_of", watched)
    return calls


def assert_alike(calls: list[list[Any]]) -> None:
    """Assert that numbers are of one precision, and that all lies as compiled for."""
    assert calls
    for arrays in calls:
        assert len({a.dtype for a in arrays if a.dtype != np.uint64}) == 1
        assert all(a.flags.c_contiguous and a.flags.writeable for a in arrays)


def test_a_piece_in_another_precision_compiles_nothing_new(given: Any) -> None:
    X, y = rows()
    model = small(ElmanRegressor).partial_fit(X, y)
    model.partial_fit(X.astype(np.float32), y)
    assert_alike(given)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_any_kind_are_given_as_the_loops_are_compiled_for(
    dtype: Any, given: Any
) -> None:
    X, y = rows()
    model = small(ElmanRegressor).fit(X, y)
    X = X.astype(dtype)
    readonly = X.copy()
    readonly.flags.writeable = False
    for kind in (readonly, np.asfortranarray(X), X[::-1]):
        other = small(ElmanRegressor, truncation=2).fit(kind, y).partial_fit(kind, y)
        for fitted in (model, other):
            fitted.predict(kind)
            fitted.predict(np.split(kind, 3))
            fitted.predict_open_loop(kind, y)
    small(ElmanRegressor).fit(X[:-1], X[1:]).forecast(3)
    assert_alike(given)
