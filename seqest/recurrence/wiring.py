"""How a network is wired: its parts, their products, and where all that lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from seqest.cells import Cell
from seqest.recurrence.unroll import STATES, Tables

__all__ = ["Line", "Part", "Taps", "Wiring"]

Array = NDArray[Any]
# Taps of a delay line: lag and column of each, ascending.
Taps = tuple[tuple[int, int], ...]


class Line(NamedTuple):
    """A delay line, or a trace: memories that each take up the one before.

    Attributes
    ----------
    place : int
        Where in v the first is.
    source : int
        Place of what it remembers.
    n_columns : int
        Numbers of each memory.
    depth : int
        How many memories.
    decay : float
        How much of a memory stays; 0 makes a delay line.
    passes : bool
        Whether errors go back through it.
    """

    place: int
    source: int
    n_columns: int
    depth: int
    decay: float
    passes: bool

    @property
    def memories(self) -> list[tuple[int, int, int, int]]:
        """Place, place of what is remembered, numbers, whether errors pass, of each."""
        n, places = self.n_columns, [self.source]
        places += [self.place + k * self.n_columns for k in range(self.depth)]
        return [(to, old, n, int(self.passes)) for old, to in pairwise(places)]

    def taps(self, wanted: Taps | None) -> list[tuple[int, int]]:
        """Return places and numbers of the memories from lag 1 on that are wanted."""
        if wanted is None:
            return [(self.place, self.depth * self.n_columns)]
        n = self.n_columns
        return [(self.place + (lag - 1) * n + k, 1) for lag, k in wanted if lag > 0]


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
    = φ(W_out h_L + b). Delay lines hand on what was before as well. The first layer
    sees inputs x(t), …, x(t-J), the last outputs y(t-1), …, y(t-K), and traces m(t) = μ
    m(t-1) + (1 - μ) y(t-1); all of that is its input. What is above a hidden layer sees
    its h(t), …, h(t-M).

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
        Whether what the first layer sees, traces left out, goes to every later layer
        and to the outputs as well.
    skip_layers : bool
        Whether every layer goes to the outputs, and not the last alone.
    output_lags : int
        K.
    input_lags : int
        J.
    layer_lags : int
        M.
    output_taps, input_taps : tuple of (lag, column) or None
        Which of the outputs' and inputs' delay lines is seen; None is all.
    layer_taps : tuple of int or None
        Which lags of the layers are seen; None is all.
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
    input_lags: int = 0
    layer_lags: int = 0
    output_taps: Taps | None = None
    input_taps: Taps | None = None
    layer_taps: tuple[int, ...] | None = None

    @property
    def n_memories(self) -> int:
        """Rows of memories."""
        outputs = self.n_outputs * (self.output_lags + len(self.traces))
        layers = sum(self.hidden) * self.layer_lags
        return self.n_inputs * self.input_lags + outputs + layers

    @cached_property
    def lines(self) -> list[Line]:
        """Delay lines of inputs and outputs, traces, and delay lines of layers."""
        passes, given = self.errors_pass_memory, self._given
        wanted = [
            (1, self.n_inputs, self.input_lags, 0.0, True),
            (given, self.n_outputs, self.output_lags, 0.0, passes),
        ]
        wanted += [(given, self.n_outputs, 1, decay, passes) for decay in self.traces]
        for k, n_units in enumerate(self.hidden):
            wanted.append((self._places[2 + k], n_units, self.layer_lags, 0.0, True))
        lines, place = [], self._places[0]
        for source, n, depth, decay, passing in wanted:
            lines.append(Line(place, source, n, depth, decay, passing))
            place += n * depth
        return lines

    @property
    def n_states(self) -> int:
        """Numbers carried from step to step: memories, outputs, states of layers.

        Where inputs are remembered, the last inputs come first.
        """
        return int(self._places[-1]) - self.first_state

    @property
    def first_state(self) -> int:
        """Place in v of the first of them."""
        return 1 if self.input_lags else 1 + self.n_inputs

    @property
    def n_fed(self) -> int:
        """How many of the states, the first ones, are no states of layers."""
        return int(self._places[2]) - self.first_state

    @property
    def is_recalled(self) -> bool:
        """Whether all that is carried follows from the last inputs and outputs."""
        recurrent = bool(self.cell.products and self.hidden)
        return not (recurrent or self.traces or self.layer_lags)

    @cached_property
    def static(self) -> Self | None:
        """The same network over rows of taps, where its past is known; or None.

        Its inputs are what the first layer sees: inputs by lag and column, and then
        outputs in the same way. The weights stay as they are.
        """
        if not self.is_recalled:
            return None
        past: dict[str, Any] = {"input_lags": 0, "output_lags": 0}
        past |= {"input_taps": None, "output_taps": None}
        return replace(self, n_inputs=sum(n for _, n in self._seen), **past)

    @property
    def is_static(self) -> bool:
        """Whether no row has to do with another."""
        return self.is_recalled and not (self.input_lags or self.output_lags)

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
            wanted.append(_Wanted(f"{name}.b_{k}", [(0, 1)], (k, k + 1), bias=True))
        for product in cell.products:
            wanted.append(
                _Wanted(
                    f"{name}.U" + (f"_{product.stage}" if product.stage else ""),
                    [(own + product.state * n_units, n_units)],
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
        seen = [(0, 1)]
        if layer == 0 or self.skip_inputs:
            seen += self._seen
        if layer == 0:
            traces = self.lines[2 : 2 + len(self.traces)]
            seen += [place for trace in traces for place in trace.taps(None)]
        below = [layer - 1] if layer else []
        if layer == depth and self.skip_layers:
            below = list(range(depth))
        wanted = [_Wanted(f"{name}.W_in", _joined(seen), blocks, bias=True)]
        for k in below:
            wanted.append(_Wanted(f"{name}.W_{k}", self._layer_seen(k), blocks))
        return wanted

    @cached_property
    def _seen(self) -> list[tuple[int, int]]:
        """Places and numbers of what the first layer sees but for traces."""
        inputs, outputs = self.lines[:2]
        seen = [(1, self.n_inputs)]
        if self.input_taps is not None:
            seen = [(1 + k, 1) for lag, k in self.input_taps if lag == 0]
        return seen + inputs.taps(self.input_taps) + outputs.taps(self.output_taps)

    def _layer_seen(self, layer: int) -> list[tuple[int, int]]:
        """Return places and numbers of what is seen of a hidden layer."""
        n_units = self.hidden[layer]
        line = self.lines[2 + len(self.traces) + layer]
        lags = self.layer_taps
        places = [(self._places[2 + layer], n_units)]
        places += [(line.place + k * n_units, n_units) for k in range(self.layer_lags)]
        if lags is not None:
            places = [places[lag] for lag in lags]
        return _joined(places)

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
        keys = [(edge.layer, edge.stage) for edge in self._edges for _ in edge.rows]
        for layer in range(depth + 1):
            for stage in range(len(cell.forward) + 1):
                stages[layer, stage] = sum(key < (layer, stage) for key in keys)
        layers = [(self._places[2 + k], n, nets[k]) for k, n in enumerate(self.hidden)]
        memories = [row for line in self.lines for row in line.memories]
        decays = [line.decay for line in self.lines for _ in range(line.depth)]
        products = [
            (*row, int(row[0] + row[1] > 1 + self.n_inputs))
            for edge in self._edges
            for row in edge.rows
        ]
        return Tables(
            np.array([*sizes, nets[-1], self.function], np.uint64),
            np.array(memories, np.uint64).reshape(-1, 4),
            np.array(decays, dtype),
            np.array(layers, np.uint64).reshape(-1, 3),
            stages,
            np.array(products, np.uint64).reshape(-1, 7),
            np.array(cell.constants, dtype),
        )


class _Wanted(NamedTuple):
    """A product that a layer takes, before it has a place."""

    name: str
    sources: list[tuple[int, int]]  # places of signals and their numbers
    blocks: tuple[int, int]
    bias: bool = False
    stage: int = 0
    before: bool = False
    recurrent: bool = False

    def placed(self, place: int, layer: int, nets: int, n_units: int) -> _Edge:
        first, last = self.blocks
        n_to = (last - first) * n_units
        kind = self.bias, n_units, first, self.recurrent
        part = Part(self.name, place, sum(n for _, n in self.sources), n_to, *kind)
        to = nets + first * n_units
        rows: list[tuple[int, ...]] = []
        for source, n_from in self.sources:
            rows.append((source, n_from, to, n_to, place, int(self.before)))
            place += n_from * n_to
        return _Edge(part, layer, self.stage, rows)


class _Edge(NamedTuple):
    """A matrix: its layer and stage, and rows of `Tables.edges`, as signals lie."""

    part: Part
    layer: int
    stage: int
    rows: list[tuple[int, ...]]


def _joined(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return places and numbers with those that follow each other made one."""
    joined: list[tuple[int, int]] = []
    for place, n in places:
        if joined and sum(joined[-1]) == place:
            joined[-1] = joined[-1][0], joined[-1][1] + n
        elif n:
            joined.append((place, n))
    return joined


def _end(edges: list[_Edge]) -> int:
    """Return where in theta the next weights begin."""
    if not edges:
        return 0
    last = edges[-1].part
    return last.place + last.n_from * last.n_to
