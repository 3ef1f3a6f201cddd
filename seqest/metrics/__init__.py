"""Scores of sequence predictions, and correlations along time.

Rows are time. In scores a row with NaN in any output of `y_true` is left out; any other
NaN, and inf, raises. Where both sides carry a pandas index, the indexes must agree. In
a search use ``make_scorer(nrmse, greater_is_better=False)``.
"""

from seqest.metrics.correlation import autocorrelation, cross_correlation
from seqest.metrics.errors import mase, nmse, nrmse, smape, valid_prediction_time
from seqest.metrics.memory import memory_capacity

__all__ = [
    "autocorrelation",
    "cross_correlation",
    "mase",
    "memory_capacity",
    "nmse",
    "nrmse",
    "smape",
    "valid_prediction_time",
]
