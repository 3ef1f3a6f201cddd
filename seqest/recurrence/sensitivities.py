"""Sensitivities: how outputs depend on theta, carried forwards along time.

With s(t) the state of a network (memories, outputs as they are fed back, states of the
layers), S(t) = ds(t)/dθ obeys

    S(t) = J(t) S(t-1) + D(t),   J(t) = ∂s(t)/∂s(t-1),

where D(t) is the derivative by θ with s(t-1) held. Both come from one step pulled back
with a one-hot cotangent for each state, side by side: what arrives at s(t-1) is a row
of J(t); what passes the net inputs, times the signals that enter there, is one of D(t).
Where outputs are measured and fed back S(t) is zero, while the outputs themselves do
depend on θ. Where nothing is carried (a perceptron; outputs fed back that are all
measured) all steps are pulled back at once.

Whatever is trained in forward mode rests on this: real-time recurrent learning,
Kalman filters, Levenberg-Marquardt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest._compile import NARROW
from seqest._validation import worded
from seqest.recurrence.batch import Batch, Workspace, dealt
from seqest.recurrence.linearised import carry, fill_direct, linearise_of
from seqest.recurrence.losses import through
from seqest.recurrence.network import Network, Run
from seqest.recurrence.unroll import IDENTITY, STATES

__all__ = ["Sensitivities", "Slopes", "slopes_along"]

Array = NDArray[Any]
PIECE = 256  # rows of a sequence that run at once
AT_ONCE = 2**20  # numbers of a Jacobian worked off at once


class Slopes(NamedTuple):
    """Outputs, and how their net inputs depend on theta.

    Attributes
    ----------
    places : ndarray of shape (n,)
        Which of all outputs, in the order of `Run.outputs`.
    outputs : ndarray of shape (n, n_outputs)
        The network's own.
    nets : ndarray of shape (n, n_outputs, n_theta)
        Derivatives of their net inputs, before φ.
    """

    places: NDArray[np.int64]
    outputs: Array
    nets: Array

    def of_outputs(self, function: int) -> Array:
        """Return the derivatives of the outputs themselves.

        Parameters
        ----------
        function : int
            The function φ of the outputs.

        Returns
        -------
        ndarray of shape (n, n_outputs, n_theta)
            Those of the net inputs times φ'(net).
        """
        if function in (IDENTITY, STATES):
            return self.nets
        n_outputs = self.outputs.shape[1]
        rows = [np.broadcast_to(row, self.outputs.shape) for row in np.eye(n_outputs)]
        slopes = np.stack([through(function, self.outputs, row) for row in rows], 1)
        return np.asarray(slopes @ self.nets)


@dataclass(eq=False)
class Sensitivities:
    """A state and its sensitivities, carried along one sequence row by row.

    theta may change between steps; what was carried up to then is kept.

    Attributes
    ----------
    state : ndarray of shape (n_states,)
        The state after the last row.
    S : ndarray of shape (n_states, n_theta)
        Its derivatives.
    """

    state: Array
    S: Array

    @classmethod
    def begin(
        cls, network: Network, theta: Array, start: Array, at_rest: bool = True
    ) -> Sensitivities:
        """Return those before the first row.

        Parameters
        ----------
        network : Network
            The network.
        theta : ndarray of shape (n_theta,)
            As in `slopes_along`.
        start : ndarray of shape (n_states,)
            The state there.
        at_rest : bool, default=True
            Whether the layers start from what theta ends in, if it does.

        Returns
        -------
        Sensitivities
            New arrays.
        """
        rests = np.array([at_rest])
        state = _started(network, theta, start[np.newaxis], rests)[0]
        return cls(state, _starting_slopes(network, theta.size, rests)[0])

    def step(
        self, network: Network, theta: Array, x: Array, teacher: Array | None = None
    ) -> Slopes:
        """Advance by a row, in O(n_states² n_theta).

        Parameters
        ----------
        network, theta
            As in `begin`.
        x : ndarray of shape (n_inputs,)
            Inputs.
        teacher : ndarray of shape (n_outputs,), optional
            Outputs to feed back, NaN where the network's own are.

        Returns
        -------
        Slopes
            Of the row's output.
        """
        weights = as_float64(theta)[: network.n_weights]
        row, one = np.zeros(1, np.int64), np.ones(1, np.int64)
        taught = None if teacher is None else as_float64(teacher)[np.newaxis]
        start = self.state[np.newaxis]
        batch = Batch(as_float64(x)[np.newaxis], row, one, start, taught)
        run = network.unroll(weights, batch)
        signals = run.signals[0].reshape(2, -1, 1), run.nets[0].reshape(-1, 1)
        forced = None if taught is None else ~np.isnan(taught)
        before, after = self.S[np.newaxis], np.empty((1, *self.S.shape))
        nets = _advance(network, weights, signals, before, after, run.outputs, forced)
        self.state, self.S = run.end[0], after[0]
        return Slopes(row, run.outputs, nets)


def slopes_along(
    network: Network,
    theta: Array,
    batch: Batch,
    at_rest: NDArray[np.bool_] | None = None,
) -> Iterator[Slopes]:
    """Yield outputs of a batch and their slopes, each output once, in blocks.

    Parameters
    ----------
    network : Network
        The network.
    theta : ndarray of shape (n_theta,)
        The weights; and, if it is longer than these, the start of the layers' states.
    batch : Batch
        The sequences, with the state before each.
    at_rest : ndarray of shape (n_sequences,), optional
        Which of them start from what theta ends in; all by default.

    Yields
    ------
    Slopes
        Of steps side by side, or of many rows where nothing is carried.
    """
    theta = as_float64(theta)
    weights = theta[: network.n_weights]
    rests = np.ones(batch.first.size, bool) if at_rest is None else at_rest
    start = _started(network, theta, batch.start, rests)
    teacher = None if batch.teacher is None else as_float64(batch.teacher)
    batch = replace(batch, X=as_float64(batch.X), start=start, teacher=teacher)
    if _carries(network, batch):
        yield from _carried(network, weights, batch, theta.size, rests)
    else:
        yield from _direct(network, weights, batch, theta.size)


def as_float64(array: Array) -> Array:
    """Return an array as C-ordered float64, itself if it is."""
    return np.ascontiguousarray(array, np.float64)


def _started(
    network: Network, theta: Array, start: Array, at_rest: NDArray[np.bool_]
) -> Array:
    """Return states before the first step, those at rest as theta ends."""
    n_weights, n_layers = network.n_weights, network.n_states - network.n_fed
    if theta.size not in (n_weights, n_weights + n_layers):
        rule = f"{n_weights} weights, or these and {n_layers} states of layers"
        raise ValueError(worded("Sensitivities", "theta", theta, rule))
    states = np.array(start, np.float64)
    if theta.size > n_weights:
        states[at_rest, network.n_fed :] = theta[n_weights:]
    return states


def _starting_slopes(
    network: Network, n_theta: int, at_rest: NDArray[np.bool_]
) -> Array:
    """Return S before the first step of sequences."""
    S = np.zeros((at_rest.size, network.n_states, n_theta))
    if n_theta > network.n_weights:
        own = np.eye(network.n_states - network.n_fed)
        S[at_rest, network.n_fed :, network.n_weights :] = own
    return S


def _carries(network: Network, batch: Batch) -> bool:
    """Return whether sensitivities of a step reach the next."""
    if network.cell.products and network.hidden:
        return True
    if network.hidden and network.layer_lags:
        return True
    if not (network.output_lags or network.traces) or not network.errors_pass_memory:
        return False
    return batch.teacher is None or bool(np.isnan(batch.teacher[batch.rows]).any())


def _direct(
    network: Network, weights: Array, batch: Batch, n_theta: int
) -> Iterator[Slopes]:
    """Yield slopes where nothing is carried, many rows at once."""
    pieces = _pieces(network, weights, batch)
    workspace, edges = Workspace(), network.tables(np.dtype(np.float64)).edges
    n_pieces = max(NARROW.width, AT_ONCE // (PIECE * n_theta * network.n_outputs))
    for k in range(0, pieces.first.size, n_pieces):
        some = slice(k, k + n_pieces)
        first, length = pieces.first[some], pieces.length[some]
        block = replace(pieces, first=first, length=length, start=pieces.start[some])
        run = network.unroll(weights, block, workspace=workspace)
        nets = np.zeros((*run.outputs.shape, n_theta))
        kept = [A.copy() for A in run.nets]
        for j in range(network.n_outputs):
            for A, before in zip(run.nets, kept, strict=True):
                A[:] = before
            deltas = np.zeros_like(run.outputs)
            deltas[:, j] = 1
            network.pullback(weights, run, deltas)
            for k_group, group in enumerate(run.groups):
                V, A = _shaped(run, k_group)
                fill_direct(edges, group.runs, V, A, nets, j)
        places = pieces.places[k] + np.arange(len(run.outputs))
        yield Slopes(places, run.outputs, nets)


def _shaped(run: Run, k: int) -> tuple[Array, Array]:
    """Return V (n_steps + 1, size, width) and A (n_steps, n_nets, width) of a group."""
    n_steps, width = run.groups[k].n_steps, run.groups[k].width
    V = run.signals[k].reshape(n_steps + 1, -1, width)
    return V, run.nets[k].reshape(n_steps, -1, width)


def _pieces(network: Network, weights: Array, batch: Batch) -> Batch:
    """Cut a batch in which nothing is carried into pieces, outputs in their order."""
    if not network.n_memories:
        n_rows = batch.places[-1:]
        start = np.zeros((1, network.n_states))
        batch = Batch(batch.X[batch.rows], np.zeros(1, np.int64), n_rows, start)
    counts = -(-batch.length // PIECE)
    which = np.repeat(np.arange(counts.size), counts)
    number = np.arange(which.size) - np.repeat(counts.cumsum() - counts, counts)
    offset = PIECE * number
    length = np.minimum(PIECE, batch.length[which] - offset)
    start = np.zeros((which.size, network.n_states))
    if network.n_memories:
        before = network.states_before(network.unroll(weights, batch))
        start = before[batch.places[which] + offset]
    return replace(batch, first=batch.first[which] + offset, length=length, start=start)


def _carried(
    network: Network,
    weights: Array,
    batch: Batch,
    n_theta: int,
    at_rest: NDArray[np.bool_],
) -> Iterator[Slopes]:
    """Yield slopes step by step, sequences side by side, signals kept for a piece."""
    for group in dealt(batch, np.float64, False):
        members = group.members
        before = _starting_slopes(network, n_theta, at_rest[members])
        after, states = np.empty_like(before), batch.start[members]
        length, places = batch.length[members], batch.places[members]
        for begin in range(0, group.n_steps, PIECE):
            some = members[length > begin]  # the longest come first
            first = batch.first[some] + begin
            rest = np.minimum(PIECE, batch.length[some] - begin)
            piece = replace(batch, first=first, length=rest, start=states[: some.size])
            run = network.unroll(weights, piece)
            (V, A), states = _shaped(run, 0), run.end
            for t in range(int(rest[0])):
                n = np.count_nonzero(length > begin + t)
                outputs = run.outputs[piece.places[:n] + t]
                signals, S = (V[t : t + 2], A[t]), (before[:n], after[:n])
                fed = None
                if batch.teacher is not None:
                    fed = ~np.isnan(batch.teacher[first[:n] + t])
                nets = _advance(network, weights, signals, *S, outputs, fed)
                before, after = after, before
                yield Slopes(places[:n] + begin + t, outputs, nets)


def _advance(
    network: Network,
    weights: Array,
    signals: tuple[Array, Array],
    before: Array,
    after: Array,
    outputs: Array,
    forced: NDArray[np.bool_] | None,
) -> Array:
    """Fill `after` with S of a step; return the slopes of the outputs' net inputs.

    `signals` are V (2, size, width) and A (n_nets, width) of the step; `before` and
    `after` are (n, n_states, n_theta), the first n of `width`; `forced` (n, n_outputs)
    tells which outputs are not fed back themselves.
    """
    tables, (V, A) = network.tables(np.dtype(np.float64)), signals
    J = np.empty((len(before), network.n_states, network.n_states))
    K = np.empty((len(before), network.n_states, len(A)))
    linearise_of(network.cell)(weights, tables, V, A, J, K)
    carry(tables.edges, V, J, K, before, after)
    first = int(tables.sizes[3]) - (int(tables.sizes[0]) - network.n_states)
    fed = after[:, first : first + network.n_outputs]
    nets = fed.copy()
    if network.function not in (IDENTITY, STATES):
        places = np.arange(len(outputs))
        fed[:] = Slopes(places, outputs, nets).of_outputs(network.function)
    if forced is not None:
        fed[forced] = 0
    return nets
