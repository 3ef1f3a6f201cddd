"""Sequence models behind `fit` and `predict`."""

from seqest.estimators.elman import ElmanRegressor
from seqest.estimators.esn import ESNRegressor
from seqest.estimators.gru import GRURegressor
from seqest.estimators.jordan import JordanRegressor
from seqest.estimators.lstm import LSTMRegressor
from seqest.estimators.narx import NARXRegressor
from seqest.estimators.tdnn import TDNNRegressor

__all__ = [
    "ESNRegressor",
    "ElmanRegressor",
    "GRURegressor",
    "JordanRegressor",
    "LSTMRegressor",
    "NARXRegressor",
    "TDNNRegressor",
]
