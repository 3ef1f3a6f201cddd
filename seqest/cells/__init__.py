"""Recurrent cells: each file holds one, its equations and its row kernels."""

from seqest.cells.activations import ACTIVATIONS
from seqest.cells.cell import Cell, OwnProduct
from seqest.cells.gru import GRU, GRU_RESET_BEFORE
from seqest.cells.lstm import LSTM
from seqest.cells.simple import simple

__all__ = [
    "ACTIVATIONS",
    "GRU",
    "GRU_RESET_BEFORE",
    "LSTM",
    "Cell",
    "OwnProduct",
    "simple",
]
