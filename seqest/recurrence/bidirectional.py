"""Networks that read a sequence from both of its ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.cells import Cell
from seqest.recurrence.batch import Batch, Workspace
from seqest.recurrence.network import Network, Pulled, Run
from seqest.recurrence.unroll import STATES
from seqest.recurrence.wiring import Part

__all__ = ["Bidirectional", "BothWays"]

Array = NDArray[Any]


@dataclass(eq=False)
class BothWays:
    """What a batch gave, and the runs it took, in the order of `Bidirectional.nets`."""

    batch: Batch
    outputs: Array
    end: Array
    runs: list[Run] = field(default_factory=list)


@dataclass(frozen=True)
class Bidirectional:
    """Blocks of a network forwards and one backwards, and outputs that see both.

    Each block hands ``[h→(t), h←(t)]`` to the next; h→ has seen the sequence up to t,
    h← from t on. One block of several layers is a deep network each way; several
    blocks of one layer let both ways meet after each (Schuster and Paliwal 1997,
    "Bidirectional recurrent neural networks", IEEE Transactions on Signal Processing
    45; Graves, Mohamed and Hinton 2013, "Speech recognition with deep recurrent neural
    networks", ICASSP, eqs. 8 to 10).

    Attributes
    ----------
    cell : Cell
        Of every hidden layer.
    n_inputs, n_outputs : int
        Columns of X and of y.
    blocks : tuple of tuple of int
        Units of the layers of each block, the same both ways.
    function : int
        Of the outputs.
    skip_inputs : bool
        Whether inputs also go to every later block and to the outputs.
    """

    cell: Cell
    n_inputs: int
    n_outputs: int
    blocks: tuple[tuple[int, ...], ...]
    function: int = 0
    skip_inputs: bool = False

    @cached_property
    def nets(self) -> list[Network]:
        """Forwards and backwards network of each block; last, that of the outputs."""
        nets, width = [], self.n_inputs
        skipped = self.n_inputs if self.skip_inputs else 0
        for hidden in self.blocks:
            way = Network(self.cell, width, hidden[-1], hidden, STATES)
            nets += [way, way]
            width = 2 * hidden[-1] + skipped
        return [*nets, Network(self.cell, width, self.n_outputs, (), self.function)]

    @property
    def n_weights(self) -> int:
        """Length of theta."""
        return sum(net.n_weights for net in self.nets)

    @property
    def n_states(self) -> int:
        """Numbers at the start of a sequence: those of all networks, joined."""
        return sum(net.n_states for net in self.nets)

    @property
    def n_fed(self) -> int:
        """How many of the states are memories and outputs: none that count."""
        return 0

    @property
    def parts(self) -> list[Part]:
        """The matrices of weights, as they lie in theta."""
        parts, place = [], 0
        for k, net in enumerate(self.nets):
            way = (
                "output"
                if k == len(self.nets) - 1
                else ("forwards", "backwards")[k % 2]
            )
            for part in net.parts:
                name = (
                    f"block_{k // 2}.{way}.{part.name}"
                    if way != "output"
                    else part.name
                )
                parts.append(part._replace(name=name, place=place + part.place))
            place += net.n_weights
        return parts

    def _cut(self, vectors: Array, sizes: Sequence[int]) -> list[Array]:
        return np.split(vectors, np.cumsum(sizes)[:-1], axis=-1)

    def unroll(
        self,
        theta: Array,
        batch: Batch,
        *,
        keep: bool = True,
        workspace: Workspace | None = None,
    ) -> BothWays:
        """Run a batch of whole sequences.

        Parameters
        ----------
        theta : ndarray of shape (n_weights,)
            The weights.
        batch : Batch
            The sequences; `start` joins the states that all networks start from, the
            backwards ones at the end.
        keep : bool, default=True
            Whether all signals are kept, for going back.
        workspace : Workspace, optional
            Memory to use again.

        Returns
        -------
        BothWays
            The outputs, and the runs.
        """
        workspace = workspace or Workspace()
        thetas = self._cut(theta, [net.n_weights for net in self.nets])
        starts = self._cut(batch.start, [net.n_states for net in self.nets])
        runs: list[Run] = []
        X, first = batch.X, batch.first
        for k, net in enumerate(self.nets):
            own = Batch(X, first, batch.length, np.ascontiguousarray(starts[k]))
            flip = k % 2 == 1
            run = net.unroll(
                thetas[k], own, flip=flip, keep=keep, workspace=workspace.part(k)
            )
            runs.append(run)
            if flip:
                both = [runs[-2].outputs, run.outputs]
                both += [batch.X[batch.rows]] if self.skip_inputs else []
                X, first = np.hstack(both), batch.places[:-1]
        end = np.hstack([run.end for run in runs])
        return BothWays(batch, runs[-1].outputs, end, runs)

    def pullback(
        self,
        theta: Array,
        run: BothWays,
        deltas: Array,
        end: Array | None = None,
        *,
        inputs: bool = False,
    ) -> Pulled:
        """Pull cotangents back through a run, whose signals are used up.

        Parameters
        ----------
        theta : ndarray of shape (n_weights,)
            The weights of the run.
        run : BothWays
            A run that kept its signals.
        deltas : ndarray of shape (n_positions, n_outputs)
            Cotangents of the outputs' net inputs.
        end : ndarray of shape (n_sequences, n_states), optional
            Cotangents of the states at the ends.
        inputs : bool, default=False
            Whether those of the inputs are wanted.

        Returns
        -------
        Pulled
            Cotangents of the weights, the states at the start, the inputs.
        """
        nets, last = self.nets, len(self.nets) - 1
        sizes = [net.n_states for net in nets]
        thetas = self._cut(theta, [net.n_weights for net in nets])
        ends: list[Array | None] = [None] * len(nets)
        if end is not None:
            ends = [np.ascontiguousarray(e) for e in self._cut(end, sizes)]
        pulled: list[Any] = [None] * len(nets)
        top = pulled[last] = nets[last].pullback(
            thetas[last], run.runs[last], deltas, ends[last], inputs=True
        )
        skipped = np.zeros((len(deltas), self.n_inputs), deltas.dtype)
        above = top.inputs
        for block in reversed(range(len(self.blocks))):
            n_units = self.blocks[block][-1]
            ways = np.split(above, [n_units, 2 * n_units], axis=1)
            if self.skip_inputs:
                skipped += ways[2]
            wanted = inputs or block > 0
            for k in (2 * block, 2 * block + 1):
                pulled[k] = nets[k].pullback(
                    thetas[k],
                    run.runs[k],
                    np.ascontiguousarray(ways[k % 2]),
                    ends[k],
                    flip=k % 2 == 1,
                    inputs=wanted,
                )
            above = pulled[2 * block].inputs + pulled[2 * block + 1].inputs
        return Pulled(
            np.concatenate([part.theta for part in pulled]),
            np.hstack([part.start for part in pulled]),
            above + skipped if inputs else above,
        )
