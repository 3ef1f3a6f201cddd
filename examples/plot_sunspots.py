"""
Sunspots: next year, and three cycles on
========================================

Three methods forecast next year's sunspot number: this year's number, the linear
AR(12), and echo state networks whose parameters a grid search chooses. Each is tested
on five spans of 30 years after learning, search included, from the years before alone.
The table scores five networks of seeds fixed beforehand, and their mean, which the
upper panel shows on the measured cycle. In the lower one each has learned all years and
runs on by itself: the five agree on the rhythm of 11 years, less on the heights.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqest import ESNRegressor, datasets, metrics

sunspots = datasets.load_sunspots()
root = np.sqrt(sunspots)  # scatters as much in weak cycles as in strong ones
lags = pd.concat({f"lag {k}": root.shift(k) for k in range(12)}, axis=1)[11:-1]
now, following = lags[["lag 0"]], root.shift(-1)[11:-1]
spans = TimeSeriesSplit(5, test_size=30)
years = now.index[-150:] + 1  # a row forecasts the year after it
measured = sunspots[years]


def search(seed):
    scaler = StandardScaler().set_output(transform="pandas")  # keeps the years
    network = ESNRegressor(alpha=[0.001, 0.01, 0.1, 1, 10], random_state=seed)
    radii = {"esnregressor__spectral_radius": [0.7, 0.9]}
    grid = {**radii, "esnregressor__input_scaling": [0.3, 1.0]}
    return GridSearchCV(make_pipeline(scaler, network), grid, cv=TimeSeriesSplit(5))


def forecast_spans(model, X):
    run = {"cv": spans, "return_estimator": True, "n_jobs": 2}
    fitted = cross_validate(model, X, following, **run)["estimator"]
    tests = [X.iloc[test] for _, test in spans.split(X)]
    roots = [model.predict(test) for model, test in zip(fitted, tests, strict=True)]
    return np.concatenate(roots) ** 2, fitted[-1]


forecasts, runs = pd.DataFrame({"naive": sunspots.shift()[years]}), []
forecasts["AR(12)"], _ = forecast_spans(LinearRegression(), lags)
scaled = (root - root.mean()) / root.std()
for seed in range(5):
    forecasts[f"ESN, seed {seed}"], chosen = forecast_spans(search(seed), now)
    network = clone(chosen.best_estimator_[-1])
    network.fit(scaled[:-1].to_frame(), scaled.shift(-1)[:-1])
    runs.append((root.mean() + root.std() * network.forecast(33)) ** 2)
forecasts["ESN, mean of 5"] = mean = forecasts.filter(like="seed").mean(axis=1)

table = forecasts.sub(measured, axis=0).pow(2).mean().pow(0.5).to_frame("RMSE")
table["NMSE"] = forecasts.apply(lambda column: metrics.nmse(measured, column))
print(f"Next year's sunspots, {years[0]} to {years[-1]}, five spans of 30 years each:")
print(table.round({"RMSE": 1, "NMSE": 3}).to_string())

figure, (top, bottom) = plt.subplots(2, figsize=(9, 6), layout="constrained")
top.plot(years.year, measured, "k.-", lw=0.6, label="measured")
top.plot(years.year, mean, "#D55E00", label="forecast a year ahead, mean of five")
bottom.plot(years.year[101:], measured[101:], "k.-", lw=0.6, label="measured")
each, ahead = ["free runs of the five", *"____"], range(2009, 2042)
bottom.plot(ahead, np.transpose(runs), "#56B4E9", lw=1, label=each)
bottom.plot(ahead, np.mean(runs, axis=0), "#D55E00", label="their mean")
for axes in (top, bottom):
    axes.set(xlabel="year", ylabel="yearly sunspot number", ylim=(-5, 225))
    axes.legend(loc="upper left", ncols=3, frameon=False)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "sunspots.png", dpi=150)
