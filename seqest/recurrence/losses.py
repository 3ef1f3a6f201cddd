"""What training minimises: losses of outputs against targets, and their derivatives.

Each takes outputs Y and targets Z of shape (n_rows, n_outputs), the rows of all
sequences one after the other, and weights (n_rows,); a row with NaN in Z counts for
nothing. It returns the loss and its cotangents for the *net inputs* of the outputs,
before their function φ: δ = φ'(net) ∂loss/∂y. A loss need not be a sum over rows.

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
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from seqest.recurrence.unroll import LOGISTIC, SOFTMAX, TANH

__all__ = ["LOSSES", "Loss", "RowLoss", "counted", "log_loss", "through"]

Array = NDArray[Any]
OfErrors = Callable[[Array], tuple[Array, Array]]


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
    """A weighted mean over rows of a mean over outputs.

    Attributes
    ----------
    of_errors : callable
        Takes errors y - z; returns loss and derivative, element by element.
    """

    of_errors: OfErrors

    def __call__(
        self, Y: Array, Z: Array, weights: Array | None, function: int
    ) -> tuple[float, Array]:
        """Return the loss and its cotangents, as `Loss` says."""
        errors = Y - Z
        shares = _shares(errors, weights)
        errors[np.any(np.isnan(errors), axis=1)] = 0
        values, slopes = self.of_errors(errors)
        total = float(shares @ values.mean(axis=1))
        slopes = slopes * (shares[:, np.newaxis] / Y.shape[1])
        return total, through(function, Y, slopes)


def log_loss(
    Y: Array, Z: Array, weights: Array | None, function: int
) -> tuple[float, Array]:
    """Return the cross-entropy and its cotangents, δ = y - z.

    Parameters
    ----------
    Y, Z, weights, function
        As `Loss` says; logistic outputs count each on its own, those of a softmax
        together.

    Returns
    -------
    loss : float
        Its value.
    deltas : ndarray of shape (n_rows, n_outputs)
        In the dtype of Y.
    """
    shares = _shares(Z, weights)
    Z = np.where(np.any(np.isnan(Z), axis=1, keepdims=True), Y, Z)
    tiny = np.finfo(Y.dtype).tiny
    values = -xlogy(Z, np.maximum(Y, tiny))
    if function == LOGISTIC:
        values -= xlogy(1 - Z, np.maximum(1 - Y, tiny))
    deltas: Array = ((Y - Z) * shares[:, np.newaxis]).astype(Y.dtype)
    return float(shares @ values.sum(axis=1)), deltas


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


def _shares(values: Array, weights: Array | None) -> Array:
    """Return how much of the mean each row is, rows with NaN nothing."""
    counts = counted(values, weights)
    total = counts.sum()
    return np.asarray(counts / total if total > 0 else counts)


def _squared(errors: Array) -> tuple[Array, Array]:
    return errors * errors / 2, errors


def _absolute(errors: Array) -> tuple[Array, Array]:
    return np.abs(errors), np.sign(errors)


def _huber(errors: Array, delta: float) -> tuple[Array, Array]:
    """Huber (1964), "Robust estimation of a location parameter", section 4."""
    slopes = np.clip(errors, -delta, delta)
    return slopes * (errors - slopes / 2), slopes


def _pinball(errors: Array, q: float) -> tuple[Array, Array]:
    """Koenker and Bassett (1978), "Regression quantiles", Econometrica 46, eq. 1.2."""
    slopes = np.where(errors > 0, 1 - q, np.where(errors < 0, -q, 0))
    return slopes * errors, slopes


# By the names that estimators take as `loss`; Huber's δ and the quantile come with it.
LOSSES: dict[str, Callable[..., Loss]] = {
    "absolute_error": lambda: RowLoss(_absolute),
    "huber": lambda delta: RowLoss(partial(_huber, delta=delta)),
    "log_loss": lambda: log_loss,
    "pinball": lambda quantile: RowLoss(partial(_pinball, q=quantile)),
    "squared_error": lambda: RowLoss(_squared),
}
