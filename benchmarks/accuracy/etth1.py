"""ETTh1, electricity transformers by the hour: MSE over all windows of the test months.

Twelve months of 30 days to learn from, four to choose by, four to test, in units of the
mean and deviation of the first twelve, as in Zhou et al. 2021, Informer, whose LSTMa is
compared with. One ridge regression tells all hours of a horizon at once from the hours
before: of the oil temperature alone, or one and the same of all seven columns, as in
NLinear (Zeng et al. 2023, Are transformers effective for time series forecasting?).

Settings are chosen by the MSE in the four months between, by a model of the first
twelve; nothing is learned from any month after these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from benchmarks.accuracy import dated
from benchmarks.accuracy.search import Ranking, Settings, rank
from benchmarks.accuracy.table import Row, timed
from seqest.forecasting import Forecaster, backtest

__all__ = ["CHOSEN", "FILE", "ONE", "model", "run", "search"]

REMARK = """
All columns are short of NLinear at 336 and 720 hours: the four months between, by
which penalties are chosen, prefer ones that the test months do not.
"""

FILE = "etth1.csv"
MONTH = 30 * 24
LEARNED, CHOSEN_BY, TESTED = 12 * MONTH, 16 * MONTH, 20 * MONTH
ONE, ALL = "oil temperature", "all seven columns"
# By what is forecast and how far: theirs, and ours to reach.
GOALS = {
    (ONE, 24): ("LSTMa .114", 0.057),
    (ONE, 48): ("LSTMa .193", 0.0965),
    (ONE, 168): ("LSTMa .236", 0.118),
    (ONE, 336): ("LSTMa .590", 0.295),
    (ONE, 720): ("LSTMa .683", 0.3415),
    (ALL, 96): ("NLinear .374", 0.374),
    (ALL, 192): ("NLinear .408", 0.408),
    (ALL, 336): ("NLinear .429", 0.429),
    (ALL, 720): ("NLinear .440", 0.440),
}
CANDIDATES: list[Settings] = [
    {"lags": lags, "differencing": changes, "alpha": alpha}
    for lags, changes, alpha in product((168, 336, 504), (0, 1), (1e2, 1e3, 1e4, 1e5))
]
SEARCHED = 8  # hours between origins, when candidates are ranked
CHOSEN: dict[tuple[str, int], Settings] = {
    (ONE, 24): {"lags": 336, "differencing": 0, "alpha": 1e2},
    (ONE, 48): {"lags": 336, "differencing": 0, "alpha": 1e2},
    (ONE, 168): {"lags": 168, "differencing": 0, "alpha": 1e2},
    (ONE, 336): {"lags": 336, "differencing": 0, "alpha": 1e2},
    (ONE, 720): {"lags": 504, "differencing": 0, "alpha": 1e3},
    (ALL, 96): {"lags": 504, "differencing": 0, "alpha": 1e2},
    (ALL, 192): {"lags": 336, "differencing": 0, "alpha": 1e2},
    (ALL, 336): {"lags": 336, "differencing": 0, "alpha": 1e3},
    (ALL, 720): {"lags": 504, "differencing": 0, "alpha": 1e5},
}


class Origins:
    """Splits at every hour of a part, after a first one where training ends."""

    def __init__(self, horizon: int, first: int, last: int, step: int = 1) -> None:
        self.horizon = horizon
        self.origins = [LEARNED, *range(first, last - horizon + 1, step)]

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield the rows before each origin, and those after it."""
        place = np.arange(len(X))
        if X.index.nlevels > 1:
            place = X.groupby(level=0).cumcount().to_numpy()
        for origin in self.origins:
            later = (place >= origin) & (place < origin + self.horizon)
            yield np.flatnonzero(place < origin), np.flatnonzero(later)


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for each horizon."""
    gone = dated.missing(data_dir, FILE)
    if gone:
        yield Row("ETTh1", gone, "MSE", "-", None, [])
        return
    for (what, horizon), (theirs, goal) in GOALS.items():
        if quick and horizon > 24:
            continue
        part = Origins(horizon, CHOSEN_BY, TESTED, 24 if quick else 1)
        settings = CHOSEN[what, horizon]
        score = partial(_error, _series(what, data_dir), part, settings)
        scores, minutes = timed(lambda seed, score=score: score(), [0])
        words = f"{what}, {horizon} hours, ridge of {settings['lags']} hours"
        yield Row("ETTh1", words, "MSE", f"{theirs} [S]", goal, scores, minutes)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by their error in the months between."""
    if dated.missing(data_dir, FILE):
        return
    for what, horizon in GOALS:
        if quick and horizon > 24:
            continue
        y = _series(what, data_dir)
        part = Origins(horizon, LEARNED, CHOSEN_BY, SEARCHED)
        error = partial(_error, y, part)
        candidates = CANDIDATES[:2] if quick else CANDIDATES
        yield (
            f"{what}, {horizon} hours",
            rank(candidates, lambda own, seed, error=error: error(own), 1),
        )


def _series(what: str, data_dir: Path) -> Any:
    table = dated.etth1(data_dir)
    if what == ONE:
        return table["OT"]
    return table.stack().swaplevel().sort_index(level=0, sort_remaining=True)


def model(horizon: int, settings: Settings) -> Forecaster:
    """Return the ridge regression of a row."""
    return Forecaster(
        Ridge(settings["alpha"]),
        strategy="direct",
        horizon=horizon,
        lags=settings["lags"],
        differencing=settings["differencing"],
        power=None,
        scale=False,
    )


def _error(y: Any, part: Origins, settings: Settings) -> float:
    """Return the MSE of forecasts from the origins of a part but the first."""
    told = backtest(model(part.horizon, settings), y, cv=part, refit=False)
    rows = told.predictions
    own = rows["origin"] >= rows["origin"].unique()[1]
    missed = rows["y_pred"] - rows["y_true"]
    return float((missed[own] ** 2).mean())
