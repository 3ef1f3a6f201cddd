"""What a series needs of a model, and whether its residuals are free of structure."""

from seqest.forecasting.diagnostics.delays import suggest_delays
from seqest.forecasting.diagnostics.differencing import suggest_differencing
from seqest.forecasting.diagnostics.residuals import residual_diagnostics
from seqest.forecasting.diagnostics.suggestion import (
    DelaySuggestion,
    DifferencingSuggestion,
)
from seqest.forecasting.diagnostics.validity import validity_tests
from seqest.forecasting.diagnostics.whiteness import whiteness_tests

__all__ = [
    "DelaySuggestion",
    "DifferencingSuggestion",
    "residual_diagnostics",
    "suggest_delays",
    "suggest_differencing",
    "validity_tests",
    "whiteness_tests",
]
