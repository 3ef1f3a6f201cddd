"""
A deep LSTM and three centuries of sunspots
===========================================

Next year's sunspots from all years before, by an LSTM of one layer and one of two. The
last 150 years are predicted in five spans of 30; for each the networks learn from what
came before it, and go on with the state that the training years left. The series is
short and noisy, so epochs are few; skip connections let each layer see the inputs and
the outputs see each layer. A curve is the mean of five networks.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import LSTMRegressor
from seqest.datasets import load_sunspots

sunspots = load_sunspots()
series = sunspots.to_numpy()
years = sunspots.index.year.to_numpy()
root = np.sqrt(series)  # large values swing more
X, y = root[:-1, np.newaxis], root[1:]
starts = range(len(y) - 150, len(y), 30)


def span(layers, start, seed):
    model = LSTMRegressor(
        layers,
        window=60,
        stride=10,
        batch_size=8,
        learning_rate_init=0.01,
        alpha=0.03,
        skip_connections="all",
        max_iter=60,
        n_iter_no_change=60,
        learning_rate="cosine",
        random_state=seed,
    )
    model.fit(X[:start], y[:start])
    ahead = model.predict(X[start : start + 30], initial_state="last")
    return np.maximum(ahead, 0) ** 2


measured = series[-150:]
print("Next year's sunspots, 1859 to 2008, RMSE")
naive = np.sqrt(np.mean((series[-151:-1] - measured) ** 2))
print(f"naive: {naive:.1f}")
figure, axis = plt.subplots(figsize=(9, 3.8), layout="constrained")
axis.plot(years[-150:], measured, color="#999999", lw=4, label="measured")
for name, layers, colour, style in (
    ("one layer", (16,), "#E69F00", "--"),
    ("two layers", (16, 16), "#0072B2", "-"),
):
    runs = [np.concatenate([span(layers, s, k) for s in starts]) for k in range(5)]
    each = [np.sqrt(np.mean((run - measured) ** 2)) for run in runs]
    mean = np.mean(runs, axis=0)
    error = np.sqrt(np.mean((mean - measured) ** 2))
    print(f"{name}: {np.mean(each):.1f} each, {error:.1f} their mean")
    label = f"LSTM, {name}: RMSE {error:.1f}"
    axis.plot(years[-150:], mean, color=colour, ls=style, label=label)
axis.set(ylabel="sunspots a year", xlabel="year", xlim=(1859, 2008))
axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "deep_lstm.png", dpi=150)
