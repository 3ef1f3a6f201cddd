"""Rows of numbers, as metrics take them: the target, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_numeric, check_vector, worded

__all__ = [
    "Rows",
    "complete_rows",
    "index_of",
    "read_rows",
    "read_table",
    "require_finite",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """The rows of a target, and those of them that count.

    Attributes
    ----------
    owner : str
        The metric, which errors name.
    index : pandas.Index or None
        The labels of the rows, if there are any.
    table : ndarray of shape (n_given, n_outputs)
        The target, NaN where unknown.
    counted : ndarray of shape (n_given,)
        Whether a row is known in all outputs and has a positive weight.
    weight : ndarray of shape (n_rows,)
        The weights of the rows that count.
    """

    owner: str
    index: Any
    table: Array
    counted: NDArray[np.bool_]
    weight: Array

    @property
    def true(self) -> Array:
        """The target in the rows that count, shape (n_rows, n_outputs)."""
        return self.table[self.counted]

    def aligned(self, name: str, value: Any) -> Array:
        """Return a table of the target's shape and index, in all rows given."""
        self.require_same_index(name, value)
        table = read_table(self.owner, name, value)
        if table.shape != self.table.shape:
            rule = f"of y_true's shape {self.table.shape}"
            raise ValueError(worded(self.owner, name, table, rule))
        return table

    def like(self, name: str, value: Any) -> Array:
        """Return a finite table like the target's, in the rows that count."""
        table = self.aligned(name, value)
        require_finite(self.owner, name, table)
        return table[self.counted]

    def require_same_index(self, name: str, value: Any) -> None:
        """Raise where pandas would align other rows with the target."""
        other = index_of(value)
        if self.index is None or other is None or self.index.equals(other):
            return
        rule = "indexed as y_true is"
        remedy = f"Align the two first, e.g. {name}.reindex(y_true.index)."
        raise ValueError(worded(self.owner, name, value, rule, remedy))


def read_rows(owner: str, y_true: Any, sample_weight: Any = None) -> Rows:
    """Read a target.

    Parameters
    ----------
    owner : str
        The metric, which errors name.
    y_true : array-like of shape (n_given,) or (n_given, n_outputs)
        The target, NaN where unknown.
    sample_weight : array-like of shape (n_given,), optional
        Weights of the rows.

    Returns
    -------
    Rows
        The target and its weights.

    Raises
    ------
    ValueError
        If the target holds inf, or no row counts.
    """
    table = read_table(owner, "y_true", y_true)
    counted = complete_rows(owner, "y_true", table)
    weight = np.ones(len(table))
    if sample_weight is not None:
        weight = check_vector(owner, "sample_weight", sample_weight, len(table))
        counted &= weight > 0
        if weight.min() < 0 or not counted.any():
            rule = "non-negative and positive in some row with a known target"
            raise ValueError(worded(owner, "sample_weight", sample_weight, rule))
    return Rows(owner, index_of(y_true), table, counted, weight[counted])


def index_of(value: Any) -> Any:
    """Return the labels of the rows of a pandas object, None for anything else."""
    index = getattr(value, "index", None)
    # A list's `index` is a method and has no `equals`.
    return index if hasattr(index, "equals") else None


def read_table(owner: str, name: str, value: Any) -> Array:
    """Return rows of numbers, NaN and inf among them, of shape (n_rows, n_columns)."""
    table = check_numeric(owner, name, value)
    if table.ndim not in (1, 2) or table.size == 0:
        rule = "of one or two dimensions and not empty"
        raise ValueError(worded(owner, name, table, rule))
    return table.reshape(len(table), -1)


def require_finite(owner: str, name: str, values: Array) -> None:
    """Raise where a value is no finite number, naming the first."""
    if not np.isfinite(values).all():
        place = np.argwhere(~np.isfinite(values))[0].tolist()
        what = "NaN" if np.isnan(values[tuple(place)]) else "infinite"
        raise ValueError(f"{name}{place} is {what}; {owner} needs numbers.")


def complete_rows(owner: str, name: str, table: Array) -> NDArray[np.bool_]:
    """Say which rows of a table hold no NaN; some row must, and none hold inf."""
    unknown = np.isnan(table)
    require_finite(owner, name, np.where(unknown, 0.0, table))
    known = np.logical_not(unknown.any(axis=1))
    if not known.any():
        raise ValueError(worded(owner, name, table, "free of NaN in some row"))
    return known
