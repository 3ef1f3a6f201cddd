"""Exogenous columns, at the times at which they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqest._validation import check_numeric, worded
from seqest.forecasting._panel import Panel, series_of

__all__ = ["own_columns", "read_row_weights", "read_rows", "require_kind"]

Array = NDArray[np.float64]


def read_rows(
    owner: str,
    X: Any,
    panel: Panel,
    times: Sequence[Any],
    columns: Any,
    wanted: NDArray[np.bool_] | None = None,
) -> Array:
    """Return the rows of exogenous columns that stand at some times.

    Parameters
    ----------
    owner : str
        The class that errors name.
    X : DataFrame or array-like
        With the times of y as its index; without an index its rows are those of
        `times`, series after series.
    panel : Panel
        The series.
    times : sequence of Index
        The labels wanted of each series.
    columns : Index, int or None
        The columns that fit saw, in their order, or how many; None takes those of X.
    wanted : ndarray of shape (n_columns,), optional
        Which of them are wanted; X may have the others or not. By default all are.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
        Series after series.

    Raises
    ------
    ValueError
        If columns differ, or a row is missing or not finite; the message names it.
    """
    if not isinstance(X, pd.DataFrame):
        return _by_position(owner, X, times, columns, wanted)
    if isinstance(columns, pd.Index):
        X = own_columns(owner, X, columns, wanted)
    elif columns is not None:
        return read_rows(owner, X, panel, times, None)[:, wanted]
    codes, ids, stamps = series_of(owner, "X", X.index)
    rows: list[NDArray[np.int64]] = []
    for name, own_times in zip(panel.ids, times, strict=True):
        if name not in ids:
            raise ValueError(f"X has no rows of series {name!r}.")
        own = np.flatnonzero(codes == ids.index(name))
        require_kind(owner, stamps, own_times)
        if not stamps[own].is_unique:
            twice = stamps[own][stamps[own].duplicated()][0]
            raise ValueError(f"X has two rows at {twice}. Keep one.")
        place = stamps[own].get_indexer(own_times)
        if np.any(place < 0):
            which = "X" if name is None else f"X of series {name!r}"
            first = own_times[int(np.argmax(place < 0))]
            raise ValueError(
                f"{which} has no row at {first}. {owner} needs the exogenous columns "
                "at every time that is learned or forecast."
            )
        rows.append(own[place])
    chosen = X.to_numpy()[np.concatenate(rows)]
    labels = [label for own_times in times for label in own_times]
    return _finite_rows(owner, chosen, labels, X.columns)


def _by_position(
    owner: str, X: Any, times: Sequence[Any], columns: Any, wanted: Any
) -> Array:
    """Return rows without an index, which are as many as times."""
    values, n_rows = np.asarray(X), sum(map(len, times))
    if columns is None:
        n_columns = values.shape[-1] if values.ndim == 2 else 0
    else:
        n_columns = columns if isinstance(columns, int) else len(columns)
    if values.shape == (n_rows, n_columns):
        return _finite_rows(
            owner, values if wanted is None else values[:, wanted], np.arange(n_rows)
        )
    if wanted is not None and values.shape == (n_rows, np.count_nonzero(wanted)):
        return _finite_rows(owner, values, np.arange(n_rows))
    rule = f"of shape ({n_rows}, {n_columns})"
    raise ValueError(worded(owner, "X", X, rule))


def _finite_rows(owner: str, rows: Any, labels: Any, names: Any = None) -> Array:
    values = check_numeric(owner, "X", rows)
    good = np.isfinite(values).all(axis=1)
    if not good.all():
        row = int(np.argmin(good))
        column = int(np.argmin(np.isfinite(values[row])))
        kind = "NaN" if np.isnan(values[row, column]) else "inf"
        called = column if names is None else names[column]
        raise ValueError(
            f"X[{called!r}] is {kind} at {labels[row]}. Every input is needed; fill it "
            "first, or drop the column."
        )
    return values


def require_kind(owner: str, stamps: Any, times: Any) -> None:
    """Raise where the labels of X are not of the kind of those of y."""
    kinds = [
        (isinstance(own, pd.PeriodIndex), own.dtype.kind, getattr(own, "tz", None))
        for own in (stamps, times)
    ]
    if kinds[0][0] != kinds[1][0] or (kinds[0][1] in "iu") != (kinds[1][1] in "iu"):
        raise ValueError(
            f"X has an index of {stamps.dtype} labels, but that of y, which {owner} "
            f"was fitted on, has {times.dtype}. Give X the index of y."
        )
    if (kinds[0][2] is None) != (kinds[1][2] is None):
        raise ValueError(
            f"X has an index in the time zone {kinds[0][2]}, that of y is in "
            f"{kinds[1][2]}. Bring them to one, e.g. X.tz_localize(...)."
        )


def own_columns(owner: str, X: pd.DataFrame, columns: Any, wanted: Any) -> Any:
    """Return the columns of X that are wanted, of those that fit saw."""
    if not X.columns.is_unique:
        twice = X.columns[X.columns.duplicated()][0]
        raise ValueError(f"X has two columns {twice!r}. Give each a name of its own.")
    needed = list(columns if wanted is None else columns[wanted])
    others = [name for name in columns if name not in needed]
    given = [name for name in X.columns if name not in others]
    if given == needed:
        return X[needed]
    missing = [name for name in needed if name not in given]
    more = [name for name in given if name not in needed]
    if missing:
        told = f"lacks column {missing[0]!r}"
    elif more:
        told = f"has column {more[0]!r}, which fit did not see"
    else:
        told = f"has its columns in the order {given}"
    raise ValueError(f"X {told}; {owner} was fitted on {list(columns)}.")


def read_row_weights(owner: str, weights: Any, panel: Panel) -> Array | None:
    """Return a weight for each row of a panel, None where there are none.

    Raises
    ------
    ValueError
        If they are not one for each row of y, or no weights.
    """
    if weights is None:
        return None
    values, n_rows = check_numeric(owner, "sample_weight", weights), len(panel.order)
    if values.ndim == 0:
        values = np.full(n_rows, float(values))
    if values.shape != (n_rows,):
        raise ValueError(
            f"sample_weight has shape {values.shape} but {owner} needs ({n_rows},)."
        )
    if not np.all(np.isfinite(values)) or np.any(values < 0) or not np.any(values):
        raise ValueError("sample_weight must be finite, not negative and not all zero.")
    return values[panel.order]
