"""Tables and pictures in the forms that people read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from seqest._files import replace_file
from seqest.cli._columns import UsageError
from seqest.cli._texts import as_json, plain, records
from seqest.plotting._pictures import picture_of

__all__ = ["long_forecast", "require_form", "write_picture", "write_table"]

FORMS = (".csv", ".tsv", ".parquet", ".json", ".jsonl")


def require_form(option: str, path: Path | None, forms: Sequence[str] = FORMS) -> None:
    """Raise where the ending of a path says no form that can be written."""
    if path is not None and path.suffix.lower() not in forms:
        raise UsageError(f"{option}: {path.name} is to end in {' or '.join(forms)}.")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table in the form that the ending of its path says."""
    kind = path.suffix.lower()
    if kind == ".parquet":
        replace_file(path, table.to_parquet(None, index=False))
        return
    text = plain(table, "\t" if kind == ".tsv" else ",")
    if kind == ".json":
        text = as_json(records(table))
    elif kind == ".jsonl":
        text = "".join(json.dumps(own) + "\n" for own in records(table))
    replace_file(path, text.encode("utf-8"))


def write_picture(display: Any, path: Path) -> None:
    """Write what a display drew, in the form that the ending of its path says."""
    replace_file(path, picture_of(display.figure_, path.suffix.lower()[1:]))


def long_forecast(result: Any, levels: Sequence[float]) -> pd.DataFrame:
    """Return a forecast with a row for each time, series and target.

    Parameters
    ----------
    result : ForecastResult
        The forecast.
    levels : sequence of float
        Shares that intervals hold.

    Returns
    -------
    DataFrame
        The columns of the index, "target" where there are several, "forecast", and
        lower_80, upper_80 and the like.
    """
    mean = result.predicted_mean
    several = isinstance(mean, pd.DataFrame) and mean.shape[1] > 1
    columns = {"forecast": pd.DataFrame(mean)}
    for level in levels:
        bounds = result.conf_int(1 - level)
        for side in ("lower", "upper"):
            own = bounds.xs(side, axis=1, level=-1) if several else bounds[side]
            columns[f"{side}_{100 * level:g}"] = pd.DataFrame(own)
    times = mean.index.names[-1] or "time"
    names = [name or "series" for name in mean.index.names[:-1]]
    frames = []
    for k, target in enumerate(columns["forecast"].columns):
        told = {name: own.iloc[:, k].to_numpy() for name, own in columns.items()}
        label = {"target": target} if several else {}
        keys = dict(zip([*names, times], _labels(mean.index), strict=True))
        frames.append(pd.DataFrame({**keys, **label, **told}))
    return pd.concat(frames, ignore_index=True)


def _labels(index: Any) -> list[Any]:
    found = [index.get_level_values(k) for k in range(index.nlevels)]
    times = found[-1]
    if isinstance(times, pd.DatetimeIndex) and (times == times.normalize()).all():
        found[-1] = times.strftime("%Y-%m-%d")
    elif isinstance(times, pd.PeriodIndex | pd.DatetimeIndex):
        found[-1] = times.astype(str)
    return found
