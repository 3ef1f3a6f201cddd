"""Weights into the units: drawn, scaled, or a user's own."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy import sparse, stats

from seqest.reservoirs.input_weights import draw_input, input_weights

UNLIKELY = 1e-4  # as in test_topologies


def generator(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("shape", [(5, 3), (1, 1), (7, 0)])
@pytest.mark.parametrize("distribution", ["uniform", "normal", "sign"])
def test_weights_lead_from_features_to_units(shape, distribution):
    W_in = input_weights(*shape, distribution=distribution, rng=generator())
    assert W_in.shape == shape
    assert W_in.dtype == np.float64
    assert np.isfinite(W_in).all()


def test_weights_depend_on_their_generator_alone():
    first, again, other = (input_weights(4, 2, rng=generator(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("distribution", "law"),
    [("uniform", stats.uniform(-0.3, 0.6).cdf), ("normal", stats.norm(0, 0.3).cdf)],
)
def test_scaled_weights_follow_their_distribution(distribution, law):
    W_in = input_weights(
        500, 4, scaling=0.3, distribution=distribution, rng=generator(1)
    )
    assert stats.kstest(W_in.ravel(), law).pvalue > UNLIKELY


def test_signs_have_the_size_of_the_scaling_and_equal_chances():
    W_in = input_weights(1000, 3, scaling=0.3, distribution="sign", rng=generator())
    np.testing.assert_array_equal(np.abs(W_in), 0.3)
    assert stats.binomtest(int((W_in > 0).sum()), 3000).pvalue > UNLIKELY


def test_each_feature_has_its_scaling():
    plain = input_weights(6, 3, rng=generator())
    scaled = input_weights(6, 3, scaling=[2.0, 0, 0.5], rng=generator())
    np.testing.assert_array_equal(scaled, plain * [2.0, 0.0, 0.5])


def test_density_is_the_share_of_weights_that_are_not_zero():
    W_in = input_weights(40, 5, density=0.3, distribution="sign", rng=generator())
    assert np.count_nonzero(W_in) == 60
    counts = sum(
        input_weights(2, 3, density=0.5, rng=generator(seed)) != 0
        for seed in range(2000)
    )
    # Three of six places: contrasts vary by (1 - 1/2) 6/5 of what chi-square expects.
    statistic = ((counts - 1000) ** 2 / 1000).sum() / 0.6
    assert stats.chi2(5).sf(statistic) > UNLIKELY


def test_a_name_gives_the_weights_of_that_distribution():
    drawn = draw_input("normal", 4, 2, scaling=0.5, rng=generator())
    expected = input_weights(4, 2, scaling=0.5, distribution="normal", rng=generator())
    np.testing.assert_array_equal(drawn, expected)


def test_a_function_is_given_shape_and_generator():
    few = partial(input_weights, density=0.5, distribution="sign")
    drawn = draw_input(few, 4, 2, scaling=[1.0, 3.0], rng=generator())
    expected = few(4, 2, rng=generator()) * [1.0, 3.0]
    np.testing.assert_array_equal(drawn, expected)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, np.ndarray.tolist])
def test_a_users_weights_are_scaled_and_not_shared(kind):
    given = np.arange(6.0).reshape(3, 2)
    W_in = draw_input(kind(given), 3, 2, scaling=[1.0, 2.0], rng=generator())
    np.testing.assert_array_equal(W_in, given * [1.0, 2.0])
    unscaled = draw_input(given, 3, 2, rng=generator())
    unscaled[:] = 7
    assert given[0, 0] == 0


@pytest.mark.parametrize(
    ("weights", "error", "rule"),
    [
        (np.ones((2, 3)), ValueError, r"of shape \(3, 2\)"),
        (np.ones(3), ValueError, r"of shape \(3, 2\)"),
        (np.full((3, 2), 1j), TypeError, "a matrix of real numbers"),
        (np.full((3, 2), np.nan), ValueError, "free of NaN and inf"),
        (lambda *shape, rng: np.ones((2, 3)), ValueError, r"of shape \(3, 2\)"),
        ("cauchy", ValueError, "one of 'normal', 'sign', 'uniform'"),
    ],
)
def test_weights_that_cannot_be_are_refused_in_words(weights, error, rule):
    message = rf"^ESNRegressor\(input_weights=.*\): must be {rule}"
    with pytest.raises(error, match=message):
        draw_input(weights, 3, 2, rng=generator())


@pytest.mark.parametrize(
    ("scaling", "error", "message"),
    [
        (-1.0, ValueError, r"\(input_scaling=-1.0\): must be in \[0, inf\)"),
        (np.inf, ValueError, r"\(input_scaling=inf\): must be in \[0, inf\)"),
        ("big", TypeError, r"\(input_scaling='big'\): must be a number"),
        ([1.0, np.nan], ValueError, r"\(input_scaling\[1\]=.*nan.*\): must be in"),
        ([1.0, 2.0, 3.0], ValueError, r"\(.*\): must be a number or of shape \(2,\)"),
        (np.ones((2, 1)), ValueError, r"\(.*\): must be a number or of shape \(2,\)"),
    ],
)
def test_a_scaling_that_cannot_be_is_refused_in_words(scaling, error, message):
    with pytest.raises(error, match="^Reservoir" + message):
        draw_input("uniform", 3, 2, scaling=scaling, rng=generator(), owner="Reservoir")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_units": 0}, ValueError, r"n_units=0\): must be an integer of at least 1"),
        ({"n_features": -1}, ValueError, r"n_features=-1\): must be an integer"),
        ({"n_features": 2.0}, TypeError, r"n_features=2.0\): must be an integer"),
        ({"density": 0}, ValueError, r"density=0\): must be in \(0, 1\]"),
        ({"scaling": -2}, ValueError, r"scaling=-2\): must be in \[0, inf\)"),
        ({"distribution": "x"}, ValueError, r"distribution='x'\): must be one of"),
    ],
)
def test_arguments_that_cannot_be_are_refused_in_words(arguments, error, message):
    with pytest.raises(error, match=r"^input_weights\(" + message):
        input_weights(**{"n_units": 3, "n_features": 2, **arguments}, rng=generator())
