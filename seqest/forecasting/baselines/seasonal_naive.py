"""The last season, again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer
from seqest.forecasting.baselines._baseline import Baseline
from seqest.forecasting.baselines._fit import Fit, Walk

__all__ = ["SeasonalNaiveForecaster"]

Array = NDArray[np.float64]


class SeasonalNaiveForecaster(Baseline):
    """Forecast the value of a season before: ŷ(t) = y(t - m), or ŷ(t - m) where later.

    Exogenous columns are not looked at.

    Parameters
    ----------
    seasonal_period : int >= 1
        Rows m of a season.
    random_state : int, RandomState or None, default=None
        Seed of simulated paths.

    Attributes
    ----------
    residuals_ : Series or DataFrame
        One-step errors on the training rows, NaN in the first season.

    References
    ----------
    Hyndman and Athanasopoulos (2021), Forecasting: principles and practice, 3rd ed.,
    section 5.2.

    Examples
    --------
    >>> from seqest.datasets import load_airline
    >>> from seqest.forecasting import SeasonalNaiveForecaster
    >>> SeasonalNaiveForecaster(12).fit(y=load_airline()).forecast(2).tolist()
    [417.0, 391.0]
    """

    _sees_columns = False

    def __init__(self, seasonal_period: Any, *, random_state: Any = None) -> None:
        self.seasonal_period = seasonal_period
        self.random_state = random_state

    def _least_rows(self) -> int:
        owner = type(self).__name__
        return check_integer(owner, "seasonal_period", self.seasonal_period, 1) + 1

    def _learned(self, values: Array, inputs: Array) -> Fit:
        return Walk.of(values, int(self.seasonal_period))
