"""Perceptrons of scikit-learn, taken apart into their layers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

from seqest.estimators._polynomial import steps_of
from seqest.recurrence.products import PRODUCTS

__all__ = ["Layers", "evaluate_layers", "layers_of"]

Array = NDArray[Any]
NOUGHT = np.uint64(0)
forwards = PRODUCTS[1].forwards


class Layers(NamedTuple):
    """What a perceptron computes of columns h.

    ``W_2 f(W_1 z + b_1) + b_2`` with ``z = (h - mean) / scale``, or more such layers.
    """

    kind: str  # of f, a key of `seqest.cells.ACTIVATIONS`
    mean: Array  # (n_columns,)
    scale: Array
    theta: Array  # b and W (n_before, n) of one layer after the other
    sizes: NDArray[np.uint64]  # of all layers, from the columns to the outputs

    def arrays(self) -> tuple[Array, ...]:
        """Return it as `evaluate_layers` takes it, with room to work in."""
        work = np.empty((2, int(self.sizes.max())))
        return (self.mean, self.scale, self.theta, self.sizes, work)


def layers_of(regressor: Any, n_columns: int) -> Layers | None:
    """Return the layers of an `MLPRegressor`, or of a pipeline of scalers and one.

    Parameters
    ----------
    regressor : object
        Fitted.
    n_columns : int
        Of what it sees.

    Returns
    -------
    Layers or None
        In float64.
    """
    *scalers, last = steps_of(regressor)
    if type(last) is not MLPRegressor or last.out_activation_ != "identity":
        return None
    mean, scale = np.zeros(n_columns), np.ones(n_columns)
    for step in scalers:
        if type(step) is not StandardScaler:
            return None
        mean = mean + scale * (step.mean_ if step.with_mean else 0.0)
        scale = scale * (step.scale_ if step.with_std else 1.0)
    pairs = zip(last.intercepts_, last.coefs_, strict=True)
    parts = [np.ravel(part) for pair in pairs for part in pair]
    sizes = [n_columns, *(len(own) for own in last.intercepts_)]
    theta = np.concatenate(parts, dtype=np.float64)
    return Layers(last.activation, mean, scale, theta, np.array(sizes, np.uint64))


def evaluate_layers(formula: Any, h: Any, y: Any) -> None:
    """Fill y with what layers make of columns h; `activate` is bound."""
    mean, scale, theta, sizes, work = formula
    for c in range(h.size):
        work[0, c] = (h[c] - mean[c]) / scale[c]
    n_layers, at = sizes.size - 1, np.uint64(0)
    for k in range(n_layers):
        n_before, n = sizes[k], sizes[k + 1]
        before, after = work[k % 2, :n_before], work[1 - k % 2, :n]
        after[:] = theta[at : at + n]
        forwards(theta, at + n, n_before, n, before, NOUGHT, after, NOUGHT)
        at += n + n_before * n
        if k < n_layers - 1:
            for j in range(after.size):
                after[j] = activate(after[j])  # type: ignore[name-defined] # noqa: F821
        else:
            y[:] = after
