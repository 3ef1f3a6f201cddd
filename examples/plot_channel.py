"""
Symbols through a crooked channel
=================================

Four symbols, −3, −1, 1 and 3, go through echoes, an amplifier that bends, and noise.
Two equalizers learn from 5000 of them to tell the symbol sent two steps before: a
linear one that weighs the last 47 values received, and an echo state network of 47
units, so with as many weights. Where noise rules, at 12 dB, they err nearly alike. With
less noise the linear one meets a floor, since no weights straighten an amplifier: at 28
dB it takes two symbols in a thousand for others, nearly always a −3 for a −1, over
fifty times as many as the network does.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import ESNRegressor
from seqest.datasets import nonlinear_channel

n_train, n_test, n_taps, seeds = 5000, 300_000, 47, range(3)
levels, symbols = [12, 16, 20, 24, 28], np.array([-3.0, -1.0, 1.0, 3.0])
between, shades = [-2, 0, 2], ["#000000", "#D55E00", "#0072B2", "#E69F00"]
common = {"include_input": False, "washout": 100}  # so a weight a unit, and a constant
# A chain of linear units holds the last 47 inputs as they are.
chain = {"topology": "delay_line", "input_weights": np.eye(n_taps, 1)}
straight = {"activation": "identity", "spectral_radius": 1, "input_scaling": 1}
bent = {"spectral_radius": 0.3, "input_scaling": 0.05, "alpha": 1e-8}
equalizers = {
    "linear": ESNRegressor(
        n_taps, **chain, **straight, **common, bias_scaling=0, alpha=1e-4
    ),
    "network": ESNRegressor(n_taps, topology="ring", **bent, **common),
}
looks = {"linear": ("#D55E00", "s--"), "network": ("#0072B2", "o-")}


def received(name, level, seed):
    """Return what an equalizer says of new symbols, and the symbols."""
    X, y = nonlinear_channel(n_train + n_test, snr_db=level, random_state=seed)
    model = equalizers[name].set_params(random_state=seed)
    model.fit(X[:n_train], y[:n_train])
    return model.predict(X[n_train:]), y[n_train:]


layout = [["rates", "linear"], ["rates", "network"]]
figure, axes = plt.subplot_mosaic(layout, figsize=(9, 5), layout="constrained")
print("Symbol error rate, the mean of three draws; columns: signal to noise in dB")
print(f"{'dB':8}" + "".join(f"{level:9}" for level in levels))
for name, (colour, look) in looks.items():
    rates = []
    for level in levels:
        draws = [received(name, level, seed) for seed in range(3)]
        decided = [(symbols[np.searchsorted(between, x)], d) for x, d in draws]
        rates.append(np.mean([np.mean(told != sent) for told, sent in decided]))
    print(f"{name:8}" + "".join(f"{rate:9.1e}" for rate in rates))
    axes["rates"].semilogy(levels, rates, look, color=colour, label=name)
    told, sent = draws[0]
    for symbol, shade in zip(symbols, shades, strict=True):
        own, bins = told[sent == symbol], np.linspace(-5, 5, 101)
        axes[name].hist(
            own, bins, histtype="step", log=True, color=shade, label=f"{symbol:.0f}"
        )
    for edge in between:
        axes[name].axvline(edge, color="0.5", ls=":")
    axes[name].set(title=f"{name}, {level} dB", ylabel="symbols", ylim=(0.5, None))
axes["rates"].set(xlabel="signal to noise in dB", ylabel="symbol error rate")
axes["rates"].legend(frameon=False)
axes["network"].set_xlabel("output of the equalizer")
axes["linear"].legend(title="sent", frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "channel.png", dpi=150)
