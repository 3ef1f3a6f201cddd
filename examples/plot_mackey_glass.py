"""
Mackey-Glass on its own output
==============================

Networks learn to predict the next value of a chaotic series. Then their predictions
take the place of the input: from 50 places they never saw they run on alone. Errors
grow exponentially, as they must in chaos, until the course is lost. The valid time is
that until the error passes 0.3 standard deviations of the series; the upper panel shows
a start where it is the median. Where the course is lost the run still draws the same
attractor (lower right).
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import ESNRegressor
from seqest.datasets import mackey_glass
from seqest.metrics import valid_prediction_time

n_train, n_starts, n_warm, n_free = 3000, 50, 200, 1500
series = np.tanh(mackey_glass(n_train + 200 * n_starts + n_free) - 1)
train, sigma = series[:n_train], series[:n_train].std()
starts = n_train + 200 * np.arange(1, n_starts + 1)[:, np.newaxis]
before = series[starts + np.arange(-n_warm, 0)]
truth = series[starts + np.arange(n_free)]


def network(seed):
    dynamics = {"spectral_radius": 0.9, "leak_rate": 0.4, "input_scaling": 1.0}
    model = ESNRegressor(400, **dynamics, alpha=1e-8, random_state=seed)
    return model.fit(train[:-1, np.newaxis], train[1:])


def free_runs(model):
    """Return the runs from all starts, which go side by side as 50 series."""
    known, state = model.predict(before[:, :, np.newaxis], return_state=True)
    ahead = model.forecast(n_free - 1, initial_state=state)
    return np.column_stack([known[:, -1], ahead])


print(f"Valid time of free runs from {n_starts} starts: median and quartiles")
for seed in range(5):
    model = network(seed)
    free = free_runs(model)
    both = zip(truth, free, strict=True)
    valid = [valid_prediction_time(*pair, scale=sigma) for pair in both]
    low, median, high = np.percentile(valid, [25, 50, 75])
    print(f"network {seed}: {median:4.0f} ({low:.0f} to {high:.0f}) units of time")

panels = [["run"] * 4, ["error", "error", "true course", "free run"]]
figure, axes = plt.subplot_mosaic(panels, figsize=(9, 5.5), layout="constrained")
typical = np.argsort(valid)[n_starts // 2]
axes["run"].plot(truth[typical], "k", lw=2.5, label="true course")
axes["run"].plot(free[typical], "#E69F00", lw=1.2, label="free run")
axes["run"].axvline(valid[typical], color="#0072B2", ls="--", label="valid time")
axes["run"].set(xlim=(0, n_free), ylim=(-0.6, 0.55))
axes["run"].set(xlabel="time since the start", ylabel="tanh(x − 1)")
axes["run"].legend(loc="upper left", ncols=3, frameon=False)

quartiles = np.percentile(np.abs(free - truth) / sigma, [25, 50, 75], axis=0)
half = {"color": "#56B4E9", "label": "half of the starts"}
axes["error"].fill_between(range(n_free), quartiles[0], quartiles[2], **half)
axes["error"].semilogy(quartiles[1], "k", lw=0.8, label="median")
axes["error"].axhline(0.3, color="#0072B2", ls="--", label="limit of the valid time")
axes["error"].set(xlabel="time since the start", ylabel="error / standard deviation")
axes["error"].legend(loc="lower right", frameon=False)
late = model.forecast(n_train + 2000)[n_train:]
for name, course in (("true course", train[:2000]), ("free run", late)):
    axes[name].plot(course[17:], course[:-17], "k", lw=0.4)
    axes[name].set(title=name, xlabel="now", xlim=(-0.6, 0.4))
    axes[name].set(ylim=(-0.6, 0.4), aspect="equal")
axes["true course"].set_ylabel("17 before")
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "mackey_glass.png", dpi=150)
