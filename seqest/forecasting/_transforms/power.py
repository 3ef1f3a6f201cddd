"""Powers of the targets, or their logarithms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np
from scipy.special import boxcox, inv_boxcox
from scipy.stats import boxcox_normmax

from seqest.forecasting._transforms.transform import Array, Cuts, Transform, first_of

__all__ = ["Power"]

FLAT = 0.01  # of the least value: a range within which a power is a straight line


@dataclass(frozen=True, eq=False)
class Power(Transform):
    """The Box-Cox transform: (yᵖ - 1) / p, log y for p = 0, or y itself for p = 1.

    What it gives back is never below 0.

    Attributes
    ----------
    power : ndarray of shape (n_series, n_targets)
        p of each; NaN leaves a series as it is.
    lengths : ndarray of shape (n_series,)
        Rows of each series.
    """

    power: Array
    lengths: Cuts

    @classmethod
    def fitted(cls, rows: Array, offsets: Cuts, option: Any) -> Self:
        """Return the power that is given, or that is likeliest for "auto"."""
        n_series, n_targets = offsets.size - 1, rows.shape[1]
        if option != "auto":
            power = np.full((n_series, n_targets), float(option))
        else:
            power = np.array(
                [
                    [_likeliest(rows[a:b, k]) for k in range(n_targets)]
                    for a, b in pairwise(offsets)
                ]
            )
        return cls(power, np.diff(offsets))

    def like(self, before: Any) -> Self:
        """Keep the powers of before."""
        return replace(self, power=first_of(before.power, self.power))

    def _by_row(self) -> Array:
        return np.repeat(self.power, self.lengths, axis=0)

    def apply(self, rows: Array, offsets: Cuts) -> Array:
        """Return transformed rows."""
        return _forth(rows, self._by_row())

    def at(self, series: Cuts, known: Cuts, before: list[Array]) -> Self:
        """Return this as it stands at places."""
        return replace(self, power=self.power[series], lengths=known)

    def forth(self, series: Cuts, values: Array) -> Array:
        """Return rows (n_places, …, n_targets) of some series, transformed."""
        return _forth(values, self._wide(series, values))

    def back(self, series: Cuts, values: Array) -> Array:
        """Return transformed rows (n_places, …, n_targets) in the units of before."""
        return _back(values, self._wide(series, values))

    def _wide(self, series: Cuts, values: Array) -> Array:
        power = self.power[series]
        return power.reshape(len(power), *(1,) * (values.ndim - 2), -1)

    def undo(self, ahead: Array) -> Array:
        """Return forecasts in the units of before."""
        return self.back(np.arange(len(self.power)), ahead)

    def undo_rows(self, told: Array, rows: Array, after: Array) -> Array:
        """Return rows in the units of before."""
        return _back(told, self._by_row())


def _forth(values: Array, power: Array) -> Array:
    return np.where(np.isnan(power) | (power == 1), values, boxcox(values, power))


def _back(values: Array, power: Array) -> Array:
    # Beyond what a power can give back there is nothing; 0 is the nearest.
    with np.errstate(over="ignore", invalid="ignore"):
        least = np.maximum(values * power, -1.0)
        inside = np.where(power != 0, least / np.where(power != 0, power, 1.0), values)
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.where(power == 1, np.maximum(values, 0.0), inv_boxcox(inside, power))
    return np.where(np.isnan(power), values, found)


def _likeliest(values: Array) -> float:
    """Return the power in [0, 1] that makes values likeliest.

    Powers outside would bend a trend far from where it was seen. It is 1 where some are
    0, or values lie so close that all powers are alike; NaN where some are below 0.
    """
    known = values[~np.isnan(values)]
    if known.min() < 0:
        return np.nan
    if known.min() == 0 or np.ptp(known) < FLAT * known.min():
        return 1.0
    power = boxcox_normmax(known / np.median(known), method="mle")
    return float(np.clip(power, 0.0, 1.0))
