"""
A sequence played from a plan
=============================

Jordan's network of 1986 is given a plan, an input that stays the same, and plays the
sequence that belongs to it: what it has just done, kept in a fading trace of its own
outputs, tells it what comes next. Here three plans are three shapes in the plane. In
training it is fed measured outputs at first, more and more of its own with the epochs.
Lines are what it plays from each plan, twice as long as it was taught; circles what it
was taught.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import JordanRegressor

n_rows, n_plans = 48, 3
angle = 2 * np.pi * np.arange(n_rows) / 24
shapes = [
    np.column_stack([np.sin(angle), np.cos(angle)]),
    np.column_stack([np.sin(angle), 0.7 * np.sin(2 * angle)]),
    np.column_stack([np.sin(angle) ** 3, np.cos(angle) ** 3]),
]
plans = [np.tile(np.eye(n_plans)[k], (n_rows, 1)) for k in range(n_plans)]
network = JordanRegressor(
    40,
    memory=0.5,
    output_lags=6,
    alpha=0.0,
    standardize=False,
    max_iter=3000,
    teacher_forcing=lambda epoch: max(0.0, 1 - epoch / 1500),
    errors_through_memory=True,
    n_iter_no_change=3000,
    learning_rate="cosine",
    random_state=0,
).fit(plans, shapes)
longer = [np.tile(np.eye(n_plans)[k], (2 * n_rows, 1)) for k in range(n_plans)]
played = network.predict(longer)
figure, axes = plt.subplots(1, n_plans, figsize=(9, 3.4), layout="constrained")
for k, axis in enumerate(axes):
    twice = np.vstack([shapes[k], shapes[k]])
    error = np.sqrt(np.mean((played[k] - twice) ** 2))
    print(f"plan {k + 1}: RMSE {error:.3f} over {2 * n_rows} steps of its own")
    axis.plot(*shapes[k].T, "o", color="#E69F00", ms=7, mfc="none", label="taught")
    axis.plot(*played[k].T, color="#0072B2", label="played")
    axis.set(title=f"plan {k + 1}", aspect="equal")
    axis.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1], xlim=(-1.3, 1.3), ylim=(-1.3, 1.3))
axes[0].set(xlabel="first output", ylabel="second output")
axes[0].legend(loc="upper left", frameon=False, fontsize="small")
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "jordan_plan.png", dpi=150)
