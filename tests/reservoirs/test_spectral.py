"""The spectral radius: against closed forms, all eigenvalues, and hard matrices."""

from __future__ import annotations

from itertools import product
from math import comb, cos, pi, prod, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.sparse.linalg import eigs
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from seqest.reservoirs.matrices import check_matrix
from seqest.reservoirs.spectral import irreducible, krylov, scale, spectral_radius
from seqest.reservoirs.spectral.irreducible import (
    METHODS,
    balanced,
    from_all_eigenvalues,
    from_isometry,
)
from seqest.reservoirs.spectral.krylov import Ritz
from seqest.reservoirs.spectral.radius import estimate_radius
from seqest.reservoirs.topologies import (
    block,
    delay_line,
    delay_line_with_feedback,
    fixed_in_degree,
    loops,
    orthogonal,
    permutation,
    random,
    ring,
    ring_with_jumps,
    scale_free,
    small_world,
)

# Rounding of a few operations on numbers of size one.
EXACT = 1e-13
# Promised of every radius that comes without a warning.
PROMISED = 1e-3


@pytest.fixture(scope="module", autouse=True)
def one_blas_thread():
    """Let NumPy's eigenvalues of small matrices not wait for threads."""
    with threadpool_limits(1):
        yield


def generator(seed=0):
    return np.random.default_rng(seed)


def of_all_eigenvalues(W):
    return np.abs(np.linalg.eigvals(W if isinstance(W, np.ndarray) else W.toarray()))


# Closed forms


@pytest.mark.parametrize("n_units", [1, 2, 7, 5000])
def test_a_ring_has_the_modulus_of_its_weight(n_units):
    assert spectral_radius(ring(n_units)) == 1.0
    assert spectral_radius(-0.3 * ring(n_units)) == pytest.approx(0.3, rel=EXACT)


def test_a_loop_has_the_geometric_mean_of_its_weights():
    weights = [2.0, -3.0, 0.5, 7.0, 0.01]
    W = np.roll(np.diag(weights), 1, axis=0)
    expected = abs(prod(weights)) ** (1 / 5)
    assert spectral_radius(W) == pytest.approx(expected, rel=EXACT)


def test_a_long_loop_of_small_weights_does_not_underflow():
    weights = generator().uniform(1e-5, 1e-3, 3000)  # their product is 1e-11000
    W = sparse.csr_array(weights[:, None] * ring(3000).toarray())
    expected = np.exp(np.log(weights).mean())
    assert spectral_radius(W) == pytest.approx(expected, rel=EXACT)


def test_a_graph_without_loops_has_radius_zero_exactly():
    assert spectral_radius(np.tril(generator().normal(size=(30, 30)), -1)) == 0.0
    assert spectral_radius(delay_line(500)) == 0.0
    # Hidden by an order of the units that is not the graph's.
    order = generator().permutation(30)
    W = np.tril(generator().normal(size=(30, 30)), -1)[order][:, order]
    assert spectral_radius(W) == 0.0


@pytest.mark.parametrize("W", [np.zeros((3, 3)), sparse.csr_array((5, 5)), [[0]]])
def test_a_zero_matrix_has_radius_zero(W):
    assert spectral_radius(W) == 0.0


def test_one_unit_has_the_size_of_its_weight():
    assert spectral_radius([[-0.7]]) == 0.7


def test_the_largest_part_of_a_graph_counts():
    parts = [0.4 * ring(5), 0.9 * orthogonal(30, rng=generator()), [[0.6]], ring(3) / 2]
    W = sparse.block_diag([sparse.coo_array(part) for part in parts]).tolil()
    W[8, 0] = W[38, 7] = 1e6  # one way only: the parts stay apart
    assert spectral_radius(W) == pytest.approx(0.9, rel=EXACT)


@pytest.mark.parametrize("n_units", [2, 50, 251, 1000])
def test_a_multiple_of_an_orthogonal_matrix_has_that_factor(n_units):
    Q = orthogonal(n_units, rng=generator())
    assert spectral_radius(-3.7 * Q) == pytest.approx(3.7, rel=EXACT)


def test_loops_and_permutations_of_one_weight_have_its_size():
    W = loops(4000, lengths={1: 0.2, 3: 0.3, 500: 0.5}, rng=generator())
    assert spectral_radius(0.8 * W) == pytest.approx(0.8, rel=EXACT)
    W = permutation(4000, rng=generator())
    assert spectral_radius(0.8 * W) == pytest.approx(0.8, rel=EXACT)


@pytest.mark.parametrize("feedback", [1.0, 0.25, 1e-3, -0.25])
@pytest.mark.parametrize("n_units", [2, 3, 40, 200, 3000])
def test_a_chain_with_feedback_has_the_radius_of_its_symmetric_twin(n_units, feedback):
    # Eigenvalues 2 sqrt(b) cos(k pi / (N + 1)); NumPy's are those plus rounding, up to
    # 1 + b on 200 units and more.
    expected = 2 * sqrt(abs(feedback)) * cos(pi / (n_units + 1))
    W = delay_line_with_feedback(n_units, feedback_weight=feedback)
    assert spectral_radius(W) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("weight", [0.5, 0.05, -0.3])
def test_a_ring_with_jumps_has_the_radius_of_its_cells(weight):
    n_cells, length = 60, 10
    # The matrix looks alike from each jump, so that eigenvectors turn by a fixed angle
    # from one cell of ten units to the next: 60 matrices of ten units hold them all.
    radii = []
    for angle in 2 * pi * np.arange(n_cells) / n_cells:
        cell = np.diag(np.ones(length - 1), -1).astype(complex)
        cell[0, -1] = np.exp(-1j * angle)
        cell[0, 0] += 2 * weight * np.cos(angle)
        radii.append(np.abs(np.linalg.eigvals(cell)).max())
    W = ring_with_jumps(n_cells * length, jump_length=length, jump_weight=weight)
    assert spectral_radius(W) == pytest.approx(max(radii), rel=1e-6)


def test_two_units_have_the_root_of_their_quadratic():
    for a, b, c, d in product((-2, -1, 0, 1, 3), repeat=4):
        half, determinant = (a + d) / 2, a * d - b * c
        root = sqrt(abs(half**2 - determinant))
        is_real = half**2 >= determinant
        expected = abs(half) + root if is_real else sqrt(determinant)
        found = estimate_radius(check_matrix("", "", [[a, b], [c, d]]))
        # A double root moves by the square root of rounding, which the error covers.
        assert abs(found.value - expected) <= found.error + 1e-14
        assert found.error < 1e-6


# All eigenvalues as the measure


SPARSE = {
    "random": lambda n, rng: random(n, rng=rng),
    "three a unit": lambda n, rng: random(n, density=3 / n, rng=rng),
    "one and a half a unit": lambda n, rng: random(n, density=1.5 / n, rng=rng),
    "signs": lambda n, rng: random(n, density=0.1, distribution="sign", rng=rng),
    "dense": lambda n, rng: rng.normal(size=(n, n)),
    "positive": lambda n, rng: abs(random(n, rng=rng)),
    "negative": lambda n, rng: -abs(random(n, rng=rng)),
    "symmetric": lambda n, rng: (lambda W: (W + W.T).tocsr())(random(n, rng=rng)),
    "skew": lambda n, rng: (lambda W: (W - W.T).tocsr())(random(n, rng=rng)),
    "two ways": lambda n, rng: scale_free(n, n_attachments=2, rng=rng),
    "in-degree": lambda n, rng: fixed_in_degree(n, in_degree=4, rng=rng),
    "lattice": lambda n, rng: small_world(n, rewiring_probability=0, rng=rng),
    "small world": lambda n, rng: small_world(n, n_neighbors=4, rng=rng),
    "blocks": lambda n, rng: block(n, n_blocks=5, between=1e-3, rng=rng),
    "rank two": lambda n, rng: rng.normal(size=(n, 2)) @ rng.normal(size=(2, n)),
    "nearly orthogonal": lambda n, rng: (
        orthogonal(n, rng=rng) + 0.01 / sqrt(n) * rng.normal(size=(n, n))
    ),
    "two groups in turn": lambda n, rng: sparse.block_array(
        [[None, random(n // 2, rng=rng)], [random(n // 2, rng=rng), None]]
    ).tocsr(),
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("n_units", [12, 80, 310])
@pytest.mark.parametrize("kind", SPARSE)
def test_the_radius_is_the_largest_of_all_eigenvalues(kind, n_units, seed):
    W = SPARSE[kind](n_units, generator(seed))
    expected = of_all_eigenvalues(W).max()
    # Far better than promised: the error of a two-sided quotient is second order.
    assert spectral_radius(W) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("kind", SPARSE)
def test_no_method_is_certain_of_a_wrong_radius(kind):
    W = check_matrix("", "", SPARSE[kind](300, generator(2)))
    if isinstance(W, sparse.csr_array):  # the methods take one strong part
        _, part = sparse.csgraph.connected_components(W, connection="strong")
        members = np.flatnonzero(part == np.bincount(part).argmax())
        W = W[members][:, members]
    true = of_all_eigenvalues(W).max()
    for method in METHODS:
        found = method(W)
        if found.is_certain:
            assert found.value == pytest.approx(true, rel=PROMISED)


@given(
    st.integers(1, 7).flatmap(
        lambda n: arrays(
            np.float64, (n, n), elements=st.sampled_from([0.0, 0.0, 1.0, -1.0, 0.5])
        )
    )
)
def test_powers_bound_the_radius_of_any_small_matrix(W):
    found = estimate_radius(check_matrix("", "", W))
    # Exact in integers: the trace of W**k is the sum of the k-th powers of eigenvalues,
    # n of them, and the norm of W**k is at least the k-th power of the largest.
    n = len(W)
    for k in (1, 2, 3, 12):
        power = np.linalg.matrix_power(W, k)
        at_least = (abs(np.trace(power)) / n) ** (1 / k)
        at_most = np.linalg.norm(power, 2) ** (1 / k)
        assert found.value + found.error >= at_least * (1 - 1e-12)
        assert found.value - found.error <= at_most * (1 + 1e-12)


# Large


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_large_random_matrix_is_not_underestimated(seed):
    # ARPACK by default returns up to 2 % less, as if it had converged.
    W = random(3000, rng=generator(seed))
    start = generator(9).normal(size=3000)
    values = eigs(W, k=8, ncv=250, tol=1e-9, v0=start, return_eigenvectors=False)
    assert spectral_radius(W) == pytest.approx(np.abs(values).max(), rel=1e-6)


def test_the_first_krylov_method_is_certain_and_right_where_its_basis_is_a_fraction():
    # On 250 to 500 units the basis of 60 vectors is a fair part of all; weakened to 12,
    # it must either find the largest eigenvalue or say that it has not.
    n_certain = 0
    for seed in range(20):
        W = random(300, rng=generator(seed))
        found = krylov.from_krylov(W, size=12, power=1, n_restarts=40)
        if found.is_certain:
            n_certain += 1
            true = of_all_eigenvalues(W).max()
            assert found.value == pytest.approx(true, rel=PROMISED)
    assert n_certain >= 10


def test_the_same_matrix_gives_the_same_bits():
    W = random(2000, rng=generator())
    assert spectral_radius(W) == spectral_radius(W.copy())


def test_measuring_leaves_the_matrix_as_it_was():
    for W in (random(50, rng=generator()), generator().normal(size=(20, 20))):
        before = W.copy()
        spectral_radius(W)
        scale(W, 0.9)
        assert abs(W - before).max() == 0


# Hard matrices


@pytest.mark.parametrize("exponent", [-1000, -30, 30, 1000])
@pytest.mark.parametrize("n_units", [40, 300])
def test_extreme_weights_neither_overflow_nor_underflow(n_units, exponent):
    W = random(n_units, rng=generator())
    expected = spectral_radius(W)
    W.data = np.ldexp(W.data, exponent)
    found = spectral_radius(W)
    assert found == pytest.approx(np.ldexp(expected, exponent), rel=1e-12, abs=0)
    scaled = scale(W, 0.9)
    assert spectral_radius(scaled) == pytest.approx(0.9, rel=1e-12)


def test_a_triangle_closed_by_a_tiny_weight_has_the_radius_of_its_loop():
    # Ones below the diagonal and e in the corner: eigenvalues x solve
    # x^n = e (1 + x)^(n - 2), by the determinant of a change of rank one.
    n, tiny = 12, 1e-8
    W = np.tril(np.ones((n, n)), -1)
    W[0, -1] = tiny
    coefficients = np.zeros(n + 1)
    coefficients[0] = 1.0
    for k in range(n - 1):
        coefficients[n - k] -= tiny * comb(n - 2, k)
    expected = np.abs(np.roots(coefficients)).max()
    assert spectral_radius(W) == pytest.approx(expected, rel=1e-6)


def test_a_hidden_scaling_of_the_units_changes_nothing():
    W = random(800, rng=generator())
    size = 10.0 ** generator(1).uniform(-6, 6, 800)
    hidden = sparse.csr_array(W.multiply(size[:, None]).multiply(1 / size[None, :]))
    expected = of_all_eigenvalues(W).max()
    assert spectral_radius(hidden) == pytest.approx(expected, rel=1e-6)


def test_a_hidden_scaling_of_a_small_dense_matrix_changes_nothing():
    W = generator().normal(size=(60, 60))
    size = 10.0 ** generator(1).uniform(-8, 8, 60)
    expected = of_all_eigenvalues(W).max()
    hidden = W * size[:, None] / size
    assert spectral_radius(hidden) == pytest.approx(expected, rel=1e-9)


def test_balancing_keeps_the_eigenvalues():
    W = delay_line_with_feedback(30, feedback_weight=0.01)
    even = balanced(W)
    np.testing.assert_allclose(abs(even.toarray()), abs(even.toarray().T), rtol=1e-6)
    np.testing.assert_allclose(
        np.sort(np.linalg.eigvalsh((even + even.T).toarray() / 2)),
        np.sort(2 * 0.1 * np.cos(pi * np.arange(1, 31) / 31)),
        atol=1e-7,  # potentials are solved for to 1e-8
    )


def test_balancing_does_not_depend_on_the_unit_of_weights():
    W = random(400, rng=generator())
    size = 10.0 ** generator(1).uniform(-6, 6, 400)
    hidden = sparse.csr_array(W.multiply(size[:, None]).multiply(1 / size[None, :]))
    even = balanced(hidden).toarray()
    # Potentials are solved for to 1e-8 of the largest, some 14.
    np.testing.assert_allclose(
        balanced(1e-9 * hidden).toarray() / 1e-9, even, rtol=1e-5
    )
    assert np.linalg.norm(even) < 2 * np.linalg.norm(W.toarray())


def grcar(n_units):
    """Eigenvalues with conditions beyond 1e16: rounding alone moves them by tenths."""
    ones = np.ones(n_units)
    bands = [-ones[1:], ones, ones[1:], ones[2:], ones[3:]]
    return sparse.diags_array(bands, offsets=[-1, 0, 1, 2, 3]).tocsr()


@pytest.mark.parametrize("power", [8, 32, 128])
def test_eigenvalues_at_the_mercy_of_rounding_are_not_confirmed(power):
    for n_units in (300, 2000):
        found = krylov.from_krylov(grcar(n_units), size=150, power=power, n_restarts=3)
        assert not found.is_certain


@pytest.mark.parametrize("value", [0.9, 0.98, 0.995, 0.998])
def test_a_tiny_residual_of_a_false_eigenvalue_confirms_nothing(value):
    # Powers of any number below 1 are left and right eigenvectors of a delay line, but
    # for a last element beyond rounding. The one true eigenvalue is 0.
    line, n = delay_line(3000), 3000
    powers = value ** np.arange(n) / np.linalg.norm(value ** np.arange(n))
    right = Ritz(np.array([value + 0j]), powers[None, ::-1] + 0j)
    left = Ritz(np.array([value + 0j]), powers[None] + 0j)
    residual = np.linalg.norm(line @ right.vectors[0] - value * right.vectors[0])
    assert residual < 1e-3
    _, doubt = krylov._confirmed(lambda x: line @ x, lambda y: line.T @ y, right, left)
    assert doubt == np.inf


@pytest.mark.parametrize("side", [0, 1])
def test_a_side_that_has_not_settled_confirms_nothing(monkeypatch, side):
    W = random(400, rng=generator())
    noise = generator(1).normal(size=400) / 200  # a tenth of the vector
    original = krylov._dominant

    def dominant(operator, start, *arguments):
        found = original(operator, start, *arguments)
        is_left = start[0] != generator().standard_normal()
        return Ritz(found.values, found.vectors + (is_left == side) * noise)

    monkeypatch.setattr(krylov, "_dominant", dominant)
    assert not krylov.from_krylov(W, size=60, power=8, n_restarts=12).is_certain


def test_a_side_that_misses_the_largest_eigenvalue_is_noticed(monkeypatch):
    W = random(400, rng=generator())
    assert krylov.from_krylov(W, size=60, power=8, n_restarts=12).is_certain
    misses, original = [True, False], krylov._dominant

    def dominant(*arguments):
        found = original(*arguments)
        n_missed = 2 * misses.pop()  # a pair of conjugate ones
        return Ritz(found.values[n_missed:], found.vectors[n_missed:])

    monkeypatch.setattr(krylov, "_dominant", dominant)
    assert not krylov.from_krylov(W, size=60, power=8, n_restarts=12).is_certain


def test_a_small_part_that_dominates_is_found():
    W = random(2000, rng=generator()).tolil()
    W[0, 1], W[1, 0] = 10.0, -10.0
    found = spectral_radius(W)
    values = eigs(W.tocsr(), k=6, ncv=150, v0=np.ones(2000), return_eigenvectors=False)
    assert found == pytest.approx(np.abs(values).max(), rel=1e-6)
    assert found > 9.9


@pytest.mark.parametrize("n_units", [200, 400])
def test_eigenvalues_at_the_mercy_of_rounding_are_not_given_in_silence(n_units):
    W = grcar(n_units)
    with pytest.warns(ConvergenceWarning, match=r"^spectral_radius: .* may be off by"):
        spectral_radius(W)
    with pytest.warns(ConvergenceWarning, match="^Reservoir: the spectral radius of W"):
        scale(W, 0.9, "Reservoir")


def test_too_many_eigenvalues_of_one_modulus_are_not_given_in_silence(monkeypatch):
    rng = generator()
    W = orthogonal(300, rng=rng)
    W[0] *= 1.05
    assert from_isometry(W).error == np.inf
    weak = krylov.from_krylov(W, size=20, power=1, n_restarts=2)
    assert not weak.is_certain
    only = [lambda block: krylov.from_krylov(block, size=20, power=1, n_restarts=2)]
    monkeypatch.setattr(irreducible, "METHODS", only)
    with pytest.warns(ConvergenceWarning, match="could not be confirmed"):
        spectral_radius(W)


def test_loops_that_cancel_are_told_from_a_radius():
    W = np.array([[1.0, 1.0], [-1.0, -1.0]])  # its square is 0
    found = from_all_eigenvalues(W, 2)
    assert found.value <= found.error < 1e-6


# Scaling


def test_scaling_keeps_the_kind_of_matrix():
    assert isinstance(scale(random(20, rng=generator()), 0.9), sparse.csr_array)
    assert isinstance(scale(np.eye(2), 0.9), np.ndarray)
    assert isinstance(scale([[1, 2], [3, 4]], 0.9), np.ndarray)


def test_scaling_is_one_factor():
    W = random(60, rng=generator())
    ratio = scale(W, 1.7).data / W.data
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-14)


@pytest.mark.parametrize("W", [-0.2 * delay_line(9), 3.0 * delay_line(9).toarray()])
def test_the_radius_of_a_delay_line_is_its_weight(W):
    scaled = sparse.coo_array(scale(W, 0.6))
    np.testing.assert_allclose(abs(scaled.data), 0.6, rtol=1e-15)
    np.testing.assert_array_equal(np.sign(scaled.toarray()), np.sign(W @ np.eye(9)))


def test_several_delay_lines_in_any_order_have_one_weight():
    order = generator().permutation(12)
    lines = sparse.block_diag([delay_line(5), -delay_line(4), delay_line(3)])
    W = scale(lines.toarray()[order][:, order], 0.5)
    np.testing.assert_array_equal(np.unique(np.abs(W)), [0.0, 0.5])


@pytest.mark.parametrize(
    "W",
    [
        np.zeros((4, 4)),
        np.diag([1.0, 2.0, 1.0], -1),  # a chain of two weights
        np.tril(np.ones((4, 4)), -1),  # a tree
        np.outer([0, 1, 1, 1], [1.0, 0, 0, 0]),  # a star
        np.array([[1.0, 1.0], [-1.0, -1.0]]),  # loops that cancel
        random(10, density=0.05, rng=np.random.default_rng(1)),  # too sparse
    ],
)
def test_a_matrix_without_eigenvalues_to_scale_is_refused_with_a_remedy(W):
    message = (
        r"^ESNRegressor\(spectral_radius=0.9\): must be reachable by scaling, but no "
        r"eigenvalue of W differs from 0. Raise density, or take a topology with loops."
    )
    with pytest.raises(ValueError, match=message):
        scale(W, 0.9, "ESNRegressor")


@pytest.mark.parametrize("radius", [0, -0.5, np.nan, np.inf])
def test_a_radius_that_is_not_positive_is_refused_in_words(radius):
    message = rf"^ESNRegressor\(spectral_radius={radius}\): must be in \(0, inf\)"
    with pytest.raises(ValueError, match=message):
        scale(np.eye(2), radius, "ESNRegressor")


@pytest.mark.parametrize(
    ("W", "error", "rule"),
    [
        (np.ones((2, 3)), ValueError, "square"),
        (sparse.csr_array((2, 3)), ValueError, "square"),
        (np.ones(4), ValueError, "square"),
        (1j * np.eye(2), TypeError, "a matrix of real numbers"),
        (np.array([[np.nan]]), ValueError, "free of NaN and inf"),
        (sparse.csr_array([[np.inf]]), ValueError, "free of NaN and inf"),
    ],
)
def test_a_matrix_without_a_radius_is_refused_in_words(W, error, rule):
    with pytest.raises(error, match=rf"^spectral_radius\(W=.*\): must be {rule}"):
        spectral_radius(W)
    with pytest.raises(error, match=rf"^scale\(W=.*\): must be {rule}"):
        scale(W, 0.9)
