"""
Gradients that vanish, gradients that explode
=============================================

Left: how much the state at the end answers to the state k steps before. In a linear
network, W = QΛQᵀ with eigenvalues of one size, it is that size to the power of k. A
tanh network squashes on top of it; an LSTM keeps the way back open as far as its forget
gates do. Right: the gradient of the last output by all weights, and what clipping does.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest.cells import LSTM, simple
from seqest.optim import clip_by_norm
from seqest.recurrence import Batch, Network

n, back, T = 16, 60, 120  # units, steps back, rows
rng = np.random.default_rng(0)
Q, signs = np.linalg.qr(rng.standard_normal((n, n)))[0], np.sign(rng.normal(size=n))
x = rng.uniform(-1, 1, (T, 1))


def network(cell, size=None, forget=None):
    net = Network(cell, 1, 1, (n,))
    theta = np.random.default_rng(1).uniform(-0.25, 0.25, net.n_weights)
    for part in net.parts:
        if part.name == "hidden_0.U" and size is not None:
            part.of(theta)[:] = Q @ np.diag(size * signs) @ Q.T
        if part.name == "hidden_0.W_in" and forget is not None:
            part.of(theta)[0, n : 2 * n] = forget
    return net, theta


def pulled(net, theta, first, n_steps, start, deltas=0.0, ends=None):
    copies = np.ones(len(start), int)
    run = net.unroll(theta, Batch(x, first * copies, n_steps * copies, start))
    return net.pullback(theta, run, deltas + np.zeros_like(run.outputs), ends), run


def flow(net, theta):
    _, run = pulled(net, theta, 0, T, np.zeros((1, net.n_states)))
    run = net.unroll(theta, run.batch)
    h = slice(net.n_fed, net.n_fed + n)  # h comes after the output
    ends = np.zeros((n, net.n_states))
    ends[:, h] = np.eye(n)
    before = np.repeat(net.states_before(run)[:, np.newaxis], n, axis=1)
    ways = [pulled(net, theta, t, T - t, before[t], ends=ends)[0] for t in range(T)]
    return [np.linalg.norm(ways[T - k].start[:, h], 2) for k in range(1, back + 1)]


figure, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
steps = np.arange(1, back + 1)
for name, colour, line, cell, options in (
    ("linear, |λ| = 0.9", "#0072B2", ":", simple("identity"), {"size": 0.9}),
    ("linear, |λ| = 1", "#000000", "--", simple("identity"), {"size": 1.0}),
    ("linear, |λ| = 1.1", "#D55E00", "-", simple("identity"), {"size": 1.1}),
    ("tanh, |λ| = 1.1", "#E69F00", "-.", simple("tanh"), {"size": 1.1}),
    ("LSTM, forget bias 1", "#56B4E9", "s-", LSTM, {"forget": 1.0}),
    ("LSTM, forget bias 5", "#009E73", "o-", LSTM, {"forget": 5.0}),
):
    net, theta = network(cell, **options)
    norms, look = flow(net, theta), {"color": colour, "markevery": 8, "label": name}
    print(f"{name}: {norms[-1]:.2g} after {back} steps")
    axes[0].semilogy(steps, norms, line, **look)
    ends, rest = [np.eye(k)[:, [-1]] for k in steps], np.zeros((1, net.n_states))
    grown = [pulled(net, theta, 0, k, rest, ends[k - 1])[0].theta for k in steps]
    axes[1].semilogy(steps, [np.linalg.norm(g) for g in grown], line, **look)
    if name == "linear, |λ| = 1.1":
        clipped = [min(clip_by_norm(g, 1.0), 1.0) for g in grown]
        axes[1].semilogy(steps, clipped, "#CC79A7", lw=4, label="|λ| = 1.1, clipped")
axes[0].set(xlabel="k, steps back", ylabel="norm of ∂h(T)/∂h(T-k)", ylim=(1e-6, 1e4))
axes[1].set(xlabel="length of the series", ylabel="norm of the gradient")
axes[1].legend(frameon=False, fontsize="small")
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "gradient_flow.png", dpi=150)
