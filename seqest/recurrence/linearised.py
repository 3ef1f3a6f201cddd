"""One step of a network, linearised: the loops under its sensitivities.

A step is pulled back with a one-hot cotangent for each state, as many side by side as
there are lanes: what arrives at the states before is a row of the step's Jacobian; what
passes the net inputs, times the signals that enter there, is a row of its derivative by
theta with the states before held.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from seqest._compile import NARROW, kernel, specialise
from seqest.cells import Cell
from seqest.recurrence.unroll import STATES, loops_of

__all__ = ["carry", "fill_direct", "linearise_of"]

LANES = np.uint64(NARROW.width)
NOUGHT, ONE = np.uint64(0), np.uint64(1)
# The template is written for this, and specialised for each cell.
pullback: Any = None


def linearise_of(cell: Cell) -> Any:
    """Return `_linearise` for a cell."""
    return _specialised(cell.name, loops_of(cell, NARROW.width).pullback)


@cache
def _specialised(name: str, pullback: Any) -> Any:
    return specialise(_linearise, name, pullback=pullback)


@kernel
def _empty(n_outputs: Any) -> Any:
    """Return room for deltas, and arrays without rows and without columns."""
    return np.empty((8, n_outputs)), np.empty((0, n_outputs)), np.empty((8, 0))


@kernel
def _spread(rows: Any, k: Any, lanes: Any) -> None:
    """Put column k of `rows` (n, width) into all lanes."""
    for i in range(np.uint64(len(rows))):
        for lane in range(LANES):
            lanes[i * LANES + lane] = rows[i, k]


@kernel
def _place_cotangents(
    tables: Any, first: Any, d: Any, n_states: Any, deltas: Any, D: Any
) -> None:
    """Give states d, d + 1, … one lane each; those of outputs at their net inputs."""
    deltas[:] = 0.0
    D[:] = 0.0
    size, y, n_outputs = tables.sizes[0], tables.sizes[3], tables.sizes[4]
    for lane in range(min(LANES, n_states - d)):
        place = first + d + lane
        if tables.sizes[6] != STATES and y <= place and place < y + n_outputs:
            deltas[lane, place - y] = 1.0
        else:
            D[(size + place) * LANES + lane] = 1.0


def _linearise(theta: Any, tables: Any, V: Any, A: Any, J: Any, K: Any) -> None:
    """Pull the states of the first lanes of a step back.

    V (2, size, width) and A (n_nets, width) are its signals; J (n, n_states, n_states)
    receives what arrives at the states before, K (n, n_states, n_nets) what passes the
    net inputs. Outputs have their cotangents at their net inputs.
    """
    size, n_nets, n_outputs = tables.sizes[0], tables.sizes[1], tables.sizes[4]
    n_states = np.uint64(J.shape[1])
    first = size - n_states
    signals, D = np.empty(2 * V.shape[1] * 8), np.empty(2 * V.shape[1] * 8)
    nets, gradient = np.empty(A.shape[0] * 8), np.zeros(len(theta))
    deltas, teacher, pulled = _empty(n_outputs)
    runs = np.zeros((8, 3), np.uint64)
    for lane in range(LANES):
        runs[lane, 1], runs[lane, 2] = ONE, lane
    for k in range(np.uint64(len(J))):
        _spread(V[0], k, signals[: size * LANES])
        _spread(V[1], k, signals[size * LANES :])
        for d in range(NOUGHT, n_states, LANES):
            _spread(A, k, nets)
            _place_cotangents(tables, first, d, n_states, deltas, D)
            pullback(
                theta,
                tables,
                runs,
                NOUGHT,
                teacher,
                ONE,
                signals,
                nets,
                deltas,
                D,
                pulled,
                gradient,
            )
            for lane in range(min(LANES, n_states - d)):
                for i in range(n_states):
                    J[k, d + lane, i] = D[(first + i) * LANES + lane]
                for i in range(n_nets):
                    K[k, d + lane, i] = nets[i * LANES + lane]


@kernel
def carry(edges: Any, V: Any, J: Any, K: Any, S: Any, ahead: Any) -> None:
    """Fill `ahead` with the sensitivities after a step; S holds those before it.

    Rows of outputs are left as those of their net inputs.
    """
    for k in range(np.uint64(len(S))):
        np.dot(J[k], S[k], ahead[k])
        for d in range(np.uint64(S.shape[1])):
            _add_products(edges, V, NOUGHT, k, K[k, d], ahead[k, d])


@kernel
def _add_products(edges: Any, V: Any, t: Any, k: Any, errors: Any, slopes: Any) -> None:
    """Add products of the signals of lane k with errors of the net inputs of step t."""
    for e in range(np.uint64(len(edges))):
        n_to, a = edges[e, 3], edges[e, 2]
        source = t if edges[e, 5] else t + ONE
        for i in range(edges[e, 1]):
            signal, place = V[source, edges[e, 0] + i, k], edges[e, 4] + i * n_to
            for j in range(n_to):
                slopes[place + j] += signal * errors[a + j]


@kernel
def fill_direct(edges: Any, runs: Any, V: Any, A: Any, nets: Any, output: Any) -> None:
    """Add what one output's net input owes to theta directly, for all steps of a run.

    A holds cotangents of the net inputs, one at this output's.
    """
    errors = np.empty(A.shape[1])
    for k in range(np.uint64(len(runs))):
        for t in range(runs[k, 1]):
            errors[:] = A[t, :, k]
            slopes = nets[runs[k, 2] + t, output]
            _add_products(edges, V, t, k, errors, slopes)
