"""How a network is wired: its parts, their products, and where all that lies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest.cells import Cell
from seqest.recurrence.unroll import STATES, Tables

__all__ = ["Part", "Wiring"]

Array = NDArray[Any]


class Part(NamedTuple):
    """A matrix of weights in theta.

    Attributes
    ----------
    name : str
        What it joins, such as ``"hidden_0.W"``.
    place : int
        Where it begins in theta.
    n_from, n_to : int
        Its shape.
    first_is_bias : bool
        Whether its first row is the bias.
    n_units : int
        Units it leads to; `n_to` is a multiple, one for each block of net inputs.
    first_block : int
        The first of these blocks.
    recurrent : bool
        Whether it comes from the layer's own states.
    """

    name: str
    place: int
    n_from: int
    n_to: int
    first_is_bias: bool
    n_units: int
    first_block: int
    recurrent: bool

    def of(self, theta: Array) -> Array:
        """Return the matrix as a view of theta, shape (n_from, n_to)."""
        last = self.place + self.n_from * self.n_to
        return theta[self.place : last].reshape(self.n_from, self.n_to)


@dataclass(frozen=True)
class Wiring:
    """Layers of cells between inputs and outputs.

    With h_0 = x the layers are h_l(t) = cell(W_l h_{l-1}(t) + b_l, U_l h_l(t-1)), and y
    = φ(W_out h_L + b). What is fed back besides states enters the first layer like
    inputs: the last outputs y(t-1), …, y(t-K), and traces m(t) = μ m(t-1) + (1 - μ)
    y(t-1).

    Attributes
    ----------
    cell : Cell
        Of every hidden layer.
    n_inputs, n_outputs : int
        Columns of X and of y.
    hidden : tuple of int
        Units of each hidden layer.
    function : int
        φ; one of the constants of `unroll`. Without outputs (`STATES`) the last layer's
        h is given out.
    skip_inputs : bool
        Whether inputs also go to every later layer and to the outputs.
    skip_layers : bool
        Whether every layer goes to the outputs, and not the last alone.
    output_lags : int
        K.
    traces : tuple of float
        The μ of each trace.
    errors_pass_memory : bool
        Whether errors go back through fed-back outputs.
    """

    cell: Cell
    n_inputs: int
    n_outputs: int
    hidden: tuple[int, ...]
    function: int = 0
    skip_inputs: bool = False
    skip_layers: bool = False
    output_lags: int = 0
    traces: tuple[float, ...] = ()
    errors_pass_memory: bool = True

    @property
    def n_memories(self) -> int:
        """Rows of memories of the outputs."""
        return self.n_outputs * (self.output_lags + len(self.traces))

    @property
    def n_states(self) -> int:
        """Numbers carried from step to step: memories, outputs, states of layers."""
        return int(self._places[-1] - self._places[0])

    @property
    def n_fed(self) -> int:
        """How many of the states, the first ones, are memories and outputs."""
        return int(self._places[2] - self._places[0])

    @property
    def n_weights(self) -> int:
        """Length of theta."""
        last = self.parts[-1]
        return last.place + last.n_from * last.n_to

    @cached_property
    def parts(self) -> list[Part]:
        """The matrices of weights, as they lie in theta."""
        return [edge.part for edge in self._edges]

    @cached_property
    def _places(self) -> list[int]:
        """Places in v of memories, outputs, each layer, and the end."""
        outputs = 0 if self.function == STATES else self.n_outputs
        sizes = [self.n_memories, outputs]
        sizes += [self.cell.n_states * n for n in self.hidden]
        return list(np.cumsum([1 + self.n_inputs, *sizes]))

    @property
    def _given(self) -> int:
        """Place of the outputs in v, or of the states that are given out as such."""
        without = self.function == STATES
        return self._places[1 + len(self.hidden)] if without else self._places[1]

    @cached_property
    def _edges(self) -> list[_Edge]:
        """All products, in the order in which a step works them off."""
        edges: list[_Edge] = []
        nets = 0
        for layer, n_units in enumerate(self.hidden):
            own = self._places[2 + layer]
            for wanted in self._wanted(layer, own):
                edges.append(wanted.placed(_end(edges), layer, nets, n_units))
            nets += self.cell.n_blocks * n_units
        if self.function != STATES:
            layer = len(self.hidden)
            for wanted in self._above(layer, (0, 1)):
                edges.append(wanted.placed(_end(edges), layer, nets, self.n_outputs))
        return edges

    def _wanted(self, layer: int, own: int) -> list[_Wanted]:
        """Return the products that a hidden layer takes."""
        cell, name, n_units = self.cell, f"hidden_{layer}", self.hidden[layer]
        wanted = self._above(layer, cell.drive)
        first, last = cell.drive
        for k in (*range(first), *range(last, cell.n_blocks)):
            wanted.append(_Wanted(f"{name}.b_{k}", 0, 1, (k, k + 1), bias=True))
        for product in cell.products:
            wanted.append(
                _Wanted(
                    f"{name}.U" + (f"_{product.stage}" if product.stage else ""),
                    own + product.state * n_units,
                    n_units,
                    product.blocks,
                    stage=product.stage,
                    before=product.before,
                    recurrent=True,
                )
            )
        return sorted(wanted, key=lambda product: product.stage)

    def _above(self, layer: int, blocks: tuple[int, int]) -> list[_Wanted]:
        """Return the products of a layer with inputs and with layers below."""
        depth = len(self.hidden)
        name = f"hidden_{layer}" if layer < depth else "output"
        width = 1 + self.n_inputs
        if layer == 0:
            width += self.n_memories
        elif not self.skip_inputs:
            width = 1
        below = [layer - 1] if layer else []
        if layer == depth and self.skip_layers:
            below = list(range(depth))
        wanted = [_Wanted(f"{name}.W_in", 0, width, blocks, bias=True)]
        for k in below:
            place, n_units = self._places[2 + k], self.hidden[k]
            wanted.append(_Wanted(f"{name}.W_{k}", place, n_units, blocks))
        return wanted

    @cached_property
    def _tables(self) -> dict[Any, Tables]:
        return {}

    def tables(self, dtype: Any) -> Tables:
        """Return the network as the compiled loops read it.

        Parameters
        ----------
        dtype : dtype
            Of theta.

        Returns
        -------
        Tables
            The same each time.
        """
        if dtype not in self._tables:
            self._tables[dtype] = self._new_tables(dtype)
        return self._tables[dtype]

    def _new_tables(self, dtype: Any) -> Tables:
        cell, depth = self.cell, len(self.hidden)
        nets = np.cumsum([0, *(cell.n_blocks * n for n in self.hidden)])
        n_nets = nets[-1] + (0 if self.function == STATES else self.n_outputs)
        sizes = [self._places[-1], n_nets, self.n_inputs, self._given, self.n_outputs]
        stages = np.zeros((depth + 1, len(cell.forward) + 1), np.uint64)
        keys = [(edge.layer, edge.stage) for edge in self._edges]
        for layer in range(depth + 1):
            for stage in range(len(cell.forward) + 1):
                stages[layer, stage] = sum(key < (layer, stage) for key in keys)
        layers = [(self._places[2 + k], n, nets[k]) for k, n in enumerate(self.hidden)]
        memories, decays = self._memories()
        return Tables(
            np.array([*sizes, nets[-1], self.function], np.uint64),
            np.array(memories, np.uint64).reshape(-1, 4),
            np.array(decays, dtype),
            np.array(layers, np.uint64).reshape(-1, 3),
            stages,
            np.array([edge.row for edge in self._edges], np.uint64).reshape(-1, 6),
            np.array(cell.constants, dtype),
        )

    def _memories(self) -> tuple[list[tuple[int, int, int, int]], list[float]]:
        n, first, outputs = self.n_outputs, self._places[0], self._given
        lags = [
            (first + k * n, first + (k - 1) * n if k else outputs)
            for k in range(self.output_lags)
        ]
        begin = first + self.output_lags * n
        traces = [(begin + k * n, outputs) for k in range(len(self.traces))]
        passes = int(self.errors_pass_memory)
        rows = [(to, source, n, passes) for to, source in lags + traces]
        return rows, [0.0] * self.output_lags + list(self.traces)


class _Wanted(NamedTuple):
    """A product that a layer takes, before it has a place."""

    name: str
    source: int
    n_from: int
    blocks: tuple[int, int]
    bias: bool = False
    stage: int = 0
    before: bool = False
    recurrent: bool = False

    def placed(self, place: int, layer: int, nets: int, n_units: int) -> _Edge:
        first, last = self.blocks
        n_to = (last - first) * n_units
        kind = self.bias, n_units, first, self.recurrent
        part = Part(self.name, place, self.n_from, n_to, *kind)
        to = nets + first * n_units
        row = (self.source, self.n_from, to, n_to, place, int(self.before))
        return _Edge(part, layer, self.stage, row)


class _Edge(NamedTuple):
    """A product: its weights, its layer and stage, its row of `Tables.edges`."""

    part: Part
    layer: int
    stage: int
    row: tuple[int, ...]


def _end(edges: list[_Edge]) -> int:
    """Return where in theta the next weights begin."""
    if not edges:
        return 0
    last = edges[-1].part
    return last.place + last.n_from * last.n_to
