"""A recurrent network: batches of sequences run through it, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest._compile import parallel_map
from seqest.recurrence.batch import Batch, Group, Workspace, dealt
from seqest.recurrence.unroll import loops_of
from seqest.recurrence.wiring import Wiring

__all__ = ["Network", "Pulled", "Run"]

Array = NDArray[Any]
# Multiplications from which a batch is worth sharing among threads.
WORTH_SHARING = 4_000_000


@dataclass(eq=False)
class Run:
    """What a batch gave, and what is kept for going back.

    Attributes
    ----------
    batch : Batch
        The sequences.
    outputs : ndarray of shape (n_positions, n_outputs)
        Their outputs, one sequence after the other.
    end : ndarray of shape (n_sequences, n_states)
        The state after each.
    groups : list of Group
        How they ran.
    signals, nets : list of ndarray
        V and A of each group, of all steps.
    workspace : Workspace
        Where these lie.
    """

    batch: Batch
    outputs: Array
    end: Array
    groups: list[Group]
    signals: list[Array]
    nets: list[Array]
    workspace: Workspace


class Pulled(NamedTuple):
    """Cotangents pulled back through a run.

    Attributes
    ----------
    theta : ndarray of shape (n_weights,)
        Of the weights, summed over sequences.
    start : ndarray of shape (n_sequences, n_states)
        Of the state before each sequence.
    inputs : ndarray of shape (n_positions, n_inputs)
        Of the inputs, in the order of the outputs; without columns unless asked for.
    """

    theta: Array
    start: Array
    inputs: Array


@dataclass(frozen=True)
class Network(Wiring):
    """A network that can be run; see `Wiring` for what it is made of."""

    def unroll(
        self,
        theta: Array,
        batch: Batch,
        *,
        flip: bool = False,
        keep: bool = True,
        loop: Array | None = None,
        workspace: Workspace | None = None,
    ) -> Run:
        """Run a batch of sequences.

        Parameters
        ----------
        theta : ndarray of shape (n_weights,)
            The weights; their dtype is that of all arrays.
        batch : Batch
            The sequences.
        flip : bool, default=False
            Whether each runs from its last row to its first.
        keep : bool, default=True
            Whether all signals are kept, for going back.
        loop : ndarray of shape (2, n_inputs), optional
            Where X has no columns inputs are ``loop[0] y(t-1) + loop[1]``.
        workspace : Workspace, optional
            Memory to use again.

        Returns
        -------
        Run
            The outputs, the end, and what was kept.
        """
        workspace = workspace or Workspace()
        dtype = theta.dtype
        tables, groups = self.tables(dtype), dealt(batch, dtype)
        size, nets = int(tables.sizes[0]), int(tables.sizes[1])
        outputs = np.empty((batch.places[-1], self.n_outputs), dtype)
        end = np.empty((batch.first.size, self.n_states), dtype)
        teacher = self._teacher(batch, dtype)
        loop = np.empty((2, 0), dtype) if loop is None else loop
        run = Run(batch, outputs, end, groups, [], [], workspace)
        for k, group in enumerate(groups):
            n_kept = group.n_steps if keep else 1
            rows = (n_kept + 1) * size * group.width
            run.signals.append(workspace.take("V", k, rows, dtype))
            run.nets.append(workspace.take("A", k, n_kept * nets * group.width, dtype))

        def go(k: int) -> None:
            group, V = groups[k], run.signals[k]
            n_before, n = size - self.n_states, group.members.size
            first = V[: size * group.width].reshape(size, group.width)
            first[:] = 0
            first[n_before:, :n] = batch.start[group.members].T
            ahead = loops_of(self.cell, group.width).unroll
            ahead(
                theta,
                tables,
                batch.X,
                loop,
                group.runs,
                np.uint64(flip),
                teacher,
                np.uint64(group.n_steps),
                np.uint64(keep),
                V,
                run.nets[k],
                outputs,
            )
            kept = group.n_steps if keep else group.n_steps % 2
            last = V[kept * first.size : (kept + 1) * first.size].reshape(first.shape)
            end[group.members] = last[n_before:, :n].T

        self._shared(go, groups)
        return run

    def pullback(
        self,
        theta: Array,
        run: Run,
        deltas: Array,
        end: Array | None = None,
        *,
        flip: bool = False,
        inputs: bool = False,
    ) -> Pulled:
        """Pull cotangents back through a run, whose signals are used up.

        Parameters
        ----------
        theta : ndarray of shape (n_weights,)
            The weights of the run.
        run : Run
            A run that kept its signals.
        deltas : ndarray of shape (n_positions, n_outputs)
            Cotangents of the outputs' net inputs, before φ.
        end : ndarray of shape (n_sequences, n_states), optional
            Cotangents of the state after each sequence.
        flip : bool, default=False
            As in the run.
        inputs : bool, default=False
            Whether those of the inputs are wanted.

        Returns
        -------
        Pulled
            Cotangents of the weights, the states before, the inputs.
        """
        batch, dtype, groups = run.batch, theta.dtype, run.groups
        tables = self.tables(dtype)
        size = int(tables.sizes[0])
        n_before = size - self.n_states
        teacher = self._teacher(batch, dtype)
        start = np.empty((batch.first.size, self.n_states), dtype)
        shape = len(run.outputs), self.n_inputs if inputs else 0
        pulled = np.zeros(shape, dtype)
        gradients = np.zeros((len(groups), self.n_weights), dtype)

        def go(k: int) -> None:
            group, n = groups[k], groups[k].members.size
            D = run.workspace.take("D", k, 2 * size * group.width, dtype)
            D[:] = 0
            halves = D.reshape(2, size, group.width)
            if end is not None:
                halves[group.n_steps % 2, n_before:, :n] = end[group.members].T
            back = loops_of(self.cell, group.width).pullback
            back(
                theta,
                tables,
                group.runs,
                np.uint64(flip),
                teacher,
                np.uint64(group.n_steps),
                run.signals[k],
                run.nets[k],
                deltas,
                D,
                pulled,
                gradients[k],
            )
            start[group.members] = halves[0, n_before:, :n].T

        self._shared(go, groups)
        return Pulled(gradients.sum(axis=0), start, pulled)

    def states_before(self, run: Run) -> Array:
        """Return the state before each step of a run that kept its signals.

        Parameters
        ----------
        run : Run
            The run.

        Returns
        -------
        ndarray of shape (n_positions, n_states)
            In the order of its outputs.
        """
        size = int(self._places[-1])
        states = np.empty((len(run.outputs), self.n_states), run.outputs.dtype)
        for group, V in zip(run.groups, run.signals, strict=True):
            signals = V[: (group.n_steps + 1) * size * group.width]
            signals = signals.reshape(-1, size, group.width)[:, size - self.n_states :]
            for lane, member in enumerate(group.members):
                begin, n = run.batch.places[member], run.batch.length[member]
                states[begin : begin + n] = signals[:n, :, lane]
        return states

    def _teacher(self, batch: Batch, dtype: Any) -> Array:
        """Return what a batch is fed; no rows stand for nothing."""
        nothing = np.empty((0, self.n_outputs), dtype)
        return nothing if batch.teacher is None else batch.teacher

    def _shared(self, go: Callable[[int], None], groups: list[Group]) -> None:
        """Run groups, in threads where they are worth it."""
        work = sum(group.n_steps * group.width for group in groups) * self.n_weights
        if work < WORTH_SHARING:
            for k in range(len(groups)):
                go(k)
        else:
            parallel_map(go, range(len(groups)))
