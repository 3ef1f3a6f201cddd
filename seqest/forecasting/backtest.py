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
from seqest._validation import check_choice, check_integer, worded
from seqest.forecasting._panel import Panel, read_panel

__all__ = ["BacktestResult", "backtest"]

OWNER = "backtest"
Rows = NDArray[np.int64]
METRICS = ("mae", "rmse", "smape", "mase", "rmsse")


@dataclass(frozen=True, eq=False)
class BacktestResult:
    """What forecasters said at each origin, and what came.

    Attributes
    ----------
    predictions : DataFrame
        A row for each model, origin, row and target: model, origin (the last time that
        was learned from or seen), series (where there are several), target, time, step
        (1 is the time after the origin), y_true, y_pred, and naive_error and
        naive_square, the mean absolute and squared error of the seasonal naive forecast
        on the rows before the origin.
    """

    predictions: pd.DataFrame

    def scores(
        self,
        metrics: Sequence[str] = ("mae", "rmse", "smape", "mase"),
        *,
        by: Sequence[str] = ("model",),
    ) -> pd.DataFrame:
        """Return the scores of groups of predictions, the lower the better.

        Parameters
        ----------
        metrics : sequence of {"mae", "rmse", "smape", "mase", "rmsse"}
            The last two are relative to naive_error and the root of naive_square.
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
        for name in metrics:
            check_choice("BacktestResult.scores", "metrics", name, METRICS)
        for name in by:
            check_choice("BacktestResult.scores", "by", name, self.predictions.columns)
        rows = self.predictions
        true, told, naive, square = (
            rows[name].to_numpy(float)
            for name in ("y_true", "y_pred", "naive_error", "naive_square")
        )
        error = np.abs(told - true)
        size = np.abs(told) + np.abs(true)
        # Where the naive forecast was always right there is nothing to compare with.
        naive, square = (
            np.where(scale > 0, scale, np.nan) for scale in (naive, square)
        )
        means = {
            "mae": error,
            "rmse": error**2,
            "smape": 200 * error / np.where(size > 0, size, 1.0),
            "mase": error / naive,
            "rmsse": error**2 / square,
        }
        wanted = pd.DataFrame({name: means[name] for name in metrics})
        keys = [rows[name] for name in by]
        found: pd.DataFrame = wanted.groupby(keys, sort=False).mean()
        for name in {"rmse", "rmsse"} & set(metrics):
            found[name] = np.sqrt(found[name])
        return found


def backtest(
    forecasters: Any,
    y: Any,
    X: pd.DataFrame | None = None,
    *,
    cv: Any,
    refit: bool | int = True,
    seasonal_period: int = 1,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> BacktestResult:
    """Forecast from origins in the past.

    At each origin a forecaster sees the rows before it and no later one but for
    exogenous columns.

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
    if not isinstance(y, pd.Series | pd.DataFrame):
        raise ValueError(worded(OWNER, "y", y, "a Series or DataFrame with dates"))
    if not isinstance(forecasters, Mapping):
        forecasters = {type(forecasters).__name__: forecasters}
    inputs = pd.DataFrame(index=y.index) if X is None else X
    splits = list(cv.split(inputs, y))
    jobs = [
        (name, model, block)
        for name, model in forecasters.items()
        for block in _blocks(splits, every)
    ]
    progress = Progress(OWNER, len(jobs), verbose)
    frames = Parallel(n_jobs=n_jobs)(
        delayed(_run)(name, clone(model), y, inputs, block, period)
        for name, model, block in jobs
    )
    progress.say(f"{len(jobs)} fits, {len(splits)} origins")
    return BacktestResult(pd.concat(frames, ignore_index=True))


def _blocks(
    splits: list[tuple[Rows, Rows]], every: bool | int
) -> Iterator[list[tuple[Rows, Rows]]]:
    """Yield origins that one fit serves."""
    size = len(splits) if every is False else int(every)
    for first in range(0, len(splits), size):
        yield splits[first : first + size]


def _run(
    name: str,
    model: Any,
    y: Any,
    X: pd.DataFrame,
    block: list[tuple[Rows, Rows]],
    period: int,
) -> pd.DataFrame:
    """Fit at the first origin of a block, and forecast from all of them."""
    frames, seen = [], block[0][0]
    model.fit(X.iloc[seen], y.iloc[seen])
    stamps = y.index.get_level_values(-1)
    for train, test in block:
        new = np.setdiff1d(train, seen)
        if new.size:
            model = model.append(y.iloc[new], X.iloc[new])
            seen = np.concatenate([seen, new])
        origin, last = stamps[train].max(), stamps[test].max()
        ahead = np.flatnonzero((stamps > origin) & (stamps <= last))
        told = np.asarray(model.predict(X.iloc[ahead])).reshape(len(ahead), -1)
        told = told[np.searchsorted(ahead, test)]
        panel = read_panel(OWNER, y.iloc[train])
        frames.append(_tidy(name, panel, y.iloc[test], told, origin, period))
    return pd.concat(frames, ignore_index=True)


def _tidy(
    name: str, panel: Panel, y: Any, told: Any, origin: Any, period: int
) -> pd.DataFrame:
    """Return predictions of one origin, a row for each number."""
    several = isinstance(y.index, pd.MultiIndex)
    ids = [_id(label) for label in y.index] if several else [None] * len(y)
    place = {own: k for k, own in enumerate(panel.ids)}
    series = np.array([place[own] for own in ids])
    stamps = y.index.get_level_values(-1)
    later = {stamp: k + 1 for k, stamp in enumerate(_after(panel, stamps.max()))}
    absolute, square = _naive(panel, period)
    frames = []
    for k, target in enumerate(panel.names):
        columns: dict[str, Any] = {"model": name, "origin": origin}
        if several:
            columns["series"] = pd.Series(ids, dtype=object)
        columns |= {"target": target, "time": stamps}
        columns["step"] = [later[stamp] for stamp in stamps]
        columns["y_true"] = np.asarray(y, float).reshape(len(y), -1)[:, k]
        columns["y_pred"] = told[:, k]
        columns["naive_error"] = absolute[series, k]
        columns["naive_square"] = square[series, k]
        frames.append(pd.DataFrame(columns, index=range(len(y))))
    return pd.concat(frames, ignore_index=True)


def _id(label: tuple[Any, ...]) -> Any:
    return label[0] if len(label) == 2 else label[:-1]


def _after(panel: Panel, last: Any) -> Any:
    """Return the times after the origin up to `last`."""
    newest = max(panel.times, key=lambda times: times[-1])
    size = 1
    while (ahead := panel.ahead(size)[panel.times.index(newest)])[-1] < last:
        size *= 2
    return ahead


def _naive(panel: Panel, period: int) -> tuple[Any, Any]:
    """Return the mean errors and squares of the naive forecast of each series."""
    found = []
    for first, last in zip(panel.offsets[:-1], panel.offsets[1:], strict=True):
        own = panel.values[first:last]
        steps = own[period:] - own[:-period]
        if not len(steps):
            steps = np.full((1, own.shape[1]), np.nan)
        found.append((np.abs(steps).mean(axis=0), (steps**2).mean(axis=0)))
    absolute, square = (np.array(part) for part in zip(*found, strict=True))
    return absolute, square
