"""Which time step each row belongs to: by its stamp, or by its place in its series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_integer_dtype
from sklearn.utils import check_consistent_length

from seqest._sequences.clock import Clock
from seqest._sequences.forms import Form, read_form

__all__ = ["time_steps"]

Rows = NDArray[np.int64]


def time_steps(owner: str, X: Any, y: Any, groups: Any) -> Rows:
    """Return the rank of the time of each row, from 0 on without a hole.

    Parameters
    ----------
    owner : str
        Named in errors.
    X, y, groups : array-like or None
        As in `RollingOriginSplit.split`.

    Returns
    -------
    ndarray of shape (n_rows,)
        Of the stamps that occur in any series; without stamps the place of each row
        within its series.

    Raises
    ------
    ValueError
        If X, y and groups do not match, or X is not rows in time.
    """
    rows = _rows(owner, X, y)
    # Whatever groups name beside a MultiIndex: its stamps tell the time.
    named = isinstance(getattr(rows, "index", None), pd.MultiIndex)
    form = read_form(owner, rows, None if named else groups)
    _require_rows(owner, form)
    check_consistent_length(X, y, groups)
    order = np.argsort(form.codes, kind="stable")
    starts = np.concatenate(([0], np.cumsum(form.lengths)[:-1])).astype(np.int64)
    clock = None
    if form.index is not None and (named or not _are_row_numbers(form)):
        clock = Clock.learn(form.index[order], starts)
    if clock is None:
        places = np.empty(order.size, np.int64)
        places[order] = np.arange(order.size) - np.repeat(starts, form.lengths)
        return places
    ranks = np.unique(clock.stamps(form.index), return_inverse=True)[1]
    return ranks.astype(np.int64, copy=False)


def _rows(owner: str, X: Any, y: Any) -> Any:
    """Return X, or y where only y has an index."""
    if X is None and y is None:
        raise ValueError(f"{owner} needs X or y, whose rows it splits.")
    X, y = (v.to_frame() if isinstance(v, pd.Series) else v for v in (X, y))
    indexed = [isinstance(v, pd.DataFrame) for v in (X, y)]
    if all(indexed) and len(X) == len(y) and not X.index.equals(y.index):
        raise ValueError(
            "y has another index than X. Align them first, e.g. y = y.loc[X.index]."
        )
    return y if X is None or indexed == [False, True] else X


def _require_rows(owner: str, form: Form) -> None:
    if form.kind != "rows":
        kind = "is 3-D" if form.kind == "array" else "is a list of series"
        raise ValueError(
            f"X {kind}, but {owner} splits rows in time. Stack its series, "
            "np.concatenate(X), and name that of each row in groups."
        )
    if form.codes.size == 0:
        raise ValueError(f"{owner} has no rows to split: X is empty.")
    index = form.index
    if index is not None and pd.isna(index).any():
        raise ValueError("The index has missing labels. Every row needs its time.")


def _are_row_numbers(form: Form) -> bool:
    """Say whether integers are no times: several series, and not one in common."""
    index = form.index
    if index is None or not is_integer_dtype(index.dtype):
        return False
    return len(form.ids) > 1 and bool(index.is_unique)
