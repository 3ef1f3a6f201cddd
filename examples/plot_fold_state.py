"""
What state at the boundaries of folds does
==========================================

Cross-validation cuts a series into folds, but a recurrent network lives from the rows
before. Here five networks forecast next year's sunspot number over 160 years, in folds
of 5 to 40, each learned from all years before. If prediction goes on where training
ended, as it does by default where the index goes on, the error hardly depends on the
length of the folds. If each fold starts from rest, the first forecasts are far off;
what the start changes falls to a tenth in ten years. In folds of twenty years or less
the networks then seem worse than this year's number, and only their start is to blame.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqest import ESNRegressor
from seqest.datasets import load_sunspots

root = np.sqrt(load_sunspots())  # scatters as much in weak cycles as in strong ones
X, y = root.to_frame()[:-1], root.shift(-1)[:-1]
n_tested, lengths = 160, [5, 10, 20, 40]
looks = {"from rest": ("#D55E00", "s--"), "goes on": ("#0072B2", "o-")}


def network(seed):
    scaler = StandardScaler().set_output(transform="pandas")  # keeps the years
    return make_pipeline(scaler, ESNRegressor(50, alpha=0.01, random_state=seed))


def forecasts(length):
    """Return forecasts by fold, network, start and year of the fold."""
    told = []
    for train, test in TimeSeriesSplit(n_tested // length, test_size=length).split(X):
        for seed in range(5):
            fitted = network(seed).fit(X.iloc[train], y.iloc[train])
            for start in ("zero", "auto"):
                told.append(fitted.predict(X.iloc[test], initial_state=start))
    return np.reshape(told, (-1, 5, 2, length))


told = {length: forecasts(length) for length in lengths}
measured = y[-n_tested:].to_numpy()
errors = [own - measured.reshape(-1, 1, 1, L) for L, own in told.items()]
rmse = np.sqrt([np.mean(own**2, axis=(0, 3)).mean(axis=0) for own in errors])
persistence = np.sqrt(np.mean((y - X["sunspots"])[-n_tested:] ** 2))
print("RMSE of the root of next year's sunspots; columns: years of a fold")
print(f"{'years':10}" + "".join(f"{length:7}" for length in lengths))
for name, row in zip(looks, rmse.T, strict=True):
    print(f"{name:10}" + "".join(f"{error:7.3f}" for error in row))
print(f"this year's number as the forecast: {persistence:.3f}")
apart = np.median(np.abs(told[20][:, :, 0] - told[20][:, :, 1]), axis=(0, 1))
print(f"what the start changes in year 1 and 10: {apart[0]:.2f} {apart[9]:.2f}")

layout = [["run", "run"], ["length", "apart"]]
figure, axes = plt.subplot_mosaic(layout, figsize=(9, 6.5), layout="constrained")
years = y.index.year[-80:].to_numpy() + 1
axes["run"].plot(years, y[-80:], "k.-", lw=0.6, label="measured")
axes["apart"].semilogy(range(1, 21), apart, "k.-")
for k, (name, (colour, look)) in enumerate(looks.items()):
    labels, runs = [name, *"___"], told[20][-4:, 0, k].T
    axes["run"].plot(years.reshape(4, 20).T, runs, color=colour, label=labels)
    axes["length"].plot(lengths, rmse[:, k], look, color=colour, label=name)
axes["length"].axhline(persistence, color="k", ls=":", label="this year's number")
axes["run"].set(xlabel="year", ylabel="root of the sunspot number", ylim=(0, 22))
axes["length"].set(xlabel="years of a fold", ylabel="RMSE", ylim=(0, None))
axes["apart"].set(xlabel="year of a fold", xticks=range(2, 21, 2))
axes["apart"].set_ylabel("change by the start")
axes["run"].legend(loc="upper left", ncols=3, frameon=False)
axes["length"].legend(frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "fold_state.png", dpi=150)
