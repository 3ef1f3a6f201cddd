"""Temporal order: which two symbols came, in which order, among many that say nothing.

Strings of 100 to 110 symbols, E first and B last, between them a, b, c or d at random
but for an X or Y at a place from 10 to 20 and another from 50 to 60. The class, at the
end, is XX, XY, YX or YY; a test string is wrong unless all four outputs are within .3
of the target (Hochreiter & Schmidhuber 1997, section 5.6, task 6a).

Training strings come in pieces and are seen once, until 2560 others, held out, are all
right by a margin. Settings are those that need the fewest, on strings and first weights
of other seeds than the tests'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.search import Ranking, Settings, draw_candidates, rank
from benchmarks.accuracy.table import Row, timed
from seqest import LSTMRegressor

__all__ = ["run", "search"]

Array = NDArray[np.float32]
N_TEST, TOLERANCE = 2560, 0.3
# Training strings at most, and between looks at those held out; the error there that
# ends it.
MOST, PIECE, ENOUGH = 31_000, 1000, 0.1
# What strings are for, to keep those of a seed apart; where seeds of `search` begin.
TRAINING, HELD_OUT, TEST, OTHERS = 0, 1, 2, 100
E, B, X, Y = 0, 1, 2, 3
SPACE = {
    "solver": ["adam", "rmsprop"],
    "learning_rate_init": [0.003, 0.005, 0.01, 0.02],
    "batch_size": [4, 8, 16, 32],
    "forget_bias": [3.0, 4.0, 5.0, 6.0],
    "init": ["orthogonal", "glorot"],
}
CHOSEN: Settings = {
    "solver": "rmsprop",
    "learning_rate_init": 0.01,
    "batch_size": 8,
    "forget_bias": 5.0,
    "init": "glorot",
}


def strings(n: int, *seed: int) -> tuple[list[Array], Array]:
    """Return coded strings (length, 8) and their classes (n, 4)."""
    rng = np.random.default_rng(seed)
    coded, classes = [], np.zeros((n, 4), np.float32)
    for k in range(n):
        symbols = rng.integers(4, 8, int(rng.integers(100, 111)))
        symbols[[0, -1]] = E, B
        first, second = rng.integers(2, size=2)
        symbols[rng.integers(10, 21)] = X + first
        symbols[rng.integers(50, 61)] = X + second
        coded.append(np.eye(8, dtype=np.float32)[symbols])
        classes[k, 2 * first + second] = 1
    return coded, classes


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row of the strings that are wrong, and one of those that were shown."""
    most = 2000 if quick else MOST
    shown: list[float] = []
    scores, minutes = timed(partial(_wrong, most, shown), seeds)
    task, what = "temporal order", "LSTM 32, length 100-110, each string seen once"
    source = "[S] Hochreiter & Schmidhuber 1997"
    yield Row(task, what, f"wrong of {N_TEST}", f"1 {source}", 1, scores, minutes)
    what = f"the same, at most {max(shown):.0f}"
    yield Row(task, what, "strings shown", f"31 390 {source}", None, shown)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by the strings that they needed."""
    candidates = draw_candidates(SPACE, 2 if quick else 24)
    yield "LSTM 32", rank(candidates, partial(_needed, 2000 if quick else MOST), 3)


def _trained(settings: Settings, most: int, seed: int) -> tuple[LSTMRegressor, int]:
    """Return a network and how many strings it was shown, more than `most` in vain."""
    network = LSTMRegressor(
        32,
        output_activation="logistic",
        loss="log_loss",
        standardize=False,
        random_state=seed,
        **settings,
    )
    held_out, targets = strings(N_TEST, HELD_OUT, seed)
    for shown in range(PIECE, most + 1, PIECE):
        network.partial_fit(*strings(PIECE, TRAINING, seed, shown))
        if np.abs(network.predict(held_out) - targets).max() < ENOUGH:
            return network, shown
    return network, most + 1


def _needed(most: int, settings: Settings, seed: int) -> float:
    """Return the strings a network needed, twice the most where these did not do."""
    shown = _trained(settings, most, OTHERS + seed)[1]
    return 2 * most if shown > most else shown


def _wrong(most: int, shown: list[float], seed: int) -> float:
    """Return the number of test strings that are wrong; note those that were shown."""
    network, n_shown = _trained(CHOSEN, most, seed)
    shown.append(min(n_shown, most))
    coded, classes = strings(N_TEST, TEST, seed)
    errors = np.abs(network.predict(coded) - classes).max(axis=1)
    return float(np.sum(errors >= TOLERANCE))
