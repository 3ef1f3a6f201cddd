"""The Mackey-Glass delay equation.

The integration runs on Python floats, not in a compiled kernel: 21 000 rows take a
tenth of a second, there is nothing to compile, and no fused or reordered arithmetic can
send a chaotic series another way on another processor.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import (
    check_choice,
    check_generator,
    check_integer,
    check_number,
    check_vector,
    worded,
)

# x(t − τ), x(t − τ + step), …, x(t): the oldest leaves as the newest comes.
Past = deque[float]


def mackey_glass(
    n_timesteps: int,
    *,
    tau: float = 17.0,
    beta: float = 0.2,
    gamma: float = 0.1,
    exponent: float = 10.0,
    step: float = 0.1,
    sample_every: int = 10,
    history: ArrayLike = 1.2,
    history_noise: float = 0.0,
    method: str = "euler",
    discard: int = 1000,
    random_state: int | np.random.Generator | None = None,
) -> NDArray[np.float64]:
    """Integrate the Mackey-Glass equation and keep every tenth step.

    .. math:: \\dot x(t) = \\frac{\\beta x(t - \\tau)}{1 + x(t - \\tau)^n}
        - \\gamma x(t)

    The defaults are Jaeger's series: Euler steps of 0.1, one row per unit of time.
    Networks with tanh outputs are usually given ``np.tanh(series - 1)``; that is left
    to the caller.

    Parameters
    ----------
    n_timesteps : int
        Number of rows, at least 1.
    tau : float, default=17.0
        Delay in units of time, a multiple of `step`. 17 is mildly chaotic, 30 strongly;
        below about 16.8 the series is periodic.
    beta : float, default=0.2
        Rate of production.
    gamma : float, default=0.1
        Rate of decay; ``gamma * step`` must stay below 1.
    exponent : float, default=10.0
        The n of the equation. Raising it makes production collapse more sharply above
        x = 1.
    step : float, default=0.1
        Step of integration in units of time.
    sample_every : int, default=10
        Integration steps per row.
    history : float or array-like of shape (tau / step + 1,), default=1.2
        The x(t) for t from -tau to 0, oldest first and non-negative, or one value.
    history_noise : float, default=0.0
        Half-width of uniform noise added to every value of `history`; 0.1 gives
        independent series as Jaeger drew them.
    method : {'euler', 'rk4'}, default='euler'
        Euler's method, or Runge-Kutta of order 4 with the delayed value at half steps
        interpolated to the same order. Published results rest on Euler's; on the true
        equation 'rk4' is far closer.
    discard : int, default=1000
        Rows left out before the first returned; 0 starts with x(0).
    random_state : int, numpy Generator or None, default=None
        Source of `history_noise`; without noise the series is deterministic.

    Returns
    -------
    ndarray of shape (n_timesteps,)
        The series, dimensionless, between about 0.4 and 1.3 at the defaults.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    M. C. Mackey and L. Glass (1977), Oscillation and chaos in physiological control
    systems, Science 197, equation 4b. H. Jaeger (2001), The echo state approach to
    analysing and training recurrent neural networks, GMD report 148.

    Examples
    --------
    >>> from seqest.datasets import mackey_glass
    >>> mackey_glass(3, discard=0).round(4)
    array([1.2   , 1.1172, 1.0423])
    """
    n_timesteps = check_integer("mackey_glass", "n_timesteps", n_timesteps, 1)
    discard = check_integer("mackey_glass", "discard", discard, 0)
    sample_every = check_integer("mackey_glass", "sample_every", sample_every, 1)
    beta = check_number("mackey_glass", "beta", beta, "[0, inf)")
    exponent = check_number("mackey_glass", "exponent", exponent, "(0, inf)")
    step = check_number("mackey_glass", "step", step, "(0, inf)")
    gamma = check_number("mackey_glass", "gamma", gamma, f"[0, {1 / step:g})")
    check_choice("mackey_glass", "method", method, _METHODS)
    past = _past(history, _delay_in_steps(tau, step, method))
    rng = check_generator("mackey_glass", "random_state", random_state)
    noise = check_number("mackey_glass", "history_noise", history_noise, "[0, inf)")
    past += rng.uniform(-noise, noise, past.size)
    if past.min() < 0:
        rule = "non-negative, also with its noise"
        raise ValueError(worded("mackey_glass", "history", history, rule))
    advance = _METHODS[method](beta, gamma, exponent, step)
    fine = deque(past.tolist(), past.size)
    try:
        return _sampled(fine, advance, sample_every, n_timesteps, discard)
    except OverflowError as error:
        rule = "small enough for x**exponent to stay finite"
        raise ValueError(worded("mackey_glass", "exponent", exponent, rule)) from error


def _delay_in_steps(tau: float, step: float, method: str) -> int:
    tau = check_number("mackey_glass", "tau", tau, "(0, inf)")
    n_steps = round(tau / step)
    # The interpolation of 'rk4' reads four values of the past.
    least = 3 if method == "rk4" else 1
    if n_steps < least or abs(n_steps * step - tau) > 1e-9 * tau:
        rule = f"a multiple of step={step:g}, {least} of them or more"
        raise ValueError(worded("mackey_glass", "tau", tau, rule))
    return n_steps


def _past(history: ArrayLike, n_steps: int) -> NDArray[np.float64]:
    if np.ndim(history) == 0:
        return np.full(n_steps + 1, check_vector("mackey_glass", "history", [history]))
    return check_vector("mackey_glass", "history", history, n_steps + 1).copy()


def _euler(
    beta: float, gamma: float, exponent: float, step: float
) -> Callable[[Past], float]:
    def advance(past: Past) -> float:
        x = past[-1]
        return x + step * (_production(past[0], beta, exponent) - gamma * x)

    return advance


def _rk4(
    beta: float, gamma: float, exponent: float, step: float
) -> Callable[[Past], float]:
    def advance(past: Past) -> float:
        x, d0, d1, d2, d3 = past[-1], past[0], past[1], past[2], past[3]
        # The cubic through four values of the past, half a step after the first; over
        # a rough history it can dip below zero, where powers are not real.
        half_way = max(0.0, (5.0 * d0 + 15.0 * d1 - 5.0 * d2 + d3) / 16.0)
        first = _production(d0, beta, exponent)
        middle = _production(half_way, beta, exponent)
        last = _production(d1, beta, exponent)
        k1 = first - gamma * x
        k2 = middle - gamma * (x + 0.5 * step * k1)
        k3 = middle - gamma * (x + 0.5 * step * k2)
        k4 = last - gamma * (x + step * k3)
        return x + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)

    return advance


def _production(delayed: float, beta: float, exponent: float) -> float:
    return beta * delayed / (1.0 + math.pow(delayed, exponent))


_METHODS = {"euler": _euler, "rk4": _rk4}


def _sampled(
    past: Past,
    advance: Callable[[Past], float],
    sample_every: int,
    n_timesteps: int,
    discard: int,
) -> NDArray[np.float64]:
    series = []
    for _ in range(discard + n_timesteps):
        series.append(past[-1])
        for _ in range(sample_every):
            past.append(advance(past))
    return np.array(series[discard:])
