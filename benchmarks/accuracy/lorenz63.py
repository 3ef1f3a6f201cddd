"""Lorenz 1963 in free run: how long the forecast is valid.

Rows .01 apart from DOP853 at a tolerance of 1e-12; training on 100 time units. From
each of 50 starts on rows the network has not seen it is led along 200 true rows from
rest and then runs freely. The time is valid until the RMS over x, y, z of the error,
each divided by its standard deviation, exceeds .3; it is counted in Lyapunov times of
1 / .906. Size, density, spectral radius, leak rate, scaling of inputs and biases,
penalty and spin-up are those of Platt et al. 2022 as our figures of others state them.
Free was what the readout sees and how input weights are drawn. A seed is a trajectory
and a reservoir.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import ParameterGrid

from benchmarks.accuracy.search import Ranking, rank
from benchmarks.accuracy.table import Row, timed
from seqest import ESNRegressor
from seqest.datasets import lorenz63
from seqest.metrics import valid_prediction_time

__all__ = ["run", "search"]

Array = NDArray[np.float64]

N_TRAIN, SPIN_UP, N_FREE = 10_000, 200, 2000
EXPONENT, DT = 0.906, 0.01
PUBLISHED = {
    "density": 0.02,
    "spectral_radius": 0.8,
    "leak_rate": 0.6,
    "input_scaling": 0.084,
    "bias_scaling": 1.6,
    "alpha": 8.5e-8,
    "washout": SPIN_UP,
}
SPACE = {
    "include_input": [False, True],
    "readout_features": ["linear", "half_squared", "squared"],
    "input_weights": ["uniform", "normal"],
}
CHOSEN: dict[str, Any] = {}


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for the mean and one for the median over starts."""
    n_starts = 10 if quick else 50
    times: list[Array] = []

    def mean_time(seed: int) -> float:
        times.append(valid_times(seed, n_starts))
        return float(times[-1].mean())

    means, minutes = timed(mean_time, seeds)
    medians = [float(np.median(each)) for each in times]
    words = f"N=800, {n_starts} starts, input and half-squared states"
    source = "[R] parameters of Platt 2022"
    measure = "valid Lyapunov times"
    task = "Lorenz-63"
    yield Row(
        task, words, f"{measure}, mean", f"9.8 {source}", 10, means, minutes, True
    )
    yield Row(task, words, f"{measure}, median", f"9.6 {source}", 10, medians, 0, True)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by the log of the error after 110 steps of free run.

    They learn from the first 80 time units of the training rows and start on the rest.
    """
    yield "readout", rank(ParameterGrid(SPACE), _short_error, 2 if quick else 5)


def valid_times(seed: int, n_starts: int, n_units: int = 800) -> Array:
    """Return the valid time from each start, in Lyapunov times."""
    stretch = SPIN_UP + 1 + N_FREE
    orbit = trajectory(seed, N_TRAIN + 1 + n_starts * stretch)
    learned, rest = np.split(orbit, [N_TRAIN + 1])
    network = fitted(learned, n_units, CHOSEN, seed)
    stretches = rest.reshape(n_starts, stretch, 3)
    forecasts = free_runs(network, stretches)
    truths = stretches[:, SPIN_UP + 1 :]
    scale = learned.std(axis=0)
    units = {"dt": DT, "lyapunov_exponent": EXPONENT, "scale": scale}
    return np.array(
        [
            valid_prediction_time(truth, forecast, threshold=0.3, **units)
            for truth, forecast in zip(truths, forecasts, strict=True)
        ]
    )


def trajectory(seed: int, n_rows: int) -> Array:
    """Return an orbit of its own for each seed."""
    x0 = np.random.default_rng(seed).uniform([-10, -10, 15], [10, 10, 35])
    return lorenz63(n_rows, dt=DT, x0=x0, discard=1000, tol=1e-12)


def fitted(orbit: Array, n_units: int, settings: Any, seed: int) -> ESNRegressor:
    """Return a network that has learned an orbit's next rows."""
    network = ESNRegressor(n_units, random_state=seed, **{**PUBLISHED, **settings})
    return network.fit(orbit[:-1], orbit[1:])


def free_runs(network: ESNRegressor, stretches: Array) -> Array:
    """Return the forecast of each stretch behind its spin-up and first row."""
    _, state = network.predict_open_loop(
        list(stretches[:, :SPIN_UP]),
        list(stretches[:, 1 : SPIN_UP + 1]),
        initial_state="zero",
        return_state=True,
    )
    n_steps = stretches.shape[1] - SPIN_UP - 1
    forecasts: Array = network.forecast(n_steps, initial_state=state)
    return forecasts


def _short_error(settings: Any, seed: int) -> float:
    orbit, n_steps = trajectory(seed, N_TRAIN + 1), 110
    network = fitted(orbit[: 8 * N_TRAIN // 10], 800, settings, seed)
    last = N_TRAIN - n_steps
    starts = range(8 * N_TRAIN // 10, last, 60)
    stretches = [orbit[start - SPIN_UP : start + 1 + n_steps] for start in starts]
    errors = free_runs(network, np.array(stretches))[:, -1]
    errors -= np.array(stretches)[:, -1]
    size = np.sqrt(np.mean((errors / orbit.std(axis=0)) ** 2, axis=1))
    return float(np.mean(np.log(size)))
