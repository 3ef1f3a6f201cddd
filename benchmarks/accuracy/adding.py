"""The adding problem: two marked numbers far apart, and their sum at the end.

Sequences of T to 1.1 T pairs: a number uniform on [-1, 1] and a marker. One of the
first ten numbers and one of the others in the first half are marked by 1; markers of
the first and the last pair are -1, others 0. The target, at the end, is .5 + (x_1 +
x_2) / 4, where a marked first number counts as 0 (Hochreiter & Schmidhuber 1997,
section 5.4). A test sequence is wrong if its error is .04 or more.

Rows "online" see each sequence once, as there; rows "Adam" go over 16 000 sequences of
exactly T = 100 and are tested on 100, 200 and 400.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.search import Ranking, rank
from benchmarks.accuracy.table import Row, timed
from seqest import ElmanRegressor, GRURegressor, LSTMRegressor

__all__ = ["run", "search"]

Array = NDArray[np.float32]
N_TEST, TOLERANCE = 2560, 0.04
# Sequences that are shown at most, and how many between looks at 500 others.
MOST, PIECE, LOOK = 73_000, 2000, 500
# Cell: its class, its units (about 4500 weights), what others reached at `LENGTHS`.
LENGTHS = (100, 200, 400)
ADAM: dict[str, tuple[Any, int, tuple[float | None, ...]]] = {
    "LSTM": (LSTMRegressor, 32, (0.0105, 0.038, 0.105)),
    "GRU": (GRURegressor, 37, (0.0129, 0.198, 0.426)),
    "tanh": (ElmanRegressor, 65, (0.386, None, None)),
}
CHOSEN = {"online": 3e-3, "LSTM": 3e-3, "GRU": 3e-3, "tanh": 1e-3}


def sequences(
    n: int, T: int, seed: int, longest: int | None = None
) -> tuple[list[Array], Array]:
    """Return sequences (length, 2) and their targets (n, 1)."""
    rng = np.random.default_rng(seed)
    longest = T + T // 10 if longest is None else longest
    X, y = [], np.empty((n, 1), np.float32)
    for k in range(n):
        length = int(rng.integers(T, longest + 1))
        x = np.zeros((length, 2), np.float32)
        x[:, 0] = rng.uniform(-1, 1, length)
        first = int(rng.integers(10))
        second = int(rng.choice(np.setdiff1d(np.arange(T // 2), first)))
        y[k] = 0.5 + sum(x[i, 0] for i in (first, second) if i > 0) / 4
        x[[0, -1], 1] = -1
        x[[first, second], 1] = 1
        X.append(x)
    return X, y


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield rows of sequences seen once, then of many epochs."""
    most = 4000 if quick else MOST
    scores, minutes = timed(partial(_wrong, most), seeds)
    theirs = "1 after 74 000 [S] Hochreiter & Schmidhuber 1997"
    what = f"LSTM, T=100, {most} sequences once"
    yield Row("adding problem", what, "wrong of 2560", theirs, 1, scores, minutes)
    for cell, (_, units, figures) in ADAM.items():
        for T, figure in zip(LENGTHS, figures, strict=True):
            scores, minutes = timed(partial(_error, cell, T, quick), seeds)
            theirs = "–" if figure is None else f"{figure:g} [S]"
            what = f"{cell} {units}, Adam on 16 000 of T=100, tested at T={T}"
            yield Row("adding problem", what, "RMSE", theirs, figure, scores, minutes)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield learning rates by their error on sequences held out."""
    for cell in ADAM:
        error = partial(_validation_error, cell, quick)
        candidates = [{"learning_rate_init": rate} for rate in (1e-3, 3e-3, 1e-2)]
        yield cell, rank(candidates, error, 1)


def _wrong(most: int, seed: int) -> float:
    """Return how many of the test sequences are wrong, each training one seen once."""
    network = LSTMRegressor(
        32,
        forget_bias=4.0,
        learning_rate_init=CHOSEN["online"],
        batch_size=20,
        random_state=seed,
    )
    held_out, targets = sequences(LOOK, 100, 10_000 + seed)
    for k in range(0, most, PIECE):
        network.partial_fit(*sequences(PIECE, 100, 1000 * seed + k // PIECE))
        errors = np.abs(network.predict(held_out) - targets)
        if errors.max() < TOLERANCE / 2:
            break
    X, y = sequences(N_TEST, 100, 20_000 + seed)
    return float(np.sum(np.abs(network.predict(X) - y) >= TOLERANCE))


def _network(cell: str, rate: float, quick: bool, seed: int) -> Any:
    kind, units, _ = ADAM[cell]
    more = {"forget_bias": 4.0} if kind is LSTMRegressor else {}
    return kind(
        units,
        learning_rate_init=rate,
        learning_rate="cosine",
        max_iter=3 if quick else 40,
        batch_size=50,
        tol=0.0,
        n_iter_no_change=40,
        random_state=seed,
        **more,
    )


@cache
def _trained(cell: str, quick: bool, seed: int) -> Any:
    X, y = sequences(1000 if quick else 16_000, 100, seed, longest=100)
    return _network(cell, CHOSEN[cell], quick, seed).fit(np.stack(X), y)


def _error(cell: str, T: int, quick: bool, seed: int) -> float:
    X, y = sequences(N_TEST, T, 20_000 + seed, longest=T)
    predicted = _trained(cell, quick, seed).predict(np.stack(X))
    return float(np.sqrt(np.mean((predicted - y) ** 2)))


def _validation_error(cell: str, quick: bool, settings: Any, seed: int) -> float:
    X, y = sequences(1000 if quick else 16_000, 100, seed, longest=100)
    n = len(X) * 3 // 4
    rate = settings["learning_rate_init"]
    network = _network(cell, rate, quick, seed).fit(np.stack(X[:n]), y[:n])
    errors = network.predict(np.stack(X[n:])) - y[n:]
    return float(np.sqrt(np.mean(errors**2)))
