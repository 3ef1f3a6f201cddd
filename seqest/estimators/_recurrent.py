"""What the regressors that learn by gradients share: scaling, training, running."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from seqest._sequences import (
    Sequences,
    State,
    Targets,
)
from seqest._validation import check_choice, check_integer, worded
from seqest.cells import Cell
from seqest.estimators._base import SequenceRegressor
from seqest.estimators._parameters import check_parameters, require_some_known
from seqest.estimators._scaling import Scaling
from seqest.estimators._schooling import school, school_once
from seqest.optim import Stopping
from seqest.recurrence.batch import Batch
from seqest.recurrence.bidirectional import Bidirectional
from seqest.recurrence.descent import Descent
from seqest.recurrence.history import History, held
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.losses import LOSSES, Loss, counted
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network
from seqest.recurrence.responses import responses
from seqest.recurrence.unroll import IDENTITY, LOGISTIC, TANH
from seqest.reservoirs.free_run import report_divergence, target_range

__all__ = ["RecurrentRegressor"]

Array = NDArray[Any]
FUNCTIONS = {"identity": IDENTITY, "logistic": LOGISTIC, "tanh": TANH}
SKIPS = ("all", "inputs", "layers")
WAYS = ("deep", "stacked")


class RecurrentRegressor(SequenceRegressor):
    """Base of the regressors whose network learns by gradients.

    A final class stores its parameters and says what its cell is and what, besides the
    states of layers, is remembered.
    """

    # Kept by `fit` where `warm_start` is set.
    _carried: ClassVar[tuple[str, ...]] = ("theta_",)

    theta_: Array
    _bounds_: NDArray[np.float64]
    _model_: Model
    _inputs_: Scaling
    _outputs_: Scaling
    _descent_: Descent | None
    _rng_: np.random.Generator
    # Parameters that all final classes have.
    alpha: Any
    bidirectional: Any
    delta: Any
    hidden_layer_sizes: Any
    init: Any
    init_range: Any
    learn_initial_state: Any
    loss: Any
    output_activation: Any
    quantile: Any
    random_state: Any
    skip_connections: Any
    standardize: Any
    regime: Any
    truncation: Any
    warm_start: Any

    @abstractmethod
    def _cell(self) -> Cell:
        """Check the parameters of the cell and return it."""

    def _memories(self, n_inputs: int, n_outputs: int) -> dict[str, Any]:
        """Return what of inputs and outputs is remembered, as options of `Network`."""
        return {}

    @property
    def _feeds_back(self) -> bool:
        """Whether outputs are fed back."""
        network = self._model_.network
        if isinstance(network, Bidirectional):
            return False
        return bool(network.output_lags or network.traces)

    @property
    def weights_(self) -> dict[str, Array]:
        """The matrices of weights by name, (from, to); first rows may be biases."""
        check_is_fitted(self)
        return {part.name: part.of(self.theta_) for part in self._model_.network.parts}

    def _learn(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
    ) -> Mapping[str, Array]:
        self._rng_ = rng = self._prepare(sequences, targets, weights)
        self._descent_ = None
        rest = np.repeat(self._rest()["units"], sequences.n_stretches, axis=0)
        at_rest = np.ones(sequences.n_stretches, bool)
        lesson = self._lesson(sequences, targets, weights, rest, at_rest)
        self.theta_, stopping = self._trained(lesson, rng)
        self._note(stopping)
        return self._ends(lesson)

    def _trained(
        self, lesson: Lesson, rng: np.random.Generator
    ) -> tuple[Array, Stopping]:
        model, course = self._course(lesson)
        require_some_known(self._name, course.Z, course.weights)
        return school(self, model, course, self.theta_, rng)

    def _course(self, lesson: Lesson) -> tuple[Model, Lesson]:
        """Return what is trained, and from what, in a form that is quick to learn."""
        return self._model_, lesson

    def _prepare(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
    ) -> np.random.Generator:
        """Check the parameters, make the model and its first weights."""
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        rng = np.random.default_rng(seed)
        check_parameters(self)
        self._bounds_ = target_range(targets.Y)
        n_inputs, n_outputs = sequences.X.shape[1], targets.Y.shape[1]
        self._model_ = self._new_model(n_inputs, n_outputs)
        self._require_probabilities(targets)
        self._carries_ = isinstance(self._model_.network, Network)
        self._inputs_, self._outputs_ = Scaling.none(n_inputs), Scaling.none(n_outputs)
        if self.standardize:
            self._inputs_ = Scaling.of(sequences.X)
            if self.output_activation == "identity":
                self._outputs_ = Scaling.of(targets.Y, weights)
        before = getattr(self, "theta_", None)
        if before is None:
            init = self.init, self.init_range, sequences.X.dtype
            self.theta_ = self._model_.start_weights(rng, *init)
        elif before.size != self._model_.n_theta:
            raise ValueError(
                f"{self._name}(warm_start=True) has {before.size} weights of before, "
                f"but this network has {self._model_.n_theta}. Fit another estimator."
            )
        else:
            self.theta_ = before.astype(sequences.X.dtype)
        return rng

    def _require_probabilities(self, targets: Targets) -> None:
        low, high = np.nanmin(targets.Y), np.nanmax(targets.Y)
        if self.loss == "log_loss" and (low < 0 or high > 1):
            raise ValueError(
                f"y reaches from {low:g} to {high:g}, but loss='log_loss' takes "
                "targets from 0 to 1. Scale y, or choose another loss."
            )

    def _new_model(self, n_inputs: int, n_outputs: int) -> Model:
        owner, cell, hidden = self._name, self._cell(), self._hidden()
        memories = self._memories(n_inputs, n_outputs)
        function = FUNCTIONS[
            check_choice(owner, "output_activation", self.output_activation, FUNCTIONS)
        ]
        skip = self.skip_connections
        if skip is not None:
            check_choice(owner, "skip_connections", skip, SKIPS)
        network: Network | Bidirectional
        if self.bidirectional is False:
            network = Network(
                cell,
                n_inputs,
                n_outputs,
                hidden,
                function,
                skip_inputs=skip in ("inputs", "all"),
                skip_layers=skip in ("layers", "all"),
                **memories,
            )
        else:
            blocks = self._blocks(hidden, bool(memories))
            skips = skip == "inputs"
            network = Bidirectional(cell, n_inputs, n_outputs, blocks, function, skips)
        learned = bool(self.learn_initial_state)
        return Model(network, self._loss(), self.alpha, learned)

    def _hidden(self) -> tuple[int, ...]:
        """Return the units of each hidden layer."""
        sizes = self.hidden_layer_sizes
        sizes = tuple(sizes) if np.iterable(sizes) else (sizes,)
        name = "hidden_layer_sizes"
        if not sizes:
            rule = "at least one number of units"
            raise ValueError(worded(self._name, name, sizes, rule))
        return tuple(check_integer(self._name, name, size, 1) for size in sizes)

    def _blocks(
        self, hidden: tuple[int, ...], remembers: bool
    ) -> tuple[tuple[int, ...], ...]:
        """Return the layers of each block of a bidirectional network."""
        way = "stacked" if self.bidirectional is True else self.bidirectional
        check_choice(self._name, "bidirectional", way, WAYS)
        if self.skip_connections in ("layers", "all"):
            rule = "None or 'inputs' with bidirectional layers"
            name, value = "skip_connections", self.skip_connections
            raise ValueError(worded(self._name, name, value, rule))
        if remembers or self.truncation is not None:
            rule = "False where outputs are fed back or truncation carries the state on"
            raise ValueError(worded(self._name, "bidirectional", way, rule))
        return (hidden,) if way == "deep" else tuple((size,) for size in hidden)

    def _loss(self) -> Loss:
        owner, name = self._name, check_choice(self._name, "loss", self.loss, LOSSES)
        if name == "huber":
            return LOSSES[name](self.delta)
        if name == "pinball":
            return LOSSES[name](self.quantile)
        if name == "log_loss" and self.output_activation != "logistic":
            rule = "another loss unless output_activation='logistic'"
            raise ValueError(worded(owner, "loss", name, rule))
        return LOSSES[name]()

    def _lesson(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
        start: Array,
        at_rest: NDArray[np.bool_],
    ) -> Lesson:
        """Return the rows to learn from, scaled."""
        X = self._inputs_.apply(sequences.X).astype(self.theta_.dtype, copy=False)
        Y = targets.by_row(sequences)
        Z = self._outputs_.apply(Y.astype(X.dtype, copy=False))
        weights = None if weights is None else targets.by_row(sequences, weights)
        teacher, offsets = Z if self._feeds_back else None, sequences.offsets
        history = self._history(X, held(Z, offsets))
        if history is not None:
            start = history.padded(start, offsets[:-1])
            Z = Z if targets.per_series else self._recalled(Z, offsets, at_rest)
        return Lesson(X, Z, weights, offsets, start, at_rest, teacher, history)

    def _history(self, X: Array, Y: Array | None = None) -> History | None:
        """Return what delay lines remember of scaled rows, None without such."""
        network = self._model_.network
        if isinstance(network, Bidirectional):
            return None
        if not (network.input_lags or network.output_lags):
            return None
        return History(network, X, Y)

    def _recalled(
        self, Z: Array, offsets: NDArray[np.int64], at_rest: NDArray[np.bool_]
    ) -> Array:
        """Return targets without those whose delays reach to before a series."""
        network = self._model_.network
        assert isinstance(network, Network)
        Z = Z.copy()
        if network.is_recalled or network.input_lags:
            depth = max(network.input_lags, network.output_lags)
            for begin, end in np.column_stack([offsets[:-1], offsets[1:]])[at_rest]:
                Z[begin : min(begin + depth, end)] = np.nan
        return Z

    def _ends(self, lesson: Lesson) -> Mapping[str, Array]:
        """Return the state after each stretch, its last output the measured one."""
        rest = self._model_.rest(self.theta_)[0]
        if lesson.teacher is None:
            lesson = replace(lesson, teacher=lesson.Z)
        batch, _ = lesson.batch(lesson.windows(None, None), rest)
        return {"units": self._along(batch)[1]}

    def _note(self, stopping: Stopping) -> None:
        """Set the fitted attributes that tell of training."""
        self.loss_curve_ = stopping.loss_curve_
        self.best_loss_ = stopping.best_loss_
        self.n_iter_ = stopping.n_iter_
        if stopping.validation_scores_ is not None:
            self.validation_scores_ = stopping.validation_scores_
            self.best_validation_score_ = stopping.best_validation_score_

    def _rest(self) -> Mapping[str, Array]:
        """Return the state at rest; NaN stands for what a first row will fill."""
        rest = self._model_.rest(self.theta_)
        history = self._history(rest)
        if history is not None:
            rest[:, history.inputs.ravel()] = np.nan
        return {"units": rest}

    def _run(
        self,
        sequences: Sequences,
        start: Mapping[str, Array],
        teacher: Array | None = None,
    ) -> tuple[Array, Mapping[str, Array]]:
        outputs, end = self._along(self._batch(sequences, start, teacher))
        outputs = self._outputs_.undo(outputs).astype(sequences.X.dtype)
        if self._feeds_back or not np.isfinite(outputs).all():
            names = [sequences.ids[s] for s in sequences.series]
            self._report(outputs, sequences.offsets, names)
        return outputs, {"units": end}

    def _along(self, batch: Batch) -> tuple[Array, Array]:
        """Return the outputs of consecutive stretches and the states after them."""
        run = self._model_.unroll(self.theta_, batch, keep=False)
        return run.outputs, run.end

    @property
    def _remedy(self) -> str:
        """What to do where a run on its own outputs diverges."""
        return "Use a bounded activation, raise alpha, or train longer."

    def _report(
        self, outputs: Array, offsets: NDArray[np.int64], names: Sequence[Hashable]
    ) -> None:
        """Raise or warn where a run on its own outputs left the targets' range."""
        low, high = self._bounds_
        marks = np.isfinite(outputs).all(axis=1)
        inside = ((outputs >= low) & (outputs <= high)).all(axis=1)
        left = np.full((len(names), 2), -1)
        for k, (begin, end) in enumerate(pairwise(offsets)):
            for column, good in enumerate((inside, marks)):
                bad = ~good[begin:end]
                left[k, column] = np.argmax(bad) if bad.any() else -1
        report_divergence(self._name, left, names, self._remedy)

    def _go_on(self, state: State, n_steps: int) -> Array:
        dtype, n_series = self.theta_.dtype, len(state.ids)
        loop = self._outputs_.into(self._inputs_).astype(dtype)
        length = np.full(n_series, n_steps)
        first, units = np.arange(n_series) * n_steps, state.values["units"]
        batch = Batch(
            np.empty((n_series * n_steps, 0), dtype), first, length, units.astype(dtype)
        )
        run = self._model_.unroll(self.theta_, batch, keep=False, loop=loop)
        outputs = self._outputs_.undo(run.outputs).astype(self._dtype_)
        self._report(outputs, np.append(first, n_series * n_steps), state.ids)
        return outputs.reshape(n_series, n_steps, -1)

    def sensitivity(
        self,
        X: Any,
        y: Any = None,
        groups: Any = None,
        *,
        n_lags: int = 10,
        initial_state: Any = None,
    ) -> Any:
        """Return how each output answers to the inputs of its own and earlier rows.

        Parameters
        ----------
        X : array-like of shape (n_timesteps, n_features)
            In any form `fit` takes.
        y : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs), default=None
            Measured outputs to feed back; by default the network's own are.
        groups : array-like of shape (n_timesteps,), default=None
            The series each row belongs to.
        n_lags : int >= 0, default=10
            How many rows back.
        initial_state : {"auto", "zero", "last"} or State, default=None
            As in `predict`.

        Returns
        -------
        ndarray of shape (n_timesteps, n_lags + 1, n_outputs, n_features)
            Entry [t, k] is ∂y(t) / ∂x(t - k), in units of the outputs per unit of the
            inputs; zero where t - k is before a series begins. In the form of X.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit what was fitted, or the network is bidirectional.
        """
        sequences, start = self._started(X, groups, initial_state)
        caller = f"{self._name}.sensitivity"
        lags = check_integer(caller, "n_lags", n_lags, 0)
        network = self._model_.network
        if isinstance(network, Bidirectional):
            raise ValueError(
                f"{caller}: outputs of a bidirectional network answer to later rows as "
                "well. Fit with bidirectional=False."
            )
        teacher = None if y is None else self._teacher(sequences, X, y)
        batch = self._batch(sequences, start, teacher)
        theta = self.theta_[: network.n_weights]
        network = replace(network, errors_pass_memory=True)
        slopes = responses(network, theta, batch, lags)
        slopes *= (self._outputs_.scale[:, np.newaxis] / self._inputs_.scale).astype(
            slopes.dtype
        )
        return sequences.restored(slopes)

    def _batch(
        self, sequences: Sequences, start: Mapping[str, Array], teacher: Array | None
    ) -> Batch:
        """Return rows as a batch, scaled and in the dtype of the weights."""
        dtype = self.theta_.dtype
        X = self._inputs_.apply(sequences.X).astype(dtype, copy=False)
        if teacher is not None:
            teacher = self._outputs_.apply(teacher.astype(dtype, copy=False))
        units, first = start["units"].astype(dtype), sequences.offsets[:-1]
        history = self._history(X)
        if history is not None:
            units = history.padded(units, first)
        return Batch(X, first, sequences.lengths, units, teacher)

    def partial_fit(
        self, X: Any, y: Any, *, groups: Any = None, sample_weight: Any = None
    ) -> Self:
        """Learn from more rows, once through, going on where `initial_state` says.

        Without a time index rows are taken to follow those before. The first piece
        decides the scaling of inputs and targets.

        Parameters
        ----------
        X, y, groups, sample_weight
            As in `fit`.

        Returns
        -------
        self
            The fitted estimator. If this raises, what was fitted before stays.

        Raises
        ------
        ValueError
            If a parameter or the data break a rule; the message names it.
        """
        piece = self._read_piece(X, y, groups, sample_weight)
        trial = piece[0]
        trial._learn_more(*piece[1:])
        return self._become(trial)

    def _learn_more(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
    ) -> None:
        if not hasattr(self, "_kept_"):
            self._set_form(sequences, targets)
            self._rng_ = self._prepare(sequences, targets, weights)
            self._descent_ = None
        else:
            self._require_form(sequences, targets)
            self.theta_, self._rng_ = self.theta_.copy(), deepcopy(self._rng_)
        rule = self.initial_state if self._carries_ else "zero"
        points, start = self._start_of_piece(sequences, rule)
        self._note_scaled_joints(sequences, start["units"], points >= 0)
        lesson = self._lesson(sequences, targets, weights, start["units"], points < 0)
        model, course = self._course(lesson)
        if counted(course.Z, course.weights).any():  # else only the state goes on
            self._descent_ = school_once(
                self, model, course, self.theta_, self._rng_, self._descent_
            )
        self._keep_piece(sequences, self._ends(lesson), points)

    def _note_scaled_joints(
        self, sequences: Sequences, units: Array, going_on: NDArray[np.bool_]
    ) -> None:
        """Note whether inputs that go on begin with the last outputs of before."""
        begins = self._inputs_.apply(sequences.X)[sequences.offsets[:-1]][going_on]
        last = self._model_.network.n_fed
        outputs = units[going_on, last - self._n_outputs_ : last]
        if begins.shape == outputs.shape:
            scale, shift = self._outputs_.into(self._inputs_)
            # Scaled there and back, in the precision of the weights.
            close = np.allclose(outputs * scale + shift, begins, rtol=0, atol=1e-4)
            self._autonomous_ = self._autonomous_ and close
        elif going_on.any():
            self._autonomous_ = False
