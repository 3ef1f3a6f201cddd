"""
NARMA-10: which units feed which, and how many there are
========================================================

NARMA-10 asks for products of inputs that lie nine steps apart. Reservoirs of six
topologies learn it from 2000 rows, all with the same settings, and are scored on 3000
more. With 25 or 50 units none is much better than a linear model of the last 20 inputs.
With 200 all are, by factors of 1.6 to 5, and the topology makes the difference. A plain
delay line and a ring, with one connection a unit and all weights the same, do as well
as random weights, which have ten; orthogonal weights do best, a small world worst.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from seqest import ESNRegressor, TappedDelayLine
from seqest.datasets import narma
from seqest.metrics import nmse

n_train, n_test, sizes = 2000, 3000, [25, 50, 100, 200]
series = [narma(n_train + n_test, random_state=seed) for seed in range(5)]
looks = {
    "small_world": ("#CC79A7", "v-"),
    "ring_with_jumps": ("#E69F00", "D-"),
    "random": ("#000000", "o-"),
    "ring": ("#0072B2", "s-"),
    "delay_line": ("#56B4E9", "X--"),
    "orthogonal": ("#D55E00", "^-"),
}


def network(topology, n_units, seed):
    scales = {"spectral_radius": 0.9, "input_scaling": 0.05, "alpha": 1e-7}
    wiring = {"topology": topology, "input_weights": "sign"}
    return ESNRegressor(n_units, **wiring, **scales, washout=200, random_state=seed)


def error(model, X, y):
    """Return the NMSE on the rows after those that are learned."""
    model.fit(X[:n_train], y[:n_train])
    return nmse(y[n_train:], model.predict(X[n_train:]))


linear = make_pipeline(TappedDelayLine(19), LinearRegression())
of_linear = np.mean([error(linear, *own) for own in series])
layout = [["errors", "errors", *pair] for pair in np.reshape(list(looks), (3, 2))]
figure, axes = plt.subplot_mosaic(layout, figsize=(9.5, 6), layout="constrained")
print("NMSE, mean and deviation of five series and draws; columns: units")
print(f"{'units':16}" + "".join(f"{n_units:12}" for n_units in sizes))
for name, (colour, look) in looks.items():
    draws = [
        [error(network(name, n, seed), *own) for seed, own in enumerate(series)]
        for n in sizes
    ]
    means, spread = np.mean(draws, axis=1), np.std(draws, axis=1, ddof=1)
    pairs = zip(means, spread, strict=True)
    print(f"{name:16}" + "".join(f"{m:7.3f} {s:.2f}" for m, s in pairs))
    axes["errors"].loglog(sizes, means, look, color=colour, label=name)
    W = network(name, 40, 0).fit(*series[0]).W_
    W = W if isinstance(W, np.ndarray) else W.toarray()
    axes[name].imshow(W, cmap="RdBu", vmin=-abs(W).max(), vmax=abs(W).max())
    axes[name].set(title=name, xticks=[], yticks=[])
print(f"linear model of the last 20 inputs: {of_linear:.3f}")
axes["errors"].axhline(of_linear, color="0.5", ls=":", label="linear, 20 inputs")
axes["errors"].set(xlabel="units", ylabel="NMSE, mean of five")
axes["errors"].set_xticks(sizes, sizes)
axes["errors"].set_yticks([0.03, 0.05, 0.1, 0.2], [0.03, 0.05, 0.1, 0.2])
axes["errors"].minorticks_off()
axes["errors"].legend(frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "narma_topologies.png", dpi=150)
