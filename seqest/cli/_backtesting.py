"""Models at the same origins, one after the other, and what is told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from seqest.cli._console import complain, progress_over, say, show, tell
from seqest.cli._series import Data
from seqest.cli._texts import as_json, records
from seqest.cli._writing import write_picture, write_table
from seqest.forecasting import BacktestResult, RollingOriginSplit, backtest
from seqest.forecasting._calendar import shown_time

__all__ = ["Trial", "steps_between"]

METRICS = ["mase", "rmsse", "smape", "mae", "rmse"]
FAILURES = ValueError, TypeError, FloatingPointError, ArithmeticError


@dataclass(frozen=True, eq=False)
class Trial:
    """From when, how far and how often models forecast.

    Attributes
    ----------
    data : Data
        The series.
    season : int or None
        Rows of a season.
    horizon, origins, step : int
        How many rows are forecast, from how many times, how many rows apart.
    refit : bool or int
        As `backtest` takes it.
    levels : sequence of float
        Shares that intervals hold.
    method : str
        Where these come from.
    """

    data: Data
    season: int | None
    horizon: int
    origins: int
    step: int | None = None
    refit: bool | int = True
    levels: Sequence[float] = ()
    method: str = "bootstrap"

    def scores(self, model: Any, metric: str = "mase") -> float:
        """Return one score of one model."""
        return float(self._run(model, "model").scores([metric])[metric].to_numpy()[0])

    def of_all(
        self, models: Mapping[str, Any], *, must_work: Sequence[str] = ()
    ) -> BacktestResult:
        """Return what all models said; those that fail are told and left out.

        Raises
        ------
        ValueError
            If one that must work fails, or all do.
        """
        found = []
        with progress_over(len(models), "backtest") as step:
            for name, model in models.items():
                step(name, 0)
                try:
                    found.append(self._run(model, name).predictions)
                except FAILURES as error:
                    if name in must_work or len(models) == 1:
                        raise
                    complain(f"{name} was left out: {error}")
                step(name)
        if not found:
            raise ValueError("no model could be backtested.")
        return BacktestResult(pd.concat(found, ignore_index=True))

    def _run(self, model: Any, name: str) -> BacktestResult:
        data = self.data
        step = self.step or steps_between(data.y, self.horizon, self.origins)
        cv = RollingOriginSplit(self.horizon, step=step, n_splits=self.origins)
        several = data.y.index.nlevels > 1
        return backtest(
            {name: model},
            data.y,
            data.X,
            cv=cv,
            refit=self.refit,
            seasonal_period=self.season or 1,
            levels=self.levels,
            method=self.method,
            min_train_size=max(10, 3 * (self.season or 1)) if several else 1,
        )

    def deliver(
        self,
        found: BacktestResult,
        by: str,
        output: Path | None,
        plot: Path | None,
        to_json: bool,
        quiet: bool,
    ) -> None:
        """Show scores, and write what was asked for."""
        metrics = list(METRICS)
        metrics += [f"coverage_{100 * level:g}" for level in self.levels]
        groups = ["model"] if by == "model" else ["model", by]
        scores = found.scores(metrics, by=groups)
        if by == "model":
            scores = scores.sort_values("mase", kind="stable")
        table = scores.reset_index()
        told = found.predictions
        first, last = map(shown_time, (told["origin"].min(), told["origin"].max()))
        title = f"{self.horizon} rows ahead from {told['origin'].nunique()} times"
        naive = "seasonal naive" if self.season else "naive"
        say(f"{title}, {first} to {last}", quiet)
        say(f"MASE and RMSSE: errors over those of the {naive} forecast before", quiet)
        if output is not None:
            write_table(told, output)
            say(f"all predictions are in {output}", quiet)
        if plot is not None:
            _draw(found, plot)
            say(f"the picture is in {plot}", quiet)
        if to_json:
            tell(as_json({"horizon": self.horizon, "scores": records(table)}))
        else:
            best = table["mase"].idxmin() if by == "model" else None
            show(table, title, best)


def steps_between(y: Any, horizon: int, origins: int) -> int:
    """Return rows between origins that spread them over the last half of the rows.

    At most a horizon, and at least one row.
    """
    n_rows = y.index.get_level_values(-1).nunique()
    room = n_rows // 2 - horizon
    return int(np.clip(room // max(origins - 1, 1), 1, horizon))


def _draw(found: BacktestResult, path: Path) -> None:
    from seqest.plotting import BacktestDisplay

    names = found.predictions["model"].unique()
    naive = [own for own in names if own in ("naive", "seasonal-naive", "drift")]
    baselines = naive if len(naive) < len(names) else ()
    write_picture(BacktestDisplay.from_result(found, baselines=baselines), path)
