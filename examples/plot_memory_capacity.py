"""
How far back a reservoir remembers
==================================

A reservoir of 100 linear units hears random numbers, and a readout is asked for the
number k steps back. The squared correlation of answer and truth, summed over the delays
k, is the memory capacity, at most 100 for 100 units. Delay line and ring keep all of it
up to a sharp edge, orthogonal weights up to a soft one. Random weights hold the far
past so faintly that a readout with a penalty cannot use it: their curves fall early.
Leaky units average what they hear, and give back all of it a little and none exactly.
"""

import sys
from pathlib import Path

import numpy as np

from seqest import ESNRegressor
from seqest.metrics import memory_capacity
from seqest.plotting import MemoryCapacityDisplay

n_units, n_delays, n_train, n_test = 100, 200, 5000, 5000
reservoirs = {
    "delay line": {"topology": "delay_line", "input_weights": np.eye(n_units, 1)},
    "ring": {"topology": "ring", "input_weights": "sign"},
    "orthogonal": {"topology": "orthogonal"},
    "random": {"topology": "random"},
    "small world": {"topology": "small_world"},
    "random, leaky": {"topology": "random", "leak_rate": 0.3},
}


def memory(reservoir, seed):
    """Return the squared correlation of each delay, on rows after the training."""
    u = np.random.default_rng(seed).uniform(-1, 1, n_delays + n_train + n_test)
    past = [u[n_delays - k : len(u) - k] for k in range(1, n_delays + 1)]
    X, Y = u[n_delays:, np.newaxis], np.column_stack(past)
    linear = {"activation": "identity", "bias_scaling": 0, "include_input": False}
    scales = {"spectral_radius": 0.95, "input_scaling": 1.0, "alpha": 1e-4}
    model = ESNRegressor(n_units, **reservoir, **linear, **scales, random_state=seed)
    recalled = model.fit(X[:n_train], Y[:n_train]).predict(X[n_train:])
    before, test = np.split(u, [n_delays + n_train])
    return memory_capacity(test, recalled, u_past=before, multioutput="raw_values")


print(f"Memory capacity of {n_units} linear units, five draws: mean ± deviation")
parts = {}
for name, reservoir in reservoirs.items():
    parts[name] = np.array([memory(reservoir, seed) for seed in range(5)])
    capacity = parts[name].sum(axis=1)
    print(f"{name:14} {capacity.mean():5.1f} ± {capacity.std(ddof=1):.1f}")
figure = MemoryCapacityDisplay.from_capacities(parts).figure_
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "memory_capacity.png", dpi=150)
