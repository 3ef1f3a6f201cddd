"""Sequence models behind `fit` and `predict`."""

from seqest.estimators.esn import ESNRegressor

__all__ = ["ESNRegressor"]
