"""What a minimiser is told in each iteration, and what it returns."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

__all__ = ["Callback", "Minimum", "warn_of_limit"]

# Takes the iteration, counted from 0, the loss and theta; returns whether to stop.
Callback = Callable[[int, float, NDArray[Any]], bool | None]


class Minimum(NamedTuple):
    """Where a minimiser ended, and why.

    Attributes
    ----------
    theta : ndarray of shape (n_parameters,)
        The parameters, in the dtype of those it began with.
    loss : float
        The loss there.
    n_iter : int
        Number of iterations.
    converged : bool
        Whether a tolerance was met.
    reason : str
        Why it ended.
    """

    theta: NDArray[Any]
    loss: float
    n_iter: int
    converged: bool
    reason: str


def warn_of_limit(owner: str, n_iter: int, reason: str, max_iter: int) -> None:
    """Warn that `owner` ended before it converged, as MLPRegressor words it."""
    warnings.warn(
        f"{owner} failed to converge after {n_iter} iteration(s): {reason}. Increase "
        f"the number of iterations (max_iter={max_iter}) to improve the convergence, "
        "or standardise X and y.",
        ConvergenceWarning,
        stacklevel=3,
    )
