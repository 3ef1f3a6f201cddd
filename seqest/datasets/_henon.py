"""The Hénon map."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import check_integer, check_number, check_vector, worded

_ESCAPED = 1e3  # the classical attractor stays within 1.3


def henon(
    n_timesteps: int,
    *,
    a: float = 1.4,
    b: float = 0.3,
    x0: ArrayLike = (0.0, 0.0),
    discard: int = 1000,
) -> NDArray[np.float64]:
    """Iterate the Hénon map.

    .. math:: x(n+1) = 1 - a x(n)^2 + y(n), \\qquad y(n+1) = b x(n)

    Parameters
    ----------
    n_timesteps : int
        Number of rows, at least 1; a row is an iteration.
    a : float, default=1.4
        Strength of the folding. Raising it leads over period doubling to chaos, and
        beyond about 1.43 (at b=0.3) to infinity.
    b : float, default=0.3
        Contraction of areas by an iteration; 0 gives the quadratic map.
    x0 : array-like of shape (2,), default=(0, 0)
        The first state.
    discard : int, default=1000
        Iterations left out before the first row; 0 starts with `x0`.

    Returns
    -------
    ndarray of shape (n_timesteps, 2)
        The states (x, y), without unit; the usual series to predict is x.

    Raises
    ------
    ValueError
        If an argument is out of range or the orbit escapes to infinity.

    References
    ----------
    M. Hénon (1976), A two-dimensional mapping with a strange attractor, equation 4.

    Examples
    --------
    >>> from seqest.datasets import henon
    >>> henon(1, discard=2)
    array([[-0.4,  0.3]])
    """
    n_timesteps = check_integer("henon", "n_timesteps", n_timesteps, 1)
    discard = check_integer("henon", "discard", discard, 0)
    a = check_number("henon", "a", a, "(-inf, inf)")
    b = check_number("henon", "b", b, "(-inf, inf)")
    start = check_vector("henon", "x0", x0, 2)
    states = _orbit(start, a, b, discard + n_timesteps)
    if not np.abs(states).max() < _ESCAPED:  # NaN is not less
        rule = f"in the basin of an attractor of a={a:g}, b={b:g}"
        remedy = "From there the orbit escapes to infinity."
        raise ValueError(worded("henon", "x0", x0, rule, remedy))
    return states[discard:]


def _orbit(
    start: NDArray[np.float64], a: float, b: float, n_states: int
) -> NDArray[np.float64]:
    x, y = start.tolist()
    states = []
    for _ in range(n_states):
        states.append((x, y))
        x, y = 1.0 - a * x * x + y, b * x
    return np.array(states)
