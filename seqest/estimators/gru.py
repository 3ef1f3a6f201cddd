"""The network of gated recurrent units."""

from __future__ import annotations

from typing import Any

from seqest._validation import check_choice
from seqest.cells import GRU, GRU_RESET_BEFORE, Cell
from seqest.estimators._recurrent import RecurrentRegressor

__all__ = ["GRURegressor"]

RESETS = {"after": GRU, "before": GRU_RESET_BEFORE}


class GRURegressor(RecurrentRegressor):
    """Gated recurrent units: a gate mixes the last state with a new one.

    h(t) = (1 - z) n + z h(t-1),  y(t) = φ(W_out h(t) + c)

    with z, r = σ(W_in x(t) + U h(t-1) + b) and n = tanh(W x + b + r (U h(t-1) + b'))
    or, with the reset before the product, tanh(W x + b + U (r h(t-1))).

    Parameters
    ----------
    hidden_layer_sizes : int or tuple of int, default=(32,)
        Units of each hidden layer; several make the network deep.
    reset : {"after", "before"}, default="after"
        Whether the reset gate acts after the product, as in torch, or before it.
    solver : {"adam", "sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", \
            "lbfgs", "lm"} or UpdateRule, default="adam"
        How weights are changed.
    momentum, beta_1, beta_2, epsilon : float
        Constants of the solver, where it has such.
    alpha : float >= 0, default=0.0001
        L2 penalty, as in MLPRegressor. Raising it makes the function smoother.
    batch_size : int or "auto", default="auto"
        Windows (or series) per update; "auto" is at most 32.
    learning_rate : {"constant", "invscaling", "adaptive", "step", "exponential", \
            "cosine"} or callable, default="constant"
        Schedule of the learning rate, or a factor for each epoch.
    learning_rate_init : float > 0, default=0.01
        Its first value. Raising it learns faster until it diverges.
    max_iter : int >= 1, default=200
        The most epochs.
    window, stride : int, "auto" or None, default="auto" and None
        Rows of a window and from one to the next (by default half of it); the overlap
        warms it up. None takes whole series; "auto" 100 rows of more than 200.
    truncation : int or None, default=None
        Steps that errors flow back, states carried on; None: to the window's beginning.
    regime : {"bptt", "rtrl", "rtrl_online", "ekf", "ekf_decoupled"}, \
            ExtendedKalmanFilter or callable, default="bptt"
        How errors reach back: through windows; by real-time recurrent learning, a step
        after each series or row; or by a Kalman filter, without `solver`. `alpha` is of
        windows alone. A callable takes model and lesson and returns your own regime.
    loss : {"squared_error", "absolute_error", "huber", "pinball", "log_loss"}, \
            default="squared_error"
        What is minimised.
    delta, quantile : float
        Of "huber", in standardised units, and of "pinball".
    output_activation : {"identity", "logistic", "tanh"}, default="identity"
        Function of the outputs.
    skip_connections : {"inputs", "layers", "all"} or None, default=None
        Whether inputs also go to all layers and outputs, and all layers to outputs.
    bidirectional : bool, "stacked" or "deep", default=False
        Whether the series is read from both ends: layer by layer (True, "stacked"), or
        by one deep network each way. It then needs whole series.
    learn_initial_state : bool, default=False
        Whether the state at rest is learned; else it is zero.
    init : {"orthogonal", "glorot", "uniform"}, default="orthogonal"
        How weights start: orthogonal where recurrent, Glorot, or in ±`init_range`.
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
        All weights; `weights_` names their matrices.
    loss_curve_, best_loss_, n_iter_
        The loss of each epoch, the least, and their number.
    validation_scores_, best_validation_score_
        R² on the validation rows, with `early_stopping`.
    n_features_in_, feature_names_in_
        Number of features, and their names where X has names.

    References
    ----------
    Cho et al. (2014), "Learning phrase representations using RNN encoder-decoder for
    statistical machine translation", arXiv:1406.1078v3.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest import GRURegressor
    >>> x = np.sin(0.3 * np.arange(600))
    >>> model = GRURegressor(16, random_state=0).fit(x[:-1, None], x[1:])
    >>> model.score(x[:-1, None], x[1:]) > 0.99
    True
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (32,),
        *,
        reset: Any = "after",
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
        stride: Any = None,
        truncation: Any = None,
        regime: Any = "bptt",
        loss: Any = "squared_error",
        delta: Any = 1.0,
        quantile: Any = 0.5,
        output_activation: Any = "identity",
        skip_connections: Any = None,
        bidirectional: Any = False,
        learn_initial_state: Any = False,
        init: Any = "orthogonal",
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
        self.reset = reset
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
        self.stride = stride
        self.truncation = truncation
        self.regime = regime
        self.loss = loss
        self.delta = delta
        self.quantile = quantile
        self.output_activation = output_activation
        self.skip_connections = skip_connections
        self.bidirectional = bidirectional
        self.learn_initial_state = learn_initial_state
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

    def _cell(self) -> Cell:
        reset = check_choice(self._name, "reset", self.reset, RESETS)
        return RESETS[reset]
