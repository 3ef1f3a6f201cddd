"""Nonlinear channel equalization: symbol errors at six levels of noise.

Symbols ±1, ±3 through the channel of Jaeger & Haas 2004 (supporting material); 47
units learn d(n - 2) from u(n) on 5000 symbols, as there, and are judged by the nearest
symbol on 500 000 more. A seed is a series and a reservoir. Settings, the same
at all levels, are those with the least squared error on the last 1000 training symbols
among 80 drawn, the mean over three seeds and of the logarithms at three levels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import loguniform, uniform

from benchmarks.accuracy.search import Ranking, draw_candidates, rank
from benchmarks.accuracy.table import Row, timed
from seqest import ESNRegressor
from seqest.datasets import nonlinear_channel

__all__ = ["run", "search"]

REMARK = """
At 12 dB the goal has one figure, .08, as has what others reached; ours differs from
it in the second. Settings chosen for that level alone were the same.
"""

Array = NDArray[np.float64]

N_UNITS, N_TRAIN, N_TEST, WASHOUT = 47, 5000, 500_000, 100
SYMBOLS = np.array([-3.0, -1.0, 1.0, 3.0])
PENALTIES = [1e-10, 1e-8, 1e-6, 1e-4, 1e-2]  # the network chooses
THEIRS = {12: 8e-2, 16: 1.5e-2, 20: 1.4e-3, 24: 1.4e-4, 28: 4e-5, 32: 2e-5}
FEATURES = ("linear", "squared")

SPACE = {
    "topology": ["random", "ring"],
    "spectral_radius": uniform(0.1, 0.8),
    "input_scaling": loguniform(0.01, 0.5),
    "bias_scaling": loguniform(0.01, 2.0),
}
CHOSEN = {
    "linear": {
        "topology": "ring",
        "spectral_radius": 0.27,
        "input_scaling": 0.047,
        "bias_scaling": 0.052,
    },
    "squared": {
        "topology": "ring",
        "spectral_radius": 0.31,
        "input_scaling": 0.051,
        "bias_scaling": 0.16,
    },
}


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for each readout and level of noise."""
    n_test = N_TEST // 10 if quick else N_TEST
    for features, (snr_db, figure) in product(FEATURES, THEIRS.items()):
        states = "states" if features == "linear" else "states and squared"
        rate = partial(symbol_error_rate, features, snr_db, n_test)
        scores, minutes = timed(rate, seeds)
        yield Row(
            "equalization",
            f"N=47, {states}, {snr_db} dB",
            "symbol error rate",
            f"{'<' if snr_db == 32 else ''}{figure:g} [R]",
            figure,
            scores,
            minutes,
        )


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by their squared error."""
    for features in FEATURES:
        candidates = draw_candidates(SPACE, 10 if quick else 80)
        yield features, rank(candidates, partial(_validation_error, features), 3)


def symbol_error_rate(features: str, snr_db: float, n_test: int, seed: int) -> float:
    """Return the share of test symbols decided wrongly."""
    X, y = nonlinear_channel(N_TRAIN + n_test, snr_db=snr_db, random_state=seed)
    decided = _nearest(_predicted(features, CHOSEN[features], seed, X, y, N_TRAIN))
    return float(np.mean(decided != y[N_TRAIN:]))


def _validation_error(features: str, settings: Any, seed: int) -> float:
    n_learned, errors = N_TRAIN - 1000, []
    for snr_db in (16, 24, 32):
        X, y = nonlinear_channel(N_TRAIN, snr_db=snr_db, random_state=seed)
        predicted = _predicted(features, settings, seed, X, y, n_learned)
        errors.append(np.log(np.mean((predicted - y[n_learned:]) ** 2)))
    return float(np.mean(errors))


def _predicted(
    features: str, settings: Any, seed: int, X: Array, y: Array, n_learned: int
) -> Array:
    """Return what a network that has learned from the first symbols says of others."""
    network = ESNRegressor(
        N_UNITS,
        readout_features=features,
        washout=WASHOUT,
        alpha=PENALTIES,
        random_state=seed,
        **settings,
    ).fit(X[:n_learned], y[:n_learned])
    predicted: Array = network.predict(X[n_learned:], initial_state="last")
    return predicted


def _nearest(values: Array) -> Array:
    between = (SYMBOLS[1:] + SYMBOLS[:-1]) / 2
    nearest: Array = SYMBOLS[np.searchsorted(between, values)]
    return nearest
