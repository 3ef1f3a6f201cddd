"""The Lorenz system of 1963."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from seqest._validation import check_integer, check_number, check_vector, worded


def lorenz63(
    n_timesteps: int,
    *,
    dt: float = 0.01,
    sigma: float = 10.0,
    rho: float = 28.0,
    beta: float = 8.0 / 3.0,
    x0: ArrayLike = (1.0, 1.0, 1.0),
    discard: int = 1000,
    tol: float = 1e-12,
) -> NDArray[np.float64]:
    """Solve the Lorenz equations and sample the solution every `dt`.

    .. math:: \\dot x = \\sigma (y - x), \\quad \\dot y = x (\\rho - z) - y,
        \\quad \\dot z = x y - \\beta z

    Its largest Lyapunov exponent is 0.906 per unit of time: an error of 1e-12 needs
    some 30 units, 3000 rows, to reach order one.

    Parameters
    ----------
    n_timesteps : int
        Number of rows, at least 1.
    dt : float, default=0.01
        Time between rows, without effect on the accuracy.
    sigma, rho, beta : float, default=10, 28, 8/3
        Prandtl number, relative Rayleigh number, aspect. Raising rho leads from rest
        (below 1) over steady rolls to chaos (above 24.06).
    x0 : array-like of shape (3,), default=(1, 1, 1)
        The first state.
    discard : int, default=1000
        Rows left out before the first returned; 0 starts with `x0`.
    tol : float, default=1e-12
        Relative and absolute tolerance of the solver (Dormand-Prince, order 8). 1e-6 is
        four times as fast and follows the true orbit half as long.

    Returns
    -------
    ndarray of shape (n_timesteps, 3)
        The states (x, y, z), without unit.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    E. N. Lorenz (1963), Deterministic nonperiodic flow, equations 25-27.

    Examples
    --------
    >>> from seqest.datasets import lorenz63
    >>> lorenz63(1, dt=0.1, discard=1).round(4)
    array([[2.1331, 4.4714, 1.1139]])
    """
    n_timesteps = check_integer("lorenz63", "n_timesteps", n_timesteps, 1)
    discard = check_integer("lorenz63", "discard", discard, 0)
    dt = check_number("lorenz63", "dt", dt, "(0, inf)")
    # From farther away the orbit turns so fast that the solver would seem to hang.
    sigma = check_number("lorenz63", "sigma", sigma, "(0, 1000]")
    rho = check_number("lorenz63", "rho", rho, "(0, 1000]")
    beta = check_number("lorenz63", "beta", beta, "(0, 1000]")
    # Below 1e-13 it is rounding that sets the error.
    tol = check_number("lorenz63", "tol", tol, "[1e-13, 1)")
    start = check_vector("lorenz63", "x0", x0, 3)
    if np.abs(start).max() > 1000:
        raise ValueError(worded("lorenz63", "x0", x0, "in [-1000, 1000]"))

    def velocity(_: float, state: NDArray[np.float64]) -> tuple[float, float, float]:
        x, y, z = state.tolist()  # floats are faster than array elements
        return sigma * (y - x), x * (rho - z) - y, x * y - beta * z

    times = dt * np.arange(discard + n_timesteps)
    if times.size == 1:
        return start[np.newaxis].copy()
    solution = solve_ivp(
        velocity,
        (0.0, times[-1]),
        start,
        method="DOP853",
        t_eval=times[discard:],
        rtol=tol,
        atol=tol,
    )
    return np.ascontiguousarray(solution.y.T)
