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
# Multiplications from which a batch is worth sharing among threads: those of some
# hundred µs, in which a thread that sleeps wakes up.
WORTH_SHARING = 8_000_000


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
    shared : bool
        Whether threads shared them.
    signals, nets : list of ndarray
        V and A of each group, of all steps.
    workspace : Workspace
        Where these lie.
    """

    batch: Batch
    outputs: Array
    end: Array
    groups: list[Group]
    shared: bool
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
        run = self._run(theta, batch, keep, workspace or Workspace())
        _each_group(self._ahead(theta, run, flip, keep, loop), run)
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
        pulled = self._pulled(run, inputs)
        back = self._behind(theta, run, deltas, end, flip, pulled)
        _each_group(back, run)
        return pulled._replace(theta=pulled.theta.sum(axis=0))

    def there_and_back(
        self,
        theta: Array,
        batch: Batch,
        grade: Callable[[Array, NDArray[np.uint64], Array], float],
        workspace: Workspace | None = None,
    ) -> tuple[float, Pulled]:
        """Run a batch and pull the cotangents of a sum over rows back, group by group.

        The same as `unroll`, `grade` and `pullback` of all, but each group is done with
        while its signals are near.

        Parameters
        ----------
        theta : ndarray of shape (n_weights,)
            The weights.
        batch : Batch
            The sequences.
        grade : callable
            Takes outputs, the runs of a group (see `Group`) and an array like the
            outputs; returns the part that the group adds to the sum and writes the
            cotangents of its outputs' net inputs.
        workspace : Workspace, optional
            Memory to use again.

        Returns
        -------
        total : float
            The sum.
        pulled : Pulled
            As from `pullback`.
        """
        run = self._run(theta, batch, True, workspace or Workspace())
        pulled, deltas = self._pulled(run, False), np.empty_like(run.outputs)
        ahead = self._ahead(theta, run, False, True, None)
        behind = self._behind(theta, run, deltas, None, False, pulled)
        parts = [0.0] * len(run.groups)

        def go(k: int) -> None:
            ahead(k)
            parts[k] = grade(run.outputs, run.groups[k].runs, deltas)
            behind(k)

        _each_group(go, run)
        return sum(parts), pulled._replace(theta=pulled.theta.sum(axis=0))

    def _run(self, theta: Array, batch: Batch, keep: bool, workspace: Workspace) -> Run:
        """Return a run that is still to be filled."""
        dtype = theta.dtype
        work = batch.places[-1] * self.n_weights * (3 if keep else 1)
        shared = bool(work >= WORTH_SHARING)
        tables, groups = self.tables(dtype), dealt(batch, dtype, shared)
        size, nets = int(tables.sizes[0]), int(tables.sizes[1])
        outputs = np.empty((batch.places[-1], self.n_outputs), dtype)
        end = np.empty((batch.first.size, self.n_states), dtype)
        run = Run(batch, outputs, end, groups, shared, [], [], workspace)
        for k, group in enumerate(groups):
            n_kept = group.n_steps if keep else 1
            rows = (n_kept + 1) * size * group.width
            run.signals.append(workspace.take("V", k, rows, dtype))
            run.nets.append(workspace.take("A", k, n_kept * nets * group.width, dtype))
        return run

    def _ahead(
        self, theta: Array, run: Run, flip: bool, keep: bool, loop: Array | None
    ) -> Callable[[int], None]:
        """Return what fills a group of a run."""
        batch, dtype = run.batch, theta.dtype
        tables, teacher = self.tables(dtype), self._teacher(batch, dtype)
        n_before, size = self.first_state, int(tables.sizes[0])
        inputs = np.empty((2, 0), dtype) if loop is None else loop

        def go(k: int) -> None:
            group, V = run.groups[k], run.signals[k]
            width, n = group.width, group.members.size
            first = V[: size * width].reshape(size, width)
            first[:] = 0
            first[n_before:, :n] = batch.start[group.members].T
            loops_of(self.cell, width).unroll(
                theta,
                tables,
                batch.X,
                inputs,
                group.runs,
                np.uint64(flip),
                teacher,
                np.uint64(group.n_steps),
                np.uint64(keep),
                V,
                run.nets[k],
                run.outputs,
            )
            kept = group.n_steps if keep else group.n_steps % 2
            last = V[kept * first.size : (kept + 1) * first.size].reshape(first.shape)
            run.end[group.members] = last[n_before:, :n].T

        return go

    def _pulled(self, run: Run, inputs: bool) -> Pulled:
        """Return what `_behind` fills; theta has a row for each group."""
        dtype, n_rows = run.outputs.dtype, len(run.outputs)
        return Pulled(
            np.zeros((len(run.groups), self.n_weights), dtype),
            np.empty_like(run.end),
            np.zeros((n_rows, self.n_inputs if inputs else 0), dtype),
        )

    def _behind(
        self,
        theta: Array,
        run: Run,
        deltas: Array,
        end: Array | None,
        flip: bool,
        pulled: Pulled,
    ) -> Callable[[int], None]:
        """Return what pulls cotangents back through a group."""
        dtype = theta.dtype
        tables, teacher = self.tables(dtype), self._teacher(run.batch, dtype)
        n_before, size = self.first_state, int(tables.sizes[0])

        def go(k: int) -> None:
            group, n = run.groups[k], run.groups[k].members.size
            D = run.workspace.take("D", k, 2 * size * group.width, dtype)
            D[:] = 0
            halves = D.reshape(2, size, group.width)
            if end is not None:
                halves[group.n_steps % 2, n_before:, :n] = end[group.members].T
            loops_of(self.cell, group.width).pullback(
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
                pulled.inputs,
                pulled.theta[k],
            )
            pulled.start[group.members] = halves[0, n_before:, :n].T

        return go

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


def _each_group(go: Callable[[int], None], run: Run) -> None:
    if run.shared:
        parallel_map(go, range(len(run.groups)))
    else:
        for k in range(len(run.groups)):
            go(k)
