"""What a forecast is to be better than: one class wrapping each simple model.

They keep statsmodels' words, but for `seasonal_period`, the rows of a season, which has
one name in the whole package. Each series and each target is forecast by itself; a
series of one value throughout goes on as it is.
"""

from seqest.forecasting.baselines.autoreg import AutoRegForecaster
from seqest.forecasting.baselines.drift import DriftForecaster
from seqest.forecasting.baselines.ets import ETSForecaster
from seqest.forecasting.baselines.naive import NaiveForecaster
from seqest.forecasting.baselines.sarimax import SARIMAXForecaster
from seqest.forecasting.baselines.seasonal_naive import SeasonalNaiveForecaster
from seqest.forecasting.baselines.theta import ThetaForecaster

__all__ = [
    "AutoRegForecaster",
    "DriftForecaster",
    "ETSForecaster",
    "NaiveForecaster",
    "SARIMAXForecaster",
    "SeasonalNaiveForecaster",
    "ThetaForecaster",
]
