"""Jacobians of outputs by theta, and the normal equations of least squares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import one_blas_thread
from seqest.recurrence.batch import Batch
from seqest.recurrence.network import Network
from seqest.recurrence.sensitivities import slopes_along

__all__ = ["ResidualOf", "jacobian", "normal_equations"]

Array = NDArray[Any]
# Takes outputs (n, n_outputs) and their places in the order of all outputs (n,);
# returns residuals and their derivatives by the outputs, element by element, both
# (n, n_outputs) and 0 where nothing is known.
ResidualOf = Callable[[Array, NDArray[np.int64]], tuple[Array, Array]]

FEW = 256  # rows of a Jacobian that are not worth a product of their own


def jacobian(
    network: Network,
    theta: Array,
    batch: Batch,
    at_rest: NDArray[np.bool_] | None = None,
) -> Array:
    """Return the derivatives of all outputs of a batch by theta.

    Parameters
    ----------
    network, theta, batch, at_rest
        As in `slopes_along`.

    Returns
    -------
    ndarray of shape (n_positions, n_outputs, n_theta)
        In the order of `Run.outputs`.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.cells import simple
    >>> from seqest.recurrence import Batch, Network
    >>> line = Network(simple(), n_inputs=1, n_outputs=1, hidden=())
    >>> X, first, length = np.array([[3.0], [5.0]]), np.array([0]), np.array([2])
    >>> jacobian(line, np.zeros(2), Batch(X, first, length, np.zeros((1, 1))))[:, 0]
    array([[1., 3.],
           [1., 5.]])
    """
    shape = int(batch.places[-1]), network.n_outputs, theta.size
    J = np.empty(shape)
    with one_blas_thread():
        for slopes in slopes_along(network, theta, batch, at_rest):
            J[slopes.places] = slopes.of_outputs(network.function)
    return J


def normal_equations(
    network: Network,
    theta: Array,
    batch: Batch,
    residual_of: ResidualOf,
    at_rest: NDArray[np.bool_] | None = None,
) -> tuple[float, Array, Array]:
    """Return half a sum of squared residuals, JᵀJ and Jᵀr; J is never held as a whole.

    Parameters
    ----------
    network, theta, batch
        As in `slopes_along`.
    residual_of : callable
        Takes outputs (n, n_outputs) and their places (n,) in the order of
        `Run.outputs`; returns residuals and their derivatives by the outputs, element
        by element, both 0 where nothing is known.
    at_rest : ndarray of shape (n_sequences,), optional
        As in `slopes_along`.

    Returns
    -------
    loss : float
        ½ Σ r².
    curvature : ndarray of shape (n_theta, n_theta)
        JᵀJ.
    gradient : ndarray of shape (n_theta,)
        Jᵀr.
    """
    loss, n_theta = 0.0, theta.size
    curvature, gradient = np.zeros((n_theta, n_theta)), np.zeros(n_theta)
    blocks = _residuals(network, theta, batch, residual_of, at_rest)
    with one_blas_thread():
        for residuals, J in _joined(blocks):
            loss += 0.5 * float(residuals @ residuals)
            curvature += J.T @ J
            gradient += J.T @ residuals
    return loss, curvature, gradient


def _residuals(
    network: Network,
    theta: Array,
    batch: Batch,
    residual_of: ResidualOf,
    at_rest: NDArray[np.bool_] | None,
) -> Iterator[tuple[Array, Array]]:
    """Yield residuals (n,) and their derivatives (n, n_theta)."""
    for slopes in slopes_along(network, theta, batch, at_rest):
        residuals, scale = residual_of(slopes.outputs, slopes.places)
        J = slopes.of_outputs(network.function)
        J *= scale[:, :, np.newaxis]
        yield residuals.ravel(), J.reshape(-1, theta.size)


def _joined(blocks: Iterator[tuple[Array, Array]]) -> Iterator[tuple[Array, Array]]:
    """Join blocks of few rows."""
    waiting: list[tuple[Array, Array]] = []
    n_rows = 0
    for block in blocks:
        waiting.append(block)
        n_rows += block[0].size
        if n_rows >= FEW:
            yield _stacked(waiting)
            waiting, n_rows = [], 0
    if waiting:
        yield _stacked(waiting)


def _stacked(blocks: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    if len(blocks) == 1:
        return blocks[0]
    residuals, J = zip(*blocks, strict=True)
    return np.concatenate(residuals), np.concatenate(J)
