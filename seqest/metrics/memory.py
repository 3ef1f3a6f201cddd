"""How much a network remembers."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import check_choice, check_vector, worded
from seqest.metrics._rows import read_table, require_finite

__all__ = ["memory_capacity"]

Array = NDArray[np.float64]


def memory_capacity(
    u: ArrayLike,
    y_pred: ArrayLike,
    *,
    u_past: ArrayLike | None = None,
    multioutput: Literal["sum", "raw_values"] = "sum",
) -> float | Array:
    """Short-term memory capacity: how much of its past input a network gives back.

    .. math:: MC = \\sum_{k=1}^{K} \\rho^2(u(t - k), \\hat y_k(t))

    with ρ the correlation over rows. For independent inputs it is at most the number of
    units; each delay adds about 1 / n_timesteps by chance alone.

    Parameters
    ----------
    u : array-like of shape (n_timesteps,) or (n_timesteps, 1)
        The input.
    y_pred : array-like of shape (n_timesteps, n_delays)
        Column k - 1 is the network's reconstruction of u(t - k).
    u_past : array-like of shape (n_past,), optional
        The input before the first row. Without it, delay k is judged on the rows from k
        on.
    multioutput : {'sum', 'raw_values'}, default='sum'
        The capacity, or the part of each delay.

    Returns
    -------
    float or ndarray of shape (n_delays,)
        The capacity in delays; each part is in [0, 1]. A constant column gives 0.

    Raises
    ------
    ValueError
        If inputs do not match or are not finite, `u` is constant, or a delay leaves
        fewer than 3 rows.

    References
    ----------
    H. Jaeger (2001), Short term memory in echo state networks, GMD report 152.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.metrics import memory_capacity
    >>> u = np.random.default_rng(0).uniform(-1, 1, 100)
    >>> memory_capacity(u, np.column_stack([np.roll(u, 1), np.roll(u, 2)]))
    2.0
    """
    owner = "memory_capacity"
    check_choice(owner, "multioutput", multioutput, ("sum", "raw_values"))
    pred = read_table(owner, "y_pred", y_pred)
    require_finite(owner, "y_pred", pred)
    inputs = check_vector(owner, "u", u, len(pred))
    if np.ptp(inputs) == 0:
        raise ValueError(worded(owner, "u", u, "an input that varies"))
    n_past = 0
    if u_past is not None:
        past = check_vector(owner, "u_past", u_past)
        inputs, n_past = np.concatenate([past, inputs]), past.size
    if inputs.size - pred.shape[1] < 3:
        rule = f"of at most {inputs.size - 3} delays for {inputs.size} inputs"
        raise ValueError(worded(owner, "y_pred", pred, rule))
    parts = np.empty(pred.shape[1])
    for k, column in enumerate(pred.T, start=1):
        first = max(k - n_past, 0)
        delayed = inputs[n_past + first - k : inputs.size - k]
        parts[k - 1] = _squared_correlation(delayed, column[first:])
    return parts if multioutput == "raw_values" else float(parts.sum())


def _squared_correlation(a: Array, b: Array) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    a, b = (a - a.mean()) / np.ptp(a), (b - b.mean()) / np.ptp(b)
    return float((a @ b) ** 2 / ((a @ a) * (b @ b)))
