"""A reservoir's fixed weights: one layer, or a stack whose states are joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.reservoirs.kernels import TimeLoops, compiled
from seqest.reservoirs.products import operand

__all__ = ["Layer", "Stack"]


@dataclass(frozen=True, eq=False)
class Layer:
    """The weights of one reservoir layer, stored (to, from).

    Attributes
    ----------
    W : ndarray or csr_array of shape (n_units, n_units)
        From the layer's own state.
    W_in : ndarray of shape (n_units, n_inputs)
        From the input, or from the state of the layer below.
    bias : ndarray of shape (n_units,)
        Added to the drive.
    leak_rate : float
        The share of the state replaced in a step.
    """

    W: Any
    W_in: NDArray[Any]
    bias: NDArray[Any]
    leak_rate: float

    @property
    def n_units(self) -> int:
        """Number of units."""
        return int(self.bias.size)


@dataclass(frozen=True, eq=False)
class Stack:
    """Layers, each driven by the state of the one below; the first by the input.

    Attributes
    ----------
    layers : tuple of Layer
        From the input up.
    W_fb : ndarray of shape (n_units, n_outputs) or None
        From the last outputs to the first layer.
    activation : str
        A key of `seqest.cells.ACTIVATIONS`.
    """

    layers: tuple[Layer, ...]
    W_fb: NDArray[Any] | None
    activation: str

    @property
    def n_units(self) -> int:
        """Number of units of all layers."""
        return sum(layer.n_units for layer in self.layers)

    @property
    def n_inputs(self) -> int:
        """Number of inputs of the first layer."""
        return int(self.layers[0].W_in.shape[1])

    def loops(self, dtype: Any) -> tuple[TimeLoops, tuple[Any, ...]]:
        """Return the time loops for this stack and the layers as they take them.

        Parameters
        ----------
        dtype : dtype
            Of the states.

        Returns
        -------
        loops : TimeLoops
            Compiled for the structure of W and the activation.
        layers : tuple
            For each layer the arrays of W, then W_in, bias and the two rates.
        """
        operands = [operand(layer.W, dtype) for layer in self.layers]
        structures = {structure for structure, _ in operands}
        if len(structures) > 1:
            operands = [operand(layer.W, dtype, "sparse") for layer in self.layers]
            structures = {"sparse"}
        arrays = tuple(
            (
                W,
                np.array(layer.W_in, dtype, order="C"),
                np.array(layer.bias, dtype),
                np.array([1 - layer.leak_rate, layer.leak_rate], dtype),
            )
            for (_, W), layer in zip(operands, self.layers, strict=True)
        )
        return compiled(structures.pop(), self.activation), arrays

    def teacher_forced(self, dtype: Any) -> tuple[TimeLoops, tuple[Any, ...]]:
        """Return the same for the inputs ``[x(n), y(n - 1)]``, if there is feedback.

        Parameters
        ----------
        dtype : dtype
            Of the states.

        Returns
        -------
        loops : TimeLoops
            Compiled for the structure of W and the activation.
        layers : tuple
            As in `loops`, W_in of the first joined by W_fb.
        """
        loops, layers = self.loops(dtype)
        if self.W_fb is None:
            return loops, layers
        W, W_in, bias, rates = layers[0]
        joined = np.ascontiguousarray(np.hstack([W_in, self.W_fb]).astype(dtype))
        return loops, ((W, joined, bias, rates), *layers[1:])
