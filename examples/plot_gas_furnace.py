"""
A gas furnace: from raw pairs to a validated free run
=====================================================

Methane enters a furnace, carbon dioxide leaves it: 296 pairs. All choices rest on the
first 200: they suggest the delays, and cross-validated free runs over them choose the
network. Tests find nothing left in its errors there. Over the other 96 the free run is
told the input alone, and ends where the linear ARX does: Box and Jenkins were right to
take this furnace for linear. But these rows are not like those before, and the tests
say so: most of all at 2400 and 2600 seconds something else moves the output.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from seqest import NARXRegressor
from seqest.datasets import load_gas_furnace
from seqest.forecasting import suggest_delays, validity_tests
from seqest.plotting import ResidualCorrelationDisplay

furnace = load_gas_furnace()
X, y = furnace[["methane_rate"]], furnace["co2"]
learned, later = slice(0, 200), slice(200, 296)
suggestion = suggest_delays(X[learned], y[learned], method="search")
print(suggestion)
narx = NARXRegressor(
    solver="lm",
    skip_connections="inputs",  # a linear model, and what the units add to it
    max_iter=500,
    random_state=0,
    **suggestion.parameters,
)
search = GridSearchCV(
    narx,
    {"hidden_layer_sizes": [2, 4, 8], "alpha": [0.01, 0.1, 1.0]},
    cv=TimeSeriesSplit(5),
    scoring="neg_mean_squared_error",  # of free runs: so NARX predicts
).fit(X[learned], y[learned])
print("chosen:", search.best_params_)
narx = search.best_estimator_
arx = NARXRegressor(regressor=LinearRegression(), **suggestion.parameters)
arx.fit(X[learned], y[learned])

layout = [["run", "run"], ["learned", "learned u"], ["later", "later u"]]
figure, axes = plt.subplot_mosaic(layout, figsize=(9, 8), layout="constrained")
axes["run"].plot(y[later], "k.", ms=5, label="measured", zorder=3)
print("mean squared errors over the later rows, in %²: one step ahead, free run")
for name, model, look in (("ARX", arx, "#E69F00"), ("NARX", narx, "#0072B2")):
    ahead, free = model.predict_open_loop(X[later], y[later]), model.predict(X[later])
    step, run = (np.mean((predicted - y[later]) ** 2) for predicted in (ahead, free))
    print(f"{name}: {step:.3f} {run:.2f}")
    style = {"color": look, "lw": 2 if model is narx else 7}  # they nearly coincide
    axes["run"].plot(y[later].index, free, **style, label=f"{name}, free run")
axes["run"].set(xlabel="time in seconds", ylabel="carbon dioxide in %")
axes["run"].legend(loc="upper right", ncols=3, frameon=False)

print("p-values of what is left in the errors of NARX one step ahead, by test")
n_lags, discard = 16, 3  # the delays of three rows reach to before the first
for name, rows in (("learned", learned), ("later", later)):
    ahead = narx.predict_open_loop(X[rows], y[rows])
    tests = validity_tests(
        (y[rows] - ahead)[discard:], X[rows][discard:], n_lags=n_lags
    )
    p_values = zip(tests["test"], tests["p_value"], strict=True)
    print(f"{name}:", ", ".join(f"{test} {p:.2g}" for test, p in p_values))
    panels = [axes[name], axes[f"{name} u"]]
    options = {"n_lags": n_lags, "discard": discard, "ax": panels}
    ResidualCorrelationDisplay.from_predictions(y[rows], ahead, X[rows], **options)
    for axis, what in zip(panels, ("residuals", "input with residuals"), strict=True):
        axis.set(title=f"{what}, {name} rows", ylim=(-0.8, 0.8))
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "gas_furnace.png", dpi=150)
