"""
Two numbers far apart, and their sum
====================================

Of a sequence of random numbers two are marked; at its end a network is to give their
mean, so it has to carry them all the way and ignore the rest (Hochreiter & Schmidhuber
1997). An LSTM does, the more steadily the further open its forget gates start. In
Elman's network errors vanish on their way back to the marks: it does no better than the
mean of all targets. Left: the loss of each epoch. Right: new sequences.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import ElmanRegressor, LSTMRegressor
from seqest.plotting import LossCurveDisplay

length, n_train, n_test, n_epochs = 60, 3000, 500, 30


def sequences(n, seed):
    rng = np.random.default_rng(seed)
    X = np.zeros((n, length, 2), np.float32)
    X[:, :, 0] = rng.uniform(-1, 1, (n, length))
    first = rng.integers(0, length // 4, n)
    second = rng.integers(length // 4, length // 2, n)
    each = np.arange(n)
    X[each, first, 1] = X[each, second, 1] = 1
    return X, (X[each, first, 0] + X[each, second, 0])[:, np.newaxis] / 2


X, y = sequences(n_train, seed=0)
X_new, y_new = sequences(n_test, seed=1)
training = {
    "learning_rate_init": 0.003,
    "max_iter": n_epochs,
    "n_iter_no_change": n_epochs,
    "random_state": 0,
}
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
print(f"RMSE on new sequences of {length}; the mean would have {y_new.std():.3f}")
networks = {
    "Elman": ElmanRegressor(32, **training),
    "LSTM, forget bias 1": LSTMRegressor(32, **training),
    "LSTM, forget bias 4": LSTMRegressor(32, forget_bias=4.0, **training),
}
losses = LossCurveDisplay.from_estimator(
    {name: model.fit(X, y) for name, model in networks.items()}, scale="log", ax=left
)
for (name, model), mark in zip(networks.items(), "s^o", strict=True):
    predicted = model.predict(X_new)
    error = np.sqrt(np.mean((predicted - y_new) ** 2))
    print(f"{name}: {error:.3f}")
    colour = losses.lines_[name].get_color()
    right.plot(y_new, predicted, mark, color=colour, ms=3, alpha=0.5)
left.legend(loc="upper right", bbox_to_anchor=(1, 0.9), frameon=False)
right.axline((0, 0), slope=1, color="black", lw=1)
right.set(xlabel="mean of the marked numbers", ylabel="predicted", aspect="equal")
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "adding_problem.png", dpi=150)
