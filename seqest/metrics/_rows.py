"""Rows of numbers, as metrics take them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_numeric, worded

__all__ = ["read_table", "require_finite"]

Array = NDArray[np.float64]


def read_table(owner: str, name: str, value: Any) -> Array:
    """Return rows of numbers, NaN and inf among them, of shape (n_rows, n_columns)."""
    table = check_numeric(owner, name, value)
    if table.ndim not in (1, 2) or table.size == 0:
        rule = "of one or two dimensions and not empty"
        raise ValueError(worded(owner, name, table, rule))
    return table.reshape(len(table), -1)


def require_finite(owner: str, name: str, table: Array) -> None:
    """Raise where a value is no finite number, naming the first."""
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        what = "NaN" if np.isnan(table[row, column]) else "infinite"
        raise ValueError(f"{name}[{row}, {column}] is {what}; {owner} needs numbers.")
