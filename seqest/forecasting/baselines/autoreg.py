"""Least squares on the past: statsmodels' AutoReg."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
        lags = read_delays(type(self).__name__, "lags", self.lags, 1, least=1)[0]
        options = {
            "lags": list(lags),
            "trend": self.trend,
            "seasonal": self.seasonal,
            "period": self.seasonal_period if self.seasonal else None,
        }
        params = _model(values, inputs, options).fit().params
        return _Regression.of(values, inputs, options, np.asarray(params))


def _model(values: Array, inputs: Array, options: dict[str, Any]) -> Any:
    from statsmodels.tsa.ar_model import AutoReg

    exog = inputs if inputs.shape[1] else None
    return AutoReg(values, exog=exog, **options)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Regression(Fit):
    """Coefficients and rows, of which statsmodels' model is made when it is asked."""

    values: Array
    inputs: Array
    options: dict[str, Any]
    params: Array

    @classmethod
    def of(
        cls, values: Array, inputs: Array, options: dict[str, Any], params: Array
    ) -> Self:
        lags, told = options["lags"], np.full(len(values), np.nan)
        first = max(lags)
        told[first:] = _model(values, inputs, options).predict(params)[first:]
        # Coefficients are in the order trend, season, lags, columns.
        after = len(params) - inputs.shape[1]
        ar = np.zeros(first + 1)
        ar[0], ar[lags] = 1.0, -params[after - len(lags) : after]
        return cls(
            told=told,
            errors=(values - told)[first:],
            ar=ar,
            values=values.copy(),
            inputs=inputs,
            options=options,
            params=params,
        )

    @cached_property
    def model(self) -> Any:
        """The model of statsmodels."""
        return _model(self.values, self.inputs, self.options)

    def seen(self, values: Array, inputs: Array) -> Self:
        return self.of(values, inputs, self.options, self.params)

    def ahead(self, columns: Array) -> Array:
        first, last = len(self.values), len(self.values) + len(columns) - 1
        exog = columns if columns.shape[1] else None
        return np.asarray(self.model.predict(self.params, first, last, exog_oos=exog))
