"""What a regressor sees of each row, and what it is to say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.forecasting._calendar import continued
from seqest.forecasting._panel import Panel
from seqest.forecasting._terms import Term

__all__ = ["Design", "Places", "cut_apart", "lagged", "windows"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """Where forecasts begin: the first row ahead of some rows of a series.

    Attributes
    ----------
    series : ndarray of shape (n_places,)
        Of which series.
    known : ndarray of shape (n_places,)
        How many of its rows come before.
    """

    series: Rows
    known: Rows

    @classmethod
    def ends(cls, panel: Panel) -> Places:
        """Return the end of each series."""
        return cls(np.arange(panel.n_series), panel.lengths)

    def __len__(self) -> int:
        return len(self.series)


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a row t, from which rows t, …, t + horizon - 1 are told.

    Lagged rows, newest first; then exogenous columns and calendar of all rows that are
    told; then the waves of row t.

    Attributes
    ----------
    lags : tuple of int
        Which rows before a row are seen, ascending.
    horizon : int
        How many rows are told at once.
    dates, waves : sequence of Term
        What time says.
    mean, spread : ndarray of shape (n_columns,)
        By which exogenous columns are scaled.
    """

    lags: tuple[int, ...]
    horizon: int
    dates: Sequence[Term]
    waves: Sequence[Term]
    mean: Array
    spread: Array

    @property
    def depth(self) -> int:
        """How many rows before a place are needed there."""
        return max(self.lags) + self.horizon - 1

    def of_training(self, panel: Panel, Z: Array, inputs: Array) -> Array:
        """Return the columns of all rows, NaN where they are not all known."""
        apart = enumerate(cut_apart(inputs, panel.offsets))
        beside = [self._beside(panel, own, k, 0) for k, own in apart]
        dates, waves = (np.vstack(part) for part in zip(*beside, strict=True))
        seen = windows(dates, panel.offsets, self.horizon)
        past = lagged(Z, panel.offsets, self.lags)
        return np.hstack([past, seen.reshape(len(Z), -1), waves])

    def ahead(
        self, panel: Panel, inputs: Array, later: Array, places: Places, n_steps: int
    ) -> tuple[Array, Array]:
        """Return what is seen beside lags, of rows from horizon - 1 before places on.

        Parameters
        ----------
        panel : Panel
            The series.
        inputs : ndarray of shape (n_rows, n_columns)
            The exogenous columns of its rows.
        later : ndarray of shape (n_series, n_later, n_columns)
            Those of the rows after each series.
        places : Places
            Where forecasts begin.
        n_steps : int
            How many rows are to be forecast at each.

        Returns
        -------
        dates, waves : ndarray of shape (n_places, horizon - 1 + n_steps, …)
            Row by row.
        """
        reach, n_later, known_of = self.horizon - 1, later.shape[1], {}
        for k in np.unique(places.series):
            own = inputs[panel.offsets[k] : panel.offsets[k + 1]]
            known_of[k] = self._beside(panel, np.vstack([own, later[k]]), k, n_later)
        found = [
            [part[known - reach : known + n_steps] for part in known_of[k]]
            for k, known in zip(places.series, places.known, strict=True)
        ]
        dates, waves = (np.array(part) for part in zip(*found, strict=True))
        return dates, waves

    def _beside(
        self, panel: Panel, inputs: Array, series: int, n_later: int
    ) -> tuple[Array, Array]:
        """Return exogenous columns with the calendar, and the waves, of a series."""
        times = panel.times[series]
        if n_later and (self.dates or self.waves):
            times = times.append(continued(times, n_later))
        dates = [term.columns(series, times) for term in self.dates]
        waves = [term.columns(series, times) for term in self.waves]
        scaled, none = (inputs - self.mean) / self.spread, np.empty((len(inputs), 0))
        return np.hstack([scaled, *dates]), np.hstack([none, *waves])


def lagged(rows: Array, offsets: Rows, lags: Sequence[int]) -> Array:
    """Return the rows before each, newest first: shape (n_rows, n_lags * n_columns).

    NaN where a lag reaches to before a series.
    """
    found = np.full((len(rows), len(lags), rows.shape[1]), np.nan)
    for first, last in pairwise(offsets):
        for k, lag in enumerate(lags):
            found[first + lag : last, k] = rows[first : max(last - lag, first)]
    return found.reshape(len(rows), -1)


def windows(rows: Array, offsets: Rows, size: int) -> Array:
    """Return each row and those after it: shape (n_rows, size, n_columns).

    NaN where they reach beyond a series.
    """
    if size == 1:
        return rows[:, np.newaxis]
    found = np.full((len(rows), size, rows.shape[1]), np.nan)
    for first, last in pairwise(offsets):
        for k in range(min(size, last - first)):
            found[first : last - k, k] = rows[first + k : last]
    return found


def cut_apart(values: Any, offsets: Rows) -> list[Any]:
    """Return the rows of each series."""
    return [values[first:last] for first, last in pairwise(offsets)]
