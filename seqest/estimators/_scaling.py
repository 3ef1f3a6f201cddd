"""Inputs and targets brought to mean 0 and spread 1, and outputs back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scaling"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Scaling:
    """Shift and scale of each column; a constant column is only shifted."""

    mean: NDArray[np.float64]  # (n_columns,)
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, values: Array, weights: Array | None = None) -> Self:
        """Return the scaling of the rows of `values`, NaN left out.

        Parameters
        ----------
        values : ndarray of shape (n_rows, n_columns)
            The rows.
        weights : ndarray of shape (n_rows,), optional
            How much each counts.

        Returns
        -------
        Scaling
            Their mean and standard deviation.
        """
        known = ~np.isnan(values).any(axis=1)
        if weights is not None:
            known &= weights > 0
        rows = values[known].astype(np.float64)
        share = None if weights is None else weights[known]
        mean = np.average(rows, axis=0, weights=share)
        deviation = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=share))
        # What is constant but for rounding has no scale of its own.
        tiny = 10 * np.finfo(values.dtype).eps * np.abs(mean)
        return cls(mean, np.where(deviation > tiny, deviation, 1.0))

    @classmethod
    def none(cls, n_columns: int) -> Self:
        """Return the scaling that changes nothing."""
        return cls(np.zeros(n_columns), np.ones(n_columns))

    def apply(self, values: Array) -> Array:
        """Return scaled rows in the dtype of `values`."""
        scaled: Array = ((values - self.mean) / self.scale).astype(values.dtype)
        return scaled

    def undo(self, values: Array) -> Array:
        """Return rows as they were before, in the dtype of `values`."""
        with np.errstate(over="ignore"):  # what is not finite is told by the caller
            rows: Array = (values * self.scale + self.mean).astype(values.dtype)
        return rows

    def into(self, other: Scaling) -> Array:
        """Return scale and shift from what is scaled so to what `other` scales.

        Parameters
        ----------
        other : Scaling
            Of as many columns.

        Returns
        -------
        ndarray of shape (2, n_columns)
            ``other(undone) = row 0 * scaled + row 1``.
        """
        return np.array(
            [self.scale / other.scale, (self.mean - other.mean) / other.scale]
        )
