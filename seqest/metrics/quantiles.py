"""Scores of forecast distributions, known by their quantiles or by sample paths."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import check_numeric, check_vector, worded
from seqest.metrics._panel import read_panel
from seqest.metrics._rows import Rows, read_rows, require_finite
from seqest.metrics.errors import over_outputs

__all__ = ["crps", "pinball"]

Array = NDArray[np.float64]


def pinball(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    q: float | ArrayLike,
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    r"""Mean pinball loss of forecasts of quantiles.

    .. math:: L_q = \mathrm{mean}_t \max(q (y_t - \hat y_t), (q - 1) (y_t - \hat y_t))

    of each series; of several, the mean of theirs. Of several quantiles, the mean over
    q.

    Parameters
    ----------
    y_true : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The target.
    y_pred : array-like of shape (n_timesteps, n_outputs, n_quantiles)
        Its quantiles. The last two axes may be one, quantiles of the first output
        first, or be missing where there is one number per row.
    q : float or array-like of shape (n_quantiles,)
        The levels, in (0, 1): 0.9 is what a tenth of targets should exceed. For a
        single one `y_pred` has the shape of `y_true`.
    groups, sample_weight, multioutput : optional
        As in `smape`.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The loss, in the unit of the target; 0 is perfect.

    Raises
    ------
    ValueError
        If inputs do not match or are not finite, or a level is not in (0, 1).

    References
    ----------
    R. Koenker and G. Bassett (1978), Regression quantiles, Econometrica 46.

    Examples
    --------
    >>> from seqest.metrics import pinball
    >>> pinball([10.0, 20.0], [14.0, 16.0], q=0.75)
    2.0
    """
    rows = read_rows("pinball", y_true, sample_weight)
    losses = _pinball_losses(rows, y_pred, q)
    panel = read_panel(rows, groups, y_true, y_pred)
    return over_outputs("pinball", panel.score(losses), multioutput)


def crps(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    q: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Array:
    r"""Continuous ranked probability score, from sample paths or from quantiles.

    .. math:: \mathrm{CRPS} = \frac1M \sum_i |x_i - y| -
        \frac{1}{2 M (M - 1)} \sum_{i,j} |x_i - x_j|

    for M paths x: the fair estimator, unbiased for every M. For quantiles, twice their
    mean pinball loss. Then the mean over rows, and over series.

    Parameters
    ----------
    y_true : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The target.
    y_pred : array-like of shape (n_timesteps, n_outputs, n_paths or n_quantiles)
        Sample paths, at least two, or quantiles. The last two axes may be one, those of
        the first output first.
    q : array-like of shape (n_quantiles,), optional
        The levels, if `y_pred` are quantiles: spread evenly over (0, 1), such as 0.1 to
        0.9 or better (k - 1/2) / K. More of them come nearer to the integral. Default:
        `y_pred` are paths.
    groups, sample_weight, multioutput : optional
        As in `smape`. Each output is scored for itself, whatever joins them.

    Returns
    -------
    float or ndarray of shape (n_outputs,)
        The score, in the unit of the target. Of a forecast without doubt it is the
        absolute error; few paths may score slightly below 0.

    Raises
    ------
    ValueError
        If inputs do not match or are not finite, or there are fewer than two paths.

    References
    ----------
    T. Gneiting and A. E. Raftery (2007), Strictly proper scoring rules, prediction, and
    estimation, Journal of the American Statistical Association 102, eq. 21. M. Zamo and
    P. Naveau (2018), Estimation of the continuous ranked probability score with limited
    information, Mathematical Geosciences 50, section 3.

    Examples
    --------
    >>> from seqest.metrics import crps
    >>> crps([9.0], [[0.0, 3.0, 6.0]])
    4.0
    """
    rows = read_rows("crps", y_true, sample_weight)
    if q is None:
        scores = _fair_scores(rows, y_pred)
    else:
        scores = 2 * _pinball_losses(rows, y_pred, q)
    panel = read_panel(rows, groups, y_true, y_pred)
    return over_outputs("crps", panel.score(scores), multioutput)


def _pinball_losses(rows: Rows, y_pred: Any, q: Any) -> Array:
    """Return the mean loss over quantiles, shape (n_rows, n_outputs)."""
    levels = check_vector(rows.owner, "q", np.atleast_1d(q))
    if levels.min() <= 0 or levels.max() >= 1:
        raise ValueError(worded(rows.owner, "q", q, "in (0, 1)"))
    quantiles = _draws(rows, y_pred, levels.size)
    above = rows.true[:, :, np.newaxis] - quantiles
    losses: Array = np.maximum(levels * above, (levels - 1) * above).mean(axis=2)
    return losses


def _fair_scores(rows: Rows, y_pred: Any) -> Array:
    """Return the fair score of paths, shape (n_rows, n_outputs)."""
    paths = _draws(rows, y_pred)
    n_paths = paths.shape[2]
    if n_paths < 2:
        rule = "of at least two paths per output"
        raise ValueError(worded(rows.owner, "y_pred", paths, rule))
    # Around the target, so that an offset of the series costs no digits.
    deviations = np.sort(paths - rows.true[:, :, np.newaxis], axis=2)
    # Counted from 0, the k-th is the greater one in k pairs, the lesser in the rest.
    signs = 2.0 * np.arange(n_paths) - (n_paths - 1)
    spread = deviations @ signs / (n_paths * (n_paths - 1))
    scores: Array = np.abs(deviations).mean(axis=2) - spread
    return scores


def _draws(rows: Rows, y_pred: Any, n_draws: int | None = None) -> Array:
    """Return several numbers for each of the target's, (n_rows, n_outputs, n_draws)."""
    rows.require_same_index("y_pred", y_pred)
    array = check_numeric(rows.owner, "y_pred", y_pred)
    n_given, n_outputs = rows.table.shape
    found, left_over = divmod(array.size, rows.table.size)
    fits = array.ndim in (1, 2) or array.shape[1:-1] == (n_outputs,)
    wanted = found if n_draws is None else n_draws
    if not fits or left_over or len(array) != n_given or found != max(wanted, 1):
        last = "n_draws" if n_draws is None else n_draws
        rule = f"of shape ({n_given}, {n_outputs}, {last})"
        remedy = "Its last two axes may be one, all of the first output first."
        raise ValueError(worded(rows.owner, "y_pred", array, rule, remedy))
    require_finite(rows.owner, "y_pred", array)
    return array.reshape(n_given, n_outputs, found)[rows.counted]
