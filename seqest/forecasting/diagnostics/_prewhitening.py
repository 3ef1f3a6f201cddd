"""Delays from correlations: of y with its past, and with prewhitened inputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seqest.forecasting.diagnostics._evidence import Evidence
from seqest.forecasting.diagnostics._past import past
from seqest.metrics._series import Series
from seqest.metrics.correlation import correlogram

__all__ = ["correlation_evidence"]

Array = NDArray[np.float64]


def correlation_evidence(
    series: Series, n_inputs: int, max_delay: int, alpha: float
) -> Iterator[Evidence]:
    """Yield what correlations say of each delay.

    Parameters
    ----------
    series : Series
        Inputs, and one output as its only table.
    n_inputs : int
        How many columns of X are inputs: none, where none were given.
    max_delay : int
        The greatest delay.
    alpha : float
        How likely any of the delays of one column is to be chosen by chance.

    Yields
    ------
    Evidence
        By column and delay: for the output its partial autocorrelations, for an input
        its prewhitened cross-correlations.
    """
    y = series.tables[0][:, 0]
    delays = np.arange(1, max_delay + 1)
    # Of m independent tests none exceeds its bound with probability 1 - alpha.
    share = 1 - (1 - alpha) ** (1 / max_delay)
    partial = _autoregression(series, y, max_delay)[1]
    bounds = correlogram(y, y, delays, series.stretches).bounds(share)
    for delay, value, bound in zip(delays, partial[1:], bounds, strict=True):
        yield Evidence("output", 0, int(delay), value, bound, abs(value) > bound)
    delays = np.arange(max_delay + 1)
    share = 1 - (1 - alpha) ** (1 / (max_delay + 1))
    for column, x in enumerate(series.X[:, :n_inputs].T):
        weights = _autoregression(series, x, max_delay)[0]
        white, filtered = (_filtered(series, values, weights) for values in (x, y))
        found = correlogram(white, filtered, delays, series.stretches)
        bounds = found.bounds(share)
        for delay, value, bound in zip(delays, found.values, bounds, strict=True):
            strong = abs(value) > bound
            yield Evidence("input", column, int(delay), value, bound, strong)


def _autoregression(series: Series, x: Array, most: int) -> tuple[Array, Array]:
    """Return the weights of the autoregression with the least AIC, and all partials.

    The recursion of Levinson and Durbin on autocorrelations takes many series at once
    and holes in them, where an autoregression of one array would not.
    """
    from statsmodels.tsa.stattools import levinson_durbin

    own = correlogram(x, x, np.arange(most + 1), series.stretches)
    _, _, partial, variances, weights = levinson_durbin(own.values, most, isacov=True)
    variances[0] = 1.0  # of no delays: that of x
    variances = np.maximum(variances, np.finfo(float).tiny)  # of a sine it vanishes
    criterion = own.n_known * np.log(variances) + 2 * np.arange(most + 1)
    order = int(np.argmin(criterion))
    return weights[1 : order + 1, order], partial


def _filtered(series: Series, values: Array, weights: Array) -> Array:
    """Return what the autoregression leaves; NaN where it needs an unknown row."""
    if weights.size == 0:
        return values
    lags = (tuple(range(1, weights.size + 1)),)
    rows = past(values[:, np.newaxis], series.sequences.offsets, lags)
    left: Array = values - rows @ weights
    return left
