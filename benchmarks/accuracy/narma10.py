"""NARMA-10: one network's NMSE on 3000 unseen rows, for four sizes.

y(t+1) = .3 y(t) + .05 y(t) Σ y(t-i) + 1.5 u(t-9) u(t) + .1 from u(t), uniform on
[0, .5]; 2000 training, 3000 validation and 3000 test rows, washout 200 (Rodan & Tiňo
2011, Minimum complexity echo state network, table II). Each seed draws a series and a
reservoir. Linear readouts see N states, the input and a constant: N + 2 weights. The
rows with squared states have 2 N + 2 and are told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scipy.stats import loguniform, uniform

from benchmarks.accuracy.held_out import Case, Split, rankings, rows
from benchmarks.accuracy.search import Ranking
from benchmarks.accuracy.table import Row
from seqest.datasets import narma

__all__ = ["run", "search", "series"]

# Of these the network takes the one that is best in cross-validation over five blocks
# of its training rows.
PENALTIES = [10.0**exponent for exponent in range(-12, -2)]
SPACE = {
    "spectral_radius": uniform(0.7, 0.35),
    "leak_rate": uniform(0.75, 0.25),
    "input_scaling": loguniform(0.01, 0.3),
    "bias_scaling": loguniform(0.1, 1.5),
    "input_weights": ["uniform", "sign"],
    "alpha": [PENALTIES],
}
THEIRS = {
    "random": {50: 0.166, 100: 0.0956, 150: 0.0514, 200: 0.0425},
    "ring": {50: 0.160, 100: 0.0983, 150: 0.0544, 200: 0.0411},
}
GOALS = {50: 0.16, 100: 0.095, 150: 0.051, 200: 0.041}
# Topology, readout and size: what the search chose of `held_out.FREE`.
CHOSEN = {
    ("random", "linear", 50): (0.89, 0.75, 0.012, 0.14, "sign", PENALTIES),
    ("random", "linear", 100): (0.84, 0.97, 0.015, 0.53, "sign", PENALTIES),
    ("random", "linear", 150): (0.91, 0.94, 0.02, 0.61, "sign", PENALTIES),
    ("random", "linear", 200): (0.91, 0.94, 0.02, 0.61, "sign", PENALTIES),
    ("ring", "linear", 50): (0.92, 0.75, 0.021, 0.74, "uniform", PENALTIES),
    ("ring", "linear", 100): (0.82, 1.0, 0.039, 0.93, "uniform", PENALTIES),
    ("ring", "linear", 150): (0.82, 1.0, 0.039, 0.93, "uniform", PENALTIES),
    ("ring", "linear", 200): (0.84, 0.97, 0.015, 0.53, "sign", PENALTIES),
    ("ring", "squared", 50): (0.74, 1.0, 0.011, 0.24, "sign", PENALTIES),
    ("ring", "squared", 100): (0.76, 0.95, 0.029, 0.1, "sign", PENALTIES),
    ("ring", "squared", 150): (0.76, 0.95, 0.029, 0.1, "sign", PENALTIES),
    ("ring", "squared", 200): (0.84, 0.97, 0.015, 0.53, "sign", PENALTIES),
}
CASES = [
    Case(*kind, THEIRS[kind[0]][kind[-1]], GOALS[kind[-1]], chosen)
    for kind, chosen in CHOSEN.items()
]


def series(seed: int, n_test: int = 3000) -> Split:
    """Return the series of a seed."""
    X, y = narma(5000 + n_test, order=10, random_state=seed)
    return Split(X, y, 2000, 3000)


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for each kind and size."""
    yield from rows("NARMA-10", CASES, series, seeds, quick)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by their validation error."""
    yield from rankings(CASES, series, SPACE, quick)
