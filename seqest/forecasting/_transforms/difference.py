"""Changes from row to row, or from season to season."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from seqest.forecasting._transforms.transform import Array, Cuts, Transform

__all__ = ["Difference"]


@dataclass(frozen=True, eq=False)
class Difference(Transform):
    """Changes within `lag` rows: w(t) = z(t) - z(t - lag).

    Attributes
    ----------
    lag : int
        How many.
    last : ndarray of shape (n_series, lag, n_targets)
        The last rows before the transform.
    """

    lag: int
    last: Array

    @classmethod
    def fitted(cls, rows: Array, offsets: Cuts, option: Any) -> Self:
        """Return the difference within `option` rows."""
        return cls(int(option), np.array([rows[b - option : b] for b in offsets[1:]]))

    def like(self, before: Any) -> Self:
        """Keep nothing: nothing is fitted."""
        return self

    def apply(self, rows: Array, offsets: Cuts) -> Array:
        """Return changes, NaN in the first rows of each series."""
        changes = np.full_like(rows, np.nan)
        changes[self.lag :] = rows[self.lag :] - rows[: -self.lag]
        for a in offsets[:-1]:
            changes[a : a + self.lag] = np.nan
        return changes

    def at(self, series: Cuts, known: Cuts, before: list[Array]) -> Self:
        """Return this as it stands at places."""
        places = zip(series, known, strict=True)
        last = np.array([before[k][n - self.lag : n] for k, n in places])
        return replace(self, last=last)

    def undo(self, ahead: Array) -> Array:
        """Return forecasts summed up from the last rows on."""
        n_paths = ahead.shape[1]
        last = np.repeat(self.last[:, np.newaxis], n_paths, axis=1)
        whole = np.concatenate([last, ahead], axis=2)
        for first in range(self.lag, whole.shape[2], self.lag):
            here = slice(first, first + self.lag)
            before = whole[:, :, first - self.lag : first]
            whole[:, :, here] += before[:, :, : whole[:, :, here].shape[2]]
        return whole[:, :, self.lag :]

    def undo_rows(self, told: Array, rows: Array, after: Array) -> Array:
        """Return rows summed up from what was measured before each."""
        return rows - after + told
