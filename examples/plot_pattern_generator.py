"""
A figure of eight that survives a kick
======================================

A network with output feedback learns to draw a figure of eight, with no input at all.
Its path crosses itself, so the output alone cannot say where to go: the state must.
Then all its units are kicked at once, 50 times anew. Every time the drawing leaves the
eight and comes back to it (left, right), though later or earlier than it would have
been: the distance to the undisturbed run stays, that to the eight is gone.
"""

import sys
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import ESNRegressor

n_train, n_after, n_kicks, period = 3000, 300, 50, 100.0


def eight(angle):
    return np.column_stack([np.sin(angle), 0.6 * np.sin(2 * angle)])


def distance_to_eight(points):
    orbit = eight(np.linspace(0, 2 * np.pi, 5000))
    return np.sqrt(((points[:, np.newaxis] - orbit) ** 2).sum(axis=2).min(axis=1))


silence = np.zeros((n_train, 1))
model = ESNRegressor(200, feedback_scaling=1.0, noise=1e-3, random_state=0)
model.fit(silence, eight(2 * np.pi * np.arange(n_train) / period))
before, state = model.predict(silence, initial_state="last", return_state=True)
undisturbed = model.predict(silence[:n_after], initial_state=state)

rng = np.random.default_rng(0)
units = state.values["units"]
runs = []
for _ in range(n_kicks):
    kicked = {**state.values, "units": units + rng.normal(0, 0.7, units.shape)}
    start = replace(state, values=kicked)
    runs.append(model.predict(silence[:n_after], initial_state=start))
away = np.array([distance_to_eight(run) for run in runs])
print(f"Before the kick: at most {distance_to_eight(before).max():.4f} from the eight")
print(f"Farthest after it: {np.median(away.max(axis=1)):.2f} (median of {n_kicks} kicks)")
print(f"{n_after} steps later: at most {away[:, -100:].max():.4f}")
late = np.sqrt(((runs-undisturbed)**2).sum(-1))
print(np.percentile(away.max(1),[0,50,100]), np.median(late,0)[::30], [np.flatnonzero(a>.02)[-1] for a in away])
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
left.plot(*before[-100:].T, "k", lw=1)
for r in runs[:3]:
   left.plot(*r.T,lw=1)
right.semilogy(away.T,color="#56B4E9",lw=.5)
right.semilogy(np.median(away,0),"k")
right.semilogy(np.median(late,0),"r")
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "pattern_generator.png", dpi=150)
