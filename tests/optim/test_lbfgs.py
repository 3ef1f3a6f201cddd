"""L-BFGS is SciPy's, in the precision and the words of this package."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize, rosen, rosen_der
from sklearn.exceptions import ConvergenceWarning

from seqest.optim import Stopping, lbfgs

Array = NDArray[Any]
START = np.array([-1.2, 1.0, -0.5, 2.0])


def rosenbrock(theta: Array) -> tuple[float, Array]:
    return float(rosen(theta)), rosen_der(theta).astype(theta.dtype)


def test_it_is_scipys() -> None:
    ours = lbfgs(rosenbrock, START, tol=1e-6)
    theirs = minimize(
        rosen,
        START,
        jac=rosen_der,
        method="L-BFGS-B",
        options={"maxiter": 200, "gtol": 1e-6},
    )
    np.testing.assert_array_equal(ours.theta, theirs.x)
    assert (ours.loss, ours.n_iter) == (theirs.fun, theirs.nit)
    assert ours.converged
    assert ours.reason.startswith("CONVERGENCE")


def test_single_precision_goes_in_and_comes_out() -> None:
    seen = set()

    def objective(theta: Array) -> tuple[float, Array]:
        seen.add(theta.dtype)
        return float(((theta - 3) ** 2).sum()), 2 * (theta - 3)

    found = lbfgs(objective, np.zeros(5, np.float32), tol=1e-3)
    assert seen == {found.theta.dtype} == {np.dtype(np.float32)}
    np.testing.assert_allclose(found.theta, 3, rtol=1e-5)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"max_iter": 3}, r"after 3 iteration\(s\): .*LIMIT.*\(max_iter=3\)"),
        ({"max_fun": 4}, r"after \d iteration\(s\): .*LIMIT.*\(max_iter=200\)"),
    ],
)
def test_a_limit_reached_is_warned_of(limits: dict[str, int], words: str) -> None:
    with pytest.warns(ConvergenceWarning, match=rf"^lbfgs failed to converge {words}"):
        found = lbfgs(rosenbrock, START, **limits)
    assert not found.converged
    assert found.loss < rosen(START)


def test_the_callback_sees_each_iteration_and_may_stop() -> None:
    seen = []

    def callback(n_iter: int, loss: float, theta: Array) -> bool:
        seen.append((n_iter, loss, theta))
        return n_iter == 4

    found = lbfgs(rosenbrock, START, callback=callback)
    assert [n_iter for n_iter, _, _ in seen] == [0, 1, 2, 3, 4]
    assert all(loss == rosen(theta) for _, loss, theta in seen)
    assert (found.n_iter, found.converged) == (5, False)
    assert found.reason == "the callback stopped it"
    np.testing.assert_array_equal(found.theta, seen[-1][2])


def test_an_interrupt_comes_through_and_the_best_weights_are_with_the_caller() -> None:
    stopping = Stopping(tol=0.0)

    def callback(n_iter: int, loss: float, theta: Array) -> bool:
        if n_iter == 6:
            raise KeyboardInterrupt
        return stopping.update(n_iter, loss, theta)

    with pytest.raises(KeyboardInterrupt):
        lbfgs(rosenbrock, START, callback=callback)
    theta = START.copy()
    stopping.restore(theta)
    assert stopping.n_iter_ == 6
    assert rosen(theta) == stopping.best_loss_ < rosen(START)


def test_a_watch_over_the_loss_is_a_callback() -> None:
    stopping = Stopping(tol=1.0, n_iter_no_change=2)
    found = lbfgs(rosenbrock, START, callback=stopping.update)
    assert found.reason == "the callback stopped it"
    assert stopping.reason_.startswith("the loss did not improve by tol=1")
