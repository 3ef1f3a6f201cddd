"""The rows of a short series, kept as they are for the dual of a linear fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk

from seqest.readouts._normal_equations import solve_shifted
from seqest.readouts.gram import Gram, weighted_rows

__all__ = ["Rows"]

Array = NDArray[np.float64]
Block = NDArray[np.floating[Any]]


class Rows:
    r"""Centred rows, with what `Gram` offers, for fewer rows than features.

    With :math:`F` the centred features and :math:`\Omega` the diagonal of weights, the
    ridge solution is found among combinations of rows,

    .. math:: W^T = F^T \Omega^{1/2} (\Omega^{1/2} F F^T \Omega^{1/2} + \alpha I)^{-1}
        \Omega^{1/2} Y

    Parameters
    ----------
    n_features : int
        Number of features.
    n_outputs : int
        Number of targets.

    References
    ----------
    Saunders, Gammerman and Vovk (1998), "Ridge regression learning algorithm in dual
    variables", ICML, eq. 8.
    """

    def __init__(self, n_features: int, n_outputs: int) -> None:
        self.n_features = n_features
        self.n_outputs = n_outputs
        # Rows are kept as differences from an origin, the first row until they are
        # gathered and their mean from then on.
        self._feature_origin: Array = np.zeros(n_features)
        self._target_origin: Array = np.zeros(n_outputs)
        self._parts: list[tuple[Array, Array, Array]] = []
        self._gathered = False
        self._products: Array | None = None

    def update(
        self,
        F: Block,
        Y: Block,
        sample_weight: Block | None = None,
        *,
        overwrite: bool = False,
    ) -> None:
        """Keep a copy of a block of rows; parameters as those of `Gram.update`."""
        F, Y, weight = weighted_rows(self, F, Y, sample_weight)
        if not len(F):
            return
        if not self._parts:
            self._feature_origin = F[0].astype(np.float64)
            self._target_origin = Y[0].astype(np.float64)
        features: Array = np.subtract(F, self._feature_origin, order="C")
        targets: Array = Y - self._target_origin
        if weight is None:
            weight = np.ones(len(F))
        self._parts.append((features, targets, weight))
        self._gathered = False
        self._products = None

    def merge(self, other: Rows) -> None:
        """Add a copy of the rows of `other`."""
        for features, targets, weight in other._parts:
            F, Y = features + other._feature_origin, targets + other._target_origin
            self.update(F, Y, weight)

    def gram(self) -> Gram:
        """Return the statistics of these rows."""
        gram = Gram(self.n_features, self.n_outputs)
        for features, targets, weight in self._parts:
            F, Y = features + self._feature_origin, targets + self._target_origin
            gram.update(F, Y, weight, overwrite=True)
        return gram

    @property
    def weight(self) -> float:
        """Sum of the sample weights."""
        return float(sum(weight.sum() for _, _, weight in self._parts))

    @property
    def feature_mean(self) -> Array:
        """Weighted mean of the features, shape (n_features,)."""
        self._centred()
        return self._feature_origin

    @property
    def target_mean(self) -> Array:
        """Weighted mean of the targets, shape (n_outputs,)."""
        self._centred()
        return self._target_origin

    @property
    def feature_squares(self) -> Array:
        """Weighted sum of squares of each centred feature, shape (n_features,)."""
        features, _, weight = self._centred()
        return np.asarray(np.einsum("t,tf,tf->f", weight, features, features))

    @property
    def target_scatter(self) -> Array:
        """Weighted sum of squares of each centred target, shape (n_outputs,)."""
        _, targets, weight = self._centred()
        return np.asarray(weight @ targets**2)

    def coefficients(
        self, alpha: float, outputs: slice | NDArray[np.bool_] = slice(None)
    ) -> tuple[Array, float]:
        """Return ridge weights as `Gram.coefficients` does."""
        features, targets, weight = self._centred()
        root = np.sqrt(weight)[:, np.newaxis]
        if self._products is None:
            products = dsyrk(1.0, features.T, trans=1, lower=1)
            products *= root
            products *= root.T
            self._products = products
        solution, remedy = solve_shifted(
            self._products, alpha, root * targets[:, outputs]
        )
        return (root * solution).T @ features, remedy

    def squared_error(self, coef: Array, intercept: Array) -> Array:
        """Return the sum of squared errors as `Gram.squared_error` does."""
        features, targets, weight = self._centred()
        offset = self._target_origin - coef @ self._feature_origin - intercept
        return np.asarray(weight @ (targets - features @ coef.T + offset) ** 2)

    def _centred(self) -> tuple[Array, Array, Array]:
        """Return features, targets and weights, centred and gathered into one part."""
        if not self._gathered:
            parts = zip(*self._parts, strict=True)
            features, targets, weight = (np.concatenate(part) for part in parts)
            self._parts = [(features, targets, weight)]
            _move_to_mean(features, self._feature_origin, weight)
            _move_to_mean(targets, self._target_origin, weight)
            self._gathered = True
        return self._parts[0]


def _move_to_mean(rows: Array, origin: Array, weight: Array) -> None:
    mean = weight @ rows / weight.sum()
    rows -= mean
    origin += mean
