"""Which delays a model needs, and whether its residuals are free of structure."""

from seqest.forecasting.diagnostics.delays import suggest_delays
from seqest.forecasting.diagnostics.suggestion import DelaySuggestion
from seqest.forecasting.diagnostics.validity import validity_tests
from seqest.forecasting.diagnostics.whiteness import whiteness_tests

__all__ = [
    "DelaySuggestion",
    "suggest_delays",
    "validity_tests",
    "whiteness_tests",
]
