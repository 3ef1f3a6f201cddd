"""Forecasts as they would have been made at origins in the past, and their scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from seqest._progress import Progress
from seqest._validation import check_choice, check_integer, check_number, worded
from seqest.forecasting._dated import DatedRegressor
from seqest.forecasting._origins import Task, run_block
from seqest.forecasting._panel import read_panel

__all__ = ["BacktestResult", "backtest"]

OWNER = "backtest"
Rows = NDArray[np.int64]
METRICS = ("mae", "rmse", "smape", "mase", "rmsse")
BOUNDED = ("coverage", "winkler")


@dataclass(frozen=True, eq=False)
class BacktestResult:
    """What forecasters said at each origin, and what came.

    Attributes
    ----------
    predictions : DataFrame
        A row for each model, origin, row and target: model, origin (the last time that
        was learned from or seen), series (where there are several), target, time, step
        (1 is the time after the origin), y_true, y_pred, lower_80 and upper_80 and the
        like where intervals were asked for, and naive_error and naive_square, the mean
        absolute and squared error of the seasonal naive forecast on the rows before the
        origin.
    """

    predictions: pd.DataFrame

    def scores(
        self,
        metrics: Sequence[str] = ("mae", "rmse", "smape", "mase"),
        *,
        by: Sequence[str] = ("model",),
    ) -> pd.DataFrame:
        """Return the scores of groups of predictions.

        Parameters
        ----------
        metrics : sequence of {"mae", "rmse", "smape", "mase", "rmsse"}
            The last two are relative to naive_error and the root of naive_square. Of
            intervals of 80 % "coverage_80", the share of rows inside, and "winkler_80",
            the width with what rows outside cost.
        by : sequence of str, default=("model",)
            Columns of `predictions` whose values make a group, such as "step".

        Returns
        -------
        DataFrame
            A row for each group and a column for each metric.

        Raises
        ------
        ValueError
            If a metric or a column is not known.
        """
        metrics, by = (
            [own] if isinstance(own, str) else list(own) for own in (metrics, by)
        )
        if not by:
            rule = "at least one column of predictions"
            raise ValueError(worded("BacktestResult.scores", "by", by, rule))
        for name in by:
            check_choice("BacktestResult.scores", "by", name, self.predictions.columns)
        rows = self.predictions
        found: dict[str, Any] = {name: self._errors(name) for name in metrics}
        keys = [rows[name] for name in by]
        errors = pd.DataFrame(found, rows.index)
        means: pd.DataFrame = errors.groupby(keys, sort=False).mean()
        for name in {"rmse", "rmsse"} & set(metrics):
            means[name] = np.sqrt(means[name])
        return means

    def _errors(self, metric: str) -> Any:
        """Return what a metric is the mean of."""
        name, _, level = metric.partition("_")
        true, told = (self.predictions[own].to_numpy() for own in ("y_true", "y_pred"))
        if name in BOUNDED and f"lower_{level}" in self.predictions:
            low, high = (
                self.predictions[f"{bound}_{level}"].to_numpy()
                for bound in ("lower", "upper")
            )
            if name == "coverage":
                return (low <= true) & (true <= high)
            outside = np.maximum(low - true, 0) + np.maximum(true - high, 0)
            return high - low + outside * 2 / (1 - float(level) / 100)
        known = [*METRICS, *self._bounded()]
        check_choice("BacktestResult.scores", "metrics", metric, known)
        error = np.abs(told - true)
        if metric == "smape":
            size = np.abs(told) + np.abs(true)
            return 200 * error / np.where(size > 0, size, 1.0)
        if metric in ("mae", "rmse"):
            return error if metric == "mae" else error**2
        scale = "naive_error" if metric == "mase" else "naive_square"
        naive = self.predictions[scale].to_numpy()
        # Where the naive forecast was always right there is nothing to compare with.
        naive = np.where(naive > 0, naive, np.nan)
        return (error if metric == "mase" else error**2) / naive

    def _bounded(self) -> list[str]:
        """Return the metrics of intervals that there are."""
        columns = self.predictions.columns
        given = [name[6:] for name in columns if name.startswith("lower_")]
        return [f"{name}_{level}" for name in BOUNDED for level in given]


def backtest(
    forecasters: Any,
    y: Any,
    X: pd.DataFrame | None = None,
    *,
    cv: Any,
    refit: bool | int = True,
    seasonal_period: int = 1,
    levels: Sequence[float] = (),
    method: str = "bootstrap",
    min_train_size: int = 1,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> BacktestResult:
    """Forecast from origins in the past.

    At each origin a forecaster sees the rows before it and no later one but for
    exogenous columns that are known ahead.

    Parameters
    ----------
    forecasters : Forecaster or dict of str to Forecaster
        What is compared; each is cloned.
    y : Series or DataFrame
        Targets with dates, as in `Forecaster.fit`.
    X : DataFrame, default=None
        Exogenous columns, with the index of y.
    cv : splitter
        Such as RollingOriginSplit: its origins, and which rows are forecast.
    refit : bool or int, default=True
        Whether forecasters learn anew at each origin; an int k at each k-th. At the
        others, or after the first for False, they only see the new rows (`append`).
    seasonal_period : int >= 1, default=1
        Of the naive forecast that errors are compared with.
    levels : sequence of float in (0, 1), default=()
        Shares that intervals are to hold, such as (0.8, 0.95).
    method : {"bootstrap", "conformal", "quantile"}, default="bootstrap"
        Where these come from, as in `Forecaster.get_forecast`. Without refits errors
        are those of the fit before.
    min_train_size : int >= 1, default=1
        Rows that a series must have before an origin to be learned from and forecast
        there. Raise it where series that begin late are too short for lags.
    n_jobs : int, default=None
        How many processes or threads share models and origins, as in scikit-learn.
    verbose : int, default=0
        Whether progress is reported.

    Returns
    -------
    BacktestResult
        Predictions, and scores of them.

    Raises
    ------
    ValueError
        If data or parameters do not fit; the message says how.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from seqest.datasets import load_airline
    >>> from seqest.forecasting import Forecaster, RollingOriginSplit, backtest
    >>> model = Forecaster(Ridge(1e-3), lags=13, power="log", differencing=1)
    >>> cv = RollingOriginSplit(12, n_splits=3)
    >>> found = backtest(model, load_airline(), cv=cv, seasonal_period=12)
    >>> bool(found.scores(["mase"]).iloc[0, 0] < 1)
    True
    """
    period = check_integer(OWNER, "seasonal_period", seasonal_period, 1)
    every = (
        refit if isinstance(refit, bool) else check_integer(OWNER, "refit", refit, 1)
    )
    given = np.atleast_1d(np.asarray(levels, dtype=object))
    shares = [check_number(OWNER, "levels", level, "(0, 1)") for level in given]
    least = check_integer(OWNER, "min_train_size", min_train_size, 1)
    check_choice(OWNER, "method", method, ("bootstrap", "conformal", "quantile"))
    if not isinstance(y, pd.Series | pd.DataFrame):
        raise ValueError(worded(OWNER, "y", y, "a Series or DataFrame with dates"))
    if not isinstance(forecasters, Mapping):
        forecasters = {type(forecasters).__name__: forecasters}
    _check_forecasters(forecasters)
    inputs = pd.DataFrame(index=y.index) if X is None else X
    if not hasattr(inputs, "columns") or not inputs.index.equals(y.index):
        raise ValueError(worded(OWNER, "X", X, "a DataFrame with the index of y"))
    if not hasattr(cv, "split"):
        raise TypeError(
            worded(OWNER, "cv", cv, "a splitter such as RollingOriginSplit")
        )
    splits = list(cv.split(inputs, y))
    if not splits:
        raise ValueError(worded(OWNER, "cv", cv, "one that splits at least once"))
    read = read_panel(OWNER, y), period, tuple(shares), method, least
    task = Task(y, inputs, *read)
    jobs = [
        (name, model, block)
        for name, model in forecasters.items()
        for block in _blocks(splits, every)
    ]
    progress = Progress(OWNER, len(jobs), verbose, "fits")
    running = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(run_block)(task, name, clone(model), block)
        for name, model, block in jobs
    )
    frames = []
    for frame in running:
        frames.append(frame)
        progress.advance(1)
    progress.say(f"{len(jobs)} fits, {len(splits)} origins")
    return BacktestResult(pd.concat(frames, ignore_index=True))


def _check_forecasters(forecasters: Any) -> None:
    """Raise unless there are forecasters."""
    rule = "a Forecaster, a baseline or a dict of such"
    if not forecasters:
        raise ValueError(worded(OWNER, "forecasters", forecasters, rule))
    for model in forecasters.values():
        if not isinstance(model, DatedRegressor):
            raise TypeError(worded(OWNER, "forecasters", model, rule))


def _blocks(
    splits: list[tuple[Rows, Rows]], every: bool | int
) -> Iterator[list[tuple[Rows, Rows]]]:
    """Yield origins that one fit serves."""
    size = len(splits) if every is False else int(every)
    for first in range(0, len(splits), size):
        yield splits[first : first + size]
