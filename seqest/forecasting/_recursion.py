"""A regressor that learned rows from those before, run ahead from any of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.multioutput import MultiOutputRegressor
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from seqest._sequences import State
from seqest._validation import shown
from seqest.estimators._base import SequenceRegressor
from seqest.estimators._polynomial import Polynomial, polynomial_of
from seqest.estimators._washout import washouts_of
from seqest.forecasting._design import Places

__all__ = ["Learned", "Lesson", "Start", "learned", "starts_warm", "summed"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is known of rows: what is seen of each, and what is to be said.

    Attributes
    ----------
    F : ndarray of shape (n_rows, n_columns)
        What is seen, NaN where it reaches to outside of a series.
    T : ndarray of shape (n_rows, horizon, n_targets)
        What is to be said of a row and those after it, NaN likewise.
    offsets : ndarray of shape (n_series + 1,)
        Where series begin and end.
    weights : ndarray of shape (n_rows,) or None
        How much each row counts.
    """

    F: Array
    T: Array
    offsets: Rows
    weights: Array | None = None

    @cached_property
    def rows(self) -> Rows:
        """Rows of which nothing is missing."""
        known = np.isfinite(self.T).all(axis=(1, 2)) & np.isfinite(self.F).all(axis=1)
        return np.flatnonzero(known)

    @cached_property
    def seen(self) -> Rows:
        """Rows of which all is seen, whether or not it is known what is to be said."""
        return np.flatnonzero(np.isfinite(self.F).all(axis=1))

    @cached_property
    def series(self) -> Rows:
        """Which series each row is of."""
        return np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets))

    def targets(self, rows: Rows) -> Array:
        """Return what is to be said of some rows, as regressors take it."""
        flat = self.T[rows].reshape(len(rows), -1)
        return flat[:, 0] if flat.shape[1] == 1 else flat


@dataclass(frozen=True, eq=False)
class Start:
    """What is known where forecasts begin.

    Attributes
    ----------
    last : ndarray of shape (n_places, depth, n_columns)
        The transformed rows before each, oldest first.
    state : State or None
        Of a sequence estimator, a horizon before.
    """

    last: Array
    state: State | None

    def at(self, chosen: Rows) -> Start:
        """Return what is known at some of the places, by their numbers."""
        state = self.state
        if state is not None:
            values = {name: own[chosen] for name, own in state.values.items()}
            state = State(tuple(state.ids[k] for k in chosen), values)
        return Start(self.last[chosen], state)


@dataclass(frozen=True, eq=False)
class Learned:
    """A fitted regressor, and how it is run ahead.

    Attributes
    ----------
    regressor : object
        Fitted.
    lags : tuple of int
        Which rows before a row it sees, ascending.
    horizon : int
        How many rows it tells at once.
    hears : bool
        Whether its state depends on what is said of rows, as where outputs are fed
        back.
    sums : tuple of int
        Differences that were undone in what is said of several rows at once.
    linear : Polynomial or None
        What a linear regressor computes, without what scikit-learn checks at each call.
    """

    regressor: Any
    lags: tuple[int, ...]
    horizon: int
    hears: bool
    sums: tuple[int, ...]
    linear: Polynomial | None = None

    def told(self, lesson: Lesson) -> tuple[Array, State | None]:
        """Return what is told of each row by those before, NaN where nothing is.

        Nothing is where a reservoir still forgets how it began. With it comes the state
        of a sequence estimator after the last row of each series.
        """
        rows, told, state = lesson.seen, np.full_like(lesson.T, np.nan), None
        if isinstance(self.regressor, SequenceRegressor):
            answer, state = self._heard(lesson, rows, "zero")
        else:
            answer = self.regressor.predict(lesson.F[rows])
        told[rows] = np.asarray(answer).reshape(len(rows), *told.shape[1:])
        if hasattr(self.regressor, "washout"):
            apart = [
                rows[a:b] for a, b in pairwise(np.searchsorted(rows, lesson.offsets))
            ]
            lengths = np.array([len(own) for own in apart])
            washouts = washouts_of("", self.regressor.washout, lengths)
            for own, washout in zip(apart, washouts, strict=True):
                told[own[:washout]] = np.nan
        return told, state

    def start(
        self, lesson: Lesson, Z: Array, places: Places, after: State | None = None
    ) -> Start:
        """Return what is known at places in rows Z, of which a lesson was made.

        `after` is the state after all rows, where places are the ends of series.
        """
        depth = max(self.lags) + self.horizon - 1
        ends = lesson.offsets[places.series] + places.known
        last = Z[ends[:, np.newaxis] + np.arange(-depth, 0)]
        if not isinstance(self.regressor, SequenceRegressor):
            return Start(last, None)
        # A series of which nothing was seen yet has no state among those after rows.
        if after is None or self.horizon > 1 or len(after.ids) < len(places):
            after = self._states(lesson, ends - self.horizon + 1, places.series)
        return Start(last, after)

    def _heard(self, lesson: Lesson, rows: Rows, state: Any) -> tuple[Any, State]:
        """Return answers to measured rows, and the states of their series after."""
        groups = lesson.series[rows] if lesson.offsets.size > 2 else None
        answer, after = self.regressor.predict_open_loop(
            lesson.F[rows],
            lesson.targets(rows),
            groups,
            initial_state=state,
            return_state=True,
        )
        return answer, after

    def _states(self, lesson: Lesson, ends: Rows, series: Rows) -> State:
        """Return the states before some rows, each of a series."""
        known, rest = lesson.seen, self.regressor._rest()
        n_series = lesson.offsets.size - 1
        now = {name: np.repeat(own, n_series, axis=0) for name, own in rest.items()}
        found = {name: np.repeat(own, len(ends), axis=0) for name, own in rest.items()}
        begin = lesson.offsets[:-1].copy()
        own_series = lesson.series[known]
        for some in _in_turn(ends, series):
            stop = begin.copy()
            stop[series[some]] = ends[some]
            new = (known >= begin[own_series]) & (known < stop[own_series])
            rows = known[new]
            if rows.size:
                met = np.unique(lesson.series[rows])
                ids = tuple(map(int, met)) if n_series > 1 else (None,)
                state = State(ids, {name: own[met] for name, own in now.items()})
                after = self._heard(lesson, rows, state)[1].values
                for name, own in after.items():
                    now[name][met] = own
            for name, own in now.items():
                found[name][some] = own[series[some]]
            begin = stop
        return State((None,) * len(ends), found)

    def ahead(
        self, start: Start, dates: Array, waves: Array, noise: Array | None = None
    ) -> Array:
        """Return the next rows, on several paths side by side.

        Parameters
        ----------
        start : Start
            What is known of each place.
        dates, waves : ndarray of shape (n_places, horizon - 1 + n_steps, …)
            What else is seen, as from `Design.ahead`.
        noise : ndarray of shape (n_places, n_paths, n_steps, n_targets), optional
            What is added to each answer before it is seen; by default there is one path
            without any.

        Returns
        -------
        ndarray of shape (n_places, n_paths, n_steps, n_targets)
            In units of the transformed rows.
        """
        if self.horizon > 1:
            answer = self._at_once(start, dates, waves)[:, np.newaxis]
            answer = answer if noise is None else answer + noise
            return changes(answer, self.sums)
        n_places, n_steps = dates.shape[:2]
        n_paths = 1 if noise is None else noise.shape[1]
        state, n = start.state, n_places * n_paths
        if state is not None:
            parts = state.values.items()
            repeated = {name: np.repeat(own, n_paths, axis=0) for name, own in parts}
            state = State((None,) * n, repeated)
        # Paths are the last axis: all that is done at a step runs along them.
        beside = np.concatenate([dates, waves], axis=2).transpose(1, 2, 0)
        depth, n_columns = start.last.shape[1:]
        rows = np.full((depth + n_steps, n_columns, n), np.nan)
        rows[:depth] = np.repeat(start.last, n_paths, axis=0).transpose(1, 2, 0)
        back = np.array(self.lags)
        for now in range(depth, depth + n_steps):
            past = rows[now - back].reshape(-1, n)
            known = np.repeat(beside[now - depth], n_paths, axis=1)
            own = None if noise is None else noise[:, :, now - depth].reshape(n, -1)
            # What is not finite is told by the caller, with the step.
            with np.errstate(over="ignore", invalid="ignore"):
                answer, state = self._step(np.vstack([past, known]).T, state, own)
            rows[now, : answer.shape[1]] = answer.T
        ahead = rows[depth:].reshape(n_steps, n_columns, n_places, n_paths)
        return ahead.transpose(2, 3, 0, 1)

    def _step(
        self, F: Array, state: State | None, noise: Array | None
    ) -> tuple[Array, State | None]:
        """Return the next row of each path, and the states after it."""
        if self.linear is not None:
            answer = F @ self.linear.weights[1:] + self.linear.weights[0]
            return answer if noise is None else answer + noise, None
        # Paths that ran away must not stop the others.
        lost, F = ~np.isfinite(F).all(axis=1), F.copy()
        F[lost] = 0.0
        if state is None:
            answer, after = np.asarray(self.regressor.predict(F)), None
        else:
            answer, after = self.regressor.predict(
                F[:, np.newaxis], initial_state=state, return_state=True
            )
        if noise is not None:
            answer = answer + noise.reshape(answer.shape)
            if state is not None and self.hears:
                _, after = self.regressor.predict_open_loop(
                    F[:, np.newaxis], answer, initial_state=state, return_state=True
                )
        answer = answer.reshape(len(F), -1)
        answer[lost] = np.nan
        return answer, after

    def _at_once(self, start: Start, dates: Array, waves: Array) -> Array:
        """Return all rows of the horizon, (n_places, horizon, n_targets)."""
        depth, size = start.last.shape[1], self.horizon
        first = 0 if start.state is not None else size - 1
        seen = []
        for row in range(first, size):
            now = depth - size + 1 + row
            past = [start.last[:, now - lag] for lag in self.lags]
            told = dates[:, row : row + size].reshape(len(dates), -1)
            seen.append(np.hstack([*past, told, waves[:, row]]))
        F = np.stack(seen, axis=1)
        if start.state is None:
            answer = self.regressor.predict(F[:, 0])
        else:
            answer = self.regressor.predict(F, initial_state=start.state)[:, -1]
        return np.asarray(answer).reshape(len(F), size, -1)


def summed(rows: Array, lags: Sequence[int]) -> Array:
    """Return changes (…, n_rows, n_targets) added up from zero on."""
    found = rows.copy()
    for lag in lags:
        for row in range(lag, found.shape[-2]):
            found[..., row, :] += found[..., row - lag, :]
    return found


def changes(rows: Array, lags: Sequence[int]) -> Array:
    """Return the changes that add up to rows, from zero on."""
    for lag in lags:
        before = np.zeros_like(rows)
        before[..., lag:, :] = rows[..., :-lag, :]
        rows = rows - before
    return rows


def learned(
    owner: str,
    regressor: Any,
    lesson: Lesson,
    lags: Sequence[int],
    sums: Sequence[int],
    left_out: NDArray[np.bool_] | None = None,
    before: Any = None,
) -> Learned:
    """Fit a copy of a regressor to rows of which nothing is missing.

    Parameters
    ----------
    owner : str
        The class that errors name.
    regressor : object
        A sequence estimator, or any regressor of scikit-learn; one that learns a single
        target is copied for each.
    lesson : Lesson
        The rows.
    lags : sequence of int
        Of what is seen, ascending.
    sums : sequence of int
        Differences that are undone in the targets of several rows at once.
    left_out : ndarray of shape (n_rows,), optional
        Rows that count for nothing.
    before : object, optional
        The fitted copy that is to learn on, by its ``warm_start``.

    Returns
    -------
    Learned
        What was learned.

    Raises
    ------
    ValueError
        If the regressor takes no weights, or hears outputs that are not yet known.
    """
    rows, horizon = lesson.rows, lesson.T.shape[1]
    fitted, tail = clone(regressor), (tuple(lags), horizon)
    if before is not None:
        fitted = deepcopy(before)
    if not isinstance(fitted, SequenceRegressor):
        rows = rows if left_out is None else rows[~left_out[rows]]
        targets, given = lesson.targets(rows), _weights(owner, fitted, lesson, rows)
        if targets.ndim > 1 and not get_tags(fitted).target_tags.multi_output:
            fitted = MultiOutputRegressor(fitted)
        if before is not None and isinstance(fitted, MultiOutputRegressor):
            # Its fit would begin with new copies.
            for own, column in zip(fitted.estimators_, targets.T, strict=True):
                own.fit(lesson.F[rows], column, **given)
        else:
            fitted.fit(lesson.F[rows], targets, **given)
        found = polynomial_of(fitted, lesson.F[rows])
        # Of whole numbers of columns, not of products nor of scaled ones.
        if found is not None and (found.factors.shape[1] > 1 or found.mean.any()):
            found = None
        return Learned(fitted, *tail, False, tuple(sums), found)
    F, targets = lesson.F[rows], lesson.targets(rows)
    groups = lesson.series[rows] if lesson.offsets.size > 2 else None
    if left_out is not None:
        targets = np.where(left_out[rows], np.nan, targets.T).T
    fitted.fit(F, targets, groups=groups, **_weights(owner, fitted, lesson, rows))
    own = rows[lesson.series[rows] == lesson.series[rows[0]]]
    hears = _hears(fitted, lesson.F[own], lesson.targets(own))
    if hears and horizon > 1:
        raise ValueError(
            f"{owner}(strategy='direct'): {shown(regressor)} feeds its outputs back, "
            "which are then of rows that are not known yet. Take strategy='recursive', "
            "or a regressor without feedback."
        )
    return Learned(fitted, *tail, hears, tuple(sums))


def starts_warm(regressor: Any) -> bool:
    """Say whether another fit of a regressor goes on from the last."""
    parameters = regressor.get_params().items()
    return any(
        value is True and name.rpartition("__")[2] == "warm_start"
        for name, value in parameters
    )


def _weights(owner: str, regressor: Any, lesson: Lesson, rows: Rows) -> dict[str, Any]:
    if lesson.weights is None:
        return {}
    if not has_fit_parameter(regressor, "sample_weight"):
        raise ValueError(f"{owner}: {shown(regressor)} takes no sample_weight.")
    return {"sample_weight": lesson.weights[rows]}


def _hears(regressor: SequenceRegressor, F: Array, targets: Array) -> bool:
    """Say whether what is told of rows depends on the measured outputs before them."""
    one = np.zeros(len(F), np.int64)
    told = [
        regressor.predict_open_loop(F, own, one, initial_state="zero")
        for own in (targets, targets + 1)
    ]
    return not np.array_equal(*told)


def _in_turn(ends: Rows, series: Rows) -> Iterator[Rows]:
    """Yield places, of each series one at a time, from the first on."""
    order = np.lexsort((ends, series))
    turn = np.empty(len(ends), np.int64)
    first = np.searchsorted(series[order], series[order])
    turn[order] = np.arange(len(ends)) - first
    for k in range(turn.max() + 1):
        yield np.flatnonzero(turn == k)
