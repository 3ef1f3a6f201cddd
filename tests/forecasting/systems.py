"""Systems whose delays are known, simulated by plain loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
START = 50  # rows until the start is forgotten


def noisy_input(rng: np.random.Generator, n_timesteps: int, memory: float) -> Array:
    """Return a first-order autoregression."""
    u = rng.standard_normal(n_timesteps)
    for t in range(1, n_timesteps):
        u[t] += memory * u[t - 1]
    return u


def arx(
    seed: int,
    outputs: Mapping[int, float],
    inputs: Mapping[int, float],
    *,
    memory: float = 0.0,
    noise: float = 0.5,
    n_timesteps: int = 400,
    of_input: Callable[[Array], Array] = np.copy,
) -> tuple[Array, Array]:
    """Return X and y of y(t) = Σ a_k y(t - k) + Σ b_k f(u(t - k)) + e(t)."""
    rng = np.random.default_rng(seed)
    n_rows = n_timesteps + START
    u, e = noisy_input(rng, n_rows, memory), noise * rng.standard_normal(n_rows)
    v, y = of_input(u), np.zeros(n_rows)
    for t in range(max([*outputs, *inputs, 0]), n_rows):
        y[t] = e[t] + sum(a * y[t - k] for k, a in outputs.items())
        y[t] += sum(b * v[t - k] for k, b in inputs.items())
    return u[START:, np.newaxis], y[START:]
