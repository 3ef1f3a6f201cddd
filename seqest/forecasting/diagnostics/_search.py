"""Delays by stepwise selection, judged by errors on rows that come later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import worded
from seqest.forecasting.diagnostics._evidence import Evidence
from seqest.forecasting.diagnostics._folds import (
    Errors,
    Fold,
    errors_of,
    folds_in_time,
)
from seqest.forecasting.diagnostics._past import past
from seqest.metrics._series import Series

__all__ = ["search_evidence"]

Array = NDArray[np.float64]


def search_evidence(
    owner: str,
    series: Series,
    n_inputs: int,
    max_delay: int,
    n_splits: int,
    regressor: Any,
) -> Iterator[Evidence]:
    """Yield delays, the most needed first.

    Parameters
    ----------
    owner : str
        Named in errors.
    series : Series
        Inputs, and the outputs as its only table.
    n_inputs : int
        How many columns of X are inputs: none, where none were given.
    max_delay : int
        The greatest delay.
    n_splits : int
        Number of folds of TimeSeriesSplit.
    regressor : estimator or None
        What maps delayed values to outputs; None is linear least squares.

    Yields
    ------
    Evidence
        Its value is the error with this delay and all before it, over the variance of
        the outputs; its bound the error up to which a smaller model is preferred.
    """
    taps, H, Y = _candidates(series, n_inputs, max_delay)
    usable = ~np.isnan(np.hstack([H, Y])).any(axis=1)
    times, when = np.unique(_times(series)[usable], return_inverse=True)
    if times.size < 2 * (n_splits + 1):
        rule = (
            f"small enough to leave {2 * (n_splits + 1)} rows for n_splits={n_splits}"
        )
        remedy = f"After the delays {times.size} rows without NaN are left."
        raise ValueError(worded(owner, "max_delay", max_delay, rule, remedy))
    H, Y = (_standardised(values[usable]) for values in (H, Y))
    folds = folds_in_time(H, Y, when, n_splits, regressor)
    order, errors = _selected(folds, len(taps), errors_of(regressor))
    means = errors.mean(axis=1)
    best = int(means.argmin())
    excess = errors - errors[best]  # fold by fold: what folds have in common cancels
    deviation = excess.std(axis=1, ddof=1) / np.sqrt(n_splits)
    n_chosen = int(np.argmax(excess.mean(axis=1) <= deviation))
    for k, tap in enumerate(order, start=1):
        bound = means[best] + deviation[k]
        yield Evidence(*taps[tap], means[k], bound, k <= n_chosen)


def _candidates(
    series: Series, n_inputs: int, max_delay: int
) -> tuple[list[tuple[str, int, int]], Array, Array]:
    """Return the taps (kind, column, delay), their matrix, and the outputs."""
    X, Y = series.X[:, :n_inputs], series.tables[0]
    lags, taps = [], []
    for least, (kind, table) in enumerate((("input", X), ("output", Y))):
        for column in range(table.shape[1]):
            lags.append(tuple(range(least, max_delay + 1)))
            taps += [(kind, column, lag) for lag in lags[-1]]
    H = past(np.hstack([X, Y]), series.sequences.offsets, tuple(lags))
    return taps, H, Y


def _times(series: Series) -> NDArray[np.int64]:
    """Return the time of each row: its stamp, or its place in its series."""
    sequences = series.sequences
    if sequences.stamps is not None:
        return sequences.stamps
    lengths = sequences.lengths  # without stamps a series is one stretch
    return np.concatenate([np.arange(length) for length in lengths])


def _standardised(values: Array) -> Array:
    scale = values.std(axis=0)
    standard: Array = (values - values.mean(axis=0)) / np.where(scale > 0, scale, 1.0)
    return standard


def _selected(
    folds: list[Fold], n_taps: int, error_of: Errors
) -> tuple[list[int], Array]:
    """Add the best tap while one lowers the error, then drop the least one by one.

    What is dropped last comes first, with the errors by fold of 0, 1, 2, … taps.
    Dropping mends what adding one at a time got wrong.
    """

    def best_of(choices: list[list[int]]) -> tuple[list[int], list[float]]:
        tried = [[error_of(fold, taps) for fold in folds] for taps in choices]
        best = int(np.argmin(np.mean(tried, axis=1)))
        return choices[best], tried[best]

    taps, errors = best_of([[]])
    while len(taps) < n_taps:
        left = (tap for tap in range(n_taps) if tap not in taps)
        longer, lower = best_of([[*taps, tap] for tap in left])
        if np.mean(lower) >= np.mean(errors):
            break
        taps, errors = longer, lower
    order: list[int] = []
    path = [errors]
    while taps:
        shorter, errors = best_of([[t for t in taps if t != tap] for tap in taps])
        order += [tap for tap in taps if tap not in shorter]
        taps = shorter
        path.append(errors)
    return order[::-1], np.array(path[::-1])
