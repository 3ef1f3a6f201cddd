"""Draw the picture of the README: `python docs/overview.py FILE`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

from seqest import ESNRegressor, NARXRegressor
from seqest.datasets import load_airline, load_gas_furnace, lorenz63
from seqest.forecasting import Forecaster
from seqest.plotting._looks import COLOURS

BLACK, ORANGE = COLOURS[0], COLOURS[1]


def forecast(ax: Any) -> None:
    """Draw two years of passengers, forecast with their intervals."""
    y = load_airline()
    model = Forecaster(ESNRegressor(random_state=0), seasonal_period=12, random_state=0)
    frame = model.fit(y=y[:-24]).get_forecast(24).summary_frame(alpha=0.05)
    shown = y["1957":]
    ax.plot(shown.index.to_timestamp(), shown, color=BLACK)
    times = frame.index.to_timestamp()
    band = frame["mean_ci_lower"], frame["mean_ci_upper"]
    ax.fill_between(times, *band, color=ORANGE, alpha=0.25, linewidth=0)
    ax.plot(times, frame["mean"], color=ORANGE)
    ax.xaxis.set_major_locator(mpl.dates.YearLocator())
    ax.xaxis.set_major_formatter(mpl.dates.DateFormatter("%Y"))
    ax.set(title="Forecast, 95 % intervals", ylabel="thousand passengers")


def identification(ax: Any) -> None:
    """Draw what leaves the gas furnace, and a free run on what enters it."""
    furnace = load_gas_furnace()
    X, y = furnace[["methane_rate"]], furnace["co2"]
    delays = {"input_delays": [3], "output_delays": [1, 2]}
    model = NARXRegressor(2, **delays, solver="lm", random_state=0)
    told = model.fit(X[:200], y[:200]).predict(X[200:])
    minutes = 0.15 * np.arange(len(y))
    ax.plot(minutes[200:], y[200:], color=BLACK)
    ax.plot(minutes[200:], told, color=ORANGE)
    ax.set(title="System, running on its input", xlabel="minutes", ylabel="CO₂ in %")


def chaos(ax: Any) -> None:
    """Draw a coordinate of Lorenz's system, and a network on its own outputs."""
    path = lorenz63(7000, dt=0.02)
    path = (path - path.mean(axis=0)) / path.std(axis=0)
    model = ESNRegressor(500, readout_features="half_squared", random_state=0)
    run = model.fit(path[:5999], path[1:6000]).forecast(700)
    times = 0.02 * 0.906 * np.arange(700)  # 0.906 is the largest Lyapunov exponent
    ax.plot(times, path[6000:6700, 0], color=BLACK)
    ax.plot(times, run[:, 0], color=ORANGE)
    ax.set(title="Chaos, on its own outputs", xlabel="Lyapunov times", ylabel="x")


def main(arguments: Sequence[str]) -> None:
    """Draw the three side by side: measured in black, ours in orange."""
    spines = {f"axes.spines.{side}": False for side in ("right", "top")}
    with mpl.rc_context({**spines, "font.size": 10, "lines.linewidth": 1.2}):
        figure, axes = plt.subplots(1, 3, figsize=(12, 3.4), layout="constrained")
        for ax, draw in zip(axes, (forecast, identification, chaos), strict=True):
            draw(ax)
        figure.savefig(arguments[0], dpi=150)


if __name__ == "__main__":
    main(sys.argv[1:])
