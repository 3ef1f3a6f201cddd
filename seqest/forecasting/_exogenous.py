"""Exogenous columns, at the times at which they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqest._validation import check_numeric, worded
from seqest.forecasting._panel import Panel, series_of

__all__ = ["read_rows"]

Array = NDArray[np.float64]


def read_rows(
    owner: str, X: Any, panel: Panel, times: Sequence[Any], columns: Any
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
    columns : Index or None
        The columns wanted, in their order; None takes those of X.

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
        return _by_position(owner, X, times, columns)
    if columns is not None:
        _require_columns(owner, X, columns)
    codes, ids, stamps = series_of(owner, "X", X.index)
    rows: list[NDArray[np.int64]] = []
    for name, wanted in zip(panel.ids, times, strict=True):
        if name not in ids:
            raise ValueError(f"X has no rows of series {name!r}.")
        own = np.flatnonzero(codes == ids.index(name))
        place = stamps[own].get_indexer(wanted)
        if np.any(place < 0):
            which = "X" if name is None else f"X of series {name!r}"
            first = wanted[int(np.argmax(place < 0))]
            raise ValueError(
                f"{which} has no row at {first}. {owner} needs the exogenous columns "
                "at every time that is learned or forecast."
            )
        rows.append(own[place])
    chosen = X.to_numpy()[np.concatenate(rows)]
    return _finite_rows(owner, chosen, np.concatenate([np.asarray(t) for t in times]))


def _by_position(owner: str, X: Any, times: Sequence[Any], columns: Any) -> Array:
    """Return rows without an index, which are as many as times."""
    values = np.asarray(X)
    n_rows = sum(map(len, times))
    n_columns = columns if isinstance(columns, int) else np.size(columns)
    if columns is None:
        n_columns = values.shape[-1] if values.ndim == 2 else 0
    if values.ndim != 2 or values.shape != (n_rows, n_columns):
        rule = f"of shape ({n_rows}, {n_columns})"
        raise ValueError(worded(owner, "X", X, rule))
    return _finite_rows(owner, values, np.arange(n_rows))


def _finite_rows(owner: str, rows: Any, labels: Any) -> Array:
    values = check_numeric(owner, "X", rows)
    good = np.isfinite(values).all(axis=1)
    if not good.all():
        row = int(np.argmin(good))
        raise ValueError(f"X is not finite at {labels[row]}. Every input is needed.")
    return values


def _require_columns(owner: str, X: pd.DataFrame, columns: Any) -> None:
    if list(X.columns) == list(columns):
        return
    missing = [name for name in columns if name not in X.columns]
    more = [name for name in X.columns if name not in list(columns)]
    if missing:
        told = f"lacks column {missing[0]!r}"
    elif more:
        told = f"has column {more[0]!r}, which fit did not see"
    else:
        told = f"has its columns in the order {list(X.columns)}"
    raise ValueError(f"X {told}; {owner} was fitted on {list(columns)}.")
