"""The correlograms of residuals, each with what it is called and its bounds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_number, worded
from seqest.metrics._columns import read_n_lags, varying_columns
from seqest.metrics._series import Series
from seqest.metrics.correlation import correlogram

__all__ = ["Panel", "panels_of"]

Array = NDArray[np.float64]


class Panel(NamedTuple):
    """One correlogram: ± bounds are what a white series exceeds by chance."""

    title: str
    lags: NDArray[np.int64]
    values: Array
    bounds: Array


def panels_of(
    owner: str, series: Series, n_inputs: int, n_lags: Any, alpha: Any, discard: Any
) -> list[list[Panel]]:
    """Return for each output its residuals' correlogram and those with each input.

    Parameters
    ----------
    owner : str
        Named in errors.
    series : Series
        Inputs; measured and predicted outputs as its tables.
    n_inputs : int
        How many columns of X are inputs.
    n_lags, alpha, discard
        As in `ResidualCorrelationDisplay.from_predictions`.

    Returns
    -------
    list of list of Panel
        By output.
    """
    alpha = check_number(owner, "alpha", alpha, "(0, 1)")
    residuals = _residuals(owner, series, discard)
    last = read_n_lags(owner, n_lags, series, least=1)
    inputs = varying_columns(owner, "X", series.X[:, :n_inputs])
    panels = []
    for name, e in zip(series.names[1], residuals, strict=True):
        called = "residuals" if len(residuals) == 1 else f"residuals of {name}"
        row = [_panel(called, e, e, np.arange(1, last + 1), series, alpha)]
        lags = np.arange(-last, last + 1)
        for feature, u in zip(series.names[0], inputs, strict=False):
            row.append(_panel(f"{feature} with {called}", u, e, lags, series, alpha))
        panels.append(row)
    return panels


def _residuals(owner: str, series: Series, discard: Any) -> Array:
    """Return the residuals of each output, NaN where they do not count."""
    true, predicted = series.tables
    if true.shape != predicted.shape:
        rule = f"of as many outputs as y_true, {true.shape[1]}"
        raise ValueError(worded(owner, "y_pred", predicted, rule))
    residuals = series.without_first(owner, true - predicted, discard)
    return varying_columns(owner, "y_true - y_pred", residuals)


def _panel(
    title: str,
    x: Array,
    e: Array,
    lags: NDArray[np.int64],
    series: Series,
    alpha: float,
) -> Panel:
    found = correlogram(x, e, lags, series.stretches)
    return Panel(title, lags, found.values, found.bounds(alpha))
