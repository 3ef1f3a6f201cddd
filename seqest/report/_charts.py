"""What charts show: numbers for the browser, and pictures where it runs no code."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pandas as pd

from seqest.forecasting._calendar import shown_time
from seqest.plotting import BacktestDisplay, ForecastDisplay, ResidualsDisplay
from seqest.plotting._pictures import picture_of
from seqest.report._findings import FEWEST, Curve, Findings

__all__ = ["chart_data", "pictures_of"]

FEW = 6  # curves that have a picture


def chart_data(found: Findings) -> str:
    """Return all numbers of charts as JSON that may stand in a page."""
    told = {
        "levels": [f"{100 * level:g}" for level in found.levels],
        "curves": [_curve(curve) for curve in found.curves],
        "scores": [] if found.trial is None else _by_step(found),
    }
    text = json.dumps(told, ensure_ascii=False, allow_nan=False)
    # Nothing that a series is called can end the script it stands in.
    return text.replace("<", "\\u003c").replace("\u2028", " ").replace("\u2029", " ")


def _curve(curve: Curve) -> dict[str, Any]:
    bounds = {
        f"{100 * level:g}": {side: _values(own[side]) for side in ("lower", "upper")}
        for level, own in curve.bounds.items()
    }
    return {
        "name": curve.name,
        "history": _line(curve.history),
        "mean": _line(curve.mean),
        "residuals": _line(curve.residuals.dropna()),
        "bounds": bounds,
    }


def _line(rows: Any) -> dict[str, Any]:
    index = rows.index
    labels = [shown_time(label) for label in index]
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    dated = isinstance(index, pd.DatetimeIndex)
    x = [str(own)[:19] for own in index] if dated else [int(own) for own in index]
    return {"x": x, "label": labels, "y": _values(rows)}


def _values(rows: Any) -> list[float | None]:
    """Return numbers with seven places, which no chart shows more of."""
    return [float(f"{own:.7g}") if np.isfinite(own) else None for own in rows]


def _by_step(found: Findings) -> list[dict[str, Any]]:
    assert found.trial is not None
    table = found.trial.scores(["mase", "mae"], by=["model", "step"])
    metric = "mase" if np.isfinite(table["mase"]).all() else "mae"
    return [
        {
            "name": str(name),
            "own": str(name) == found.own,
            "metric": metric.upper(),
            "x": [int(step) for step in own.index.get_level_values("step")],
            "y": _values(own[metric]),
        }
        for name, own in table.groupby(level="model", sort=False)
    ]


def pictures_of(found: Findings) -> dict[str, list[tuple[str, str]]]:
    """Return pictures and what they show, as addresses that hold them whole."""
    made: dict[str, list[tuple[str, str]]]
    made = {"forecast": [], "scores": [], "residuals": []}
    for curve in found.curves[:FEW]:
        said = f"{curve.name}: the last rows, and the forecast with its intervals"
        made["forecast"].append((said, _address(_forecast_of(curve))))
    if found.trial is not None:
        others = [own for own in found.scores.index if own != found.own]
        display = BacktestDisplay.from_result(
            found.trial, _metric(found), by="step", baselines=others
        )
        made["scores"].append(("errors by step ahead", _address(display)))
    first = found.curves[0]
    known = first.residuals.dropna()
    if len(known) >= FEWEST:
        drawn = ResidualsDisplay.from_residuals(known)
        made["residuals"].append((f"{first.name}: errors of one step", _address(drawn)))
    return made


def _metric(found: Findings) -> str:
    return "mase" if np.isfinite(found.scores["mase"]).all() else "mae"


def _forecast_of(curve: Curve) -> ForecastDisplay:
    recent = max(5 * len(curve.mean), 60)
    history = curve.history.iloc[-recent:].rename(curve.name)
    return ForecastDisplay.from_predictions(
        curve.mean.rename(curve.name), intervals=curve.bounds, history=history
    )


def _address(display: Any) -> str:
    told = base64.b64encode(picture_of(display.figure_, "svg")).decode("ascii")
    return f"data:image/svg+xml;base64,{told}"
