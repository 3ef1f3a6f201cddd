"""What figures mean, in sentences that a forecaster would say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

__all__ = [
    "about_backtest",
    "about_coverage",
    "about_forecast",
    "about_model",
    "about_residuals",
    "number",
]

ALIKE = 0.03  # relative differences that are no difference
RISK = 0.05  # p-values below it speak


def number(value: float) -> str:
    """Return a number with three places that matter."""
    if not np.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 1000 or size == 0:
        return f"{value:,.0f}"
    digits = max(0, 2 - int(np.floor(np.log10(size))))
    return f"{value:.{min(digits, 12)}f}"


def about_forecast(
    name: str, when: str, mean: float, low: float, high: float, level: float
) -> str:
    """Say what comes at the last time, and how sure that is."""
    said = f"{name} is expected at {number(mean)} for {when}"
    if low == high:
        return f"{said}, as it has never been anything else."
    times = f"in {100 * level:g} of 100 cases"
    return f"{said}, and {times} between {number(low)} and {number(high)}."


def about_backtest(scores: Any, own: str, n_origins: int) -> Iterator[str]:
    """Say how far a model missed, and how that compares with the others.

    Parameters
    ----------
    scores : DataFrame
        By model, with the columns "mae" and "mase".
    own : str
        The model that is judged.
    n_origins : int
        How many times it forecast.
    """
    missed = scores.loc[own, "mae"]
    times = f"{n_origins} times" if n_origins > 1 else "one time"
    yield (
        f"From {times} in the past it missed what came by {number(missed)} on average."
    )
    for other in scores.index.drop(own):
        metric = "mase" if np.isfinite(scores["mase"]).all() else "mae"
        theirs = float(scores.loc[other, metric])
        if theirs > 0:
            yield _compared(other, float(scores.loc[own, metric]) / theirs)


def _compared(other: str, ratio: float) -> str:
    if abs(ratio - 1) <= ALIKE:
        return f"That is as good as {other}, which is simpler: there is little to gain."
    percent = f"{100 * abs(1 - ratio):.0f} %"
    if ratio < 1:
        return f"That is {percent} less than {other} missed by."
    return f"That is {percent} more than {other} missed by: prefer {other} here."


def about_coverage(held: float, level: float, n_independent: int) -> str:
    """Say whether intervals keep their promise, as far as so few times tell."""
    promised, found = f"{100 * level:g} %", f"{100 * held:.0f} %"
    doubt = max(0.02, 2 * np.sqrt(level * (1 - level) / max(n_independent, 1)))
    said = f"Intervals of {promised} held {found} of what came: "
    if abs(held - level) <= doubt:
        return said + "as promised, as far as can be told."
    if held < level:
        return said + "they are too narrow, so be less sure than they are."
    return said + "they are wider than they need to be."


def about_residuals(tests: Any) -> Iterator[str]:
    """Say what is left in the one-step errors on the training rows.

    Parameters
    ----------
    tests : DataFrame
        As `residual_diagnostics` returns it.
    """
    shares = {
        test: own["p_value"].dropna() < RISK for test, own in tests.groupby("test")
    }
    sentences = {
        "mean zero": (
            "Errors are around zero: forecasts are neither too high nor too low.",
            "Errors are not around zero: forecasts are biased.",
        ),
        "Ljung-Box": (
            "No pattern in time is left in the errors.",
            "Errors still follow a pattern in time: more lags, or a season, may help.",
        ),
        "ARCH": (
            "Errors are about as large at all times.",
            "Errors are larger at some times than at others: intervals are at times "
            "too wide and at times too narrow.",
        ),
        "Jarque-Bera": (
            "Errors look like a normal distribution.",
            "Errors have heavier tails, or lean more to one side, than a normal "
            "distribution; the intervals here do not rely on one.",
        ),
    }
    for test, (calm, alarming) in sentences.items():
        found = shares.get(test)
        if found is None or not len(found):
            continue
        spoken = alarming if found.mean() > 0.5 else calm
        others = int(found.sum()) if spoken == calm else int((~found).sum())
        if others:
            spoken += f" {others} of {len(found)} series say otherwise."
        yield spoken


def about_model(model: Any) -> Iterator[str]:
    """Say what was chosen from the data, where the model tells it."""
    changes = getattr(model, "differencing_", None)
    seasonal = getattr(model, "seasonal_differencing_", None)
    settings = model.get_params(deep=False)
    period = settings.get("seasonal_period")
    if settings.get("power") not in (None, 1):
        yield "A power of each series was taken first, so that swings are alike."
    if seasonal:
        yield f"It learned changes from season to season ({period} rows)."
    if changes:
        yield "It learned changes from row to row."
    if changes == 0 and seasonal == 0:
        yield "It learned levels, not changes: the series asked for no differences."
    lags = getattr(model, "lags_", None)
    if lags is not None and len(lags):
        yield f"It saw {_spans(list(lags))} before each row."


def _spans(lags: Sequence[int]) -> str:
    """Return lags in words: rows 1 to 12."""
    if len(lags) == 1:
        return f"row {lags[0]}"
    whole = list(lags) == list(range(lags[0], lags[-1] + 1))
    if whole:
        return f"rows {lags[0]} to {lags[-1]}"
    return f"rows {', '.join(map(str, lags[:12]))}{', …' if len(lags) > 12 else ''}"
