"""The nonlinear communication channel whose symbols are to be recovered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_generator, check_integer, check_number

Array = NDArray[np.float64]

_SYMBOLS = (-3.0, -1.0, 1.0, 3.0)
_TAPS = (
    0.08,  # d(n + 2)
    -0.12,
    1.0,  # d(n)
    0.18,
    -0.1,
    0.091,
    -0.05,
    0.04,
    0.03,
    0.01,  # d(n − 7)
)
_AHEAD, _BEHIND = 2, 7


def nonlinear_channel(
    n_timesteps: int,
    *,
    snr_db: float = 28.0,
    delay: int = 2,
    random_state: int | np.random.Generator | None = None,
) -> tuple[Array, Array]:
    """Send random symbols through echoes, an overdriven amplifier and noise.

    .. math:: u = q + 0.036 q^2 - 0.011 q^3 + \\nu

    where q(n) weighs the symbols d(n+2) to d(n-7) by 0.08, -0.12, 1, 0.18, -0.1, 0.091,
    -0.05, 0.04, 0.03, 0.01. Row n holds u(n) and d(n - delay), ready for ``fit``. The
    score is the share of predictions whose nearest symbol is wrong.

    Parameters
    ----------
    n_timesteps : int
        Number of rows, at least 1.
    snr_db : float, default=28.0
        Signal to noise in decibels: the mean square of the noise-free u is 10 to the
        power snr_db / 10 times that of the Gaussian ν. Raising it helps; inf: no noise.
    delay : int, default=2
        Rows by which the target lags. At 2 all echoes ahead of it have arrived.
    random_state : int, numpy Generator or None, default=None
        Source of symbols and noise.

    Returns
    -------
    X : ndarray of shape (n_timesteps, 1)
        The received u(n), in half the distance of two symbols.
    y : ndarray of shape (n_timesteps,)
        The symbols d(n - delay): -3, -1, 1 or 3.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    H. Jaeger and H. Haas (2004), Harnessing nonlinearity, supporting material.

    Examples
    --------
    >>> from seqest.datasets import nonlinear_channel
    >>> X, y = nonlinear_channel(1000, random_state=0)
    >>> print(f"{X.std():.2f}")
    2.07
    """
    n_timesteps = check_integer("nonlinear_channel", "n_timesteps", n_timesteps, 1)
    snr_db = check_number("nonlinear_channel", "snr_db", snr_db, "[-300, inf]")
    delay = check_integer("nonlinear_channel", "delay", delay, 0)
    rng = check_generator("nonlinear_channel", "random_state", random_state)
    before = max(delay, _BEHIND)  # symbols sent ahead of row 0
    d = rng.choice(_SYMBOLS, before + n_timesteps + _AHEAD)
    u = _distorted(d[before - _BEHIND :])
    u += rng.standard_normal(u.size) * _noise_deviation(u, snr_db)
    first = before - delay
    return u[:, np.newaxis], d[first : first + n_timesteps]


def _distorted(symbols: Array) -> Array:
    q = np.convolve(symbols, _TAPS, mode="valid")
    u: Array = q + 0.036 * q**2 - 0.011 * q**3
    return u


def _noise_deviation(signal: Array, snr_db: float) -> float:
    power = float(np.mean(signal**2))
    return float(np.sqrt(power * 10.0 ** (-snr_db / 10.0)))
