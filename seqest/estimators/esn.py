"""Echo state network: a fixed random reservoir with a trained readout."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from seqest._progress import Progress
from seqest._sequences import (
    RULES,
    Sequences,
    State,
    Targets,
    starting_values,
)
from seqest._validation import check_choice, check_flag, check_number, worded
from seqest.estimators._base import SequenceRegressor
from seqest.estimators._echo import Echo, Lesson, number_runs, runs_over
from seqest.estimators._training import Trainer, trainer_for
from seqest.estimators._washout import require_rows_left, require_some, washouts_of
from seqest.reservoirs.chunks import Chunked
from seqest.reservoirs.draw import draw_stack
from seqest.reservoirs.features import FEATURES, Features
from seqest.reservoirs.free_run import LinearReadout, Readout, target_range

__all__ = ["ESNRegressor"]

Fresh = Callable[[int | None], Trainer]


class ESNRegressor(SequenceRegressor):
    r"""Echo state network: a fixed random reservoir with a trained readout.

    .. math::

        h(n) &= (1 - a)\, h(n-1) + a\, f(W_{in} x(n) + b + W h(n-1)
        + W_{fb}\, y(n-1)) + \nu(n) \\
        \hat y(n) &= W_{out}\, [1; h(n); x(n)]

    with the leak rate a, the activation f and, in fitting only, the noise :math:`\nu`.
    Only :math:`W_{out}` is learned, by ridge regression from statistics that are
    gathered block by block: no array of all states exists. Weights are stored
    (to, from).

    The defaults suit inputs and outputs that are standardised.

    Parameters
    ----------
    n_units : int or tuple of int, default=100
        Units of the reservoir. More units remember and bend more, and cost the square
        in fitting. A tuple is a deep stack: each layer is driven by the states of the
        one below, through weights uniform within plus and minus one over the root of
        its size, and the readout sees all. Feedback enters the first.
    topology : str, callable or matrix, default="random"
        Which units feed which: a name in `seqest.reservoirs.TOPOLOGIES`, a function
        ``(n_units, *, rng)`` such as ``partial(small_world, n_neighbors=6)``, or a
        square matrix.
    density : float in (0, 1] or "auto", default="auto"
        Share of connections, for topologies that have one. "auto" is ten a unit;
        more cost time and change little.
    spectral_radius : float > 0 or None, default=0.9
        Largest absolute eigenvalue of W. Raising it lengthens the memory; above 1 the
        echo state property depends on the input (see
        `seqest.reservoirs.contraction`). None leaves W as drawn. For a delay line,
        which has no eigenvalue but 0, it is the weight of the chain.
    leak_rate : float in (0, 1], default=1.0
        Share of the state replaced in a step. Lowering it slows the reservoir down.
    input_scaling : float >= 0 or array-like of shape (n_features,), default=0.2
        Size of the input weights. Raising it drives the units into saturation: more
        nonlinear, less memory. With many inputs lower it, about as one over the root
        of their number.
    input_weights : {"uniform", "normal", "sign"}, callable or matrix, default="uniform"
        How input weights are drawn; a function ``(n_units, n_features, *, rng)``, or
        the weights themselves, is multiplied by `input_scaling` as well.
    bias_scaling : float >= 0, default=0.5
        Biases are uniform within plus and minus this. Raising it breaks the symmetry
        of tanh more.
    feedback_scaling : float >= 0, default=0.0
        Feedback weights are uniform within plus and minus this; 0 is no feedback.
        With feedback, fitting feeds the measured outputs (teacher forcing) and
        `predict` runs in closed loop.
    noise : float >= 0, default=0.0
        Standard deviation of noise added to the states in fitting, also to those that
        prediction goes on from. Raising it makes free runs steadier and less exact.
    activation : {"tanh", "relu", "logistic", "identity"}, default="tanh"
        The function f.
    washout : int >= 0 or "auto", default="auto"
        First rows of each stretch that starts from rest which the readout does not
        learn from. "auto" is min(100, a tenth) of each. It has no meaning where y has
        one row per series.
    include_input : bool, default=True
        Whether the readout sees x(n) beside the states.
    readout_features : {"linear", "squared", "half_squared"}, default="linear"
        Whether the readout sees h, h and its squares, or h with every other unit
        squared (Pathak et al. 2018), which breaks a symmetry.
    alpha : float >= 0, list, ndarray of shape (n_outputs,) or "auto", default="auto"
        Ridge penalty beside the summed squares of the features, where `readout` is
        None. Raising it makes outputs smoother and free runs steadier. Of a list the
        best is chosen by cross-validation over five blocks of rows in their order,
        series after series; an ndarray has one per output. "auto" chooses from 1e-6,
        1e-4, 1e-2, 1 and 100; it is 1e-4 in `partial_fit`, with less than 20 rows, and
        above 2048 readout features, where choosing would take too much memory.
    readout : scikit-learn regressor, default=None
        Takes the place of ridge regression, with a penalty of its own. One with
        `partial_fit`, such as `seqest.readouts.RecursiveLeastSquares`, is fed in row
        order; others need all states at once, n_timesteps x n_units numbers.
    initial_state : {"auto", "zero", "last"}, default="auto"
        Where prediction starts: "auto" goes on where the rows go on (by the time
        index, or without one unless the rows begin as the training rows began and no
        later ones); "zero" is rest; "last" is the end of training.
    harvest_tolerance : float in [0, 1e-6], default=1e-9
        A reservoir that forgets runs along many chunks of a long series at once, each
        warmed up on the rows before it. Where chunks meet, states may differ by this
        much, in units of the states (or by 16 units of rounding, if that is more); what
        differs more is run again in order. 0 runs step by step, as do noise, closed
        loops, readouts that learn row by row and series of less than 10 000 rows.
    random_state : int, RandomState or None, default=None
        Seed of all weights and the noise.
    verbose : int, default=0
        Whether to report progress on the error stream.

    Attributes
    ----------
    W_ : csr_array or ndarray of shape (n_units, n_units)
        Recurrent weights; a tuple with one of each layer in a deep stack, as `W_in_`,
        `bias_` and `spectral_radius_` are.
    W_in_ : ndarray of shape (n_units, n_features)
        Input weights.
    bias_ : ndarray of shape (n_units,)
        Biases.
    W_fb_ : ndarray of shape (n_units, n_outputs) or None
        Feedback weights.
    spectral_radius_ : float
        Measured on `W_`.
    coef_ : ndarray of shape (n_outputs, n_readout_features)
        Output weights for [h; x], where the readout is linear; (n_readout_features,)
        for a 1-D y.
    intercept_ : float or ndarray of shape (n_outputs,)
        Output constants, where the readout is linear.
    alpha_ : float or ndarray of shape (n_outputs,)
        The penalty used, with the ridge readout.
    readout_ : object
        The fitted readout, with ``predict(features)``.
    washout_ : int
        The washout used, the longest of all stretches.
    harvest_ : Chunked
        What of the training rows ran in chunks: ``n_chunks``, the rows ``warmup``
        before each, and ``n_reruns``, how many were run again in order.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where X has names.

    References
    ----------
    Jaeger (2001), "The echo state approach to analysing and training recurrent neural
    networks", GMD report 148. Lukoševičius (2012), "A practical guide to applying echo
    state networks", Neural Networks: Tricks of the Trade. Gallicchio, Micheli and
    Pedrelli (2017), "Deep reservoir computing: a critical experimental analysis",
    Neurocomputing 268. Pathak, Hunt, Girvan, Lu and Ott (2018), "Model-free prediction
    of large spatiotemporally chaotic systems from data", Physical Review Letters 120.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest import ESNRegressor
    >>> x = np.sin(0.3 * np.arange(500))
    >>> model = ESNRegressor(50, random_state=0).fit(x[:-1, None], x[1:])
    >>> ahead = model.forecast(100)
    >>> bool(np.abs(ahead - np.sin(0.3 * np.arange(500, 600))).max() < 0.01)
    True
    """

    _begun_: dict[Hashable, int]

    def __init__(
        self,
        n_units: Any = 100,
        *,
        topology: Any = "random",
        density: Any = "auto",
        spectral_radius: float | None = 0.9,
        leak_rate: float = 1.0,
        input_scaling: Any = 0.2,
        input_weights: Any = "uniform",
        bias_scaling: float = 0.5,
        feedback_scaling: float = 0.0,
        noise: float = 0.0,
        activation: str = "tanh",
        washout: Any = "auto",
        include_input: bool = True,
        readout_features: str = "linear",
        alpha: Any = "auto",
        readout: Any = None,
        initial_state: Any = "auto",
        harvest_tolerance: float = 1e-9,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.n_units = n_units
        self.topology = topology
        self.density = density
        self.spectral_radius = spectral_radius
        self.leak_rate = leak_rate
        self.input_scaling = input_scaling
        self.input_weights = input_weights
        self.bias_scaling = bias_scaling
        self.feedback_scaling = feedback_scaling
        self.noise = noise
        self.activation = activation
        self.washout = washout
        self.include_input = include_input
        self.readout_features = readout_features
        self.alpha = alpha
        self.readout = readout
        self.initial_state = initial_state
        self.harvest_tolerance = harvest_tolerance
        self.random_state = random_state
        self.verbose = verbose

    def partial_fit(
        self,
        X: Any,
        y: Any,
        *,
        groups: Any = None,
        sample_weight: Any = None,
        teacher_forcing: bool = True,
    ) -> Self:
        """Learn from more rows, which go on where `initial_state` says.

        In pieces that follow each other the result is that of one `fit`, within
        `harvest_tolerance`, with an integer `washout` and one number for `alpha`;
        except that missing outputs that are fed back are bridged by the readout of each
        piece. Without a time index rows are taken to follow those before.

        Parameters
        ----------
        X, y, groups, sample_weight
            As in `fit`.
        teacher_forcing : bool, default=True
            Whether the measured outputs are fed back. If False the network's own are,
            while it learns: this needs feedback and a `readout` that learns online.

        Returns
        -------
        self
            The fitted estimator. If this raises, what was fitted before stays.

        Raises
        ------
        ValueError
            If a parameter or the data break a rule; the message names it.
        TypeError
            If the readout cannot learn in pieces.
        """
        piece = self._read_piece(X, y, groups, sample_weight)
        trial = piece[0]
        trial._learn_more(*piece[1:], teacher_forcing)
        return self._become(trial)

    def _learn_more(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
        teacher_forcing: bool,
    ) -> None:
        if not hasattr(self, "_kept_"):
            self._set_form(sequences, targets)
            self._draw(sequences, targets)
            fresh: Fresh = lambda _: self._new_trainer(None)  # noqa: E731
        else:
            self._require_form(sequences, targets)
            before = self._trainer_
            fresh = lambda _: before.continued()  # noqa: E731
        points, start = self._start_of_piece(sequences, self.initial_state)
        self._note_joints(sequences, start["outputs"], points >= 0)
        start["run"], self._begun_ = number_runs(
            sequences, start["run"], points < 0, self._begun_
        )
        end = self._train(fresh, sequences, targets, weights, start, teacher_forcing)
        self._keep_piece(sequences, end, points)

    def _learn(
        self,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
    ) -> Mapping[str, NDArray[Any]]:
        self._draw(sequences, targets)
        start = starting_values(self._name, "zero", None, sequences, self._rest())
        new = np.ones(sequences.n_stretches, bool)
        start["run"], self._begun_ = number_runs(sequences, start["run"], new, {})
        return self._train(self._new_trainer, sequences, targets, weights, start)

    def _draw(self, sequences: Sequences, targets: Targets) -> None:
        """Check the parameters, draw the weights and set what they decide."""
        self._check_parameters()
        self._n_outputs_ = targets.Y.shape[1]
        self._begun_ = {}
        washouts = washouts_of(self._name, self.washout, sequences.lengths)
        self.washout_ = int(washouts.max())
        require_rows_left(sequences.lengths, self.washout_, self._per_series_)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        stack, radii = draw_stack(
            self._name,
            n_units=self.n_units,
            topology=self.topology,
            density=self.density,
            spectral_radius=self.spectral_radius,
            leak_rate=self.leak_rate,
            input_scaling=self.input_scaling,
            input_weights=self.input_weights,
            bias_scaling=self.bias_scaling,
            feedback_scaling=self.feedback_scaling,
            activation=self.activation,
            n_inputs=sequences.X.shape[1],
            n_outputs=self._n_outputs_,
            rng=np.random.default_rng(seed),
        )
        shown = sequences.X.shape[1] if self.include_input else 0
        features = Features(self.readout_features, stack.n_units, shown)
        self.reservoir_ = stack
        rules = float(self.noise), seed, float(self.harvest_tolerance)
        self._echo_ = Echo(self._name, stack, features, *rules)
        layers = stack.layers
        self.W_ = _one_or_all([layer.W for layer in layers])
        self.W_in_ = _one_or_all([layer.W_in for layer in layers])
        self.bias_ = _one_or_all([layer.bias for layer in layers])
        self.W_fb_ = stack.W_fb
        self.spectral_radius_ = _one_or_all(radii)
        if stack.W_fb is not None and targets.per_series:
            raise ValueError(
                worded(
                    self._name,
                    "feedback_scaling",
                    self.feedback_scaling,
                    "0 where y has one row per series",
                )
            )

    def _check_parameters(self) -> None:
        check_number(self._name, "noise", self.noise, "[0, inf)")
        tolerance = self.harvest_tolerance
        check_number(self._name, "harvest_tolerance", tolerance, "[0, 1e-6]")
        check_choice(self._name, "readout_features", self.readout_features, FEATURES)
        check_choice(self._name, "initial_state", self.initial_state, RULES)
        check_flag(self._name, "include_input", self.include_input)

    def _skip(
        self, sequences: Sequences, rows_before: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return how many rows of each stretch the readout does not see."""
        if self._per_series_:
            return sequences.lengths - 1
        from_rest = washouts_of(self._name, self.washout, sequences.lengths)
        going_on = np.maximum(self.washout_ - rows_before, 0)
        skip = np.where(rows_before > 0, going_on, from_rest)
        return np.minimum(skip, sequences.lengths)

    def _new_trainer(self, n_rows: int | None) -> Trainer:
        shape = self._echo_.features.width, self._n_outputs_
        return trainer_for(self._name, self.readout, self.alpha, shape, n_rows)

    def _train(
        self,
        fresh: Fresh,
        sequences: Sequences,
        targets: Targets,
        weights: NDArray[np.float64] | None,
        start: Mapping[str, NDArray[Any]],
        teacher_forcing: bool = True,
    ) -> Mapping[str, NDArray[Any]]:
        """Train the readout and return the state after each stretch."""
        Y = targets.by_row(sequences)
        weights = None if weights is None else targets.by_row(sequences, weights)
        runs = runs_over(sequences, self._skip(sequences, start["rows"]))
        taken = ~np.isnan(Y).any(axis=1)
        for first, skip in zip(runs.start, runs.skip, strict=True):
            taken[first : first + skip] = False
        if weights is not None:
            taken &= weights > 0
        require_some(self._name, taken)
        make = partial(fresh, int(np.count_nonzero(taken)))
        self._note_range(Y)
        lesson = Lesson(sequences, Y, weights, runs, taken, start)
        progress = Progress(self._name, len(Y), self.verbose)
        if teacher_forcing:
            rest = self._take, self._bounds_, progress
            end, self.harvest_ = self._echo_.train(make, lesson, *rest)
        else:
            end = self._echo_.train_on_own_outputs(make(), lesson, self._take)
            self.harvest_ = Chunked()
        progress.say("fitted")
        rows = start["rows"] + sequences.lengths
        return {**end, "rows": rows, "run": start["run"]}

    def _note_range(self, Y: NDArray[Any]) -> None:
        """Keep the range of the targets, which tells a free run that diverges."""
        bounds = target_range(Y)
        before = getattr(self, "_bounds_", bounds)
        low, high = np.fmin(bounds[0], before[0]), np.fmax(bounds[1], before[1])
        self._bounds_ = np.array([low, high])

    def _take(self, trainer: Trainer) -> Readout:
        """Set the fitted attributes of the readout from its trainer."""
        self._trainer_ = trainer
        self._readout_ = trainer.readout()
        if isinstance(self._readout_, LinearReadout):
            coef, intercept = self._readout_.coef, self._readout_.intercept
            self.coef_ = coef[0] if self._flat_ else coef
            self.intercept_ = float(intercept[0]) if self._flat_ else intercept
        self.readout_ = getattr(trainer, "regressor", self._readout_)
        if trainer.alpha is not None:
            self.alpha_ = trainer.alpha
        return self._readout_

    def _rest(self) -> Mapping[str, NDArray[Any]]:
        return {
            "units": np.zeros((1, self._echo_.stack.n_units)),
            "outputs": np.zeros((1, self._n_outputs_)),
            "rows": np.zeros(1, np.int64),
            "run": np.zeros(1, np.int64),
        }

    def _run(
        self,
        sequences: Sequences,
        start: Mapping[str, NDArray[Any]],
        teacher: NDArray[Any] | None = None,
    ) -> tuple[NDArray[Any], Mapping[str, NDArray[Any]]]:
        skip = np.zeros_like(sequences.lengths)
        if self._per_series_:
            skip = sequences.lengths - 1
        predicted, end = self._echo_.predict(
            self._readout_, sequences, start, skip, teacher, self._bounds_
        )
        rows = start["rows"] + sequences.lengths
        return predicted, {**end, "rows": rows, "run": start["run"]}

    def _go_on(self, state: State, n_steps: int) -> NDArray[Any]:
        return self._echo_.forecast(
            self._readout_, state, n_steps, self._dtype_, self._bounds_
        )


def _one_or_all(parts: Sequence[Any]) -> Any:
    """Return the only part, or a tuple of all layers'."""
    return parts[0] if len(parts) == 1 else tuple(parts)
