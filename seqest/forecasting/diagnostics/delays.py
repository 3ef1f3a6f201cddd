"""Which delays of inputs and outputs a model needs."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from seqest._validation import check_choice, check_integer, check_number, worded
from seqest.estimators._substitute import check_regressor
from seqest.forecasting.diagnostics._prewhitening import correlation_evidence
from seqest.forecasting.diagnostics._search import search_evidence
from seqest.forecasting.diagnostics.suggestion import DelaySuggestion, suggestion_of
from seqest.metrics._series import Series, read_series

__all__ = ["suggest_delays"]

OWNER = "suggest_delays"
FEWEST = 8  # rows of the longest series


def suggest_delays(
    X: Any,
    y: Any,
    *,
    max_delay: int | Literal["auto"] = "auto",
    method: Literal["correlation", "search"] = "correlation",
    alpha: float = 0.05,
    n_splits: int = 10,
    regressor: Any = None,
    groups: Any = None,
) -> DelaySuggestion:
    """Suggest delays for NARXRegressor and TDNNRegressor.

    "correlation" looks at one delay at a time: an output delay is chosen where the
    partial autocorrelation of y stands out, an input delay where y is correlated with
    the input after both were filtered by an autoregression of the input, which makes it
    white (Box and Jenkins). These are all rows by which y answers to the input: what
    a TDNN needs, ``TDNNRegressor(delays=suggestion.input_delays)``. In a NARX, whose
    output delays carry the answer on, the first few of them often do. A trend makes
    every delay stand out (take differences first), a periodic input none.

    "search" looks at delays together: it adds the delay that lowers the error most
    while one does, drops them again one by one, and of the models on the way back
    takes the smallest within one standard error of the best. The error is the mean
    squared one of one-step predictions over the test rows of an expanding
    TimeSeriesSplit, which comes after all rows that were learned from, even of other
    series. The standard error is of its difference to the best, split by split: how
    hard the splits are differs far more, and is the same for both.

    Parameters
    ----------
    X : array-like of shape (n_timesteps, n_features) or None
        The inputs, in any form an estimator takes; None for a pure autoregression.
    y : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
        The outputs. Pairs or rows with NaN drop out. "correlation" takes one output.
    max_delay : int or "auto", default="auto"
        The greatest delay, less than half the rows of the longest series. "auto" is 10
        times the decimal logarithm of their number, at most a quarter of it.
    method : {"correlation", "search"}, default="correlation"
        How delays are found.
    alpha : float in (0, 1), default=0.05
        With "correlation", how likely any delay at all of a column is to be chosen by
        chance. Raising it finds more delays, and more false ones.
    n_splits : int >= 2, default=10
        With "search", the number of splits.
    regressor : estimator, default=None
        With "search", any scikit-learn regressor of delayed values in standard units;
        None is linear least squares (ARX), which is by far the fastest.
    groups : array-like of shape (n_timesteps,), default=None
        The series each row belongs to. No delay reaches from one into another, nor over
        a hole in a time index.

    Returns
    -------
    DelaySuggestion
        The delays, `parameters` and the `table` of evidence.

    Raises
    ------
    TypeError
        If `regressor` has no fit or predict.
    ValueError
        If X and y do not match, an input or output is constant, series are too short,
        or another argument is out of its range.

    References
    ----------
    G. E. P. Box and G. M. Jenkins (1976), Time Series Analysis, sections 3.2.6 and
    11.2.1. Breiman, Friedman, Olshen and Stone (1984), Classification and Regression
    Trees, section 3.4.3, on one standard error. With m delays a correlation is judged
    at 1 - (1 - alpha)^(1/m): Z. Šidák (1967), Journal of the American Statistical
    Association 62.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.forecasting import suggest_delays
    >>> rng = np.random.default_rng(0)
    >>> u, y = rng.standard_normal(500), np.zeros(500)
    >>> for t in range(3, 500):
    ...     y[t] = 0.6 * y[t - 1] + u[t - 3] + 0.1 * rng.standard_normal()
    >>> suggest_delays(u[:, None], y, max_delay=8, method="search")
    DelaySuggestion(input_delays=[3], output_delays=[1])
    """
    check_choice(OWNER, "method", method, ("correlation", "search"))
    alpha = check_number(OWNER, "alpha", alpha, "(0, 1)")
    n_splits = check_integer(OWNER, "n_splits", n_splits, 2)
    if regressor is not None:
        check_regressor(OWNER, regressor)
    series = read_series(OWNER, X, groups, y=y)
    most = _read_max_delay(max_delay, series, y)
    n_inputs = 0 if X is None else series.X.shape[1]
    _require_variation(series, n_inputs, X, y)
    if method == "search":
        found = search_evidence(OWNER, series, n_inputs, most, n_splits, regressor)
    else:
        _require_one_output(series, y)
        found = correlation_evidence(series, n_inputs, most, alpha)
    return suggestion_of(series, n_inputs, list(found))


def _read_max_delay(max_delay: Any, series: Series, y: Any) -> int:
    rows = series.longest
    if rows < FEWEST:
        rule = f"of at least {FEWEST} rows that follow each other"
        raise ValueError(worded(OWNER, "y", y, rule))
    if isinstance(max_delay, str) and max_delay == "auto":
        return min(int(10 * np.log10(rows)), rows // 4)
    most = check_integer(OWNER, "max_delay", max_delay, 1)
    if 2 * most >= rows:
        rule = f"less than half of {rows}, the rows of the longest series"
        raise ValueError(worded(OWNER, "max_delay", max_delay, rule))
    return most


def _require_variation(series: Series, n_inputs: int, X: Any, y: Any) -> None:
    for name, given, table, names in (
        ("X", X, series.X[:, :n_inputs], series.names[0]),
        ("y", y, series.tables[0], series.names[1]),
    ):
        for column, called in zip(table.T, names, strict=False):
            if np.ptp(column[~np.isnan(column)]) == 0:
                rule = f"varying in every column, but {called!r} is constant"
                remedy = "Drop it: there is nothing to be learned from it or of it."
                raise ValueError(worded(OWNER, name, given, rule, remedy))


def _require_one_output(series: Series, y: Any) -> None:
    if series.tables[0].shape[1] > 1:
        rule = "of one output where method='correlation'"
        remedy = "Take method='search', or one output at a time."
        raise ValueError(worded(OWNER, "y", y, rule, remedy))
