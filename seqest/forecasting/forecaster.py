"""Forecasts with dates: a regressor that sees the past, run ahead."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from seqest._validation import worded
from seqest.forecasting._dated import DatedRegressor
from seqest.forecasting._design import Design, Places, cut_apart, windows
from seqest.forecasting._errors import Noise, drawn, held_out_errors
from seqest.forecasting._lag_choice import chosen_lags
from seqest.forecasting._panel import Panel
from seqest.forecasting._pinball import learning_quantile
from seqest.forecasting._recursion import (
    Learned,
    Lesson,
    Start,
    learned,
    starts_warm,
    summed,
)
from seqest.forecasting._settings import (
    read_dates,
    read_horizon,
    read_lags,
    read_past,
    read_regressor,
    read_transforms,
    read_waves,
    refuse_beyond,
    refuse_short,
)
from seqest.forecasting._transforms import Chain, Difference, Power, Scale
from seqest.reservoirs.free_run import report_divergence, target_range

__all__ = ["Forecaster"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
REMEDY = "Raise the regressor's penalty, or take differences or fewer lags."
AT_ONCE = 2**15  # paths that run side by side


class Forecaster(DatedRegressor):
    r"""Forecast one or many series with a regressor that sees their past.

    ŷ(t) = F(y(t - i) for the lags i, exogenous columns, calendar and season of t)

    "recursive": learned one step ahead, and what is forecast is the past of the next
    step. "direct": F tells y(t), …, y(t + horizon - 1) at once, and sees the exogenous
    columns and the calendar of all of them. Before it targets are transformed, series
    by series: by a power, by taking away a line or differences, and by scaling;
    forecasts come back in the units of y. A sequence estimator carries its own state
    on, any other regressor sees lags alone.

    Parameters
    ----------
    regressor : regressor or None, default=None
        A sequence estimator or any scikit-learn regressor, copied for each target where
        it learns one only; None is an ESNRegressor.
    strategy : {"recursive", "direct"}, default="recursive"
        How several steps are forecast.
    horizon : int >= 1 or None, default=None
        How many steps "direct" forecasts. It sees exogenous columns of all of them,
        also where fewer are asked for.
    lags : int, list of int, "auto" or None, default=None
        Which rows of y before a row are seen: an int n stands for 1 to n; "auto" takes
        those of the linear model with the least BIC on the training rows. None is one
        season, or 1, for a sequence estimator, which remembers by itself; else two
        seasons, or 10. More lags see further and need more rows.
    past_columns : str, int or list of these, default=None
        Columns of X that are not known ahead. They are seen by the same lags as y;
        "recursive" forecasts them along with it.
    power : float in [-1, 2], "log", "auto" or None, default="auto"
        The Box-Cox transform: "log" is 0, "auto" the likeliest power in [0, 1] of each
        series: forecasts of one that is nowhere below 0 are not either. One that is is
        left as it is.
    detrend : bool, default=False
        Whether a straight line is taken away first.
    differencing : int >= 0 or "auto", default="auto"
        How often changes from row to row are taken; "auto" is 0 or 1, whichever
        `suggest_differencing` says of the training rows, after `power`.
    seasonal_differencing : int >= 0 or "auto", default="auto"
        How often changes from season to season are taken; "auto" is 0 or 1 in the same
        way, and 0 in fewer than 4 seasons.
    seasonal_period : int >= 2 or None, default=None
        Rows of a season.
    fourier : int >= 0, dict of period to int, or "auto", default="auto"
        How many sines and cosines of the season, or of each period, are seen, at most
        half its rows; "auto" is that, at most 12, for a sequence estimator whose season
        is not differenced, else 0.
    calendar : str or list of str, default=None
        What is seen of the date, a column for each value: "minute", "hour",
        "day_of_week", "day", "month", "quarter".
    scale : bool, default=True
        Whether series are scaled to mean 0 and deviation 1.
    random_state : int, RandomState or None, default=None
        Seed of simulated paths, and of the default regressor; any other has its own.
        None draws both anew each time: forecasts of the default regressor then differ
        from fit to fit.

    Attributes
    ----------
    regressor_ : object
        The fitted regressor.
    lags_ : tuple of int
        The lags.
    seasonal_differencing_, differencing_ : int
        How often changes were taken.
    n_features_in_ : int
        Number of exogenous columns.
    feature_names_in_ : ndarray of shape (n_features,)
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
    seasonal_differencing_: int
    _settings_: SimpleNamespace
    _chain_: Chain
    _past_: Chain
    _design_: Design
    _learned_: Learned
    _start_: Start
    _taught_: Self | None
    _found_: dict[int, Noise]

    def __init__(
        self,
        regressor: Any = None,
        *,
        strategy: Any = "recursive",
        horizon: Any = None,
        lags: Any = None,
        past_columns: Any = None,
        power: Any = "auto",
        detrend: Any = False,
        differencing: Any = "auto",
        seasonal_differencing: Any = "auto",
        seasonal_period: Any = None,
        fourier: Any = "auto",
        calendar: Any = None,
        scale: Any = True,
        random_state: Any = None,
    ) -> None:
        self.regressor = regressor
        self.strategy = strategy
        self.horizon = horizon
        self.lags = lags
        self.past_columns = past_columns
        self.power = power
        self.detrend = detrend
        self.differencing = differencing
        self.seasonal_differencing = seasonal_differencing
        self.seasonal_period = seasonal_period
        self.fourier = fourier
        self.calendar = calendar
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any = None, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn from series with dates.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Exogenous columns at the times of y. A frame without columns stands for
            none.
        y : Series, DataFrame or array-like
            Targets at regular times: the index is of datetimes, periods or integers; of
            several series it is a MultiIndex that ends in time.
        sample_weight : array-like of shape (n_rows,), default=None
            How much each row of y counts, where the regressor takes weights.

        Returns
        -------
        self
            The fitted forecaster.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the data break a rule; the message names it.
        """
        return self._fit(X, y, sample_weight)

    def _past_columns(self, columns: Any, n_columns: int) -> NDArray[np.bool_]:
        return read_past(self, columns, n_columns)

    def _see(
        self, panel: Panel, inputs: Array, before: Self | None, refit: bool
    ) -> Array:
        if before is not None and before._is_constant():
            before = None  # nothing was learned
        if refit and before is not None and not starts_warm(before.regressor_):
            before = None
        self._settings_ = SimpleNamespace(**self.get_params(deep=False))
        if before is not None:
            self._settings_ = before._settings_
        self._prepare(panel, inputs, before)
        lesson = self._lesson(panel, inputs)
        if before is None or refit:
            self._require_rows(panel, lesson)
            told = type(self).__name__, self._regressor, lesson, self.lags_, self._sums
            old = None if before is None else before.regressor_
            self._learned_, self._taught_ = learned(*told, before=old), None
            self._found_ = {}
        else:
            self._require_past(panel)
            self._learned_ = before._learned_
            self._taught_ = before if before._taught_ is None else before._taught_
        self.regressor_ = self._learned_.regressor
        ahead, state = self._learned_.told(lesson)
        ends = Places.ends(panel)
        self._start_ = self._learned_.start(lesson, self._rows(), ends, state)
        return self._chain_.undo_rows(ahead[:, 0, : panel.values.shape[1]])

    def _prepare(self, panel: Panel, inputs: Array, before: Self | None) -> None:
        """Transform rows, and say what is seen of them."""
        settings, regressor = self._settings_, self._regressor
        horizon, lags = read_horizon(settings), read_lags(settings, regressor)
        chain, past, orders = None, None, None
        if before is not None:
            lags, chain, past = before.lags_, before._chain_, before._past_
            orders = before.seasonal_differencing_, before.differencing_
        wanted, orders = read_transforms(settings, panel, orders)
        self.seasonal_differencing_, self.differencing_ = orders
        self._chain_ = Chain.fitted(panel.values, panel.offsets, wanted, chain)
        refuse_beyond(self._chain_, panel)
        scaled = [(Scale, None)] if self.n_features_in_ else []
        rows = inputs[:, ~self._known_]
        self._past_ = Chain.fitted(rows, panel.offsets, scaled, past)
        if lags is None:
            rows, period = self._chain_.rows, settings.seasonal_period
            lags = chosen_lags(rows, panel.offsets, period)
        self.lags_, known = lags, inputs[:, self._known_]
        deviation = known.std(axis=0)
        scales = known.mean(axis=0), np.where(deviation > 0, deviation, 1.0)
        if before is not None:
            scales = before._design_.mean, before._design_.spread
        dates = read_dates(settings, panel)
        waves = read_waves(settings, regressor, panel, orders[0])
        self._design_ = Design(lags, horizon, dates, waves, *scales)

    @property
    def _regressor(self) -> Any:
        """What was given to be fitted, or stands for None."""
        return read_regressor(self._settings_)

    def _is_constant(self) -> bool:
        """Return whether no series has changed, so that nothing could be learned."""
        panel = self._panel_
        return bool((panel.first_changes == panel.lengths[:, np.newaxis]).all())

    @property
    def _sums(self) -> tuple[int, ...]:
        """Differences that are undone in what is told of several rows at once."""
        if self._design_.horizon == 1:
            return ()
        steps = self._chain_.steps
        return tuple(step.lag for step in steps if isinstance(step, Difference))

    def _rows(self) -> Array:
        """Return transformed targets and past columns side by side."""
        return np.hstack([self._chain_.rows, self._past_.rows])

    def _lesson(self, panel: Panel, inputs: Array) -> Lesson:
        """Return what can be learned of rows."""
        rows, design = self._rows(), self._design_
        F = design.of_training(panel, rows, inputs[:, self._known_])
        if self._settings_.strategy == "recursive":
            T = rows[:, np.newaxis]
        else:
            T = windows(self._chain_.rows, panel.offsets, design.horizon)
            T = summed(T, self._sums)
        return Lesson(F, T, panel.offsets, self._weights_)

    def _require_past(self, panel: Panel) -> None:
        """Raise where a series has not all the rows that are seen of its past."""
        rows, depth = self._chain_.rows, self._design_.depth
        lost = np.array(
            [np.isnan(own[:, 0]).sum() for own in cut_apart(rows, panel.offsets)]
        )
        short = panel.lengths < depth + lost
        if short.any():
            k = int(short.argmax())
            refuse_short(panel, k, depth + int(lost[k]))

    def _require_rows(self, panel: Panel, lesson: Lesson) -> None:
        """Raise where a series has no two rows of which all is known."""
        found = np.bincount(lesson.series[lesson.rows], minlength=panel.n_series)
        if found.min() < 2:
            k = int(found.argmin())
            first = panel.offsets[k]
            lost = np.isnan(self._chain_.rows[first : panel.offsets[k + 1], 0]).sum()
            refuse_short(panel, k, self._design_.depth + int(lost) + 2)

    def _reach(self, n_steps: int) -> int:
        horizon = self._settings_.horizon
        if horizon is None:
            return n_steps
        if n_steps > horizon:
            rule = f"at most horizon={horizon}, which is forecast at once"
            remedy = "Raise horizon, or take strategy='recursive'."
            raise ValueError(
                worded(type(self).__name__, "steps", n_steps, rule, remedy)
            )
        return int(horizon)

    def _run(
        self,
        model: Learned,
        places: Places | None,
        later: Array,
        n_steps: int,
        noise: Array | None = None,
    ) -> Array:
        """Return transformed rows ahead, (n_places, n_paths, n_steps, n_targets)."""
        panel, n_told = self._panel_, self._reach(n_steps)
        at = Places.ends(panel) if places is None else places
        inputs = self._inputs_[:, self._known_]
        beside = self._design_.ahead(panel, inputs, later, at, n_told)
        if model is self._learned_ and np.all(at.known == panel.lengths[at.series]):
            start = self._start_.at(at.series)  # a place for each series
        else:
            start = model.start(self._lesson(panel, self._inputs_), self._rows(), at)
        ahead = model.ahead(start, *beside, noise)
        return ahead[:, :, :n_steps, : panel.values.shape[1]]

    def _undone(self, places: Places | None, ahead: Array) -> Array:
        """Return rows ahead in the units of y; what never changed goes on as it is."""
        panel, chain = self._panel_, self._chain_
        at = Places.ends(panel) if places is None else places
        if places is not None:
            chain = chain.at(places.series, places.known, panel.offsets)
        with np.errstate(over="ignore", invalid="ignore"):  # as reported elsewhere
            found = chain.undo(ahead)
        first = panel.values[panel.offsets[:-1]]
        still = at.known[:, np.newaxis] <= panel.first_changes[at.series]
        wide = slice(None), np.newaxis, np.newaxis
        return np.where(still[wide], first[at.series][wide], found)

    def _ahead(self, places: Places | None, later: Array, n_steps: int) -> Array:
        ahead = self._run(self._learned_, places, later, n_steps)
        at = Places.ends(self._panel_) if places is None else places
        self._report(ahead[:, 0], at.series)
        return self._undone(places, ahead)[:, 0]

    def _paths(
        self,
        places: Places | None,
        later: Array,
        n_steps: int,
        n_paths: int,
        rng: RandomState,
        errors: Any,
    ) -> Array:
        at = Places.ends(self._panel_) if places is None else places
        size, found = max(1, AT_ONCE // n_paths), []
        for first in range(0, len(at), size):
            part = slice(first, first + size)
            some = Places(at.series[part], at.known[part])
            noise = self._noise(some, errors, n_steps, n_paths, rng)
            middle, paths = self._run_apart(self._learned_, some, later, n_steps, noise)
            with np.errstate(over="ignore", invalid="ignore"):
                wide = middle + (paths - middle) * errors.widening
            if not np.isfinite(wide).all():
                raise FloatingPointError(
                    f"{type(self).__name__}: a simulated path diverged. {REMEDY}"
                )
            found.append(self._unsteady(some.series, wide))
        return np.concatenate(found)

    def _run_apart(
        self, model: Learned, places: Places, later: Array, n_steps: int, noise: Array
    ) -> tuple[Array, Array]:
        """Return the first path, without noise, and the others, in steady units."""
        ahead = self._run(model, places, later, n_steps, noise)
        steady = self._steady(places.series, self._undone(places, ahead))
        return steady[:, :1], steady[:, 1:]

    def _noise(
        self,
        places: Places,
        errors: Noise,
        n_steps: int,
        n_paths: int,
        rng: RandomState,
    ) -> Array:
        own = [errors.of(self._panel_.ids[k]) for k in places.series]
        return drawn(own, n_paths, self._reach(n_steps), rng)

    def _errors(self, n_steps: int) -> Noise:
        """Return the errors of rows that were not learned from, found once for a fit.

        Rows that were appended count for nothing.
        """
        base = self if self._taught_ is None else self._taught_
        if n_steps not in base._found_:
            base._found_[n_steps] = held_out_errors(base, n_steps)
        return base._found_[n_steps]

    def _learned_quantiles(
        self, places: Places | None, later: Array, n_steps: int, shares: Sequence[float]
    ) -> Array:
        owner, found = f"{type(self).__name__}.get_forecast", []
        if self._settings_.horizon is None:
            raise ValueError(
                f"{owner}(method='quantile') needs strategy='direct': a quantile fed "
                "back as if it had come is no quantile of what comes after."
            )
        base = self if self._taught_ is None else self._taught_
        lesson = base._lesson(base._panel_, base._inputs_)
        for share in shares:
            regressor = learning_quantile(owner, self._regressor, share)
            model = learned(owner, regressor, lesson, self.lags_, self._sums)
            ahead = self._run(model, places, later, n_steps)
            found.append(self._undone(places, ahead)[:, 0])
        return np.array(found)

    def _steady(self, series: Rows, values: Array) -> Array:
        steps = self._chain_.steps
        if not steps or not isinstance(steps[0], Power):
            return values
        return steps[0].forth(series, values)

    def _unsteady(self, series: Rows, values: Array) -> Array:
        steps = self._chain_.steps
        if not steps or not isinstance(steps[0], Power):
            return values
        return steps[0].back(series, values)

    def _report(self, ahead: Array, series: Rows) -> None:
        """Raise or warn where transformed forecasts (n_places, n_steps, …) ran away."""
        low, high = target_range(self._chain_.rows)
        good = np.isfinite(ahead), (ahead >= low) & (ahead <= high)
        finite, inside = (_first_false(own.min(axis=2)) for own in good)
        left = np.column_stack([inside, finite])
        names = [self._panel_.ids[k] for k in series]
        report_divergence(type(self).__name__, left, names, REMEDY)


def _first_false(good: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where the first False of each row is, -1 where there is none."""
    return np.where(good.min(axis=1), -1, good.argmin(axis=1)).astype(np.int64)
