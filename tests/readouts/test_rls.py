"""Recursive least squares against the least squares that it recurs to."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.readouts import RecursiveLeastSquares
from tests.reference.linear_readouts import discounted_least_squares

Array = NDArray[np.float64]


def data(n_rows: int, n_features: int = 5, seed: int = 0) -> tuple[Array, Array, Array]:
    """Return correlated features, two noisy targets, and weights, some of them 0."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_rows, n_features)) + rng.standard_normal((n_rows, 1))
    noise = 0.1 * rng.standard_normal((n_rows, 2))
    Y = 1 + X @ rng.standard_normal((n_features, 2)) + noise
    return X, Y, rng.uniform(0, 2, n_rows) * (rng.uniform(size=n_rows) > 0.1)


def weights_of(readout: RecursiveLeastSquares) -> Array:
    return np.column_stack([readout.intercept_, readout.coef_])


@pytest.mark.parametrize("n_rows", [1, 3, 6, 200])
@pytest.mark.parametrize("alpha", [1e-6, 0.5])
def test_without_forgetting_it_is_ridge_with_a_penalised_intercept(
    n_rows: int, alpha: float
) -> None:
    X, Y, weight = data(n_rows)
    design = np.hstack([np.ones((n_rows, 1)), X])
    information = design.T @ (weight[:, np.newaxis] * design) + alpha * np.eye(6)
    theirs = np.linalg.solve(information, design.T @ (weight[:, np.newaxis] * Y)).T
    readout = RecursiveLeastSquares(alpha=alpha).partial_fit(X, Y, weight)
    # The covariance spans up to eight decades from the penalty to what is learnt.
    np.testing.assert_allclose(weights_of(readout), theirs, rtol=0, atol=1e-7)


@pytest.mark.parametrize("forgetting", [0.2, 0.6, 0.9, 0.99, 0.999])
@pytest.mark.parametrize("alpha", [1e-3, 0.5])
def test_forgetting_is_the_reference_recursion(forgetting: float, alpha: float) -> None:
    X, Y, weight = data(300)
    readout = RecursiveLeastSquares(forgetting=forgetting, alpha=alpha)
    readout.fit(X, Y, weight)
    theirs = discounted_least_squares(X, Y, weight, forgetting, alpha)
    np.testing.assert_allclose(weights_of(readout), theirs, rtol=0, atol=1e-9)


def test_forgetting_weighs_rows_by_their_age_while_all_is_excited() -> None:
    X, Y, _ = data(500)
    age = np.arange(499, -1, -1)
    root = 0.98 ** (age / 2)[:, np.newaxis]
    design = np.hstack([np.ones((500, 1)), X])
    theirs = np.linalg.lstsq(root * design, root * Y)[0].T
    readout = RecursiveLeastSquares(forgetting=0.98, alpha=1e-6).fit(X, Y)
    # The penalty, 1e-6 beside the squares of 50 rows.
    np.testing.assert_allclose(weights_of(readout), theirs, rtol=0, atol=1e-6)


def test_a_million_steps_end_where_one_solve_does() -> None:
    X, Y, _ = data(1_000_000, n_features=3)
    readout = RecursiveLeastSquares(alpha=1e-4).fit(X, Y)
    design = np.hstack([np.ones((len(X), 1)), X])
    information = design.T @ design + 1e-4 * np.eye(4)
    theirs = np.linalg.solve(information, design.T @ Y).T
    # A million roundings that do not add up in one direction.
    np.testing.assert_allclose(weights_of(readout), theirs, rtol=0, atol=1e-10)
    covariance = readout.covariance_
    assert (covariance == covariance.T).all()
    np.testing.assert_allclose(covariance @ information, np.eye(4), atol=1e-9)


def unexciting(kind: str, n_rows: int) -> Array:
    """Return features that do not span their space, or seldom do."""
    rng = np.random.default_rng(0)
    match kind:
        case "zero":
            return np.zeros((n_rows, 3))
        case "constant":
            return np.full((n_rows, 3), 0.7)
        case "copies":
            return rng.standard_normal((n_rows, 1)).repeat(3, axis=1)
        case _:
            bursts = np.arange(n_rows)[:, np.newaxis] % 5000 < 50
            return np.where(bursts, rng.standard_normal((n_rows, 3)), 0.0)


@pytest.mark.parametrize("kind", ["zero", "constant", "copies", "bursts"])
@pytest.mark.parametrize("forgetting", [0.5, 0.95, 0.999])
def test_the_covariance_stays_below_four_times_the_prior(
    kind: str, forgetting: float
) -> None:
    X = unexciting(kind, 100_000)  # forgetting alone would reach 1e43 to overflow
    y = 1 + 2 * X[:, 0]
    readout = RecursiveLeastSquares(forgetting=forgetting, alpha=0.01).fit(X, y)
    eigenvalues = np.linalg.eigvalsh(readout.covariance_)
    assert eigenvalues.max() < 4 / 0.01
    assert eigenvalues.min() > 0
    # The prior pulls: 0.01 against the squares of as few as two rows.
    np.testing.assert_allclose(readout.predict(X[-9:]), y[-9:], atol=0.05)


def test_it_follows_a_change_though_a_feature_is_dead() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20_000, 3))
    X[:, 2] = 0.0
    y = np.where(np.arange(20_000) < 19_000, X[:, 0], -X[:, 0])
    readout = RecursiveLeastSquares(forgetting=0.99, alpha=1e-6).fit(X, y)
    # What is left of the old rows: 0.99 ** 1000 of their weight.
    np.testing.assert_allclose(readout.coef_, [-1.0, 0.0, 0.0], atol=1e-3)
    stubborn = RecursiveLeastSquares(forgetting=1.0, alpha=1e-6).fit(X, y)
    assert stubborn.coef_[0] > 0.5


def test_outputs_are_learnt_apart() -> None:
    X, Y, _ = data(100)
    both = RecursiveLeastSquares(forgetting=0.9).fit(X, Y)
    for output in range(2):
        one = RecursiveLeastSquares(forgetting=0.9).fit(X, Y[:, output])
        np.testing.assert_allclose(one.coef_, both.coef_[output], rtol=1e-12)
        np.testing.assert_allclose(one.intercept_, both.intercept_[output], rtol=1e-12)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"forgetting": 0.0},
            r"RecursiveLeastSquares\(forgetting=0.0\): must be in \(0",
        ),
        ({"forgetting": 1.1}, r"\(forgetting=1.1\): must be in \(0, 1\]"),
        ({"alpha": 0.0}, r"RecursiveLeastSquares\(alpha=0.0\): must be in \(0, inf\)"),
    ],
)
def test_parameters_out_of_range_are_refused(
    parameters: dict[str, float], message: str
) -> None:
    X, Y, _ = data(10)
    with pytest.raises(ValueError, match=message):
        RecursiveLeastSquares(**parameters).fit(X, Y)


def test_rows_beyond_the_range_of_numbers_are_refused_by_name() -> None:
    X, Y, _ = data(10)
    X[7] = 1e300
    with pytest.raises(ValueError, match=r"row 7 is out of the range .* Standardise"):
        RecursiveLeastSquares().fit(X, Y)
