"""What a regressor sees of each row: lagged targets, inputs of the row, the season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqest.forecasting._panel import Panel

__all__ = ["Season", "lagged"]

Array = NDArray[np.float64]


def lagged(rows: Array, offsets: NDArray[np.int64], lags: Sequence[int]) -> Array:
    """Return the rows before each, newest first: shape (n_rows, n_lags * n_targets).

    NaN where a lag reaches to before a series.
    """
    columns = []
    for lag in lags:
        past = np.full_like(rows, np.nan)
        past[lag:] = rows[: max(len(rows) - lag, 0)]
        for first, last in pairwise(offsets):
            past[first : min(first + lag, last)] = np.nan
        columns.append(past)
    return np.hstack(columns) if columns else np.empty((len(rows), 0))


@dataclass(frozen=True, eq=False)
class Season:
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
    def of(cls, panel: Panel, period: float, n_harmonics: int) -> Season:
        """Return the season of a panel's series."""
        starts = [times[0] for times in panel.times]
        earliest = panel.times[int(np.argmin(starts))] if starts else None
        first = [_steps_from(earliest, times) for times in panel.times]
        return cls(period, n_harmonics, np.array(first, np.int64))

    def columns(self, series: int, rows: NDArray[np.int64]) -> Array:
        """Return the columns of some rows of a series, (n_rows, 2 * n_harmonics)."""
        angle = 2 * np.pi * (self.first[series] + rows) / self.period
        angles = [(k + 1) * angle for k in range(self.n_harmonics)]
        waves = [wave(own) for own in angles for wave in (np.sin, np.cos)]
        return np.column_stack(waves)


def _steps_from(earliest: Any, times: Any) -> int:
    """Return how many steps of a regular index lie before the start of another."""
    if times[0] == earliest[0]:
        return 0
    if hasattr(times, "step"):
        return int((times[0] - earliest[0]) // times.step)
    if hasattr(times, "asi8") and not hasattr(times, "tz"):
        return int(times.asi8[0] - earliest.asi8[0])
    return len(pd.date_range(earliest[0], times[0], freq=times.freq)) - 1
