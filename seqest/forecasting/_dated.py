"""The loop with dates around what forecasts: rows in, rows and their labels out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from copy import copy
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from seqest._validation import (
    check_choice,
    check_flag,
    check_integer,
    check_numeric,
    worded,
)
from seqest.forecasting._calibration import (
    calibrated,
    calibration_errors,
    read_shares,
)
from seqest.forecasting._design import Places, cut_apart
from seqest.forecasting._exogenous import own_columns, read_row_weights, read_rows
from seqest.forecasting._panel import Panel, read_panel
from seqest.forecasting._rows_asked import rows_asked, rows_in_order
from seqest.forecasting.intervals import Quantiles, Simulated, Spread
from seqest.forecasting.result import ForecastResult

__all__ = ["DatedRegressor"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


class DatedRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """What learns from a panel and forecasts it; its parts say how.

    They take up rows (`_see`), and forecast (`_ahead`) and simulate (`_paths`) the rows
    after places, by default the ends of series. `later` are the exogenous columns of
    rows after these, (n_series, n_later, n_known).
    """

    random_state: Any
    n_features_in_: int
    residuals_: Any
    _panel_: Panel
    _columns_: Any
    _known_: NDArray[np.bool_]
    _inputs_: Array
    _weights_: Array | None
    _told_: Array
    _sees_columns = True

    @abstractmethod
    def _see(
        self, panel: Panel, inputs: Array, before: Self | None, refit: bool
    ) -> Array:
        """Learn from rows, or let what was learned before see them, or learn on.

        Returns what is told of each row by those before it, NaN where nothing is.
        """

    @abstractmethod
    def _ahead(self, places: Places | None, later: Array, n_steps: int) -> Array:
        """Return the rows after places, (n_places, n_steps, n_targets)."""

    @abstractmethod
    def _paths(
        self,
        places: Places | None,
        later: Array,
        n_steps: int,
        n_paths: int,
        rng: RandomState,
        errors: Any,
    ) -> Array:
        """Return simulated rows, (n_places, n_paths, n_steps, n_targets)."""

    @abstractmethod
    def _errors(self, n_steps: int) -> Any:
        """Return the errors from which those of paths are drawn."""

    def _learned_quantiles(
        self, places: Places | None, later: Array, n_steps: int, shares: Sequence[float]
    ) -> Array:
        """Return quantiles learned one by one, (n_shares, n_places, n_steps, …)."""
        rule = "'bootstrap' or 'conformal'"
        raise ValueError(
            worded(f"{type(self).__name__}.get_forecast", "method", "quantile", rule)
        )

    def _reach(self, n_steps: int) -> int:
        """Return of how many rows exogenous columns are needed."""
        return n_steps

    def _past_columns(self, columns: Any, n_columns: int) -> NDArray[np.bool_]:
        """Return which exogenous columns are not known ahead."""
        return np.zeros(n_columns, dtype=bool)

    def _steady(self, series: Rows, values: Array) -> Array:
        """Return rows (n_places, …, n_targets) in units in which errors compare."""
        return values

    def _unsteady(self, series: Rows, values: Array) -> Array:
        """Return such rows in units of y."""
        return values

    def _fit(self, X: Any, y: Any, weights: Any = None) -> Self:
        owner = type(self).__name__
        if y is None and isinstance(X, pd.Series):
            raise ValueError(f"{owner}.fit got a Series as X: did you mean fit(y=...)?")
        trial = copy(self)
        trial.__dict__.pop("feature_names_in_", None)
        if X is not None and not isinstance(X, pd.DataFrame):
            # As scikit-learn has it, but for columns: there may be none.
            X = validate_data(trial, X, dtype=np.float64, ensure_min_features=0)
        panel = read_panel(owner, y)
        named = self._sees_columns and isinstance(X, pd.DataFrame)
        trial._columns_ = X.columns if named else None
        inputs = np.empty((len(panel.values), 0))
        if X is not None and (named or not isinstance(X, pd.DataFrame)):
            inputs = read_rows(owner, X, panel, panel.times, trial._columns_)
        trial.n_features_in_ = inputs.shape[1]
        if not self._sees_columns:
            inputs = inputs[:, :0]
        if named and inputs.shape[1]:
            trial.feature_names_in_ = np.asarray(X.columns, dtype=object)
        trial._known_ = ~trial._past_columns(trial._columns_, inputs.shape[1])
        trial._weights_ = read_row_weights(owner, weights, panel)
        trial._take(panel, inputs, None, refit=True)
        self.__dict__ = trial.__dict__  # all of it or, after an error, nothing
        return self

    def _take(
        self, panel: Panel, inputs: Array, before: Self | None, refit: bool
    ) -> None:
        self._told_ = self._see(panel, inputs, before, refit)
        self._panel_, self._inputs_ = panel, inputs
        self.residuals_ = panel.framed(panel.values - self._told_, panel.times)

    def _having_learned(self, panel: Panel, inputs: Array, known: Rows) -> Self:
        """Return a copy that has learned from the first rows of each series."""
        new = copy(self)
        if self._weights_ is not None:
            apart = zip(
                cut_apart(self._weights_, self._panel_.offsets), known, strict=True
            )
            new._weights_ = np.concatenate([own[:n] for own, n in apart])
        new._take(panel, inputs, None, refit=True)
        return new

    def _having_seen(self, panel: Panel, inputs: Array) -> Self:
        """Return a copy that has seen more rows, and learned what it had."""
        new = copy(self)
        new._take(panel, inputs, self, refit=False)
        return new

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
            Whether to learn from all rows: anew, or on from what was learned where the
            regressor has ``warm_start=True``, whose lags and transforms then stay. Else
            only the past that is seen goes on, and what was learned stays.

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
        check_flag(owner, "refit", refit)
        if not isinstance(y, pd.Series | pd.DataFrame):
            y = self._following(owner, y)
        later = read_panel(owner, y)
        whole = panel.joined(owner, later)
        inputs = self._columns_at(
            owner, X, later, later.times, np.ones_like(self._known_)
        )
        rows = rows_in_order(whole, ((panel, self._inputs_), (later, inputs)))
        new = copy(self)
        if self._weights_ is not None:  # rows that are new weigh 1
            parts = (panel, self._weights_), (later, np.ones(len(later.values)))
            new._weights_ = rows_in_order(whole, parts)
        new._take(whole, rows, self, refit)
        return new

    def _following(self, owner: str, y: Any) -> Any:
        """Return rows without an index as they follow the training rows."""
        panel = self._panel_
        if y is None:
            raise ValueError(f"{owner} requires y to be passed, but it is None.")
        rows = check_numeric(owner, "y", y)
        n_targets = panel.values.shape[1]
        good = panel.n_series == 1 and rows.size > 0
        if not good or rows.shape[1:] not in ((), (n_targets,)) or rows.ndim == 0:
            rule = f"rows of {n_targets} targets"
            if panel.n_series > 1:
                rule = "a Series or DataFrame whose index names the series"
            raise ValueError(worded(owner, "y", y, rule))
        if rows.ndim == 1 and n_targets > 1:
            raise ValueError(worded(owner, "y", y, f"rows of {n_targets} targets"))
        return panel.framed(rows.reshape(len(rows), -1), panel.ahead(len(rows)))

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
            X = self._read_array(X)
            n_steps = self._read_steps("predict", None, X)
            ahead = self._next(n_steps, X)
            values = ahead.reshape(-1, ahead.shape[2])
        return values[:, 0] if self._panel_.flat else values

    def _read_array(self, X: Any) -> Any:
        """Return rows without an index, of all columns or of those known ahead."""
        own = check_array(
            X, dtype=np.float64, ensure_min_features=0, estimator=self, input_name="X"
        )
        n_columns, owner = self.n_features_in_, type(self).__name__
        n_known = np.count_nonzero(self._known_) if self._sees_columns else n_columns
        if own.shape[1] not in (n_known, n_columns):
            raise ValueError(
                f"X has {own.shape[1]} features, but {owner} is expecting {n_columns} "
                "features as input."
            )
        return own

    def _of_rows(self, X: pd.DataFrame) -> Array:
        """Return the forecasts or one-step predictions of the rows of a frame."""
        panel, owner = self._panel_, type(self).__name__
        values = np.empty((len(X), panel.values.shape[1]))
        found = list(rows_asked(owner, panel, X.index))
        lengths = panel.lengths
        n_steps = max(int(place.max()) + 1 - lengths[k] for k, _, place in found)
        if n_steps > 0:
            ahead = self._next(int(n_steps), X)
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
        ahead = self._next(n_steps, X)
        return panel.framed(ahead.reshape(-1, ahead.shape[2]), panel.ahead(n_steps))

    def get_forecast(
        self,
        steps: int | None = None,
        X: Any = None,
        *,
        method: str = "bootstrap",
        n_paths: int = 1000,
        n_origins: int | None = None,
        quantiles: Sequence[float] = QUANTILES,
    ) -> ForecastResult:
        """Forecast the next rows, and say how sure that is.

        "bootstrap" simulates paths: the error of each step is one that was made one
        step ahead, of a row of the same series, drawn at random and seen by the next
        step. A `Forecaster` takes errors of rows that its regressor had not learned
        from, block by block, and widens paths by how far forecasts of as many steps
        miss there. Series of fewer than 20 errors take those of all; where there are
        not ten rows for each step told at once, errors are those of training.

        "conformal" forecasts from origins in the last part of the rows, by a forecaster
        that has learned from those before; its errors of as many steps, in the units of
        `power`, are put around the forecast.

        "quantile" lets the regressor learn quantiles by the pinball loss, where it
        can, with strategy="direct".

        Parameters
        ----------
        steps, X
            As in `forecast`.
        method : {"bootstrap", "conformal", "quantile"}, default="bootstrap"
            Where intervals come from.
        n_paths : int >= 2, default=1000
            How many paths are drawn. More make intervals smoother and take longer.
        n_origins : int >= 1, default=None
            How many origins calibrate, spread over the last third of the shortest
            series, or over as many rows as there are origins: 19 tell a 95 % interval.
            None is a third of that series, at least 19 where half of it allows that,
            at most 100.
        quantiles : sequence of float, default=(0.025, 0.1, 0.5, 0.9, 0.975)
            Which are learned.

        Returns
        -------
        ForecastResult
            With ``predicted_mean``, ``conf_int``, ``quantiles``, ``summary_frame``,
            ``simulate`` and ``plot``.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If an argument does not fit, or series are too short to calibrate; the
            message says how.

        References
        ----------
        Hyndman and Athanasopoulos (2021), Forecasting: principles and practice, 3rd
        ed., section 5.5. Lei et al. (2018), Distribution-free predictive inference for
        regression, Journal of the American Statistical Association 113.
        """
        check_is_fitted(self)
        caller = f"{type(self).__name__}.get_forecast"
        n_steps = self._read_steps("get_forecast", steps, X)
        check_choice(caller, "method", method, ("bootstrap", "conformal", "quantile"))
        later = self._columns_ahead(n_steps, X)
        mean = self._ahead(None, later, n_steps)
        spread: Spread
        if method == "bootstrap":
            n_drawn = check_integer(caller, "n_paths", n_paths, 2)
            rng = check_random_state(self.random_state)
            errors = self._errors(n_steps)
            drawn = None, later, n_steps, n_drawn, rng, errors
            spread = Simulated(self._paths(*drawn))
        elif method == "conformal":
            errors = calibration_errors(self, n_steps, n_origins)
            spread = calibrated(self, mean, errors, np.arange(len(mean)))
        else:
            shares = read_shares(caller, quantiles)
            found = np.sort(
                self._learned_quantiles(None, later, n_steps, shares), axis=0
            )
            spread = Quantiles(tuple(shares), found)
        return ForecastResult(self._panel_, mean, spread)

    def _next(self, n_steps: int, X: Any) -> Array:
        """Return the rows after the last of each series."""
        later = self._columns_ahead(n_steps, X)
        return self._ahead(None, later, n_steps)

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
        """Return the columns of the next rows, (n_series, n_later, n_known)."""
        panel, owner = self._panel_, f"{type(self).__name__}.forecast"
        n_later = self._reach(n_steps)
        rows = self._columns_at(owner, X, panel, panel.ahead(n_later), self._known_)
        return rows.reshape(panel.n_series, n_later, -1)

    def _columns_at(
        self, owner: str, X: Any, panel: Panel, times: Any, wanted: NDArray[np.bool_]
    ) -> Array:
        """Return the exogenous columns that are wanted of rows, series after series."""
        if not wanted.any():
            if isinstance(X, pd.DataFrame) and self._sees_columns:
                none = pd.Index([]) if self._columns_ is None else self._columns_
                own_columns(owner.partition(".")[0], X, none, wanted)
            return np.empty((sum(map(len, times)), 0))
        if X is None:
            raise ValueError(
                f"{owner} needs X: fit saw {self.n_features_in_} exogenous columns, "
                f"of which {np.count_nonzero(wanted)} are to be known for each row."
            )
        own = owner.partition(".")[0]
        if self._columns_ is None:
            return read_rows(own, X, panel, times, self.n_features_in_, wanted)
        return read_rows(own, X, panel, times, self._columns_, wanted)
