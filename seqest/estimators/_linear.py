"""Linear regressors along series: their free run is a recursion that compiles."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest._compile import kernel

__all__ = ["LinearMap", "linear_map", "recurse"]

Array = NDArray[Any]


class LinearMap(NamedTuple):
    """What a linear regressor computes: ``H @ weights + intercept``."""

    weights: Array  # (n_columns, n_outputs)
    intercept: Array  # (n_outputs,)


def linear_map(regressor: Any, H: Array) -> LinearMap | None:
    """Return what a regressor computes if it is one of scikit-learn's linear ones.

    Parameters
    ----------
    regressor : object
        Fitted.
    H : ndarray of shape (n_rows, n_columns)
        Rows it is to be right on; generalized linear models, which have weights too,
        are not.

    Returns
    -------
    LinearMap or None
        In float64.
    """
    weights = getattr(regressor, "coef_", None)
    if weights is None or not type(regressor).__module__.startswith("sklearn."):
        return None
    weights = np.atleast_2d(np.asarray(weights, np.float64)).T
    intercept = np.atleast_1d(np.asarray(regressor.intercept_, np.float64))
    if weights.shape[0] != H.shape[1] or intercept.size not in (1, weights.shape[1]):
        return None
    intercept = np.broadcast_to(intercept, weights.shape[1:]).copy()
    told = np.asarray(regressor.predict(H)).reshape(len(H), -1)
    # As close as sums in the precision of the rows.
    close = 1e3 * np.finfo(H.dtype).eps * (1 + np.abs(H) @ np.abs(weights))
    if told.shape != close.shape or np.any(
        np.abs(H @ weights + intercept - told) > close
    ):
        return None
    return LinearMap(weights, intercept)


@kernel
def recurse(
    drive: Any, places: Any, back: Any, weights: Any, rows: Any, outputs: Any
) -> None:
    """Predict row after row, each prediction fed back where nothing was measured.

    `drive` (n_rows, n_outputs) is what inputs add, `weights` (n_taps, n_outputs) what
    tap k, the number ``back[k]`` before the row's own first one, is multiplied by.
    `rows` holds what is fed back, NaN where unknown, and before each stretch what was;
    `places` says where each row is in it.
    """
    told, n = rows.reshape(-1), rows.shape[1]
    for i in range(drive.shape[0]):
        first = places[i] * n
        for j in range(n):
            total = drive[i, j]
            for k in range(back.shape[0]):
                total += weights[k, j] * told[first - back[k]]
            outputs[i, j] = total
        for j in range(n):
            if np.isnan(rows[places[i], j]):
                rows[places[i], j] = outputs[i, j]
