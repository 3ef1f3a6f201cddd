"""Silverbox, free run: RMSE in mV on a multisine and on a growing "arrow".

An electronic circuit that behaves as a mass on a spring that stiffens (Wigren and
Schoukens 2013, Three free data sets for development and benchmarking in nonlinear
system identification), with the split of Champneys et al. 2024, Baseline results for
selected nonlinear system identification benchmarks: the first 75 % of the multisine
train and the rest tests, as does the arrow, whose last part exceeds all amplitudes
learned. The first 50 outputs of a test are given and are not scored.

Settings are chosen inside the training rows: in one of two pieces of 500 rows, those
whose outputs reach furthest, they count for nothing in learning, and a free run is
scored on them. What reaches beyond the amplitudes learned so decides. How long to train
was settled on the same rows before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.search import Ranking, Settings, rank
from benchmarks.accuracy.table import Row
from seqest import NARXRegressor

__all__ = ["fitted", "free_run_error", "loud_rows", "run", "search"]

Array = NDArray[np.float64]
FILE = "silverbox_snls80mv.csv"
LEARNED = slice(40_650, 105_712)
GIVEN = 50  # outputs before a free run
PIECE, LOUD = 500, 0.155  # rows, and volts that half of the pieces exceed
# What is tested: rows, theirs and ours to reach.
TESTS = {
    "multisine": (slice(105_712, 127_400), "polynomial NARX .640, best .36", 0.60),
    "arrow": (slice(100, 40_575), "polynomial NARX 2.25, best .26", 2.0),
    "arrow without extrapolation": (
        slice(100, 32_100),
        "polynomial NARX .571, best .32",
        0.55,
    ),
}
# Units, their function and its slope, and the greatest delay of inputs and outputs.
FREE = ("hidden_layer_sizes", "activation", "slope", "input_delays", "output_delays")
CANDIDATES: list[Settings] = [
    dict(zip(FREE, one, strict=True))
    for one in (
        (4, "tanh", 1.0, 2, 2),
        (4, "tanh", 0.1, 2, 2),
        (4, "tanh", 1.0, 3, 3),
        (4, "logistic", 1.0, 2, 2),
    )
]
ALWAYS: Settings = {
    "closed_loop": True,
    "horizon": 128,
    "solver": "lm",
    "max_iter": 30,
    "tol": 1e-12,
    "alpha": 0.0,
    "skip_connections": "inputs",
}
OTHERS = 100  # where seeds of `search` begin
CHOSEN: Settings = {
    "hidden_layer_sizes": 4,
    "activation": "tanh",
    "slope": 1.0,
    "input_delays": 3,
    "output_delays": 3,
}


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for each test; a seed's network is the same in all."""
    if not (data_dir / FILE).exists():
        missing = f"{data_dir / FILE} is missing"
        yield Row("Silverbox", missing, "RMSE, mV", "[S] Champneys 2024", None, [])
        return
    volts = partial(_volts, data_dir)
    start = time.perf_counter()
    X, y = (column[: 6000 if quick else None] for column in volts(LEARNED))
    networks = [fitted(CHOSEN, X, y, np.ones(len(y)), seed) for seed in seeds]
    minutes = (time.perf_counter() - start) / 60 / len(TESTS)
    for test, (rows, theirs, goal) in TESTS.items():
        scores = [free_run_error(network, *volts(rows)) for network in networks]
        what = f"{test}, NARX of {CHOSEN['hidden_layer_sizes']} units in closed loop"
        of_theirs = f"{theirs} [S] Champneys 2024"
        yield Row("Silverbox", what, "RMSE, mV", of_theirs, goal, scores, minutes)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by their error on the loud rows among those to learn from."""
    if (data_dir / FILE).exists():
        X, y = _volts(data_dir, LEARNED)
        n_rows = 2000 if quick else len(y) // 2  # half is enough to choose by
        error = partial(_validation_error, X[:n_rows], y[:n_rows])
        yield "free run", rank(CANDIDATES[: 2 if quick else None], error, 2)


def fitted(
    settings: Settings, X: Array, y: Array, weights: Array, seed: int
) -> NARXRegressor:
    """Return a network that has learned from weighted rows."""
    network = NARXRegressor(random_state=seed, **ALWAYS, **settings)
    return network.fit(X, y, sample_weight=weights)


def free_run_error(network: NARXRegressor, X: Array, y: Array) -> float:
    """Return the RMSE, in thousandths, of a run from the outputs given on."""
    return _rmse(_free_run(network, X, y) - y[GIVEN:])


def loud_rows(y: Array) -> NDArray[np.bool_]:
    """Return which rows are in a piece whose outputs reach further than `LOUD`."""
    n_pieces = -(-len(y) // PIECE)
    piece = np.arange(len(y)) // PIECE
    peaks = [np.abs(y[piece == k]).max() for k in range(n_pieces)]
    return np.array(peaks)[piece] > LOUD


def _validation_error(X: Array, y: Array, settings: Settings, seed: int) -> float:
    """Return the error on loud rows of a network that has learned from the others."""
    loud = loud_rows(y)
    network = fitted(settings, X, y, np.where(loud, 0.0, 1.0), OTHERS + seed)
    return _rmse((_free_run(network, X, y) - y[GIVEN:])[loud[GIVEN:]])


def _free_run(network: NARXRegressor, X: Array, y: Array) -> Array:
    """Return a run after the outputs given."""
    given = X[:GIVEN], y[:GIVEN]
    start: Settings = {"initial_state": "zero", "return_state": True}
    _, state = network.predict_open_loop(*given, **start)
    run: Array = network.predict(X[GIVEN:], initial_state=state)
    return run


def _rmse(errors: Array) -> float:
    return 1000 * float(np.sqrt(np.mean(errors**2)))


def _volts(data_dir: Path, rows: slice) -> tuple[Array, Array]:
    """Return inputs and outputs."""
    volts = np.loadtxt(data_dir / FILE, delimiter=",", skiprows=1, usecols=(0, 1))[rows]
    return volts[:, :1], volts[:, 1]
