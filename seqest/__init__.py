"""Reservoir computing and time-series forecasting with a scikit-learn API."""

from importlib.metadata import version

from seqest import datasets, metrics
from seqest._sequences import State
from seqest.estimators import (
    ElmanRegressor,
    ESNRegressor,
    GRURegressor,
    JordanRegressor,
    LSTMRegressor,
)
from seqest.reservoirs import Reservoir, contraction

__version__ = version("seqest")

__all__ = [
    "ESNRegressor",
    "ElmanRegressor",
    "GRURegressor",
    "JordanRegressor",
    "LSTMRegressor",
    "Reservoir",
    "State",
    "__version__",
    "contraction",
    "datasets",
    "metrics",
]
