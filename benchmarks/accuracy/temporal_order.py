"""Temporal order: which two symbols came, in which order, among many that say nothing.

Strings of 100 to 110 symbols, E first and B last, between them a, b, c or d at random
but for an X or Y at a place from 10 to 20 and another from 50 to 60. The class, at the
end, is XX, XY, YX or YY; a test string is wrong unless all four outputs are within .3
of the target (Hochreiter & Schmidhuber 1997, section 5.6, task 6a).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.search import Ranking
from benchmarks.accuracy.table import Row, timed
from seqest import LSTMRegressor

__all__ = ["run", "search"]

Array = NDArray[np.float32]
N_TEST, TOLERANCE = 2560, 0.3
MOST, PIECE, LOOK = 31_000, 1000, 500
E, B, X, Y = 0, 1, 2, 3


def strings(n: int, seed: int) -> tuple[list[Array], Array]:
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
    """Yield the row of strings seen once."""
    most = 2000 if quick else MOST
    scores, minutes = timed(partial(_wrong, most), seeds)
    theirs = "1 after 31 390 [S] Hochreiter & Schmidhuber 1997"
    what = f"LSTM, length 100-110, {most} strings once"
    yield Row("temporal order", what, "wrong of 2560", theirs, 1, scores, minutes)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield nothing: all settings are stated."""
    yield from ()


def _wrong(most: int, seed: int) -> float:
    network = LSTMRegressor(
        32,
        forget_bias=5.0,
        output_activation="logistic",
        loss="log_loss",
        learning_rate_init=0.01,
        batch_size=16,
        standardize=False,
        random_state=seed,
    )
    held_out, targets = strings(LOOK, 10_000 + seed)
    for k in range(0, most, PIECE):
        network.partial_fit(*strings(PIECE, 1000 * seed + k // PIECE))
        if np.abs(network.predict(held_out) - targets).max() < TOLERANCE / 3:
            break
    coded, classes = strings(N_TEST, 20_000 + seed)
    errors = np.abs(network.predict(coded) - classes).max(axis=1)
    return float(np.sum(errors >= TOLERANCE))
