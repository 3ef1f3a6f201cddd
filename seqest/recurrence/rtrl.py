"""Real-time recurrent learning: the gradient, carried forwards with the state.

With S(t) = ds(t)/dθ the sensitivities of the state (see `sensitivities`),

    S(t) = J(t) S(t-1) + D(t),   ∂E(t)/∂θ = Σ_j δ_j(t) ∂net_j(t)/∂θ,

where δ is the cotangent of an output's net input (Williams and Zipser 1989, section 2,
for one layer of logistic units). Nothing is ever run backwards, so that memory
does not grow with the length of a sequence and θ may change after every row; S(t) then
mixes derivatives at the weights of different rows, which is good for small learning
rates. Updated after each series the gradient is that of backpropagation through time,
exactly. A step costs O(n_states² n_theta), against O(n_theta) there.

References
----------
Williams and Zipser (1989), "A learning algorithm for continually running fully
recurrent neural networks", Neural Computation 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import one_blas_thread
from seqest.recurrence.batch import Batch
from seqest.recurrence.descent import Descent
from seqest.recurrence.network import Network
from seqest.recurrence.sensitivities import Sensitivities, Slopes, slopes_along

__all__ = ["LossAt", "rtrl_epoch", "rtrl_gradient"]

Array = NDArray[Any]
# Takes outputs (n, n_outputs) and their places in the order of all outputs (n,);
# returns their loss, a sum, and its cotangents of the net inputs (n, n_outputs).
LossAt = Callable[[Array, NDArray[np.int64]], tuple[float, Array]]


def rtrl_gradient(
    network: Network,
    theta: Array,
    batch: Batch,
    loss_at: LossAt,
    at_rest: NDArray[np.bool_] | None = None,
) -> tuple[float, Array]:
    """Return the loss of a batch and its gradient, nothing being run backwards.

    Parameters
    ----------
    network, theta, batch
        As in `slopes_along`.
    loss_at : callable
        Takes outputs (n, n_outputs) and their places (n,) in the order of
        `Run.outputs`; returns their loss and its cotangents for the outputs' net
        inputs (n, n_outputs). Losses are summed.
    at_rest : ndarray of shape (n_sequences,), optional
        As in `slopes_along`.

    Returns
    -------
    loss : float
        The sum.
    gradient : ndarray of shape (n_theta,)
        In the dtype of theta.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.cells import simple
    >>> from seqest.recurrence import Batch, Network
    >>> line = Network(simple(), n_inputs=1, n_outputs=1, hidden=())
    >>> X, first, length = np.array([[3.0], [5.0]]), np.array([0]), np.array([2])
    >>> given = Batch(X, first, length, np.zeros((1, 1)))
    >>> half_squares = lambda Y, places: (((Y - 1) ** 2).sum() / 2, Y - 1)
    >>> rtrl_gradient(line, np.zeros(2), given, half_squares)
    (1.0, array([-2., -8.]))
    """
    total, gradient = 0.0, np.zeros(theta.size)
    with one_blas_thread():
        for slopes in slopes_along(network, theta, batch, at_rest):
            loss, pulled = _pulled(slopes, loss_at, slopes.places)
            total += loss
            gradient += pulled
    return total, gradient.astype(theta.dtype, copy=False)


def rtrl_epoch(
    network: Network,
    descent: Descent,
    batch: Batch,
    loss_at: LossAt,
    *,
    online: bool = True,
    at_rest: NDArray[np.bool_] | None = None,
) -> float:
    """Go once through sequences, one after the other, and learn from each.

    Parameters
    ----------
    network : Network
        The network.
    descent : Descent
        Takes the steps.
    batch : Batch
        The sequences.
    loss_at : callable
        As in `rtrl_gradient`.
    online : bool, default=True
        Whether a step follows every row that has an error; else every sequence.
    at_rest : ndarray of shape (n_sequences,), optional
        Which sequences start from what theta ends in; all by default.

    Returns
    -------
    float
        The sum of losses, each before the step it leads to.
    """
    rests = np.ones(batch.first.size, bool) if at_rest is None else at_rest
    total = 0.0
    with one_blas_thread():
        for k in range(batch.first.size):
            if online:
                total += _learn_rows(network, descent, batch, loss_at, k, rests[k])
            else:
                total += _learn_sequence(network, descent, batch, loss_at, k, rests)
    return total


def _pulled(
    slopes: Slopes, loss_at: LossAt, places: NDArray[np.int64]
) -> tuple[float, Array]:
    """Return the loss of some outputs and its gradient."""
    loss, deltas = loss_at(slopes.outputs, places)
    n_theta = slopes.nets.shape[2]
    flat = np.asarray(deltas, np.float64).ravel()
    return float(loss), flat @ slopes.nets.reshape(-1, n_theta)


def _learn_rows(
    network: Network,
    descent: Descent,
    batch: Batch,
    loss_at: LossAt,
    k: int,
    at_rest: bool,
) -> float:
    """Go through sequence k, a step for each row."""
    carried = Sensitivities.begin(network, descent.theta, batch.start[k], at_rest)
    first, place, total = int(batch.first[k]), int(batch.places[k]), 0.0
    for t in range(int(batch.length[k])):
        theta = descent.rule.look_ahead(descent.theta, descent.memory)
        teacher = None if batch.teacher is None else batch.teacher[first + t]
        slopes = carried.step(network, theta, batch.X[first + t], teacher)
        loss, gradient = _pulled(slopes, loss_at, np.array([place + t]))
        if gradient.any():
            descent.step(_found(loss, gradient.astype(theta.dtype, copy=False)))
        total += loss
    return total


def _found(loss: float, gradient: Array) -> Callable[[Array], tuple[float, Array]]:
    """Return what tells a descent a gradient that is known."""
    return lambda theta: (loss, gradient)


def _learn_sequence(
    network: Network,
    descent: Descent,
    batch: Batch,
    loss_at: LossAt,
    k: int,
    at_rest: NDArray[np.bool_],
) -> float:
    """Go through sequence k and take a step."""
    one = slice(k, k + 1)
    alone = replace(
        batch, first=batch.first[one], length=batch.length[one], start=batch.start[one]
    )
    place = int(batch.places[k])

    def placed(outputs: Array, places: NDArray[np.int64]) -> tuple[float, Array]:
        return loss_at(outputs, places + place)

    return descent.step(
        lambda theta: rtrl_gradient(network, theta, alone, placed, at_rest[one])
    )
