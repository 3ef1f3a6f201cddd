"""Linear readouts from their definitions, in long doubles or in loops over rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

Array = NDArray[np.float64]
Long = NDArray[np.longdouble]


def centred_products(F: ArrayLike, Y: ArrayLike, weight: ArrayLike) -> Long:
    """Return the weighted scatter of the joint rows (F | Y), in two passes."""
    rows = np.hstack([np.asarray(F, np.longdouble), np.asarray(Y, np.longdouble)])
    omega = np.asarray(weight, np.longdouble)[:, np.newaxis]
    rows = rows - (omega * rows).sum(axis=0) / omega.sum()
    return (omega * rows).T @ rows


def solve_long(matrix: ArrayLike, right: ArrayLike) -> Long:
    """Solve positive definite equations by Gaussian elimination."""
    A, B = np.array(matrix, np.longdouble), np.array(right, np.longdouble)
    for pivot in range(len(A)):
        below = A[pivot + 1 :, pivot] / A[pivot, pivot]
        A[pivot + 1 :] -= np.outer(below, A[pivot])
        B[pivot + 1 :] -= np.outer(below, B[pivot])
    for row in reversed(range(len(A))):
        B[row] = (B[row] - A[row, row + 1 :] @ B[row + 1 :]) / A[row, row]
    return B


def ridge_long(F: ArrayLike, Y: ArrayLike, alpha: float, weight: ArrayLike) -> Long:
    """Return ridge weights (n_outputs, n_features), the intercept not penalised."""
    products = centred_products(F, Y, weight)
    n = np.shape(F)[1]
    return solve_long(products[:n, :n] + alpha * np.eye(n), products[:n, n:]).T


def cross_validated_errors(
    F: Array, Y: Array, alphas: ArrayLike, weight: Array
) -> Array:
    """Return the mean over outputs of held-out squared error over squared deviation."""
    scatter = np.diag(centred_products(F, Y, weight))[F.shape[1] :].astype(float)
    scores = []
    for alpha in np.asarray(alphas):
        error = np.zeros(Y.shape[1])
        for train, test in KFold(5).split(F):
            model = Ridge(alpha=alpha).fit(F[train], Y[train], weight[train])
            predicted = model.predict(F[test]).reshape(-1, Y.shape[1])
            error += weight[test] @ (Y[test] - predicted) ** 2
        scores.append((error / scatter).mean())
    return np.array(scores)


def discounted_least_squares(
    X: Array, Y: Array, weight: Array, forgetting: float, alpha: float
) -> Array:
    """Return [intercept, coef] (n_outputs, m) in information form.

    Each row discounts what is known. Where anything is discounted, the penalty on each
    weight in turn gets back what it lost in a memory of 1 / (1 - forgetting) rows.
    """
    m = X.shape[1] + 1
    information, right, due = alpha * np.eye(m), np.zeros((m, Y.shape[1])), 0.0
    for x, y, omega in zip(X, Y, weight, strict=True):
        if omega == 0:
            continue
        phi = np.concatenate([[1.0], x])
        information = forgetting * information + omega * np.outer(phi, phi)
        right = forgetting * right + omega * np.outer(phi, y)
        first, due = int(due), due + m * (1 - forgetting)
        for count in range(first, int(due)):
            lost = alpha * (1 - forgetting ** (1 / (1 - forgetting)))
            information[count % m, count % m] += lost
    return np.linalg.solve(information, right).T


def delta_rule(
    X: Array, Y: Array, weight: Array, learning_rate: float, *, normalized: bool
) -> Array:
    """Return [intercept, coef] (n_outputs, m) after one pass of Widrow and Hoff."""
    W = np.zeros((Y.shape[1], X.shape[1] + 1))
    for x, y, omega in zip(X, Y, weight, strict=True):
        phi = np.concatenate([[1.0], x])
        rate = learning_rate * omega / (phi @ phi if normalized else 1.0)
        W += rate * np.outer(y - W @ phi, phi)
    return W
