"""The statistics of a fit against two passes in long doubles."""

from __future__ import annotations

import copy
import random
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqest.readouts.gram import Gram
from tests.reference.linear_readouts import centred_products

Array = NDArray[np.float64]


def data(n_rows: int, offset: float = 0.0, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    F = rng.standard_normal((n_rows, 4)) @ rng.standard_normal((4, 4)) + offset
    return F, F[:, :2] - F[:, 2:] + rng.standard_normal((n_rows, 2)) - offset


def gram_of(F: Array, Y: Array, *more: Array) -> Gram:
    gram = Gram(F.shape[1], Y.shape[1])
    gram.update(F, Y, *more)
    return gram


def parts_of(F: Array, Y: Array, cuts: list[int]) -> list[Gram]:
    return [
        gram_of(f, y) for f, y in zip(np.split(F, cuts), np.split(Y, cuts), strict=True)
    ]


def merged(parts: list[Gram]) -> Gram:
    whole = Gram(parts[0].n_features, parts[0].n_outputs)
    for part in parts:
        whole.merge(part)
    return whole


def products(gram: Gram) -> Array:
    """Return what of the joint scatter a Gram holds, in one array."""
    lower = np.tril(gram.feature_scatter)
    return np.vstack(
        [lower, gram.cross_scatter, gram.target_scatter.repeat(2).reshape(-1, 4)]
    )


def expected(F: Array, Y: Array, weight: Array | None = None) -> Array:
    omega = np.ones(len(F)) if weight is None else weight
    joint = centred_products(F, Y, omega).astype(float)
    squares = np.diag(joint)[4:].repeat(2).reshape(-1, 4)
    return np.vstack([np.tril(joint[:4, :4]), joint[4:, :4], squares])


def assert_same(ours: Array, theirs: Array, tolerance: float) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * abs(theirs).max())


@pytest.mark.parametrize("n_rows", [1, 2, 7, 3000])
def test_one_block_gives_the_centred_products(n_rows: int) -> None:
    F, Y = data(n_rows)
    gram = gram_of(F, Y)
    # Sums of n products are off by no more than n roundings; they are far from it.
    np.testing.assert_allclose(products(gram), expected(F, Y), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(gram.feature_mean, F.mean(axis=0), atol=1e-13)
    np.testing.assert_allclose(gram.target_mean, Y.mean(axis=0), atol=1e-13)
    assert gram.weight == n_rows


@given(
    cuts=st.lists(st.integers(0, 60), max_size=5).map(sorted),
    order=st.randoms(use_true_random=False),
    offset=st.sampled_from([0.0, -3.0, 1e6]),
)
def test_merges_commute_and_associate(
    cuts: list[int], order: random.Random, offset: float
) -> None:
    F, Y = data(60, offset)
    parts = parts_of(F, Y, cuts)
    order.shuffle(parts)
    middle = order.randint(0, len(parts))
    left, right = parts[:middle], parts[middle:]
    empty = Gram(4, 2)
    nested = merged([merged([empty, *left]), merged([*right, empty])])
    # The data themselves are rounded to 1e-10 at an offset of 1e6; means are no better.
    assert_same(products(nested), expected(F, Y), 1e-9 if offset > 1e3 else 1e-13)
    np.testing.assert_allclose(
        nested.feature_mean, F.mean(axis=0), rtol=1e-14, atol=1e-13
    )
    assert nested.weight == 60


def test_an_offset_of_a_million_costs_no_digits() -> None:
    F, Y = data(5000, offset=1e6)
    streamed = Gram(4, 2)
    for start in range(0, 5000, 64):
        streamed.update(F[start : start + 64], Y[start : start + 64])
    # Raw sums of squares, 5e15 where 5e3 is left, would be wrong in the fourth digit.
    # Means are rounded to 1e-10 of a deviation, once a block.
    assert_same(products(streamed), expected(F, Y), 1e-10)


def test_a_drifting_mean_costs_no_digits() -> None:
    F, Y = data(400)
    F += np.linspace(0, 1e4, 400)[:, np.newaxis]
    streamed = merged(parts_of(F, Y, [1, 2, 100, 250]))
    assert_same(products(streamed), expected(F, Y), 1e-14)


def test_empty_merges_change_no_bit() -> None:
    F, Y = data(50)
    gram, before = gram_of(F, Y), gram_of(F, Y)
    gram.merge(Gram(4, 2))
    other = Gram(4, 2)
    other.merge(before)
    other.update(F[:0], Y[:0])
    for merge in (gram, other):
        assert products(merge).tobytes() == products(before).tobytes()
        assert merge.feature_mean.tobytes() == before.feature_mean.tobytes()


def test_a_merge_leaves_its_partner_alone() -> None:
    ours, theirs = parts_of(*data(50), [20])
    before = copy.deepcopy(theirs)
    ours.merge(theirs)
    assert products(theirs).tobytes() == products(before).tobytes()


def test_weights_are_repeats() -> None:
    F, Y = data(80)
    weight = np.random.default_rng(1).integers(0, 4, 80)
    repeated = gram_of(F.repeat(weight, axis=0), Y.repeat(weight, axis=0))
    weighted = gram_of(F, Y, weight.astype(float))
    assert_same(products(weighted), products(repeated), 1e-14)
    assert weighted.weight == repeated.weight


def test_fractional_weights_give_the_weighted_products() -> None:
    F, Y = data(80)
    weight = np.random.default_rng(1).uniform(0.1, 5, 80)
    assert_same(products(gram_of(F, Y, weight)), expected(F, Y, weight), 1e-14)


def test_a_row_of_weight_zero_may_hold_anything() -> None:
    F, Y = data(30)
    weight = np.ones(30)
    weight[[0, 7]] = 0.0
    without = gram_of(F[weight > 0], Y[weight > 0])
    F[[0, 7]], Y[7] = np.nan, np.inf
    assert_same(products(gram_of(F, Y, weight)), products(without), 1e-14)


def test_float32_blocks_count_as_the_numbers_they_hold() -> None:
    F, Y = (part.astype(np.float32) for part in data(100, offset=1e3))
    exact = gram_of(F.astype(float), Y.astype(float))
    assert products(gram_of(F, Y)).tobytes() == products(exact).tobytes()


@pytest.mark.parametrize("weighted", [False, True])
def test_overwriting_saves_the_copy_and_changes_no_bit(weighted: bool) -> None:
    F, Y = data(100)
    weight = (np.linspace(1, 2, 100),) if weighted else ()
    kept = F.copy()
    exact = gram_of(F, Y, *weight)
    np.testing.assert_array_equal(F, kept)
    gram = Gram(4, 2)
    gram.update(F, Y, *weight, overwrite=True)
    assert products(gram).tobytes() == products(exact).tobytes()
    assert not np.array_equal(F, kept)


def test_a_constant_feature_has_no_scatter_at_all() -> None:
    F, Y = data(100)
    F[:, 2] = 0.1
    gram = merged(parts_of(F, Y, [10, 11, 60]))
    assert gram.feature_squares[2] == 0.0
    assert not gram.cross_scatter[:, 2].any()


def test_the_squared_error_of_a_map_comes_from_the_statistics() -> None:
    F, Y = data(70, offset=5.0)
    rng = np.random.default_rng(3)
    weight, coef = rng.uniform(0, 2, 70), rng.standard_normal((2, 4))
    intercept = rng.standard_normal(2)
    residual = Y - F @ coef.T - intercept
    ours = gram_of(F, Y, weight).squared_error(coef, intercept)
    np.testing.assert_allclose(ours, weight @ residual**2, rtol=1e-12)


def test_a_squared_error_is_never_below_its_own_rounding() -> None:
    F, _ = data(70)
    coef = 1e4 * np.eye(2, 4)
    gram = gram_of(F, F @ coef.T)
    error = gram.squared_error(coef, np.zeros(2))
    assert (error > 0).all()
    assert (error < 1e-14 * gram.target_scatter).all()


@pytest.mark.parametrize(("n_rows", "matrices"), [(1400, 2.3), (350, 3.3)])
def test_update_and_solve_together_hold_few_matrices(
    n_rows: int, matrices: float
) -> None:
    n = 700
    F = np.random.default_rng(0).standard_normal((n_rows, n))
    Y = F[:, :1].copy()

    def learned_and_solved() -> float:
        gram = Gram(n, 1)
        for start in range(0, n_rows, 70):  # a tenth of a matrix at a time
            gram.update(F[start : start + 70], Y[start : start + 70])
        return gram.coefficients(0.0)[1]

    learned_and_solved()  # what is imported or compiled at first use is not counted
    tracemalloc.start()
    remedy = learned_and_solved()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The matrix and a factor; where singular, the matrix, a copy and eigenvectors.
    assert peak < matrices * n**2 * 8
    assert (remedy > 0) == (n_rows < n)


@pytest.mark.parametrize(
    ("F", "Y", "weight"),
    [
        ((5, 1), (5, 2), 5),
        ((5, 4), (5, 1), 5),
        ((5, 4), (1, 2), 5),
        ((5, 4), (5, 2), 1),
    ],
)
def test_blocks_of_another_shape_are_refused(
    F: tuple[int, int], Y: tuple[int, int], weight: int
) -> None:
    with pytest.raises(
        ValueError, match=r"Gram.update\(F, Y\): must be of shape \(n_rows, 4\)"
    ):
        Gram(4, 2).update(np.ones(F), np.ones(Y), np.ones(weight))


def test_statistics_of_other_features_are_refused() -> None:
    with pytest.raises(
        ValueError, match="must have 4 features and 2 targets, not 3 and 2"
    ):
        Gram(4, 2).merge(Gram(3, 2))
