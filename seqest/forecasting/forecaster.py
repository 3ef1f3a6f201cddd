"""Forecasts with dates: a regressor that sees the past, run ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from seqest._validation import check_integer, worded
from seqest.estimators import ESNRegressor
from seqest.forecasting._calendar import continued
from seqest.forecasting._design import Season, lagged
from seqest.forecasting._exogenous import read_rows
from seqest.forecasting._panel import Panel, read_panel, series_of
from seqest.forecasting._recursion import Recursion, followed, learned
from seqest.forecasting._settings import (
    read_lags,
    read_season,
    read_transforms,
    refuse_short,
)
from seqest.forecasting._transforms import Chain
from seqest.forecasting.result import ForecastResult
from seqest.reservoirs.free_run import report_divergence, target_range

__all__ = ["Forecaster"]

Array = NDArray[np.float64]
REMEDY = "Raise the regressor's penalty, or take differences or fewer lags."


class Forecaster(RegressorMixin, BaseEstimator):
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
    n_features_in_: int
    _panel_: Panel
    _chain_: Chain
    _recursion_: Recursion
    _season_: Season | None
    _columns_: Any
    _inputs_: Array
    _scales_: tuple[Array, Array]
    _rows_: Array

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

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Learn from series with dates.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Exogenous columns that are known ahead, at the times of y. A frame without
            columns stands for none.
        y : Series, DataFrame or array-like
            Targets at regular times: the index is of datetimes, periods or integers; of
            several series it is a MultiIndex that ends in time.

        Returns
        -------
        self
            The fitted forecaster.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the data break a rule; the message names it.
        """
        owner = type(self).__name__
        if y is None and isinstance(X, pd.Series):
            raise ValueError(f"{owner}.fit got a Series as X: did you mean fit(y=...)?")
        panel = read_panel(owner, y)
        columns = X.columns if isinstance(X, pd.DataFrame) else None
        inputs = np.empty((len(panel.values), 0))
        if X is not None:
            inputs = read_rows(owner, X, panel, panel.times, columns)
        trial = copy(self)
        trial._columns_, trial.n_features_in_ = columns, inputs.shape[1]
        if columns is not None and len(columns):
            trial.feature_names_in_ = np.asarray(columns, dtype=object)
        spread = inputs.std(axis=0)
        trial._scales_ = inputs.mean(axis=0), np.where(spread > 0, spread, 1.0)
        trial._see(panel, inputs, None)
        self.__dict__.update(trial.__dict__)
        return self

    def _see(self, panel: Panel, inputs: Array, before: Self | None) -> None:
        """Take up rows: learn from them, or let what was fitted before see them."""
        owner = type(self).__name__
        regressor = ESNRegressor() if self.regressor is None else self.regressor
        lags, known = read_lags(self, regressor), None
        changes = None
        if before is not None:
            known, changes = before._chain_, before.differencing_
        wanted, self.differencing_ = read_transforms(self, panel, changes)
        chain = Chain.fitted(panel.values, panel.offsets, wanted, known)
        season = read_season(self, regressor, panel)
        mean, spread = self._scales_
        seen = [lagged(chain.rows, panel.offsets, lags), (inputs - mean) / spread]
        if season is not None:
            rows = [np.arange(n) for n in panel.lengths]
            seen.append(np.vstack([season.columns(k, n) for k, n in enumerate(rows)]))
        F = np.hstack(seen)
        self._require_rows(panel, F, chain.rows, max(lags))
        told = F, chain.rows, panel.offsets, lags
        if before is None:
            found = learned(owner, regressor, *told)
        else:
            found = followed(before.regressor_, *told)
        self._panel_, self._chain_, self._recursion_ = panel, chain, found
        self._season_, self._inputs_ = season, inputs
        self.regressor_, self.lags_ = found.regressor, found.lags
        self._rows_ = chain.undo_rows(found.told)
        self.residuals_ = panel.framed(panel.values - self._rows_, panel.times)

    def _require_rows(self, panel: Panel, F: Array, Z: Array, depth: int) -> None:
        """Raise where a series has no two rows of which all is known."""
        rows = np.hstack([F, Z])
        for k, (first, last) in enumerate(pairwise(panel.offsets)):
            if np.count_nonzero(np.isfinite(rows[first:last]).all(axis=1)) < 2:
                lost = int(np.isnan(Z[first:last, 0]).sum())
                refuse_short(panel, k, depth + lost + 2)

    def append(self, y: Any, X: Any = None, *, refit: bool = False) -> Self:
        """Return a forecaster that has seen more rows; this one stays as it is.

        Parameters
        ----------
        y : Series, DataFrame or array-like
            Targets that follow the last ones; of a panel, of some of its series or of
            new ones, which are scaled by their own rows.
        X : DataFrame or array-like, default=None
            Their exogenous columns, where fit saw some.
        refit : bool, default=False
            Whether the regressor learns anew from all rows; else only its state and
            what it sees of the past go on.

        Returns
        -------
        Forecaster
            A new one.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If rows do not follow those before, or do not fit; the message says how.
        """
        check_is_fitted(self)
        owner, panel = f"{type(self).__name__}.append", self._panel_
        if not hasattr(y, "index") or isinstance(y, list):
            rows = np.asarray(y, np.float64).reshape(-1, panel.values.shape[1])
            y = panel.framed(rows, panel.ahead(len(rows)))
        later = read_panel(owner, y)
        whole = panel.joined(owner, later)
        inputs = np.empty((len(later.values), 0))
        if self.n_features_in_:
            if X is None:
                raise ValueError(f"{owner} needs X: fit saw exogenous columns.")
            wanted = self.n_features_in_ if self._columns_ is None else self._columns_
            inputs = read_rows(owner, X, later, later.times, wanted)
        new = copy(self)
        rows = _in_order(whole, ((panel, self._inputs_), (later, inputs)))
        new._see(whole, rows, None if refit else self)
        return new

    def predict(self, X: Any) -> Array:
        """Forecast the rows of X.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows after the training ones, without a gap; a frame may also hold training
            rows, for which the answer is one step ahead. Without an index they follow
            the training rows, series after series.

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_targets)
            In the order of the rows of X.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If rows of X are missing or do not fit; the message names them.
        """
        check_is_fitted(self)
        panel = self._panel_
        if not isinstance(X, pd.DataFrame):
            n_steps, odd = divmod(len(np.asarray(X)), panel.n_series)
            if odd or n_steps == 0:
                rule = f"as many rows for each of the {panel.n_series} series"
                raise ValueError(worded(f"{type(self).__name__}.predict", "X", X, rule))
            ahead = self._ahead(n_steps, X)
            values = ahead.reshape(-1, ahead.shape[2])
            return values[:, 0] if panel.flat else values
        values = self._of_rows(X)
        return values[:, 0] if panel.flat else values

    def _of_rows(self, X: pd.DataFrame) -> Array:
        """Return the forecasts or one-step predictions of the rows of a frame."""
        panel, owner = self._panel_, type(self).__name__
        values = np.empty((len(X), panel.values.shape[1]))
        found = list(_found(owner, panel, X.index))
        lengths = panel.lengths
        n_steps = max(int(place.max()) + 1 - lengths[k] for k, _, place in found)
        ahead = self._ahead(int(n_steps), X) if n_steps > 0 else None
        for k, own, place in found:
            known = place < lengths[k]
            values[own[known]] = self._rows_[panel.offsets[k] + place[known]]
            if ahead is not None:
                values[own[~known]] = ahead[k, place[~known] - lengths[k]]
        return values

    def forecast(self, steps: int | None = None, X: Any = None) -> Any:
        """Forecast the next rows.

        Parameters
        ----------
        steps : int, default=None
            How many; by default as many as X has for each series.
        X : DataFrame or array-like, default=None
            The exogenous columns of these rows, where fit saw some.

        Returns
        -------
        Series or DataFrame
            In the form of y, its index continued.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If steps or X do not fit; the message says how.
        """
        check_is_fitted(self)
        n_steps = self._read_steps(steps, X)
        ahead, panel = self._ahead(n_steps, X), self._panel_
        rows = ahead.reshape(-1, ahead.shape[2])
        return panel.framed(rows, panel.ahead(n_steps))

    def get_forecast(
        self, steps: int | None = None, X: Any = None, *, n_paths: int = 1000
    ) -> ForecastResult:
        """Forecast the next rows, and say how sure that is.

        Paths are simulated side by side: at each step a one-step error of the training
        rows of the same series, drawn at random, is added before the step is seen by
        the next one (Hyndman and Athanasopoulos 2021, section 5.5).

        Parameters
        ----------
        steps, X
            As in `forecast`.
        n_paths : int >= 2, default=1000
            How many are drawn. More make intervals smoother and take longer.

        Returns
        -------
        ForecastResult
            With ``predicted_mean``, ``conf_int``, ``quantiles``, ``summary_frame`` and
            ``simulate``.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If steps, X or n_paths do not fit; the message says how.
        """
        check_is_fitted(self)
        n_steps = self._read_steps(steps, X)
        caller = f"{type(self).__name__}.get_forecast"
        n_drawn = check_integer(caller, "n_paths", n_paths, 2)
        columns, panel = self._columns_ahead(n_steps, X), self._panel_
        rng = check_random_state(self.random_state)
        errors = self._chain_.rows - self._recursion_.told
        noise = np.empty((panel.n_series, n_drawn, n_steps, errors.shape[1]))
        for k, (first, last) in enumerate(pairwise(panel.offsets)):
            own = errors[first:last][~np.isnan(errors[first:last]).any(axis=1)]
            drawn = rng.randint(len(own), size=(n_drawn, n_steps))
            noise[k] = (own - own.mean(axis=0))[drawn]
        ahead = self._recursion_.ahead(columns)
        self._report(ahead[:, 0])
        mean = self._chain_.undo(ahead)[:, 0]
        paths = self._chain_.undo(self._recursion_.ahead(columns, noise))
        return ForecastResult(panel, mean, paths)

    def _read_steps(self, steps: Any, X: Any) -> int:
        caller = f"{type(self).__name__}.forecast"
        if steps is None:
            if X is None:
                raise ValueError(f"{caller} needs steps, or X with a row for each.")
            steps, odd = divmod(len(X), self._panel_.n_series)
            if odd:
                rule = f"as many rows for each of the {self._panel_.n_series} series"
                raise ValueError(worded(caller, "X", X, rule))
        return check_integer(caller, "steps", steps, 1)

    def _ahead(self, n_steps: int, X: Any) -> Array:
        """Return the next rows of each series, (n_series, n_steps, n_targets)."""
        ahead = self._recursion_.ahead(self._columns_ahead(n_steps, X))
        self._report(ahead[:, 0])
        return self._chain_.undo(ahead)[:, 0]

    def _report(self, ahead: Array) -> None:
        """Raise or warn where transformed forecasts (n_series, n_steps, …) ran away."""
        low, high = target_range(self._chain_.rows)
        good = np.isfinite(ahead), (ahead >= low) & (ahead <= high)
        finite, inside = (_first_false(own.min(axis=2)) for own in good)
        left = np.column_stack([inside, finite])
        report_divergence(type(self).__name__, left, self._panel_.ids, REMEDY)

    def _columns_ahead(self, n_steps: int, X: Any) -> Array:
        """Return what else is seen of the next rows, (n_series, n_steps, n_columns)."""
        owner, panel = type(self).__name__, self._panel_
        inputs = np.empty((panel.n_series * n_steps, 0))
        if self.n_features_in_:
            if X is None:
                raise ValueError(
                    f"{owner}.forecast needs X: it was fitted on "
                    f"{self.n_features_in_} exogenous columns, which are to be known "
                    "for each step."
                )
            wanted = self.n_features_in_ if self._columns_ is None else self._columns_
            inputs = read_rows(owner, X, panel, panel.ahead(n_steps), wanted)
        mean, spread = self._scales_
        seen = [((inputs - mean) / spread).reshape(panel.n_series, n_steps, -1)]
        if self._season_ is not None:
            rows = [n + np.arange(n_steps) for n in panel.lengths]
            waves = [self._season_.columns(k, own) for k, own in enumerate(rows)]
            seen.append(np.array(waves))
        return np.concatenate(seen, axis=2)


def _first_false(good: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where the first False of each row is, -1 where there is none."""
    return np.where(good.min(axis=1), -1, good.argmin(axis=1)).astype(np.int64)


def _in_order(whole: Panel, parts: Sequence[tuple[Panel, Array]]) -> Array:
    """Return the rows of several panels as the panel that joins them has them."""
    rows = []
    for name in whole.ids:
        for panel, own in parts:
            if name in panel.ids:
                k = panel.ids.index(name)
                rows.append(own[panel.offsets[k] : panel.offsets[k + 1]])
    return np.vstack(rows)


def _found(
    owner: str, panel: Panel, index: pd.Index
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    """Yield each series of an index, its rows there, and how many steps each is in."""
    codes, ids, stamps = series_of(owner, "X", index)
    for code, name in enumerate(ids):
        if name not in panel.ids:
            raise ValueError(f"{owner} was not fitted on series {name!r} of X.")
        k, own = panel.ids.index(name), np.flatnonzero(codes == code)
        times = panel.times[k]
        place = times.get_indexer(stamps[own])
        later = np.flatnonzero(place < 0)
        if later.size:
            place[later] = len(times) + _steps_after(owner, times, stamps[own[later]])
        yield k, own, place.astype(np.int64)


def _steps_after(owner: str, times: Any, stamps: Any) -> NDArray[np.int64]:
    """Return how many steps after the first after `times` some later stamps are."""
    size = 16
    while True:
        ahead = continued(times, size)
        place = ahead.get_indexer(stamps)
        if np.all(place >= 0):
            return np.asarray(place, np.int64)
        strange = stamps[int(np.argmax(place < 0))]
        if strange <= ahead[-1]:
            raise ValueError(
                f"X has a row at {strange}, which is no time of y: {owner} was fitted "
                f"on rows from {times[0]} to {times[-1]}."
            )
        size *= 2
