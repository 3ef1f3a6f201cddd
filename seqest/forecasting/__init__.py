"""Forecasting of series with dates: what to ask of them before, and of models after."""

from seqest.forecasting.diagnostics import (
    DelaySuggestion,
    suggest_delays,
    validity_tests,
    whiteness_tests,
)

__all__ = [
    "DelaySuggestion",
    "suggest_delays",
    "validity_tests",
    "whiteness_tests",
]
