"""
One tap that remembers for ever, and thirty that do not
=======================================================

A tank is filled by a pump and drained through a hole in its floor: √level flows out, so
that what was pumped in fades slowly. A NARX with a single tap, its own last output,
carries it on as long as the tank does. Of a TDNN with 30 taps on the input nothing is
left after 30 minutes, and what it cannot know disturbs what it can. Lines are the mean
of ∂level(t) / ∂flow(t - k) over later rows; bands, on the left, hold nine tenths of the
rows. That of NARX is the tank's own: the fuller it is, the longer it remembers.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import NARXRegressor, TDNNRegressor

n_learned, n_lags = 4000, 200
flow = np.random.default_rng(0).uniform(0, 100, 6000)  # litres in each minute
level = np.empty(6000)  # cm, over a floor of one square metre
last, answers = 100.0, np.zeros(n_lags + 1)
responses = {"tank": np.empty((6000, n_lags + 1))}
for t in range(6000):
    slope = 1 - 0.25 / np.sqrt(last)  # of this level by the last
    last += 0.1 * flow[t] - 0.5 * np.sqrt(last)
    answers = np.append(0.1, slope * answers[:-1])
    level[t], responses["tank"][t] = last, answers

X, later = flow[:, np.newaxis], slice(n_learned, None)
options = {
    "solver": "lm",
    "tol": 1e-3,
    "max_iter": 1000,
    "alpha": 0.1,
    "random_state": 0,
}
models = {
    "TDNN": TDNNRegressor(4, delays=29, **options),
    "NARX": NARXRegressor(4, input_delays=0, closed_loop=True, **options),
}
for name, model in models.items():
    model.fit(X[:n_learned], level[:n_learned])
    error = np.sqrt(np.mean((model.predict(X[later]) - level[later]) ** 2))
    print(f"{name}: {model.theta_.size} weights, RMSE {error:.2f} cm on later rows")
    responses[name] = model.sensitivity(X[later], n_lags=n_lags)[..., 0, 0]

shown = [0, 10, 29, 30, 100, 200]
print("minutes later", *shown)
figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
looks = {
    "tank": ("0.6", "-", 6),
    "TDNN": ("#D55E00", "--", 2),
    "NARX": ("#0072B2", "-", 2),
}
for name, (colour, style, width) in looks.items():
    of_rows = 100 * responses[name][n_lags - 2000 :]  # cm by 100 litres
    mean, spread = of_rows.mean(axis=0), np.quantile(of_rows, [0.05, 0.95], axis=0)
    print(name, *(f"{mean[k]:.3f}" for k in shown))
    line = {"color": colour, "ls": style, "lw": width, "label": name}
    for axis in axes:
        axis.plot(np.maximum(mean, 1e-9), **line)
    if name in models:
        axes[0].fill_between(np.arange(n_lags + 1), *spread, color=colour, alpha=0.2)
axes[0].set(ylabel="cm left of 100 litres", ylim=(0, 15))
axes[1].set(yscale="log", ylim=(0.03, 20))
for axis, last in zip(axes, (100, n_lags), strict=True):
    axis.set(xlabel="minutes since", xlim=(0, last))
axes[0].legend(frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "impulse_response.png", dpi=150)
