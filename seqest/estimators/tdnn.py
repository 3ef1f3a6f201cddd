"""The time-delay neural network: a perceptron over a sliding window of the inputs."""

from __future__ import annotations

from typing import Any

from seqest.estimators._delays import DelayLineRegressor, taps_of
from seqest.features.taps import Lags, deepest, read_delays

__all__ = ["TDNNRegressor"]


class TDNNRegressor(DelayLineRegressor):
    """A multilayer perceptron over a tapped delay line: the sliding-window model.

    h(t) = f(Σ_k W_k x(t - k) + b),  y(t) = φ(W_out h(t) + c)

    over the delays k. The same weights slide along time, so the first layer is a causal
    1-D convolution as wide as the delay line, and with `hidden_delays` each later layer
    is one, too. It remembers just as long as its delays reach.

    Rows whose delays reach to before a series do not train; in prediction a series at
    rest is preceded by its first row.

    Parameters
    ----------
    hidden_layer_sizes : int or tuple of int, default=(32,)
        Units of each hidden layer; several make the network deep.
    delays : int, list of int, or dict, default=3
        Delays of the inputs: an int d stands for 0, …, d; a dict gives each column its
        own, by name or position. Larger ones remember longer; 0 is a plain perceptron.
    hidden_delays : int or list of int, default=0
        The same for hidden layers.
    regressor : scikit-learn regressor or None, default=None
        What maps delayed inputs, by column and delay, to outputs in place of the
        perceptron, whose parameters stay at their defaults then.
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
        Windows (or series) per update; "auto" is 200 rows, or 32 windows.
    learning_rate : {"constant", "invscaling", "adaptive", "step", "exponential", \
            "cosine"} or callable, default="constant"
        Schedule of the learning rate, or a factor for each epoch.
    learning_rate_init : float > 0, default=0.01
        Its first value. Raising it learns faster until it diverges.
    max_iter : int >= 1, default=200
        The most epochs.
    window : int, "auto" or None, default="auto"
        Rows of a window, of which a batch is made; None is all. "auto" is single rows;
        with `hidden_delays` 100, and windows overlap by half, which warms them up.
    loss : {"squared_error", "absolute_error", "huber", "pinball", "log_loss"}, \
            default="squared_error"
        What is minimised.
    delta, quantile : float
        Of "huber", in standardised units, and of "pinball".
    output_activation : {"identity", "logistic", "tanh"}, default="identity"
        Function φ of the outputs.
    skip_connections : {"inputs", "layers", "all"} or None, default=None
        Whether the delayed inputs also go to all layers and outputs ("inputs" adds a
        linear model), and all layers to outputs.
    init : {"orthogonal", "glorot", "uniform"}, default="glorot"
        How weights start: Glorot (so is "orthogonal" here), or in ±`init_range`.
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
        bias, then the taps by delay and column.
    delays_ : tuple of tuple of int
        The delays of each column.
    regressor_ : object
        The fitted `regressor`, in place of all but the delays and features.
    loss_curve_, best_loss_, n_iter_, validation_scores_, best_validation_score_
        Of each epoch, the best, and their number; R², with `early_stopping`.
    n_features_in_, feature_names_in_
        Number of features, and their names where X has names.

    References
    ----------
    Waibel, Hanazawa, Hinton, Shikano and Lang (1989), "Phoneme recognition using
    time-delay neural networks", IEEE Transactions on ASSP 37. Wan (1990), "Temporal
    backpropagation for FIR neural networks", IJCNN, with delays in hidden layers.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest import TDNNRegressor
    >>> x = np.sin(0.3 * np.arange(600))
    >>> model = TDNNRegressor(delays=2, random_state=0).fit(x[:-1, None], x[1:])
    >>> model.score(x[:-1, None], x[1:]) > 0.99
    True
    """

    delays_: Lags

    def __init__(
        self,
        hidden_layer_sizes: Any = (32,),
        *,
        delays: Any = 3,
        hidden_delays: Any = 0,
        regressor: Any = None,
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
        self.delays = delays
        self.hidden_delays = hidden_delays
        self.regressor = regressor
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
        return {"delays": read_delays(self._name, "delays", self.delays, columns)}

    def _depths(self, n_inputs: int, n_outputs: int) -> dict[str, int]:
        depths = super()._depths(n_inputs, n_outputs)
        return {**depths, "hidden_delays": self._hidden_taps()[-1]}

    def _hidden_taps(self) -> tuple[int, ...]:
        return read_delays(self._name, "hidden_delays", self.hidden_delays, 1)[0]

    def _memories(self, n_inputs: int, n_outputs: int) -> dict[str, Any]:
        lags, _ = self._lags(n_inputs, n_outputs)
        hidden = self._hidden_taps()
        return {
            "input_lags": deepest(lags),
            "input_taps": taps_of(lags),
            "layer_lags": hidden[-1],
            "layer_taps": hidden,
        }
