"""Least squares over all rows by Levenberg and Marquardt."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.optim import levenberg_marquardt
from seqest.recurrence.jacobian import normal_equations
from seqest.recurrence.lesson import Lesson, Windows
from seqest.recurrence.losses import counted
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network

__all__ = ["LeastSquares"]

Array = NDArray[Any]


class LeastSquares:
    """The mean squared error of windows as sums for Levenberg-Marquardt.

    Parameters
    ----------
    model : Model
        What learns; its network must run forwards only.
    lesson : Lesson
        From what.
    windows : Windows
        Its pieces.
    """

    def __init__(self, model: Model, lesson: Lesson, windows: Windows) -> None:
        assert isinstance(model.network, Network)
        self.model, self.lesson, self.windows = model, lesson, windows
        self.network = model.network
        batch, _ = lesson.batch(windows, np.zeros(self.network.n_states))
        Z, weights = lesson.targets(windows, batch)
        counts = counted(Z, weights)
        self.n_rows = float(counts.sum())
        self.Z = np.nan_to_num(Z.astype(np.float64))
        # ½ Σ r² is the mean over rows and outputs of half the squared error.
        self.scale = np.sqrt(counts / (self.n_rows * Z.shape[1]))[:, np.newaxis]

    def minimise(
        self, theta: Array, *, max_iter: int, tol: float, callback: Any
    ) -> Any:
        """Return where the descent ended.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            Where it begins.
        max_iter, tol, callback
            As in `levenberg_marquardt`.

        Returns
        -------
        Minimum
            As there.
        """
        options = {"max_iter": max_iter, "tol": tol, "callback": callback}
        return levenberg_marquardt(self.equations, self.loss, theta, **options)

    def equations(self, theta: Array) -> tuple[float, Array, Array]:
        """Return the loss with its penalty, JᵀJ and the gradient.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            The weights.

        Returns
        -------
        loss : float
            The loss.
        curvature : ndarray of shape (n_theta, n_theta)
            Of the sums of squares and the penalty.
        gradient : ndarray of shape (n_theta,)
            Its gradient.
        """
        batch, at_rest = self.lesson.batch(self.windows, self.model.rest(theta)[0])

        def residual_of(outputs: Array, places: NDArray[np.int64]) -> Any:
            scale = self.scale[places]
            slopes = np.broadcast_to(scale, outputs.shape)
            return (outputs - self.Z[places]) * scale, slopes

        found = normal_equations(self.network, theta, batch, residual_of, at_rest)
        loss, curvature, gradient = found
        loss, gradient = self.model.penalised(theta, loss, gradient, self.n_rows)
        curvature[np.diag_indices(theta.size)] += self.model.curvature(self.n_rows)
        return loss, curvature, gradient

    def loss(self, theta: Array) -> float:
        """Return the loss with its penalty.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            The weights.

        Returns
        -------
        float
            The loss.
        """
        batch, _ = self.lesson.batch(self.windows, self.model.rest(theta)[0])
        outputs = self.model.unroll(theta, batch, keep=False).outputs
        residuals = (outputs - self.Z) * self.scale
        total = 0.5 * float(np.vdot(residuals, residuals))
        return self.model.penalised(theta, total, np.zeros_like(theta), self.n_rows)[0]
