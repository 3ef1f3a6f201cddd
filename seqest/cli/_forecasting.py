"""The command forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

import seqest
from seqest.cli._arguments import (
    PICTURES,
    Future,
    Horizon,
    Json,
    Levels,
    Method,
    Quiet,
    Trust,
    read_levels,
)
from seqest.cli._columns import UsageError
from seqest.cli._console import say, show, tell
from seqest.cli._options import Choice, Source, flattened
from seqest.cli._series import read_future
from seqest.cli._table import read_table
from seqest.cli._texts import as_json, records
from seqest.cli._updating import columns_of
from seqest.cli._writing import long_forecast, require_form, write_picture, write_table

__all__ = ["forecast"]


@flattened
def forecast(
    source: Source,
    choice: Choice,
    horizon: Horizon,
    interval: Levels = None,
    method: Method = "bootstrap",
    future: Future = None,
    load: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="A saved model instead of DATA."),
    ] = None,
    trust: Trust = None,
    save: Annotated[
        Path | None, typer.Option(metavar="MODEL", help="Where to save the model.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="CSV, TSV, Parquet or JSON."
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A picture: PNG, SVG or PDF.")
    ] = None,
    to_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Forecast the next rows of a table.

    Example: seqest forecast sales.csv --time date --target sales --horizon 12
    """
    levels = read_levels(interval)
    require_form("--output", output)
    require_form("--plot", plot, PICTURES)
    if (load is None) == (source.data is None):
        raise UsageError("forecast needs DATA, or a model by --load, and not both.")
    if load is None:
        made = _learned(source, choice, future, quiet)
    else:
        made = _loaded(load, trust or (), future)
    result = made.model.get_forecast(horizon, made.ahead, method=method)
    table = long_forecast(result, levels)
    if save is not None:
        seqest.save(made.model, save)
        say(f"the model is in {save}", quiet)
    if plot is not None:
        _draw(result, made.y, levels, plot, horizon)
        say(f"the picture is in {plot}", quiet)
    if output is not None:
        write_table(table, output)
        say(f"the forecast is in {output}", quiet)
    if to_json:
        told = {"model": made.name, "frequency": made.freq, "season": made.season}
        tell(as_json({**told, "forecast": records(table)}))
    elif output is None:
        show(table, f"{made.name}: the next {horizon} rows")


@dataclass(frozen=True, eq=False)
class _Made:
    """A fitted model, the exogenous rows to come, and what is said of them."""

    model: Any
    ahead: Any
    y: Any
    name: str
    freq: str | None = None
    season: int | None = None


def _learned(source: Source, choice: Choice, future: str | None, quiet: bool) -> _Made:
    data = source.read(quiet)
    model = choice.build(data).fit(data.X, data.y)
    ahead, season = source.future(future, data), choice.season_of(data)
    if data.columns.exog and ahead is None:
        names = ", ".join(data.columns.exog)
        raise ValueError(
            f"{source.data} has no rows to come that tell {names}. Put rows without "
            "a target at its end, or give --future FILE."
        )
    return _Made(model, ahead, data.y, choice.name, data.freq, season)


def _loaded(path: Path, trusted: Sequence[str], future: str | None) -> _Made:
    model = seqest.load(path, trusted=trusted)
    columns, y = columns_of(model), pd.Series(dtype=float)
    ahead = None
    if future is not None:
        if not columns.exog:
            raise UsageError(
                f"{path.name} saw no exogenous columns: leave out --future."
            )
        ahead = read_future(read_table(future), columns)
    return _Made(model, ahead, y, path.name)


def _draw(
    result: Any, y: Any, levels: Sequence[float], path: Path, horizon: int
) -> None:
    several = y.index.nlevels > 1
    recent = max(5 * horizon, 40)
    if several:
        groups = y.groupby(level=[*range(y.index.nlevels - 1)], sort=False)
        y = groups.tail(recent)
    history = y.iloc[-recent:] if not several else y
    drawn = result.plot(
        history=history if len(history) else None,
        alpha=[round(1 - level, 6) for level in levels],
    )
    write_picture(drawn, path)
