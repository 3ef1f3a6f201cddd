"""Linear regressors of scikit-learn, and pipelines, taken apart into polynomials."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from seqest._compile import kernel

__all__ = ["Polynomial", "evaluate_polynomial", "polynomial_of", "steps_of"]

Array = NDArray[Any]
ONE = np.uint64(1)


class Polynomial(NamedTuple):
    """What a regressor computes of columns h, if it is a polynomial of these.

    ``Σ_k weights[k] Π_d z[factors[k, d]]`` with ``z = (1, (h - mean) / scale)``.
    """

    mean: Array  # (n_columns,)
    scale: Array
    factors: NDArray[np.uint64]  # (n_terms, degree)
    weights: Array  # (n_terms, n_outputs)

    @property
    def kind(self) -> str:
        """What it is, among formulas."""
        return "polynomial"

    def arrays(self) -> tuple[Array, ...]:
        """Return it as `evaluate_polynomial` takes it, with room to work in."""
        mean, scale, factors, weights = self
        z, products = np.ones(mean.size + 1), np.empty(len(factors))
        return mean, scale, factors, np.ascontiguousarray(weights.T), z, products

    def __call__(self, H: Array) -> Array:
        """Return its values, shape (n_rows, n_outputs)."""
        Z = np.column_stack([np.ones(len(H)), (H - self.mean) / self.scale])
        values: Array = Z[:, self.factors].prod(axis=2) @ self.weights
        return values


def steps_of(regressor: Any) -> list[Any]:
    """Return the steps of a pipeline that do something, or a regressor alone."""
    if type(regressor) is not Pipeline:  # others may predict as they like
        return [regressor]
    return [step for _, step in regressor.steps if step not in (None, "passthrough")]


def polynomial_of(regressor: Any, H: Array) -> Polynomial | None:
    """Return what a regressor computes if it is one of scikit-learn's linear ones.

    Or a pipeline of such with `StandardScaler` and `PolynomialFeatures` before it.

    Parameters
    ----------
    regressor : object
        Fitted.
    H : ndarray of shape (n_rows, n_columns)
        Rows, on some of which it is held to be right; generalized linear models, which
        have weights too, are not.

    Returns
    -------
    Polynomial or None
        In float64.
    """
    steps = steps_of(regressor)
    weights = getattr(steps[-1], "coef_", None)
    if weights is None or not type(steps[-1]).__module__.startswith("sklearn."):
        return None
    weights = np.atleast_2d(np.asarray(weights, np.float64)).T
    intercept = np.atleast_1d(np.asarray(steps[-1].intercept_, np.float64))
    found = _expanded(steps[:-1], H.shape[1], weights, intercept)
    if found is None:
        return None
    H = H[:: 1 + len(H) // 1000]
    told = np.asarray(regressor.predict(H)).reshape(len(H), -1)
    size = found._replace(weights=np.abs(found.weights))(np.abs(H)).max(axis=0)
    # As close as sums in the precision of the rows.
    close = 1e4 * np.finfo(H.dtype).eps * (1 + size)
    same = told.shape == (len(H), size.size) and np.all(
        np.abs(found(H) - told) <= close
    )
    return found if same else None


def _expanded(
    steps: list[Any], n_columns: int, weights: Array, intercept: Array
) -> Polynomial | None:
    """Return a polynomial of what comes before weights; None if it is none."""
    mean, scale = np.zeros(n_columns), np.ones(n_columns)
    powers = np.eye(n_columns, dtype=int)
    mean_of_terms, scale_of_terms = np.zeros(n_columns), np.ones(n_columns)
    expanded = False
    for step in steps:
        if type(step) is PolynomialFeatures and not expanded:
            mean, scale, powers = mean_of_terms, scale_of_terms, step.powers_
            mean_of_terms, scale_of_terms = np.zeros(len(powers)), np.ones(len(powers))
            expanded = True
        elif type(step) is StandardScaler:
            if step.with_mean:
                mean_of_terms = mean_of_terms + scale_of_terms * step.mean_
            if step.with_std:
                scale_of_terms = scale_of_terms * step.scale_
        else:
            return None
    if len(powers) != len(weights) or intercept.size not in (1, weights.shape[1]):
        return None
    weights = weights / scale_of_terms[:, np.newaxis]
    constant = intercept - mean_of_terms @ weights
    return Polynomial(
        mean,
        scale,
        _factors(np.vstack([np.zeros(n_columns, int), powers])),
        np.vstack([np.broadcast_to(constant, weights.shape[1:]), weights]),
    )


def _factors(powers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return powers (n_terms, n_columns) as factors, 0 for those that are one."""
    factors = np.zeros((len(powers), max(1, powers.sum(axis=1).max())), np.uint64)
    for k, own in enumerate(powers):
        several = np.repeat(np.arange(1, own.size + 1), own)
        factors[k, : several.size] = several
    return factors


@kernel
def evaluate_polynomial(formula: Any, h: Any, y: Any) -> None:
    """Fill y with the values of a polynomial of columns h."""
    mean, scale, factors, weights, z, products = formula
    for c in range(h.size):
        z[c + 1] = (h[c] - mean[c]) / scale[c]
    for k in range(np.uint64(factors.shape[0])):
        product = z[factors[k, 0]]
        for d in range(ONE, np.uint64(factors.shape[1])):
            product *= z[factors[k, d]]
        products[k] = product
    # Each sum in a register: in y it would wait for memory at every term.
    for j in range(y.size):
        total = 0.0
        for k in range(products.size):
            total += weights[j, k] * products[k]
        y[j] = total
