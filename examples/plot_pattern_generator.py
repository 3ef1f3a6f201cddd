"""
A figure of eight that survives a kick
======================================

A network with output feedback learns to draw a figure of eight, without any input. The
path crosses itself, so the last point alone does not say where to go on: the state of
the network must. Then all units are kicked at once, in 50 ways. Each time the drawing
leaves the eight and comes back to it, though ahead or behind: the distance to the eight
vanishes (right, black), that to the undisturbed drawing does not (dashed).
"""

import sys
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import ESNRegressor

n_train, n_after, n_kicks, period = 3000, 300, 50, 100


def eight(angle):
    return np.column_stack([np.sin(angle), 0.8 * np.sin(2 * angle)])


def distance_to_eight(points):
    orbit = eight(np.linspace(0, 2 * np.pi, 5000))
    return np.linalg.norm(points[:, np.newaxis] - orbit, axis=2).min(axis=1)


no_input = np.zeros((n_train, 1))
model = ESNRegressor(200, feedback_scaling=1.0, noise=1e-3, random_state=0)
model.fit(no_input, eight(2 * np.pi * np.arange(n_train) / period))
before, state = model.predict(no_input, initial_state="last", return_state=True)
undisturbed = model.predict(no_input[:n_after], initial_state=state)


def run_kicked(rng):
    units = state.values["units"] + rng.normal(0, 0.7, state.values["units"].shape)
    kicked = replace(state, values={**state.values, "units": units})
    return model.predict(no_input[:n_after], initial_state=kicked)


rng = np.random.default_rng(0)
runs = np.array([run_kicked(rng) for _ in range(n_kicks)])
away = np.array([distance_to_eight(run) for run in runs])
apart = np.linalg.norm(runs - undisturbed, axis=2)
print(f"Largest distance to the eight, which is 2 wide, with {n_kicks} kicks")
print(f"before: {distance_to_eight(before).max():.4f}")
print(f"after: {away.max():.4f}")
print(f"two periods later: {away[:, 2 * period :].max():.4f}")
print(f"Distance to the undisturbed drawing then: {np.median(apart[:, -period:]):.2f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
left.plot(*before[-period - 1 :].T, "#BBBBBB", lw=5, label="before the kick")
looks = [("#D55E00", "-"), ("#0072B2", "--"), ("#000000", ":")]
for number, (colour, style) in enumerate(looks):
    look = {"color": colour, "ls": style, "marker": "o", "markevery": [0]}
    left.plot(*runs[number].T, **look, label=f"after kick {number + 1}")
left.set(xlabel="first output", ylabel="second output", xticks=[-1, 0, 1])
low, median, high = np.percentile(away, [5, 50, 95], axis=0)
band = {"color": "#56B4E9", "label": "nine kicks of ten"}
right.semilogy(median, "k", label="to the eight, median")
right.fill_between(range(n_after), low, high, **band)
timing = {"color": "#D55E00", "ls": "--", "label": "to the undisturbed"}
right.semilogy(np.median(apart, axis=0), **timing)
right.set(xlabel="steps since the kick", ylabel="distance")
for axes in (left, right):
    above = {"loc": "lower center", "bbox_to_anchor": (0.5, 1)}
    axes.legend(**above, ncols=2, frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "pattern_generator.png", dpi=150)
