"""
What the two main knobs of a reservoir do
=========================================

Left: two copies of a reservoir start in different states and hear the same input. The
forgetting time is that until they agree to a millionth, for good. It rises with the
spectral radius, but a radius of 1 is no border: under a weak input forgetting ends
there, under a strong one far beyond. Right: the input scaling leads from units that
answer in proportion, near 0, to units that only say yes or no, at −1 and 1.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import Reservoir, contraction

n_steps = 3000
X = np.random.default_rng(0).uniform(-1, 1, (n_steps, 1))


def reservoir(radius, scaling, seed=0):
    knobs = {"spectral_radius": radius, "input_scaling": scaling}
    return Reservoir(100, **knobs, bias_scaling=0, random_state=seed)


def forgetting_time(radius, scaling):
    """Return the median of five draws; infinite where the input ended before."""
    fitted = [reservoir(radius, scaling, seed).fit(X) for seed in range(5)]
    return np.median([contraction(model, X).forgetting_time for model in fitted])


def states(scaling):
    return reservoir(0.9, scaling).fit_transform(X)


radii = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0]
strengths = [0.1, 0.5, 2.0]
times = np.array([[forgetting_time(r, s) for s in strengths] for r in radii])
print(f"Forgetting time in steps, of {n_steps}; columns: input scaling")
print("radius" + "".join(f"{strength:6.1f}" for strength in strengths))
for radius, row in zip(radii, times, strict=True):
    print(f"{radius:6.2f}" + "".join(f"{time:6.0f}" for time in row))
print("Share of saturated states, larger than 0.9 in size")
for scaling in (0.1, 1.0, 10.0):
    saturated = np.mean(np.abs(states(scaling)) > 0.9)
    print(f"input scaling {scaling:4.1f}: {saturated:.3f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
looks = [("#0072B2", "o-"), ("#E69F00", "s--"), ("#000000", "^:")]
for (colour, look), strength, column in zip(looks, strengths, times.T, strict=True):
    shown = np.minimum(column, n_steps)
    left.semilogy(radii, shown, look, color=colour, ms=5, label=strength)
left.set(xlabel="spectral radius", ylabel="forgetting time in steps", ylim=(9, 6000))
left.text(2, 1.2 * n_steps, f"not within {n_steps} steps", ha="right")
left.legend(title="input scaling", loc="lower right", frameon=False)

scalings, edges = np.geomspace(0.02, 20, 49), np.linspace(-1, 1, 50)
counts = np.array([np.histogram(states(scaling), edges)[0] for scaling in scalings])
relative = counts / counts.max(axis=1, keepdims=True)
middles = (edges[1:] + edges[:-1]) / 2
mesh = right.pcolormesh(scalings, middles, relative.T, cmap="cividis")
figure.colorbar(mesh, ax=right, label="frequency / that of the commonest state")
right.set(xscale="log", xlabel="input scaling", ylabel="state of a unit")
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "dynamics.png", dpi=150)
