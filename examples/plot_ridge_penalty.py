"""
The penalty of a readout: what it costs and what it saves
=========================================================

Ten networks of 200 units learn from two centuries of sunspots to tell next year's, with
penalties α from 1e-7 to 1e4, and are tested on the century after. With less and less
penalty the error on the years learned keeps falling, while weights grow to more than
700 times what they are at α = 0.1, where the test error is least; it becomes five times
as large. What is learned then is noise, by heart. Too much penalty flattens the
forecast. With alpha="auto" a network chooses by cross-validation over the years
learned, among 1e-6, 1e-4, 1e-2, 1 and 100: eight of ten take 1 and two 0.01, and their
test error is 3 % above the least.
"""

import sys
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import ESNRegressor
from seqest.datasets import load_sunspots

n_learned, washout = 208, 20
sunspots = load_sunspots()
root = np.sqrt(sunspots.to_numpy())  # scatters as much in weak cycles as in strong ones
scaled = (root - root[:n_learned].mean()) / root[:n_learned].std()
X, y = scaled[:-1, np.newaxis], scaled[1:]
alphas = 10.0 ** np.arange(-7, 5)


def tried(alpha):
    """Return errors on learned and later years and sizes of weights, and the last."""
    found = []
    for seed in range(10):
        model = ESNRegressor(200, alpha=alpha, washout=washout, random_state=seed)
        told = model.fit(X[:n_learned], y[:n_learned]).predict(X, initial_state="zero")
        _, *parts = np.split((told - y) ** 2, [washout, n_learned])
        found.append([*map(np.mean, parts), np.sum(model.coef_**2), model.alpha_])
    return np.array(found), told[n_learned:]


print("Penalty, RMSE on learned and on later years, length of the weights; ten draws")
looks = {1e-7: "#E69F00", 0.1: "#0072B2", 1e3: "#D55E00"}
layout = [["error", "size"], ["run", "run"]]
figure, axes = plt.subplot_mosaic(layout, figsize=(9, 6.5), layout="constrained")
years = sunspots.index.year[n_learned + 1 :]
axes["run"].plot(years, y[n_learned:], "k.-", lw=0.6, label="measured")
rows = []
for alpha in alphas:
    draws, told = tried(alpha)
    rows.append(np.sqrt(draws[:, :3].mean(axis=0)))
    print(f"{alpha:.0e}", *(f"{value:.3f}" for value in rows[-1]))
    if alpha in looks:
        axes["run"].plot(years, told, color=looks[alpha], label=f"α = {alpha:g}")
chosen, _ = tried("auto")
taken = "".join(f"{a:g} in {n}, " for a, n in Counter(chosen[:, 3]).items())
print(f"auto: {taken}RMSE {np.sqrt(chosen[:, 1].mean()):.3f} on later years")
learned, later, sizes = np.transpose(rows)
axes["error"].loglog(alphas, learned, "o--", color="0.5", label="learned years")
axes["error"].loglog(alphas, later, "ko-", label="later years")
auto = {"color": "#D55E00", "ms": 8, "label": "auto, each draw", "zorder": 3}
axes["error"].plot(chosen[:, 3], np.sqrt(chosen[:, 1]), "x", **auto)
axes["size"].loglog(alphas, sizes, "ko-")
for name, what in (("error", "RMSE"), ("size", "length of the weights")):
    axes[name].set(xlabel="penalty α", ylabel=what)
axes["run"].set(xlabel="year", ylabel="scaled root of sunspots", ylim=(-4, 6))
axes["error"].legend(frameon=False)
axes["run"].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "ridge_penalty.png", dpi=150)
