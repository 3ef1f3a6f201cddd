"""Numbers along time, of one or many series: stacked, NaN where unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from seqest._sequences import Sequences, read_sequences, read_targets
from seqest._validation import check_integer, check_numeric, worded

__all__ = ["Series", "read_series", "speaking_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """Rows stacked by series and time.

    Attributes
    ----------
    sequences : Sequences
        The rows of X, or those of nothing but ones where no X was given.
    tables : tuple of ndarray of shape (n_rows, n_columns)
        The other numbers, aligned with them; NaN where unknown.
    keys : tuple
        By what an estimator knows the columns of X: names, or positions if they have
        none.
    names : tuple of tuple of str
        What the columns of X, and then those of each table, are called in results.
    """

    sequences: Sequences
    tables: tuple[Array, ...]
    keys: tuple[Any, ...]
    names: tuple[tuple[str, ...], ...]

    @property
    def X(self) -> Array:
        """The inputs, shape (n_rows, n_features)."""
        return self.sequences.X.astype(np.float64, copy=False)

    @property
    def stretches(self) -> NDArray[np.int64]:
        """Which stretch each row belongs to, shape (n_rows,)."""
        lengths = self.sequences.lengths
        return np.repeat(np.arange(lengths.size), lengths)

    def without_first(self, owner: str, values: Array, n_rows: Any) -> Array:
        """Return values, NaN in the first rows of each stretch.

        Parameters
        ----------
        owner : str
            The function that errors name.
        values : ndarray of shape (n_rows, n_columns)
            Aligned with the rows.
        n_rows : int
            How many: the argument `discard` of the caller.

        Returns
        -------
        ndarray of shape (n_rows, n_columns)
            A new array.

        Raises
        ------
        ValueError
            If a column holds nothing known any more.
        """
        n_first = check_integer(owner, "discard", n_rows, 0)
        offsets = self.sequences.offsets
        passed = np.arange(len(values)) - np.repeat(offsets[:-1], np.diff(offsets))
        left = np.where((passed < n_first)[:, np.newaxis], np.nan, values)
        if np.isnan(left).all(axis=0).any():
            rule = "less than the rows of the longest series"
            raise ValueError(worded(owner, "discard", n_rows, rule))
        return left

    @property
    def longest(self) -> int:
        """Rows of the longest stretch."""
        return int(self.sequences.lengths.max())


def read_series(owner: str, X: Any, groups: Any, **tables: Any) -> Series:
    """Read numbers aligned in time.

    Parameters
    ----------
    owner : str
        The function that errors name.
    X : array-like or None
        Inputs in any form an estimator takes. None if there are none.
    groups : array-like or None
        Ids of the series.
    **tables : array-like of shape (n_rows,) or (n_rows, n_columns)
        Numbers aligned with X, or with the first of them, by the name that errors use.

    Returns
    -------
    Series
        The stacked rows.

    Raises
    ------
    ValueError
        If they do not match, hold inf, or have no known row.
    """
    for name, value in tables.items():
        if value is None:
            raise ValueError(worded(owner, name, value, "an array of numbers"))
    first = next(iter(tables))
    with speaking_of({} if X is not None else {"X": first}):
        rows = _rows_of(owner, first, tables[first]) if X is None else X
        # What reads rows does it for an estimator: names it and leaves names on it.
        stand_in = type(owner, (BaseEstimator,), {})()
        sequences = read_sequences(stand_in, rows, groups, reset=True)
    found = []
    for name, value in tables.items():
        with speaking_of({"y": name} if X is not None else {"y": name, "X": first}):
            targets = read_targets(owner, sequences, rows, value)
        if targets.per_series:
            raise ValueError(worded(owner, name, value, "one value per row of X"))
        found.append(targets.Y.astype(np.float64, copy=False))
    n_features = sequences.X.shape[1]
    keys = tuple(getattr(stand_in, "feature_names_in_", range(n_features)))
    names = [_names(tuple(range(n_features)), keys, "x")]
    for value, table in zip(tables.values(), found, strict=True):
        called = getattr(value, "columns", (getattr(value, "name", None),))
        names.append(_names(tuple(range(table.shape[1])), tuple(called), "y"))
    return Series(sequences, tuple(found), keys, tuple(names))


def _rows_of(owner: str, name: str, value: Any) -> Any:
    """Return ones in the rows of `value`, with its index."""
    table = check_numeric(owner, name, value)
    if table.ndim not in (1, 2) or table.size == 0:
        rule = "of one or two dimensions and not empty"
        raise ValueError(worded(owner, name, value, rule))
    frame = value.to_frame() if hasattr(value, "to_frame") else value
    if hasattr(frame, "notna"):
        return frame.iloc[:, :1].notna().set_axis([0], axis=1)
    return np.ones((len(table), 1))


@contextmanager
def speaking_of(names: dict[str, str]) -> Iterator[None]:
    """Let errors that speak of X, y or groups speak of what the caller calls so."""
    try:
        yield
    except ValueError as error:
        words = str(error)
        for ours, theirs in names.items():
            words = re.sub(rf"\b{ours}\b", theirs, words)
        raise ValueError(words) from error


def _names(
    places: tuple[int, ...], called: tuple[Any, ...], default: str
) -> tuple[str, ...]:
    """Return names of columns: their own, or a default with their place."""
    if len(called) == len(places) and not any(
        name in (None, *places) for name in called
    ):
        return tuple(map(str, called))
    alone = len(places) == 1 and default != "x"
    return (default,) if alone else tuple(f"{default}{k}" for k in places)
