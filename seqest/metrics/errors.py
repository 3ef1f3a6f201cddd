"""Errors of predictions in deviations of the target, and when they grow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import check_number, check_vector, worded
from seqest.metrics._rows import Rows, read_rows

__all__ = ["nmse", "nrmse", "valid_prediction_time"]

Array = NDArray[np.float64]


def nmse(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    scale: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    """Mean squared error over the variance of the target.

    0 is perfect, 1 as good as predicting the mean; without `scale` it is 1 - R².

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The target and its prediction.
    scale : float or array-like of shape (n_outputs,), optional
        Standard deviation whose square divides the error. Default: the (weighted) one
        of `y_true`.
    sample_weight : array-like of shape (n_timesteps,), optional
        Weights of the rows.
    multioutput : str or array-like of shape (n_outputs,), default='uniform_average'
        'raw_values': one per output; 'uniform_average': their mean; or their weights.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The score, without unit.

    Raises
    ------
    ValueError
        If inputs do not match or are not finite, or an output is constant.

    Examples
    --------
    >>> from seqest.metrics import nmse
    >>> nmse([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 3.0])
    0.2
    """
    rows = read_rows("nmse", y_true, sample_weight)
    return over_outputs("nmse", _normalised(rows, y_pred, scale), multioutput)


def nrmse(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    scale: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    """Root mean squared error over the standard deviation of the target.

    The root of `nmse` per output. Others give the name to RMSE over range or variance.

    Parameters
    ----------
    y_true, y_pred, scale, sample_weight, multioutput : optional
        As in `nmse`.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The score, without unit: 0 is perfect, 1 as good as predicting the mean.

    Raises
    ------
    ValueError
        As in `nmse`.

    Examples
    --------
    >>> from seqest.metrics import nrmse
    >>> print(f"{nrmse([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 3.0]):.3f}")
    0.447
    """
    rows = read_rows("nrmse", y_true, sample_weight)
    raw = np.sqrt(_normalised(rows, y_pred, scale))
    return over_outputs("nrmse", raw, multioutput)


def valid_prediction_time(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    threshold: float = 0.3,
    dt: float = 1.0,
    lyapunov_exponent: float | None = None,
    scale: ArrayLike | None = None,
) -> float:
    """Time for which a free run follows the truth.

    The number of leading rows in which the root mean square over outputs of
    (y_pred - y_true) / scale is within `threshold`, times `dt`. Row 0 is `dt` ahead.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The true run and the free run. A row unknown in `y_true` (NaN) takes its time
        but ends nothing; a `y_pred` that has left the finite numbers is not valid.
    threshold : float, default=0.3
        Largest error that counts as valid, in standard deviations.
    dt : float, default=1.0
        Time between rows.
    lyapunov_exponent : float, optional
        Largest Lyapunov exponent per unit of `dt` (Lorenz 1963: 0.906): the result then
        counts Lyapunov times.
    scale : float or array-like of shape (n_outputs,), optional
        Standard deviations, best of the whole attractor. Default: those of `y_true`.

    Returns
    -------
    float
        The time; that of all rows if the threshold is never passed.

    Raises
    ------
    ValueError
        If inputs do not match, `y_true` holds inf, or an output is constant.

    References
    ----------
    J. A. Platt, S. G. Penny, T. A. Smith, T.-C. Chen and H. D. I. Abarbanel (2022), A
    systematic exploration of reservoir computing for forecasting complex spatiotemporal
    dynamics, Neural Networks 153.

    Examples
    --------
    >>> from seqest.metrics import valid_prediction_time
    >>> valid_prediction_time([0, 1, 0, 1], [0, 1.1, 0.1, 0], dt=0.5)
    1.5
    """
    owner = "valid_prediction_time"
    threshold = check_number(owner, "threshold", threshold, "(0, inf)")
    time = check_number(owner, "dt", dt, "(0, inf)")
    if lyapunov_exponent is not None:
        exponent = lyapunov_exponent
        time *= check_number(owner, "lyapunov_exponent", exponent, "(0, inf)")
    rows = read_rows(owner, y_true)
    pred = rows.aligned("y_pred", y_pred)
    sigma = _deviation(rows, scale)
    with np.errstate(over="ignore", invalid="ignore"):  # a run that blew up: not valid
        error = np.sqrt(np.mean(((pred - rows.table) / sigma) ** 2, axis=1))
    valid = (error <= threshold) | ~rows.counted
    return time * (valid.size if valid.all() else int(valid.argmin()))


def _normalised(rows: Rows, y_pred: Any, scale: Any) -> Array:
    pred = rows.like("y_pred", y_pred)
    errors = (pred - rows.true) / _deviation(rows, scale)
    squares: Array = np.average(errors**2, axis=0, weights=rows.weight)
    return squares


def _deviation(rows: Rows, scale: Any) -> Array:
    true = rows.true
    if scale is not None:
        sigma = check_vector(rows.owner, "scale", np.atleast_1d(scale))
        if sigma.size not in (1, true.shape[1]) or sigma.min() <= 0:
            rule = "one positive number, or one per output"
            raise ValueError(worded(rows.owner, "scale", scale, rule))
        return sigma
    constant = np.ptp(true, axis=0) == 0  # exact, where a variance would round
    if constant.any():
        rule = f"a target that varies, but output {constant.argmax()} is constant"
        remedy = "Pass scale= a standard deviation known otherwise."
        raise ValueError(worded(rows.owner, "y_true", true, rule, remedy))
    centred = true - np.average(true, axis=0, weights=rows.weight)
    root: Array = np.sqrt(np.average(centred**2, axis=0, weights=rows.weight))
    return root


def over_outputs(owner: str, raw: Array, multioutput: Any) -> float | Array:
    """Return one score per output, or their mean, as `multioutput` asks."""
    if isinstance(multioutput, str):
        if multioutput not in ("raw_values", "uniform_average"):
            rule = "'raw_values', 'uniform_average' or one weight per output"
            raise ValueError(worded(owner, "multioutput", multioutput, rule))
        return raw if multioutput == "raw_values" else float(raw.mean())
    weights = check_vector(owner, "multioutput", multioutput, raw.size)
    if weights.min() < 0 or weights.sum() == 0:
        rule = "non-negative weights that are not all 0"
        raise ValueError(worded(owner, "multioutput", multioutput, rule))
    return float(np.average(raw, weights=weights))
