"""The command tune."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from scipy import stats
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid, ParameterSampler

from seqest._files import replace_file
from seqest.cli._arguments import (
    Horizon,
    Json,
    Origins,
    Quiet,
    Refit,
    Step,
    read_refit,
)
from seqest.cli._backtesting import FAILURES, Trial
from seqest.cli._columns import UsageError
from seqest.cli._console import progress_over, say, show, tell
from seqest.cli._models import read_value
from seqest.cli._options import Choice, Source, flattened
from seqest.cli._texts import as_json, as_toml, records
from seqest.cli._writing import require_form

__all__ = ["tune"]

SEARCHES = ("grid", "random", "optuna")


class Range(tuple[float, float, bool]):
    """The least and the most of a number, and whether it is drawn by its logarithm."""


RESERVOIR = {
    "regressor__spectral_radius": Range((0.3, 1.3, False)),
    "regressor__leak_rate": Range((0.1, 1.0, False)),
    "regressor__input_scaling": Range((0.1, 2.0, True)),
    "regressor__alpha": Range((1e-6, 10.0, True)),
}
NETWORK = {
    "regressor__hidden_layer_sizes": [4, 8, 16, 32],
    "regressor__alpha": Range((1e-6, 1.0, True)),
    "regressor__learning_rate_init": Range((1e-3, 0.1, True)),
}
SPACES: dict[str, dict[str, Any]] = {
    "esn": RESERVOIR,
    "ridge": {"regressor__alpha": Range((1e-6, 100.0, True))},
    "boosting": {
        "regressor__learning_rate": Range((0.02, 0.3, True)),
        "regressor__max_leaf_nodes": [7, 15, 31],
    },
    **dict.fromkeys(("narx", "tdnn", "elman", "jordan", "gru", "lstm"), NETWORK),
}


@flattened
def tune(
    source: Source,
    choice: Choice,
    horizon: Horizon,
    search: Annotated[
        str, typer.Option(metavar="HOW", help=f"One of {', '.join(SEARCHES)}.")
    ] = "random",
    trials: Annotated[
        int, typer.Option(min=1, help="How many a random search tries.")
    ] = 20,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUES",
            help="What is tried of a parameter, such as lags=6,12,24.",
        ),
    ] = None,
    origins: Origins = 6,
    step: Step = None,
    refit: Refit = "always",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The best, as TOML."),
    ] = None,
    to_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search the parameters with the least MASE, for --config to read.

    Their score is the least of many: what they are worth is told by a backtest on rows
    that the search did not see.

    Example: seqest tune sales.csv --target sales --horizon 12 -o best.toml
    """
    require_form("--output", output, (".toml",))
    if search not in SEARCHES:
        raise UsageError(f"--search is {', '.join(SEARCHES)}, not {search!r}.")
    every, space = read_refit(refit), _space(choice.name, over)
    data = source.read(quiet)
    season = choice.season_of(data)
    trial = Trial(data, season, horizon, origins, step, every)
    model = choice.build(data)
    for name in space:
        if name not in model.get_params():
            raise UsageError(f"--over: {choice.name} has no parameter {name!r}.")
    found = _searched(trial, model, space, search, trials, choice.seed)
    best = min(found, key=lambda own: own[1])
    if not np.isfinite(best[1]):
        raise ValueError("no choice of parameters could be backtested.")
    given = {name: model.get_params()[name] for name in space}
    rows = [{"mase": score, **given, **told} for told, score in found]
    order = sorted(range(len(rows)), key=lambda k: rows[k]["mase"])
    table = pd.DataFrame([rows[k] for k in order], dtype=object)
    table["mase"] = table["mase"].astype(float)
    if output is not None:
        text = _settings(choice, season, best, search, len(found) - 1, horizon)
        replace_file(output, text.encode("utf-8"))
        say(f"the best settings are in {output}", quiet)
    say(f"as it was given, {choice.name} has a MASE of {found[0][1]:.4f}", quiet)
    if to_json:
        tell(as_json({"model": choice.name, "trials": records(table)}))
    else:
        show(table.head(10), f"{choice.name}: the best of {len(found)}", 0, 4)


def _space(model: str, over: Sequence[str] | None) -> dict[str, Any]:
    """Return what is tried of each parameter."""
    if not over:
        if model not in SPACES:
            raise UsageError(f"say what is tried of {model}: --over NAME=VALUES.")
        return SPACES[model]
    space: dict[str, Any] = {}
    for text in over:
        name, equals, values = text.partition("=")
        tried = [read_value(own.strip()) for own in values.split(",")]
        if not equals or not values:
            raise UsageError(
                f"--over takes NAME=VALUES, such as lags=6,12, not {text!r}."
            )
        space[name.strip()] = tried
    return space


def _searched(
    trial: Trial, model: Any, space: Mapping[str, Any], how: str, n: int, seed: int
) -> list[tuple[dict[str, Any], float]]:
    """Return what was tried with its score, first the model as it is."""
    tried = {"grid": _grid, "random": _random}.get(how)
    found: list[tuple[dict[str, Any], float]] = []
    total = 1 + (len(list(_grid(space, n, seed))) if how == "grid" else n)
    with progress_over(total, "tune") as step:

        def scored(told: dict[str, Any]) -> float:
            step(", ".join(f"{own}" for own in told.values()), 0)
            try:
                score = trial.scores(clone(model).set_params(**told))
            except FAILURES:
                score = np.inf
            found.append((told, score))
            step()
            return score

        scored({})
        if tried is None:
            _by_optuna(scored, space, n, seed)
        else:
            for told in tried(space, n, seed):
                scored(told)
    return found


def _grid(space: Mapping[str, Any], n: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield all combinations; of a range its ends and two between."""
    listed = {
        name: _between(own) if isinstance(own, Range) else own
        for name, own in space.items()
    }
    yield from ParameterGrid(listed)


def _between(limits: Range) -> list[float]:
    low, high, logarithmic = limits
    make = np.geomspace if logarithmic else np.linspace
    return [float(f"{value:.3g}") for value in make(low, high, 4)]


def _random(space: Mapping[str, Any], n: int, seed: int) -> Iterator[dict[str, Any]]:
    drawn = {
        name: (stats.loguniform if own[2] else _uniform)(own[0], own[1])
        if isinstance(own, Range)
        else own
        for name, own in space.items()
    }
    for told in ParameterSampler(drawn, n, random_state=seed):
        yield {name: _short(value) for name, value in told.items()}


def _uniform(low: float, high: float) -> Any:
    return stats.uniform(low, high - low)


def _short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _by_optuna(scored: Any, space: Mapping[str, Any], n: int, seed: int) -> None:
    try:
        import optuna
    except ImportError as error:
        said = "--search optuna needs optuna: pip install 'seqest[tune]'."
        raise ImportError(said) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(asked: Any) -> float:
        told = {
            name: _short(asked.suggest_float(name, own[0], own[1], log=own[2]))
            if isinstance(own, Range)
            else own[asked.suggest_categorical(name, list(range(len(own))))]
            for name, own in space.items()
        }
        return float(scored(told))

    sampler = optuna.samplers.TPESampler(seed=seed)
    optuna.create_study(sampler=sampler).optimize(objective, n_trials=n)


def _settings(
    choice: Choice,
    season: int | None,
    best: tuple[dict[str, Any], float],
    how: str,
    n: int,
    horizon: int,
) -> str:
    told, score = best
    comment = (
        f"seqest tune: the best of {n} ({how}) at horizon {horizon}, MASE {score:.4f}"
    )
    given = choice.parameters()
    content = {"model": choice.name, "season": season or 0}
    return as_toml({**content, "parameters": {**given, **told}}, comment)
