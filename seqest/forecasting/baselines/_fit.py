"""What a baseline has learned of one series."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

__all__ = ["Fit", "Walk"]

Array = NDArray[np.float64]
ONE = np.ones(1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Fit(ABC):
    """A linear model of one series: errors pass through ma(B) / ar(B).

    Attributes
    ----------
    told : ndarray of shape (n_rows,)
        One step ahead, NaN where too little is known before.
    errors : ndarray of shape (n_errors,)
        One-step errors, from which those of paths are drawn.
    ma, ar : ndarray
        Polynomials of the lag operator B, lag 0 first.
    """

    told: Array
    errors: Array
    ma: Array = field(default_factory=ONE.copy)
    ar: Array = field(default_factory=ONE.copy)

    @abstractmethod
    def seen(self, values: Array, inputs: Array) -> Self:
        """Return this model after all rows of `values`, learning nothing of them."""

    @abstractmethod
    def ahead(self, columns: Array) -> Array:
        """Return the next rows, one for each of `columns`."""

    def paths(self, columns: Array, noise: Array) -> Array:
        """Return runs (n_paths, n_steps) with these errors at their steps."""
        spread: Array = lfilter(self.ma, self.ar, noise, axis=-1)
        return self.ahead(columns) + spread


@dataclass(frozen=True, eq=False, kw_only=True)
class Walk(Fit):
    """y(t) = y(t - period) + slope + error."""

    last: Array
    slope: float

    @classmethod
    def of(cls, values: Array, period: int = 1, slope: float = 0.0) -> Self:
        """Return the walk after these rows."""
        told = np.full(len(values), np.nan)
        told[period:] = values[:-period] + slope
        ar = np.zeros(period + 1)
        ar[0], ar[period] = 1.0, -1.0
        errors, last = (values - told)[period:], values[-period:].copy()
        return cls(told=told, errors=errors, ar=ar, last=last, slope=slope)

    def seen(self, values: Array, inputs: Array) -> Self:
        """Return the walk after more rows, its slope kept."""
        return self.of(values, len(self.last), self.slope)

    def ahead(self, columns: Array) -> Array:
        """Return the last season again and again, each time a slope higher."""
        turn, row = np.divmod(np.arange(len(columns)), len(self.last))
        found: Array = self.last[row] + (turn + 1) * self.slope
        return found
