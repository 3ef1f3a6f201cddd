"""Displays in scikit-learn's manner: arrays and results, drawn by matplotlib."""

from seqest.plotting.backtest import BacktestDisplay
from seqest.plotting.forecast import ForecastDisplay
from seqest.plotting.loss_curve import LossCurveDisplay
from seqest.plotting.residual_correlation import ResidualCorrelationDisplay
from seqest.plotting.residuals import ResidualsDisplay

__all__ = [
    "BacktestDisplay",
    "ForecastDisplay",
    "LossCurveDisplay",
    "ResidualCorrelationDisplay",
    "ResidualsDisplay",
]
