"""The dominant eigenvalue of a large matrix, found from both of its sides.

Arnoldi's method with restarts (Golub & Van Loan 2013, section 10.5), written here since
ARPACK with its default subspace stops at times at an eigenvalue that is not the
largest, with a residual that says it has converged. Three things keep that from
happening. It runs on a power of W: a step of the basis is worth as many products, and
eigenvalues of nearly one modulus part, even if they fill a circle. It waits for several
eigenvalues. And the transpose, from another start, must find the same one: the two
eigenvectors give a quotient far more accurate than either run, and the condition of
the eigenvalue.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqest._compile import parallel_map
from seqest.reservoirs.matrices import Matrix
from seqest.reservoirs.spectral.estimate import UNKNOWN, Estimate

__all__ = ["from_krylov"]

Vector: TypeAlias = NDArray[np.float64]
Complex: TypeAlias = NDArray[np.complex128]
Operator: TypeAlias = Callable[[Any], Any]

# Residuals, over the largest modulus, with which the first eigenvalues have settled.
SETTLED = np.array([1e-4, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3])
N_WANTED = SETTLED.size
# What a residual may come to, times the squared condition: the next multiple eigenvalue
# is about one over the condition away.
FAR = 0.1


class Ritz(NamedTuple):
    """Approximate eigenvalues, largest modulus first, and a unit vector of each."""

    values: Complex  # (N_WANTED,)
    vectors: Complex  # (N_WANTED, n)


def from_krylov(block: Matrix, size: int, power: int, n_restarts: int) -> Estimate:
    """Return the modulus of the dominant eigenvalue, with its error.

    Parameters
    ----------
    block : csr_array or ndarray of shape (n, n)
        Strongly connected, n larger than `size`.
    size : int
        Vectors in the basis. Raising it parts more eigenvalues at once.
    power : int
        The power of W that is iterated. Raising it parts closer moduli.
    n_restarts : int
        Restarts of the basis at most.

    Returns
    -------
    Estimate
        The error is the residual times the condition of the eigenvalue. It is large
        if the sides found different ones, since their vectors are then orthogonal.
    """
    n = block.shape[0]
    if n <= size:
        return UNKNOWN
    starts = np.random.default_rng(0).standard_normal((2, n))
    growth = _growth(block, starts[0])
    if growth == 0:
        return UNKNOWN
    # Of size one, lest the powers over- or underflow.
    unit = block * (1 / growth)
    forward = partial(_powered, unit, power)
    backward = partial(_powered, _transposed(unit), power)
    sides = list(zip((forward, backward), starts, strict=True))
    try:
        # The basis is too thin for BLAS to gain by threads; the two sides are not.
        right, left = parallel_map(
            lambda side: _dominant(*side, size, n_restarts), sides
        )
        modulus, doubt = _confirmed(forward, backward, right, left)
    except np.linalg.LinAlgError:  # a basis that overflowed has no eigenvalues
        return UNKNOWN
    value = float(growth * modulus ** (1 / power))
    if doubt == inf:
        return Estimate(value, inf)
    return Estimate(value, float(value * (1 - (1 - doubt) ** (1 / power))))


@np.errstate(all="ignore")
def _confirmed(
    forward: Operator, backward: Operator, right: Ritz, left: Ritz
) -> tuple[float, float]:
    """Return the largest modulus and its relative error, from both sides."""
    largest = max(right.values[0], left.values[0], key=abs)
    x = right.vectors[np.argmin(np.abs(right.values - largest))]
    y = left.vectors[np.argmin(np.abs(left.values - largest))]
    image = forward(x)
    quotient = y @ image / (y @ x)
    residual = max(
        np.linalg.norm(image - quotient * x), np.linalg.norm(backward(y) - quotient * y)
    )
    condition = 1 / abs(y @ x)
    doubt = residual * condition / abs(quotient)
    # That is of first order, and true at a distance from multiple eigenvalues only.
    if not doubt * condition < FAR:
        return abs(largest), inf
    return abs(quotient), doubt


def _powered(block: Any, power: int, vector: Any) -> Any:
    for _ in range(power):
        vector = block @ vector
    return vector


def _transposed(block: Any) -> Any:
    return block.T if isinstance(block, np.ndarray) else block.T.tocsr()


def _growth(block: Any, vector: Vector, n_steps: int = 32) -> float:
    """Return the mean factor by which products with `block` lengthen a vector."""
    logarithm = 0.0
    for _ in range(n_steps):
        vector = block @ vector
        length = float(np.linalg.norm(vector))
        if length == 0:
            return 0.0
        vector, logarithm = vector / length, logarithm + np.log(length)
    return float(np.exp(logarithm / n_steps))


@np.errstate(all="ignore")  # what overflows is found out below
def _dominant(operator: Operator, start: Vector, size: int, n_restarts: int) -> Ritz:
    """Return the dominant Ritz pairs once they have settled, or at the end."""
    basis = np.zeros((size + 1, start.size))
    projected = np.zeros((size + 1, size))
    basis[0] = start / np.linalg.norm(start)
    filled = _extend(operator, basis, projected, 0)
    values, mixing = _eigenvalues(projected[:filled, :filled])
    for _ in range(n_restarts):
        residuals = np.abs(projected[filled, :filled] @ mixing)[:N_WANTED]
        if (residuals <= SETTLED[: residuals.size] * np.abs(values[0])).all():
            break
        kept = _restart(basis, projected, values, mixing)
        filled = _extend(operator, basis, projected, kept)
        values, mixing = _eigenvalues(projected[:filled, :filled])
    return Ritz(values[:N_WANTED], mixing[:, :N_WANTED].T @ basis[:filled])


def _eigenvalues(projected: Vector) -> tuple[Complex, Complex]:
    """Return eigenvalues, largest modulus first, and the eigenvectors as columns."""
    values, vectors = np.linalg.eig(projected)
    order = np.argsort(-np.abs(values))
    return values[order].astype(np.complex128), vectors[:, order]


def _extend(operator: Operator, basis: Vector, projected: Vector, kept: int) -> int:
    """Orthogonalise images until the basis is full; return the vectors that have one.

    They are fewer than the basis holds if they span all that the start can reach.
    """
    size: int = projected.shape[1]
    for j in range(kept, size):
        vector = operator(basis[j])
        length = np.linalg.norm(vector)
        weights = basis[: j + 1] @ vector
        vector -= weights @ basis[: j + 1]
        if np.linalg.norm(vector) < 0.7 * length:  # cancellation: once more is enough
            again = basis[: j + 1] @ vector
            vector -= again @ basis[: j + 1]
            weights += again
        remainder = np.linalg.norm(vector)
        projected[: j + 1, j] = weights
        if remainder <= 1e-12 * length:
            return j + 1
        projected[j + 1, j] = remainder
        basis[j + 1] = vector / remainder
    return size


def _restart(
    basis: Vector,
    projected: Vector,
    values: Complex,
    vectors: Complex,
) -> int:
    """Shrink the basis to the Ritz vectors of largest modulus; return how many."""
    size = projected.shape[1]
    chosen = np.abs(values) >= np.abs(values[size // 3])  # never half of a pair
    upper = vectors[:, chosen & (values.imag >= 0)]
    lower = vectors[:, chosen & (values.imag > 0)]
    mixing = np.linalg.qr(np.hstack([upper.real, lower.imag]))[0]
    kept: int = mixing.shape[1]
    inner, last = mixing.T @ projected[:size] @ mixing, projected[size] @ mixing
    basis[:kept], basis[kept] = mixing.T @ basis[:size], basis[size]
    projected[:] = 0
    projected[:kept, :kept], projected[kept, :kept] = inner, last
    return kept
