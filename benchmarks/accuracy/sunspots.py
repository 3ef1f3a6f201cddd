"""Yearly sunspots, next year: MSE over 1535 on 1921-55 and on 1956-79.

A network sees the 12 years before and learns from the years up to 1920, as in Weigend,
Huberman and Rumelhart (1990), Predicting the future: a connectionist approach, whose
measure this is: 1535 is the variance of the whole record.

What is free is chosen inside the years up to 1920, in every run anew: networks learn
from those up to 1800, 1830, 1860 or 1890 and are scored on the 30 that follow, by the
mean of their squared errors. It may be part of it that they see, or say, the roots of
sunspot numbers, which scatter as much in weak cycles as in strong ones. A seed is the
mean of 10 time delay networks, one of each of the best settings. The first two rows
are of the source's own form, 8 units that see the numbers as they are, of which the
penalty and the length of training alone are free.
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

from benchmarks.accuracy.search import Ranking, Settings, best, draw_candidates, rank
from benchmarks.accuracy.table import Row, timed
from seqest import TDNNRegressor
from seqest.datasets import load_sunspots

__all__ = ["error", "run", "search"]

REMARK = """
All are short. Weigend's figures are as remembered, and of a net whose training was
stopped by what it did on held-out years; ours are chosen inside the years up to 1920,
where cycles are weaker than those it is scored on. AR(12) has .126 and .358.
"""

Array = NDArray[np.float64]
FIRST, LAST_TO_LEARN = 1700, 1920
VARIANCE = 1535
LAGS = 12
N_NETWORKS, N_SEARCHED = 10, 3  # of a seed, and of a candidate
ORIGINS = (1800, 1830, 1860, 1890)  # the last year to learn from, 30 to be scored on
OTHERS = 100  # where seeds of `search` begin
DESCENT: dict[str, Any] = {
    "max_iter": [5, 10, 20, 50, 200],
    "alpha": loguniform(1e-2, 100),
}
WEIGEND: dict[str, Any] = {
    "sees_root": [False],
    "says_root": [False],
    "hidden_layer_sizes": [8],
    "skip_connections": [None],
    "solver": ["lbfgs"],
}
ANY: dict[str, Any] = {
    "sees_root": [False, True],
    "says_root": [False, True],
    "hidden_layer_sizes": [2, 4, 8, 16],
    "skip_connections": [None, "inputs"],
    "solver": ["lm", "lbfgs"],
}
# Spaces by what the table calls them, and how many candidates are drawn.
SPACES: dict[str, tuple[dict[str, Any], int]] = {
    "12-8-1": ({**WEIGEND, **DESCENT}, 60),
    "any form": ({**ANY, **DESCENT}, 200),
}
# The years to be scored on: Weigend's network's figure and ours to reach.
SPANS = {(1921, 1955): (0.086, 0.086), (1956, 1979): (0.35, 0.33)}


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for each span of years."""
    start = time.perf_counter()
    for form, ranking in search(quick, data_dir):
        chosen = best(ranking, N_NETWORKS)
        search_minutes = (time.perf_counter() - start) / 60
        for (first, last), (theirs, goal) in SPANS.items():
            score = partial(error, chosen, LAST_TO_LEARN, first, last)
            scores, minutes = timed(score, seeds)
            what = f"{first}-{last}, mean of {len(chosen)} TDNN, {form}"
            of_theirs = f"{theirs:g} [M] Weigend's net"
            minutes += search_minutes / len(SPANS)
            yield Row("sunspots", what, "MSE/1535", of_theirs, goal, scores, minutes)
        start = time.perf_counter()


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by their error inside the years to learn from."""
    for form, (space, n_candidates) in SPACES.items():
        candidates = draw_candidates(space, 2 if quick else n_candidates)
        yield form, rank(candidates, _validation_error, 1)


def error(
    members: Sequence[Settings], last_to_learn: int, first: int, last: int, seed: int
) -> float:
    """Return the error on years from `first` to `last` of the mean of networks."""
    numbers = np.asarray(load_sunspots(), float)[: last - FIRST + 1]
    n_train, scored = last_to_learn - FIRST, slice(first - FIRST - 1, None)
    predicted = np.mean(
        [
            _next_years(settings, numbers, n_train, len(members) * seed + k)
            for k, settings in enumerate(members)
        ],
        axis=0,
    )
    return float(np.mean((predicted - numbers[1:])[scored] ** 2)) / VARIANCE


def _next_years(settings: Settings, numbers: Array, n_train: int, seed: int) -> Array:
    """Return what a network says of each year but the first."""
    free = dict(settings)
    seen = np.sqrt(numbers) if free.pop("sees_root") else numbers
    said = np.sqrt(numbers) if (says_root := free.pop("says_root")) else numbers
    X, y = seen[:-1, np.newaxis], said[1:]
    network = TDNNRegressor(delays=LAGS - 1, random_state=seed)
    network.set_params(**free).fit(X[:n_train], y[:n_train])
    # From the beginning, for delays are filled then.
    predicted: Array = network.predict(X, initial_state="zero")
    return predicted**2 if says_root else predicted


def _validation_error(settings: Settings, seed: int) -> float:
    """Return the mean error over the spans of `ORIGINS`."""
    members = [settings] * N_SEARCHED
    errors = [
        error(members, last, last + 1, last + 30, OTHERS + seed) for last in ORIGINS
    ]
    return float(np.mean(errors))
