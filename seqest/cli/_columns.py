"""Which columns of a table are what: named, or told from what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from seqest.cli._cells import missing_in, numbers_of, times_of
from seqest.cli._table import Table

__all__ = [
    "Columns",
    "UsageError",
    "names_of",
    "numbers_in",
    "only_target",
    "require_column",
    "require_columns",
    "times_in",
]

TIME_NAMES = ("time", "date", "datetime", "timestamp", "ds", "month", "year", "day")


class UsageError(Exception):
    """What was asked for does not fit the data that it was asked of."""


@dataclass(frozen=True)
class Columns:
    """Which columns are what; what is not said is told from the data.

    Attributes
    ----------
    time : str or None
        Times.
    targets : sequence of str
        What is forecast.
    series : sequence of str
        What tells series apart.
    exog, past_exog : sequence of str
        Exogenous columns, known ahead or not.
    date_format : str or None
        How times are written.
    decimal : str or None
        What marks decimals.
    fill : str or None
        How holes are filled.
    """

    time: str | None = None
    targets: Sequence[str] = ()
    series: Sequence[str] = ()
    exog: Sequence[str] = ()
    past_exog: Sequence[str] = ()
    date_format: str | None = None
    decimal: str | None = None
    fill: str | None = None

    @property
    def inputs(self) -> list[str]:
        """All exogenous columns."""
        return [*self.exog, *self.past_exog]


def require_columns(table: Table, columns: Columns) -> None:
    named = {
        "--time": [columns.time] if columns.time else [],
        "--target": columns.targets,
        "--series": columns.series,
        "--exog": columns.exog,
        "--past-exog": columns.past_exog,
    }
    role: dict[str, str] = {}
    for option, names in named.items():
        for name in names:
            require_column(table, option, name)
            if name in role:
                raise UsageError(f"{name!r} is given to {role[name]} and to {option}.")
            role[name] = option


def require_column(table: Table, option: str, name: str) -> None:
    names = list(table.cells.columns)
    if name in names:
        return
    near = get_close_matches(name, names, 1, 0.6)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    shown = ", ".join(map(repr, names[:10])) + (", …" if len(names) > 10 else "")
    raise UsageError(
        f"{option}: {table.name} has no column {name!r}.{hint} It has {shown}."
    )


def times_in(table: Table, columns: Columns) -> tuple[str, pd.Index, str]:
    """Return the column of times, what it holds, and how it was read."""
    if columns.time is not None:
        told = table.cells[columns.time], columns.date_format
        try:
            return columns.time, *times_of(*told)
        except (ValueError, OverflowError) as error:
            hint = "" if columns.date_format else " Say how by --date-format."
            said = f"{table.name}, column {columns.time!r}, {error}.{hint}"
            raise ValueError(said) from None
    taken = {*columns.targets, *columns.series, *columns.inputs}
    free = [name for name in table.cells if name not in taken]
    # By its name, or else by what stands in it, where whole numbers could be anything.
    named = [name for name in free if str(name).lower() in TIME_NAMES]
    for name in map(str, [*named, *free]):
        try:
            times, said = times_of(table.cells[name], columns.date_format)
        except (ValueError, OverflowError):
            continue
        if name in named or not pd.api.types.is_integer_dtype(times.dtype):
            return name, times, said
    raise ValueError(
        f"no column of {table.name} holds times that are understood. Name it by "
        "--time, and how it is written by --date-format, such as '%d/%m/%Y'."
    )


def only_target(table: Table, time: str, columns: Columns, decimal: str) -> str:
    found, wrong = [], {}
    for name in table.cells:
        if name != time and name not in (*columns.series, *columns.inputs):
            try:
                good = numbers_of(table.cells[name], decimal).notna().any()
            except ValueError as error:
                wrong[name] = error
                continue
            found += [name] if good else []
    if len(found) == 1:
        return str(found[0])
    shown = f" --target: {', '.join(map(repr, found))}" if found else ""
    if not found:
        first = "".join(f": column {name!r}, {why}" for name, why in wrong.items())
        raise ValueError(f"{table.name} has no column of numbers to forecast{first}.")
    raise UsageError(f"say which column is to be forecast, one or more of{shown}.")


def numbers_in(table: Table, names: Sequence[str], decimal: str) -> pd.DataFrame:
    found = {}
    for name in names:
        try:
            found[name] = numbers_of(table.cells[name], decimal).to_numpy()
        except ValueError as error:
            said = f"{table.name}, column {name!r}, {error}"
            raise ValueError(f"{said} (decimals by {decimal!r}).") from None
    return pd.DataFrame(found)


def names_of(column: Any) -> Any:
    """Return what tells series apart, text without blanks around it."""
    if missing_in(column).any():
        row = int(np.argmax(missing_in(column).to_numpy()))
        raise ValueError(f"column {column.name!r}, row {row + 1}, names no series.")
    return column if column.dtype.kind in "iu" else column.astype(str).str.strip()
