"""
Item sales: one forecaster for all, and for an item it has not seen
===================================================================

Five items, sold on different days of a year. One echo state network learns from all of
them, each by its own scale, with the days of the week. For four items its forecasts of
two weeks miss by less than the week before does, by 1 to 12 %; for the longest by 15 %
more. An item that it did not learn from is added by `append`: it misses by 486 there,
by 479 had it learned from it too, and the week before by 560. But not every fan is
good: id_1001 has sold little for weeks, and its fan expects the errors of better days.

Usage: plot_item_sales.py items_sales.csv [FOLDER], with the file (columns series_id,
timestamp and value, a row for each item and day) from skforecast-datasets on GitHub.

.. image:: /images/item_sales.png
   :alt: Sales of five items with forecasts of two weeks
"""
# sphinx_gallery_thumbnail_path = 'images/item_sales.png'

import sys
from pathlib import Path

import pandas as pd

from seqest import ESNRegressor
from seqest.forecasting import Forecaster, RollingOriginSplit, backtest
from seqest.forecasting import SeasonalNaiveForecaster as Naive

if len(sys.argv) < 2 or not Path(sys.argv[1]).is_file():
    sys.exit("plot_item_sales.py needs items_sales.csv, from skforecast-datasets.")
table = pd.read_csv(sys.argv[1], parse_dates=["timestamp"])
parts = {}
for item, rows in table.groupby("series_id"):
    sales = rows.set_index("timestamp")["value"].asfreq("D")
    gaps = sales.index[sales.isna()]
    # Months are missing, too many to fill: what comes after them is enough.
    parts[item] = sales[gaps[-1] :].iloc[1:] if len(gaps) else sales
    first, last = parts[item].index[[0, -1]].strftime("%d %b")
    print(f"{item}: {len(parts[item])} days, {first} to {last}; {len(gaps)} missing")
y = pd.concat(parts, names=["item", "day"]).rename("sales")

model = Forecaster(
    ESNRegressor(random_state=0),
    seasonal_period=7,
    calendar="day_of_week",
    differencing=0,  # an item that has just begun has no week before to differ from
    seasonal_differencing=0,
    random_state=0,
)
cv = RollingOriginSplit(14, step=10, n_splits=25)
found = backtest({"global": model, "naive": Naive(7)}, y, cv=cv)
scores = found.scores(["mae"], by=["series", "model"]).reset_index()
scores = scores.pivot_table("mae", "series", "model")
scores["origins"] = found.predictions.groupby("series")["origin"].nunique()
print("mean absolute errors of forecasts of two weeks, and the number of origins")
print(scores.round().astype(int).rename_axis(None).to_string())

known = y.groupby("item", group_keys=False).apply(lambda sales: sales[:-14])
truth = y.drop(known.index)
new = list(parts)[-1]  # the network sees it, but has learned from the others
seen = model.fit(y=known.drop(new)).append(known.loc[[new]])
result = seen.get_forecast(14)
told = {
    "not learned from": result.predicted_mean,
    "learned from": model.fit(y=known).forecast(14),
    "naive": Naive(7).fit(y=known).forecast(14),
}
for name, forecast in told.items():
    print(f"{new}, {name}: {(forecast - truth).abs()[new].mean():.0f}")

recent = known.groupby("item", group_keys=False).tail(42)
display = result.plot(history=recent, truth=truth)
display.axes_[-1].set_title(f"{new}, not learned from", fontsize="medium")
for axis in display.axes_:
    axis.xaxis.offsetText.set_visible(False)  # it names but the month of the last day
folder = Path(sys.argv[2] if len(sys.argv) > 2 else "output")
folder.mkdir(parents=True, exist_ok=True)
display.figure_.savefig(folder / "item_sales.png", dpi=150)
