"""Limited-memory BFGS, by SciPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, minimize

from seqest._validation import check_integer, check_number
from seqest.optim.minimum import Callback, Minimum, warn_of_limit

__all__ = ["lbfgs"]

Array = NDArray[Any]
STOPPED_BY_CALLBACK = 99  # SciPy's status


def lbfgs(
    objective: Callable[[Array], tuple[float, Array]],
    theta: Array,
    *,
    max_iter: int = 200,
    tol: float = 1e-4,
    max_fun: int = 15_000,
    callback: Callback | None = None,
) -> Minimum:
    r"""Minimise a loss over all data by its gradients and the curvature they betray.

    SciPy's L-BFGS-B in float64; `objective` is called in the dtype of `theta`.

    Parameters
    ----------
    objective : callable
        Takes parameters in the dtype of `theta`; returns the loss and its gradient.
    theta : ndarray of shape (n_parameters,), float32 or float64
        Where to begin; not changed.
    max_iter : int >= 1, default=200
        The most iterations.
    tol : float >= 0, default=1e-4
        It ends where no element of the gradient is larger. Raising it ends sooner.
    max_fun : int >= 1, default=15000
        The most calls of `objective`.
    callback : callable, optional
        Called after each iteration with its number, counted from 0, the loss and the
        parameters, which are a copy; ends the descent if it returns true. Whatever it
        or `objective` raises, KeyboardInterrupt included, comes through, so that who
        keeps the parameters has the best ones then.

    Returns
    -------
    Minimum
        The fields theta, loss, n_iter, converged and reason.

    Warns
    -----
    ConvergenceWarning
        If it ended at a limit, or where the line search found nothing lower.

    References
    ----------
    Liu, D. C. & Nocedal, J. (1989). On the limited memory BFGS method for large scale
    optimization. Mathematical Programming 45.

    Examples
    --------
    >>> import numpy as np
    >>> found = lbfgs(lambda w: ((w - 3) @ (w - 3), 2 * (w - 3)), np.zeros(2))
    >>> found.theta.round(4), found.converged
    (array([3., 3.]), True)
    """
    check_integer("lbfgs", "max_iter", max_iter, 1)
    check_integer("lbfgs", "max_fun", max_fun, 1)
    check_number("lbfgs", "tol", tol, "[0, inf)")
    n_done = 0

    def in_doubles(point: Array) -> tuple[float, Array]:
        loss, gradient = objective(point.astype(theta.dtype))
        return float(loss), np.asarray(gradient, np.float64)

    def watch(intermediate_result: OptimizeResult) -> None:
        nonlocal n_done
        point = intermediate_result.x.astype(theta.dtype)
        n_done += 1
        if callback and callback(n_done - 1, float(intermediate_result.fun), point):
            raise StopIteration

    found = minimize(
        in_doubles,
        theta.astype(np.float64),
        method="L-BFGS-B",
        jac=True,
        callback=watch,
        options={"maxiter": max_iter, "maxfun": max_fun, "gtol": tol},
    )
    reason = str(found.message).strip().rstrip(".")
    if found.status == STOPPED_BY_CALLBACK:
        reason = "the callback stopped it"
    elif not found.success:
        warn_of_limit("lbfgs", found.nit, reason, max_iter)
    return Minimum(
        found.x.astype(theta.dtype), float(found.fun), n_done, found.success, reason
    )
