"""
Drug sales: two columns that know too much
==========================================

What Australia spent on a drug, month by month, and two columns beside it. Known ahead,
they cut the MASE of an echo state network from 0.97 to 0.59. That is too good: least
squares finds both in the sales, as means of ten months and of five, this month's among
them. Nobody has them ahead. As past columns, which are forecast along with the sales,
they tell nothing new and do harm: 1.08. Where the network learns changes from year to
year, as it does by default, they help neither way. So leave them out; exponential
smoothing, with 0.95, is then as good as the network.

Usage: plot_drug_sales.py h2o_exog.csv [FOLDER], with the file (columns fecha, y, exog_1
and exog_2, a row for each month) from skforecast-datasets on GitHub.

.. image:: /images/drug_sales.png
   :alt: Drug sales, forecasts with and without columns, and their errors
"""
# sphinx_gallery_thumbnail_path = 'images/drug_sales.png'

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.linear_model import LinearRegression

from seqest import ESNRegressor
from seqest.forecasting import ETSForecaster, Forecaster, RollingOriginSplit, backtest

if len(sys.argv) < 2 or not Path(sys.argv[1]).is_file():
    sys.exit("plot_drug_sales.py needs h2o_exog.csv, from skforecast-datasets.")
table = pd.read_csv(sys.argv[1], index_col="fecha", parse_dates=True)
y, X = table["y"], table[["exog_1", "exog_2"]]
months = pd.concat({lag: y.shift(lag) for lag in range(10)}, axis=1).dropna()
for name in X:
    column = X[name][months.index]
    share = LinearRegression().fit(months, column).score(months, column)
    print(f"{name}: {share:.3f} of its variance is in the sales of ten months")

smooth = {"trend": "add", "seasonal": "mul", "seasonal_period": 12}
trials = {"smoothing": (ETSForecaster("mul", **smooth), None)}
for kind, times in (("levels", 0), ("changes", "auto")):
    orders = {"differencing": times, "seasonal_differencing": times}
    network = {"regressor": ESNRegressor(random_state=0), "seasonal_period": 12}
    model = Forecaster(**network, **orders, random_state=0)
    past = Forecaster(**network, **orders, past_columns=list(X), random_state=0)
    trials[f"{kind}, no columns"] = model, None
    trials[f"{kind}, past columns"] = past, X
    trials[f"{kind}, known ahead"] = model, X
print("MASE and sMAPE of eight years, each forecast as a whole")
cv = RollingOriginSplit(12, n_splits=8)
for name, (model, columns) in trials.items():
    found = backtest(model, y, columns, cv=cv, seasonal_period=12)
    mase, smape = found.scores(["mase", "smape"]).iloc[0]
    print(f"{name}: {mase:.2f} {smape:.2f}")

alike = {"sharex": True, "sharey": True, "layout": "constrained"}
figure, axes = plt.subplots(2, figsize=(9, 7), **alike)
learned, later = slice(None, -24), slice(-24, None)
for axis, name in zip(axes, ("no columns", "known ahead"), strict=True):
    model, columns = trials[f"levels, {name}"]
    given = (None, None) if columns is None else (columns[learned], columns[later])
    result = model.fit(given[0], y[learned]).get_forecast(24, given[1])
    result.plot(history=y[-84:-24], truth=y[later], ax=axis)
    axis.set(title=name, xlabel="", ylabel="sales")
    axis.legend(loc="upper left", ncols=3, frameon=False)
folder = Path(sys.argv[2] if len(sys.argv) > 2 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "drug_sales.png", dpi=150)
