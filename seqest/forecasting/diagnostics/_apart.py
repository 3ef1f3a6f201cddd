"""Each column of each series apart from the others."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqest.metrics._series import Series

__all__ = ["Column", "columns_apart"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Column:
    """One output of one series.

    Attributes
    ----------
    series : hashable
        The id of the series, None where it has none.
    output : str
        What the output is called.
    values : ndarray of shape (n_rows,)
        NaN where unknown.
    offsets : ndarray of shape (n_stretches + 1,)
        Where rows begin that follow each other, and where the last end.
    """

    series: Hashable
    output: str
    values: Array
    offsets: NDArray[np.int64]


def columns_apart(series: Series, table: Array) -> Iterator[Column]:
    """Yield the columns of a table of a Series: by series, and then by output."""
    sequences = series.sequences
    for code, called in enumerate(sequences.ids):
        stretches = np.flatnonzero(sequences.series == code)
        offsets = sequences.offsets[stretches[0] : stretches[-1] + 2]
        rows = table[offsets[0] : offsets[-1]]
        for output, values in zip(series.names[1], rows.T, strict=True):
            yield Column(called, output, values, offsets - offsets[0])
