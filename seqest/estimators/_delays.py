"""What the models of delay lines share: a perceptron behind them, or a regressor."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from inspect import signature
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.metaestimators import available_if

from seqest._sequences import RULES, Sequences, State, Targets
from seqest._validation import check_choice, check_number, shown, worded
from seqest.cells import ACTIVATIONS, Cell, simple
from seqest.estimators._lagged import Lagged
from seqest.estimators._recurrent import RecurrentRegressor
from seqest.estimators._substitute import (
    check_regressor,
    learn_lagged,
)
from seqest.features.taps import Lags, deepest, require_longer, tapped
from seqest.recurrence.batch import Batch
from seqest.recurrence.history import History
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network
from seqest.recurrence.rowwise import side_by_side
from seqest.recurrence.wiring import Taps
from seqest.reservoirs.free_run import target_range

__all__ = ["DelayLineRegressor", "taps_of"]

Array = NDArray[Any]
REMEDY = "Give a regressor that keeps within bounds, or raise its penalty."
TAPS_AT_ONCE = 2**18  # rows whose taps are laid out at a time
# Parameters that a regressor in the perceptron's place leaves free.
COMMON = ("regressor", "initial_state", "random_state", "verbose")


def _has_perceptron(estimator: Any) -> bool:
    """Return whether weights are learned by gradients, else raise AttributeError."""
    fitted = hasattr(estimator, "theta_")
    if fitted or (estimator.regressor is None and not hasattr(estimator, "_lagged_")):
        return True
    owner = f"{type(estimator).__name__}(regressor={shown(estimator.regressor)})"
    raise AttributeError(f"{owner} has no perceptron to ask for this; see regressor_.")


class DelayLineRegressor(RecurrentRegressor):
    """Base of the regressors that see the past through delay lines alone.

    A final class says which delays it has. What maps delayed values to outputs is a
    perceptron on the engine, or what `regressor` gives.
    """

    # It reads a series forwards only, and errors flow as far as delays reach.
    bidirectional: Any = False
    truncation: Any = None
    regime: Any = "bptt"
    learn_initial_state: Any = False
    stride: Any = None

    # Weights belong to these delays.
    _carried: ClassVar[tuple[str, ...]] = ("theta_", "_lags_")

    activation: Any
    regressor: Any
    slope: Any
    regressor_: Any
    _lagged_: Lagged
    _lags_: tuple[Lags, Lags]

    @abstractmethod
    def _read_delays(self, n_inputs: int, n_outputs: int) -> dict[str, Lags]:
        """Return the delays of each input and output, by parameter, inputs first."""

    def _depths(self, n_inputs: int, n_outputs: int) -> dict[str, int]:
        """Return the greatest delay of each parameter that holds some."""
        given = self._read_delays(n_inputs, n_outputs)
        return {name: deepest(lags) for name, lags in given.items()}

    def _lags(self, n_inputs: int, n_outputs: int) -> tuple[Lags, Lags]:
        """Note the delays as fitted; return those of inputs and those of outputs."""
        given = self._read_delays(n_inputs, n_outputs)
        for name, own in given.items():
            setattr(self, f"{name}_", own)
        inputs, *fed_back = given.values()
        lags = inputs, fed_back[0] if fed_back else ((),) * n_outputs
        if lags != getattr(self, "_lags_", lags):
            rule = "False where delays have changed since the last fit"
            raise ValueError(worded(self._name, "warm_start", self.warm_start, rule))
        self._lags_ = lags
        return lags

    def _cell(self) -> Cell:
        check_choice(self._name, "activation", self.activation, ACTIVATIONS)
        slope = check_number(self._name, "slope", self.slope, "(0, inf)")
        return simple(self.activation, slope=slope, recurrent=False)

    partial_fit = available_if(_has_perceptron)(RecurrentRegressor.partial_fit)
    sensitivity = available_if(_has_perceptron)(RecurrentRegressor.sensitivity)

    @property
    def weights_(self) -> dict[str, Array]:
        """The matrices of weights by name, (from, to); first rows may be biases."""
        _has_perceptron(self)
        return super().weights_

    @property
    def _remedy(self) -> str:
        return REMEDY if hasattr(self, "_lagged_") else super()._remedy

    def _learn(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
    ) -> Mapping[str, Array]:
        n_inputs, n_outputs = sequences.X.shape[1], targets.Y.shape[1]
        for name, depth in self._depths(n_inputs, n_outputs).items():
            require_longer(self._name, name, getattr(self, name), depth, sequences)
        if self.regressor is None:
            return super()._learn(sequences, targets, weights)
        check_regressor(self._name, self.regressor, weights is not None)
        self._require_defaults()
        self._bounds_ = target_range(targets.Y)
        Y = targets.by_row(sequences).astype(sequences.X.dtype, copy=False)
        if weights is not None:
            weights = targets.by_row(sequences, weights)
        self._lagged_ = learn_lagged(
            self._name,
            self.regressor,
            self._lags(n_inputs, n_outputs),
            sequences,
            Y,
            weights,
            self.random_state,
            targets.flat,
        )
        self.regressor_ = self._lagged_.regressor
        rest = self._lagged_.rest().items()
        n_stretches, dtype = sequences.n_stretches, sequences.X.dtype
        start = {k: np.repeat(v.astype(dtype), n_stretches, axis=0) for k, v in rest}
        return self._lagged_.end(sequences.X, Y, sequences.offsets, start)

    def _course(self, lesson: Lesson) -> tuple[Model, Lesson]:
        """Return a perceptron over rows of taps where these are known beforehand."""
        network, history = self._network, lesson.history
        if network.static is None or history is None:
            return super()._course(lesson)
        H = self._taps(lesson.X, history.Y, lesson.offsets, lesson.start)
        Z = lesson.Z
        if lesson.teacher is not None and np.isnan(lesson.teacher).any():
            sought = lesson.X, lesson.teacher, lesson.offsets, lesson.start
            unknown = np.isnan(self._taps(*sought)).any(axis=1, keepdims=True)
            Z = np.where(unknown, np.nan, Z)
        start = np.zeros((len(lesson.start), network.static.n_states), H.dtype)
        rows = replace(lesson, X=H, Z=Z, start=start, teacher=None, history=None)
        return replace(self._model_, network=network.static), rows

    @property
    def _network(self) -> Network:
        assert isinstance(self._model_.network, Network)
        return self._model_.network

    def _along(self, batch: Batch) -> tuple[Array, Array]:
        """Run all rows side by side where what each sees is known beforehand."""
        network, told = self._network, batch.teacher
        known = told is not None and not np.isnan(told).any()
        if network.static is None or (self._feeds_back and not known):
            return super()._along(batch)
        offsets = np.append(batch.first, len(batch.X))
        history = History(network, batch.X, told if self._feeds_back else None)
        rest, stretch = self._model_.rest(self.theta_)[0], np.arange(batch.first.size)
        owner = np.repeat(stretch, batch.length)

        def before(rows: NDArray[np.int64]) -> Array:
            own = owner[rows]
            return history.states(rows, offsets[own], batch.start[own], rest)

        outputs = np.empty((len(batch.X), network.n_outputs), batch.X.dtype)
        for begin in range(0, len(batch.X), TAPS_AT_ONCE):
            end = min(begin + TAPS_AT_ONCE, len(batch.X))
            inner = offsets[(offsets > begin) & (offsets < end)]
            cuts = np.concatenate([[begin], inner, [end]])
            Y = None if history.Y is None else history.Y[begin:end]
            H = self._taps(batch.X[begin:end], Y, cuts - begin, before(cuts[:-1]))
            rows = side_by_side(H, network.static.n_states)
            run = network.static.unroll(self.theta_, rows, keep=False)
            outputs[begin:end] = run.outputs
        last = offsets[1:] - 1
        ones = np.ones_like(last)
        final = Batch(batch.X, last, ones, before(last), told)
        return outputs, self._model_.unroll(self.theta_, final, keep=False).end

    def _taps(
        self, X: Array, Y: Array | None, offsets: NDArray[np.int64], start: Array
    ) -> Array:
        """Return what the first layer sees at each row, as `Wiring.static` wants it."""
        history = History(self._network, X, Y)
        sides = [(X, history.inputs, self._lags_[0])]
        if Y is not None:
            sides.append((Y, history.outputs[:-1], self._lags_[1]))
        return np.hstack(
            [
                _by_lag(rows, offsets, lags, start[:, columns][:, ::-1])
                for rows, columns, lags in sides
            ]
        )

    def _learn_more(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
    ) -> None:
        if self.regressor is not None:
            rule, caller = "None for partial_fit", f"{self._name}.partial_fit"
            raise ValueError(worded(caller, "regressor", self.regressor, rule))
        super()._learn_more(sequences, targets, weights)

    def _require_defaults(self) -> None:
        """Raise where a parameter of the perceptron is set and there is none."""
        check_choice(self._name, "initial_state", self.initial_state, RULES)
        own = self._read_delays(self.n_features_in_, self._n_outputs_)
        for name, parameter in signature(type(self).__init__).parameters.items():
            if name in (*COMMON, *own) or name == "self":
                continue
            value = getattr(self, name)
            if repr(value) != repr(parameter.default):
                rule = "left out where a regressor takes the perceptron's place"
                remedy = "Set what is like it on the regressor."
                raise ValueError(worded(self._name, name, value, rule, remedy))

    def _rest(self) -> Mapping[str, Array]:
        return self._lagged_.rest() if hasattr(self, "_lagged_") else super()._rest()

    def _run(
        self,
        sequences: Sequences,
        start: Mapping[str, Array],
        teacher: Array | None = None,
    ) -> tuple[Array, Mapping[str, Array]]:
        if not hasattr(self, "_lagged_"):
            return super()._run(sequences, start, teacher)
        X, offsets = sequences.X, sequences.offsets
        if teacher is not None:
            teacher = teacher.astype(X.dtype, copy=False)
        outputs, end = self._lagged_.run(X, offsets, start, teacher)
        if deepest(self._lags_[1]) or not np.isfinite(outputs).all():
            names = [sequences.ids[s] for s in sequences.series]
            self._report(outputs, offsets, names)
        return outputs, end

    def _go_on(self, state: State, n_steps: int) -> Array:
        if not hasattr(self, "_lagged_"):
            return super()._go_on(state, n_steps)
        outputs = self._lagged_.go_on(state, n_steps)
        offsets = np.arange(len(state.ids) + 1) * n_steps
        self._report(outputs.reshape(offsets[-1], -1), offsets, state.ids)
        return outputs


def taps_of(lags: Lags) -> Taps:
    """Return the taps of a delay line, by lag and column."""
    return tuple(sorted((lag, k) for k, own in enumerate(lags) for lag in own))


def _by_lag(
    rows: Array, offsets: NDArray[np.int64], lags: Lags, before: Array
) -> Array:
    """Return the matrix of lagged rows, by lag and then by column."""
    taps = [(lag, k) for k, own in enumerate(lags) for lag in own]
    order = sorted(range(len(taps)), key=taps.__getitem__)
    return tapped(rows, offsets, lags, before)[:, order]
