"""Which unit hears which: each topology against loops and laws of chance."""

from __future__ import annotations

from functools import partial
from itertools import combinations, permutations
from math import comb

import numpy as np
import pytest
from scipy import sparse, stats

from seqest.reservoirs.matrices import draw_places, draw_weights
from seqest.reservoirs.recurrent_weights import draw
from seqest.reservoirs.topologies import (
    TOPOLOGIES,
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

# A test of chance is made once, with a fixed seed. Its p-value lies below this bound
# for one right topology in ten thousand.
UNLIKELY = 1e-4


def generator(seed=0):
    return np.random.default_rng(seed)


# Rings and chains


def test_a_ring_hands_the_state_of_each_unit_to_the_next():
    state = np.arange(1.0, 8.0)
    np.testing.assert_array_equal(ring(7) @ state, np.roll(state, 1))


def test_one_unit_alone_is_a_ring():
    np.testing.assert_array_equal(ring(1).toarray(), [[1.0]])


def test_a_delay_line_hands_on_and_forgets_at_its_end():
    np.testing.assert_array_equal(delay_line(4) @ [1.0, 2, 3, 4], [0.0, 1, 2, 3])


def test_a_delay_line_with_feedback_also_hands_back():
    W = delay_line_with_feedback(4, feedback_weight=0.3)
    expected = [0.3 * 2, 1 + 0.3 * 3, 2 + 0.3 * 4, 3]
    np.testing.assert_allclose(W @ [1.0, 2, 3, 4], expected, rtol=1e-15)


@pytest.mark.parametrize(("n_units", "length"), [(18, 3), (19, 3), (20, 3), (5, 2)])
def test_jumps_are_those_of_rodan_and_tino(n_units, length):
    W = np.zeros((n_units, n_units))
    for unit in range(1, n_units + 1):  # as in the paper, from 1
        W[unit % n_units, unit - 1] = 1.0
    last = n_units + 1 - (n_units % length or n_units)  # where the last jump ends
    begin = 1
    while True:
        end = begin + length if begin + length <= n_units else 1
        W[end - 1, begin - 1] = W[begin - 1, end - 1] = 0.7
        if end == last:
            break
        begin = end
    drawn = ring_with_jumps(n_units, jump_length=length, jump_weight=0.7)
    np.testing.assert_array_equal(drawn.toarray(), W)


# Loops


def loop_lengths(W):
    _, part = sparse.csgraph.connected_components(W, connection="strong")
    return sorted(np.bincount(part).tolist())


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        (4, [2, 4, 4, 4]),
        (99, [14]),
        (1, [1] * 14),
        ([3, 5, 6], [3, 5, 6]),
        (np.array([13, 1]), [1, 13]),
        ({7: 1.0}, [7, 7]),
    ],
)
def test_loops_have_the_lengths_asked_for(lengths, expected):
    W = loops(14, lengths=lengths, rng=generator())
    assert loop_lengths(W) == expected
    np.testing.assert_array_equal(W.sum(axis=0), 1)  # each unit is heard once
    np.testing.assert_array_equal(W.sum(axis=1), 1)  # and hears once


def test_a_loop_hands_on_in_the_order_of_its_units():
    W = loops(5, lengths=[3, 2], rng=generator())
    np.testing.assert_array_equal(W @ [1.0, 2, 3, 4, 5], [3.0, 1, 2, 5, 4])


def test_loops_are_drawn_with_their_chances():
    chances = {2: 0.5, 5: 0.3, 11: 0.2}
    found = loop_lengths(loops(20_000, lengths=chances, rng=generator()))
    counts = np.array([found.count(length) for length in chances])
    expected = counts.sum() * np.array(list(chances.values()))
    assert stats.chisquare(counts, expected).pvalue > UNLIKELY
    assert counts.sum() >= len(found) - 1  # all but one that was cut


@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        ([3, 5], ValueError, r"lengths that sum to n_units=14, not 8"),
        ([7, 0, 7], ValueError, r"loops\(lengths=0\): must be an integer of at least"),
        ([7.0, 7.0], TypeError, r"loops\(lengths=7.0\): must be an integer"),
        ("abc", TypeError, r"loops\(lengths='a'\): must be an integer"),
        ({3: 0.5, 4: 0.4}, ValueError, r"must be chances that sum to 1"),
        ({3: 1.5, 4: -0.5}, ValueError, r"loops\(lengths\[3\]=1.5\): must be in"),
        (0, ValueError, r"loops\(lengths=0\): must be an integer of at least 1"),
    ],
)
def test_lengths_of_loops_that_cannot_be_are_refused_in_words(lengths, error, message):
    with pytest.raises(error, match=message):
        loops(14, lengths=lengths, rng=generator())


# Places and weights drawn by chance


@pytest.mark.parametrize("n_drawn", [2, 3])  # 3 of 5 are drawn by what is left out
def test_all_sets_of_places_are_equally_likely(n_drawn):
    rng = generator(1)
    sets = list(combinations(range(5), n_drawn))
    counts = dict.fromkeys(sets, 0)
    for _ in range(4000):
        counts[tuple(draw_places(5, n_drawn, rng).tolist())] += 1
    assert len(counts) == comb(5, n_drawn)
    assert stats.chisquare(list(counts.values())).pvalue > UNLIKELY


@pytest.mark.parametrize("n_drawn", [0, 1, 49, 50, 51, 100])
def test_places_come_in_order_and_once(n_drawn):
    places = draw_places(100, n_drawn, generator())
    assert places.size == n_drawn
    assert (np.diff(places) > 0).all()
    assert np.isin(places, np.arange(100)).all()


@pytest.mark.parametrize(
    ("distribution", "law"),
    [("uniform", stats.uniform(-1, 2).cdf), ("normal", stats.norm.cdf)],
)
def test_weights_follow_their_distribution(distribution, law):
    W = random(300, density=0.1, distribution=distribution, rng=generator(2))
    assert stats.kstest(W.data, law).pvalue > UNLIKELY


def test_signs_are_plus_and_minus_one_with_equal_chances():
    signs = draw_weights("f", "sign", 10_000, generator(3))
    assert set(signs.tolist()) == {-1.0, 1.0}
    assert stats.binomtest(int((signs > 0).sum()), signs.size).pvalue > UNLIKELY


def test_an_unknown_distribution_is_refused_in_words():
    message = r"^random\(distribution='cauchy'\): must be one of 'normal', 'sign', 'un"
    with pytest.raises(ValueError, match=message):
        random(10, distribution="cauchy", rng=generator())


def p_value_of_even_chances(counts, share):
    """Of counts of places, a fixed share of which is drawn each time."""
    # Contrasts between n places vary by share (1 - share) n / (n - 1) a draw, for
    # draws without replacement, where chi-square expects them to vary by share.
    statistic = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    n = counts.size
    return stats.chi2(n - 1).sf(statistic / ((1 - share) * n / (n - 1)))


def test_random_connections_prefer_no_place():
    counts = np.zeros((6, 6))
    rng = generator(4)
    for _ in range(2000):
        counts += random(6, density=0.25, rng=rng).toarray() != 0
    assert p_value_of_even_chances(counts, share=0.25) > UNLIKELY


def test_connections_are_ten_a_unit_by_default_and_all_of_them_among_few_units():
    assert random(1000, rng=generator()).nnz == 10_000
    assert random(6, rng=generator()).nnz == 36
    assert block(400, rng=generator()).nnz == 4000
    assert block(6, rng=generator()).nnz <= 36


@pytest.mark.parametrize("density", [0, -0.1, 1.01, np.nan])
@pytest.mark.parametrize("topology", [random, block])
def test_a_density_that_cannot_be_is_refused_in_words(topology, density):
    message = rf"^{topology.__name__}\(density={density}\): must be in \(0, 1\]"
    with pytest.raises(ValueError, match=message):
        topology(20, density=density, rng=generator())


# In-degree, small world, scale-free, blocks


def test_every_unit_hears_as_many_others_as_asked_for():
    W = fixed_in_degree(50, in_degree=7, rng=generator())
    np.testing.assert_array_equal(np.count_nonzero(W.toarray(), axis=1), 7)
    # Being heard is left to chance: 50 units, 350 times, a variance near 7.
    assert 3 < np.count_nonzero(W.toarray(), axis=0).var() < 13


def test_an_in_degree_above_the_number_of_units_is_refused_in_words():
    with pytest.raises(ValueError, match=r"in_degree=10\): must be at most n_units=9"):
        fixed_in_degree(9, rng=generator())


def lattice(n_units, n_neighbors):
    A = np.zeros((n_units, n_units), bool)
    for i in range(n_units):
        for step in range(1, n_neighbors // 2 + 1):
            A[i, (i + step) % n_units] = A[i, (i - step) % n_units] = True
    return A


def test_a_small_world_without_rewiring_is_the_ring_lattice():
    W = small_world(12, n_neighbors=4, rewiring_probability=0, rng=generator())
    np.testing.assert_array_equal(W.toarray() != 0, lattice(12, 4))


def test_rewiring_moves_the_share_of_connections_that_it_says():
    W = small_world(400, n_neighbors=6, rewiring_probability=0.3, rng=generator(5))
    A = W.toarray() != 0
    np.testing.assert_array_equal(A.sum(axis=1), 6)
    assert not A.diagonal().any()
    moved = int((A & ~lattice(400, 6)).sum())
    # A stranger is one of some 395, of whom the former neighbours are under two.
    assert stats.binomtest(moved, 2400, 0.3 * (1 - 1.8 / 395)).pvalue > UNLIKELY


def test_strangers_are_any_units_not_heard_before():
    counts = np.zeros(9)
    rng = generator(6)
    for _ in range(1500):
        W = small_world(9, n_neighbors=2, rewiring_probability=1, rng=rng)
        counts += (W.toarray() != 0)[4]
    assert counts[4] == 0  # never itself
    assert p_value_of_even_chances(np.delete(counts, 4), share=2 / 8) > UNLIKELY


def test_a_unit_may_be_rewired_to_all_others_at_once():
    W = small_world(7, n_neighbors=6, rewiring_probability=1, rng=generator())
    np.testing.assert_array_equal(W.toarray() != 0, ~np.eye(7, dtype=bool))


@pytest.mark.parametrize("n_neighbors", [3, 20, 22])
def test_neighbours_that_cannot_be_are_refused_in_words(n_neighbors):
    with pytest.raises(ValueError, match="must be even and less than n_units=20"):
        small_world(20, n_neighbors=n_neighbors, rng=generator())


def test_scale_free_connections_go_both_ways_with_weights_of_their_own():
    W = scale_free(80, n_attachments=3, rng=generator()).toarray()
    np.testing.assert_array_equal(W != 0, W.T != 0)
    assert not W.diagonal().any()
    assert (W[W != 0] != W.T[W != 0]).all()
    assert np.count_nonzero(W, axis=1).min() == 3


def test_degrees_follow_the_power_law_of_preferential_attachment():
    m = 2
    W = scale_free(20_000, n_attachments=m, rng=generator(7))
    degree = np.diff(W.indptr)
    # The exact law of large graphs (Bollobás et al. 2001): the share of units with
    # more than k edges is m (m + 1) / ((k + 1) (k + 2)), of power -2.
    for k in (2, 5, 20, 60):
        share = m * (m + 1) / ((k + 1) * (k + 2))
        # Counts vary like binomial ones or less. A tenth allows for the first units.
        allowed = 4 * np.sqrt(20_000 * share) + 0.1 * 20_000 * share
        assert abs((degree > k).sum() - 20_000 * share) < allowed


def test_growth_by_one_edge_makes_a_tree():
    W = scale_free(30, n_attachments=1, rng=generator())
    n_parts, _ = sparse.csgraph.connected_components(W)
    assert n_parts == 1
    assert W.nnz == 2 * 29


def test_more_attachments_than_units_are_refused_in_words():
    with pytest.raises(ValueError, match=r"n_attachments=5\): must be less than"):
        scale_free(5, rng=generator())


def test_blocks_are_consecutive_and_as_dense_as_asked_for():
    W = block(90, n_blocks=3, density=0.4, between=0.25, rng=generator()).toarray()
    member = np.arange(90) // 30
    inside = member[:, None] == member
    assert np.count_nonzero(W[inside]) == 0.4 * inside.sum()
    assert np.count_nonzero(W[~inside]) == 0.1 * (~inside).sum()
    for row in range(3):
        for column in range(3):
            part = W[member == row][:, member == column]
            share = 0.4 if row == column else 0.1
            n_found = np.count_nonzero(part)
            assert stats.binomtest(n_found, part.size, share).pvalue > UNLIKELY


def test_blocks_without_connections_between_them_are_alone():
    W = block(31, n_blocks=4, density=1.0, between=0, rng=generator())
    assert loop_lengths(W) == [7, 8, 8, 8]


def test_more_blocks_than_units_are_refused_in_words():
    with pytest.raises(ValueError, match=r"n_blocks=4\): must be at most n_units=3"):
        block(3, rng=generator())


# Rotations and permutations


def test_an_orthogonal_matrix_keeps_lengths_and_angles():
    Q = orthogonal(40, rng=generator())
    # Householder QR is orthogonal to a few times the rounding of its 40 columns.
    np.testing.assert_allclose(Q.T @ Q, np.eye(40), atol=40 * np.finfo(float).eps)


def test_rotations_are_uniform():
    rng = generator(8)
    draws = np.array([orthogonal(3, rng=rng) for _ in range(4000)])
    # Each column of a Haar matrix is uniform on the sphere, where in three dimensions
    # each coordinate is uniform on [-1, 1] (Archimedes). Without the signs of R's
    # diagonal the first coordinate of the first column is never positive.
    for i in range(3):
        for j in range(3):
            law = stats.uniform(-1, 2).cdf
            assert stats.kstest(draws[:, i, j], law).pvalue > UNLIKELY
    # Half of them turn, half of them mirror.
    n_mirrors = int((np.linalg.det(draws) < 0).sum())
    assert stats.binomtest(n_mirrors, 4000).pvalue > UNLIKELY


def test_all_permutations_are_equally_likely():
    rng = generator(9)
    counts = dict.fromkeys(permutations(range(3)), 0)
    for _ in range(3000):
        order = permutation(3, rng=rng) @ np.arange(3.0)
        counts[tuple(order.astype(int).tolist())] += 1
    assert stats.chisquare(list(counts.values())).pvalue > UNLIKELY


# What a user hands over


def test_a_users_matrix_is_copied_as_float64():
    given = np.array([[0, 1], [2, 0]], dtype=np.float32, order="F")
    W = draw(given, 2, rng=generator())
    assert W.dtype == np.float64
    assert W.flags.c_contiguous
    W[0, 0] = 9
    assert given[0, 0] == 0


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array", "coo_array", "dia_array"])
def test_a_users_sparse_matrix_becomes_rows_without_doubles(kind):
    twice = sparse.coo_array(([1, 2, 5, 0], ([0, 0, 1, 1], [1, 1, 0, 1])), (2, 2))
    W = draw(getattr(sparse, kind)(twice), 2, rng=generator())
    assert isinstance(W, sparse.csr_array)
    assert W.has_canonical_format
    assert W.nnz == 2
    np.testing.assert_array_equal(W.toarray(), [[0.0, 3.0], [5.0, 0.0]])


def test_a_users_sparse_matrix_is_not_shared():
    given = sparse.csr_array(np.eye(3))
    draw(given, 3, rng=generator()).data[:] = 7
    np.testing.assert_array_equal(given.data, 1)


@pytest.mark.parametrize(
    ("matrix", "error", "rule"),
    [
        (np.ones((3, 4)), ValueError, r"of shape \(3, 3\)"),
        (np.ones(3), ValueError, r"of shape \(3, 3\)"),
        (np.eye(4), ValueError, r"of shape \(3, 3\)"),
        (sparse.csr_array((4, 4)), ValueError, r"of shape \(3, 3\)"),
        (1j * np.eye(3), TypeError, "a matrix of real numbers, not complex128"),
        (sparse.csr_array(1j * np.eye(3)), TypeError, "a matrix of real numbers"),
        (np.full((3, 3), "a"), TypeError, "a matrix of real numbers"),
        (np.full((3, 3), None), TypeError, "a matrix of real numbers"),
        (np.diag([1, np.nan, 1]), ValueError, "free of NaN and inf"),
        (sparse.csr_array(np.diag([1, np.inf, 1])), ValueError, "free of NaN and inf"),
        (None, TypeError, "a matrix of real numbers"),
        (0.5, ValueError, r"of shape \(3, 3\)"),
        ([[1, 2], [3]], ValueError, "a matrix"),
    ],
)
def test_a_matrix_that_cannot_be_is_refused_in_words(matrix, error, rule):
    with pytest.raises(error, match=rf"^ESNRegressor\(topology=.*\): must be {rule}"):
        draw(matrix, 3, rng=generator())
    with pytest.raises(error, match=rf"^Reservoir\(topology=.*\): must be {rule}"):
        draw(lambda n_units: matrix, 3, rng=generator(), owner="Reservoir")


def test_an_unknown_name_is_refused_with_those_that_are_known():
    known = ", ".join(map(repr, sorted(TOPOLOGIES)))
    with pytest.raises(ValueError, match=f"must be one of {known}"):
        draw("torus", 3, rng=generator())


def test_a_function_is_given_what_it_has_parameters_for():
    seen = {}

    def full(n_units, *, density="auto", rng):
        seen.update(density=density, rng=rng)
        return np.eye(n_units)

    rng = generator()
    draw(full, 4, rng=rng)
    assert seen == {"density": "auto", "rng": rng}
    draw(full, 4, density=0.5, rng=rng)
    assert seen == {"density": 0.5, "rng": rng}
    np.testing.assert_array_equal(draw(np.eye, 4, rng=rng), np.eye(4))


def test_a_function_that_takes_anything_is_given_everything():
    seen = {}

    def anything(n_units, **options):
        seen.update(options)
        return np.eye(n_units)

    draw(anything, 4, density=0.5, rng=generator())
    assert set(seen) == {"density", "rng"}


def test_a_partial_topology_keeps_what_it_holds():
    W = draw(partial(random, density=0.5), 10, rng=generator())
    assert W.nnz == 50
    W = draw(partial(random, distribution="sign"), 10, density=0.2, rng=generator())
    assert W.nnz == 20
    assert set(np.abs(W.data)) == {1.0}


@pytest.mark.parametrize(
    "topology", ["ring", partial(random, density=0.5), np.eye(5), lambda n_units: 0]
)
def test_a_density_that_would_do_nothing_is_refused_in_words(topology):
    rule = "must be 'auto' for a topology that takes no density"
    with pytest.raises(ValueError, match=rf"^ESNRegressor\(density=0.3\): {rule}"):
        draw(topology, 5, density=0.3, rng=generator())


@pytest.mark.parametrize("density", [0, 1.5, -1])
def test_a_density_outside_its_range_is_refused_in_words(density):
    message = rf"^ESNRegressor\(density={density}\): must be in \(0, 1\]. 'auto' makes"
    with pytest.raises(ValueError, match=message):
        draw("random", 5, density=density, rng=generator())


def test_a_density_that_is_no_number_is_refused_in_words():
    with pytest.raises(TypeError, match=r"density='some'\): must be a number in"):
        draw("random", 5, density="some", rng=generator())
