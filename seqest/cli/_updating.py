"""The command update."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

import seqest
from seqest.cli._arguments import Quiet, Trust
from seqest.cli._columns import Columns
from seqest.cli._console import say
from seqest.cli._series import read_data
from seqest.cli._table import read_table

__all__ = ["columns_of", "update"]


def update(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model.")],
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="A table with the rows that are new.")
    ],
    refit: Annotated[
        bool, typer.Option(help="Learn from all rows, not only see the new ones.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="Where to save it; by default MODEL."),
    ] = None,
    trust: Trust = None,
    quiet: Quiet = False,
) -> None:
    """Let a saved model see new rows.

    Rows that it has seen are passed over. The columns are those it learned from.

    Example: seqest update model.skops more.csv
    """
    old = seqest.load(model, trusted=trust or ())
    found = read_data(read_table(data), columns_of(old))
    y, X = _after(old, found.y, found.X)
    later = old.append(y, X, refit=refit)
    place = model if save is None else save
    seqest.save(later, place)
    what = "learned from" if refit else "seen"
    say(f"{len(y)} new rows were {what}; the model is in {place}", quiet)


def _after(model: Any, y: Any, X: Any) -> tuple[Any, Any]:
    """Return the rows that come after those a model has seen."""
    seen = model.residuals_.index
    times = y.index.get_level_values(-1)
    if seen.nlevels == 1:
        new = times > seen[-1]
    else:
        last = pd.Series(seen.get_level_values(-1), seen.droplevel(-1))
        last = last.groupby(level=[*range(seen.nlevels - 1)]).max()
        names = y.index.droplevel(-1)
        new = [
            name not in last.index or time > last[name]
            for name, time in zip(names, times, strict=True)
        ]
    if not any(new):
        raise ValueError(f"all of these rows were seen before: up to {times.max()}.")
    return y[new], None if X is None else X[new]


def columns_of(model: Any) -> Columns:
    """Return which columns a fitted forecaster learned from.

    Raises
    ------
    ValueError
        If it is no forecaster, or has seen columns without names.
    """
    told = getattr(model, "residuals_", None)
    if told is None:
        raise ValueError(f"the model is a {type(model).__name__}, and no forecaster.")
    *series, time = told.index.names
    targets = [told.name] if isinstance(told, pd.Series) else list(told.columns)
    names = list(getattr(model, "feature_names_in_", ()))
    past = model.get_params().get("past_columns") or []
    past = [past] if isinstance(past, str) else list(past)
    if time is None or None in targets:
        raise ValueError("the model has seen series whose columns have no names.")
    exog = [name for name in names if name not in past]
    return Columns(
        time=str(time),
        targets=tuple(map(str, targets)),
        series=tuple(map(str, series)),
        exog=tuple(exog),
        past_exog=tuple(past),
    )
