"""Forecasts with dates: a regressor that sees the past, run ahead."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from seqest.estimators import ESNRegressor
from seqest.forecasting._dated import DatedRegressor
from seqest.forecasting._design import Season, lagged
from seqest.forecasting._panel import Panel
from seqest.forecasting._recursion import Recursion, followed, learned
from seqest.forecasting._settings import (
    read_lags,
    read_season,
    read_transforms,
    refuse_short,
)
from seqest.forecasting._transforms import Chain
from seqest.reservoirs.free_run import report_divergence, target_range

__all__ = ["Forecaster"]

Array = NDArray[np.float64]
REMEDY = "Raise the regressor's penalty, or take differences or fewer lags."


class Forecaster(DatedRegressor):
    r"""Forecast one or many series with a regressor that sees their past.

    ŷ(t) = F(y(t - i) for the lags i, exogenous columns of t, season of t)

    learned one step ahead and run recursively: what is forecast is the past of the next
    step. Before it targets are transformed, series by series: by a power, by taking
    away a line or differences, and by scaling; forecasts come back in the units of y.
    A sequence estimator carries its own state on, any other regressor sees lags alone.

    Parameters
    ----------
    regressor : regressor or None, default=None
        A sequence estimator or any scikit-learn regressor; None is an ESNRegressor.
    lags : int, list of int or None, default=None
        Which rows of y before a row are seen: an int n stands for 1 to n. None is one
        season, or 1, for a sequence estimator, which remembers by itself; else two
        seasons, or 10. More lags see further and need more rows.
    power : float in [-1, 2], "log", "auto" or None, default=None
        The Box-Cox transform: "log" is 0, "auto" the likeliest power of each series.
    detrend : bool, default=False
        Whether a straight line is taken away first.
    differencing : int >= 0 or "auto", default="auto"
        How often changes from row to row are taken; "auto" is 0 or 1, whichever
        `suggest_differencing` says of the training rows.
    seasonal_differencing : int >= 0, default=0
        How often changes from season to season are taken.
    seasonal_period : int >= 2 or None, default=None
        Rows of a season.
    fourier : int >= 0 or "auto", default="auto"
        How many sines and cosines of the season are seen, at most half its period;
        "auto" is 3 for a sequence estimator, else 0.
    scale : bool, default=True
        Whether series are scaled to mean 0 and deviation 1.
    random_state : int, RandomState or None, default=None
        Seed of simulated paths. The regressor has its own.

    Attributes
    ----------
    regressor_ : object
        The fitted regressor.
    lags_ : tuple of int
        The lags.
    differencing_ : int
        How often changes were taken.
    n_features_in_ : int
        Number of exogenous columns.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where X is a frame.
    residuals_ : Series or DataFrame
        One-step errors on the training rows, in units of y, NaN where the past of a row
        is not known.

    References
    ----------
    Hyndman and Athanasopoulos (2021), Forecasting: principles and practice, 3rd ed., on
    transforms, differences and recursive forecasts.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from seqest.forecasting import Forecaster
    >>> from sklearn.linear_model import LinearRegression
    >>> months = pd.period_range("2020-01", periods=36, freq="M")
    >>> y = pd.Series(np.arange(36) + 10.0 * (np.arange(36) % 12 == 11), months)
    >>> model = Forecaster(LinearRegression(), lags=[1, 12], differencing=1)
    >>> model.fit(y=y).forecast(12)["2023-12"].round(3).item()
    57.0
    """

    regressor_: Any
    lags_: tuple[int, ...]
    differencing_: int
    _chain_: Chain
    _recursion_: Recursion
    _season_: Season | None
    _scales_: tuple[Array, Array]

    def __init__(
        self,
        regressor: Any = None,
        *,
        lags: Any = None,
        power: Any = None,
        detrend: Any = False,
        differencing: Any = "auto",
        seasonal_differencing: Any = 0,
        seasonal_period: Any = None,
        fourier: Any = "auto",
        scale: Any = True,
        random_state: Any = None,
    ) -> None:
        self.regressor = regressor
        self.lags = lags
        self.power = power
        self.detrend = detrend
        self.differencing = differencing
        self.seasonal_differencing = seasonal_differencing
        self.seasonal_period = seasonal_period
        self.fourier = fourier
        self.scale = scale
        self.random_state = random_state

    def _see(self, panel: Panel, inputs: Array, before: Self | None) -> Array:
        regressor = ESNRegressor() if self.regressor is None else self.regressor
        lags, known, changes = read_lags(self, regressor), None, None
        if before is None:
            spread = inputs.std(axis=0)
            self._scales_ = inputs.mean(axis=0), np.where(spread > 0, spread, 1.0)
        else:
            known, changes = before._chain_, before.differencing_
        wanted, self.differencing_ = read_transforms(self, panel, changes)
        self._chain_ = Chain.fitted(panel.values, panel.offsets, wanted, known)
        self._season_ = read_season(self, regressor, panel)
        Z = self._chain_.rows
        seen = [lagged(Z, panel.offsets, lags), self._scaled(inputs)]
        if self._season_ is not None:
            rows = [np.arange(n) for n in panel.lengths]
            waves = [self._season_.columns(k, own) for k, own in enumerate(rows)]
            seen.append(np.vstack(waves))
        F = np.hstack(seen)
        self._require_rows(panel, F, Z, max(lags))
        if before is None:
            owner = type(self).__name__
            found = learned(owner, regressor, F, Z, panel.offsets, lags)
        else:
            found = followed(before.regressor_, F, Z, panel.offsets, lags)
        self._recursion_, self.regressor_, self.lags_ = found, found.regressor, lags
        return self._chain_.undo_rows(found.told)

    def _require_rows(self, panel: Panel, F: Array, Z: Array, depth: int) -> None:
        """Raise where a series has no two rows of which all is known."""
        rows = np.hstack([F, Z])
        for k, (first, last) in enumerate(pairwise(panel.offsets)):
            if np.count_nonzero(np.isfinite(rows[first:last]).all(axis=1)) < 2:
                lost = int(np.isnan(Z[first:last, 0]).sum())
                refuse_short(panel, k, depth + lost + 2)

    def _ahead(self, columns: Array) -> Array:
        ahead = self._recursion_.ahead(self._seen(columns))
        self._report(ahead[:, 0])
        return self._chain_.undo(ahead)[:, 0]

    def _paths(self, columns: Array, n_paths: int, rng: RandomState) -> Array:
        panel = self._panel_
        errors = self._chain_.rows - self._recursion_.told
        shape = panel.n_series, n_paths, columns.shape[1], errors.shape[1]
        noise = np.empty(shape)
        for k, (first, last) in enumerate(pairwise(panel.offsets)):
            own = errors[first:last][~np.isnan(errors[first:last]).any(axis=1)]
            drawn = rng.randint(len(own), size=shape[1:3])
            noise[k] = (own - own.mean(axis=0))[drawn]
        return self._chain_.undo(self._recursion_.ahead(self._seen(columns), noise))

    def _report(self, ahead: Array) -> None:
        """Raise or warn where transformed forecasts (n_series, n_steps, …) ran away."""
        low, high = target_range(self._chain_.rows)
        good = np.isfinite(ahead), (ahead >= low) & (ahead <= high)
        finite, inside = (_first_false(own.min(axis=2)) for own in good)
        left = np.column_stack([inside, finite])
        report_divergence(type(self).__name__, left, self._panel_.ids, REMEDY)

    def _scaled(self, inputs: Array) -> Array:
        mean, spread = self._scales_
        scaled: Array = (inputs - mean) / spread
        return scaled

    def _seen(self, columns: Array) -> Array:
        """Return what is seen of the next rows beside lags."""
        seen, (_, n_steps, _) = [self._scaled(columns)], columns.shape
        if self._season_ is not None:
            rows = [n + np.arange(n_steps) for n in self._panel_.lengths]
            waves = [self._season_.columns(k, own) for k, own in enumerate(rows)]
            seen.append(np.array(waves))
        return np.concatenate(seen, axis=2)


def _first_false(good: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where the first False of each row is, -1 where there is none."""
    return np.where(good.min(axis=1), -1, good.argmin(axis=1)).astype(np.int64)
