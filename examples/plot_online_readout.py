"""
A channel that changes, and a readout that follows
==================================================

A receiver recovers symbols from their echoes, and learns each block of 50 when it has
told them. After 3000 symbols the echoes change. Ridge regression that stopped learning
there stays wrong. One that learns on counts all rows alike: at the end its error is
still four times what it was. Recursive least squares that forget count a row less by a
factor λ with each that follows, and so come to know the new channel alone, within 500
rows at λ = 0.99 and within 1500 at 0.998. But what is forgotten cannot average out the
noise: once the change is over 0.998 has the smaller error of the two, as it had before.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import ESNRegressor
from seqest.readouts import RecursiveLeastSquares

n_rows, change, block, n_draws = 6000, 3000, 50, 5
echoes = [0.1, -0.15, 1, 0.2, -0.1], [-0.15, 0.2, 1, -0.25, 0.15]  # before and after
ways = {  # what learns, until which row, and its look
    "ridge, stopped": ({"alpha": 1e-6}, change, ("#E69F00", ":")),
    "ridge": ({"alpha": 1e-6}, n_rows, ("#D55E00", "--")),
}
for factor, look in ((0.998, ("#000000", "-")), (0.99, ("#0072B2", "-"))):
    readout = {"readout": RecursiveLeastSquares(forgetting=factor)}
    ways[f"RLS, λ = {factor}"] = readout, n_rows, look


def channel(seed):
    """Return what is received, and the symbols sent two rows before."""
    rng = np.random.default_rng(seed)
    sent = rng.choice([-3.0, -1.0, 1.0, 3.0], n_rows + 4)
    old, new = (np.convolve(sent, own, "valid") for own in echoes)
    q = np.where(np.arange(n_rows) < change, old, new)
    u = q + 0.036 * q**2 - 0.011 * q**3 + 0.1 * rng.standard_normal(n_rows)
    return u[:, np.newaxis], sent[:n_rows]


def squared_errors(readout, stop, seed):
    """Return those of each block, told before it is learned."""
    X, y = channel(seed)
    scales = {"spectral_radius": 0.3, "input_scaling": 0.05, "include_input": False}
    model = ESNRegressor(50, topology="ring", **scales, **readout, random_state=seed)
    model.partial_fit(X[:block], y[:block])
    errors, state = [], "last"
    for start in range(block, n_rows, block):
        rows = slice(start, start + block)
        told, state = model.predict(X[rows], initial_state=state, return_state=True)
        errors.append(np.mean((told - y[rows]) ** 2))
        if start < stop:
            model.partial_fit(X[rows], y[rows])
    return errors


figure, axis = plt.subplots(figsize=(9, 4.5), layout="constrained")
spans = [(2000, 3000), (3000, 3500), (3500, 4500), (4500, 6000)]
print(f"RMSE of symbols, {n_draws} draws; columns: rows")
print(f"{'':16}" + "".join(f"{low:7}-{high}" for low, high in spans))
for name, (readout, stop, (colour, style)) in ways.items():
    draws = [squared_errors(readout, stop, seed) for seed in range(n_draws)]
    squares, ends = np.mean(draws, axis=0), np.arange(2 * block, n_rows + 1, block)
    within = [squares[(ends > low) & (ends <= high)] for low, high in spans]
    print(f"{name:16}" + "".join(f"{np.sqrt(own.mean()):12.3f}" for own in within))
    axis.semilogy(ends, np.sqrt(squares), style, color=colour, label=name)
axis.axvline(change, color="0.5", lw=0.8)
axis.set(xlabel="symbols received", ylabel="RMSE of a block, five draws")
axis.set_yticks([0.2, 0.3, 0.5, 1], [0.2, 0.3, 0.5, 1])
axis.minorticks_off()
axis.legend(frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "online_readout.png", dpi=150)
