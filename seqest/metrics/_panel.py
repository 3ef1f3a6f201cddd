"""Of which series each row of a target is: scores go series by series."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._sequences.forms import read_form
from seqest.metrics._rows import Rows, index_of
from seqest.metrics._series import speaking_of

__all__ = ["Panel", "read_panel", "sums"]

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Panel:
    """The rows that count, and the series they are of.

    Attributes
    ----------
    rows : Rows
        The target.
    codes : ndarray of shape (n_rows,)
        Which series each row that counts is of.
    ids : tuple
        The id of each series that has such a row; None where there is but one, without
        a name.
    """

    rows: Rows
    codes: Integers
    ids: tuple[Hashable, ...]

    def means(self, values: Array) -> Array:
        """Return the weighted mean of rows in each series, (n_series, n_outputs)."""
        weight = self.rows.weight[:, np.newaxis]
        totals = sums(self.codes, len(self.ids), weight * values)
        return totals / sums(self.codes, len(self.ids), weight)

    def score(self, values: Array) -> Array:
        """Return the mean over series of their weighted means, (n_outputs,)."""
        mean: Array = self.means(values).mean(axis=0)
        return mean


def read_panel(rows: Rows, groups: Any, *carriers: Any) -> Panel:
    """Find out which series the rows are of.

    Parameters
    ----------
    rows : Rows
        The target.
    groups : array-like of shape (n_given,) or None
        Ids of the series.
    *carriers : array-like
        The arguments aligned with the rows: the first with a MultiIndex names them.

    Returns
    -------
    Panel
        The series.

    Raises
    ------
    ValueError
        If the series are named twice, by other than one id per row, or in a MultiIndex
        that does not end in time.
    """
    form_of: Any = rows.table
    for carrier in carriers:
        if getattr(index_of(carrier), "nlevels", 1) > 1:
            form_of = carrier.to_frame() if hasattr(carrier, "to_frame") else carrier
            break
    with speaking_of({"X": "y_true"}):
        form = read_form(rows.owner, form_of, groups)
    present, codes = np.unique(form.codes[rows.counted], return_inverse=True)
    return Panel(rows, codes, tuple(form.ids[k] for k in present))


def sums(codes: Integers, n_series: int, values: Array) -> Array:
    """Return the sums of rows by series, shape (n_series, n_columns)."""
    totals = np.zeros((n_series, values.shape[1]))
    np.add.at(totals, codes, values)
    return totals
