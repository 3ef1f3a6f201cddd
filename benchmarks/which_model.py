"""Measure every model on the same five tasks, as it comes: nothing is tuned.

    python -m benchmarks.which_model [--seeds 5] [--write docs/start/which-model.md]

Models have their default parameters, but for those with a window, which sees the ten
rows before. Inputs are standardised for all of them alike.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge

from benchmarks.page import machine, table, write_section
from seqest import (
    ElmanRegressor,
    ESNRegressor,
    GRURegressor,
    JordanRegressor,
    LSTMRegressor,
    NARXRegressor,
    TDNNRegressor,
)
from seqest.datasets import load_gas_furnace, load_sunspots, mackey_glass, narma
from seqest.metrics import nmse

__all__ = ["main"]

Array = NDArray[Any]
DELAYS = 10
NEEDS_EVERY_OUTPUT = "linear ARX", "NARX"  # not one for a whole series


MODELS: Mapping[str, Callable[[int], Any]] = {
    "linear, sliding window": lambda seed: TDNNRegressor(
        delays=DELAYS, regressor=Ridge(1e-3)
    ),
    "TDNN": lambda seed: TDNNRegressor(delays=DELAYS, random_state=seed),
    "linear ARX": lambda seed: NARXRegressor(
        input_delays=DELAYS, output_delays=DELAYS, regressor=Ridge(1e-3)
    ),
    "NARX": lambda seed: NARXRegressor(
        input_delays=DELAYS, output_delays=DELAYS, closed_loop=True, random_state=seed
    ),
    "Jordan": lambda seed: JordanRegressor(random_state=seed),
    "Elman": lambda seed: ElmanRegressor(random_state=seed),
    "GRU": lambda seed: GRURegressor(random_state=seed),
    "LSTM": lambda seed: LSTMRegressor(random_state=seed),
    "echo state network": lambda seed: ESNRegressor(random_state=seed),
}


@dataclass(frozen=True)
class Task:
    """What is learned, and how an error is measured on rows that were not.

    Attributes
    ----------
    title : str
        The head of its column.
    error : callable
        Takes a model and a seed, fits it and returns the error.
    """

    title: str
    error: Callable[[Any, int], float]


def _split(X: Array, y: Array, n_train: int) -> Callable[[Any, int], float]:
    rows = tuple(range(X.ndim - 1))
    X = (X - X[:n_train].mean(axis=rows)) / X[:n_train].std(axis=rows)

    def error(model: Any, seed: int) -> float:
        told = model.fit(X[:n_train], y[:n_train]).predict(X[n_train:])
        return float(nmse(y[n_train:], told))

    return error


def _sunspots() -> Callable[[Any, int], float]:
    """Return next year's number from this year's, for the last 50 years."""
    series = load_sunspots().to_numpy()
    return _split(series[:-1, np.newaxis], series[1:], len(series) - 51)


def _furnace() -> Callable[[Any, int], float]:
    """Return what leaves the furnace from what enters it, in a free run of 96 rows."""
    data = load_gas_furnace()
    return _split(data[["methane_rate"]].to_numpy(), data["co2"].to_numpy(), 200)


def _narma(model: Any, seed: int) -> float:
    u, y = narma(4000, random_state=seed)
    return _split(u.reshape(-1, 1), y, 2000)(model, seed)


def _chaos(model: Any, seed: int) -> float:
    """Return the error of the next value of a chaotic series."""
    series = mackey_glass(4001, random_state=seed)
    return _split(series[:-1, np.newaxis], series[1:], 2000)(model, seed)


def _adding(model: Any, seed: int) -> float:
    """Return the error of the sum of two marked numbers of forty, at their end."""
    rng = np.random.default_rng(seed)
    X = np.zeros((2500, 40, 2))
    X[..., 0] = rng.uniform(0, 1, X.shape[:2])
    for first in (0, 20):
        X[np.arange(2500), rng.integers(first, first + 20, 2500), 1] = 1
    y = X.prod(axis=2).sum(axis=1)
    return _split(X, y, 2000)(model, seed)


TASKS = (
    Task("sunspots, next year", _sunspots()),
    Task("gas furnace, free run", _furnace()),
    Task("NARMA-10", _narma),
    Task("Mackey-Glass, next value", _chaos),
    Task("adding, 40 steps", _adding),
)


def _measured(name: str, model: Callable[[int], Any], seeds: int) -> Iterator[str]:
    """Yield the errors of all tasks, then the seconds of a fit and run of NARMA-10."""
    _narma(model(0), 0)  # kernels are compiled before the clock starts
    seconds = 0.0
    for task in TASKS:
        if task.error is _adding and name in NEEDS_EVERY_OUTPUT:
            yield "–"
            continue
        start = time.perf_counter()
        errors = [task.error(model(seed), seed) for seed in range(seeds)]
        if task.error is _narma:
            seconds = (time.perf_counter() - start) / seeds
        yield _worded(errors)
    yield f"{seconds:.2f}"


def _worded(errors: Sequence[float]) -> str:
    mean, deviation = np.mean(errors), np.std(errors)
    if mean > 10:
        return "diverges"
    return f"{mean:.2g}" if deviation < 1e-9 * mean else f"{mean:.2g} ± {deviation:.1g}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and write it into a page where one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore", ConvergenceWarning)
    warnings.filterwarnings("ignore", "NARXRegressor: the free run left")  # "diverges"
    rows = []
    for name, model in MODELS.items():
        rows.append([name, *_measured(name, model, options.seeds)])
        print(*rows[-1], sep=" | ", flush=True)
    head = ["model", *(task.title for task in TASKS), "seconds, NARMA-10"]
    command = f"`python -m benchmarks.which_model --seeds {options.seeds}`"
    text = f"{table(head, rows)}\n\n{command} on {machine()}.\n"
    if options.write is not None:
        write_section(options.write, ["measured"], "measured", text)


if __name__ == "__main__":
    main()
