"""Nonlinear auto-regressive moving averages."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import (
    check_generator,
    check_integer,
    check_vector,
    worded,
)

# (a, b, c, d) and whether tanh bounds the recurrence, as published.
_PUBLISHED = {
    10: ((0.3, 0.05, 1.5, 0.1), False),
    20: ((0.3, 0.05, 1.5, 0.01), True),
    30: ((0.2, 0.04, 1.5, 0.001), False),
}
_DIVERGED = 10.0  # far above the unstable fixed point: from here it only grows
_MAX_DRAWS = 100


def narma(
    n_timesteps: int | None = None,
    *,
    order: int = 10,
    u: ArrayLike | None = None,
    coefficients: ArrayLike | None = None,
    saturate: bool | None = None,
    random_state: int | np.random.Generator | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drive a nonlinear moving average with noise, a task of memory and products.

    .. math:: y(t+1) = a y(t) + b y(t) \\sum_{i=0}^{m-1} y(t-i)
        + c u(t-m+1) u(t) + d

    with m the order, from rest (u and y are 0 before the first row). Row t holds u(t)
    as input and y(t+1) as target, so that both can be passed to ``fit`` as they are.

    Parameters
    ----------
    n_timesteps : int, optional
        Number of rows to draw, u uniform on [0, 0.5). Either this or `u`.
    order : int, default=10
        The m above, at least 1. Raising it asks for a longer memory.
    u : array-like of shape (n_timesteps,), optional
        An input of your own.
    coefficients : array-like of shape (4,), optional
        (a, b, c, d). Default: (0.3, 0.05, 1.5, 0.1), but (0.3, 0.05, 1.5, 0.01) for
        order 20 and (0.2, 0.04, 1.5, 0.001) for order 30.
    saturate : bool, optional
        Whether tanh is applied to the right-hand side, so that it cannot diverge.
        Default: True for orders above 10 other than 30.
    random_state : int, numpy Generator or None, default=None
        Source of the drawn input.

    Returns
    -------
    X : ndarray of shape (n_timesteps, 1)
        The input u(t), dimensionless.
    y : ndarray of shape (n_timesteps,)
        The target y(t+1), dimensionless. The first rows carry the start from rest.

    Raises
    ------
    ValueError
        If an argument is out of range, or the recurrence diverges: for a given `u` at
        once, else after 100 draws. (A draw that diverges is replaced as a whole. Order
        10 diverges about once in 200 000 rows, so that a longer series of it is rare.)

    References
    ----------
    Order 10: A. F. Atiya and A. G. Parlos (2000), New results on recurrent network
    training, IEEE Transactions on Neural Networks 11. Order 20: A. Rodan and P. Tiňo
    (2011), Minimum complexity echo state network, IEEE Transactions on Neural Networks
    22. Order 30: B. Schrauwen, M. Wardermann, D. Verstraeten, J. J. Steil and D.
    Stroobandt (2008), Improving reservoirs using intrinsic plasticity, Neurocomputing
    71.

    Examples
    --------
    >>> from seqest.datasets import narma
    >>> X, y = narma(1000, random_state=0)
    >>> print(f"{y[100:].mean():.2f}")
    0.41
    """
    order = check_integer("narma", "order", order, 1)
    abcd, bounded = _PUBLISHED.get(order, (_PUBLISHED[10][0], order > 10))
    if coefficients is not None:
        abcd = tuple(check_vector("narma", "coefficients", coefficients, 4).tolist())
    if saturate is not None:
        bounded = bool(saturate)
    for drive in _drives(n_timesteps, u, random_state):
        y = _response(drive, order, abcd, bounded)
        if y is not None:
            return drive[:, np.newaxis], y
    culprit = ("coefficients", abcd) if u is None else ("u", u)
    rule = "such that the recurrence stays bounded"
    remedy = "Scale it down, or pass saturate=True."
    raise ValueError(worded("narma", *culprit, rule, remedy))


def _drives(
    n_timesteps: int | None,
    u: ArrayLike | None,
    random_state: int | np.random.Generator | None,
) -> Iterator[NDArray[np.float64]]:
    if (u is None) == (n_timesteps is None):
        rule = "given when u is not, and only then"
        raise ValueError(worded("narma", "n_timesteps", n_timesteps, rule))
    if u is not None:
        yield check_vector("narma", "u", u).copy()
        return
    n_timesteps = check_integer("narma", "n_timesteps", n_timesteps, 1)
    rng = check_generator("narma", "random_state", random_state)
    for _ in range(_MAX_DRAWS):
        yield rng.uniform(0.0, 0.5, n_timesteps)


def _response(
    drive: NDArray[np.float64], order: int, abcd: tuple[float, ...], bounded: bool
) -> NDArray[np.float64] | None:
    a, b, c, d = abcd
    now = drive.tolist()
    then = [0.0] * (order - 1) + now  # u(t − m + 1)
    window = deque([0.0] * order, order)  # y(t − m + 1), …, y(t)
    targets = []
    for u_then, u_now in zip(then, now, strict=False):
        y = window[-1]
        y = a * y + b * y * sum(window) + c * u_then * u_now + d
        if bounded:
            y = math.tanh(y)
        elif not abs(y) < _DIVERGED:
            return None
        window.append(y)
        targets.append(y)
    return np.array(targets)
