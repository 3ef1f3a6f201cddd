"""r <- r + W h, by the structure of W: dense, sparse, or at most one entry a row.

The structure is read off the matrix, so a user's own W runs as fast as a topology's.
Each structure has two kernels: for one state ``(n,)``, and for `LANES` states side by
side ``(n, LANES)``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from seqest._compile import kernel, load, multiply_add, store

__all__ = ["PRODUCTS", "Product", "operand"]

# Above this share of nonzeros a dense product, which needs no indices, is quicker.
DENSE_SHARE = 0.3
ONE, TWO = np.uint64(1), np.uint64(2)


class Product(NamedTuple):
    """The two kernels of one structure of W; each adds W h to r."""

    series: Any
    lanes: Any


def operand(
    W: Any, dtype: Any, structure: str | None = None
) -> tuple[str, tuple[NDArray[Any], ...]]:
    """Return the structure of W and the arrays its kernels take.

    Parameters
    ----------
    W : ndarray or sparse array of shape (n_units, n_units)
        Stored (to, from).
    dtype : dtype
        Of the states.
    structure : str, optional
        The structure to use; by default the quickest that W has.

    Returns
    -------
    structure : {"shift", "sparse", "dense"}
        A key of `PRODUCTS`.
    arrays : tuple of ndarray
        The first argument of the kernels. Indices are unsigned, since Numba spends
        time on wrapping negative ones.
    """
    if structure != "sparse" and isinstance(W, np.ndarray) and len(W) > 1 and W.all():
        return "dense", (np.array(W, dtype, order="C"),)
    rows = sparse.csr_array(W, copy=True)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    structure = structure or _structure(rows)
    if structure == "dense":
        return structure, (np.ascontiguousarray(rows.toarray(), dtype),)
    if structure == "shift":
        return structure, _shift(rows, dtype)
    return structure, _paired(rows, dtype)


def _structure(rows: Any) -> str:
    if np.diff(rows.indptr).max(initial=0) <= 1:
        return "shift"
    return "dense" if rows.nnz > DENSE_SHARE * np.prod(rows.shape) else "sparse"


def _paired(rows: Any, dtype: Any) -> tuple[NDArray[Any], ...]:
    """Return compressed rows, each filled up with a zero to an even number of entries.

    Then a row is a loop over pairs without a rest.
    """
    counts = np.diff(rows.indptr)
    start = np.concatenate([[0], np.cumsum(counts + counts % 2)])
    places = np.arange(rows.nnz) + np.repeat(start[:-1] - rows.indptr[:-1], counts)
    data, column = np.zeros(start[-1], dtype), np.zeros(start[-1], np.uint32)
    data[places], column[places] = rows.data, rows.indices
    return data, column, start.astype(np.uint32)


def _shift(rows: Any, dtype: Any) -> tuple[NDArray[Any], ...]:
    """Return the weight and source of each row's only entry, and where it wraps.

    Where unit i takes from unit i - 1 throughout (a ring, a delay line), the last
    array holds 1 and the product is a shift without indices.
    """
    n_units, counts = rows.shape[0], np.diff(rows.indptr)
    weight = np.zeros(n_units, dtype)
    weight[counts > 0] = rows.data
    source = (np.arange(n_units) - 1) % n_units
    source[counts > 0] = rows.indices
    consecutive = bool(np.all(source == (np.arange(n_units) - 1) % n_units))
    return weight, source.astype(np.uint32), np.array([consecutive], np.uint32)


@kernel
def sparse_series(W: Any, h: Any, r: Any) -> None:
    """Add W h to r for W in compressed rows of pairs; two sums, for parallel adds."""
    data, column, start = W
    k = np.uint64(0)
    for i in range(r.size):
        first = r[i]
        second = first - first
        end = np.uint64(start[i + 1])
        while k < end:
            first += data[k] * h[column[k]]
            second += data[k + ONE] * h[column[k + ONE]]
            k += TWO
        r[i] = first + second


@kernel
def sparse_lanes(W: Any, h: Any, r: Any) -> None:
    """Add W h to r for W in compressed rows and states (n, LANES)."""
    data, column, start = W
    for i in range(r.shape[0]):
        total = load(r, i)
        for k in range(start[i], start[i + 1]):
            total = multiply_add(data[k], load(h, column[k]), total)
        store(r, i, total)


@kernel
def dense(W: Any, h: Any, r: Any) -> None:
    """Add W h to r for a dense W, and one state or many."""
    r += np.dot(W[0], h)


@kernel
def shift_series(W: Any, h: Any, r: Any) -> None:
    """Add W h to r for at most one entry a row."""
    weight, source, consecutive = W
    if consecutive[0]:
        r[0] += weight[0] * h[h.size - 1]
        for i in range(1, r.size):
            r[i] += weight[i] * h[i - 1]
    else:
        for i in range(r.size):
            r[i] += weight[i] * h[source[i]]


@kernel
def shift_lanes(W: Any, h: Any, r: Any) -> None:
    """Add W h to r for at most one entry a row and states (n, LANES)."""
    weight, source, _ = W
    for i in range(r.shape[0]):
        store(r, i, multiply_add(weight[i], load(h, source[i]), load(r, i)))


PRODUCTS = {
    "dense": Product(dense, dense),
    "shift": Product(shift_series, shift_lanes),
    "sparse": Product(sparse_series, sparse_lanes),
}
