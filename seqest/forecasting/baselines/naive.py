"""The last value, again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.forecasting.baselines._baseline import Baseline
from seqest.forecasting.baselines._fit import Fit, Walk

__all__ = ["NaiveForecaster"]

Array = NDArray[np.float64]


class NaiveForecaster(Baseline):
    """Forecast the last value of each series: ŷ(t + h) = y(t).

    Exogenous columns are not looked at.

    Parameters
    ----------
    random_state : int, RandomState or None, default=None
        Seed of simulated paths.

    Attributes
    ----------
    residuals_ : Series or DataFrame
        One-step errors on the training rows, in units of y.

    References
    ----------
    Hyndman and Athanasopoulos (2021), Forecasting: principles and practice, 3rd ed.,
    section 5.2.

    Examples
    --------
    >>> from seqest.datasets import load_airline
    >>> from seqest.forecasting import NaiveForecaster
    >>> NaiveForecaster().fit(y=load_airline()).forecast(2).tolist()
    [432.0, 432.0]
    """

    _sees_columns = False

    def __init__(self, *, random_state: Any = None) -> None:
        self.random_state = random_state

    def _least_rows(self) -> int:
        return 2

    def _learned(self, values: Array, inputs: Array) -> Fit:
        return Walk.of(values)
