"""Forecasts from some origins of a backtest, by what one fit has learned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from seqest.forecasting._calibration import calibrated, calibration_errors
from seqest.forecasting._dated import DatedRegressor
from seqest.forecasting._design import Places, cut_apart
from seqest.forecasting._panel import Panel
from seqest.forecasting.intervals import Learned, Simulated, Spread

__all__ = ["Task", "run_block"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Split = tuple[Rows, Rows]
N_PATHS, FEW = 1000, 256  # paths of a forecast, and places whose paths are kept


@dataclass(frozen=True, eq=False)
class Task:
    """What is forecast in a backtest.

    Attributes
    ----------
    y, X : DataFrame
        Targets and exogenous columns, of one index.
    panel : Panel
        The series of y.
    period : int
        Of the naive forecast.
    levels : tuple of float
        Shares that intervals are to hold.
    method : str
        Where intervals come from.
    """

    y: Any
    X: pd.DataFrame
    panel: Panel
    period: int
    levels: tuple[float, ...]
    method: str

    @cached_property
    def series(self) -> Rows:
        """Which series each row of y is of."""
        found = np.empty(len(self.y), np.int64)
        found[self.panel.order] = np.repeat(
            np.arange(self.panel.n_series), self.panel.lengths
        )
        return found

    @cached_property
    def place(self) -> Rows:
        """How many rows of its series come before each row of y."""
        found = np.empty(len(self.y), np.int64)
        apart = [np.arange(n) for n in self.panel.lengths]
        found[self.panel.order] = np.concatenate(apart)
        return found

    def rows_before(self, train: Rows) -> Rows:
        """Return how many rows of each series come before an origin, 0 for none."""
        found = np.zeros(self.panel.n_series, np.int64)
        np.maximum.at(found, self.series[train], self.place[train] + 1)
        return found

    def naive(self, known: Rows, series: Rows, first: Rows) -> tuple[Array, Array]:
        """Return the naive forecast's mean error and square at places.

        `first` is the row of each series that is seen first.
        """
        found = []
        apart = cut_apart(self.panel.values, self.panel.offsets)
        for k, n in zip(series, known, strict=True):
            own = apart[k][first[k] : n]
            steps = own[self.period :] - own[: -self.period]
            if not len(steps):
                steps = np.full((1, own.shape[1]), np.nan)
            found.append((np.abs(steps).mean(axis=0), (steps**2).mean(axis=0)))
        absolute, square = (np.array(part) for part in zip(*found, strict=True))
        return absolute, square


def run_block(
    task: Task, name: str, model: DatedRegressor, block: Sequence[Split]
) -> pd.DataFrame:
    """Return forecasts from the origins of a block, after one fit at the first.

    Parameters
    ----------
    task : Task
        The data.
    name : str
        What the model is called.
    model : DatedRegressor
        Not fitted.
    block : sequence of (train, test)
        Rows of y.

    Returns
    -------
    DataFrame
        A row for each number.
    """
    first = np.sort(block[0][0])
    model.fit(task.X.iloc[first], task.y.iloc[first])
    frames = []
    for seen, splits in _seen(task, model, block, first):
        frames += _forecasts(task, name, model, seen, splits, first)
    return pd.concat(frames, ignore_index=True)


def _seen(
    task: Task, model: DatedRegressor, block: Sequence[Split], first: Rows
) -> Iterator[tuple[DatedRegressor, Sequence[Split]]]:
    """Yield what has seen the rows before origins, and these.

    All origins are forecast at once, side by side, from the rows before each; but one
    by one where a series is new, whose scale would tell of rows to come, or where
    series that ended have no exogenous columns any more.
    """
    before = [task.rows_before(train) for train, _ in block]
    alike = all(np.array_equal(own > 0, before[0] > 0) for own in before)
    ends = {times[-1] for times in task.panel.times}
    together = alike and (len(ends) == 1 or not model._known_.any())
    groups = [block] if together else [[split] for split in block]
    known, rows = model, first
    for splits in groups:
        upto = before[-1] if together else task.rows_before(splits[0][0])
        earlier = task.rows_before(rows)
        new = np.flatnonzero(
            (task.place >= earlier[task.series]) & (task.place < upto[task.series])
        )
        if new.size:
            known = known.append(task.y.iloc[new], task.X.iloc[new])
            rows = np.concatenate([rows, new])
        yield known, splits


@dataclass(frozen=True, eq=False)
class Asked:
    """Which forecasts some origins are asked for.

    Attributes
    ----------
    series, known : ndarray of shape (n_places,)
        From where: a series, and how many of its rows come before.
    test, place, origin : ndarray of shape (n_rows,)
        The rows of y that are forecast, from which place, and a row of y at the origin.
    """

    series: Rows
    known: Rows
    test: Rows
    place: Rows
    origin: Rows

    @classmethod
    def of(cls, task: Task, splits: Sequence[Split]) -> Asked:
        """Return what is asked of splits, series without rows before left out."""
        stamps = task.y.index.get_level_values(-1)
        parts, n_places = [], 0
        for train, test in splits:
            before = task.rows_before(train)
            rows = test[before[task.series[test]] > 0]
            series, place = np.unique(task.series[rows], return_inverse=True)
            origin = np.full(len(rows), train[stamps[train].argmax()])
            parts.append((series, before[series], rows, n_places + place, origin))
            n_places += len(series)
        return cls(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _forecasts(
    task: Task,
    name: str,
    fitted: DatedRegressor,
    seen: DatedRegressor,
    splits: Sequence[Split],
    first: Rows,
) -> list[pd.DataFrame]:
    """Return a frame of forecasts for each target."""
    panel, asked = task.panel, Asked.of(task, splits)
    begin = np.full(panel.n_series, np.iinfo(np.int64).max)
    np.minimum.at(begin, task.series[first], task.place[first])
    begin[begin > panel.lengths] = 0  # of series that came later
    step = task.place[asked.test] - asked.known[asked.place]
    own = {name: k for k, name in enumerate(seen._panel_.ids)}
    codes = np.array([own[panel.ids[k]] for k in asked.series])
    places = Places(codes, asked.known - begin[asked.series])
    n_steps = int(step.max()) + 1
    later = _later(task, seen, n_steps)
    ahead = seen._ahead(places, later, n_steps)
    tables = {"y_pred": ahead, **_bounds(task, fitted, seen, places, later, ahead)}
    scales = task.naive(asked.known, asked.series, begin)
    stamps = task.y.index.get_level_values(-1)
    columns: dict[str, Any] = {"model": name, "origin": stamps[asked.origin]}
    if panel.ids != (None,):
        ids = np.empty(panel.n_series, dtype=object)
        ids[:] = panel.ids
        columns["series"] = pd.Series(ids[task.series[asked.test]], dtype=object)
    frames = []
    for k, target in enumerate(panel.names):
        own_columns = {**columns, "target": target, "time": stamps[asked.test]}
        own_columns["step"] = step + 1
        values = np.asarray(task.y, float).reshape(len(task.y), -1)
        own_columns["y_true"] = values[asked.test, k]
        for label, table in tables.items():
            own_columns[label] = table[asked.place, step, k]
        for label, scale in zip(("naive_error", "naive_square"), scales, strict=True):
            own_columns[label] = scale[asked.place, k]
        frames.append(pd.DataFrame(own_columns, index=range(len(step))))
    return frames


def _later(task: Task, seen: DatedRegressor, n_steps: int) -> Array:
    """Return the exogenous columns of the rows after the last that are seen."""
    if seen._known_.any():
        return seen._columns_ahead(n_steps, task.X)
    return np.empty((seen._panel_.n_series, seen._reach(n_steps), 0))


def _bounds(
    task: Task,
    fitted: DatedRegressor,
    seen: DatedRegressor,
    places: Places,
    later: Array,
    ahead: Array,
) -> dict[str, Array]:
    """Return the bounds of intervals by the names of their columns."""
    found: dict[str, list[Array]] = {}
    if not task.levels:
        return {}
    n_steps, rng = ahead.shape[1], check_random_state(seen.random_state)
    shares = [(1 - level) / 2 for level in task.levels]
    errors: Any = None
    if task.method == "bootstrap":
        errors = seen._errors(n_steps)
    elif task.method == "conformal":
        same = fitted._panel_.ids == seen._panel_.ids
        errors = calibration_errors(fitted if same else seen, n_steps)
    for first in range(0, len(places), FEW):
        part = slice(first, first + FEW)
        some = Places(places.series[part], places.known[part])
        spread: Spread
        if task.method == "bootstrap":
            draw = some, later, n_steps, N_PATHS, rng, errors
            spread = Simulated(seen._paths(*draw))
        elif task.method == "conformal":
            told = ahead[part], errors[some.series], some.series
            spread = calibrated(seen, *told)
        else:
            asked = sorted({own for s in shares for own in (s, 1 - s)})
            values = seen._learned_quantiles(some, later, n_steps, asked)
            spread = Learned(tuple(asked), values)
        for level, share in zip(task.levels, shares, strict=True):
            bounds = spread.quantiles([share, 1 - share])
            for bound, values in zip(("lower", "upper"), bounds, strict=True):
                found.setdefault(f"{bound}_{100 * level:g}", []).append(values)
    return {label: np.concatenate(parts) for label, parts in found.items()}
