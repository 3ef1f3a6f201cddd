"""r <- r + W h, for every structure of W, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from seqest._compile import LANES
from seqest.reservoirs.products import PRODUCTS, operand


def matrices():
    rng = np.random.default_rng(0)
    few = sparse.random_array((40, 40), density=0.1, rng=rng).tocsr()
    permutation = sparse.csr_array(np.eye(9)[rng.permutation(9)] * rng.random(9))
    half_empty = np.zeros((5, 5))
    half_empty[3, 0] = 2.0
    return {
        "sparse": (few, "sparse"),
        "dense": (rng.standard_normal((7, 7)), "dense"),
        "ring": (np.roll(np.diag(np.arange(1.0, 7)), 1, axis=0), "shift"),
        "delay line": (np.diag(np.ones(4), -1), "shift"),
        "permutation": (permutation, "shift"),
        "one entry": (half_empty, "shift"),
        "nothing": (sparse.csr_array((6, 6)), "shift"),
        "one unit": (np.array([[0.5]]), "shift"),
    }


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", matrices())
def test_both_kernels_of_a_structure_add_the_product(name, dtype):
    W, expected_structure = matrices()[name]
    structure, arrays = operand(W, dtype)
    assert structure == expected_structure
    n_units = W.shape[0]
    rng = np.random.default_rng(1)
    for shape, product in (
        ((n_units,), PRODUCTS[structure].series),
        ((n_units, LANES), PRODUCTS[structure].lanes),
    ):
        h, r = rng.standard_normal((2, *shape)).astype(dtype)
        expected = r + W @ h
        product(arrays, h, r)
        assert r.dtype == dtype
        # Forty terms of order one, added up in another order.
        np.testing.assert_allclose(r, expected, atol=40 * np.finfo(dtype).eps)


def test_the_matrix_given_is_left_as_it_is():
    W = sparse.csr_array(
        (np.array([1.0, 0.0, 2.0]), np.array([1, 0, 0]), np.array([0, 2, 3])),
        shape=(2, 2),
    )
    operand(W, np.float64)
    assert W.nnz == 3


def test_duplicate_entries_of_a_sparse_matrix_are_summed():
    W = sparse.csr_array(
        (np.array([1.0, 2.0]), np.array([1, 1]), np.array([0, 2, 2])), shape=(2, 2)
    )
    structure, arrays = operand(W, np.float64)
    r = np.zeros(2)
    PRODUCTS[structure].series(arrays, np.array([1.0, 10.0]), r)
    np.testing.assert_array_equal(r, [30.0, 0.0])
