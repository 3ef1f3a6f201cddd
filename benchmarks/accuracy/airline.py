"""Airline passengers, next month: RMSE on the last third of 144 values.

The first 67 % train, scaled to [0, 1]; an LSTM of 4 units sees one value at a time and
is trained for 100 epochs, as in the keras tutorial this is known from. There the state
starts from zero with every value; in the second row it is carried along, over the split
too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.accuracy.search import Ranking
from benchmarks.accuracy.table import Row, timed
from seqest import LSTMRegressor
from seqest.datasets import load_airline

__all__ = ["run", "search"]


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row without the state carried along, and one with it."""
    for carried, goal in ((False, 46.5), (True, 30.0)):
        scores, minutes = timed(partial(_error, carried), seeds)
        words = "state carried along" if carried else "lookback 1"
        theirs = "47.5 [S] keras tutorial; persistence 48.5"
        what = f"LSTM 4, 100 epochs, {words}"
        yield Row("airline", what, "RMSE", theirs, goal, scores, minutes)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield nothing: all settings are stated."""
    yield from ()


def _error(carried: bool, seed: int) -> float:
    values = np.asarray(load_airline(), float)
    n_train = int(0.67 * len(values))
    network = LSTMRegressor(
        4,
        max_iter=100,
        batch_size=1,
        window=None if carried else 1,
        learning_rate_init=0.01,
        tol=0.0,
        n_iter_no_change=100,
        random_state=seed,
    )
    X, y = values[:-1, np.newaxis], values[1:]
    network.fit(X[: n_train - 1], y[: n_train - 1])
    if carried:
        predicted = network.predict(X[n_train - 1 :], initial_state="last")
    else:
        predicted = network.predict(X[n_train - 1 :, np.newaxis])[:, 0]
    return float(np.sqrt(np.mean((predicted - y[n_train - 1 :]) ** 2)))
