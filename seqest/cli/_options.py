"""Options that commands share, and the data and models that they stand for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cached_property, wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from seqest.cli._columns import Columns, UsageError
from seqest.cli._console import say
from seqest.cli._models import (
    MODELS,
    REGRESSORS,
    Config,
    build,
    read_config,
    read_settings,
)
from seqest.cli._rhythm import FILLS
from seqest.cli._series import Data, read_data, read_future
from seqest.cli._table import Table, read_table

__all__ = ["Choice", "Source", "flattened"]

DATA, MODEL = "Data", "Model"


def _option(*names: str, help: str, panel: str = DATA, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=panel, **more)


@dataclass(frozen=True)
class Source:
    """Where series come from."""

    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="CSV, TSV, JSON lines or Parquet, also gzipped; - is standard input.",
        ),
    ] = None
    time: Annotated[
        str | None, _option(metavar="COL", help="Times; by default a column of dates.")
    ] = None
    target: Annotated[
        list[str] | None,
        _option(metavar="COL", help="What is forecast; again for several."),
    ] = None
    series: Annotated[
        list[str] | None,
        _option(metavar="COL", help="What tells several series apart."),
    ] = None
    exog: Annotated[
        list[str] | None,
        _option(
            metavar="COL",
            help="Columns known ahead. Rows at the end without a target, or --future, "
            "give them for the rows to come.",
        ),
    ] = None
    past_exog: Annotated[
        list[str] | None, _option(metavar="COL", help="Columns not known ahead.")
    ] = None
    fill: Annotated[
        str | None,
        _option(metavar="HOW", help=f"Fill holes: {', '.join(FILLS)}."),
    ] = None
    date_format: Annotated[
        str | None,
        _option(metavar="FORMAT", help="How times are written, such as %d/%m/%Y."),
    ] = None
    decimal: Annotated[
        str | None, _option(metavar="MARK", help="What marks decimals: . or ,")
    ] = None
    delimiter: Annotated[
        str | None, _option(metavar="MARK", help="What separates fields.")
    ] = None

    def read(self, quiet: bool) -> Data:
        """Read the data, and say what was understood."""
        if self.data is None:
            raise UsageError("name a file, or - for standard input.")
        if self.fill is not None and self.fill not in FILLS:
            raise UsageError(f"--fill is {', '.join(FILLS)}, not {self.fill!r}.")
        if self.decimal not in (None, ".", ","):
            raise UsageError(f"--decimal is . or , and not {self.decimal!r}.")
        table = read_table(self.data, _mark(self.delimiter))
        columns = Columns(
            time=self.time,
            targets=_apart(self.target, table),
            series=_apart(self.series, table),
            exog=_apart(self.exog, table),
            past_exog=_apart(self.past_exog, table),
            date_format=self.date_format,
            decimal=self.decimal,
            fill=self.fill,
        )
        data = read_data(table, columns)
        say(data.notes, quiet)
        return data

    def future(self, path: str | None, data: Data) -> Any:
        """Return exogenous columns of rows to come, None where there are none."""
        if path is None:
            return data.future
        if not data.columns.exog:
            raise UsageError("--future needs --exog: which columns are known ahead.")
        return read_future(read_table(path, _mark(self.delimiter)), data.columns)


def _mark(delimiter: str | None) -> str | None:
    mark = {"\\t": "\t", "tab": "\t"}.get(delimiter or "", delimiter)
    if mark is not None and len(mark) != 1:
        raise UsageError(f"--delimiter is one character, or tab, not {delimiter!r}.")
    return mark


def _apart(names: Sequence[str] | None, table: Table) -> tuple[str, ...]:
    """Return names of columns, of which several may stand between commas."""
    found: list[str] = []
    for name in names or ():
        whole = name in table.cells or "," not in name
        found += [name] if whole else [part.strip() for part in name.split(",")]
    return tuple(found)


@dataclass(frozen=True)
class Choice:
    """Which model forecasts."""

    model: Annotated[
        str | None,
        _option(
            "--model",
            "-m",
            panel=MODEL,
            metavar="NAME",
            help=f"One of {', '.join(MODELS)}; by default esn.",
        ),
    ] = None
    season: Annotated[
        int | None,
        _option(
            panel=MODEL,
            metavar="ROWS",
            help="Rows of a season, 0 for none; by default what dates suggest.",
        ),
    ] = None
    settings: Annotated[
        list[str] | None,
        _option(
            "--set",
            panel=MODEL,
            metavar="NAME=VALUE",
            help="A parameter, such as lags=12 or regressor__spectral_radius=0.8.",
        ),
    ] = None
    config: Annotated[
        Path | None,
        _option(
            panel=MODEL, metavar="FILE", help="Settings in TOML, as tune writes them."
        ),
    ] = None
    seed: Annotated[
        int, _option(panel=MODEL, help="Of all that is drawn by chance.")
    ] = 0

    @cached_property
    def told(self) -> Config:
        """What the file of settings says."""
        return read_config(self.config)

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.model or self.told.model or "esn"

    def season_of(self, data: Data) -> int | None:
        """Return rows of a season, None for none."""
        season = self.told.season if self.season is None else self.season
        season = data.season if season is None else season
        if season is not None and season < 0:
            raise UsageError(f"--season is 0 or more rows, not {season}.")
        return season if season and season > 1 else None

    def parameters(self) -> dict[str, Any]:
        """Return parameters that were given, those of the command line first."""
        given = read_settings(self.settings or ())
        return {**self.told.parameters, **given}

    def build(self, data: Data, name: str | None = None) -> Any:
        """Return the forecaster; one of another name has no settings of its own."""
        chosen = name or self.name
        parameters = self.parameters() if chosen == self.name else {}
        if data.columns.past_exog and chosen in REGRESSORS:
            parameters.setdefault("past_columns", list(data.columns.past_exog))
        return build(chosen, self.season_of(data), self.seed, parameters)


def flattened(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each field of the dataclasses that it takes."""
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if hint in (Source, Choice)}

    @wraps(command)
    def run(**given: Any) -> Any:
        told = {
            name: group(**{own.name: given.pop(own.name) for own in fields(group)})
            for name, group in groups.items()
        }
        return command(**told, **given)

    parameters = [
        parameter
        for name, own in inspect.signature(command).parameters.items()
        for parameter in (
            _parameters_of(groups[name])
            if name in groups
            else [own.replace(annotation=hints[name], kind=own.KEYWORD_ONLY)]
        )
    ]
    # Required ones may stand anywhere among keywords.
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {own.name: own.annotation for own in parameters}
    del run.__wrapped__
    return run


def _parameters_of(group: type) -> Iterable[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for own in fields(group):
        default = inspect.Parameter.empty if own.default is MISSING else own.default
        yield inspect.Parameter(
            own.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=hints[own.name],
        )
