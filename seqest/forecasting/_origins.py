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
from seqest.forecasting.intervals import Quantiles, Simulated, Spread

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
    least : int
        Rows that a series must have before an origin.
    """

    y: Any
    X: pd.DataFrame
    panel: Panel
    period: int
    levels: tuple[float, ...]
    method: str
    least: int

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
        """Return where each series stands at an origin, 0 with too few rows before."""
        found = np.zeros(self.panel.n_series, np.int64)
        np.maximum.at(found, self.series[train], self.place[train] + 1)
        count = np.bincount(self.series[train], minlength=len(found))
        return np.where(count >= self.least, found, 0)

    def picked(self, rows: Rows) -> tuple[pd.DataFrame, Any]:
        """Return rows of X and y; neighbours keep the frequency of their index."""
        if len(rows) and len(rows) == rows[-1] - rows[0] + 1:
            part = slice(rows[0], rows[-1] + 1)
            return self.X.iloc[part], self.y.iloc[part]
        return self.X.iloc[rows], self.y.iloc[rows]

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
    first = first[task.rows_before(first)[task.series[first]] > 0]
    if not len(first):
        raise ValueError(
            f"backtest: no series has min_train_size={task.least} rows before the "
            "first origin. Lower it, or n_splits of cv."
        )
    model.fit(*task.picked(first))
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
        earlier = np.zeros_like(upto)
        np.maximum.at(earlier, task.series[rows], task.place[rows] + 1)
        new = np.flatnonzero(
            (task.place >= earlier[task.series]) & (task.place < upto[task.series])
        )
        if new.size:
            inputs, targets = task.picked(new)
            known = known.append(targets, inputs)
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
            if np.any(task.place[rows] < before[task.series[rows]]):
                raise ValueError(
                    "backtest: cv tests rows that come before some of those to learn "
                    "from. Take one that splits in time, such as RollingOriginSplit."
                )
            series, place = np.unique(task.series[rows], return_inverse=True)
            origin = np.full(len(rows), train[stamps[train].argmax()])
            parts.append((series, before[series], rows, n_places + place, origin))
            n_places += len(series)
        if not n_places:
            raise ValueError(
                "backtest: no series has both rows before an origin and rows to test."
            )
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
    size = FEW if task.method == "bootstrap" else len(places)
    for first in range(0, len(places), size):
        part = slice(first, first + size)
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
            spread = Quantiles(tuple(asked), np.sort(values, axis=0))
        for level, share in zip(task.levels, shares, strict=True):
            bounds = spread.quantiles([share, 1 - share])
            for bound, values in zip(("lower", "upper"), bounds, strict=True):
                found.setdefault(f"{bound}_{100 * level:g}", []).append(values)
    return {label: np.concatenate(parts) for label, parts in found.items()}
