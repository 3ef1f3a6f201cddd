"""The spectral radius of any matrix, part by part of its graph."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from math import ldexp
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.exceptions import ConvergenceWarning

from seqest.reservoirs.matrices import Matrix, Sparse, check_matrix
from seqest.reservoirs.spectral.estimate import Estimate
from seqest.reservoirs.spectral.irreducible import estimate_irreducible

__all__ = ["estimate_radius", "spectral_radius", "warn_if_uncertain"]


def spectral_radius(W: Any) -> float:
    """Return the largest modulus among the eigenvalues of a square matrix.

    The strongly connected parts of the graph of W are taken one by one. A unit on no
    loop adds 0, a single loop the geometric mean of its weights, a multiple of an
    orthogonal matrix its factor. For other parts the eigenvalues are computed: all of
    them while the part is small, else the dominant one, from the right and from the
    left, which confirm each other. The same W gives the same bits.

    Parameters
    ----------
    W : ndarray or sparse array of shape (n_units, n_units)
        Real and finite.

    Returns
    -------
    float
        The spectral radius, with a relative error below 1e-3, usually below 1e-6.

    Raises
    ------
    TypeError
        If W is not numeric or complex.
    ValueError
        If W is not square, or holds NaN or inf.

    Warns
    -----
    ConvergenceWarning
        If that accuracy could not be confirmed, as for eigenvalues that depend on the
        last bits of W.

    References
    ----------
    Jaeger, H. (2001). The "echo state" approach to analysing and training recurrent
    neural networks. GMD Report 148. Golub, G. H. & Van Loan, C. F. (2013). Matrix
    Computations, sections 7.2 (conditioning) and 10.5 (Arnoldi).

    Examples
    --------
    >>> spectral_radius([[0.0, 4.0], [0.25, 0.0]])
    1.0
    """
    found = estimate_radius(check_matrix("spectral_radius", "W", W))
    warn_if_uncertain("spectral_radius", found)
    return found.value


def warn_if_uncertain(owner: str, found: Estimate) -> None:
    """Warn that a spectral radius is not known to the tolerance, if so.

    Parameters
    ----------
    owner : str
        The class or function to name.
    found : Estimate
        What is known.
    """
    if not found.is_certain and found.error > 0:
        message = (
            f"{owner}: the spectral radius of W, about {found.value:.4g}, could not be "
            f"confirmed; it may be off by {found.error:.2g}. Either rounding moves the "
            "largest eigenvalue of W by as much, or too many have nearly its modulus. "
            "Raise density or take another topology."
        )
        warnings.warn(message, ConvergenceWarning, stacklevel=3)


def estimate_radius(W: Matrix) -> Estimate:
    """Return the spectral radius of a finite square matrix, with its error.

    Parameters
    ----------
    W : csr_array or ndarray of shape (n_units, n_units)
        As `check_matrix` returns it.

    Returns
    -------
    Estimate
        Exactly 0 with an error of 0 if the graph of W has no loop.
    """
    weights = W if isinstance(W, np.ndarray) else W.data
    largest = np.abs(weights).max(initial=0.0)
    if largest == 0:
        return Estimate(0.0, 0.0)
    # A power of two rounds nothing, and keeps extreme weights from over- or underflow.
    exponent = int(np.frexp(largest)[1]) - 1
    if isinstance(W, np.ndarray) and W.all():
        parts = [estimate_irreducible(np.ldexp(W, -exponent))]
    else:
        rows: Sparse = sparse.csr_array(W)
        rows.data = np.ldexp(rows.data, -exponent)
        parts = list(_parts(rows))
    value = max(part.value for part in parts)
    error = max(part.value + part.error for part in parts) - value
    return Estimate(ldexp(value, exponent), ldexp(error, exponent))


def _parts(rows: Sparse) -> Iterator[Estimate]:
    """Yield the radius of every strongly connected part; all loops come as one."""
    n_parts, part = connected_components(rows, connection="strong")
    to, source = rows.nonzero()
    inside = part[to] == part[source]
    n_units = np.bincount(part, minlength=n_parts)
    n_links = np.bincount(part[to[inside]], minlength=n_parts)
    yield _loops(part[to[inside]], rows.data[inside], n_units, n_links)
    for label in np.flatnonzero(n_links > n_units):
        members = np.flatnonzero(part == label)
        yield estimate_irreducible(rows[members][:, members])


def _loops(
    part: NDArray[np.int32],
    weight: NDArray[np.float64],
    n_units: NDArray[np.int64],
    n_links: NDArray[np.int64],
) -> Estimate:
    """Return the largest radius of parts with one link a unit, which are loops.

    The eigenvalues of a loop of n units are the n-th roots of its weights' product.
    """
    logarithms = np.bincount(part, np.log(np.abs(weight)), minlength=n_units.size)
    is_loop = n_links == n_units
    radii = np.exp(logarithms[is_loop] / n_units[is_loop])
    return Estimate(float(radii.max(initial=0.0)), 0.0)
