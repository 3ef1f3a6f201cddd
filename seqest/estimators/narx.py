"""NARX: a perceptron over delayed inputs and its own delayed outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._sequences import Sequences, Targets
from seqest._validation import check_flag, check_integer, check_numeric, worded
from seqest.estimators._delays import DelayLineRegressor, taps_of
from seqest.estimators._lagged import AT_ONCE
from seqest.estimators._schooling import school
from seqest.features.taps import Lags, deepest, read_delays
from seqest.optim import Stopping
from seqest.recurrence.batch import Batch
from seqest.recurrence.history import held
from seqest.recurrence.lesson import Lesson

__all__ = ["NARXRegressor"]

Array = NDArray[Any]


class NARXRegressor(DelayLineRegressor):
    """Nonlinear autoregression with exogenous inputs, by a perceptron.

    y(t) = F(x(t - i) for the input delays i, y(t - j) for the output delays j)

    with a multilayer perceptron F. It is trained on measured outputs, as a one-step
    predictor (series-parallel), and then, with `closed_loop`, on its own ones: from
    measured delays it runs freely over horizons that grow, and errors flow back through
    the outputs that were fed back. `predict` runs freely, `predict_open_loop` one step
    ahead and `predict_ahead` as many as wanted.

    Rows whose delays reach to before a series, or to an output that is not known, are
    not learned one step ahead; in closed loop predictions stand in for such outputs, or
    at the start of a window the last one known. A
    free run that starts from rest is preceded by its first row of X and, unless
    `y_init` is given, by the mean of the training outputs.

    Parameters
    ----------
    hidden_layer_sizes : int or tuple of int, default=(16,)
        Units of each hidden layer; several make the network deep.
    input_delays : int, list of int, or dict, default=1
        Delays of the inputs: an int d stands for 0, 1, …, d; a dict gives each column
        its own, by name or position.
    output_delays : int, list of int, or dict, default=1
        Delays of the outputs: an int d stands for 1, …, d; a dict gives each output its
        own, by position. Raising the greatest lets the model have more poles.
    regressor : scikit-learn regressor or None, default=None
        What maps delayed values (of inputs by column and delay, then of outputs) to
        outputs in place of the perceptron, whose parameters stay at their defaults
        then.
    closed_loop : bool, default=False
        Whether training goes on in closed loop.
    horizon : int or "auto", default="auto"
        The last horizon of it; those before are 2, 4, 8, …, each with `max_iter`
        epochs. "auto" is at most 64. Raising it weighs the long run more.
    activation : {"tanh", "logistic", "relu", "identity"}, default="tanh"
        Function f of the hidden units.
    slope : float > 0, default=1.0
        Its slope. Raising it makes f steeper.
    solver : {"adam", "sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", \
            "lbfgs", "lm"} or UpdateRule, default="adam"
        How weights are changed.
    momentum, beta_1, beta_2, epsilon : float
        Constants of the solver, where it has such.
    alpha : float >= 0, default=0.0001
        L2 penalty, as in MLPRegressor. Raising it makes the function smoother.
    batch_size : int or "auto", default="auto"
        Windows per update; "auto" is 200 rows, and 32 windows in closed loop.
    learning_rate : {"constant", "invscaling", "adaptive", "step", "exponential", \
            "cosine"} or callable, default="constant"
        Schedule of the learning rate, or a factor for each epoch.
    learning_rate_init : float > 0, default=0.01
        Its first value. Raising it learns faster until it diverges.
    max_iter : int >= 1, default=200
        The most epochs.
    window : int, "auto" or None, default="auto"
        Rows of a window, of which a batch is made, before the loop is closed; "auto" is
        single rows. None takes whole series.
    loss : {"squared_error", "absolute_error", "huber", "pinball", "log_loss"}, \
            default="squared_error"
        What is minimised.
    delta, quantile : float
        Of "huber", in standardised units, and of "pinball".
    output_activation : {"identity", "logistic", "tanh"}, default="identity"
        Function φ of the outputs.
    skip_connections : {"inputs", "layers", "all"} or None, default=None
        Whether what is delayed also goes to all layers and outputs, and all layers to
        outputs. "inputs" adds a linear model (ARX) to the network.
    init : {"orthogonal", "glorot", "uniform"}, default="glorot"
        How weights start: Glorot, or in ±`init_range`; "orthogonal" is Glorot here.
    init_range : float > 0, default=0.1
        For "uniform".
    standardize : bool, default=True
        Whether inputs and targets are scaled inside, and outputs back.
    clip_norm : float > 0 or None, default=1.0
        The longest a gradient may be.
    tol, n_iter_no_change, early_stopping, validation_fraction, shuffle, warm_start
        As in MLPRegressor; the validation rows are the last of each series.
    initial_state : {"auto", "zero", "last"}, default="auto"
        Where prediction starts.
    random_state : int, RandomState or None, default=None
        Seed of weights and batches.
    verbose : int, default=0
        Whether epochs are reported.

    Attributes
    ----------
    theta_ : ndarray of shape (n_theta,)
        All weights; `weights_` names their matrices. The rows of the first are the
        bias, then the taps of inputs and of outputs, each by delay and column.
    input_delays_, output_delays_ : tuple of tuple of int
        The delays of each column and output.
    regressor_ : object
        The fitted `regressor`, in place of all but the delays and features.
    loss_curve_, best_loss_, n_iter_
        The loss of each epoch, the least, and their number.
    validation_scores_, best_validation_score_
        R² on the validation rows, with `early_stopping`.
    n_features_in_, feature_names_in_
        Number of features, and their names where X has names.

    References
    ----------
    Narendra and Parthasarathy (1990), "Identification and control of dynamical systems
    using neural networks", IEEE Transactions on Neural Networks 1, section V, on the
    series-parallel and the parallel model. Lin, Horne, Tiňo and Giles (1996), "Learning
    long-term dependencies in NARX recurrent neural networks", IEEE TNN 7.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest import NARXRegressor
    >>> rng = np.random.default_rng(0)
    >>> u, y = rng.uniform(-1, 1, 400), np.zeros(400)
    >>> for t in range(1, 400):
    ...     y[t] = 0.6 * np.tanh(y[t - 1]) + u[t - 1]
    >>> model = NARXRegressor(8, solver="lm", tol=1e-4, random_state=0)
    >>> model = model.fit(u[:300, None], y[:300])
    >>> model.score(u[300:, None], y[300:]) > 0.99
    True
    """

    input_delays_: Lags
    output_delays_: Lags

    def __init__(
        self,
        hidden_layer_sizes: Any = (16,),
        *,
        input_delays: Any = 1,
        output_delays: Any = 1,
        regressor: Any = None,
        closed_loop: Any = False,
        horizon: Any = "auto",
        activation: Any = "tanh",
        slope: Any = 1.0,
        solver: Any = "adam",
        momentum: Any = 0.9,
        beta_1: Any = 0.9,
        beta_2: Any = 0.999,
        epsilon: Any = 1e-8,
        alpha: Any = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: Any = 0.01,
        max_iter: Any = 200,
        window: Any = "auto",
        loss: Any = "squared_error",
        delta: Any = 1.0,
        quantile: Any = 0.5,
        output_activation: Any = "identity",
        skip_connections: Any = None,
        init: Any = "glorot",
        init_range: Any = 0.1,
        standardize: Any = True,
        clip_norm: Any = 1.0,
        tol: Any = 1e-5,
        n_iter_no_change: Any = 10,
        early_stopping: Any = False,
        validation_fraction: Any = 0.1,
        shuffle: Any = True,
        warm_start: Any = False,
        initial_state: Any = "auto",
        random_state: Any = None,
        verbose: Any = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.input_delays = input_delays
        self.output_delays = output_delays
        self.regressor = regressor
        self.closed_loop = closed_loop
        self.horizon = horizon
        self.activation = activation
        self.slope = slope
        self.solver = solver
        self.momentum = momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.window = window
        self.loss = loss
        self.delta = delta
        self.quantile = quantile
        self.output_activation = output_activation
        self.skip_connections = skip_connections
        self.init = init
        self.init_range = init_range
        self.standardize = standardize
        self.clip_norm = clip_norm
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.shuffle = shuffle
        self.warm_start = warm_start
        self.initial_state = initial_state
        self.random_state = random_state
        self.verbose = verbose

    def _read_delays(self, n_inputs: int, n_outputs: int) -> dict[str, Lags]:
        columns: Any = getattr(self, "feature_names_in_", n_inputs)
        owner, given = self._name, self.output_delays
        return {
            "input_delays": read_delays(
                owner, "input_delays", self.input_delays, columns
            ),
            "output_delays": read_delays(
                owner, "output_delays", given, n_outputs, least=1
            ),
        }

    def _memories(self, n_inputs: int, n_outputs: int) -> dict[str, Any]:
        self._horizons(1)  # checked before work starts
        inputs, outputs = self._lags(n_inputs, n_outputs)
        return {
            "input_lags": deepest(inputs),
            "input_taps": taps_of(inputs),
            "output_lags": deepest(outputs),
            "output_taps": taps_of(outputs),
        }

    def _learn(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
    ) -> Mapping[str, Array]:
        if targets.per_series:
            raise ValueError(
                f"{self._name} needs y at every step, for it is fed back: y has one "
                "row per series of X."
            )
        return super()._learn(sequences, targets, weights)

    def _learn_more(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
    ) -> None:
        if check_flag(self._name, "closed_loop", self.closed_loop):
            rule = "False for partial_fit, which learns one step ahead"
            caller = f"{self._name}.partial_fit"
            raise ValueError(worded(caller, "closed_loop", True, rule))
        super()._learn_more(sequences, targets, weights)

    def _trained(
        self, lesson: Lesson, rng: np.random.Generator
    ) -> tuple[Array, Stopping]:
        """Train on measured outputs, then on own ones over horizons that grow."""
        theta, stopping = super()._trained(lesson, rng)
        losses, free = list(stopping.loss_curve_), replace(lesson, teacher=None)
        for horizon in self._horizons(int(np.diff(lesson.offsets).max())):
            trained = school(self, self._model_, free, theta, rng, window=horizon)
            theta, stopping = trained
            losses += stopping.loss_curve_
        stopping.loss_curve_ = losses
        return theta, stopping

    def _horizons(self, longest: int) -> list[int]:
        """Return the horizons to train over in closed loop."""
        last = 64
        if self.horizon != "auto":
            last = check_integer(self._name, "horizon", self.horizon, 1)
        if not check_flag(self._name, "closed_loop", self.closed_loop):
            return []
        last = min(last, longest)
        return [*(2**k for k in range(1, (last - 1).bit_length())), last]

    def predict(
        self,
        X: Any,
        groups: Any = None,
        *,
        y_init: Any = None,
        initial_state: Any = None,
        return_state: bool = False,
    ) -> Any:
        """Run freely: each output is fed back.

        Parameters
        ----------
        X : array-like of shape (n_timesteps, n_features)
            In any form `fit` takes.
        groups : array-like of shape (n_timesteps,), default=None
            The series each row belongs to.
        y_init : array-like of shape (n_lags, n_outputs), dict or list, default=None
            Outputs before the first row of X, the oldest first, at least as many as the
            greatest output delay, in place of those of the state. For several series a
            dict gives those of each by its id; for 3-D or list X it is 3-D or a list,
            too. Where inputs came before as well, better run `predict_open_loop` over
            these rows and go on from its state.
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
            If X or y_init does not fit what was fitted; the message says how.
        FloatingPointError
            If the run diverges to infinity.

        Warns
        -----
        RuntimeWarning
            If the run leaves the range of the training targets by ten times its width.
        """
        sequences, start = self._started(X, groups, initial_state)
        if y_init is not None:
            start = self._after(sequences, start, y_init)
        return self._answer_from(sequences, start, None, return_state)

    def _after(
        self, sequences: Sequences, start: Mapping[str, Array], y_init: Any
    ) -> Mapping[str, Array]:
        """Return states in which the outputs before each series are `y_init`."""
        depth = deepest(self.output_delays_)
        rows = self._read_y_init(sequences, y_init, depth)
        firsts = np.unique(sequences.series, return_index=True)[1]
        if hasattr(self, "_lagged_"):
            outputs = start["outputs"].copy()
            outputs[firsts] = rows
            return {**start, "outputs": outputs}
        units = start["units"].copy()
        history = self._history(units)
        assert history is not None  # outputs are always fed back
        columns = history.outputs[:-1]
        for first, own in zip(firsts, rows, strict=True):
            units[first, columns] = self._outputs_.apply(own)[::-1]
        return {"units": units}

    def _read_y_init(self, sequences: Sequences, y_init: Any, depth: int) -> Array:
        """Return the last outputs before each series, (n_series, depth, n_outputs)."""
        owner, n_outputs = f"{self._name}.predict", self._n_outputs_
        read = np.empty((len(sequences.ids), depth, n_outputs))
        for k, given in enumerate(self._of_each(owner, sequences, y_init)):
            rows = check_numeric(owner, "y_init", given)
            rows = rows[:, np.newaxis] if rows.ndim == 1 else rows
            good = rows.ndim == 2 and rows.shape[1] == n_outputs
            if not good or len(rows) < depth or not np.isfinite(rows).all():
                rule = (
                    f"finite, of shape (n_lags, {n_outputs}) with n_lags >= {depth}, "
                    "the greatest output delay"
                )
                raise ValueError(worded(owner, "y_init", given, rule))
            read[k] = rows[-depth:]
        return read

    def _of_each(self, owner: str, sequences: Sequences, y_init: Any) -> list[Any]:
        """Return what `y_init` holds for each series."""
        names, n_series = sequences.ids, len(sequences.ids)
        if isinstance(y_init, Mapping) and names == (None,):
            rule = "an array, since the one series of X has no name"
            raise ValueError(worded(owner, "y_init", list(y_init), rule))
        if isinstance(y_init, Mapping):
            for name in names:
                if name not in y_init:
                    rule = f"a dict with an entry for series {name!r}"
                    raise ValueError(worded(owner, "y_init", list(y_init), rule))
            return [y_init[name] for name in names]
        if sequences.form.kind != "rows":
            if np.ndim(y_init) == 0 and not isinstance(y_init, list | tuple):
                y_init = [y_init]
            if len(y_init) != n_series:
                rule = f"a list of the outputs before each of the {n_series} series"
                raise ValueError(worded(owner, "y_init", y_init, rule))
            return list(y_init)
        if n_series > 1:
            rule = "a dict with the outputs of each series"
            raise ValueError(worded(owner, "y_init", y_init, rule))
        return [y_init]

    def predict_ahead(
        self,
        X: Any,
        y: Any,
        steps: int,
        groups: Any = None,
        *,
        initial_state: Any = None,
    ) -> Any:
        """Predict each row from the outputs measured up to `steps` rows before it.

        With `steps` 1 this is `predict_open_loop` where no y is missing; with as many
        as there are rows, or more, it is `predict`.

        Parameters
        ----------
        X : array-like of shape (n_timesteps, n_features)
            As in `predict`.
        y : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
            The measured outputs. For NaN the last measured one stands in.
        steps : int >= 1
            How many steps each prediction is ahead. At the beginning of a series, where
            there are fewer, it starts from the state before.
        groups, initial_state
            As in `predict`.

        Returns
        -------
        ndarray of shape (n_timesteps,) or (n_timesteps, n_outputs)
            In the form of X.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X, y or steps does not fit; the message says how.
        """
        sequences, start = self._started(X, groups, initial_state)
        n_steps = check_integer(f"{self._name}.predict_ahead", "steps", steps, 1)
        n_steps = min(n_steps, int(sequences.lengths.max()))
        teacher = self._teacher(sequences, X, y)
        if hasattr(self, "_lagged_"):
            lagged, X = self._lagged_, sequences.X
            outputs = lagged.ahead(X, teacher, sequences.offsets, start, n_steps)
        else:
            outputs = self._ahead(self._batch(sequences, start, teacher), n_steps)
        outputs = outputs.astype(sequences.X.dtype)
        names = [sequences.ids[s] for s in sequences.series]
        self._report(outputs, sequences.offsets, names)
        return sequences.restored(outputs[:, 0] if self._flat_ else outputs)

    def _ahead(self, batch: Batch, n_steps: int) -> Array:
        """Return the perceptron's outputs from those `n_steps` before each row."""
        assert batch.teacher is not None
        offsets, row = np.append(batch.first, len(batch.X)), np.arange(len(batch.X))
        history = self._history(batch.X)
        assert history is not None  # outputs are always fed back
        before = batch.start[:, history.outputs[0]]
        history = replace(history, Y=held(batch.teacher, offsets, before))
        rest, begins = self._model_.rest(self.theta_)[0], offsets[:-1]
        stretch = np.repeat(np.arange(begins.size), batch.length)
        outputs = np.empty((row.size, self._n_outputs_), self.theta_.dtype)
        for rows in np.array_split(row, 1 + row.size * n_steps // AT_ONCE):
            own = stretch[rows]
            first = np.maximum(rows - n_steps + 1, begins[own])
            states = history.states(first, begins[own], batch.start[own], rest)
            runs = Batch(batch.X, first, rows - first + 1, states)
            run = self._model_.unroll(self.theta_, runs, keep=False)
            outputs[rows] = run.outputs[runs.places[1:] - 1]
        return self._outputs_.undo(outputs)
