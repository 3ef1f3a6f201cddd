"""The loop with dates around what forecasts: rows in, rows and their labels out."""

from __future__ import annotations

from abc import abstractmethod
from copy import copy
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from seqest._validation import check_integer, worded
from seqest.forecasting._exogenous import read_rows
from seqest.forecasting._panel import Panel, read_panel
from seqest.forecasting._rows_asked import rows_asked, rows_in_order
from seqest.forecasting.result import ForecastResult

__all__ = ["DatedRegressor"]

Array = NDArray[np.float64]


class DatedRegressor(RegressorMixin, BaseEstimator):
    """What learns from a panel and forecasts it; its parts say how.

    They take up rows (`_see`), and forecast (`_ahead`) and simulate (`_paths`) the next
    rows of every series from exogenous columns (n_series, n_steps, n_columns).
    """

    random_state: Any
    n_features_in_: int
    residuals_: Any
    _panel_: Panel
    _columns_: Any
    _inputs_: Array
    _told_: Array
    _sees_columns = True

    @abstractmethod
    def _see(self, panel: Panel, inputs: Array, before: Self | None) -> Array:
        """Learn from rows, or let what was learned before see them.

        Returns what is told of each row by those before it, NaN where nothing is.
        """

    @abstractmethod
    def _ahead(self, columns: Array) -> Array:
        """Return the next rows, (n_series, n_steps, n_targets)."""

    @abstractmethod
    def _paths(self, columns: Array, n_paths: int, rng: RandomState) -> Array:
        """Return simulated rows, (n_series, n_paths, n_steps, n_targets)."""

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Learn from series with dates.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Exogenous columns that are known ahead, at the times of y. A frame without
            columns stands for none; a forecaster that takes none does not look at them.
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
        panel, trial = read_panel(owner, y), copy(self)
        named = self._sees_columns and isinstance(X, pd.DataFrame)
        trial._columns_ = X.columns if named else None
        inputs = np.empty((len(panel.values), 0))
        if X is not None and self._sees_columns:
            inputs = read_rows(owner, X, panel, panel.times, trial._columns_)
        trial.n_features_in_ = inputs.shape[1]
        trial.__dict__.pop("feature_names_in_", None)
        if named and inputs.shape[1]:
            trial.feature_names_in_ = np.asarray(X.columns, dtype=object)
        trial._take(panel, inputs, None)
        self.__dict__ = trial.__dict__  # all of it or, after an error, nothing
        return self

    def _take(self, panel: Panel, inputs: Array, before: Self | None) -> None:
        self._told_ = self._see(panel, inputs, before)
        self._panel_, self._inputs_ = panel, inputs
        self.residuals_ = panel.framed(panel.values - self._told_, panel.times)

    def append(self, y: Any, X: Any = None, *, refit: bool = False) -> Self:
        """Return a forecaster that has seen more rows; this one stays as it is.

        Parameters
        ----------
        y : Series, DataFrame or array-like
            Targets that follow the last ones; of a panel, of some of its series or of
            new ones.
        X : DataFrame or array-like, default=None
            Their exogenous columns, where fit saw some.
        refit : bool, default=False
            Whether all is learned anew from all rows; else only the past that is seen
            goes on, and what was learned stays.

        Returns
        -------
        Self
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
        inputs = self._columns_at(owner, X, later, later.times)
        new = copy(self)
        rows = rows_in_order(whole, ((panel, self._inputs_), (later, inputs)))
        new._take(whole, rows, None if refit else self)
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
        if isinstance(X, pd.DataFrame):
            values = self._of_rows(X)
        else:
            n_steps = self._read_steps("predict", None, np.asarray(X))
            ahead = self._ahead(self._columns_ahead(n_steps, X))
            values = ahead.reshape(-1, ahead.shape[2])
        return values[:, 0] if self._panel_.flat else values

    def _of_rows(self, X: pd.DataFrame) -> Array:
        """Return the forecasts or one-step predictions of the rows of a frame."""
        panel, owner = self._panel_, type(self).__name__
        values = np.empty((len(X), panel.values.shape[1]))
        found = list(rows_asked(owner, panel, X.index))
        lengths = panel.lengths
        n_steps = max(int(place.max()) + 1 - lengths[k] for k, _, place in found)
        if n_steps > 0:
            ahead = self._ahead(self._columns_ahead(int(n_steps), X))
        for k, own, place in found:
            known = place < lengths[k]
            values[own[known]] = self._told_[panel.offsets[k] + place[known]]
            if not known.all():
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
        n_steps, panel = self._read_steps("forecast", steps, X), self._panel_
        ahead = self._ahead(self._columns_ahead(n_steps, X))
        return panel.framed(ahead.reshape(-1, ahead.shape[2]), panel.ahead(n_steps))

    def get_forecast(
        self, steps: int | None = None, X: Any = None, *, n_paths: int = 1000
    ) -> ForecastResult:
        """Forecast the next rows, and say how sure that is.

        Paths are simulated: the error of each step is one of a training row of the same
        series, drawn at random (Hyndman and Athanasopoulos 2021, section 5.5).

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
        n_steps = self._read_steps("get_forecast", steps, X)
        caller = f"{type(self).__name__}.get_forecast"
        n_drawn = check_integer(caller, "n_paths", n_paths, 2)
        columns = self._columns_ahead(n_steps, X)
        paths = self._paths(columns, n_drawn, check_random_state(self.random_state))
        return ForecastResult(self._panel_, self._ahead(columns), paths)

    def _read_steps(self, method: str, steps: Any, X: Any) -> int:
        caller = f"{type(self).__name__}.{method}"
        if steps is None:
            if X is None:
                raise ValueError(f"{caller} needs steps, or X with a row for each.")
            steps, odd = divmod(len(X), self._panel_.n_series)
            if odd or steps == 0:
                rule = f"as many rows for each of the {self._panel_.n_series} series"
                raise ValueError(worded(caller, "X", X, rule))
        return check_integer(caller, "steps", steps, 1)

    def _columns_ahead(self, n_steps: int, X: Any) -> Array:
        """Return the columns of the next rows, (n_series, n_steps, n_columns)."""
        panel, owner = self._panel_, f"{type(self).__name__}.forecast"
        rows = self._columns_at(owner, X, panel, panel.ahead(n_steps))
        return rows.reshape(panel.n_series, n_steps, self.n_features_in_)

    def _columns_at(self, owner: str, X: Any, panel: Panel, times: Any) -> Array:
        """Return the exogenous columns of rows, series after series."""
        if not self.n_features_in_:
            return np.empty((sum(map(len, times)), 0))
        if X is None:
            raise ValueError(
                f"{owner} needs X: fit saw {self.n_features_in_} exogenous columns, "
                "which are to be known for each row."
            )
        wanted = self.n_features_in_ if self._columns_ is None else self._columns_
        return read_rows(owner.partition(".")[0], X, panel, times, wanted)
