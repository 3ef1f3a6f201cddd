"""Forecaster(ESNRegressor()), nothing tuned, against the seasonal naive forecast: MASE.

Origins are fixed beforehand, and forecasters learn anew at each. Of a Forecaster only
the rows of a season are given. A seed is that of the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from benchmarks.accuracy import dated
from benchmarks.accuracy.table import Row, timed
from seqest import ESNRegressor
from seqest.forecasting import (
    Forecaster,
    RollingOriginSplit,
    SeasonalNaiveForecaster,
    backtest,
)
from seqest.metrics import mase

__all__ = ["Task", "run", "search", "tasks"]


class Task(NamedTuple):
    """A series, its season, how far is forecast, and from how many origins."""

    what: str
    y: Any
    period: int
    horizon: int
    n_origins: int


def tasks(quick: bool, data_dir: Path) -> Iterator[Task | str]:
    """Yield what is forecast, or which file is missing."""
    few = 2 if quick else 20
    yield Task("co2, monthly means", dated.monthly_co2(), 12, 12, few)
    yield Task("sunspots, yearly", dated.yearly_sunspots(), 11, 11, few)
    gone = dated.missing(data_dir, "h2o_exog.csv")
    if gone:
        yield gone
    else:
        sales = dated.drug_sales(data_dir)["y"]
        yield Task("drug sales, monthly", sales, 12, 12, min(few, 12))
    gone = dated.missing(data_dir, *dated.M4)
    if gone:
        yield gone
    else:
        hours = pd.concat(dated.m4_hourly(data_dir, 3 if quick else 50)).sort_index()
        yield Task("M4 hourly, first 50 series", hours, 24, 48, 1)


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for each task, whose goal is the score of the seasonal naive."""
    for task in tasks(quick, data_dir):
        if isinstance(task, str):
            yield Row("default forecaster", task, "MASE", "-", None, [])
            continue
        naive = _mase(task, SeasonalNaiveForecaster(task.period))
        scores, minutes = timed(partial(_score, task), seeds)
        what = (
            f"{task.what}, m={task.period}, h={task.horizon}, {task.n_origins} origins"
        )
        theirs = f"seasonal naive {naive:.4g}"
        yield Row("default forecaster", what, "MASE", theirs, naive, scores, minutes)


def search(quick: bool, data_dir: Path) -> Iterator[Any]:
    """Yield nothing: nothing is free."""
    return iter(())


def _score(task: Task, seed: int) -> float:
    model = ESNRegressor(random_state=seed)
    return _mase(task, Forecaster(model, seasonal_period=task.period))


def _mase(task: Task, model: Any) -> float:
    cv = RollingOriginSplit(task.horizon, step=1, n_splits=task.n_origins)
    if task.n_origins > 1:
        found = backtest(model, task.y, cv=cv, seasonal_period=task.period)
        return float(found.scores(["mase"]).iloc[0, 0])
    # Series end at times of their own, and each is forecast from its own end.
    place = task.y.groupby(level=0).cumcount(ascending=False)
    train, test = task.y[place >= task.horizon], task.y[place < task.horizon]
    told = model.fit(y=train).forecast(task.horizon).reindex(test.index)
    return float(mase(test, told, y_train=train, seasonal_period=task.period))
