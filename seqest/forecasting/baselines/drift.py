"""The line from the first value to the last, drawn on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.forecasting.baselines._baseline import Baseline
from seqest.forecasting.baselines._fit import Fit, Walk

__all__ = ["DriftForecaster"]

Array = NDArray[np.float64]


class DriftForecaster(Baseline):
    """Draw on the line from first to last: ŷ(T + h) = y(T) + h (y(T) - y(1)) / (T - 1).

    Exogenous columns are not looked at. Paths take the slope for known.

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
    >>> from seqest.forecasting import DriftForecaster
    >>> DriftForecaster().fit(y=load_airline()).forecast(2).round(2).tolist()
    [434.24, 436.48]
    """

    _sees_columns = False

    def __init__(self, *, random_state: Any = None) -> None:
        self.random_state = random_state

    def _least_rows(self) -> int:
        return 2

    def _learned(self, values: Array, inputs: Array) -> Fit:
        slope = (values[-1] - values[0]) / (len(values) - 1)
        return Walk.of(values, slope=float(slope))
