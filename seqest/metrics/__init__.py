"""Scores of sequence predictions, and correlations along time.

Rows are time. In scores a row with NaN in any output of `y_true` is left out; any other
NaN, and inf, raises. Where both sides carry a pandas index, the indexes must agree.
Scores of forecasts take rows of many series, named by `groups` or a MultiIndex: each
series is scored for itself, then series count alike, then outputs as `multioutput`
says. In a search use ``make_scorer(nrmse, greater_is_better=False)``.
"""

from seqest.metrics.correlation import autocorrelation, cross_correlation
from seqest.metrics.errors import nmse, nrmse, valid_prediction_time
from seqest.metrics.intervals import coverage, winkler
from seqest.metrics.memory import memory_capacity
from seqest.metrics.quantiles import crps, pinball
from seqest.metrics.scaled import mase, owa, rmsse, smape

__all__ = [
    "autocorrelation",
    "coverage",
    "cross_correlation",
    "crps",
    "mase",
    "memory_capacity",
    "nmse",
    "nrmse",
    "owa",
    "pinball",
    "rmsse",
    "smape",
    "valid_prediction_time",
    "winkler",
]
