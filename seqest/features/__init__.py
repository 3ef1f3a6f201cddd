"""Short-term memories: fixed transformers that hand on what was, row by row."""

from seqest.features.delay_line import DelayKernels, TappedDelayLine
from seqest.features.gamma import GammaMemory

__all__ = ["DelayKernels", "GammaMemory", "TappedDelayLine"]
