"""Reservoir computing and time-series forecasting with a scikit-learn API."""

from importlib.metadata import version

from seqest import datasets, metrics
from seqest._sequences import State
from seqest.compilation import compile_kernels
from seqest.estimators import (
    ElmanRegressor,
    ESNRegressor,
    GRURegressor,
    JordanRegressor,
    LSTMRegressor,
    NARXRegressor,
    TDNNRegressor,
)
from seqest.features import DelayKernels, GammaMemory, TappedDelayLine
from seqest.persistence import load, save
from seqest.reservoirs import Reservoir, contraction

__version__ = version("seqest")

__all__ = [
    "DelayKernels",
    "ESNRegressor",
    "ElmanRegressor",
    "GRURegressor",
    "GammaMemory",
    "JordanRegressor",
    "LSTMRegressor",
    "NARXRegressor",
    "Reservoir",
    "State",
    "TDNNRegressor",
    "TappedDelayLine",
    "__version__",
    "compile_kernels",
    "contraction",
    "datasets",
    "load",
    "metrics",
    "save",
]
