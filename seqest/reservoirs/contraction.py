"""Does a reservoir forget where it started? Measured, under the input it will see."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array, check_random_state

from seqest._validation import check_integer, check_number, worded
from seqest.reservoirs.harvest import harvest
from seqest.reservoirs.runs import Runs
from seqest.reservoirs.stack import Stack

__all__ = ["Contraction", "contraction"]

# Rows run at a time, so that states of all rows need not be kept.
CHUNK = 256
# Distances below this are rounding and tell nothing about growth.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Contraction:
    """How two states under one input come together, or do not.

    Attributes
    ----------
    distance : ndarray of shape (n_timesteps + 1, n_pairs)
        Root mean square difference over the units of the two states of each pair; row
        0 is the start.
    rate : float
        Growth of the logarithm of the distance per step, averaged over pairs, from the
        start until the distance is lost in rounding. Below 0 the reservoir forgets
        under this input; above or about 0 it does not.
    forgetting_time : float
        Steps until the distance of every pair is below the tolerance for good;
        infinite if one is not at the end.
    """

    distance: NDArray[np.float64]
    rate: float
    forgetting_time: float


def contraction(
    model: Any,
    X: Any,
    *,
    n_pairs: int = 5,
    tolerance: float = 1e-6,
    random_state: Any = 0,
) -> Contraction:
    r"""Measure whether a reservoir forgets its initial state under the input X.

    Pairs of states :math:`h, h'`, uniform in :math:`[-1, 1]`, are run under the same
    input; the echo state property asks that :math:`\lVert h(n) - h'(n) \rVert \to 0`.
    A spectral radius below 1 does not ensure it, nor does one above 1 rule it out: a
    strong input can hold units in saturation.

    Parameters
    ----------
    model : ESNRegressor, Reservoir or Stack
        A fitted estimator, or its `reservoir_`.
    X : array-like of shape (n_timesteps, n_inputs)
        The input, as the reservoir sees it. With output feedback the columns are
        ``[x(n), y(n - 1)]``.
    n_pairs : int, default=5
        Pairs of states.
    tolerance : float, default=1e-6
        Distance that counts as forgotten.
    random_state : int, RandomState or None, default=0
        Seed of the states.

    Returns
    -------
    Contraction
        Distances, their rate and the forgetting time.

    Raises
    ------
    ValueError
        If X has another number of columns than the reservoir has inputs.
    FloatingPointError
        If the states grow without bound.

    References
    ----------
    Jaeger (2001), "The echo state approach to analysing and training recurrent neural
    networks", GMD report 148, definition 1. Manjunath and Jaeger (2013), "Echo state
    property linked to an input", Neural Computation 25, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest import ESNRegressor, contraction
    >>> x = np.sin(0.2 * np.arange(400))
    >>> model = ESNRegressor(50, random_state=0).fit(x[:-1, None], x[1:])
    >>> contraction(model, x[:, None]).rate < 0
    True
    """
    stack = model if isinstance(model, Stack) else model.reservoir_
    X = check_array(X, dtype=np.float64)
    n_inputs = stack.n_inputs + (0 if stack.W_fb is None else stack.W_fb.shape[1])
    if X.shape[1] != n_inputs:
        raise ValueError(worded("contraction", "X", X, f"of {n_inputs} columns"))
    pairs = check_integer("contraction", "n_pairs", n_pairs, 1)
    least = check_number("contraction", "tolerance", tolerance, "(0, inf)")
    random = check_random_state(random_state)
    states = random.uniform(-1, 1, (2 * pairs, stack.n_units))
    distance = [_distances(states[:, None])]
    for begin in range(0, len(X), CHUNK):
        distance.append(_distances(_run(stack, X[begin : begin + CHUNK], states)))
    distances = np.concatenate(distance)
    if not np.all(np.isfinite(distances)):
        raise FloatingPointError(
            "contraction: the reservoir's states grew without bound under X. Lower "
            "spectral_radius, or use a bounded activation such as 'tanh'."
        )
    apart = np.flatnonzero((distances >= least).any(axis=1))
    forgotten = 0.0 if apart.size == 0 else float(apart[-1] + 1)
    if forgotten == len(distances):
        forgotten = np.inf
    return Contraction(distances, _rate(distances), forgotten)


def _run(
    stack: Stack, X: NDArray[np.float64], states: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the states of each run along X, (n_runs, n_rows, n_units)."""
    n_runs, n_rows = len(states), len(X)
    starts = n_rows * np.arange(n_runs)
    runs = Runs(starts, np.full(n_runs, n_rows), np.zeros(n_runs, np.int64))
    H = np.empty((n_runs * n_rows, stack.n_units))
    tiled, width = np.tile(X, (n_runs, 1)), stack.n_units
    for block in chain.from_iterable(harvest(stack, tiled, runs, states, width)):
        H[block.rows] = block.design
    return H.reshape(n_runs, n_rows, stack.n_units)


def _distances(H: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance of runs 0 and 1, 2 and 3, ... at each row."""
    distances: NDArray[np.float64] = np.sqrt(np.mean((H[::2] - H[1::2]) ** 2, axis=2)).T
    return distances


def _rate(distances: NDArray[np.float64]) -> float:
    """Return the mean slope of log distance while it stands above rounding."""
    slopes = []
    for distance in distances.T:
        lost = np.flatnonzero(distance < ROUNDING)
        last = int(lost[0]) if lost.size else len(distance) - 1
        end = max(float(distance[last]), ROUNDING)
        slopes.append(np.log(end / distance[0]) / last)
    return float(np.mean(slopes))
