"""Smoothing with half the trend: statsmodels' ThetaModel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_choice, check_flag, check_integer
from seqest.forecasting.baselines._baseline import Baseline
from seqest.forecasting.baselines._fit import Fit

__all__ = ["ThetaForecaster"]

Array = NDArray[np.float64]


class ThetaForecaster(Baseline):
    """Forecast each series by simple smoothing with half its trend, after its season.

    Through statsmodels; exogenous columns are not looked at. Its model cannot take up
    rows with what it has learned, so `append` learns anew, whatever `refit` says.

    Parameters
    ----------
    seasonal_period : int >= 2 or None, default=None
        Rows of the season that is taken out; None takes none out.
    use_test : bool, default=True
        Whether it stays in where it is not significant.
    method : {"auto", "additive", "multiplicative"}, default="auto"
        How it comes in; "auto" multiplies where y is above 0.
    random_state : int, RandomState or None, default=None
        Seed of simulated paths.

    Attributes
    ----------
    residuals_ : Series or DataFrame
        One-step errors on the training rows, NaN in the first.

    References
    ----------
    Hyndman and Billah (2003), Unmasking the Theta method, International Journal of
    Forecasting 19, equations 2 and 6.

    Examples
    --------
    >>> from seqest.datasets import load_airline
    >>> from seqest.forecasting import ThetaForecaster
    >>> ThetaForecaster(12).fit(y=load_airline()).forecast(2).round().tolist()
    [440.0, 428.0]
    """

    _sees_columns = False

    def __init__(
        self,
        seasonal_period: Any = None,
        *,
        use_test: Any = True,
        method: Any = "auto",
        random_state: Any = None,
    ) -> None:
        self.seasonal_period = seasonal_period
        self.use_test = use_test
        self.method = method
        self.random_state = random_state

    def _least_rows(self) -> int:
        owner = type(self).__name__
        check_flag(owner, "use_test", self.use_test)
        methods = ("auto", "additive", "multiplicative")
        check_choice(owner, "method", self.method, methods)
        if self.seasonal_period is None:
            return 4
        period = check_integer(owner, "seasonal_period", self.seasonal_period, 2)
        return max(4, 2 * period)

    def _learned(self, values: Array, inputs: Array) -> Fit:
        return _Theta.of(values, self.seasonal_period, self.use_test, self.method)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Theta(Fit):
    """A level that goes on by half the trend, and the season of the next rows."""

    level: float
    slope: float
    options: tuple[int | None, bool, str]
    is_factor: bool
    season: Array

    @classmethod
    def of(cls, values: Array, period: int | None, use_test: bool, method: str) -> Self:
        from statsmodels.tsa.forecasting.theta import ThetaModel

        model = ThetaModel(
            values,
            period=period,
            deseasonalize=period is not None,
            use_test=use_test,
            method=method,
        )
        results, n_rows = model.fit(), len(values)
        components = results.forecast_components(period or 1)
        first = components.iloc[0]
        # The season of the next rows, turned to begin in the first row.
        season = np.roll(components["seasonal"].to_numpy(), n_rows)
        factor = model.method.startswith("mul")
        own = np.resize(season, n_rows)
        rows = values / own if factor else values - own
        slope, alpha = map(float, results.params[["b0", "alpha"]])
        ahead = _one_step(rows, slope, alpha)
        told = ahead * own if factor else ahead + own
        return cls(
            told=told,
            errors=(rows - ahead)[1:],
            ma=np.array([1.0, alpha - 1.0]),
            ar=np.array([1.0, -1.0]),
            level=float(first["ses"] + first["trend"] / 2),
            slope=slope / 2,
            options=(period, use_test, method),
            is_factor=factor,
            season=components["seasonal"].to_numpy(),
        )

    def seen(self, values: Array, inputs: Array) -> Self:
        return self.of(values, *self.options)

    def ahead(self, columns: Array) -> Array:
        n_steps = len(columns)
        line = self.level + self.slope * np.arange(n_steps)
        season = np.resize(self.season, n_steps)
        return np.asarray(line * season if self.is_factor else line + season)

    def paths(self, columns: Array, noise: Array) -> Array:
        """Return runs whose errors are those of rows without their season."""
        mean = self.ahead(columns)
        spread = super().paths(columns, noise) - mean
        if self.is_factor:
            spread = spread * np.resize(self.season, len(columns))
        return mean + spread


def _one_step(rows: Array, slope: float, alpha: float) -> Array:
    """Return what is told of each row by those before, NaN for the first."""
    told, level = np.full(len(rows), np.nan), rows[0]
    for t in range(1, len(rows)):
        level += alpha * (rows[t - 1] - level)
        trend = (1 - (1 - alpha) ** t) / alpha if alpha > 0 else 0.0
        told[t] = level + slope / 2 * trend
    return told
