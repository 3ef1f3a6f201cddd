"""What time itself says of a row: the season as waves, the calendar as columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqest.forecasting._panel import Panel

__all__ = ["CALENDAR", "Calendar", "Term", "Waves"]

Array = NDArray[np.float64]
# What is read off a date, its first value and how many there are.
CALENDAR = {
    "minute": (0, 60),
    "hour": (0, 24),
    "day_of_week": (0, 7),
    "day": (1, 31),
    "month": (1, 12),
    "quarter": (1, 4),
}


class Term(ABC):
    """Columns that are known of any time."""

    @abstractmethod
    def columns(self, series: int, times: Any) -> Array:
        """Return the columns of a series, whose times are given from its first on."""


@dataclass(frozen=True, eq=False)
class Waves(Term):
    """Sines and cosines of a period, in step for all series.

    Attributes
    ----------
    period : float
        Rows of a season.
    n_harmonics : int
        How many pairs: of the period, its half, its third, …
    first : ndarray of shape (n_series,)
        How many rows after the earliest each series begins.
    """

    period: float
    n_harmonics: int
    first: NDArray[np.int64]

    @classmethod
    def of(cls, panel: Panel, period: float, n_harmonics: int) -> Waves:
        """Return the waves of a panel's series."""
        earliest = min(panel.times, key=lambda times: times[0])
        first = [_steps_from(earliest, times) for times in panel.times]
        return cls(period, n_harmonics, np.array(first, np.int64))

    def columns(self, series: int, times: Any) -> Array:
        """Return sine and cosine of each harmonic, (n_rows, 2 * n_harmonics)."""
        rows = self.first[series] + np.arange(len(times))
        angles = 2 * np.pi * np.outer(rows, np.arange(1, self.n_harmonics + 1))
        angles /= self.period
        waves = np.stack([np.sin(angles), np.cos(angles)], axis=2)
        return np.asarray(waves.reshape(len(times), -1))


@dataclass(frozen=True, eq=False)
class Calendar(Term):
    """Which hour, day or month it is: a column for each, 1 in its rows and else 0."""

    names: Sequence[str]

    def columns(self, series: int, times: Any) -> Array:
        """Return the columns of all names side by side."""
        columns = []
        for name in self.names:
            first, size = CALENDAR[name]
            columns.append(np.eye(size)[np.asarray(getattr(times, name)) - first])
        return np.hstack(columns)


def _steps_from(earliest: Any, times: Any) -> int:
    """Return how many steps of a regular index lie before the start of another."""
    if times[0] == earliest[0]:
        return 0
    if hasattr(times, "step"):
        return int((times[0] - earliest[0]) // times.step)
    if hasattr(times, "asi8") and not hasattr(times, "tz"):
        return int(times.asi8[0] - earliest.asi8[0])
    return len(pd.date_range(earliest[0], times[0], freq=times.freq)) - 1
