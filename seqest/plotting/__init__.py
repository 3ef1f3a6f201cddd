"""Displays in scikit-learn's manner: arrays and results, drawn by matplotlib."""

from seqest.plotting.backtest import BacktestDisplay
from seqest.plotting.forecast import ForecastDisplay
from seqest.plotting.gradient_flow import GradientFlowDisplay
from seqest.plotting.loss_curve import LossCurveDisplay
from seqest.plotting.memory_capacity import MemoryCapacityDisplay
from seqest.plotting.phase_portrait import PhasePortraitDisplay
from seqest.plotting.residual_correlation import ResidualCorrelationDisplay
from seqest.plotting.residuals import ResidualsDisplay
from seqest.plotting.search_surface import SearchSurfaceDisplay
from seqest.plotting.spectrum import SpectrumDisplay
from seqest.plotting.state_traces import StateTracesDisplay

__all__ = [
    "BacktestDisplay",
    "ForecastDisplay",
    "GradientFlowDisplay",
    "LossCurveDisplay",
    "MemoryCapacityDisplay",
    "PhasePortraitDisplay",
    "ResidualCorrelationDisplay",
    "ResidualsDisplay",
    "SearchSurfaceDisplay",
    "SpectrumDisplay",
    "StateTracesDisplay",
]
