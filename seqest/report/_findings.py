"""What a report tells: forecast, backtest and diagnostics, worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from seqest._validation import check_integer, check_number, worded
from seqest.forecasting import (
    BacktestResult,
    NaiveForecaster,
    RollingOriginSplit,
    SeasonalNaiveForecaster,
    backtest,
    residual_diagnostics,
)
from seqest.forecasting._calendar import shown_time
from seqest.report._words import (
    about_backtest,
    about_coverage,
    about_forecast,
    about_model,
    about_residuals,
)

__all__ = ["FEWEST", "Curve", "Findings", "find"]

OWNER = "write_report"
MOST_ROWS = 4000  # of history that a chart shows
FEWEST = 12  # rows before the first origin, and errors that are judged


@dataclass(frozen=True, eq=False)
class Curve:
    """One target of one series: what was, what is forecast, and what was missed.

    Attributes
    ----------
    name : str
        What it is called.
    history, mean, residuals : Series
        By time.
    bounds : dict of float to DataFrame
        By level, with the columns "lower" and "upper".
    """

    name: str
    history: Any
    mean: Any
    residuals: Any
    bounds: dict[float, Any]


@dataclass(frozen=True, eq=False)
class Findings:
    """All that is told.

    Attributes
    ----------
    model : forecaster
        Fitted.
    y : Series or DataFrame
        What it learned from.
    curves : list of Curve
        At most as many as charts can be chosen from.
    n_curves : int
        How many there are.
    levels : sequence of float
        What intervals hold.
    result : ForecastResult
        The forecast.
    trial : BacktestResult or None
        None where there are too few rows.
    scores : DataFrame or None
        By model.
    own : str
        What the model is called among others.
    diagnostics : DataFrame
        Of the residuals.
    summary, judged, chosen, left : list of str
        Sentences on the forecast, the backtest, the model and the residuals.
    """

    model: Any
    y: Any
    curves: list[Curve]
    n_curves: int
    levels: Sequence[float]
    result: Any
    trial: BacktestResult | None
    scores: Any
    own: str
    diagnostics: Any
    summary: list[str]
    judged: list[str]
    chosen: list[str]
    left: list[str]


def find(
    model: Any,
    y: Any,
    X: Any,
    X_future: Any,
    steps: int | None,
    cv: Any,
    models: Mapping[str, Any] | None,
    levels: Sequence[float],
    max_series: int,
    n_jobs: int | None,
) -> Findings:
    """Work out what a report tells."""
    shares = sorted({check_number(OWNER, "levels", own, "(0, 1)") for own in levels})
    most = check_integer(OWNER, "max_series", max_series, 1)
    result = model.get_forecast(steps, X_future)
    n_steps = result.mean.shape[1]
    curves = _curves(model, y, result, shares)
    shown = list(islice(curves, most))
    n_curves = len(shown) + sum(1 for _ in curves)
    others = _others(model) if models is None else dict(models)
    own = "this model"
    trial, judged = _tried(model, y, X, n_steps, cv, others, shares, n_jobs, own)
    scores = None
    if trial is not None:
        scores = _scores(trial, shares)
        judged = list(_judged(trial, scores, own, shares))
    tests = _diagnosed(model.residuals_)
    return Findings(
        model=model,
        y=y,
        curves=shown,
        n_curves=n_curves,
        levels=shares,
        result=result,
        trial=trial,
        scores=scores,
        own=own,
        diagnostics=tests,
        summary=list(_summary(shown, shares, n_curves)),
        judged=judged,
        chosen=list(about_model(model)),
        left=list(about_residuals(tests)),
    )


def _curves(
    model: Any, y: Any, result: Any, levels: Sequence[float]
) -> Iterator[Curve]:
    """Yield each target of each series."""
    tables = [y, result.predicted_mean, model.residuals_]
    history, mean, residuals = (pd.DataFrame(own) for own in tables)
    bounds = {level: result.conf_int(1 - level) for level in levels}
    index: Any = mean.index
    several = index.nlevels > 1
    outer = list(index.droplevel(-1).unique()) if several else [None]
    for series in outer:
        for k, target in enumerate(mean.columns):
            parts = (
                own if series is None else own.loc[series]
                for own in (history, mean, residuals)
            )
            was, told, missed = (part.iloc[:, k] for part in parts)
            spread = {}
            for level, own in bounds.items():
                here = own if series is None else own.loc[series]
                if here.columns.nlevels > 1:
                    here = here[target]
                spread[level] = here
            name = _name(series, target, len(mean.columns))
            yield Curve(name, was.iloc[-MOST_ROWS:], told, missed, spread)


def _name(series: Any, target: Any, n_targets: int) -> str:
    parts = [] if series is None else list(np.atleast_1d(np.asarray(series, object)))
    if n_targets > 1 or not parts:
        parts.append("value" if target is None or target == 0 else target)
    return " · ".join(map(str, parts))


def _others(model: Any) -> dict[str, Any]:
    """Return what the model is compared with: the simplest forecast there is."""
    period = model.get_params(deep=False).get("seasonal_period")
    if period:
        return {"the seasonal naive forecast": SeasonalNaiveForecaster(period)}
    return {"the naive forecast": NaiveForecaster()}


def _tried(
    model: Any,
    y: Any,
    X: Any,
    n_steps: int,
    cv: Any,
    others: Mapping[str, Any],
    levels: Sequence[float],
    n_jobs: int | None,
    own: str,
) -> tuple[BacktestResult | None, list[str]]:
    """Return a backtest, or why there is none."""
    if own in others:
        raise ValueError(worded(OWNER, "models", others, f"none called {own!r}"))
    period = model.get_params(deep=False).get("seasonal_period") or 1
    n_rows = y.index.get_level_values(-1).nunique()
    if cv is None:
        room = n_rows - n_steps - max(FEWEST, 2 * period)
        if room < 1:
            short = f"{n_rows} rows are too few to test {n_steps} steps ahead"
            return None, [f"There is no backtest: {short}."]
        step = int(np.clip(room // 24, 1, n_steps))
        n_splits = int(np.clip(room // step, 1, 12))
        cv = RollingOriginSplit(n_steps, step=step, n_splits=n_splits)
    told: dict[str, Any] = {"seasonal_period": period, "n_jobs": n_jobs}
    if y.index.nlevels > 1:
        told["min_train_size"] = max(FEWEST, 3 * period)
    try:
        return backtest({own: model, **others}, y, X, cv=cv, levels=levels, **told), []
    except (ValueError, ArithmeticError) as error:
        return None, [f"There is no backtest: {error}"]


def _scores(trial: BacktestResult, levels: Sequence[float]) -> Any:
    metrics = ["mase", "mae", "rmse", "smape"]
    metrics += [f"coverage_{100 * level:g}" for level in levels]
    return trial.scores(metrics).sort_values("mase", kind="stable")


def _judged(
    trial: BacktestResult, scores: Any, own: str, levels: Sequence[float]
) -> Iterator[str]:
    rows = trial.predictions
    n_origins = rows["origin"].nunique()
    yield from about_backtest(scores, own, n_origins)
    n_series = rows["series"].nunique() if "series" in rows else 1
    for level in levels:
        held = float(scores.loc[own, f"coverage_{100 * level:g}"])
        yield about_coverage(held, level, n_origins * n_series)


def _diagnosed(residuals: Any) -> Any:
    """Return tests of residuals, none where these are too few."""
    known = pd.DataFrame(residuals.dropna())
    known = known.loc[:, known.max() > known.min()]
    if len(known) < FEWEST or known.empty:
        return pd.DataFrame(columns=["series", "output", "test", "p_value"])
    return residual_diagnostics(known)


def _summary(
    curves: Sequence[Curve], levels: Sequence[float], n_curves: int
) -> Iterator[str]:
    """Yield what is expected at the end, of the first curves."""
    level = min(levels, key=lambda own: abs(own - 0.8)) if levels else None
    for curve in curves[:3]:
        when, mean = shown_time(curve.mean.index[-1]), float(curve.mean.iloc[-1])
        if level is None:
            yield f"{curve.name} is expected at {mean:.4g} for {when}."
            continue
        last = curve.bounds[level].iloc[-1]
        bounds = float(last["lower"]), float(last["upper"])
        yield about_forecast(curve.name, when, mean, *bounds, level)
    if n_curves > 3:
        yield f"{n_curves - 3} more series are forecast below."
