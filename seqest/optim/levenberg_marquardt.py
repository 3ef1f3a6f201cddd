"""Levenberg-Marquardt: Gauss-Newton steps, damped as far as the model is off."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from seqest._validation import check_integer, check_number, worded
from seqest.optim.minimum import Callback, Minimum, warn_of_limit

__all__ = ["NormalEquations", "levenberg_marquardt"]

Array = NDArray[Any]
# Takes theta; returns the loss, J'J (P, P) and J'r (P,).
NormalEquations = Callable[[Array], tuple[float, Array, Array]]

NAME = "levenberg_marquardt"
FLAT = "the gradient is below tol"
# Of the largest diagonal element: less damping is lost in rounding.
LEAST = float(np.finfo(np.float64).eps)


def levenberg_marquardt(
    normal_equations: NormalEquations,
    loss: Callable[[Array], float],
    theta: Array,
    *,
    max_iter: int = 200,
    tol: float = 1e-8,
    damping: float = 1e-3,
    callback: Callback | None = None,
) -> Minimum:
    r"""Minimise a sum of squares, :math:`L = \tfrac12 \lVert r(\theta) \rVert^2`.

    .. math:: (J^T J + \mu I)\, \Delta = -J^T r, \qquad
        \varrho = \frac{L(\theta) - L(\theta + \Delta)}
        {\tfrac12 \Delta^T (\mu \Delta - J^T r)}

    A step that lowers the loss is taken, and
    :math:`\mu \leftarrow \mu \max(\tfrac13, 1 - (2\varrho - 1)^3)`; otherwise
    :math:`\mu` is multiplied by 2, then 4, 8, … until one does (Nielsen's rule).

    Only the sums over residuals enter, so that the Jacobian :math:`J` need never exist
    as a whole. A constant factor on all three does no harm, and
    :math:`\lambda \lVert \theta \rVert^2 / 2` may be added by adding
    :math:`\lambda I` and :math:`\lambda \theta`.

    Parameters
    ----------
    normal_equations : callable
        Takes parameters in the dtype of `theta`; returns L, :math:`J^T J` of shape
        (n_parameters, n_parameters) and :math:`J^T r`, the gradient of L.
    loss : callable
        Takes the same; returns L.
    theta : ndarray of shape (n_parameters,), float32 or float64
        Where to begin; not changed.
    max_iter : int >= 1, default=200
        The most iterations: calls of `normal_equations` after the first.
    tol : float >= 0, default=1e-8
        It ends where no element of the gradient is larger, or where a step is shorter
        than this share of `theta`. Raising it ends sooner.
    damping : float > 0, default=1e-3
        The first :math:`\mu`, as a share of the largest diagonal element of
        :math:`J^T J`. Raising it begins with shorter steps.
    callback : callable, optional
        Called after each iteration with its number, counted from 0, the loss and the
        parameters, which are a copy; ends the descent if it returns true. What it
        raises comes through.

    Returns
    -------
    Minimum
        The fields theta, loss, n_iter, converged and reason.

    Raises
    ------
    ValueError
        If the loss where it begins is NaN or infinite.

    Warns
    -----
    ConvergenceWarning
        If it ended at `max_iter`.

    References
    ----------
    Madsen, K., Nielsen, H. B. & Tingleff, O. (2004). Methods for non-linear least
    squares problems, 2nd ed. Technical University of Denmark, algorithm 3.16. Hagan,
    M. T. & Menhaj, M. B. (1994). Training feedforward networks with the Marquardt
    algorithm. IEEE Transactions on Neural Networks 5.

    Examples
    --------
    >>> import numpy as np
    >>> def rosenbrock(w):
    ...     r = np.array([10 * (w[1] - w[0] ** 2), 1 - w[0]])
    ...     J = np.array([[-20 * w[0], 10.0], [-1.0, 0.0]])
    ...     return r @ r / 2, J.T @ J, J.T @ r
    >>> start = np.array([-1.2, 1.0])
    >>> found = levenberg_marquardt(rosenbrock, lambda w: rosenbrock(w)[0], start)
    >>> found.theta.round(6)
    array([1., 1.])
    """
    check_integer(NAME, "max_iter", max_iter, 1)
    check_number(NAME, "tol", tol, "[0, inf)")
    check_number(NAME, "damping", damping, "(0, inf)")
    at = _Expansion(theta.copy(), *normal_equations(theta))
    if not np.isfinite(at.loss):
        raise ValueError(worded(NAME, "theta", theta, "where the loss is finite"))
    damping *= at.stiffness
    for n_iter in range(max_iter):
        if at.steepness <= tol:
            return at.minimum(n_iter, FLAT)
        point, damping = _lower_point(at, loss, max(damping, LEAST * at.stiffness), tol)
        if point is None:
            return at.minimum(n_iter, "no step above tol lowers the loss")
        at = _Expansion(point, *normal_equations(point))
        if callback and callback(n_iter, float(at.loss), point.copy()):
            return at.minimum(n_iter + 1, "the callback stopped it", converged=False)
    if at.steepness <= tol:
        return at.minimum(max_iter, FLAT)
    reason = f"the gradient is {at.steepness:.1e}, above tol={tol:g}"
    warn_of_limit(NAME, max_iter, reason, max_iter)
    return at.minimum(max_iter, reason, converged=False)


class _Expansion(NamedTuple):
    """The loss around a point, to second order."""

    theta: Array
    loss: float
    curvature: Array  # J'J
    gradient: Array  # J'r

    @property
    def steepness(self) -> float:
        return float(abs(self.gradient).max())

    @property
    def stiffness(self) -> float:
        return float(self.curvature.diagonal().max())

    def minimum(self, n_iter: int, reason: str, converged: bool = True) -> Minimum:
        return Minimum(self.theta, float(self.loss), n_iter, converged, reason)


def _lower_point(
    at: _Expansion, loss: Callable[[Array], float], damping: float, tol: float
) -> tuple[Array | None, float]:
    """Return a point with a lower loss, or None, and how to damp the next step."""
    reach = tol * (float(np.linalg.norm(at.theta)) + tol)
    growth = 2.0
    while damping < inf:
        step = _damped_step(at, damping)
        if step is not None:
            if np.linalg.norm(step) <= reach:
                break
            point = (at.theta + step).astype(at.theta.dtype)
            gain = float(at.loss - loss(point))
            if gain > 0:
                foreseen = 0.5 * float(step @ (damping * step - at.gradient))
                return point, damping * max(1 / 3, 1 - (2 * gain / foreseen - 1) ** 3)
        damping, growth = damping * growth, growth * 2
    return None, damping


def _damped_step(at: _Expansion, damping: float) -> Array | None:
    """Solve the damped normal equations; None where rounding leaves them singular."""
    damped = at.curvature.astype(np.float64)
    damped.flat[:: len(damped) + 1] += damping
    try:
        factor = cho_factor(damped, lower=True, overwrite_a=True, check_finite=False)
    except LinAlgError:
        return None
    return np.asarray(-cho_solve(factor, at.gradient, check_finite=False))
