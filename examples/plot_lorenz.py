"""
Lorenz's butterfly, flown by a network
======================================

Networks of 300 units learn 60 units of time of the Lorenz system of 1963: from a point
of its orbit the next one, a hundredth of a unit later. Then they run on their own
output, from 50 places they never saw. In the median a run stays within 0.3 standard
deviations of the true course for 8 to 9 Lyapunov times, in which small errors grow more
than a thousandfold. After that it is another course, but on the same butterfly: the
plane of x and z shows it, and the next maximum of z follows from the last as in the
true system (lower right).
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import ESNRegressor
from seqest.datasets import lorenz63
from seqest.metrics import valid_prediction_time
from seqest.plotting import PhasePortraitDisplay

dt, exponent = 0.01, 0.906  # of the largest Lyapunov exponent, per unit of time
n_train, n_starts, n_warm, n_free = 6000, 50, 200, 2000
orbit = lorenz63(n_train + 300 * n_starts + n_free, dt=dt, tol=1e-10)
train, sigma = orbit[:n_train], orbit[:n_train].std(axis=0)
starts = n_train + 300 * np.arange(1, n_starts + 1)[:, np.newaxis]
before = orbit[starts + np.arange(-n_warm, 0)]
truth = orbit[starts + np.arange(n_free)]
scales = {"spectral_radius": 0.8, "input_scaling": 0.08, "bias_scaling": 1.6}
knobs = {**scales, "leak_rate": 0.6, "readout_features": "half_squared", "alpha": 1e-7}


def free_runs(model):
    """Return the runs from all starts, which go side by side as 50 series."""
    known, state = model.predict(before, return_state=True)
    ahead = model.forecast(n_free - 1, initial_state=state)
    return np.concatenate([known[:, -1:], ahead], axis=1)


def next_maxima(z):
    tops = z[1:-1][(z[1:-1] > z[:-2]) & (z[1:-1] > z[2:])]
    return tops[:-1], tops[1:]


units = {"dt": dt, "lyapunov_exponent": exponent, "scale": sigma}
print(f"Valid time of free runs from {n_starts} starts: median and quartiles")
for seed in range(5):
    model = ESNRegressor(300, **knobs, random_state=seed).fit(train[:-1], train[1:])
    free = free_runs(model)
    both = zip(truth, free, strict=True)
    valid = [valid_prediction_time(*pair, threshold=0.3, **units) for pair in both]
    low, median, high = np.percentile(valid, [25, 50, 75])
    print(f"network {seed}: {median:.1f} ({low:.1f} to {high:.1f}) Lyapunov times")
layout = [["run"] * 3, ["truth", "free run", "maxima"]]
figure, axes = plt.subplot_mosaic(layout, figsize=(9, 6.5), layout="constrained")
typical, times = np.argsort(valid)[n_starts // 2], exponent * dt * np.arange(n_free)
axes["run"].plot(times, truth[typical, :, 0], "k", lw=2.5, label="true course")
axes["run"].plot(times, free[typical, :, 0], "#E69F00", lw=1.2, label="free run")
axes["run"].axvline(valid[typical], color="#0072B2", ls="--", label="valid time")
axes["run"].set(xlabel="Lyapunov times since the start", ylabel="x", ylim=(-20, 28))
axes["run"].legend(loc="upper right", ncols=3, frameon=False)
late, where = model.forecast(12_000)[2000:], [axes["truth"], axes["free run"]]
PhasePortraitDisplay.from_predictions(train[:4000], late[:4000], dims=[0, 2], ax=where)
print("z, mean and deviation")
looks = {"true": {"color": "k", "ms": 7}, "free run": {"color": "#E69F00", "ms": 3}}
for z, (name, look) in zip((orbit[:, 2], late[:, 2]), looks.items(), strict=True):
    print(f"{name}: {z.mean():.1f} {z.std():.1f}")
    axes["maxima"].plot(*next_maxima(z), ".", **look, label=name)
for axis in where:
    axis.set(xlabel="x", ylabel="z")
axes["maxima"].set(xlabel="maximum of z", ylabel="next maximum of z")
axes["maxima"].legend(frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "lorenz.png", dpi=150)
