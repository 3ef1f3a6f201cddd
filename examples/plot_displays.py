"""
A look at networks from every side
==================================

An echo state network learns one step of a chaotic series, two small networks the same
by gradient descent. Above: the eigenvalues of the reservoir, three of its units, and
its free run beside the true course, in delay coordinates. Middle: its errors one step
ahead on later rows; they are tiny, but not noise, since what is missed is a function
that the network does not have. Below: how the other two learn, how far back they look,
and what a search over two parameters of the reservoir finds.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from seqest import ElmanRegressor, ESNRegressor, LSTMRegressor
from seqest.datasets import mackey_glass
from seqest.plotting import (
    GradientFlowDisplay,
    LossCurveDisplay,
    PhasePortraitDisplay,
    ResidualsDisplay,
    SearchSurfaceDisplay,
    SpectrumDisplay,
    StateTracesDisplay,
)

series = mackey_glass(4000)
X, y = series[:-1, np.newaxis], series[1:]
learned, later = slice(0, 2000), slice(2000, 3500)
knobs = {"leak_rate": 0.4, "input_scaling": 1.0, "random_state": 0}
esn = ESNRegressor(200, alpha=1e-8, **knobs).fit(X[learned], y[learned])

layout = [
    ["spectrum", "unit 1", "truth", "free run"],
    ["spectrum", "unit 2", "truth", "free run"],
    ["spectrum", "unit 3", "truth", "free run"],
    *3 * [["series", "histogram", "correlation", "quantiles"]],
    *3 * [["loss", "loss", "flow", "search"]],
]
figure, axes = plt.subplot_mosaic(layout, figsize=(15, 10), layout="constrained")
SpectrumDisplay.from_estimator(esn, ax=axes["spectrum"])
units = [axes[f"unit {k}"] for k in (1, 2, 3)]
StateTracesDisplay.from_estimator(esn, X[:300], units=3, ax=units)
courses = [axes["truth"], axes["free run"]]
PhasePortraitDisplay.from_estimator(esn, y[later], delay=17, ax=courses)
panels = [axes[name] for name in layout[3]]
shown = ResidualsDisplay.from_estimator(esn, X[later], y[later], ax=panels)
errors = shown.lines_[0].get_ydata()
print(f"spectral radius: {esn.spectral_radius_:.2f}")
print(f"error of a step: {np.sqrt(np.mean(errors**2)):.1e}")

training = {"max_iter": 40, "n_iter_no_change": 40, "window": 50, "random_state": 0}
networks = {
    "Elman": ElmanRegressor(8, learning_rate_init=0.01, **training),
    "LSTM": LSTMRegressor(8, learning_rate_init=0.01, **training),
}
for name, network in networks.items():
    losses = network.fit(X[learned], y[learned]).loss_curve_
    print(f"{name}: {losses[0]:.4f} {losses[-1]:.4f}")
LossCurveDisplay.from_estimator(networks, ax=axes["loss"])
flow = GradientFlowDisplay.from_estimator(networks, X[later], ax=axes["flow"])
flow.ax_.set_ylabel("norm of ∂y(t) / ∂x(t − k)")

grid = {"alpha": [1e-8, 1e-6, 1e-4, 1e-2], "spectral_radius": [0.5, 0.7, 0.9, 1.1]}
tried = GridSearchCV(
    clone(esn), grid, cv=TimeSeriesSplit(3), scoring="neg_mean_absolute_error"
)
tried.fit(X[learned], y[learned])
SearchSurfaceDisplay.from_estimator(tried, ax=axes["search"])
print("best:", *tried.best_params_.values())
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "displays.png", dpi=150)
