"""Levenberg-Marquardt against SciPy, closed forms, and the algorithm as printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import least_squares
from sklearn.exceptions import ConvergenceWarning

from seqest.optim import Stopping, levenberg_marquardt
from seqest.optim.minimum import Minimum

Array = NDArray[Any]
Function = Callable[[Array], Array]
START = np.array([-1.2, 1.0])


def rosenbrock(w: Array) -> Array:
    return np.array([10 * (w[1] - w[0] ** 2), 1 - w[0]], w.dtype)


def rosenbrock_jacobian(w: Array) -> Array:
    return np.array([[-20 * w[0], 10], [-1, 0]], w.dtype)


def minimise(r: Function, J: Function, start: Array, **options: Any) -> Minimum:
    def normal_equations(w: Array) -> tuple[float, Array, Array]:
        return half_square(w), J(w).T @ J(w), J(w).T @ r(w)

    def half_square(w: Array) -> float:
        return float(r(w) @ r(w)) / 2

    return levenberg_marquardt(normal_equations, half_square, start, **options)


def decay_curve() -> tuple[Function, Function]:
    """Return residuals and Jacobian of a noisy a exp(-b t) + c."""
    t = np.linspace(0, 4, 80)
    noise = 0.05 * np.random.default_rng(0).standard_normal(80)
    y = 2 * np.exp(-1.3 * t) + 0.5 + noise

    def residuals(w: Array) -> Array:
        return w[0] * np.exp(-w[1] * t) + w[2] - y

    def jacobian(w: Array) -> Array:
        fading = np.exp(-w[1] * t)
        return np.column_stack([fading, -w[0] * t * fading, np.ones(80)])

    return residuals, jacobian


def algorithm_3_16(
    r: Function, J: Function, w: Array, n_taken: int, tau: float
) -> Array:
    """Return the point after `n_taken` steps that lower the loss, as printed."""
    A, g = J(w).T @ J(w), J(w).T @ r(w)
    mu, nu = tau * A.diagonal().max(), 2.0
    while n_taken:
        h = np.linalg.solve(A + mu * np.eye(len(w)), -g)
        fall = (r(w) @ r(w) - r(w + h) @ r(w + h)) / 2
        rho = fall / (h @ (mu * h - g) / 2)
        if rho > 0:
            w = w + h
            A, g = J(w).T @ J(w), J(w).T @ r(w)
            mu, nu = mu * max(1 / 3, 1 - (2 * rho - 1) ** 3), 2.0
            n_taken -= 1
        else:
            mu, nu = mu * nu, 2 * nu
    return w


# The lesser damping has steps refused several times in a row.
@pytest.mark.parametrize("damping", [1e-3, 1e-7])
@pytest.mark.parametrize("n_taken", [1, 3, 6])
def test_it_is_the_algorithm_as_printed(n_taken: int, damping: float) -> None:
    problem = rosenbrock, rosenbrock_jacobian, START
    with pytest.warns(ConvergenceWarning, match="failed to converge"):
        found = minimise(*problem, max_iter=n_taken, damping=damping)
    expected = algorithm_3_16(*problem, n_taken, damping)
    # Rounding, magnified by the condition of the equations, up to 2500, in each step.
    np.testing.assert_allclose(found.theta, expected, rtol=1e-9)


def test_it_goes_down_rosenbrocks_valley_to_the_end() -> None:
    found = minimise(rosenbrock, rosenbrock_jacobian, START, tol=1e-14)
    assert found.loss < 1e-24
    np.testing.assert_allclose(found.theta, 1, atol=1e-12)
    assert found.converged


def test_a_curve_is_fitted_as_scipy_fits_it() -> None:
    residuals, jacobian = decay_curve()
    ours = minimise(residuals, jacobian, np.ones(3))
    theirs = least_squares(residuals, np.ones(3), jacobian, method="lm", gtol=1e-12)
    # Both end where the gradient is below 1e-8, at curvatures of around 1.
    np.testing.assert_allclose(ours.theta, theirs.x, rtol=1e-6)
    assert ours.loss == pytest.approx(theirs.cost, rel=1e-12)
    assert ours.converged


def test_a_penalty_on_the_weights_is_ridge_regression() -> None:
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((30, 4)), rng.standard_normal(30)

    def loss(w: Array) -> float:
        return float(((X @ w - y) ** 2).sum() + 3.0 * w @ w) / 2

    def normal_equations(w: Array) -> tuple[float, Array, Array]:
        return loss(w), X.T @ X + 3.0 * np.eye(4), X.T @ (X @ w - y) + 3.0 * w

    found = levenberg_marquardt(normal_equations, loss, np.zeros(4))
    expected = np.linalg.solve(X.T @ X + 3.0 * np.eye(4), X.T @ y)
    np.testing.assert_allclose(found.theta, expected, rtol=1e-8)


def test_a_factor_on_the_loss_changes_no_step() -> None:
    points: list[list[Array]] = []
    for factor in (1.0, 4.0):  # a power of two, so that rounding is the same
        points.append([])

        def callback(n_iter: int, loss: float, theta: Array) -> bool:
            points[-1].append(theta)
            return n_iter == 5

        minimise(
            lambda w, f=factor: f * rosenbrock(w),
            lambda w, f=factor: f * rosenbrock_jacobian(w),
            START,
            callback=callback,
        )
    np.testing.assert_array_equal(*points)


def test_parameters_that_do_nothing_are_no_trouble() -> None:
    def residuals(w: Array) -> Array:
        return np.array([w[0] + w[1] - 3.0])

    found = minimise(residuals, lambda w: np.array([[1.0, 1.0, 0.0]]), np.zeros(3))
    np.testing.assert_allclose(found.theta, [1.5, 1.5, 0.0], atol=1e-7)
    assert found.converged


def test_at_a_minimum_it_stays() -> None:
    start = np.ones(2)
    found = minimise(rosenbrock, rosenbrock_jacobian, start)
    assert found.n_iter == 0
    assert found.converged
    np.testing.assert_array_equal(found.theta, start)
    assert found.theta is not start


def test_single_precision_goes_in_and_comes_out() -> None:
    start = START.astype(np.float32)
    found = minimise(rosenbrock, rosenbrock_jacobian, start, tol=1e-4)
    assert found.theta.dtype == np.float32
    # A gradient of 1e-4 over the least curvature, 0.4.
    np.testing.assert_allclose(found.theta, 1, rtol=5e-4)


def test_a_point_where_the_loss_is_no_number_is_not_taken() -> None:
    def residuals(w: Array) -> Array:  # Gauss-Newton would jump to where log is NaN
        return np.log(w) + 2 if w[0] > 0 else np.array([np.nan])

    found = minimise(residuals, lambda w: np.diag(1 / w), np.array([20.0]))
    np.testing.assert_allclose(found.theta, np.exp(-2), rtol=1e-7)


def test_a_start_where_the_loss_is_no_number_is_refused() -> None:
    message = r"^levenberg_marquardt\(theta=.*\): must be where the loss is finite"
    with pytest.raises(ValueError, match=message):
        minimise(lambda w: w * np.nan, lambda w: np.eye(2), START)


def test_a_limit_reached_is_warned_of() -> None:
    words = r"^levenberg_marquardt failed to converge after 2 iteration\(s\): the grad"
    with pytest.warns(ConvergenceWarning, match=words):
        found = minimise(rosenbrock, rosenbrock_jacobian, START, max_iter=2)
    assert (found.n_iter, found.converged) == (2, False)


def test_the_loss_only_ever_falls() -> None:
    losses: list[float] = []
    minimise(
        rosenbrock,
        rosenbrock_jacobian,
        START,
        callback=lambda n_iter, loss, theta: losses.append(loss),
    )
    assert len(losses) > 5
    assert (np.diff(losses) < 0).all()


def test_an_interrupt_comes_through_and_the_best_weights_are_with_the_caller() -> None:
    stopping = Stopping(tol=0.0)

    def callback(n_iter: int, loss: float, theta: Array) -> bool:
        if n_iter == 4:
            raise KeyboardInterrupt
        return stopping.update(n_iter, loss, theta)

    with pytest.raises(KeyboardInterrupt):
        minimise(rosenbrock, rosenbrock_jacobian, START, callback=callback)
    theta = START.copy()
    stopping.restore(theta)
    r = rosenbrock(theta)
    assert r @ r / 2 == stopping.best_loss_
    assert stopping.n_iter_ == 4
