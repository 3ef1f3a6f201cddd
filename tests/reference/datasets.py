"""The systems of seqest.datasets from their equations, arrays indexed by time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

Array = NDArray[np.float64]


def mackey_glass_by_euler(
    n_steps: int, history: Array, step: float = 0.1, exponent: float = 10.0
) -> Array:
    """Return x at 0, step, 2 step, …, from a `history` that ends with x(0)."""
    n_delay = len(history) - 1
    x = np.concatenate([history, np.empty(n_steps)])
    for now in range(n_delay, n_delay + n_steps):
        delayed = x[now - n_delay]
        gain = 0.2 * delayed / (1 + delayed**exponent)
        x[now + 1] = x[now] + step * (gain - 0.1 * x[now])
    return x[n_delay:]


def mackey_glass_by_intervals(times: Array, tau: float, start: float) -> Array:
    """Solve the equation to 1e-12, one delay after the other, from a constant history.

    On each interval the delayed value is the solution on the interval before.
    """
    x = np.empty_like(times)
    before, value = None, start
    for k in range(int(times[-1] / tau) + 1):
        solution = solve_ivp(
            _mackey_glass_rate,
            (k * tau, (k + 1) * tau),
            [value],
            args=(before, tau, start),
            method="DOP853",
            dense_output=True,
            rtol=1e-12,
            atol=1e-12,
        )
        before, value = solution.sol, solution.y[0, -1]
        for i in np.flatnonzero((times >= k * tau) & (times < (k + 1) * tau)):
            x[i] = before(times[i])[0]
    return x


def _mackey_glass_rate(
    t: float,
    x: Array,
    before: Callable[[float], Array] | None,
    tau: float,
    start: float,
) -> Array:
    delayed = start if before is None else before(t - tau)[0]
    return 0.2 * delayed / (1 + delayed**10) - 0.1 * x


def narma(
    u: Array, order: int, abcd: Sequence[float], saturate: bool = False
) -> tuple[Array, bool]:
    """Return y(t + 1) for every u(t), and whether it stayed below 10."""
    a, b, c, d = abcd
    y = np.zeros(len(u) + 1)
    for t in range(len(u)):
        total = sum(y[t - i] for i in range(order) if t - i >= 0)
        then = u[t - order + 1] if t - order + 1 >= 0 else 0.0
        y[t + 1] = a * y[t] + b * y[t] * total + c * then * u[t] + d
        if saturate:
            y[t + 1] = np.tanh(y[t + 1])
        if abs(y[t + 1]) >= 10:
            return y[1:], False
    return y[1:], True


def lorenz63_by_runge_kutta(start: Sequence[float], step: float, n_steps: int) -> Array:
    """Return the state after `n_steps` steps of the classical method of order 4."""

    def velocity(s: Array) -> Array:
        x, y, z = s
        return np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])

    s = np.array(start, dtype=float)
    for _ in range(n_steps):
        k1 = velocity(s)
        k2 = velocity(s + step / 2 * k1)
        k3 = velocity(s + step / 2 * k2)
        k4 = velocity(s + step * k3)
        s = s + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return s


def channel_without_noise(d: Array) -> Array:
    """Return u(n) for every n with symbols d(n + 2) to d(n - 7)."""
    u = []
    for n in range(7, len(d) - 2):
        q = 0.08 * d[n + 2] - 0.12 * d[n + 1] + d[n] + 0.18 * d[n - 1]
        q += -0.1 * d[n - 2] + 0.091 * d[n - 3] - 0.05 * d[n - 4]
        q += 0.04 * d[n - 5] + 0.03 * d[n - 6] + 0.01 * d[n - 7]
        u.append(q + 0.036 * q**2 - 0.011 * q**3)
    return np.array(u)
