"""What every matrix of a reservoir is made of: places, weights, or a user's own."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from seqest._validation import check_choice, check_number, worded

__all__ = [
    "Matrix",
    "Sparse",
    "check_matrix",
    "connect",
    "draw_places",
    "draw_weights",
    "share_of_places",
]

Sparse: TypeAlias = "sparse.csr_array[np.float64, tuple[int, int]]"
Matrix: TypeAlias = "Sparse | NDArray[np.float64]"

DISTRIBUTIONS = ("normal", "sign", "uniform")
AUTO_DEGREE = 10  # connections a unit that density="auto" aims at


def draw_weights(
    owner: str,
    distribution: str,
    shape: int | tuple[int, ...],
    rng: np.random.Generator,
    name: str = "distribution",
) -> NDArray[np.float64]:
    """Return independent weights, symmetric around zero and of unit scale.

    Parameters
    ----------
    owner : str
        The function whose argument `distribution` is.
    distribution : {"uniform", "normal", "sign"}
        U[-1, 1], N(0, 1), or +1 and -1 with equal chances.
    shape : int or tuple of int
        Of the result.
    rng : Generator
        Source of random numbers.
    name : str, default="distribution"
        What the argument is called, for errors.

    Returns
    -------
    ndarray
        The weights.

    Raises
    ------
    ValueError
        If `distribution` is none of the three.
    """
    check_choice(owner, name, distribution, DISTRIBUTIONS)
    if distribution == "uniform":
        return rng.uniform(-1.0, 1.0, shape)
    if distribution == "normal":
        return rng.standard_normal(shape)
    return rng.choice([-1.0, 1.0], shape)


def draw_places(
    n_places: int, n_drawn: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return `n_drawn` of `n_places` places in order, all such sets equally likely.

    Time and memory follow `n_drawn`, not `n_places`: those drawn twice are drawn again.
    The law is uniform since nothing here tells one place from another.

    Parameters
    ----------
    n_places : int
        Places are numbered from 0.
    n_drawn : int
        How many to take, without replacement.
    rng : Generator
        Source of random numbers.

    Returns
    -------
    ndarray of shape (n_drawn,)
        Increasing numbers.
    """
    if 2 * n_drawn > n_places:
        left_out = draw_places(n_places, n_places - n_drawn, rng)
        return np.delete(np.arange(n_places), left_out)
    drawn = np.zeros(0, np.int64)
    while drawn.size < n_drawn:
        more = rng.integers(n_places, size=n_drawn - drawn.size)
        drawn = np.sort(np.append(drawn, more))
        drawn = drawn[np.diff(drawn, prepend=-1) > 0]
    return drawn


def share_of_places(
    owner: str, density: float | Literal["auto"], n_sources: float
) -> float:
    """Return the share of places to connect: `density`, or that of ten a unit.

    ``"auto"`` divides ten by the number of places a unit has, `n_sources`; a `density`
    outside (0, 1] raises ValueError in the name of `owner`.
    """
    if density == "auto":
        return min(1.0, AUTO_DEGREE / n_sources)
    remedy = f"'auto' makes about {AUTO_DEGREE} connections a unit."
    return check_number(owner, "density", density, "(0, 1]", remedy)


def connect(
    n_units: int,
    to: NDArray[np.int64],
    source: NDArray[np.int64],
    weight: NDArray[np.float64] | float = 1.0,
) -> Sparse:
    """Return W with ``W[to, source] = weight`` and nothing else.

    Parameters
    ----------
    n_units : int
        W is of shape (n_units, n_units).
    to, source : ndarray of shape (n_connections,)
        The units that each connection leads to and comes from, no pair twice.
    weight : float or ndarray of shape (n_connections,), default=1.0
        The weights.

    Returns
    -------
    csr_array of shape (n_units, n_units)
        Stored (to, from), float64.
    """
    weight = np.broadcast_to(np.asarray(weight, np.float64), to.shape)
    return sparse.csr_array((weight, (to, source)), shape=(n_units, n_units))


def check_matrix(
    owner: str, name: str, value: Any, shape: tuple[int, int] | None = None
) -> Matrix:
    """Return a user's matrix as float64: sparse stays sparse, and nothing is shared.

    Parameters
    ----------
    owner, name : str
        The class or function and its argument, for errors.
    value : array-like or sparse array
        The matrix.
    shape : tuple of int, optional
        What its shape must be; by default any square is good.

    Returns
    -------
    csr_array or ndarray
        A copy.

    Raises
    ------
    TypeError
        If `value` is no matrix of real numbers.
    ValueError
        If its shape is another, or if it holds NaN or inf.
    """
    is_sparse = sparse.issparse(value)
    try:
        given = value if is_sparse else np.asarray(value)
    except ValueError as error:
        raise ValueError(worded(owner, name, value, "a matrix")) from error
    if given.dtype.kind not in "buif":
        rule = f"a matrix of real numbers, not {given.dtype}"
        raise TypeError(worded(owner, name, value, rule))
    rule = "square" if shape is None else f"of shape {shape}"
    if given.ndim != 2 or given.shape != (shape or given.shape[:1] * 2):
        raise ValueError(worded(owner, name, given, rule))
    matrix = _as_rows(given) if is_sparse else np.array(given, np.float64, order="C")
    entries = matrix if isinstance(matrix, np.ndarray) else matrix.data
    if not np.isfinite(entries).all():
        raise ValueError(worded(owner, name, value, "free of NaN and inf"))
    return matrix


def _as_rows(given: Any) -> Sparse:
    rows: Sparse = sparse.csr_array(given, dtype=np.float64, copy=True)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    return rows
