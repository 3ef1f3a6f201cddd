"""Laws of every topology, whatever it connects."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Mapping
from inspect import signature
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_limits

from seqest.reservoirs.matrices import Matrix
from seqest.reservoirs.recurrent_weights import draw
from seqest.reservoirs.spectral import scale
from seqest.reservoirs.topologies import TOPOLOGIES
from tests.contracts.tables.topologies import TABLE, Promise

ROWS = [
    pytest.param(name, promise, id=" ".join([name, *map(str, promise.parameters)]))
    for name, promises in TABLE.items()
    for promise in promises
]


@pytest.fixture(scope="module", autouse=True)
def one_blas_thread() -> Iterator[None]:
    """Let NumPy's eigenvalues of small matrices not wait for threads."""
    with threadpool_limits(1):
        yield


def drawn(name: str, n_units: int, parameters: Mapping[str, Any], seed: int) -> Matrix:
    topology = TOPOLOGIES[name]
    if "rng" in signature(topology).parameters:
        parameters = {**parameters, "rng": np.random.default_rng(seed)}
    return topology(n_units, **parameters)


def dense(W: Matrix) -> np.ndarray:
    return W if isinstance(W, np.ndarray) else W.toarray()


def test_the_table_names_every_topology_once():
    assert set(TABLE) == set(TOPOLOGIES)


@pytest.mark.parametrize("n_units", [24, 41, 300])
@pytest.mark.parametrize(("name", "promise"), ROWS)
def test_a_topology_is_square_real_finite_and_connected_as_promised(
    name: str, promise: Promise, n_units: int
):
    W = drawn(name, n_units, promise.parameters, seed=1)
    assert W.shape == (n_units, n_units)
    assert W.dtype == np.float64
    assert np.isfinite(dense(W)).all()
    assert np.count_nonzero(dense(W)) == promise.n_connections(n_units)


@pytest.mark.parametrize(("name", "promise"), ROWS)
def test_a_sparse_topology_stores_each_connection_once_and_in_order(
    name: str, promise: Promise
):
    W = drawn(name, 41, promise.parameters, seed=1)
    if isinstance(W, np.ndarray):
        assert np.count_nonzero(W) == W.size, "nothing is gained by storing zeros"
        return
    assert isinstance(W, sparse.csr_array)
    assert W.has_canonical_format
    assert W.nnz == np.count_nonzero(W.toarray())


@pytest.mark.parametrize(("name", "promise"), ROWS)
def test_a_topology_depends_on_its_generator_alone(name: str, promise: Promise):
    first, again, other = (
        dense(drawn(name, 41, promise.parameters, seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, other) == (not promise.by_chance)


# Below and above the size up to which all eigenvalues are computed; one is prime.
@pytest.mark.parametrize(("n_units", "radius"), [(24, 0.5), (41, 2.5), (300, 0.9)])
@pytest.mark.parametrize(("name", "promise"), ROWS)
def test_scaling_gives_the_spectral_radius_asked_for(
    name: str, promise: Promise, n_units: int, radius: float
):
    W = dense(scale(drawn(name, n_units, promise.parameters, seed=1), radius))
    if name == "delay_line":  # nilpotent: the radius is that of the weights
        np.testing.assert_allclose(W[np.nonzero(W)], radius, rtol=1e-15)
        return
    if name == "delay_line_with_feedback":
        # NumPy's eigenvalues of W itself are wrong from some 100 units on; those of
        # the symmetric matrix D W / D are not, nor are those of the skew one.
        W = np.sqrt(np.abs(W * W.T)) * np.sign(W)
    measured = np.abs(np.linalg.eigvals(W)).max()
    # 1e-3 is promised above SMALL units; 1e-5 is what every one of these reaches.
    assert measured == pytest.approx(radius, rel=1e-5)


@pytest.mark.parametrize("name", TOPOLOGIES)
def test_drawing_by_name_is_calling_the_topology(name: str):
    W = draw(name, 41, rng=np.random.default_rng(5))
    np.testing.assert_array_equal(dense(W), dense(drawn(name, 41, {}, seed=5)))


@pytest.mark.parametrize("n_units", [0, -3])
@pytest.mark.parametrize("name", TOPOLOGIES)
def test_too_few_units_are_refused_in_words(name: str, n_units: int):
    with pytest.raises(ValueError, match=rf"^{name}\(n_units={n_units}\): must be"):
        drawn(name, n_units, {}, seed=0)


@pytest.mark.parametrize("name", TOPOLOGIES)
def test_a_number_of_units_that_is_no_integer_is_refused_in_words(name: str):
    with pytest.raises(TypeError, match=rf"^{name}\(n_units=7.5\): must be"):
        drawn(name, 7.5, {}, seed=0)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(set(TOPOLOGIES) - {"orthogonal"}))
def test_drawing_a_large_sparse_topology_takes_memory_for_its_connections_alone(
    name: str,
):
    n_units = 4000
    drawn(name, 50, {}, seed=0)  # what is imported late is not counted
    tracemalloc.start()
    try:
        W = drawn(name, n_units, {}, seed=0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # 12 bytes are kept for a connection; 40 numbers of 8 bytes leave ample room to
    # work, and are less than one byte for each pair of units.
    assert peak < 40 * 8 * max(W.nnz, n_units) < n_units**2
