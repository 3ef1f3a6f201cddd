"""Means and deviations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np

from seqest.forecasting._transforms.transform import Array, Cuts, Transform, first_of

__all__ = ["Scale"]


@dataclass(frozen=True, eq=False)
class Scale(Transform):
    """Mean 0 and deviation 1 of each series; what is constant is only shifted.

    Attributes
    ----------
    mean, deviation : ndarray of shape (n_series, n_targets)
        Of the training rows.
    lengths : ndarray of shape (n_series,)
        Rows of each series.
    """

    mean: Array
    deviation: Array
    lengths: Cuts

    @classmethod
    def fitted(cls, rows: Array, offsets: Cuts, option: Any = None) -> Self:
        """Return the scale of rows without NaN."""
        parts = [
            rows[a:b][~np.isnan(rows[a:b]).any(axis=1)] for a, b in pairwise(offsets)
        ]
        mean = np.array([part.mean(axis=0) for part in parts])
        deviation = np.array([part.std(axis=0) for part in parts])
        # What is constant but for rounding has no scale of its own.
        tiny = 10 * np.finfo(np.float64).eps * np.abs(mean)
        return cls(mean, np.where(deviation > tiny, deviation, 1.0), np.diff(offsets))

    def like(self, before: Any) -> Self:
        """Keep the scales of before."""
        deviation = first_of(before.deviation, self.deviation)
        return replace(self, mean=first_of(before.mean, self.mean), deviation=deviation)

    def _by_row(self) -> tuple[Array, Array]:
        mean, deviation = (
            np.repeat(v, self.lengths, axis=0) for v in (self.mean, self.deviation)
        )
        return mean, deviation

    def apply(self, rows: Array, offsets: Cuts) -> Array:
        """Return scaled rows."""
        mean, deviation = self._by_row()
        return (rows - mean) / deviation

    def at(self, series: Cuts, known: Cuts, before: list[Array]) -> Self:
        """Return this as it stands at places."""
        return replace(
            self,
            mean=self.mean[series],
            deviation=self.deviation[series],
            lengths=known,
        )

    def undo(self, ahead: Array) -> Array:
        """Return forecasts in the units of before."""
        wide = (slice(None), np.newaxis, np.newaxis)
        return ahead * self.deviation[wide] + self.mean[wide]

    def undo_rows(self, told: Array, rows: Array, after: Array) -> Array:
        """Return rows in the units of before."""
        mean, deviation = self._by_row()
        return told * deviation + mean
