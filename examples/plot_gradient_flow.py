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
from seqest.plotting import GradientFlowDisplay
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


linear, networks = simple("identity"), {}
for size in (0.9, 1, 1.1):
    networks[f"linear, |λ| = {size:g}"] = network(linear, size=size)
networks["tanh, |λ| = 1.1"] = network(simple("tanh"), size=1.1)
for bias in (1, 5):
    networks[f"LSTM, forget bias {bias:g}"] = network(LSTM, forget=bias)
steps, norms, grown = np.arange(1, back + 1), {}, {}
for name, (net, theta) in networks.items():
    norms[name] = flow(net, theta)
    print(f"{name}: {norms[name][-1]:.2g} after {back} steps")
    ends, rest = [np.eye(k)[:, [-1]] for k in steps], np.zeros((1, net.n_states))
    grads = [pulled(net, theta, 0, k, rest, ends[k - 1])[0].theta for k in steps]
    grown[name] = [np.linalg.norm(gradient) for gradient in grads]
    if name == "linear, |λ| = 1.1":
        clipped = [min(clip_by_norm(gradient, 1.0), 1.0) for gradient in grads]
grown["|λ| = 1.1, clipped"] = clipped
figure, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
GradientFlowDisplay.from_norms(norms, lags=steps, ax=axes[0])
GradientFlowDisplay.from_norms(grown, lags=steps, ax=axes[1])
axes[0].set(xlabel="k, steps back", ylabel="norm of ∂h(T)/∂h(T-k)", ylim=(1e-8, 1e3))
axes[1].set(xlabel="length of the series", ylabel="norm of gradients", ylim=(0.5, 1e7))
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "gradient_flow.png", dpi=150)
