"""Airline passengers, next month: RMSE on the last third of 144 values.

The first 67 % train and a network sees one month at a time, as in the keras tutorial
this is known from. In the first row it has 4 units, goes 100 epochs over single months
and starts from zero with every month. In the second the state is carried along, over
the split too, and all else is free. Errors count from the second month of the last
third on: for it, as for those after, the month before is in the last third too. There
persistence has an RMSE of 48.5, and a straight line from one month to the next at best
45.7, if fitted to the very months it is scored on.

What is free is chosen inside the first 67 %: networks learn from its first third, half
or two thirds and are scored on what follows, half as long, by their RMSE relative to
that of persistence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import loguniform

from benchmarks.accuracy.search import Ranking, Settings, draw_candidates, rank
from benchmarks.accuracy.table import Row, timed
from seqest import LSTMRegressor
from seqest.datasets import load_airline

__all__ = ["run", "search"]

REMARK = """
Lookback 1 is short: the best straight line from month to month, fitted to the very
months it is scored on, has 45.7, and no candidate of the search was better inside the
training months. To carry the state along is what helps, and reaches its goal.
"""

Array = NDArray[np.float64]
N_TRAIN = 96


class Form(NamedTuple):
    """What a network sees and says."""

    log: bool  # of logarithms, or of the passengers themselves
    sees_change: bool  # from the month before, or the value
    says_change: bool


SINGLE = [Form(log, False, says) for log in (False, True) for says in (False, True)]
ANY = [*SINGLE, Form(False, True, True), Form(True, True, True)]
# Months to learn from, and where those to be scored on end.
ORIGINS = ((32, 48), (48, 72), (64, 96))
OTHERS = 100  # where seeds of `search` begin
EITHER: dict[str, Any] = {
    "skip_connections": [None, "inputs"],
    "init": ["orthogonal", "glorot"],
}
TUTORIAL: dict[str, Any] = {"hidden_layer_sizes": [4], "max_iter": [100]}
SPACES: dict[bool, dict[str, Any]] = {
    False: {
        **TUTORIAL,
        **EITHER,
        "window": [1],
        "batch_size": [1],
        "form": SINGLE,
        "learning_rate_init": [0.001, 0.003, 0.01],
        "alpha": loguniform(1e-3, 30),
    },
    True: {
        **EITHER,
        "window": [None],
        "form": ANY,
        "hidden_layer_sizes": [4, 8, 16, 32, 64],
        "max_iter": [20, 30, 40, 60, 100, 200],
        "solver": ["adam", "rmsprop"],
        "learning_rate": ["constant", "cosine"],
        "learning_rate_init": loguniform(0.005, 0.1),
        "alpha": loguniform(1e-4, 10),
        "forget_bias": [0.0, 1.0, 2.0],
    },
}
# By whether the state is carried along: candidates to draw, and what was chosen.
CANDIDATES = {False: 40, True: 300}
CHOSEN: dict[bool, Settings] = {
    False: {
        "hidden_layer_sizes": 4,
        "max_iter": 100,
        "window": 1,
        "batch_size": 1,
        "form": Form(log=True, sees_change=False, says_change=True),
        "skip_connections": "inputs",
        "init": "orthogonal",
        "learning_rate_init": 0.003,
        "alpha": 1.1,
    },
    True: {
        "window": None,
        "form": Form(log=True, sees_change=True, says_change=True),
        "hidden_layer_sizes": 16,
        "max_iter": 30,
        "solver": "rmsprop",
        "learning_rate": "cosine",
        "learning_rate_init": 0.033,
        "alpha": 0.0057,
        "forget_bias": 0.0,
        "init": "glorot",
        "skip_connections": None,
    },
}


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row without the state carried along, and one with it."""
    theirs = "47.5 [S] keras tutorial; persistence 48.5 [R]"
    for carried, words, goal in (
        (False, "lookback 1", 46.5),
        (True, "state carried along", 30.0),
    ):
        settings = CHOSEN[carried]
        scores, minutes = timed(partial(_test_error, settings), seeds)
        units, epochs = settings["hidden_layer_sizes"], settings["max_iter"]
        what = f"LSTM {units}, {epochs} epochs, {words}"
        yield Row("airline", what, "RMSE", theirs, goal, scores, minutes)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by their error inside the training months."""
    for carried, name in ((False, "lookback 1"), (True, "state carried along")):
        n_candidates = 2 if quick else CANDIDATES[carried]
        candidates = draw_candidates(SPACES[carried], n_candidates)
        yield name, rank(candidates, _validation_error, 3)


def _test_error(settings: Settings, seed: int) -> float:
    values = np.asarray(load_airline(), float)
    return _rmse(values, _predicted(settings, values, N_TRAIN, seed))


def _validation_error(settings: Settings, seed: int) -> float:
    """Return the RMSE relative to that of persistence, the mean over `ORIGINS`."""
    values = np.asarray(load_airline(), float)
    ratios = []
    for n_train, end in ORIGINS:
        known = values[:end]
        predicted = _predicted(settings, known, n_train, OTHERS + seed)
        ratios.append(_rmse(known, predicted) / _rmse(known, known[n_train:-1]))
    return float(np.mean(ratios))


def _rmse(values: Array, predicted: Array) -> float:
    """Return the error of predictions of the last values."""
    return float(np.sqrt(np.mean((predicted - values[-len(predicted) :]) ** 2)))


def _predicted(settings: Settings, values: Array, n_train: int, seed: int) -> Array:
    """Return predictions of the values after the first beyond those to learn from."""
    form, single = settings["form"], settings["window"] == 1
    network = LSTMRegressor(tol=0.0, n_iter_no_change=1000, random_state=seed)
    network.set_params(**{name: settings[name] for name in settings if name != "form"})
    series = np.log(values) if form.log else values
    changes = np.diff(series, prepend=series[0])
    X = (changes if form.sees_change else series)[:-1, np.newaxis]
    y = (changes if form.says_change else series)[1:]
    network.fit(X[: n_train - 1], y[: n_train - 1])
    if single:
        predicted: Array = network.predict(X[n_train - 1 :, np.newaxis])[:, 0]
    else:
        predicted = network.predict(X[n_train - 1 :], initial_state="last")
    if form.says_change:
        predicted = predicted + series[n_train - 1 : -1]
    return (np.exp(predicted) if form.log else predicted)[1:]
