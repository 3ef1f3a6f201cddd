"""The spectral radius of one strongly connected part: methods tried in turn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse.linalg import cg

from seqest.reservoirs.matrices import Matrix
from seqest.reservoirs.spectral.estimate import TOLERANCE, UNKNOWN, Estimate
from seqest.reservoirs.spectral.krylov import from_krylov

__all__ = ["balanced", "estimate_irreducible", "from_all_eigenvalues", "from_isometry"]

SMALL = 250  # units up to which all eigenvalues take no longer than the dominant one
LARGEST = 1500  # units up to which they are tried, for seconds, if that one is unclear
BUDGET = 2e10  # multiplications that another attempt may take, some ten seconds


def estimate_irreducible(block: Matrix) -> Estimate:
    """Return the spectral radius of a strongly connected matrix, with its error.

    Parameters
    ----------
    block : csr_array or ndarray of shape (n, n)
        Weights less than 2 in size.

    Returns
    -------
    Estimate
        That of the first method that is certain, else the most certain one.
    """
    block = balanced(block)
    best = UNKNOWN
    for method in METHODS:
        found = method(block)
        if found.is_certain:
            return found
        best = min(best, found, key=lambda estimate: (estimate.error, -estimate.value))
    return best


def balanced(block: Matrix) -> Matrix:
    """Return a similar matrix whose weights are as large there as back, if that helps.

    W is multiplied by a diagonal D from the right, its inverse from the left. log D
    solves a least-squares problem on the graph, to make all weights equal in size; if
    any D makes their sizes symmetric, it is this one. Eigenvalues that rounding hides
    may then come to light: of a chain with weak feedback, 2 sqrt(r b), where W itself
    seems to have up to r + b.

    Parameters
    ----------
    block : csr_array or ndarray
        Strongly connected. One without zeros is left as it is.

    Returns
    -------
    csr_array or ndarray
        The similar matrix if its norm is clearly smaller, else `block`.
    """
    if isinstance(block, np.ndarray):
        return block
    n = block.shape[0]
    to, source = block.nonzero()
    links = sparse.csr_array((np.ones(block.nnz), (to, source)), shape=(n, n))
    degree = np.bincount(to, minlength=n) + np.bincount(source, minlength=n)
    laplacian = sparse.diags_array(degree.astype(np.float64)) - links - links.T
    size = np.log(np.abs(block.data))
    size -= size.mean()
    flow = np.bincount(to, size, minlength=n) - np.bincount(source, size, minlength=n)
    log_d, _ = cg(laplacian, flow, rtol=1e-8, maxiter=n)
    result = block.copy()
    with np.errstate(over="ignore"):
        result.data = block.data * np.exp(log_d[source] - log_d[to])
    shrunk = np.linalg.norm(result.data) < 0.9 * np.linalg.norm(block.data)
    return result if shrunk else block


def from_isometry(block: Matrix) -> Estimate:
    """Return the factor c if `block` is c times an orthogonal matrix, or nearly so.

    Every eigenvalue then has the modulus c. ``E = W'W / c**2 - I`` is applied to four
    random vectors: the images are twice as long, in the mean square, as the Frobenius
    norm of E, half of which bounds the relative error. Halves are left for bad luck.

    Parameters
    ----------
    block : csr_array or ndarray of shape (n, n)
        Any.

    Returns
    -------
    Estimate
        Unknown unless `block` is near such a matrix.
    """
    vectors = np.random.default_rng(0).standard_normal((block.shape[0], 4))
    images: NDArray[np.float64] = np.asarray(block @ vectors)
    square = np.sum(images**2) / np.sum(vectors**2)
    if square == 0:
        return UNKNOWN
    departure = float(np.linalg.norm(block.T @ images / square - vectors))
    factor = float(np.sqrt(square))
    found = Estimate(factor, factor * departure)
    return found if found.is_certain else UNKNOWN


def from_all_eigenvalues(block: Matrix, largest: int) -> Estimate:
    """Return the largest modulus among all eigenvalues of a balanced dense matrix.

    The eigenvalues found are those of a matrix within rounding of that one. How far
    this moves the largest is told by its condition, 1 / |y'x| for unit left and right
    eigenvectors, or by bounds of the largest where these are closer.

    Parameters
    ----------
    block : csr_array or ndarray of shape (n, n)
        Any.
    largest : int
        Nothing is said if n is larger.

    Returns
    -------
    Estimate
        With the error that rounding causes.
    """
    if block.shape[0] > largest:
        return UNKNOWN
    dense = block if isinstance(block, np.ndarray) else block.toarray()
    # `linalg.matrix_balance` takes extreme scales for integers.
    even = linalg.lapack.dgebal(dense, scale=True, permute=False)[0]
    value, error = _largest(even)
    if error > TOLERANCE * value:
        # Exact multiple eigenvalues have no condition until rounding splits them.
        noise = np.random.default_rng(0).standard_normal(even.shape)
        other, other_error = _largest(even + _rounding(even) / len(even) * noise)
        low, high = _bounds(even)
        split = abs(other - value) + other_error
        error = min(error, split, max(value - low, high - value))
    return Estimate(value, error)


def _largest(matrix: NDArray[np.float64]) -> Estimate:
    """Return the largest modulus, and what its condition makes of rounding."""
    values, left, right = linalg.eig(matrix, left=True, right=True)  # type: ignore[misc]
    top = np.argmax(np.abs(values))
    overlap = float(abs(np.vdot(left[:, top], right[:, top])))
    return Estimate(float(abs(values[top])), _rounding(matrix) / max(overlap, 1e-300))


def _rounding(matrix: NDArray[np.float64], power: int = 1) -> float:
    """Return what rounding adds to the eigenvalues, or to a power, of a matrix."""
    size = float(np.linalg.norm(matrix)) ** power
    return 10 * power * float(np.finfo(np.float64).eps) * size


def _bounds(matrix: NDArray[np.float64]) -> tuple[float, float]:
    """Return bounds of the spectral radius by powers of W, rounding included.

    It lies between ``abs(trace(W**k) / n) ** (1 / k)`` and ``norm(W**k) ** (1 / k)``.
    """
    low, high, product = 0.0, float(np.linalg.norm(matrix)), matrix
    for power in (1, 2, 4, 8, 16):
        rounding = _rounding(matrix, power)
        mean = abs(float(np.trace(product))) / len(matrix) - rounding
        low = max(low, max(mean, 0.0) ** (1 / power))
        high = min(high, (float(np.linalg.norm(product)) + rounding) ** (1 / power))
        product = product @ product
    return low, high


def _from_more_krylov(
    block: Matrix, size: int, power: int, n_restarts: int
) -> Estimate:
    """Try `from_krylov` again if it may take less than all eigenvalues, or seconds."""
    n_products = 2 * power * (size + n_restarts * size * 2 // 3)
    if n_products * block.size > min(BUDGET, 5 * block.shape[0] ** 3):
        return UNKNOWN
    return from_krylov(block, size, power, n_restarts)


METHODS: tuple[Callable[[Matrix], Estimate], ...] = (
    from_isometry,
    partial(from_all_eigenvalues, largest=SMALL),
    partial(from_krylov, size=60, power=8, n_restarts=12),
    partial(_from_more_krylov, size=100, power=32, n_restarts=8),
    partial(_from_more_krylov, size=150, power=128, n_restarts=5),
    partial(from_all_eigenvalues, largest=LARGEST),
)
