"""
Searching a forecaster: look as far ahead as you will ask
=========================================================

Two searches try the same 24 settings of a forecaster of airline passengers, each from
12 origins, one 12 months ahead and one 24. At 12 months the settings differ little, and
the best takes changes from month to month besides those from year to year. At 24 months
all that do so are worst. The last two years, which neither search saw, agree: the first
choice misses by 75 thousand passengers, more than the year before does, the second by
12.5. Luck has its part: from 8 origins, half a year apart, both choose the latter. And
the forecaster as it stands, with its own "auto" settings, misses by 11.6: not every
search is worth its while.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

from seqest.datasets import load_airline
from seqest.forecasting import Forecaster, RollingOriginSplit, SeasonalNaiveForecaster

y = load_airline()
X = pd.DataFrame(index=y.index)  # no columns, but the months
learned, later = slice(0, -24), slice(-24, None)
model = Forecaster(Ridge(), seasonal_period=12)
grid = {
    "differencing": [0, 1],
    "power": [None, "log"],
    "lags": [1, 6, 12],
    "regressor__alpha": [1, 100],
}
names = {f"param_{name}": name.removeprefix("regressor__") for name in grid}
layout = [["12", "24"], ["run", "run"]]
figure, axes = plt.subplot_mosaic(layout, figsize=(9, 7.5), layout="constrained")
times = y.index.to_timestamp()
axes["run"].plot(times[-72:], y[-72:], "k.-", label="measured")
chosen = {}
for months, look in ((12, "#E69F00"), (24, "#0072B2")):
    search = GridSearchCV(
        model,
        grid,
        cv=RollingOriginSplit(months, step=3, n_splits=12),
        scoring="neg_mean_absolute_error",
    ).fit(X[learned], y[learned])
    tried = pd.DataFrame(search.cv_results_).rename(columns=names)
    tried["error"] = -tried["mean_test_score"]
    tried["power"] = tried["power"].fillna("none")
    best = tried.sort_values("error")[[*names.values(), "error"]]
    print(f"the best for {months} months ahead, by error in thousands of passengers")
    print(best.head(3).round(2).to_string(index=False))
    table = best.pivot_table("error", ["differencing", "power"], "lags", aggfunc="min")
    axis = axes[str(months)]
    image = axis.imshow(table, cmap="cividis_r", vmin=12, vmax=32, aspect="auto")
    for (row, column), error in np.ndenumerate(table.to_numpy()):
        shade = "w" if error > 22 else "k"
        axis.text(column, row, f"{error:.1f}", ha="center", va="center", color=shade)
    rows = [f"{d} differences,\npower {power}" for d, power in table.index]
    axis.set(xlabel="lags", title=f"error {months} months ahead")
    axis.set_xticks(range(table.shape[1]), table.columns)
    axis.set_yticks(range(len(rows)), rows)
    run, label = search.predict(X[later]), f"chosen for {months} months"
    axes["run"].plot(times[later], run, color=look, label=label)
    chosen[label] = search
print("mean absolute errors over the last 24 months")
chosen["as it stands"] = model.fit(X[learned], y[learned])
chosen["seasonal naive"] = SeasonalNaiveForecaster(12).fit(X[learned], y[learned])
for name, own in chosen.items():
    print(f"{name}: {np.abs(own.predict(X[later]) - y[later]).mean():.1f}")
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
axes["run"].legend(loc="upper left", frameon=False)
axes["run"].set(ylabel="passengers in thousands")
figure.savefig(folder / "forecaster_search.png", dpi=150)
