"""M4 hourly: 414 series, 48 hours ahead, by one global model.

One perceptron tells all 48 hours from the 336 before, for every series: of logarithms,
each series scaled by its own mean and deviation. It learns the absolute error, rows of
a series weighed by what an error of its logarithm counts in OWA. A seed is that of the
network, and nothing is averaged over seeds.

Settings were chosen by OWA over the last 48 and the 48 hours before of the training
rows, without the test rows: windows of 168 to 504 hours, one to three layers of 256 or
512 units, squared and absolute errors, rates and lengths of training; `--search` ranks
four of them again. OWA is relative to the organisers' Naive2 (sMAPE 18.383, MASE
2.395; Makridakis, Spiliotis and Assimakopoulos 2020, International Journal of
Forecasting 36, table of hourly series).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.accuracy import dated
from benchmarks.accuracy.search import Ranking, Settings, rank
from benchmarks.accuracy.table import Row
from seqest import TDNNRegressor
from seqest.forecasting import Forecaster, SeasonalNaiveForecaster
from seqest.metrics import mase, smape

__all__ = ["CHOSEN", "HORIZON", "SEASON", "learned", "run", "search"]

HORIZON, SEASON = 48, 24
NAIVE_SMAPE, NAIVE_MASE = 18.383, 2.395
THEIRS = "winner .440, AOLS NARX .439, best .410 [S]"
ALWAYS: Settings = {
    "delays": 0,
    "activation": "relu",
    "loss": "absolute_error",
    "learning_rate": "cosine",
    "batch_size": 512,
    "tol": 0.0,
    "n_iter_no_change": 1000,
    "alpha": 0.0,
    "init": "uniform",
    "init_range": 0.01,
    "skip_connections": "inputs",
}
CANDIDATES: list[Settings] = [
    {"hidden_layer_sizes": (256, 256), "max_iter": 6, "learning_rate_init": 1e-3},
    {"hidden_layer_sizes": (256, 256), "max_iter": 6, "learning_rate_init": 4e-3},
    {"hidden_layer_sizes": (512, 512), "max_iter": 12, "learning_rate_init": 1e-3},
    {"hidden_layer_sizes": (512, 512), "max_iter": 12, "learning_rate_init": 4e-3},
]
CHOSEN = CANDIDATES[2]


class Scores(NamedTuple):
    """sMAPE in percent, MASE, and OWA."""

    smape: float
    mase: float
    owa: float


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for each measure, and one of the seasonal naive forecast."""
    gone = dated.missing(data_dir, *dated.M4)
    if gone:
        yield Row("M4 hourly", gone, "OWA", THEIRS, None, [])
        return
    train, test = dated.m4_hourly(data_dir, 4 if quick else None)
    naive = SeasonalNaiveForecaster(SEASON).fit(y=train).forecast(HORIZON)
    what = "seasonal naive, for comparison"
    yield Row(
        "M4 hourly", what, "OWA", ".627 [S]", None, [_scores(train, test, naive).owa]
    )
    start = time.perf_counter()
    settings = {**CHOSEN, "max_iter": 1} if quick else CHOSEN
    found = [_scores(train, test, _told(train, settings, seed)) for seed in seeds]
    minutes = (time.perf_counter() - start) / 60
    what = f"one perceptron {settings['hidden_layer_sizes']} for all series"
    for measure, theirs, goal in (
        ("OWA", THEIRS, 0.439),
        ("OWA", THEIRS, 0.410),
        ("sMAPE", "9.33 / 9.95 [S]", None),
        ("MASE", ".893 / .807 [S]", None),
    ):
        scores = [getattr(own, measure.lower()) for own in found]
        yield Row("M4 hourly", what, measure, theirs, goal, scores, minutes)
        minutes = 0.0


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by their OWA over the last hours of training."""
    if not dated.missing(data_dir, *dated.M4):
        train = dated.m4_hourly(data_dir, 4 if quick else None)[0]
        candidates = CANDIDATES[:1] if quick else CANDIDATES
        yield "OWA", rank(candidates, partial(_validation_error, train), 1)


def _validation_error(train: Any, settings: Settings, seed: int) -> float:
    """Return the mean OWA from two origins in the training rows."""
    place = train.groupby(level=0).cumcount(ascending=False)
    owas = []
    for left_out in (HORIZON, 2 * HORIZON):
        known = train[place >= left_out]
        later = train[(place < left_out) & (place >= left_out - HORIZON)]
        told = _told(known, settings, seed)
        owas.append(_scores(known, later, told).owa)
    return float(np.mean(owas))


def _told(train: Any, settings: Settings, seed: int) -> Any:
    """Return what one model forecasts of all series."""
    return learned(train, settings, seed).forecast(HORIZON)


def learned(train: Any, settings: Settings, seed: int) -> Forecaster:
    """Return one model that has learned from all series."""
    network = TDNNRegressor(**ALWAYS, **settings, random_state=seed)
    model = Forecaster(
        network,
        strategy="direct",
        horizon=HORIZON,
        lags=14 * SEASON,
        power="log",
        differencing=0,
    )
    return model.fit(y=train, sample_weight=_weights(train))


def _weights(train: Any) -> Any:
    """Return how much an error of a scaled logarithm counts in OWA, row by row."""
    series = train.groupby(level=0, sort=False)
    steps = series.diff(SEASON).abs().groupby(level=0, sort=False).mean()
    spread = np.log(train).groupby(level=0, sort=False).std(ddof=0)
    counts = 100 / NAIVE_SMAPE + series.mean() / steps / NAIVE_MASE
    weights = (counts * spread).reindex(train.index.get_level_values(0)).to_numpy()
    return weights / weights.mean()


def _scores(train: Any, test: Any, told: pd.Series) -> Scores:
    told = told.reindex(test.index)
    percent = float(smape(test, told))
    scaled = float(mase(test, told, y_train=train, seasonal_period=SEASON))
    return Scores(percent, scaled, (percent / NAIVE_SMAPE + scaled / NAIVE_MASE) / 2)
