"""The correlograms of residuals, with their names and bounds, and how they look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_number, worded
from seqest.metrics._columns import read_n_lags, varying_columns
from seqest.metrics._series import Series
from seqest.metrics.correlation import correlogram
from seqest.plotting._looks import INK
from seqest.plotting._times import format_times

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Drawn", "Panel", "draw_panel", "panel_of", "panels_of"]


Array = NDArray[np.float64]

# Dark against light, and filled against hollow: told apart in grey, too.
ALARM, BAND = "#D55E00", "0.88"


class Panel(NamedTuple):
    """One correlogram: ± bounds are what a white series exceeds by chance."""

    title: str
    lags: NDArray[np.int64]
    values: Array
    bounds: Array


class Drawn(NamedTuple):
    """The artists of a correlogram: lines, markers inside and outside, and band."""

    stems: Any
    inside: Any
    outside: Any
    band: Any


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
        row = [panel_of(called, e, e, np.arange(1, last + 1), series, alpha)]
        lags = np.arange(-last, last + 1)
        for feature, u in zip(series.names[0], inputs, strict=False):
            row.append(panel_of(f"{feature} with {called}", u, e, lags, series, alpha))
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


def panel_of(
    title: str,
    x: Array,
    e: Array,
    lags: NDArray[np.int64],
    series: Series,
    alpha: float,
) -> Panel:
    """Return the correlogram of x(t - lag) with e(t), NaN where one is constant."""
    found = correlogram(x, e, lags, series.stretches)
    return Panel(title, lags, found.values, found.bounds(alpha))


def draw_panel(axes: Axes, panel: Panel) -> Drawn:
    """Draw a correlogram, with filled diamonds where it leaves its band."""
    title, lags, values, bounds = panel
    band = axes.fill_between(lags, -bounds, bounds, color=BAND, linewidth=0)
    for sign in (-1, 1):
        axes.plot(lags, sign * bounds, color=INK, linewidth=0.8, linestyle="--")
    axes.axhline(0.0, color=INK, linewidth=0.8)
    known = ~np.isnan(values)
    outside = known & (np.abs(values) > bounds)
    inside = known & ~outside
    stems = axes.vlines(lags[known], 0.0, values[known], colors=INK, linewidth=1.2)
    (inner,) = axes.plot(
        lags[inside], values[inside], "o", color=INK, mfc="white", ms=4
    )
    (outer,) = axes.plot(lags[outside], values[outside], "D", color=ALARM, ms=5)
    axes.set_title(title, fontsize="medium")
    format_times(axes, lags)
    return Drawn(stems, inner, outer, band)
