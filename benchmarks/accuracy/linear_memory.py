"""Linear short-term memory of 100 units, for three reservoirs.

u uniform on [-.8, .8], input weights within ±.1, no bias; 5000 training rows, the first
100 of them washout, 1000 test rows; Σ over delays 1 to 200 of the squared correlation
between u(t - k) and its reconstruction (Ceni & Gallicchio 2023, Edge of stability echo
state network). N is the bound; the 100 delays beyond it add about .001 each by chance.
A seed is a series and a reservoir.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import ParameterGrid

from benchmarks.accuracy.search import Ranking, rank
from benchmarks.accuracy.table import Row, timed
from seqest import ESNRegressor
from seqest.metrics import memory_capacity

__all__ = ["run", "search"]

N_UNITS, N_DELAYS, N_TEST = 100, 200, 1000
PENALTIES = [1e-14, 1e-12, 1e-10, 1e-8, 1e-6]  # the network chooses

# Topology and activation: what the source reached, and our goal.
THEIRS = {
    ("random", "tanh"): (30.4, 30.4),
    ("orthogonal", "tanh"): (89.4, 89.4),
    ("ring", "identity"): (99.09, 99.0),
}
RADII = [0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.999]
SPACES = {
    "random": {"spectral_radius": RADII, "leak_rate": [0.7, 0.8, 0.9, 0.95, 1.0]},
    "orthogonal": {"spectral_radius": RADII},
    "ring": {"spectral_radius": RADII},
}
CHOSEN: dict[str, dict[str, Any]] = {
    "random": {"leak_rate": 1.0, "spectral_radius": 0.97},
    "orthogonal": {"spectral_radius": 0.99},
    "ring": {"spectral_radius": 0.9},
}


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for each reservoir."""
    for (topology, activation), (figure, goal) in THEIRS.items():
        settings = CHOSEN[topology]
        capacity = partial(_capacity, topology, activation, 5000, settings)
        scores, minutes = timed(capacity, seeds)
        words = ", ".join(f"{name} {value}" for name, value in settings.items())
        yield Row(
            "linear memory",
            f"{topology}, {activation}, {words}",
            "Σ squared correlation",
            f"{figure:g} [S] Ceni & Gallicchio 2023",
            goal,
            scores,
            minutes,
            more_is_better=True,
        )


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by what they forget of the last 1000 training rows."""
    for topology, activation in THEIRS:
        error = partial(_forgotten, topology, activation)
        yield topology, rank(ParameterGrid(SPACES[topology]), error, 2 if quick else 5)


def _forgotten(topology: str, activation: str, settings: Any, seed: int) -> float:
    return N_UNITS - _capacity(topology, activation, 4000, settings, seed)


def _capacity(
    topology: str, activation: str, n_train: int, settings: Any, seed: int
) -> float:
    """Return the capacity on the 1000 rows after `n_train`."""
    n_rows = n_train + N_TEST
    u = np.random.default_rng(seed).uniform(-0.8, 0.8, N_DELAYS + n_rows)
    delayed = [u[N_DELAYS - k : u.size - k] for k in range(1, N_DELAYS + 1)]
    X, Y = u[N_DELAYS:, np.newaxis], np.column_stack(delayed)
    network = ESNRegressor(
        N_UNITS,
        topology=topology,
        activation=activation,
        input_scaling=0.1,
        bias_scaling=0.0,
        washout=100,
        alpha=PENALTIES,
        random_state=seed,
        **settings,
    ).fit(X[:n_train], Y[:n_train])
    recalled = network.predict(X[n_train:], initial_state="last")
    past, present = np.split(u, [N_DELAYS + n_train])
    capacity = memory_capacity(present, recalled, u_past=past)
    assert isinstance(capacity, float)  # a sum
    return capacity
