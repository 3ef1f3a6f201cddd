"""How outputs answer to the inputs of the rows before."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.recurrence.batch import Batch, Workspace
from seqest.recurrence.losses import through
from seqest.recurrence.network import Network

__all__ = ["responses"]

Array = NDArray[Any]
# Positions of short runs that are worked off at once.
AT_ONCE = 50_000


def responses(
    network: Network, theta: Array, batch: Batch, n_lags: int
) -> NDArray[Any]:
    """Return the derivatives of outputs by the inputs of their own and earlier rows.

    Parameters
    ----------
    network : Network
        The network.
    theta : ndarray of shape (n_weights,)
        Its weights.
    batch : Batch
        The sequences.
    n_lags : int
        How many rows back.

    Returns
    -------
    ndarray of shape (n_positions, n_lags + 1, n_outputs, n_inputs)
        Entry [t, k] is ∂y(t) / ∂x(t - k), zero before a sequence begins.
    """
    run = network.unroll(theta, batch)
    before, outputs, rows = network.states_before(run), run.outputs, batch.rows
    begins = np.repeat(batch.first, batch.length)
    place = np.arange(rows.size)
    shape = (rows.size, n_lags + 1, network.n_outputs, network.n_inputs)
    slopes = np.zeros(shape, theta.dtype)
    workspace = Workspace()
    for part in np.array_split(place, 1 + rows.size * (n_lags + 1) // AT_ONCE):
        length = np.minimum(n_lags, rows[part] - begins[part]) + 1
        start = before[part - length + 1]
        first = rows[part] - length + 1
        short = Batch(batch.X, first, length, start, batch.teacher)
        ends = short.places[1:] - 1
        back = np.repeat(ends, length) - np.arange(short.places[-1])
        for j in range(network.n_outputs):
            again = network.unroll(theta, short, workspace=workspace)
            wanted = np.zeros_like(outputs[part])
            wanted[:, j] = 1
            deltas = np.zeros_like(again.outputs)
            deltas[ends] = through(network.function, outputs[part], wanted)
            pulled = network.pullback(theta, again, deltas, inputs=True).inputs
            slopes[np.repeat(part, length), back, j] = pulled
    return slopes
