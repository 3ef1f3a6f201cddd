"""From a table to series with dates: which columns are what, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from seqest.cli._cells import decimal_of
from seqest.cli._columns import (
    Columns,
    names_of,
    numbers_in,
    only_target,
    require_column,
    require_columns,
    times_in,
)
from seqest.cli._rhythm import filled, rhythm_of
from seqest.cli._table import Table
from seqest.forecasting._calendar import shown_time

__all__ = ["Data", "read_data", "read_future"]


@dataclass(frozen=True, eq=False)
class Data:
    """Series with dates, and what was understood of them.

    Attributes
    ----------
    y : Series or DataFrame
        Targets.
    X : DataFrame or None
        Exogenous columns at the same times.
    future : DataFrame or None
        Exogenous columns of later rows, which have no target yet.
    columns : Columns
        With what was told from the data.
    freq : str
        The frequency in words.
    season : int or None
        Rows of a season, where the frequency suggests one.
    notes : list of str
        What was understood, line by line.
    """

    y: Any
    X: Any
    future: Any
    columns: Columns
    freq: str
    season: int | None
    notes: list[str]


def read_data(table: Table, columns: Columns) -> Data:
    """Return the series of a table.

    Raises
    ------
    UsageError
        If a column that is named is not there, or one must be named.
    ValueError
        If cells cannot be read; the message says where.
    """
    require_columns(table, columns)
    decimal = _decimal(table, columns)
    time, times, said = times_in(table, columns)
    targets = columns.targets or [only_target(table, time, columns, decimal)]
    chosen = replace(columns, time=time, targets=tuple(targets))
    notes = [_said_of(table, chosen, decimal, said)]
    frame = numbers_in(table, [*targets, *columns.inputs], decimal)
    frame.index = _index(table, chosen, times)
    frame = _in_order(frame, notes)
    _require_once(table, frame, chosen)
    if columns.fill is not None:
        frame = filled(frame, list(targets), columns.fill, notes)
    y, X, future = _apart(frame, chosen, notes)
    freq, season = rhythm_of(y)
    notes.append(_span_of(y, freq, season))
    return Data(y, X, future, chosen, freq, season, notes)


def read_future(table: Table, columns: Columns) -> pd.DataFrame:
    """Return the exogenous columns of rows to come, from a table of their own."""
    for name in (columns.time, *columns.series, *columns.exog):
        require_column(table, "--future", str(name))
    frame = numbers_in(table, columns.exog, _decimal(table, columns))
    frame.index = _index(table, columns, times_in(table, columns)[1])
    return frame


def _decimal(table: Table, columns: Columns) -> str:
    given = (table.cells[name] for name in table.cells if name != columns.time)
    return columns.decimal or decimal_of(given, table.delimiter)


def _index(table: Table, columns: Columns, times: pd.Index) -> pd.Index:
    ids = [names_of(table.cells[name]) for name in columns.series]
    index = pd.MultiIndex.from_arrays([*ids, times]) if ids else times
    index.names = [*columns.series, columns.time]
    return index


def _said_of(table: Table, columns: Columns, decimal: str, said: str) -> str:
    used = {columns.time, *columns.targets, *columns.series, *columns.inputs}
    unused = [str(name) for name in table.cells if name not in used]
    n_rows = len(table.cells)
    parts = [f"{table.name}: {n_rows} row{'s'[: n_rows > 1]}, {table.form}"]
    parts += ["decimal commas"] if decimal == "," else []
    parts.append(f"time {columns.time!r}" + (f" ({said})" if said else ""))
    parts.append(f"target {', '.join(map(repr, columns.targets))}")
    for what, names in (
        ("series by", columns.series),
        ("known ahead", columns.exog),
        ("known up to now", columns.past_exog),
        ("not used", unused),
    ):
        parts += [f"{what} {', '.join(map(repr, names))}"] if names else []
    return "; ".join(parts)


def _in_order(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Return rows in the order of time, series as they were met."""
    parts = [frame]
    if frame.index.nlevels > 1:
        levels = [*range(frame.index.nlevels - 1)]
        parts = [own for _, own in frame.groupby(level=levels, sort=False)]
    times = [own.index.get_level_values(-1) for own in parts]
    if not all(own.is_monotonic_increasing for own in times):
        notes.append("rows were sorted by time")
    ordered = [
        own.iloc[when.argsort(kind="stable")]
        for own, when in zip(parts, times, strict=True)
    ]
    return pd.concat(ordered)


def _require_once(table: Table, frame: pd.DataFrame, columns: Columns) -> None:
    twice = frame.index[frame.index.duplicated()]
    if not len(twice):
        return
    label = twice[0]
    shown = f"{label[-1]} in {label[:-1]}" if columns.series else str(label)
    free = [
        name
        for name in table.cells
        if name not in (columns.time, *columns.targets, *columns.inputs)
        and table.cells[name].nunique() <= len(table.cells) / 2
    ]
    hint = f" (such as {free[0]!r})" if free and not columns.series else ""
    raise ValueError(
        f"{table.name} has several rows at {shown}. If it holds several series, name "
        f"the column that tells them apart by --series{hint}; else keep one row each."
    )


def _apart(
    frame: pd.DataFrame, columns: Columns, notes: list[str]
) -> tuple[Any, Any, Any]:
    """Return targets, exogenous columns beside them, and these of rows to come."""
    targets = frame[list(columns.targets)]
    levels = [*range(frame.index.nlevels - 1)]
    missing = targets.isna().all(axis=1)
    known = ~missing
    if levels:
        ahead = known.groupby(level=levels, sort=False)
        later = ahead.transform(lambda own: own[::-1].cummax()[::-1])
        begun = ahead.cummax().astype(bool)
    else:
        later, begun = known[::-1].cummax()[::-1], known.cummax()
    later = later.astype(bool)  # whether a target comes here or after
    if not known.any():
        raise ValueError(f"{columns.targets[0]!r} has no value at all.")
    early, open_rows = int((~begun & later).sum()), int((~later).sum())
    if early:
        notes.append(f"{early} rows before the first value were left out")
    future = None
    if open_rows:
        kept = "are the rows to come" if columns.exog else "were left out"
        notes.append(f"{open_rows} rows after the last value {kept}")
        if columns.exog:
            future = frame.loc[~later, list(columns.exog)]
    seen = frame[begun & later]
    y: Any = seen[list(columns.targets)]
    y = y.iloc[:, 0] if len(columns.targets) == 1 else y
    return y, seen[columns.inputs] if columns.inputs else None, future


def _span_of(y: Any, freq: str, season: int | None) -> str:
    times = y.index.get_level_values(-1)
    first, last = times.min(), times.max()
    several = y.index.nlevels > 1
    n_series = len(y.index.droplevel(-1).unique()) if several else 1
    what = f"{n_series} series, " if several else ""
    rhythm = f"{freq}, a season of {season}" if season else f"{freq}, no season"
    return (
        f"{what}{shown_time(first)} to {shown_time(last)}, {rhythm} (--season sets it)"
    )
