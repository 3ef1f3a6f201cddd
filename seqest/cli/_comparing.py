"""The commands backtest and compare."""

from __future__ import annotations

from typing import Annotated

import typer

from seqest.cli._arguments import (
    PICTURES,
    Horizon,
    Json,
    Levels,
    Method,
    Origins,
    Output,
    Picture,
    Quiet,
    Refit,
    Step,
    read_levels,
    read_refit,
)
from seqest.cli._backtesting import Trial
from seqest.cli._columns import UsageError
from seqest.cli._models import MODELS
from seqest.cli._options import Choice, Source, flattened
from seqest.cli._writing import require_form

__all__ = ["backtest", "compare"]

GROUPS = ("model", "step", "origin", "series")


@flattened
def backtest(
    source: Source,
    choice: Choice,
    horizon: Horizon,
    origins: Origins = 12,
    step: Step = None,
    refit: Refit = "always",
    by: Annotated[
        str, typer.Option(metavar="WHAT", help=f"Scores by {', '.join(GROUPS)}.")
    ] = "model",
    interval: Levels = None,
    method: Method = "bootstrap",
    output: Output = None,
    plot: Picture = None,
    to_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Forecast from times in the past, and compare with what came.

    Beside the model stands the naive forecast: what came a season before.

    Example: seqest backtest sales.csv --target sales --horizon 12 --model lstm
    """
    every, levels = read_refit(refit), read_levels(interval)
    require_form("--output", output)
    require_form("--plot", plot, PICTURES)
    if by not in GROUPS:
        raise UsageError(f"--by is {', '.join(GROUPS)}, not {by!r}.")
    if by == "series" and not source.series:
        raise UsageError("--by series needs several: name their column by --series.")
    data = source.read(quiet)
    season = choice.season_of(data)
    naive = "seasonal-naive" if season else "naive"
    models = {name: choice.build(data, name) for name in (choice.name, naive)}
    trial = Trial(data, season, horizon, origins, step, every, levels, method)
    found = trial.of_all(models, must_work=[choice.name])
    trial.deliver(found, by, output, plot, to_json, quiet)


@flattened
def compare(
    source: Source,
    choice: Choice,
    horizon: Horizon,
    models: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Which, with commas; by default all."),
    ] = None,
    origins: Origins = 12,
    step: Step = None,
    refit: Refit = "always",
    interval: Levels = None,
    method: Method = "bootstrap",
    output: Output = None,
    plot: Picture = None,
    to_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Backtest all models and baselines at the same times, in one table.

    Example: seqest compare sales.csv --target sales --horizon 12
    """
    every, levels = read_refit(refit), read_levels(interval)
    require_form("--output", output)
    require_form("--plot", plot, PICTURES)
    if choice.model or choice.settings:
        raise UsageError("compare takes --models, and models as they are by default.")
    data = source.read(quiet)
    season = choice.season_of(data)
    names = [own for own in MODELS if season or own != "seasonal-naive"]
    if models is not None:
        names = [own.strip() for own in models.split(",")]
    chosen = {name: choice.build(data, name) for name in names}
    trial = Trial(data, season, horizon, origins, step, every, levels, method)
    trial.deliver(trial.of_all(chosen), "model", output, plot, to_json, quiet)
