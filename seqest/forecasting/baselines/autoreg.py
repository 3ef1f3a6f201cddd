"""Least squares on the past: statsmodels' AutoReg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_flag, check_integer
from seqest.features.taps import read_delays
from seqest.forecasting.baselines._baseline import Baseline
from seqest.forecasting.baselines._fit import Fit

__all__ = ["AutoRegForecaster"]

Array = NDArray[np.float64]


class AutoRegForecaster(Baseline):
    """Forecast each series by a linear regression on its past, through statsmodels.

    y(t) = trend(t) + season(t) + a_i y(t - i) summed over the lags i + b x(t) + e(t)

    Parameters
    ----------
    lags : int >= 1 or list of int
        Which rows before a row are seen: an int n stands for 1 to n.
    trend : {"n", "c", "t", "ct", "ctt"}, default="c"
        None, a constant, a line through 0, a line, a parabola.
    seasonal : bool, default=False
        Whether each row of the season has a constant of its own.
    seasonal_period : int >= 2 or None, default=None
        Rows of a season.
    random_state : int, RandomState or None, default=None
        Seed of simulated paths.

    Attributes
    ----------
    n_features_in_ : int
        Number of exogenous columns.
    residuals_ : Series or DataFrame
        One-step errors on the training rows, NaN where not all lags are known.

    References
    ----------
    Lütkepohl (2005), New introduction to multiple time series analysis, section 3.2.

    Examples
    --------
    >>> from seqest.datasets import load_airline
    >>> from seqest.forecasting import AutoRegForecaster
    >>> model = AutoRegForecaster([1, 12, 13]).fit(y=load_airline())
    >>> model.forecast(2).round(1).tolist()
    [448.8, 424.5]
    """

    def __init__(
        self,
        lags: Any,
        *,
        trend: Any = "c",
        seasonal: Any = False,
        seasonal_period: Any = None,
        random_state: Any = None,
    ) -> None:
        self.lags = lags
        self.trend = trend
        self.seasonal = seasonal
        self.seasonal_period = seasonal_period
        self.random_state = random_state

    def _least_rows(self) -> int:
        owner, season = type(self).__name__, 0
        lags = read_delays(owner, "lags", self.lags, 1, least=1)[0]
        if check_flag(owner, "seasonal", self.seasonal):
            season = check_integer(owner, "seasonal_period", self.seasonal_period, 2)
        # As many rows with all lags known as there are coefficients, and one more.
        return max(lags) + len(lags) + season + 2

    def _learned(self, values: Array, inputs: Array) -> Fit:
        from statsmodels.tsa.ar_model import AutoReg

        lags = read_delays(type(self).__name__, "lags", self.lags, 1, least=1)[0]
        model = AutoReg(
            values,
            list(lags),
            trend=self.trend,
            seasonal=self.seasonal,
            exog=inputs if inputs.shape[1] else None,
            period=self.seasonal_period if self.seasonal else None,
        )
        return _Regression.of(model.fit(), lags, len(values), inputs.shape[1])


@dataclass(frozen=True, eq=False, kw_only=True)
class _Regression(Fit):
    results: Any
    lags: tuple[int, ...]

    @classmethod
    def of(
        cls, results: Any, lags: tuple[int, ...], n_rows: int, n_columns: int
    ) -> Self:
        told = np.full(n_rows, np.nan)
        told[max(lags) :] = results.fittedvalues
        # Coefficients are in the order trend, season, lags, columns.
        first = len(results.params) - n_columns - len(lags)
        ar = np.zeros(max(lags) + 1)
        ar[0], ar[list(lags)] = 1.0, -results.params[first : first + len(lags)]
        return cls(told=told, errors=results.resid, ar=ar, results=results, lags=lags)

    def seen(self, values: Array, inputs: Array) -> Self:
        exog = inputs if inputs.shape[1] else None
        results = self.results.apply(values, exog=exog)
        return self.of(results, self.lags, len(values), inputs.shape[1])

    def ahead(self, columns: Array) -> Array:
        exog = columns if columns.shape[1] else None
        return np.asarray(self.results.forecast(len(columns), exog=exog))
