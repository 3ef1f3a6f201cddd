"""The displays, each with something to draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from seqest import plotting

RNG = np.random.default_rng(0)
DAYS = pd.date_range("2024-03-01", periods=60, freq="D", name="day")
LEVEL = pd.Series(RNG.standard_normal(60).cumsum(), DAYS, name="level (m)")
NOISE = RNG.standard_normal((2, 60))


def backtest() -> Any:
    """Return two metrics of three models, one of them a baseline."""
    names = {"model": ["network", "smoothing", "naive"], "step": [1, 2, 3, 4]}
    index = pd.MultiIndex.from_product(names.values(), names=list(names))
    table = pd.DataFrame({"mae": np.arange(12.0), "coverage_80": 0.8}, index)
    return plotting.BacktestDisplay.from_scores(table, baselines="naive", unit="m")


def forecast() -> Any:
    """Return a forecast of ten days, with one interval."""
    bounds = pd.DataFrame({"lower": LEVEL[50:] - 1, "upper": LEVEL[50:] + 1})
    return plotting.ForecastDisplay.from_predictions(
        LEVEL[50:] + 0.2, intervals={0.8: bounds}, history=LEVEL[:50], truth=LEVEL[50:]
    )


def gradient_flow() -> Any:
    """Return how nine gradients vanish or explode."""
    norms = {
        f"|λ| = {size / 10}": (size / 10) ** np.arange(30) for size in range(5, 14)
    }
    return plotting.GradientFlowDisplay.from_norms(norms)


def loss_curve() -> Any:
    """Return the curves of three networks, one with validation scores."""
    losses = {f"network {k}": 0.9 ** np.arange(9 + k) / k for k in (1, 2, 3)}
    scores = {"network 1": 1 - losses["network 1"]}
    from_losses = plotting.LossCurveDisplay.from_losses
    return from_losses(losses, validation_scores=scores)


def memory_capacity() -> Any:
    """Return the memory of four networks, one of which was drawn three times."""
    parts = {f"network {k}": np.linspace(1, 0, 9) ** k for k in (1, 2, 3)}
    parts |= {"drawn": np.linspace([0.9, 1.0, 0.7], 0, 9).T}
    return plotting.MemoryCapacityDisplay.from_capacities(parts)


def phase_portrait() -> Any:
    """Return two runs beside the truth."""
    runs = {"the same": LEVEL, "another": -LEVEL}
    return plotting.PhasePortraitDisplay.from_predictions(LEVEL, runs)


def residual_correlation() -> Any:
    """Return correlations of noise with its past and with an input."""
    from_predictions = plotting.ResidualCorrelationDisplay.from_predictions
    return from_predictions(NOISE[0], 0 * NOISE[0], NOISE[1][:, np.newaxis])


def residuals() -> Any:
    """Return the diagnostics of noise."""
    return plotting.ResidualsDisplay.from_residuals(LEVEL.diff())


def search_surface() -> Any:
    """Return the errors of a search over numbers and names."""
    results = {
        "param_alpha": [0.01, 1, 100] * 2,
        "param_activation": ["tanh"] * 3 + ["identity"] * 3,
        "mean_test_score": -np.arange(6.0),
    }
    scoring = "neg_mean_absolute_error"
    return plotting.SearchSurfaceDisplay.from_results(results, scoring=scoring)


def spectrum() -> Any:
    """Return the eigenvalues of four random matrices."""
    matrices = {f"layer {k}": RNG.normal(0, 0.2, (20, 20)) for k in range(4)}
    return plotting.SpectrumDisplay.from_matrix(matrices)


def state_traces() -> Any:
    """Return the states of five units."""
    states = pd.DataFrame(np.tanh(RNG.standard_normal((60, 8))), DAYS)
    return plotting.StateTracesDisplay.from_states(states)


TABLE: dict[str, Callable[[], Any]] = {
    "BacktestDisplay": backtest,
    "ForecastDisplay": forecast,
    "GradientFlowDisplay": gradient_flow,
    "LossCurveDisplay": loss_curve,
    "MemoryCapacityDisplay": memory_capacity,
    "PhasePortraitDisplay": phase_portrait,
    "ResidualCorrelationDisplay": residual_correlation,
    "ResidualsDisplay": residuals,
    "SearchSurfaceDisplay": search_surface,
    "SpectrumDisplay": spectrum,
    "StateTracesDisplay": state_traces,
}
