"""In which forms X, y and groups arrive: one stacked array, and the way back.

Forms of X: one series ``(n_timesteps, n_features)``; rows of many series with
row-aligned `groups`; a DataFrame whose MultiIndex ends in time; a 3-D array
``(n_series, n_timesteps, n_features)``; a list of 2-D arrays. Below this module there
is one stacked 2-D array, cut into stretches: rows of one series without a hole.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqest._sequences.clock import Clock
from seqest._validation import worded

__all__ = ["Form", "read_form"]


@dataclass(frozen=True)
class Form:
    """What `read_form` found, before any value is checked.

    Attributes
    ----------
    X : array-like of shape (n_rows, n_features)
        The rows in the caller's order, series of a list one after another.
    kind : {"rows", "array", "list"}
        2-D rows, a 3-D array, or a list of 2-D arrays.
    lengths : ndarray of shape (n_series,)
        Rows of each series, for arrays and lists.
    codes : ndarray of shape (n_rows,)
        Which series each row belongs to.
    ids : tuple
        The id of each series; positions in a list are no ids: None.
    index : pandas.Index or None
        The labels of the rows, the time level only.
    """

    X: Any
    kind: str
    lengths: NDArray[np.int64]
    codes: NDArray[np.int64]
    ids: tuple[Hashable, ...]
    index: pd.Index | None

    @property
    def per_series(self) -> bool:
        """Whether a target per series could be meant."""
        return self.kind != "rows"

    def place(self, row: int, column: int) -> str:
        """Return how the caller reaches a value of a stacked row."""
        series = int(self.codes[row])
        inner = row - int(self.lengths[:series].sum())
        if self.kind == "array":
            return f"X[{series}, {inner}, {column}]"
        if self.kind == "list":
            return f"X[{series}][{inner}, {column}]"
        return f"X[{row}, {column}]"


def read_form(owner: str, X: Any, groups: Any = None) -> Form:
    """Find out in which form X arrived.

    Parameters
    ----------
    owner : str
        Named in errors.
    X : array-like
        In one of the forms of this module.
    groups : array-like of shape (n_rows,) or, for 3-D and lists, (n_series,)
        Ids of the series.

    Returns
    -------
    Form
        The rows and what is known about them.

    Raises
    ------
    ValueError
        If a list is empty or mixes shapes, groups have another length than X, or a
        MultiIndex does not end in time.
    """
    if _is_list(X):
        return _from_list(owner, list(X), groups)
    array = X if hasattr(X, "ndim") else None
    if array is not None and array.ndim == 3:
        return _from_array(owner, np.asarray(X), groups)
    return _from_rows(owner, X, groups)


def _is_list(X: Any) -> bool:
    """Say whether X is a list (or object array) whose items are 2-D."""
    if isinstance(X, np.ndarray):
        return X.dtype == object and X.ndim == 1 and X.size > 0 and _depth(X[0]) == 2
    return isinstance(X, list | tuple) and len(X) > 0 and _depth(X[0]) == 2


def _depth(item: Any) -> int:
    if hasattr(item, "ndim"):
        return int(item.ndim)
    depth = 0
    while isinstance(item, list | tuple):
        depth += 1
        item = item[0] if item else None
    return depth


def _from_list(owner: str, series: list[Any], groups: Any) -> Form:
    frames = [isinstance(part, pd.DataFrame) for part in series]
    arrays = series if all(frames) else [np.asarray(part) for part in series]
    for position, part in enumerate(arrays):
        if part.ndim != 2 or part.shape[1] != arrays[0].shape[1] or len(part) == 0:
            raise ValueError(
                f"X[{position}] has shape {part.shape} and X[0] {arrays[0].shape}: "
                "every series of a list is a dense 2-D array with at least one row "
                "and the same features."
            )
    lengths = np.array([len(part) for part in arrays], np.int64)
    index = None
    if all(frames):
        if not all(part.columns.equals(series[0].columns) for part in series):
            raise ValueError("The frames of the list X must have the same columns.")
        stacked: Any = pd.concat(series)
        index = stacked.index
    else:
        stacked = np.concatenate(arrays)
    return _of_series(owner, stacked, "list", lengths, groups, index)


def _from_array(owner: str, X: NDArray[Any], groups: Any) -> Form:
    n_series, n_timesteps, n_features = X.shape
    lengths = np.full(n_series, n_timesteps, np.int64)
    rows = X.reshape(n_series * n_timesteps, n_features)
    return _of_series(owner, rows, "array", lengths, groups, None)


def _of_series(
    owner: str,
    rows: Any,
    kind: str,
    lengths: NDArray[np.int64],
    groups: Any,
    index: pd.Index | None,
) -> Form:
    """Return the form of whole series, named by `groups` or nameless."""
    codes = np.repeat(np.arange(lengths.size), lengths)
    ids: tuple[Hashable, ...] = (None,) * lengths.size
    if groups is not None:
        ids = tuple(_ids(owner, groups))
        if len(ids) != lengths.size or len(set(ids)) != len(ids):
            raise ValueError(
                f"groups name {len(set(ids))} series but X holds {lengths.size}: "
                f"{owner} takes one id of its own for each series of a 3-D or list X."
            )
    return Form(rows, kind, lengths, codes, ids, index)


def _from_rows(owner: str, X: Any, groups: Any) -> Form:
    index = X.index if isinstance(X, pd.DataFrame) else None
    X = X if hasattr(X, "shape") else _as_rows(X)
    n_rows = X.shape[0] if len(X.shape) else 0
    if isinstance(index, pd.MultiIndex) and index.nlevels == 1:
        index = index.get_level_values(0)
    if isinstance(index, pd.MultiIndex):
        _require_time_last(index)
        if groups is not None:
            raise ValueError(
                "X names its series in its MultiIndex and groups name them again; "
                "give one of the two."
            )
        outer = index.droplevel(-1)
        groups = pd.Series(list(outer) if outer.nlevels > 1 else outer, dtype=object)
        index = index.get_level_values(-1)
    if groups is None:
        codes, ids = np.zeros(n_rows, np.int64), (None,)
        return Form(X, "rows", np.array([n_rows]), codes, ids, index)
    names = _ids(owner, groups)
    if len(names) != n_rows:
        raise ValueError(f"groups have {len(names)} rows but X has {n_rows}.")
    factors, unique = pd.factorize(pd.Series(names, dtype=object), use_na_sentinel=True)
    if np.any(factors < 0):
        row = int(np.argmax(factors < 0))
        raise ValueError(
            f"The series of row {row} is missing. Every row needs the id of its series."
        )
    lengths = np.bincount(factors, minlength=len(unique)).astype(np.int64)
    return Form(X, "rows", lengths, factors.astype(np.int64), tuple(unique), index)


def _as_rows(X: Any) -> NDArray[Any]:
    """Return lists of rows as an array; series in a list must be 2-D."""
    remedy = "A list of series holds 2-D arrays or frames, such as x.reshape(-1, 1)."
    if isinstance(X, list | tuple):
        if len(X) == 0:
            raise ValueError("X is empty; it needs at least one row.")
        if any(isinstance(part, pd.Series) for part in X):
            raise ValueError(f"X is a list of pandas Series. {remedy}")
    try:
        return np.asarray(X)
    except ValueError as error:
        raise ValueError(
            f"X is a list whose items differ in shape. {remedy}"
        ) from error


def _require_time_last(index: pd.MultiIndex) -> None:
    """Raise for labels, such as ids, where time is expected."""
    last = index.levels[-1]
    if len(last) and not Clock.can_read(last):
        raise ValueError(
            f"X's MultiIndex ends in {last.dtype} labels such as {last[0]!r}, but its "
            "last level must be time and those before it the id of the series. Swap "
            "them, X.swaplevel(), or convert the last with pd.to_datetime."
        )


def _ids(owner: str, groups: Any) -> list[Hashable]:
    """Return groups as plain Python values, which hash alike in every process."""
    if isinstance(groups, list | tuple):  # NumPy would make texts of mixed values
        return [tuple(name) if isinstance(name, list) else name for name in groups]
    if isinstance(groups, pd.Series | pd.Index):
        return list(groups.tolist())
    array = np.asarray(groups)
    if array.ndim == 0:
        raise ValueError(worded(owner, "groups", groups, "one id per row of X"))
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    names = array.tolist()
    return names if array.ndim == 1 else [tuple(name) for name in names]
