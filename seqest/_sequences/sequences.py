"""Rows of one or many series, stacked, checked and cut into stretches."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

from seqest._sequences.clock import Clock
from seqest._sequences.forms import Form, read_form
from seqest._sequences.numbers import reading_numbers

__all__ = ["Sequences", "read_sequences"]


@dataclass(frozen=True)
class Sequences:
    """Stacked rows, series after series, in time order.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features)
        float32 or float64, C-ordered.
    offsets : ndarray of shape (n_stretches + 1,)
        Stretch k is rows ``offsets[k]:offsets[k + 1]``: rows of one series that
        follow each other without a hole.
    series : ndarray of shape (n_stretches,)
        Which series each stretch belongs to.
    ids : tuple
        The id of each series, None where it has none.
    stamps : ndarray of shape (n_rows,) or None
        Time of each row in steps of `clock`.
    clock : Clock or None
        How the index was read.
    order : ndarray of shape (n_rows,) or None
        Stacked row k was the caller's row ``order[k]``; None where nothing moved.
    form : Form
        How X arrived.
    """

    X: NDArray[Any]
    offsets: NDArray[np.int64]
    series: NDArray[np.int64]
    ids: tuple[Hashable, ...]
    stamps: NDArray[np.int64] | None
    clock: Clock | None
    order: NDArray[np.int64] | None
    form: Form

    @property
    def n_stretches(self) -> int:
        """Number of stretches."""
        return self.series.size

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Rows of each stretch."""
        return np.diff(self.offsets)

    def is_continuable(self, series: int) -> bool:
        """Say whether a series can be known again: a list's nameless ones cannot."""
        return self.form.kind == "rows" or self.ids[series] is not None

    def last_of_series(self) -> NDArray[np.int64]:
        """Return the last stretch of each series, shape (n_series,)."""
        last = np.zeros(len(self.ids), np.int64)
        last[self.series] = np.arange(self.n_stretches)
        return last

    def stacked(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return row-aligned `values` in the stacked order."""
        return values if self.order is None else values[self.order]

    def restored(self, values: NDArray[Any]) -> Any:
        """Return stacked rows in the caller's order and form."""
        if self.order is not None:
            back = np.empty_like(values)
            back[self.order] = values
            values = back
        if self.form.kind == "array":
            return values.reshape(len(self.ids), -1, *values.shape[1:])
        if self.form.kind == "list":
            return np.split(values, np.cumsum(self.form.lengths)[:-1])
        return values


def read_sequences(
    estimator: Any,
    X: Any,
    groups: Any = None,
    *,
    reset: bool = False,
    clock: Clock | None = None,
) -> Sequences:
    """Check X and stack its rows by series and time.

    Parameters
    ----------
    estimator : BaseEstimator
        Its `n_features_in_` and `feature_names_in_` are set or compared.
    X : array-like
        In one of the forms of `seqest._sequences.forms`.
    groups : array-like, optional
        Ids of the series.
    reset : bool, default=False
        Whether X is training data, which sets the features.
    clock : Clock, optional
        How the training index was read; learned from X if None.

    Returns
    -------
    Sequences
        The stacked rows.

    Raises
    ------
    ValueError
        If X is empty, not numeric or not finite, or its index does not increase.
    """
    owner = type(estimator).__name__
    form = read_form(owner, X, groups)
    with reading_numbers("X", form.X, form.place):
        rows = validate_data(
            estimator,
            form.X,
            reset=reset,
            dtype=[np.float64, np.float32],
            order="C",
            ensure_all_finite=False,
        )
    _require_finite(rows, form)
    rows = np.require(rows, requirements=["C", "W"])
    order = None
    if np.any(np.diff(form.codes) < 0):
        order = np.argsort(form.codes, kind="stable")
        rows = np.ascontiguousarray(rows[order])
    starts = np.concatenate(([0], np.cumsum(form.lengths)[:-1])).astype(np.int64)
    clock, stamps = _read_time(owner, form, order, starts, clock)
    cuts = starts
    if clock is not None and stamps is not None:
        holes = np.flatnonzero(clock.holes(stamps)) + 1
        cuts = np.union1d(starts, holes)
    offsets = np.append(cuts, len(rows)).astype(np.int64)
    codes = form.codes if order is None else form.codes[order]
    return Sequences(rows, offsets, codes[cuts], form.ids, stamps, clock, order, form)


def _require_finite(rows: NDArray[Any], form: Form) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.sum(rows)
    if np.isfinite(total) or np.all(np.isfinite(rows)):
        return
    row, column = map(int, np.argwhere(~np.isfinite(rows))[0])
    kind = "NaN" if np.isnan(rows[row, column]) else "inf"
    raise ValueError(
        f"{form.place(row, column)} is {kind}. Sequence models need every input; "
        "impute it or drop the series."
    )


def _read_time(
    owner: str,
    form: Form,
    order: NDArray[np.int64] | None,
    starts: NDArray[np.int64],
    clock: Clock | None,
) -> tuple[Clock | None, NDArray[np.int64] | None]:
    """Return the clock and the stacked stamps, checked to increase in each series."""
    if form.index is None:
        return clock, None
    index = form.index if order is None else form.index[order]
    if index.hasnans or (index.dtype.kind == "f" and np.isinf(index).any()):
        raise ValueError("X's index has missing labels. Every row needs its time.")
    if clock is None:
        clock = Clock.learn(index, starts)
    if clock is None:
        return None, None
    if not clock.reads(index):
        raise ValueError(
            f"X has an index of type {type(index).__name__} ({index.dtype}) but "
            f"{owner} was fitted on a {clock.family} index, so where prediction starts "
            "cannot be told. Give X an index of the same kind, or a plain array."
        )
    stamps = clock.stamps(index)
    falls = np.diff(stamps) <= 0
    falls[starts[1:] - 1] = False
    if np.any(falls):
        row = int(np.argmax(falls))
        _refuse_step(owner, index[row], index[row + 1])
    return clock, stamps


def _refuse_step(owner: str, before: Any, after: Any) -> None:
    """Raise for a row that does not come later than the one before it."""
    if after > before:
        raise ValueError(
            f"X's index steps from {before} to {after}, too little for the index "
            f"{owner} was fitted on. Predict at the frequency of the training rows."
        )
    raise ValueError(
        f"X's index does not increase within a series: {after} follows {before}. The "
        "rows are shuffled or repeated; keep them in time order (split with "
        "shuffle=False)."
    )
