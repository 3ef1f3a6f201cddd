"""Exponential smoothing: statsmodels' ETSModel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_flag, check_integer
from seqest.forecasting.baselines._baseline import Baseline
from seqest.forecasting.baselines._fit import Fit

__all__ = ["ETSForecaster"]

Array = NDArray[np.float64]


class ETSForecaster(Baseline):
    """Forecast each series by its error, trend and season, through statsmodels.

    Exogenous columns are not looked at.

    Parameters
    ----------
    error : {"add", "mul"}, default="add"
        Whether errors are added, or grow with the level, which is then above 0.
    trend : {"add", "mul"} or None, default=None
        How the level goes on.
    damped_trend : bool, default=False
        Whether the trend comes to an end far ahead.
    seasonal : {"add", "mul"} or None, default=None
        How the season comes in.
    seasonal_period : int >= 2 or None, default=None
        Rows of a season.
    maxiter : int >= 1, default=1000
        The most iterations of the search for the likeliest parameters. Raise it when a
        warning says that they have not converged.
    random_state : int, RandomState or None, default=None
        Seed of simulated paths.

    Attributes
    ----------
    residuals_ : Series or DataFrame
        One-step errors on the training rows, in units of y.

    References
    ----------
    Hyndman, Koehler, Ord and Snyder (2008), Forecasting with exponential smoothing,
    table 2.1.

    Examples
    --------
    >>> from seqest.datasets import load_airline
    >>> from seqest.forecasting import ETSForecaster
    >>> model = ETSForecaster("mul", trend="add", seasonal="mul", seasonal_period=12)
    >>> model.fit(y=load_airline()).forecast(2).round(-1).tolist()
    [440.0, 440.0]
    """

    _sees_columns = False

    def __init__(
        self,
        error: Any = "add",
        *,
        trend: Any = None,
        damped_trend: Any = False,
        seasonal: Any = None,
        seasonal_period: Any = None,
        maxiter: Any = 1000,
        random_state: Any = None,
    ) -> None:
        self.error = error
        self.trend = trend
        self.damped_trend = damped_trend
        self.seasonal = seasonal
        self.seasonal_period = seasonal_period
        self.maxiter = maxiter
        self.random_state = random_state

    def _least_rows(self) -> int:
        owner = type(self).__name__
        check_integer(owner, "maxiter", self.maxiter, 1)
        check_flag(owner, "damped_trend", self.damped_trend)
        if self.seasonal is None:
            return 4 if self.trend is None else 6
        season = check_integer(owner, "seasonal_period", self.seasonal_period, 2)
        # The first states are guessed from two seasons, and from ten rows.
        return max(2 * season, 10)

    def _learned(self, values: Array, inputs: Array) -> Fit:
        options = {
            "error": self.error,
            "trend": self.trend,
            "damped_trend": self.damped_trend,
            "seasonal": self.seasonal,
            "seasonal_periods": None if self.seasonal is None else self.seasonal_period,
        }
        results = _model(values, options).fit(disp=False, maxiter=self.maxiter)
        return _Smoothing.of(values, options, np.asarray(results.params))


def _model(values: Array, options: dict[str, Any]) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    return ETSModel(values, **options)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Smoothing(Fit):
    """Parameters and rows, which statsmodels smooths when it is asked."""

    values: Array
    options: dict[str, Any]
    params: Array

    @classmethod
    def of(cls, values: Array, options: dict[str, Any], params: Array) -> Self:
        results = _model(values, options).smooth(params)
        told, errors = np.asarray(results.fittedvalues), np.asarray(results.resid)
        rows = values.copy()
        return cls(
            told=told, errors=errors, values=rows, options=options, params=params
        )

    @cached_property
    def results(self) -> Any:
        """The results of statsmodels."""
        return _model(self.values, self.options).smooth(self.params)

    def seen(self, values: Array, inputs: Array) -> Self:
        return self.of(values, self.options, self.params)

    def ahead(self, columns: Array) -> Array:
        return np.asarray(self.results.forecast(len(columns)))

    def paths(self, columns: Array, noise: Array) -> Array:
        """Return runs of a model that need not be linear, as statsmodels has them."""
        n_paths, n_steps = noise.shape
        found = self.results.simulate(
            n_steps, anchor="end", repetitions=n_paths, random_errors=noise.T.copy()
        )
        return np.asarray(found).reshape(n_steps, n_paths).T
