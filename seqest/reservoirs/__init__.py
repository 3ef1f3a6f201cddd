"""Fixed recurrent networks: how they are drawn, scaled and run."""

from seqest.reservoirs.chunks import Chunked
from seqest.reservoirs.contraction import Contraction, contraction
from seqest.reservoirs.input_weights import input_weights
from seqest.reservoirs.spectral import scale, spectral_radius
from seqest.reservoirs.stack import Layer, Stack
from seqest.reservoirs.topologies import TOPOLOGIES
from seqest.reservoirs.transformer import Reservoir

__all__ = [
    "TOPOLOGIES",
    "Chunked",
    "Contraction",
    "Layer",
    "Reservoir",
    "Stack",
    "contraction",
    "input_weights",
    "scale",
    "spectral_radius",
]
