"""Seasonal ARIMA with exogenous columns: statsmodels' SARIMAX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer, worded
from seqest.forecasting.baselines._baseline import Baseline
from seqest.forecasting.baselines._fit import Fit

__all__ = ["SARIMAXForecaster"]

Array = NDArray[np.float64]


class SARIMAXForecaster(Baseline):
    """Forecast each series by a seasonal ARIMA model, through statsmodels.

    Parameters
    ----------
    order : tuple of 3 int >= 0, default=(1, 0, 0)
        Lags of the past, differences, lags of the errors.
    seasonal_order : tuple of 4 int >= 0, default=(0, 0, 0, 0)
        The same in seasons, and the rows of a season.
    trend : {"n", "c", "t", "ct"} or None, default=None
        None or "n" for none, a constant, a line through 0, a line; of the differences
        where there are some.
    maxiter : int >= 1, default=50
        The most iterations of the search for the likeliest parameters. Raise it when a
        warning says that they have not converged.
    random_state : int, RandomState or None, default=None
        Seed of simulated paths.

    Attributes
    ----------
    n_features_in_ : int
        Number of exogenous columns, each with a coefficient.
    residuals_ : Series or DataFrame
        One-step errors on the training rows, NaN where differences are not known.

    References
    ----------
    Box, Jenkins, Reinsel and Ljung (2015), Time series analysis: forecasting and
    control, 5th ed., chapter 9.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.datasets import load_airline
    >>> from seqest.forecasting import SARIMAXForecaster
    >>> model = SARIMAXForecaster((0, 1, 1), (0, 1, 1, 12))
    >>> model.fit(y=np.log(load_airline())).forecast(2).round(2).tolist()
    [6.11, 6.05]
    """

    def __init__(
        self,
        order: Any = (1, 0, 0),
        seasonal_order: Any = (0, 0, 0, 0),
        *,
        trend: Any = None,
        maxiter: Any = 50,
        random_state: Any = None,
    ) -> None:
        self.order = order
        self.seasonal_order = seasonal_order
        self.trend = trend
        self.maxiter = maxiter
        self.random_state = random_state

    def _least_rows(self) -> int:
        owner = type(self).__name__
        check_integer(owner, "maxiter", self.maxiter, 1)
        p, d, q = _read_order(owner, "order", self.order, 3)
        told = _read_order(owner, "seasonal_order", self.seasonal_order, 4)
        seasonal_p, seasonal_d, seasonal_q, period = told
        if period < 2 and any(told[:3]):
            rule = "(0, 0, 0, 0), or end in a period of at least 2"
            raise ValueError(worded(owner, "seasonal_order", told, rule))
        lost = d + seasonal_d * period
        return lost + max(p + seasonal_p * period, q + seasonal_q * period) + 3

    def _learned(self, values: Array, inputs: Array) -> Fit:
        options = {
            "order": self.order,
            "seasonal_order": self.seasonal_order,
            "trend": self.trend,
        }
        model = _model(values, inputs, options)
        # The smoothed states that low_memory does without are nowhere needed.
        results = model.fit(disp=False, maxiter=self.maxiter, low_memory=True)
        return _Filter.of(values, inputs, options, np.asarray(results.params))


def _read_order(owner: str, name: str, order: Any, size: int) -> tuple[int, ...]:
    if not isinstance(order, tuple | list) or len(order) != size:
        raise ValueError(worded(owner, name, order, f"{size} integers of at least 0"))
    return tuple(check_integer(owner, name, number, 0) for number in order)


def _model(values: Array, inputs: Array, options: dict[str, Any]) -> Any:
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    exog = inputs if inputs.shape[1] else None
    return SARIMAX(values, exog=exog, **options)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Filter(Fit):
    """Parameters and rows: the results of statsmodels are a thousand times as large."""

    values: Array
    inputs: Array
    options: dict[str, Any]
    params: Array

    @classmethod
    def of(
        cls, values: Array, inputs: Array, options: dict[str, Any], params: Array
    ) -> Self:
        results = _model(values, inputs, options).filter(params)
        _, d, _ = options["order"]
        _, seasonal_d, _, period = options["seasonal_order"]
        ar = results.polynomial_reduced_ar
        for lag in [1] * d + [period] * seasonal_d:
            ar = np.convolve(ar, [1.0, *[0.0] * (lag - 1), -1.0])
        told = np.array(results.fittedvalues, dtype=float)
        told[: d + seasonal_d * period] = np.nan
        # The first rows are told with more doubt; their errors count by as much less.
        found = results.filter_results
        doubt = found.forecasts_error_cov[0, 0]
        errors = found.forecasts_error[0] * np.sqrt(doubt[-1] / doubt)
        return cls(
            told=told,
            errors=errors[d + seasonal_d * period :],
            ma=results.polynomial_reduced_ma,
            ar=ar,
            values=values.copy(),
            inputs=inputs,
            options=options,
            params=params,
        )

    def seen(self, values: Array, inputs: Array) -> Self:
        return self.of(values, inputs, self.options, self.params)

    def ahead(self, columns: Array) -> Array:
        results = _model(self.values, self.inputs, self.options).filter(self.params)
        exog = columns if columns.shape[1] else None
        return np.asarray(results.forecast(len(columns), exog=exog))
