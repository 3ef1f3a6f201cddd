"""The embedded Reber grammar: which symbols may come next, for a whole run of strings.

B, then T or P, then a string of Reber's grammar, then the same T or P, then E. The next
symbol is learned from 256 strings, with looks in between; a run succeeds when, on these
and on 256 others, the legal next symbols are the most active outputs at each step. The
second symbol has to be remembered over the inner string (Hochreiter & Schmidhuber 1997,
section 5.1, where a run ends likewise when all strings are predicted).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.search import Ranking
from benchmarks.accuracy.table import Row, timed
from seqest import ElmanRegressor, LSTMRegressor

__all__ = ["run", "search"]

Array = NDArray[np.float32]
SYMBOLS = "BTPSXVE"
# Each state of Reber's grammar: symbols that may come, and the states they lead to.
GRAMMAR: dict[int, dict[str, int]] = {
    0: {"B": 1},
    1: {"T": 2, "P": 3},
    2: {"S": 2, "X": 4},
    3: {"T": 3, "V": 5},
    4: {"X": 3, "S": 6},
    5: {"P": 4, "V": 6},
    6: {"E": 7},
}
N_STRINGS = 256
# Epochs at most, and from one look to the next.
MOST, LOOK = 300, 5
NETWORKS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "LSTM 12": (LSTMRegressor, {}, "97–100 % [S]"),
    "Elman 12, truncation 1": (ElmanRegressor, {"truncation": 1}, "0 % [S]"),
}


def string(rng: np.random.Generator) -> tuple[str, list[str]]:
    """Return a string and the symbols that may come after each but the last."""
    inner, legal, state = "", [], 0
    while state < 7:
        options = GRAMMAR[state]
        legal.append("".join(options))
        symbol = str(rng.choice(list(options)))
        inner, state = inner + symbol, options[symbol]
    outer = str(rng.choice(["T", "P"]))
    return f"B{outer}{inner}{outer}E", ["TP", *legal, outer, "E"]


def coded(symbols: str) -> Array:
    """Return symbols one by one as rows with a single 1."""
    return np.eye(len(SYMBOLS), dtype=np.float32)[[SYMBOLS.index(s) for s in symbols]]


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield the share of runs that succeed, three for each seed."""
    n_runs = 1 if quick else 3
    for name, (kind, settings, theirs) in NETWORKS.items():
        share = partial(_share, kind, settings, n_runs, LOOK if quick else MOST)
        scores, minutes = timed(share, seeds)
        yield Row(
            "embedded Reber",
            f"{name}, {n_runs} runs a seed",
            "% of runs",
            f"{theirs} Hochreiter & Schmidhuber 1997",
            100 if kind is LSTMRegressor else None,
            scores,
            minutes,
            more_is_better=True,
        )


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield nothing: all settings are stated."""
    yield from ()


def _share(
    kind: Any, settings: dict[str, Any], n_runs: int, most: int, seed: int
) -> float:
    wins = [_succeeds(kind, settings, most, 100 * seed + k) for k in range(n_runs)]
    return 100 * float(np.mean(wins))


def _succeeds(kind: Any, settings: dict[str, Any], most: int, seed: int) -> bool:
    rng = np.random.default_rng(seed)
    strings = [string(rng) for _ in range(2 * N_STRINGS)]
    X = [coded(symbols[:-1]) for symbols, _ in strings]
    Y = [coded(symbols[1:]) for symbols, _ in strings]
    network = kind(
        12,
        output_activation="logistic",
        loss="log_loss",
        learning_rate_init=0.02,
        batch_size=16,
        standardize=False,
        random_state=seed,
        **settings,
    )
    for epoch in range(most):
        network.partial_fit(X[:N_STRINGS], Y[:N_STRINGS])
        if epoch % LOOK == LOOK - 1:
            found = zip(network.predict(X), strings, strict=True)
            if all(_finds(outputs, legal) for outputs, (_, legal) in found):
                return True
    return False


def _finds(outputs: Array, legal: list[str]) -> bool:
    """Say whether the legal symbols are the most active outputs at each step."""
    for row, options in zip(outputs, legal, strict=True):
        best = np.argsort(row)[::-1][: len(options)]
        if {SYMBOLS[k] for k in best} != set(options):
            return False
    return True
