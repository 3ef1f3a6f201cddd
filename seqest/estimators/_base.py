"""What every sequence regressor shares: forms of data, state, and the fit contract."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted

from seqest._sequences import (
    RULES,
    Clock,
    Kept,
    Sequences,
    State,
    Targets,
    are_next_inputs,
    read_sequences,
    read_targets,
    read_weights,
    require_names,
    require_state_like,
    starting_points,
    starting_values,
)
from seqest._validation import check_choice, check_integer

__all__ = ["SequenceRegressor"]


class SequenceRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator, ABC):
    """Base of the sequence regressors; rows of X are consecutive in time.

    A final class stores its parameters and fills in four methods: `_learn` sets the
    fitted attributes from checked rows, `_run` predicts from given states, `_go_on`
    without inputs, and `_rest` says what rest is.
    """

    __metadata_request__fit: ClassVar = {"groups": True}
    __metadata_request__partial_fit: ClassVar = {"groups": True}
    __metadata_request__predict: ClassVar = {"groups": True}
    __metadata_request__score: ClassVar = {"groups": True}

    # Fitted attributes that `fit` keeps where `warm_start` is set.
    _carried: ClassVar[tuple[str, ...]] = ()

    initial_state: Any
    _carries_: bool = True  # whether a state can be carried on from rows to rows
    _kept_: Kept
    _autonomous_: bool
    _clock_: Clock | None
    _dtype_: Any
    _flat_: bool
    _n_outputs_: int
    _per_series_: bool

    @property
    def _name(self) -> str:
        return type(self).__name__

    @abstractmethod
    def _learn(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
    ) -> Mapping[str, NDArray[Any]]:
        """Set the fitted attributes and return the state after each stretch."""

    @abstractmethod
    def _run(
        self,
        sequences: Sequences,
        start: Mapping[str, NDArray[Any]],
        teacher: NDArray[Any] | None = None,
    ) -> tuple[NDArray[Any], Mapping[str, NDArray[Any]]]:
        """Return predictions (n_rows, n_outputs) and the state after each stretch."""

    @abstractmethod
    def _go_on(self, state: State, n_steps: int) -> NDArray[Any]:
        """Return outputs that are the next inputs, (n_series, n_steps, n_outputs)."""

    @abstractmethod
    def _rest(self) -> Mapping[str, NDArray[Any]]:
        """Return the state at rest, arrays of shape (1, ...)."""

    def fit(
        self, X: Any, y: Any, *, groups: Any = None, sample_weight: Any = None
    ) -> Self:
        """Learn from one or many series.

        Parameters
        ----------
        X : array-like of shape (n_timesteps, n_features)
            Rows consecutive in time; or rows of many series with `groups` or a
            DataFrame whose MultiIndex ends in time; or a 3-D array (n_series,
            n_timesteps, n_features); or a list of 2-D arrays.
        y : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
            Targets in the form of X, or for 3-D and list X one row per series. A row
            with NaN counts for nothing while the state advances.
        groups : array-like of shape (n_timesteps,), default=None
            The series each row belongs to.
        sample_weight : array-like of shape (n_timesteps,), default=None
            Weight of each row of y.

        Returns
        -------
        self
            The fitted estimator. If fit raises, what was fitted before stays.

        Raises
        ------
        ValueError
            If a parameter or the data break a rule; the message names it.
        """
        trial = self._unfitted()
        sequences = read_sequences(trial, X, groups, reset=True)
        trial._fit_on(sequences, X, y, sample_weight)
        return self._become(trial)

    def _fit_on(self, sequences: Sequences, X: Any, y: Any, sample_weight: Any) -> None:
        owner = self._name
        targets = read_targets(owner, sequences, X, y)
        weights = read_weights(owner, sequences, sample_weight, targets.per_series)
        if sequences.form.lengths.max() == 1 and not targets.per_series:
            raise ValueError(
                f"X has 1 sample in a series, but {owner} learns from rows that follow "
                "each other. Give at least 2, or use partial_fit where it exists."
            )
        self._set_form(sequences, targets)
        ends = self._learn(sequences, targets, weights)
        self._kept_ = self._kept_after(sequences, ends)

    def _kept_after(
        self, sequences: Sequences, ends: Mapping[str, NDArray[Any]]
    ) -> Kept:
        """Return what is remembered of rows that left the states `ends`."""
        if self._carries_:
            return Kept.after(sequences, ends)
        return Kept((), None, {name: end[:0] for name, end in ends.items()})

    def _set_form(self, sequences: Sequences, targets: Targets) -> None:
        self._flat_, self._per_series_ = targets.flat, targets.per_series
        self._n_outputs_ = targets.Y.shape[1]
        self._clock_ = sequences.clock
        self._dtype_ = sequences.X.dtype
        self._autonomous_ = are_next_inputs(sequences, targets.by_row(sequences))

    def _require_form(self, sequences: Sequences, targets: Targets) -> None:
        """Raise unless more targets have the form of those `fit` saw."""
        if targets.Y.shape[1] != self._n_outputs_:
            raise ValueError(
                f"y has {targets.Y.shape[1]} outputs but {self._name} was "
                f"fitted on {self._n_outputs_}."
            )
        if targets.per_series != self._per_series_:
            kinds = {True: "per series", False: "per row"}
            raise ValueError(
                f"y has one target {kinds[targets.per_series]} but "
                f"{self._name} was fitted on one {kinds[self._per_series_]}."
            )
        same = are_next_inputs(sequences, targets.by_row(sequences))
        self._autonomous_ = self._autonomous_ and same

    def _note_joints(
        self, sequences: Sequences, outputs: NDArray[Any], going_on: NDArray[np.bool_]
    ) -> None:
        """Note whether inputs that go on begin with the last outputs of before."""
        begins = sequences.X[sequences.offsets[:-1]][going_on]
        joints = outputs[going_on]
        same = begins.shape == joints.shape and np.array_equal(begins, joints)
        self._autonomous_ = self._autonomous_ and same

    def _read_piece(
        self, X: Any, y: Any, groups: Any, sample_weight: Any
    ) -> tuple[Self, Sequences, Targets, NDArray[np.float64] | None]:
        """Return who learns a piece, a copy that has learned those before; and it."""
        first = not hasattr(self, "_kept_")
        trial = self._unfitted() if first else copy(self)
        clock = None if first else self._clock_
        sequences = read_sequences(trial, X, groups, reset=first, clock=clock)
        targets = read_targets(self._name, sequences, X, y)
        weights = read_weights(self._name, sequences, sample_weight, targets.per_series)
        return trial, sequences, targets, weights

    def _start_of_piece(
        self, sequences: Sequences, rule: Any
    ) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
        """Return which kept stretches a piece goes on from, and its states there."""
        kept = getattr(self, "_kept_", None)
        if rule == "auto" and sequences.stamps is None and kept and kept.ids:
            rule = "last"  # pieces follow each other
        points = starting_points(self._name, kept, sequences, rule)
        start = starting_values(self._name, rule, kept, sequences, self._rest())
        return points, start

    def _keep_piece(
        self,
        sequences: Sequences,
        ends: Mapping[str, NDArray[Any]],
        points: NDArray[np.int64],
    ) -> None:
        """Remember the ends of a piece that went on from `points`."""
        kept, later = getattr(self, "_kept_", None), self._kept_after(sequences, ends)
        self._kept_ = later if kept is None else kept.joined(later, points)

    def _unfitted(self) -> Self:
        """Return a copy with nothing fitted; what is fitted has a name ending in _."""
        trial = copy(self)
        carried = self._carried if getattr(self, "warm_start", False) else ()
        for name in vars(self):
            if name.endswith("_") and name not in carried:
                delattr(trial, name)
        return trial

    def _starting_rule(self, caller: str, initial_state: Any) -> Any:
        """Return where to start, given or the constructor's."""
        rule = self.initial_state if initial_state is None else initial_state
        if self._carries_:
            return rule
        if isinstance(rule, str) and rule in ("auto", "zero"):
            return "zero"
        raise ValueError(
            f"{caller}: a bidirectional network reads whole series from both ends, so "
            "it cannot go on from a state. Use initial_state='auto' or 'zero'."
        )

    def _become(self, trial: Self) -> Self:
        """Take over what `trial` has learned, at once."""
        self.__dict__.clear()
        self.__dict__.update(trial.__dict__)
        return self

    def predict(
        self,
        X: Any,
        groups: Any = None,
        *,
        initial_state: Any = None,
        return_state: bool = False,
    ) -> Any:
        """Predict a row of outputs for each row of X, in closed loop with feedback.

        Parameters
        ----------
        X : array-like of shape (n_timesteps, n_features)
            In any form `fit` takes.
        groups : array-like of shape (n_timesteps,), default=None
            The series each row belongs to.
        initial_state : {"auto", "zero", "last"} or State, default=None
            Where prediction starts, in place of the constructor's `initial_state`.
        return_state : bool, default=False
            Whether to return the state after the last row of each series as well.

        Returns
        -------
        y : ndarray of shape (n_timesteps,) or (n_timesteps, n_outputs)
            In the form of X.
        state : State
            Only if `return_state`.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit what was fitted; the message says how.
        """
        sequences, start = self._started(X, groups, initial_state)
        return self._answer_from(sequences, start, None, return_state)

    def predict_open_loop(
        self,
        X: Any,
        y: Any,
        groups: Any = None,
        *,
        initial_state: Any = None,
        return_state: bool = False,
    ) -> Any:
        """Predict one step ahead, the measured outputs fed back.

        Without feedback this is `predict`.

        Parameters
        ----------
        X : array-like of shape (n_timesteps, n_features)
            As in `predict`.
        y : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
            The measured outputs; the prediction stands in for NaN. The prediction of
            a row does not depend on its own y.
        groups, initial_state, return_state
            As in `predict`.

        Returns
        -------
        y : ndarray of shape (n_timesteps,) or (n_timesteps, n_outputs)
            In the form of X.
        state : State
            Only if `return_state`.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X or y does not fit what was fitted; the message says how.
        """
        sequences, start = self._started(X, groups, initial_state)
        teacher = self._teacher(sequences, X, y)
        return self._answer_from(sequences, start, teacher, return_state)

    def _answer_from(
        self,
        sequences: Sequences,
        start: Mapping[str, NDArray[Any]],
        teacher: NDArray[Any] | None,
        return_state: bool,
    ) -> Any:
        outputs, end = self._run(sequences, start, teacher)
        if self._per_series_:
            last = sequences.offsets[1:][sequences.last_of_series()] - 1
            rows: Any = outputs[last]
            rows = rows[:, 0] if self._flat_ else rows
        else:
            rows = sequences.restored(outputs[:, 0] if self._flat_ else outputs)
        if not return_state:
            return rows
        if not self._carries_:
            self._starting_rule(f"{self._name}(return_state=True)", "last")
        ends = sequences.last_of_series()
        return rows, State(sequences.ids, {k: v[ends] for k, v in end.items()})

    def _started(
        self, X: Any, groups: Any, initial_state: Any
    ) -> tuple[Sequences, Mapping[str, NDArray[Any]]]:
        """Return the rows of X and the state each of their stretches starts from."""
        check_is_fitted(self)
        owner = self._name
        sequences = read_sequences(self, X, groups, clock=self._clock_)
        if self._per_series_ and not sequences.form.per_series:
            raise ValueError(
                f"{owner} was fitted with one target per series, so X must be a 3-D "
                "array or a list of series too."
            )
        rule = self._starting_rule(owner, initial_state)
        start = starting_values(owner, rule, self._kept_, sequences, self._rest())
        return sequences, start

    def _teacher(self, sequences: Sequences, X: Any, y: Any) -> NDArray[Any]:
        targets = read_targets(self._name, sequences, X, y, may_be_missing=True)
        if targets.Y.shape[1] != self._n_outputs_:
            raise ValueError(
                f"y has {targets.Y.shape[1]} outputs but {self._name} was fitted on "
                f"{self._n_outputs_}."
            )
        return targets.by_row(sequences)

    def score(
        self, X: Any, y: Any, *, groups: Any = None, sample_weight: Any = None
    ) -> float:
        """Return the coefficient of determination of `predict`.

        Parameters
        ----------
        X, y, groups, sample_weight
            As in `fit`; rows with NaN in y are dropped.

        Returns
        -------
        float
            R squared, averaged over outputs; 1 is perfect.
        """
        owner = self._name
        predicted = self.predict(X, groups)
        sequences = read_sequences(self, X, groups, clock=self._clock_)
        targets = read_targets(owner, sequences, X, y)
        weights = read_weights(owner, sequences, sample_weight, targets.per_series)
        if isinstance(predicted, list):
            predicted = np.concatenate(predicted)
        Z = predicted.reshape(len(targets.Y), -1)
        Z = Z if targets.per_series else sequences.stacked(Z)
        seen = ~np.isnan(targets.Y).any(axis=1)
        if weights is not None:
            weights = weights[seen]
        return float(r2_score(targets.Y[seen], Z[seen], sample_weight=weights))

    def forecast(self, n_steps: int, *, initial_state: Any = None) -> NDArray[Any]:
        """Go on autonomously: each output is the next input.

        Parameters
        ----------
        n_steps : int
            Number of steps, at least 1.
        initial_state : {"auto", "zero", "last"} or State, default=None
            Where to start, in place of the constructor's `initial_state`; "auto" and
            "last" are the end of training. A State that `predict` returned has seen
            its last row, and the forecast starts a step after that prediction.

        Returns
        -------
        ndarray of shape (n_steps,) or (n_steps, n_outputs)
            The outputs; with several named series (n_series, n_steps, ...), in the
            order in which `fit` met them.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            Where the outputs were not the next inputs in fit.
        FloatingPointError
            If the run diverges to infinity.

        Warns
        -----
        RuntimeWarning
            If the run leaves the range of the training targets by ten times its width.
        """
        check_is_fitted(self)
        caller = f"{self._name}.forecast"
        steps = check_integer(caller, "n_steps", n_steps, 1)
        if not self._autonomous_:
            raise ValueError(
                f"{caller} needs outputs that are the inputs' next values, X[1:] == "
                "y[:-1] in fit. Fit on X = series[:-1], y = series[1:], or predict "
                "with inputs that are known."
            )
        if not self._carries_:
            raise ValueError(
                f"{caller}: a bidirectional network needs the rest of the series, "
                "which a forecast does not have. Fit with bidirectional=False."
            )
        rule = self._starting_rule(caller, initial_state)
        state = rule if isinstance(rule, State) else self._kept_.last()
        if isinstance(rule, State):
            require_state_like(caller, rule, self._rest())
        else:
            check_choice(caller, "initial_state", rule, RULES)
            if rule == "zero":
                state = State((None,), dict(self._rest()))
            else:
                require_names(caller, self._kept_)
        predicted = self._go_on(state, steps)
        predicted = predicted[..., 0] if self._flat_ else predicted
        return predicted[0] if len(state.ids) == 1 else predicted
