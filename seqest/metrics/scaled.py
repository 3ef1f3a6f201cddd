"""Errors as the M competitions scale them, so that series of any size compare."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import check_integer, worded
from seqest.metrics._panel import Panel, read_panel, sums
from seqest.metrics._rows import complete_rows, read_rows, read_table
from seqest.metrics._series import Series, read_series, speaking_of
from seqest.metrics.errors import over_outputs

__all__ = ["mase", "owa", "rmsse", "smape"]

Array = NDArray[np.float64]


def smape(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    r"""Symmetric mean absolute percentage error, as in the M4 competition.

    .. math:: \mathrm{sMAPE} = \mathrm{mean}_t
        \frac{200 |y_t - \hat y_t|}{|y_t| + |\hat y_t|}

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The target and its prediction. Where both are 0 the error is 0.
    groups : array-like of shape (n_timesteps,), optional
        The series each row belongs to; their rows may be interleaved. A pandas
        MultiIndex that ends in time says it too. The score of several is the mean of
        theirs. Default: one series.
    sample_weight : array-like of shape (n_timesteps,), optional
        Weights of the rows, each within its series: series count alike.
    multioutput : str or array-like of shape (n_outputs,), default='uniform_average'
        'raw_values': one per output; 'uniform_average': their mean; or their weights.

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
    rows = read_rows("smape", y_true, sample_weight)
    pred = rows.like("y_pred", y_pred)
    panel = read_panel(rows, groups, y_true, y_pred)
    return over_outputs("smape", panel.score(_percent(panel, pred)), multioutput)


def mase(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_train: ArrayLike,
    seasonal_period: int = 1,
    groups: ArrayLike | None = None,
    groups_train: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    r"""Mean absolute scaled error: against the naive forecast on the training rows.

    .. math:: \mathrm{MASE} = \frac{\mathrm{mean}_t |y_t - \hat y_t|}
        {\mathrm{mean}_s |y_s - y_{s-m}|}

    with s over training rows of the same series, and m the seasonal period.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The target and its prediction.
    y_train : array-like of shape (n_train,) or (n_train, n_outputs)
        The rows known when the forecast was made, in time order. A difference with a
        missing value (NaN), or over a hole in a time index, is left out.
    seasonal_period : int, default=1
        The m above, in rows: 12 compares with the value of a year ago in monthly data.
    groups, groups_train : array-like of shape (n_timesteps,) and (n_train,), optional
        The series each row of `y_true` and of `y_train` belongs to, as in `smape`.
    sample_weight, multioutput : optional
        As in `smape`.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The score, without unit: below 1 beats the one-step naive forecast.

    Raises
    ------
    ValueError
        If inputs do not match or are not finite, or a series in `y_train` is missing,
        too short, or repeats itself exactly.

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
    rows = read_rows("mase", y_true, sample_weight)
    errors = np.abs(rows.like("y_pred", y_pred) - rows.true)
    panel = read_panel(rows, groups, y_true, y_pred)
    scale = _training_scale(panel, y_train, seasonal_period, groups_train)
    return over_outputs("mase", panel.score(errors / scale[panel.codes]), multioutput)


def rmsse(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_train: ArrayLike,
    seasonal_period: int = 1,
    groups: ArrayLike | None = None,
    groups_train: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    r"""Root mean squared scaled error, as in the M5 competition.

    .. math:: \mathrm{RMSSE} = \sqrt{\frac{\mathrm{mean}_t (y_t - \hat y_t)^2}
        {\mathrm{mean}_s (y_s - y_{s-m})^2}}

    otherwise as `mase`. M5 has m = 1 and counts training rows from the first sale on:
    set those before it to NaN.

    Parameters
    ----------
    y_true, y_pred, y_train, seasonal_period, groups, groups_train : optional
        As in `mase`.
    sample_weight, multioutput : optional
        As in `smape`.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The score, without unit.

    Raises
    ------
    ValueError
        As in `mase`.

    References
    ----------
    S. Makridakis, E. Spiliotis and V. Assimakopoulos (2022), M5 accuracy competition:
    Results, findings, and conclusions, International Journal of Forecasting 38.

    Examples
    --------
    >>> from seqest.metrics import rmsse
    >>> rmsse([5.0, 6.0], [4.0, 7.0], y_train=[1.0, 3.0, 5.0])
    0.5
    """
    rows = read_rows("rmsse", y_true, sample_weight)
    errors = rows.like("y_pred", y_pred) - rows.true
    panel = read_panel(rows, groups, y_true, y_pred)
    scale = _training_scale(panel, y_train, seasonal_period, groups_train, power=2)
    raw = np.sqrt(panel.means((errors / scale[panel.codes]) ** 2)).mean(axis=0)
    return over_outputs("rmsse", raw, multioutput)


def owa(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_naive: ArrayLike,
    y_train: ArrayLike,
    seasonal_period: int = 1,
    groups: ArrayLike | None = None,
    groups_train: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    r"""Overall weighted average of the M4 competition: against a naive forecast.

    .. math:: \mathrm{OWA} = \frac12 \left(
        \frac{\mathrm{sMAPE}}{\mathrm{sMAPE}_\mathrm{naive}} +
        \frac{\mathrm{MASE}}{\mathrm{MASE}_\mathrm{naive}} \right)

    each the mean over series (Makridakis et al. 2020, as in `smape`).

    Parameters
    ----------
    y_true, y_pred, y_naive : array-like of shape (n_timesteps[, n_outputs])
        The target, its prediction, and the naive forecast. M4's is Naive2: the last
        value, seasonally adjusted where the series is seasonal.
    y_train, seasonal_period, groups, groups_train : optional
        As in `mase`.
    sample_weight, multioutput : optional
        As in `smape`.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The score, without unit: 1 is as good as the naive forecast.

    Raises
    ------
    ValueError
        As in `mase`, or if `y_naive` is perfect in some output.

    Examples
    --------
    >>> from seqest.metrics import owa
    >>> owa([300.0], [100.0], y_naive=[900.0], y_train=[1.0, 2.0])
    0.6666666666666666
    """
    rows = read_rows("owa", y_true, sample_weight)
    pred, naive = rows.like("y_pred", y_pred), rows.like("y_naive", y_naive)
    if not (naive != rows.true).any(axis=0).all():
        rule = "wrong somewhere in every output"
        raise ValueError(worded("owa", "y_naive", y_naive, rule))
    panel = read_panel(rows, groups, y_true, y_pred, y_naive)
    scale = _training_scale(panel, y_train, seasonal_period, groups_train)[panel.codes]
    percent = panel.score(_percent(panel, pred)) / panel.score(_percent(panel, naive))
    ours, theirs = (np.abs(said - rows.true) / scale for said in (pred, naive))
    raw: Array = (percent + panel.score(ours) / panel.score(theirs)) / 2
    return over_outputs("owa", raw, multioutput)


def _percent(panel: Panel, pred: Any) -> Array:
    """Return the symmetric errors of rows, in percent: 0 where both numbers are."""
    true = panel.rows.true
    size = np.abs(true) + np.abs(pred)
    share = np.zeros_like(size)
    np.divide(np.abs(pred - true), size, out=share, where=size > 0)
    percent: Array = 200.0 * share
    return percent


def _training_scale(
    panel: Panel, y_train: Any, seasonal_period: Any, groups_train: Any, power: int = 1
) -> Array:
    """Return the mean size (or root mean square) of steps, (n_series, n_outputs)."""
    owner, n_outputs = panel.rows.owner, panel.rows.table.shape[1]
    period = check_integer(owner, "seasonal_period", seasonal_period, 1)
    table = read_table(owner, "y_train", y_train)
    complete_rows(owner, "y_train", table)
    with speaking_of({"groups": "groups_train"}):
        train = read_series(owner, None, groups_train, y_train=y_train)
    codes = np.repeat(train.sequences.series, train.sequences.lengths)
    wanted = _places(panel, train)
    n_rows = np.bincount(codes, minlength=len(train.sequences.ids))[wanted]
    if table.shape[1] != n_outputs or n_rows.min() <= period:
        where = _where(panel, n_rows <= period)
        rule = f"of {n_outputs} outputs and more than seasonal_period={period} rows"
        raise ValueError(worded(owner, "y_train", table, rule + where))
    steps = _steps(train, period) ** power
    codes, known = codes[period:], ~np.isnan(steps)
    n_series = len(train.sequences.ids)
    totals = sums(codes, n_series, np.where(known, steps, 0.0))[wanted]
    if not (totals > 0).all():
        where = _where(panel, (totals == 0).any(axis=1))
        rule = f"changing from season to season in every output{where}"
        remedy = "Its naive forecast is perfect, so that nothing can be scaled by it."
        raise ValueError(worded(owner, "y_train", table, rule, remedy))
    counts = sums(codes, n_series, known.astype(np.float64))[wanted]
    scale: Array = (totals / counts) ** (1 / power)
    return scale


def _steps(train: Series, period: int) -> Array:
    """Return absolute differences over a season, NaN where it is not all known."""
    values, stretches = train.tables[0], train.stretches
    steps = np.abs(values[period:] - values[:-period])
    within = stretches[period:] == stretches[:-period]
    return np.where(within[:, np.newaxis], steps, np.nan)


def _places(panel: Panel, train: Series) -> NDArray[np.int64]:
    """Return where each series stands among those of the training rows."""
    places = {name: k for k, name in enumerate(train.sequences.ids)}
    for name in panel.ids:
        if name not in places:
            of_whom = f"rows of series {name!r}, which y_true has"
            if name is None:
                of_whom = "series that y_true names too, by a MultiIndex or groups="
            elif None in places:
                of_whom += ": name its series by a MultiIndex or groups_train="
            rule = f"training {of_whom}"
            table = train.tables[0]
            raise ValueError(worded(panel.rows.owner, "y_train", table, rule))
    return np.array([places[name] for name in panel.ids])


def _where(panel: Panel, broken: NDArray[np.bool_]) -> str:
    """Return which named series is the first that broke a rule."""
    name = panel.ids[int(broken.argmax())]
    return "" if name is None or not broken.any() else f" in series {name!r}"
