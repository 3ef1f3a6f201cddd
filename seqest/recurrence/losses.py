"""What training minimises: losses of outputs against targets, and their derivatives.

Each takes outputs Y and targets Z of shape (n_rows, n_outputs), the rows of all
sequences one after the other, and weights (n_rows,); a row with NaN in Z counts for
nothing. It returns the loss and its cotangents for the *net inputs* of the outputs,
before their function φ: δ = φ'(net) ∂loss/∂y. A loss need not be a sum over rows; those
of the table are, and so are graded row by row in a compiled loop.

================ ========================================= ============ ============
loss             of one row and output                     over outputs over rows
================ ========================================= ============ ============
squared_error    (y - z)² / 2                              mean         mean
absolute_error   abs(y - z)                                mean         mean
huber            (y - z)² / 2; beyond δ, δ abs(y - z) -    mean         mean
                 δ² / 2
pinball          q (z - y) below z, (1 - q) (y - z) above  mean         mean
log_loss         -z log y, and with logistic outputs - (1  sum          mean
                 - z) log(1 - y)
================ ========================================= ============ ============

Means over rows are weighted; series count by their rows. The squared error with its ½
is that of MLPRegressor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seqest._compile import kernel, like, specialise
from seqest.recurrence.unroll import LOGISTIC, SOFTMAX, TANH

__all__ = ["LOSSES", "Loss", "RowLoss", "counted", "n_counted", "through"]

Array = NDArray[Any]
# The templates are specialised for the loss of a row, and of an error.
of_row: Any = None
of_error: Any = None


class Loss(Protocol):
    """A loss of the outputs of whole sequences."""

    def __call__(
        self, Y: Array, Z: Array, weights: Array | None, function: int
    ) -> tuple[float, Array]:
        """Return the loss and its cotangents of the outputs' net inputs.

        Parameters
        ----------
        Y, Z : ndarray of shape (n_rows, n_outputs)
            Outputs, and targets with NaN where there is none.
        weights : ndarray of shape (n_rows,) or None
            How much each row counts.
        function : int
            The function φ of the outputs.

        Returns
        -------
        loss : float
            Its value.
        deltas : ndarray of shape (n_rows, n_outputs)
            In the dtype of Y.
        """


@dataclass(frozen=True)
class RowLoss:
    """A weighted mean over rows.

    Attributes
    ----------
    rows : kernel
        Grades rows; see `_over_rows`.
    constant : float, default=0
        A number that it takes.
    sums_outputs : bool, default=False
        Whether outputs are summed; else theirs is a mean, too.
    """

    rows: Any
    constant: float = 0.0
    sums_outputs: bool = False

    def __call__(
        self, Y: Array, Z: Array, weights: Array | None, function: int
    ) -> tuple[float, Array]:
        """Return the loss and its cotangents, as `Loss` says."""
        deltas = np.empty_like(Y)
        n_rows = n_counted(Z, weights)
        runs = np.array([[0, len(Y), 0]], np.uint64)
        return self.grade(Y, Z, weights, n_rows, function, runs, deltas), deltas

    def grade(
        self,
        Y: Array,
        Z: Array,
        weights: Array | None,
        n_rows: float,
        function: int,
        runs: NDArray[np.uint64],
        deltas: Array,
    ) -> float:
        """Return what some of the rows add to the loss, and write their cotangents.

        Parameters
        ----------
        Y, Z, weights, function
            As `Loss` says, of all rows.
        n_rows : float
            How many rows the mean is of, each as often as its weight says.
        runs : ndarray of shape (n_runs, 3)
            Which rows: ``runs[:, 1]`` of them from ``runs[:, 2]`` on.
        deltas : ndarray of shape (n_rows, n_outputs)
            Receives the cotangents of these rows, in the dtype of Y.

        Returns
        -------
        float
            Their part of the loss.
        """
        n_numbers = n_rows * (1 if self.sums_outputs else Y.shape[1])
        share = 1 / n_numbers if n_rows > 0 else 0.0
        weights = np.empty(0) if weights is None else weights
        constant = Y.dtype.type(self.constant)
        phi = np.uint64(function)
        return float(self.rows(Y, Z, weights, share, phi, constant, runs, deltas))


def _over_rows(
    Y: Any,
    Z: Any,
    weights: Any,
    share: Any,
    function: Any,
    constant: Any,
    runs: Any,
    deltas: Any,
) -> Any:
    """Return the losses of rows, each times its weight and `share`."""
    total = 0.0
    for k in range(np.uint64(runs.shape[0])):
        for i in range(runs[k, 2], runs[k, 2] + runs[k, 1]):
            size = share * weights[i] if weights.shape[0] else share
            for j in range(np.uint64(Z.shape[1])):
                if np.isnan(Z[i, j]):
                    size = 0.0
            if size == 0.0:
                for j in range(np.uint64(Z.shape[1])):
                    deltas[i, j] = like(deltas[i, j], 0)
            else:
                taken = like(Y[i, 0], size)
                total += size * of_row(Y, Z, i, taken, function, constant, deltas)
    return total


def _row_of_errors(
    Y: Any, Z: Any, i: Any, size: Any, function: Any, constant: Any, deltas: Any
) -> Any:
    """Return the loss of a row's errors; write `size` times its cotangents."""
    n = np.uint64(Y.shape[1])
    total, one = like(size, 0), like(size, 1)
    for j in range(n):
        value, slope = of_error(Y[i, j] - Z[i, j], constant)
        total += value
        if function == LOGISTIC:
            slope *= Y[i, j] * (one - Y[i, j])
        elif function == TANH:
            slope *= one - Y[i, j] * Y[i, j]
        deltas[i, j] = size * slope
    if function == SOFTMAX:
        inner = like(size, 0)
        for j in range(n):
            inner += deltas[i, j] * Y[i, j]
        for j in range(n):
            deltas[i, j] = Y[i, j] * (deltas[i, j] - inner)
    return total


@kernel
def _row_of_logs(
    Y: Any, Z: Any, i: Any, size: Any, function: Any, constant: Any, deltas: Any
) -> Any:
    """Return the cross-entropy of a row, finite where y is 0; δ = y - z."""
    total, one = like(size, 0), like(size, 1)
    least = np.finfo(Y.dtype).tiny
    for j in range(np.uint64(Y.shape[1])):
        y, z = Y[i, j], Z[i, j]
        if z != like(z, 0):
            total -= z * np.log(max(y, least))
        if function == LOGISTIC and z != one:
            total -= (one - z) * np.log(max(one - y, least))
        deltas[i, j] = size * (y - z)
    return total


def through(function: int, Y: Array, slopes: Array) -> Array:
    """Return cotangents of net inputs from those of outputs y = φ(net).

    Parameters
    ----------
    function : int
        The function φ.
    Y, slopes : ndarray of shape (n_rows, n_outputs)
        The outputs and their cotangents.

    Returns
    -------
    ndarray of shape (n_rows, n_outputs)
        ``slopes φ'(net)``, in the dtype of Y.
    """
    if function == LOGISTIC:
        slopes = slopes * Y * (1 - Y)
    elif function == TANH:
        slopes = slopes * (1 - Y * Y)
    elif function == SOFTMAX:
        inner = np.einsum("ij,ij->i", slopes, Y)
        slopes = Y * (slopes - inner[:, np.newaxis])
    return slopes.astype(Y.dtype, copy=False)


def counted(values: Array, weights: Array | None) -> Array:
    """Return how much each row counts: its weight, or nothing where it has NaN.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_outputs)
        Targets, or errors.
    weights : ndarray of shape (n_rows,) or None
        1 each by default.

    Returns
    -------
    ndarray of shape (n_rows,)
        A new array.
    """
    known = ~np.any(np.isnan(values), axis=1)
    return np.where(known, 1.0 if weights is None else weights, 0.0)


def n_counted(Z: Array, weights: Array | None) -> float:
    """Return the sum of `counted`.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_outputs)
        Targets.
    weights : ndarray of shape (n_rows,) or None
        1 each by default.

    Returns
    -------
    float
        How many rows count, each as often as its weight says.
    """
    return float(_sum_counted(Z, np.empty(0) if weights is None else weights))


@kernel
def _sum_counted(Z: Any, weights: Any) -> Any:
    total = 0.0
    for i in range(np.uint64(Z.shape[0])):
        size = weights[i] if weights.shape[0] else 1.0
        for j in range(np.uint64(Z.shape[1])):
            if np.isnan(Z[i, j]):
                size = 0.0
        total += size
    return total


@kernel
def _squared(error: Any, constant: Any) -> Any:
    return error * error / like(error, 2), error


@kernel
def _absolute(error: Any, constant: Any) -> Any:
    return abs(error), np.sign(error)


@kernel
def _huber(error: Any, delta: Any) -> Any:
    """Huber (1964), "Robust estimation of a location parameter", section 4."""
    slope = min(max(error, -delta), delta)
    return slope * (error - slope / like(error, 2)), slope


@kernel
def _pinball(error: Any, q: Any) -> Any:
    """Koenker and Bassett (1978), "Regression quantiles", Econometrica 46, eq. 1.2."""
    slope = like(error, 0)
    if error > slope:
        slope = like(error, 1) - q
    elif error < slope:
        slope = -q
    return slope * error, slope


def _rows_of(name: str, error: Any) -> Any:
    row = specialise(_row_of_errors, name, of_error=error)
    return specialise(_over_rows, name, of_row=row)


SQUARED, ABSOLUTE = _rows_of("squared", _squared), _rows_of("absolute", _absolute)
HUBER, PINBALL = _rows_of("huber", _huber), _rows_of("pinball", _pinball)
LOGS = specialise(_over_rows, "logs", of_row=_row_of_logs)

# By the names that estimators take as `loss`; Huber's δ and the quantile come with it.
LOSSES: dict[str, Callable[..., Loss]] = {
    "absolute_error": lambda: RowLoss(ABSOLUTE),
    "huber": lambda delta: RowLoss(HUBER, delta),
    "log_loss": lambda: RowLoss(LOGS, sums_outputs=True),
    "pinball": lambda quantile: RowLoss(PINBALL, quantile),
    "squared_error": lambda: RowLoss(SQUARED),
}
