"""Airline passengers, a free run of 24 months: MSE after 120 of 144 values.

A seed is the mean of 10 NARX networks, one of each of the best settings, that learn
from the years 1949 to 1958 and run on over the next two. They may see logarithms, and
in place of values the changes within a month or a year; besides their own outputs the
month, the time, or nothing.

What is free is chosen inside the first 120 months, in every run anew: networks learn
from the first 48, 60, 72, 84 or 96 and are scored on the 24 that follow, by their MSE
relative to the square of the mean there. Of those drawn the best by 3 networks are
ranked again by 10 others, that learn from the first 48, 54, ..., 96.

In the second row nothing is chosen: least squares on the logarithms 1, 12 and 13 months
before, the delays of Box and Jenkins's (1976) model of these very numbers. In the third
neither: a Forecaster of an echo state network as it is by default. That its defaults
take a power and seasonal differences was settled on twenty series, of which this was
one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import loguniform
from sklearn.linear_model import LinearRegression

from benchmarks.accuracy.search import Ranking, Settings, best, draw_candidates, rank
from benchmarks.accuracy.table import Row, timed
from seqest import ESNRegressor, NARXRegressor
from seqest.datasets import load_airline
from seqest.forecasting import Forecaster

__all__ = ["free_run", "run", "search"]

REMARK = """
NARX networks are short, as every form of theirs that the search tried; the linear one
with the delays of Box and Jenkins shows how much is left to two years of growth that
turn out faster than those before. A Forecaster with nothing tuned reaches the goal;
its defaults were settled on twenty series, of which this was one.
"""

Array = NDArray[np.float64]
N_TRAIN, N_STEPS = 120, 24
N_NETWORKS = 10  # of a seed
# Months to learn from, when all candidates are ranked, and when the best are.
COARSE, FINE = range(48, 97, 12), range(48, 97, 6)
OTHERS = 100  # where seeds of `search` begin
SPACE: dict[str, Any] = {
    "log": [False, True],
    "change": [0, 1, 12],  # within so many months; 0: the value itself
    "sees": ["nothing", "time", "month"],
    "output_delays": [1, 2, 3, 12, 13, [1, 12], [1, 12, 13], [1, 2, 12, 13]],
    "hidden_layer_sizes": [1, 2, 4],
    "skip_connections": [None, "inputs"],
    "closed_loop": [False, True],
    "horizon": [12, 24],
    "max_iter": [5, 20],
    "alpha": loguniform(1e-3, 30),
}
LINEAR: Settings = {
    "log": True,
    "change": 0,
    "sees": "nothing",
    "output_delays": [1, 12, 13],
    "regressor": LinearRegression(),
    "solver": "adam",
}
FORM = ("log", "change", "sees")


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield the row of the free run."""
    values = np.asarray(load_airline(), float)
    start = time.perf_counter()
    ((_, ranking),) = search(quick, data_dir)
    chosen = best(ranking, N_NETWORKS)
    search_minutes = (time.perf_counter() - start) / 60
    scores, minutes = timed(partial(_error, chosen, values), seeds)
    what = f"free run of {N_STEPS}, mean of {len(chosen)} NARX"
    theirs = "441 [S] SysIdentPy's AOLS; ETS 1056, neural NARX 1622"
    minutes += search_minutes
    yield Row("airline", what, "MSE", theirs, 441, scores, minutes)
    what = f"free run of {N_STEPS}, linear NARX of the logs 1, 12, 13 months before"
    scores, minutes = timed(lambda _: _error([LINEAR], values, 0), [0])
    yield Row("airline", what, "MSE", theirs, 441, scores, minutes)
    what = f"free run of {N_STEPS}, Forecaster(ESNRegressor()), m=12, nothing tuned"
    scores, minutes = timed(_default_error, seeds)
    yield Row("airline", what, "MSE", theirs, 441, scores, minutes)


def _default_error(seed: int) -> float:
    y = load_airline()
    model = Forecaster(ESNRegressor(random_state=seed), seasonal_period=12)
    told = model.fit(y=y[:N_TRAIN]).forecast(N_STEPS)
    return float(np.mean((told - y[N_TRAIN:]) ** 2))


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by their error inside the training months."""
    candidates = draw_candidates(SPACE, 2 if quick else 300)
    drawn = rank(candidates, partial(_validation_error, COARSE, 3), 1)
    error = partial(_validation_error, FINE, N_NETWORKS)
    yield "free run", rank(best(drawn, 2 * N_NETWORKS), error, 1)


def free_run(settings: Settings, values: Array, seed: int) -> Array:
    """Return what a network that learns from values says of those that follow."""
    log, change = settings["log"], settings["change"]
    series = np.log(values) if log else values
    y = series[change:] - series[:-change] if change else series
    X = _seen(settings["sees"], len(y) + N_STEPS)
    network = NARXRegressor(input_delays=0, solver="lm", random_state=seed)
    network.set_params(**{k: v for k, v in settings.items() if k not in FORM})
    network.fit(X[: len(y)], y)
    run: Array = network.predict(X[len(y) :], initial_state="last")
    if change:
        # Changes add up, from the last values known.
        for step in range(N_STEPS):
            before = series[step - change] if step < change else run[step - change]
            run[step] += before
    return np.exp(run) if log else run


def _validation_error(
    origins: Sequence[int], n_networks: int, settings: Settings, seed: int
) -> float:
    """Return the relative error, the mean over origins; infinite if runs diverge."""
    values = np.asarray(load_airline(), float)[:N_TRAIN]
    errors = []
    for n_train in origins:
        known = values[: n_train + N_STEPS]
        try:
            error = _error([settings] * n_networks, known, OTHERS + seed)
        except FloatingPointError:
            return float("inf")
        errors.append(error / np.mean(known[n_train:]) ** 2)
    return float(np.mean(errors))


def _error(members: Sequence[Settings], values: Array, seed: int) -> float:
    """Return the MSE on the last values of networks that learn from all before."""
    runs = [
        free_run(settings, values[:-N_STEPS], len(members) * seed + k)
        for k, settings in enumerate(members)
    ]
    return float(np.mean((np.mean(runs, axis=0) - values[-N_STEPS:]) ** 2))


def _seen(what: str, n_rows: int) -> Array:
    """Return inputs: the month, the time, or a constant."""
    if what == "month":
        return np.eye(12)[np.arange(n_rows) % 12]
    time = np.arange(n_rows, dtype=float)[:, np.newaxis]
    return time if what == "time" else np.zeros_like(time)
