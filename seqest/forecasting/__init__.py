"""Forecasting of series with dates: what to ask of them before, and of models after."""

from seqest.forecasting.diagnostics import (
    DelaySuggestion,
    suggest_delays,
    validity_tests,
    whiteness_tests,
)
from seqest.forecasting.forecaster import Forecaster
from seqest.forecasting.result import ForecastResult

__all__ = [
    "DelaySuggestion",
    "ForecastResult",
    "Forecaster",
    "suggest_delays",
    "validity_tests",
    "whiteness_tests",
]
