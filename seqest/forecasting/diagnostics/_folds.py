"""Folds in time, and the errors of models of some of their columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import TimeSeriesSplit

__all__ = ["Errors", "Fold", "errors_of", "folds_in_time"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows to be judged on: of all taps, and of the outputs."""

    H: Array
    Y: Array
    H_test: Array
    Y_test: Array
    n_test: int


# The mean squared error of a fold, of a model of some of its taps.
Errors = Callable[[Fold, list[int]], float]


def folds_in_time(
    H: Array, Y: Array, when: NDArray[np.int64], n_splits: int, regressor: Any
) -> list[Fold]:
    """Return the folds of an expanding TimeSeriesSplit of the times of rows.

    Parameters
    ----------
    H, Y : ndarray of shape (n_rows, n_taps) and (n_rows, n_outputs)
        Delayed values and outputs, all known.
    when : ndarray of shape (n_rows,)
        The rank of the time of each row.
    n_splits : int
        Number of folds.
    regressor : estimator or None
        What they are for; None is linear least squares.

    Returns
    -------
    list of Fold
        The rows that are tested come later than those that are learned from.
    """
    make = _compressed if regressor is None else Fold
    times = np.arange(when.max() + 1)[:, np.newaxis]
    return [
        make(H[rows], Y[rows], H[later], Y[later], int(later.sum()))
        for rows, later in (
            (np.isin(when, train), np.isin(when, test))
            for train, test in TimeSeriesSplit(n_splits).split(times)
        )
    ]


def _compressed(H: Array, Y: Array, H_test: Array, Y_test: Array, n_test: int) -> Fold:
    """Return a fold of few rows on which least squares comes out the same.

    A rotation of the rows, found by QR, changes neither weights nor sums of squares.
    """
    return Fold(*_rotated(H, Y), *_rotated(H_test, Y_test), n_test)


def _rotated(H: Array, Y: Array) -> tuple[Array, Array]:
    rows = np.hstack([np.ones((len(H), 1)), H, Y])
    rows = np.asarray(np.linalg.qr(rows, mode="r"))
    return rows[:, : -Y.shape[1]], rows[:, -Y.shape[1] :]


def errors_of(regressor: Any) -> Errors:
    """Return what judges taps on a fold by a regressor, or by least squares."""
    return _linear_errors if regressor is None else _errors_by(regressor)


def _linear_errors(fold: Fold, taps: list[int]) -> float:
    columns = [0, *(tap + 1 for tap in taps)]  # the first is the intercept
    weights = np.linalg.lstsq(fold.H[:, columns], fold.Y, rcond=None)[0]
    misses = fold.Y_test - fold.H_test[:, columns] @ weights
    return float((misses**2).sum() / (fold.n_test * fold.Y.shape[1]))


def _errors_by(regressor: Any) -> Errors:
    def errors(fold: Fold, taps: list[int]) -> float:
        if not taps:
            return float(np.mean((fold.Y_test - fold.Y.mean(axis=0)) ** 2))
        flat = fold.Y.shape[1] == 1
        model = clone(regressor).fit(fold.H[:, taps], fold.Y[:, 0] if flat else fold.Y)
        predicted = np.reshape(model.predict(fold.H_test[:, taps]), fold.Y_test.shape)
        return float(np.mean((fold.Y_test - predicted) ** 2))

    return errors
