"""NARMA against its recurrence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from seqest.datasets import narma
from tests.reference import datasets as reference

ABCD = {
    1: (0.3, 0.05, 1.5, 0.1),
    10: (0.3, 0.05, 1.5, 0.1),
    15: (0.3, 0.05, 1.5, 0.1),
    20: (0.3, 0.05, 1.5, 0.01),
    30: (0.2, 0.04, 1.5, 0.001),
}


@pytest.mark.parametrize("order", ABCD)
def test_row_t_holds_the_input_at_t_and_the_answer_at_t_plus_one(order: int) -> None:
    X, y = narma(300, order=order, random_state=1)
    saturate = order in (15, 20)
    expected, _ = reference.narma(X[:, 0], order, ABCD[order], saturate)
    # Only the order of the sum differs.
    np.testing.assert_allclose(y, expected, rtol=1e-11)


def test_the_input_is_uniform_between_zero_and_a_half() -> None:
    X, _ = narma(20_000, random_state=0)
    assert X.min() >= 0
    assert X.max() < 0.5
    # Mean 1/4 and deviation 1/√48, each to about 5 standard errors of 20 000 draws.
    assert X.mean() == pytest.approx(0.25, abs=0.005)
    assert X.std() == pytest.approx(48**-0.5, abs=0.0025)


def test_an_input_of_ones_own_is_used_and_not_kept() -> None:
    u = np.linspace(0, 0.4, 50)
    X, y = narma(u=u)
    np.testing.assert_array_equal(X[:, 0], u)
    expected, _ = reference.narma(u, 10, ABCD[10])
    np.testing.assert_allclose(y, expected, rtol=1e-11)  # as above
    assert not np.shares_memory(X, u)
    np.testing.assert_array_equal(
        narma(u=X)[1], y
    )  # its own X, a column, goes in again


def test_without_input_it_settles_on_the_root_of_its_equation() -> None:
    _, y = narma(u=np.zeros(500))
    # y = .3 y + .5 y² + .1
    assert y[-1] == pytest.approx(0.7 - np.sqrt(0.29), rel=1e-12)


def test_coefficients_and_saturation_can_be_ones_own() -> None:
    u = np.random.default_rng(3).uniform(0, 0.5, 200)
    abcd = (0.2, 0.004, 1.5, 0.201)
    _, y = narma(u=u, order=30, coefficients=abcd)
    np.testing.assert_allclose(y, reference.narma(u, 30, abcd)[0], rtol=1e-11)
    _, y = narma(u=u, order=10, saturate=True)
    expected, _ = reference.narma(u, 10, ABCD[10], saturate=True)
    np.testing.assert_allclose(y, expected, rtol=1e-11)  # as above


def test_a_draw_that_diverges_is_replaced_by_the_next() -> None:
    def stays(draw: np.ndarray) -> bool:
        return reference.narma(draw, 10, ABCD[10])[1]

    # About one draw of 1000 rows in 200 diverges; 83 does with NumPy 2.
    for seed in itertools.count(83):
        rng = np.random.default_rng(seed)
        first, second = rng.uniform(0, 0.5, 1000), rng.uniform(0, 0.5, 1000)
        if not stays(first) and stays(second):
            break
    X, y = narma(1000, random_state=seed)
    np.testing.assert_array_equal(X[:, 0], second)
    assert np.abs(y).max() < 10


def test_an_input_that_drives_it_to_infinity_is_refused() -> None:
    with pytest.raises(ValueError, match=r"narma\(u=.*bounded.*saturate=True"):
        narma(u=np.full(500, 0.5))
    _, y = narma(u=np.full(500, 0.5), saturate=True)
    assert np.abs(y).max() <= 1


def test_coefficients_that_always_diverge_end_the_draws() -> None:
    with pytest.raises(ValueError, match=r"narma\(coefficients=\(2.0, .*bounded"):
        narma(100, coefficients=(2.0, 0.05, 1.5, 0.1), random_state=0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "given when u is not"),
        ({"n_timesteps": 10, "u": [0.1]}, "given when u is not"),
        ({"u": []}, "one-dimensional"),
        ({"u": [[0.1, 0.2]]}, "one-dimensional"),
        ({"u": [0.1, np.nan]}, "finite"),
        ({"u": ["a"]}, "real numbers"),
        ({"n_timesteps": 10, "order": 0}, "order=0"),
        ({"n_timesteps": 10, "coefficients": [0.3, 0.05]}, "4 of them"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        narma(**arguments)
