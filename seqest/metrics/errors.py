"""Errors of predictions: normalised, scaled, in percent, and when they grow.

One file, since they read their rows alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import check_integer, check_number, check_vector, worded
from seqest.metrics._rows import read_table, require_finite

__all__ = ["mase", "nmse", "nrmse", "smape", "valid_prediction_time"]

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
        Standard deviation whose square divides the error, for instance that of a longer
        record. Default: the (weighted) standard deviation of `y_true`.
    sample_weight : array-like of shape (n_timesteps,), optional
        Weights of the rows.
    multioutput : {'raw_values', 'uniform_average'} or array-like, \
default='uniform_average'
        One value per output, their mean, or their mean under these weights.

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
    true, pred, weight = _known_rows("nmse", y_true, y_pred, sample_weight)
    raw = _normalised("nmse", true, pred, weight, scale)
    return _over_outputs("nmse", raw, multioutput)


def nrmse(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    scale: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    """Root mean squared error over the standard deviation of the target.

    The square root of `nmse`, output by output: an NMSE of 0.16 is an NRMSE of 0.4.
    Some packages give the name to RMSE over the range, or over the variance.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The target and its prediction.
    scale : float or array-like of shape (n_outputs,), optional
        What divides the error. Default: the standard deviation of `y_true`.
    sample_weight, multioutput : optional
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
    true, pred, weight = _known_rows("nrmse", y_true, y_pred, sample_weight)
    raw = np.sqrt(_normalised("nrmse", true, pred, weight, scale))
    return _over_outputs("nrmse", raw, multioutput)


def mase(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_train: ArrayLike,
    seasonal_period: int = 1,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    """Mean absolute scaled error: against the naive forecast on the training rows.

    .. math:: \\mathrm{MASE} = \\frac{\\mathrm{mean}_t |y_t - \\hat y_t|}
        {\\mathrm{mean}_s |y_s - y_{s-m}|}

    with s over the training rows and m the seasonal period.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The target and its prediction.
    y_train : array-like of shape (n_train,) or (n_train, n_outputs)
        The rows known when the forecast was made, in time order. A difference with a
        missing value (NaN) is left out.
    seasonal_period : int, default=1
        The m above, in rows: 1 compares with the last value, 12 with that of a year ago
        in monthly data.
    sample_weight, multioutput : optional
        As in `nmse`.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The score, without unit: below 1 beats the one-step naive forecast.

    Raises
    ------
    ValueError
        If inputs do not match or are not finite, or `y_train` is not longer than
        `seasonal_period` or repeats itself exactly.

    References
    ----------
    R. J. Hyndman and A. B. Koehler (2006), Another look at measures of forecast
    accuracy, International Journal of Forecasting 22, section 3.

    Examples
    --------
    >>> from seqest.metrics import mase
    >>> mase([5.0, 6.0], [4.0, 6.0], y_train=[1.0, 2.0, 3.0, 4.0])
    0.5
    """
    true, pred, weight = _known_rows("mase", y_true, y_pred, sample_weight)
    error = np.average(np.abs(pred - true), axis=0, weights=weight)
    scale = _naive_error(y_train, seasonal_period, true.shape[1])
    return _over_outputs("mase", error / scale, multioutput)


def smape(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    """Symmetric mean absolute percentage error, as in the M4 competition.

    .. math:: \\mathrm{sMAPE} = \\mathrm{mean}_t
        \\frac{200 |y_t - \\hat y_t|}{|y_t| + |\\hat y_t|}

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The target and its prediction. Where both are 0 the error is 0.
    sample_weight, multioutput : optional
        As in `nmse`.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The score in percent, from 0 to 200.

    Raises
    ------
    ValueError
        If inputs do not match or are not finite.

    References
    ----------
    S. Makridakis, E. Spiliotis and V. Assimakopoulos (2020), The M4 competition:
    100,000 time series and 61 forecasting methods, International Journal of Forecasting
    36.

    Examples
    --------
    >>> from seqest.metrics import smape
    >>> smape([100.0, 0.0], [300.0, 0.0])
    50.0
    """
    true, pred, weight = _known_rows("smape", y_true, y_pred, sample_weight)
    size = np.abs(true) + np.abs(pred)
    error = np.abs(pred - true)
    share = np.divide(error, size, out=np.zeros_like(size), where=size > 0)
    raw = 200.0 * np.average(share, axis=0, weights=weight)
    return _over_outputs("smape", raw, multioutput)


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
    (y_pred - y_true) / scale stays within `threshold`, times `dt`. Row 0 is the first
    predicted row and stands `dt` after the last known state.

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
        Largest Lyapunov exponent per unit of `dt` (Lorenz 1963: 0.906); the result then
        counts Lyapunov times. Default: the result is in the unit of `dt`.
    scale : float or array-like of shape (n_outputs,), optional
        Standard deviations of the outputs, best those of the whole attractor. Default:
        those of `y_true`, which a short run estimates poorly.

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
    true, pred = _aligned(owner, y_true, y_pred)
    known = _complete_rows(owner, "y_true", true)
    sigma = _deviation(owner, true[known], np.ones(known.sum()), scale)
    with np.errstate(over="ignore", invalid="ignore"):  # a run that blew up: not valid
        error = np.sqrt(np.mean(((pred - true) / sigma) ** 2, axis=1))
    valid = (error <= threshold) | ~known
    return time * (valid.size if valid.all() else int(valid.argmin()))


def _known_rows(
    owner: str, y_true: Any, y_pred: Any, sample_weight: Any
) -> tuple[Array, Array, Array]:
    true, pred = _aligned(owner, y_true, y_pred)
    require_finite(owner, "y_pred", pred)
    keep = _complete_rows(owner, "y_true", true)
    weight = np.ones(len(true))
    if sample_weight is not None:
        weight = check_vector(owner, "sample_weight", sample_weight, len(true))
        keep &= weight > 0
        if weight.min() < 0 or not keep.any():
            rule = "non-negative and positive in some row with a known target"
            raise ValueError(worded(owner, "sample_weight", sample_weight, rule))
    return true[keep], pred[keep], weight[keep]


def _aligned(owner: str, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
    index: Any = getattr(y_true, "index", None)
    other: Any = getattr(y_pred, "index", None)
    # A list's `index` is a method and has no `equals`.
    both = hasattr(index, "equals") and hasattr(other, "equals")
    if both and not index.equals(other):
        rule = "indexed as y_true is"
        remedy = "Align the two first, e.g. y_pred.reindex(y_true.index)."
        raise ValueError(worded(owner, "y_pred", y_pred, rule, remedy))
    true, pred = (
        read_table(owner, "y_true", y_true),
        read_table(owner, "y_pred", y_pred),
    )
    if true.shape != pred.shape:
        rule = f"of y_true's shape {true.shape}"
        raise ValueError(worded(owner, "y_pred", pred, rule))
    return true, pred


def _complete_rows(owner: str, name: str, table: Array) -> NDArray[np.bool_]:
    unknown = np.isnan(table)
    require_finite(owner, name, np.where(unknown, 0.0, table))
    known = np.logical_not(unknown.any(axis=1))
    if not known.any():
        raise ValueError(worded(owner, name, table, "free of NaN in some row"))
    return known


def _normalised(
    owner: str, true: Array, pred: Array, weight: Array, scale: Any
) -> Array:
    sigma = _deviation(owner, true, weight, scale)
    squares: Array = np.average(((pred - true) / sigma) ** 2, axis=0, weights=weight)
    return squares


def _deviation(owner: str, true: Array, weight: Array, scale: Any) -> Array:
    if scale is not None:
        sigma = check_vector(owner, "scale", np.atleast_1d(scale))
        if sigma.size not in (1, true.shape[1]) or sigma.min() <= 0:
            rule = "one positive number, or one per output"
            raise ValueError(worded(owner, "scale", scale, rule))
        return sigma
    constant = np.ptp(true, axis=0) == 0  # exact, where a variance would round
    if constant.any():
        rule = f"a target that varies, but output {constant.argmax()} is constant"
        remedy = "Pass scale= a standard deviation known otherwise."
        raise ValueError(worded(owner, "y_true", true, rule, remedy))
    centred = true - np.average(true, axis=0, weights=weight)
    root: Array = np.sqrt(np.average(centred**2, axis=0, weights=weight))
    return root


def _over_outputs(owner: str, raw: Array, multioutput: Any) -> float | Array:
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


def _naive_error(y_train: Any, seasonal_period: int, n_outputs: int) -> Array:
    period = check_integer("mase", "seasonal_period", seasonal_period, 1)
    train = read_table("mase", "y_train", y_train)
    _complete_rows("mase", "y_train", train)
    if train.shape[1] != n_outputs or len(train) <= period:
        rule = f"of {n_outputs} outputs and more than seasonal_period={period} rows"
        raise ValueError(worded("mase", "y_train", train, rule))
    steps = np.abs(train[period:] - train[:-period])
    known = ~np.isnan(steps)
    total = np.where(known, steps, 0.0).sum(axis=0)
    if not (total > 0).all():
        rule = "changing from season to season in every output"
        remedy = "Its naive forecast is perfect, so that nothing can be scaled by it."
        raise ValueError(worded("mase", "y_train", train, rule, remedy))
    scale: Array = total / known.sum(axis=0)
    return scale
