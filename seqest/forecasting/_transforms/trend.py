"""Straight lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np

from seqest.forecasting._transforms.transform import Array, Cuts, Transform, first_of

__all__ = ["Trend"]


@dataclass(frozen=True, eq=False)
class Trend(Transform):
    """The straight line of each series, taken away and given back.

    Attributes
    ----------
    level, slope : ndarray of shape (n_series, n_targets)
        The line at the first row, and by row.
    lengths : ndarray of shape (n_series,)
        Rows of each series.
    """

    level: Array
    slope: Array
    lengths: Cuts

    @classmethod
    def fitted(cls, rows: Array, offsets: Cuts, option: Any = None) -> Self:
        """Return the lines of least squares."""
        lines = []
        for a, b in pairwise(offsets):
            time = np.arange(b - a) - (b - a - 1) / 2
            spread = max(float(time @ time), 1.0)
            mean = rows[a:b].mean(axis=0)
            slope = time @ (rows[a:b] - mean) / spread
            lines.append((mean - slope * (b - a - 1) / 2, slope))
        level, slope = (np.array(part) for part in zip(*lines, strict=True))
        return cls(level, slope, np.diff(offsets))

    def like(self, before: Any) -> Self:
        """Keep the lines of before."""
        level = first_of(before.level, self.level)
        return replace(self, level=level, slope=first_of(before.slope, self.slope))

    def _line(self) -> Array:
        time = np.concatenate([np.arange(n) for n in self.lengths])[:, np.newaxis]
        level, slope = (
            np.repeat(v, self.lengths, axis=0) for v in (self.level, self.slope)
        )
        return np.asarray(level + slope * time)

    def apply(self, rows: Array, offsets: Cuts) -> Array:
        """Return what is left of rows."""
        return rows - self._line()

    def at(self, series: Cuts, known: Cuts, before: list[Array]) -> Self:
        """Return this as it stands at places."""
        level, slope = self.level[series], self.slope[series]
        return replace(self, level=level, slope=slope, lengths=known)

    def undo(self, ahead: Array) -> Array:
        """Return forecasts on the line."""
        steps = self.lengths[:, np.newaxis] + np.arange(ahead.shape[2])
        line = (
            self.level[:, np.newaxis]
            + self.slope[:, np.newaxis] * steps[..., np.newaxis]
        )
        return np.asarray(ahead + line[:, np.newaxis])

    def undo_rows(self, told: Array, rows: Array, after: Array) -> Array:
        """Return rows on the line."""
        return told + self._line()
