"""The commands report, demo and datasets."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from seqest import datasets as library
from seqest.cli._arguments import Future, Horizon, Origins, Quiet, Step
from seqest.cli._backtesting import Trial, steps_between
from seqest.cli._columns import Columns, UsageError
from seqest.cli._console import say, show, tell
from seqest.cli._models import build
from seqest.cli._options import Choice, Source, flattened
from seqest.cli._rhythm import rhythm_of
from seqest.cli._series import Data
from seqest.cli._texts import plain
from seqest.cli._writing import long_forecast, require_form, write_picture, write_table
from seqest.forecasting import RollingOriginSplit

__all__ = ["datasets", "demo", "report"]

SETS = {
    "airline": "monthly airline passengers, 1949 to 1960, thousands",
    "co2": "weekly carbon dioxide at Mauna Loa, 1958 to 2001, ppm",
    "gas_furnace": "gas in and carbon dioxide out of a furnace, every 9 s",
    "sunspots": "yearly sunspot numbers, 1700 to 2008",
}


@flattened
def report(
    context: typer.Context,
    source: Source,
    choice: Choice,
    horizon: Horizon,
    origins: Origins = 12,
    step: Step = None,
    future: Future = None,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What the report is called.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="An HTML file.")
    ] = Path("report.html"),
    quiet: Quiet = False,
) -> None:
    """Write a report in one HTML file: forecast, backtest, diagnostics.

    Example: seqest report sales.csv --target sales --horizon 12 -o sales.html
    """
    require_form("--output", output, (".html", ".htm"))
    data = source.read(quiet)
    ahead, given = source.future(future, data), shlex.join(["seqest", *context.obj])
    _write_report(data, choice, horizon, origins, step, ahead, title, output, given)
    say(f"the report is in {output}", quiet)


def _write_report(
    data: Data,
    choice: Choice,
    horizon: int,
    origins: int,
    step: int | None,
    ahead: Any,
    title: str | None,
    output: Path,
    given: str,
) -> None:
    from seqest.report import write_report

    season = choice.season_of(data)
    model = choice.build(data).fit(data.X, data.y)
    apart = step or steps_between(data.y, horizon, origins)
    naive, spoken = "naive", "the naive forecast"
    if season:
        naive, spoken = "seasonal-naive", "the seasonal naive forecast"
    names = {spoken: naive, "exponential smoothing": "ets"}
    write_report(
        model,
        output,
        data.y,
        data.X,
        steps=horizon,
        X_future=ahead,
        cv=RollingOriginSplit(horizon, step=apart, n_splits=origins),
        models={
            spoken: build(name, season, choice.seed, {})
            for spoken, name in names.items()
        },
        title=title,
        command=given,
    )


def demo(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FOLDER", help="For what is written."),
    ] = Path("output"),
    quiet: Quiet = False,
) -> None:
    """Forecast the sunspots: a table, a backtest, a picture and a report.

    No file is needed.
    """
    y = library.load_sunspots().rename_axis("year")
    freq, _ = rhythm_of(y)
    data = Data(y, None, None, Columns("year", ("sunspots",)), freq, 11, [])
    choice, horizon = Choice(), 11
    say("yearly sunspot numbers, 1700 to 2008: an echo state network, one cycle", quiet)
    model = choice.build(data).fit(y=y)
    result = model.get_forecast(horizon)
    show(long_forecast(result, [0.8]).round(1), "The next cycle", digits=1)
    names = ("esn", "seasonal-naive", "naive", "autoreg", "ets")
    trial = Trial(data, 11, horizon, 20, 1, levels=[0.8])
    found = trial.of_all({name: choice.build(data, name) for name in names})
    trial.deliver(found, "model", None, None, False, quiet)
    output.mkdir(parents=True, exist_ok=True)
    picture, page = output / "sunspots.png", output / "sunspots.html"
    write_picture(result.plot(history=y[-88:]), picture)
    command = "seqest demo"
    _write_report(data, choice, horizon, 20, 1, None, "Sunspots", page, command)
    say(f"a picture is in {picture}, a report in {page}", quiet)


def datasets(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help="Which to write; without it, what there is."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="CSV, TSV, Parquet, JSON."),
    ] = None,
) -> None:
    """List the series that come along, or write one.

    Example: seqest datasets airline -o airline.csv
    """
    if name is None:
        rows = [{"name": own, "what": what} for own, what in SETS.items()]
        show(pd.DataFrame(rows), "Write one by: seqest datasets NAME -o FILE")
        return
    key = name.replace("-", "_")
    if key not in SETS:
        raise UsageError(f"there is no data set {name!r}; there are {', '.join(SETS)}.")
    require_form("--output", output)
    table = pd.DataFrame(getattr(library, f"load_{key}")()).reset_index(names="time")
    table["time"] = table["time"].astype(str)
    if output is None:
        tell(plain(table))
    else:
        write_table(table, output)
        say(f"{key} is in {output}")
