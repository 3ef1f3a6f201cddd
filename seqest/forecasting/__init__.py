"""Forecasting of series with dates: what to ask of them before, and of models after."""

from seqest.forecasting.backtest import BacktestResult, backtest
from seqest.forecasting.baselines import (
    AutoRegForecaster,
    DriftForecaster,
    ETSForecaster,
    NaiveForecaster,
    SARIMAXForecaster,
    SeasonalNaiveForecaster,
    ThetaForecaster,
)
from seqest.forecasting.diagnostics import (
    DelaySuggestion,
    DifferencingSuggestion,
    residual_diagnostics,
    suggest_delays,
    suggest_differencing,
    validity_tests,
    whiteness_tests,
)
from seqest.forecasting.forecaster import Forecaster
from seqest.forecasting.result import ForecastResult
from seqest.forecasting.splitters import RollingOriginSplit

__all__ = [
    "AutoRegForecaster",
    "BacktestResult",
    "DelaySuggestion",
    "DifferencingSuggestion",
    "DriftForecaster",
    "ETSForecaster",
    "ForecastResult",
    "Forecaster",
    "NaiveForecaster",
    "RollingOriginSplit",
    "SARIMAXForecaster",
    "SeasonalNaiveForecaster",
    "ThetaForecaster",
    "backtest",
    "residual_diagnostics",
    "suggest_delays",
    "suggest_differencing",
    "validity_tests",
    "whiteness_tests",
]
