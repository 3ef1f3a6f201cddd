"""What residuals are told by: when they were, how large, and how they correlate."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri

from seqest._validation import check_number, worded
from seqest.metrics._columns import read_n_lags
from seqest.metrics._series import Series, read_series
from seqest.plotting._panels import Panel, panel_of
from seqest.plotting._times import drawable

__all__ = [
    "Residuals",
    "bins_of",
    "normal_quantiles",
    "one_step_predictions",
    "read_residuals",
]

Array = NDArray[np.float64]
FEWEST, MOST = 5, 60  # bins


class Residuals(NamedTuple):
    """The residuals of one output.

    Attributes
    ----------
    name : str
        What they are called.
    times, values : ndarray of shape (n_rows,)
        Series after series, NaN between them and where unknown.
    zone : tzinfo or None
        The clock of times.
    axis : str
        What times are called.
    correlogram : Panel
        Of the residuals with their past.
    """

    name: str
    times: NDArray[Any]
    values: Array
    zone: Any
    axis: str
    correlogram: Panel

    @property
    def known(self) -> Array:
        """Those that are known, in the order of size."""
        return np.sort(self.values[~np.isnan(self.values)])


def one_step_predictions(estimator: Any, X: Any, y: Any, groups: Any) -> Any:
    """Return what an estimator says of rows: one step ahead, where it can."""
    given = {} if groups is None else {"groups": groups}
    if hasattr(estimator, "predict_open_loop"):
        return estimator.predict_open_loop(X, y, **given)
    return estimator.predict(X, **given)


def read_residuals(
    owner: str,
    tables: dict[str, Any],
    X: Any,
    groups: Any,
    n_lags: Any,
    alpha: Any,
    discard: Any,
) -> list[Residuals]:
    """Return the residuals of each output.

    Parameters
    ----------
    owner : str
        Named in errors.
    tables : dict of str to array-like
        Residuals; or measured and predicted outputs, whose difference they are.
    X : array-like or None
        Says which rows are of one series.
    groups, n_lags, alpha, discard
        As in `ResidualsDisplay.from_predictions`.

    Returns
    -------
    list of Residuals
        By output.

    Raises
    ------
    ValueError
        If arrays do not match, or fewer than two residuals of an output are known.
    """
    level = check_number(owner, "alpha", alpha, "(0, 1)")
    series = read_series(owner, X, groups, **tables)
    first, *others = series.tables
    if others and others[0].shape != first.shape:
        name = list(tables)[1]
        rule = f"of as many outputs as the other, {first.shape[1]}"
        raise ValueError(worded(owner, name, tables[name], rule))
    values = first - others[0] if others else first
    values = series.without_first(owner, values, discard)
    if (np.isfinite(values).sum(axis=0) < 2).any():
        name, value = next(iter(tables.items()))
        rule = "of at least two residuals that are known"
        raise ValueError(worded(owner, name, value, rule))
    lags = np.arange(1, read_n_lags(owner, n_lags, series, least=1) + 1)
    times, zone, axis = _times_of([*tables.values(), X], series)
    found = []
    for name, e in zip(series.names[1], values.T, strict=True):
        plain = name == "residuals" or (name == "y" and len(values.T) == 1)
        called = "residual" if plain else f"residual of {name}"
        panel = panel_of("autocorrelation", e, e, lags, series, level)
        apart = _apart(times, e, series.sequences.offsets)
        found.append(Residuals(called, *apart, zone, axis, panel))
    return found


def _times_of(tables: list[Any], series: Series) -> tuple[NDArray[Any], Any, str]:
    """Return when the stacked rows are, the zone, and what times are called."""
    index = next((own.index for own in tables if hasattr(own, "iloc")), None)
    order = series.sequences.order
    if index is not None:
        times = index.get_level_values(-1)
        if hasattr(times, "to_timestamp") or times.dtype.kind in "iufM":
            drawn = drawable(times)
            drawn = drawn if order is None else drawn[order]
            name = "time" if times.name is None else str(times.name)
            return drawn, getattr(times, "tz", None), name
    rows = np.arange(len(series.tables[0]))
    return rows if order is None else rows[order], None, "row"


def _apart(
    times: NDArray[Any], values: Array, offsets: NDArray[np.int64]
) -> tuple[NDArray[Any], Array]:
    """Return times and values with NaN between stretches, which no line joins."""
    inner = offsets[1:-1]
    return np.insert(times, inner, times[inner - 1]), np.insert(values, inner, np.nan)


def bins_of(known: Array) -> int:
    """Return how many bins show them, by the rule of Freedman and Diaconis (1981)."""
    low, high = np.quantile(known, [0.25, 0.75])
    if high == low:
        return FEWEST
    width = 2 * (high - low) / np.cbrt(known.size)
    return int(np.clip(np.ceil(np.ptp(known) / width), FEWEST, MOST))


def normal_quantiles(n: int, alpha: float) -> tuple[Array, Array, Array, Array]:
    """Return where n normal numbers are expected in the order of size, and a band.

    Parameters
    ----------
    n : int
        How many.
    alpha : float
        What share of each is outside the band.

    Returns
    -------
    expected : ndarray of shape (n,)
        The normal quantile of each.
    grid, lower, upper : ndarray of shape (n_points,)
        The band along the expected; the k-th of n uniform numbers follows the beta
        distribution of k and n + 1 - k.
    """
    expected = ndtri((np.arange(n) + 0.5) / n)
    grid = np.linspace(expected[0], expected[-1], 200)
    k = n * ndtr(grid) + 0.5
    shares = alpha / 2, 1 - alpha / 2
    bounds = [ndtri(betaincinv(k, n + 1 - k, share)) for share in shares]
    lower, upper = (np.asarray(bound, np.float64) for bound in bounds)
    return expected, np.asarray(grid), lower, upper
