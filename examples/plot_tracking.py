"""
A pendulum led past the horizontal by a model of it
===================================================

A motor turns a damped pendulum, by a new torque 20 times a second. NARX learns from 200
seconds of random torques and measured angles, and then steers: its free run, from where
the pendulum is now, says where a torque leads that is held for five rows, its
sensitivity how to change it to come closer to the reference. A linear model does the
same; but it knows one pull of gravity, in proportion to the angle, and past the
horizontal (dotted) gravity pulls ever less.
"""

import sys
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone

from seqest import NARXRegressor

ahead, noise = 5, 0.1  # rows, and degrees in measured angles


def turn(angle, speed, torque):
    for _ in range(50):  # milliseconds; angles in degrees
        speed += 0.001 * (torque - 9.81 * np.sin(np.radians(angle)) - 2 * speed)
        angle += 0.001 * np.degrees(speed)
    return angle, speed


def steer(model, reference):
    rng, pendulum, torque, angles = np.random.default_rng(1), (0, 0), 0, []
    watch = partial(model.predict_open_loop, return_state=True)
    _, state = watch([[0], [0]], [0, 0], initial_state="zero")
    for t in range(len(reference) - ahead):
        for _ in range(3):  # steps of Gauss and Newton
            held = {"X": np.full((ahead, 1), torque), "initial_state": state}
            misses = reference[t : t + ahead] - model.predict(**held)
            slopes = model.sensitivity(n_lags=ahead - 1, **held).sum(axis=1).ravel()
            torque = np.clip(torque + slopes @ misses / (slopes @ slopes), -15, 15)
        pendulum = turn(*pendulum, torque)
        angles.append(pendulum[0])
        measured = [angles[-1] + noise * rng.normal()]
        _, state = watch([[torque]], measured, initial_state=state)
    return np.array(angles)


rng, pendulum, y = np.random.default_rng(0), (0.0, 0.0), []
X = np.repeat(rng.uniform(-10.5, 10.5, (400, 1)), 10, axis=0)  # ten rows each
for torque in X[:, 0]:
    pendulum = turn(*pendulum, torque)
    y.append(pendulum[0] + noise * rng.normal())
levels, rise = [0, 30, 90, -60, 110, 0], np.minimum(np.arange(60) / 30, 1)
moves = np.outer(np.diff(levels), (1 - np.cos(np.pi * rise)) / 2)
wanted = np.add(moves.T, levels[:-1]).T.ravel()
figure, axes = plt.subplots(2, figsize=(9, 6), sharex=True, layout="constrained")
seconds = np.arange(len(wanted)) / 20
axes[0].plot(seconds, wanted, color="0.7", lw=6, label="reference")
axes[0].axhline(90, color="k", lw=0.8, ls=":")
print(f"misses in degrees over {len(wanted) / 20:g} seconds: RMSE, largest")
lines = {"input_delays": 1, "output_delays": 2, "skip_connections": "inputs"}
training = {"solver": "lm", "tol": 1e-3, "closed_loop": True, "horizon": 16}
narx = NARXRegressor(8, alpha=0.1, max_iter=1000, random_state=0, **lines, **training)
linear = clone(narx).set_params(hidden_layer_sizes=1, activation="identity")
models = {"linear": (linear, "#D55E00", "--"), "NARX": (narx, "#0072B2", "-")}
for name, (model, colour, style) in models.items():
    angles = steer(model.fit(X, y), np.append(wanted, np.zeros(ahead)))
    misses = angles - wanted
    print(f"{name}: {np.sqrt(np.mean(misses**2)):.2f} {np.abs(misses).max():.1f}")
    for axis, shown in zip(axes, (angles, misses), strict=True):
        axis.plot(seconds, shown, style, color=colour, label=name)
axes[0].legend(frameon=False)
axes[0].set(ylabel="angle in degrees")
axes[1].set(ylabel="miss in degrees", xlabel="time in seconds")
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "tracking.png", dpi=150)
