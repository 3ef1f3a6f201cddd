"""Ridge on streamed rows against scikit-learn, lstsq and long doubles."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import LinAlgWarning
from sklearn.linear_model import Ridge

from seqest.readouts._rows import Rows
from seqest.readouts.ridge import RidgeReadout, Solution
from tests.reference.linear_readouts import cross_validated_errors, ridge_long

Array = NDArray[np.float64]
WIDE, TALL = (30, 50), (300, 20)  # rows by features: solved in the dual, in the primal
PER_OUTPUT = np.array([0.1, 10.0, 0.1])


def data(
    shape: tuple[int, int], *, offset: float = 3.0, seed: int = 0
) -> tuple[Array, Array, Array]:
    """Return correlated features, three noisy targets, and weights, some of them 0."""
    rng = np.random.default_rng(seed)
    F = rng.standard_normal(shape) @ rng.standard_normal((shape[1], shape[1])) + offset
    Y = F @ rng.standard_normal((shape[1], 3)) + rng.standard_normal((shape[0], 3))
    return F, Y, rng.uniform(0, 2, shape[0]) * (rng.uniform(size=shape[0]) > 0.1)


def solved(
    F: Array, Y: Array, weight: Array | None = None, *, block: int = 37, **options: Any
) -> Solution:
    """Feed rows in blocks and solve; the number of rows is known unless told."""
    readout = RidgeReadout(F.shape[1], Y.shape[1], **{"n_rows": len(F), **options})
    for start in range(0, len(F), block):
        rows = slice(start, start + block)
        readout.update(F[rows], Y[rows], None if weight is None else weight[rows])
    return readout.solve()


def assert_same(ours: Solution, coef: Any, intercept: Any, tolerance: float) -> None:
    np.testing.assert_allclose(
        ours.coef, coef, rtol=0, atol=tolerance * abs(coef).max()
    )
    scale = tolerance * (1 + abs(coef).sum(axis=1).max())
    np.testing.assert_allclose(ours.intercept, intercept, rtol=0, atol=3 * scale)


def reservoir_states(n_units: int, n_rows: int) -> tuple[Array, Array]:
    """Return states of a leaky network that hears two sines, and the next input."""
    rng = np.random.default_rng(5)
    time = np.arange(n_rows + 101)
    u = np.sin(0.2 * time) + np.sin(0.311 * time)
    W = rng.uniform(-1, 1, (n_units, n_units)) * (
        rng.uniform(size=(n_units, n_units)) < 0.1
    )
    W *= 0.9 / abs(np.linalg.eigvals(W)).max()
    W_in, h = rng.uniform(-1, 1, n_units), np.zeros(n_units)
    H = np.empty((len(u) - 1, n_units))
    for n in range(len(H)):
        h = 0.7 * h + 0.3 * np.tanh(W @ h + W_in * u[n] + 0.1)
        H[n] = h
    return H[100:], u[101:, np.newaxis]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("alpha", [0.3, 100.0, PER_OUTPUT], ids=str)
@pytest.mark.parametrize("shape", [WIDE, TALL], ids=["dual", "primal"])
def test_it_is_scikit_learns_ridge(
    shape: tuple[int, int], alpha: Any, weighted: bool
) -> None:
    F, Y, weight = data(shape)
    sample_weight = weight if weighted else None
    ours = solved(F, Y, sample_weight, alpha=alpha)
    theirs = Ridge(alpha=alpha).fit(F, Y, sample_weight)
    # The condition of these equations, up to 1e5, times rounding.
    assert_same(ours, theirs.coef_, theirs.intercept_, 1e-10)
    np.testing.assert_array_equal(ours.alpha, alpha)
    assert ours.cv_scores is None


def test_without_a_penalty_it_is_least_squares() -> None:
    F, Y, _ = data(TALL)
    design = np.hstack([np.ones((len(F), 1)), F])
    theirs = np.linalg.lstsq(design, Y)[0].T
    assert_same(solved(F, Y, alpha=0.0), theirs[:, 1:], theirs[:, 0], 1e-9)


def test_an_offset_of_a_million_costs_few_digits() -> None:
    F, Y, weight = data(TALL, offset=1e6)
    ours = solved(F, Y, weight, alpha=1e-3)
    theirs = ridge_long(F, Y, 1e-3, weight).astype(float)
    # Means rounded to 1e-10, times the root of the condition, 1e3.
    np.testing.assert_allclose(ours.coef, theirs, rtol=0, atol=1e-7 * abs(theirs).max())


@pytest.mark.parametrize("alpha", [1e-3, 5.0, PER_OUTPUT, [0.01, 1.0, 100.0]], ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_dual_equals_the_primal(alpha: Any, weighted: bool) -> None:
    F, Y, weight = data(WIDE)
    sample_weight = weight if weighted else None
    dual = solved(F, Y, sample_weight, alpha=alpha)
    primal = solved(F, Y, sample_weight, alpha=dual.alpha, n_rows=None)
    # The primal matrix has condition 1e6 at the smallest penalty; the dual has less.
    assert_same(dual, primal.coef, primal.intercept, 1e-8)


def test_few_rows_are_kept_and_many_are_not() -> None:
    kinds = {n: type(RidgeReadout(5, 1, alpha=1.0, n_rows=n).blocks[0]) for n in (4, 5)}
    assert kinds[4] is Rows
    assert kinds[5] is not Rows


@pytest.mark.parametrize("shape", [WIDE, TALL], ids=["dual", "primal"])
def test_a_list_is_chosen_from_as_brute_force_would(shape: tuple[int, int]) -> None:
    F, Y, weight = data((shape[0] + 2, shape[1]))  # folds of different size
    Y += 30 * np.random.default_rng(1).standard_normal(Y.shape)
    alphas = [1e-3, 1.0, 10.0, 300.0, 1e4]
    ours = solved(F, Y, weight, alpha=alphas)
    theirs = cross_validated_errors(F, Y, alphas, weight)
    np.testing.assert_allclose(ours.cv_scores, theirs, rtol=1e-8)
    assert ours.alpha == alphas[theirs.argmin()]
    assert 0 < theirs.argmin() < len(alphas) - 1  # or the choice would prove little
    whole = Ridge(alpha=ours.alpha).fit(F, Y, weight)
    assert_same(ours, whole.coef_, whole.intercept_, 1e-10)


def test_of_equally_good_penalties_the_largest_is_taken() -> None:
    F, Y, _ = data(TALL)
    solution = solved(F, np.ones_like(Y), alpha=(1.0, 100.0, 10.0))
    assert solution.alpha == 100.0
    np.testing.assert_array_equal(solution.cv_scores, 0.0)


def test_penalties_that_rounding_cannot_tell_apart_do_not_win_by_luck() -> None:
    F, _, _ = data(TALL)
    scores = solved(F, F[:, :1] * 1e3, alpha=[1e-12, 1e-11, 1e-10]).cv_scores
    assert scores is not None
    assert (scores > 0).all()  # differences of squares would be of either sign


def test_blocks_without_weight_are_left_out_of_the_choice() -> None:
    F, Y, weight = data(TALL)
    weight[60:120] = 0.0  # exactly the second of five
    ours = solved(F, Y, weight, alpha=[1.0, 10.0, 100.0])
    theirs = cross_validated_errors(F, Y, [1.0, 10.0, 100.0], weight)
    np.testing.assert_allclose(ours.cv_scores, theirs, rtol=1e-8)


@pytest.mark.parametrize("n_rows", [2, 3, 4])
def test_two_rows_suffice_to_choose(n_rows: int) -> None:
    F, Y = np.arange(n_rows)[:, np.newaxis], np.arange(n_rows)[:, np.newaxis]
    assert solved(F, Y, alpha=[0.1, 1.0]).alpha in (0.1, 1.0)


def test_one_row_cannot_choose() -> None:
    with pytest.raises(ValueError, match=r"must be one number where fewer than 2 rows"):
        solved(np.ones((1, 1)), np.ones((1, 1)), alpha=[0.1, 1.0])


@pytest.mark.parametrize("n_rows", [1, None])
def test_one_row_is_predicted_by_its_target(n_rows: int | None) -> None:
    solution = solved(
        np.array([[3.0, 4.0]]), np.array([[5.0]]), alpha=0.0, n_rows=n_rows
    )
    assert solution.coef.tolist() == [[0.0, 0.0]]
    assert solution.intercept.tolist() == [5.0]


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_constant_feature_gets_no_weight_and_does_no_harm(alpha: float) -> None:
    F, Y, _ = data(TALL)
    constant = np.full((len(F), 1), 0.1)
    ours = solved(np.hstack([F, constant]), Y, alpha=alpha)
    without = solved(F, Y, alpha=alpha)
    np.testing.assert_array_equal(ours.coef[:, -1], 0.0)
    np.testing.assert_allclose(ours.coef[:, :-1], without.coef, rtol=1e-9)


def test_features_of_very_different_size_are_no_reason_for_a_warning() -> None:
    F, Y, _ = data(TALL, offset=0.0)
    scale = np.logspace(-6, 6, F.shape[1])
    ours, plain = solved(F * scale, Y, alpha=0.0), solved(F, Y, alpha=0.0)
    np.testing.assert_allclose(ours.coef * scale, plain.coef, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("n_rows", [30, None], ids=["dual", "primal"])
def test_singular_equations_are_solved_by_least_norm_with_a_warning(
    n_rows: int | None,
) -> None:
    F, Y, _ = data(WIDE)
    remedy = r"ESNRegressor\(alpha=0.0\): .*ill-conditioned.*Raise alpha, here to about"
    with pytest.warns(LinAlgWarning, match=remedy):
        ours = solved(F, Y, alpha=0.0, n_rows=n_rows, owner="ESNRegressor")
    coef = np.linalg.lstsq(F - F.mean(axis=0), Y - Y.mean(axis=0))[0].T
    # Squaring costs half of the digits that the condition, 1e3, leaves.
    assert_same(ours, coef, Y.mean(axis=0) - coef @ F.mean(axis=0), 1e-8)


def test_a_copied_feature_shares_the_weight_of_the_other() -> None:
    F, Y, _ = data(TALL)
    with pytest.warns(LinAlgWarning, match="ill-conditioned"):
        ours = solved(np.hstack([F, F[:, :1]]), Y, alpha=0.0)
    np.testing.assert_allclose(ours.coef[:, 0], ours.coef[:, -1], rtol=1e-7)
    single = solved(F, Y, alpha=0.0)
    np.testing.assert_allclose(2 * ours.coef[:, 0], single.coef[:, 0], rtol=1e-7)


def test_the_penalty_that_the_warning_names_is_enough() -> None:
    F, Y, _ = data(WIDE)
    readout = RidgeReadout(50, 3, alpha=0.0)
    readout.update(F, Y)
    _, remedy = readout.blocks[0].coefficients(0.0)
    assert readout.blocks[0].coefficients(remedy)[1] == 0.0


def test_extreme_weights_are_warned_about_with_the_remedy() -> None:
    rng = np.random.default_rng(0)
    common, difference = rng.standard_normal((2, 200, 1))
    F = np.hstack([common, common + 1e-5 * difference])
    with pytest.warns(
        LinAlgWarning, match=r"noise .* 1e\+05 times .* Raise alpha, or train"
    ):
        solved(F, difference, alpha=0.0)


@pytest.mark.parametrize("n_units", [50, 300])
def test_an_ordinary_network_at_a_small_penalty_raises_no_alarm(n_units: int) -> None:
    H, Y = reservoir_states(n_units, 1500)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solution = solved(H, Y, alpha=1e-8)
    error = Y - H @ solution.coef.T - solution.intercept
    assert error.std() < 1e-2 * Y.std()


@pytest.mark.parametrize("alpha", [1.0, [1.0, 10.0]])
@pytest.mark.parametrize("shape", [WIDE, TALL], ids=["dual", "primal"])
def test_parts_that_start_at_their_row_merge_into_the_whole(
    shape: tuple[int, int], alpha: Any
) -> None:
    F, Y, weight = data(shape)
    cut = len(F) // 3
    options = {"alpha": alpha, "n_rows": len(F)}
    first = RidgeReadout(F.shape[1], 3, **options)
    second = RidgeReadout(F.shape[1], 3, first_row=cut, **options)
    second.update(F[cut:], Y[cut:], weight[cut:])
    first.update(F[:cut], Y[:cut], weight[:cut])
    second.merge(first)
    ours, whole = second.solve(), solved(F, Y, weight, **options)
    assert ours.alpha == whole.alpha
    assert_same(ours, whole.coef, whole.intercept, 1e-10)


@pytest.mark.parametrize("alpha", [1.0, [1.0, 10.0]])
@pytest.mark.parametrize("shape", [WIDE, TALL], ids=["dual", "primal"])
def test_what_fit_has_seen_goes_on_in_pieces(
    shape: tuple[int, int], alpha: Any
) -> None:
    F, Y, weight = data(shape)
    fitted = RidgeReadout(F.shape[1], 3, alpha=alpha, n_rows=20)
    fitted.update(F[:20], Y[:20], weight[:20])
    pieces = RidgeReadout(F.shape[1], 3, alpha=2.0)
    pieces.merge(fitted)
    pieces.update(F[20:], Y[20:], weight[20:])
    whole = solved(F, Y, weight, alpha=2.0, n_rows=None)
    assert_same(pieces.solve(), whole.coef, whole.intercept, 1e-10)


def test_readouts_with_other_blocks_do_not_merge() -> None:
    ours = RidgeReadout(2, 1, alpha=[1.0, 2.0], n_rows=10)
    theirs = RidgeReadout(2, 1, alpha=[1.0, 2.0], n_rows=20)
    with pytest.raises(ValueError, match="Build both with the same alpha and n_rows"):
        ours.merge(theirs)


def test_a_failed_block_leaves_an_earlier_readout_as_it_was() -> None:
    F, Y, _ = data(TALL)
    earlier = RidgeReadout(20, 3, alpha=1.0)
    earlier.update(F, Y)
    before = earlier.solve()
    fresh = RidgeReadout(20, 3, alpha=1.0)
    fresh.update(F, Y)
    with pytest.raises(ValueError, match=r"\.update\(F, Y\)"):
        fresh.update(F[:, :5], Y)
    np.testing.assert_array_equal(earlier.solve().coef, before.coef)


@pytest.mark.parametrize("n_rows", [3, None])
def test_no_weight_at_all_is_refused(n_rows: int | None) -> None:
    F, Y, weight = np.ones((3, 5)), np.ones((3, 1)), np.zeros(3)
    with pytest.raises(ValueError, match="ESN: no row with a positive weight"):
        solved(F, Y, weight, alpha=1.0, n_rows=n_rows, owner="ESN")
