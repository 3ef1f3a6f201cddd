"""Symmetric positive semidefinite equations with a multiple of the identity added."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.linalg.lapack import dpocon, dpotrf, dpotrs

__all__ = ["solve_shifted"]

Array = NDArray[np.float64]

EPSILON: Final = float(np.finfo(np.float64).eps)
KEPT_DIGITS: Final = 1e-12  # the reciprocal condition number a remedy aims at
COLUMNS: Final = 64  # read at a time where a copy of the matrix is not to be made


def solve_shifted(matrix: Array, alpha: float, right: Array) -> tuple[Array, float]:
    """Solve ``(matrix + alpha * identity) @ solution = right``.

    By Cholesky in one copy of the matrix, scaled to a unit diagonal, so that features
    of very different size are no reason for doubt. Where LAPACK's estimate of the
    reciprocal condition number is lost in rounding, the solution of least norm is
    returned: directions whose eigenvalue is no more than rounding get nothing.

    Parameters
    ----------
    matrix : ndarray of shape (n, n)
        Symmetric positive semidefinite, in Fortran order; only its lower triangle is
        read, and it stays as it is.
    alpha : float
        What is added to the diagonal, at least 0.
    right : ndarray of shape (n, k)
        Right-hand sides.

    Returns
    -------
    solution : ndarray of shape (n, k)
        The solution.
    remedy : float
        0 if the equations are well conditioned, else an `alpha` that makes them so.
    """
    factor = _shifted(matrix, alpha)
    diagonal = matrix.diagonal() + alpha
    # A row of zeros (a constant feature) has the solution 0 on any scale.
    scale = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    factor *= scale
    factor *= scale[:, np.newaxis]
    np.einsum("ii->i", factor)[:] = 1.0
    norm = _one_norm(factor)
    factor, failed = dpotrf(factor, lower=1, clean=0, overwrite_a=1)
    # What a pivot of singular equations comes to is the rounding of n terms. A penalty
    # that stands out from rounding keeps pivots away from there.
    stands_out = alpha * scale.min() ** 2 > EPSILON * norm
    least = EPSILON if stands_out else len(matrix) * EPSILON
    if failed or dpocon(factor, norm, uplo="L")[0] < least:
        del factor
        return _least_norm(matrix, alpha, right)
    scaled = np.asfortranarray(right * scale[:, np.newaxis])
    solution, _ = dpotrs(factor, scaled, lower=1, overwrite_b=1)
    solution *= scale[:, np.newaxis]
    return solution, 0.0


def _shifted(matrix: Array, alpha: float) -> Array:
    copy = np.array(matrix, order="F")
    np.einsum("ii->i", copy)[:] += alpha
    return copy


def _one_norm(matrix: Array) -> float:
    """Return the largest column sum of magnitudes, from the lower triangle alone."""
    sums = np.zeros(len(matrix))
    for start in range(0, len(matrix), COLUMNS):
        columns = slice(start, start + COLUMNS)
        below = np.abs(matrix[start:, columns])
        below[:COLUMNS] = np.tril(below[:COLUMNS])
        sums[start:] += below.sum(axis=1)
        sums[columns] += below.sum(axis=0) - below.diagonal()
    return float(sums.max())


def _least_norm(matrix: Array, alpha: float, right: Array) -> tuple[Array, float]:
    values, vectors = eigh(
        _shifted(matrix, alpha), lower=True, overwrite_a=True, check_finite=False
    )
    lost = values <= len(values) * EPSILON * values[-1]
    images = vectors.T @ right
    images[lost] = 0.0
    images[~lost] /= values[~lost, np.newaxis]
    return vectors @ images, KEPT_DIGITS * float(values[-1])
