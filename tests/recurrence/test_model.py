"""A network with a loss: first weights, penalty, learned rest, and a perceptron."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neural_network import MLPRegressor

from seqest.cells import GRU, GRU_RESET_BEFORE, LSTM, Cell, simple
from seqest.recurrence.batch import Batch
from seqest.recurrence.bidirectional import Bidirectional
from seqest.recurrence.losses import LOSSES
from seqest.recurrence.model import INITS, Model
from seqest.recurrence.network import Network
from tests.reference import derivatives

Array = NDArray[Any]
SQUARED = LOSSES["squared_error"]()
CELLS: dict[str, Cell] = {
    "tanh": simple("tanh"),
    "LSTM": LSTM,
    "GRU": GRU,
    "GRU, reset before": GRU_RESET_BEFORE,
}
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)


def deep(cell: Cell, **options: Any) -> Model:
    settings = {"skip_inputs": True, "skip_layers": True, "output_lags": 1, **options}
    return Model(Network(cell, 2, 3, (30, 20), **settings), SQUARED)


def started(model: Model, init: str, dtype: Any = np.float64) -> Array:
    return model.start_weights(np.random.default_rng(0), init, 0.2, dtype)


def biases(model: Model, theta: Array) -> dict[str, Array]:
    parts = [part for part in model.network.parts if part.first_is_bias]
    return {part.name: part.of(theta)[0] for part in parts}


@every_cell
def test_what_comes_from_own_states_starts_orthogonal_in_each_block(
    cell: Cell,
) -> None:
    model = deep(cell)
    theta = started(model, "orthogonal")
    recurrent = [part for part in model.network.parts if part.recurrent]
    blocks = [
        block
        for part in recurrent
        for block in np.split(part.of(theta), part.n_to // part.n_units, axis=1)
    ]
    assert len(blocks) == 2 * {"tanh": 1, "lstm": 4}.get(cell.name, 3)
    for Q in blocks:
        np.testing.assert_allclose(Q.T @ Q, np.eye(len(Q)), atol=1e-14)
    for Q, other in pairwise(blocks):
        assert Q.shape != other.shape or not np.allclose(Q, other)


@pytest.mark.parametrize("init", ["glorot", "orthogonal"])
@every_cell
def test_other_weights_start_within_the_bounds_of_glorot_and_bengio(
    cell: Cell, init: str
) -> None:
    model = deep(cell)
    theta = started(model, init)
    for part in model.network.parts:
        rows = part.of(theta)[int(part.first_is_bias) :]
        if rows.size == 0 or (part.recurrent and init == "orthogonal"):
            continue
        for W in np.split(rows, part.n_to // part.n_units, axis=1):
            most = np.sqrt(6 / sum(W.shape))
            assert np.abs(W).max() <= most, part.name
            # Of 60 draws none is above .8 of the bound once in a million times.
            assert W.size < 60 or np.abs(W).max() > 0.8 * most, part.name


@pytest.mark.parametrize("init", ["glorot", "orthogonal"])
@every_cell
def test_biases_start_from_zero_and_those_of_forget_gates_from_one(
    cell: Cell, init: str
) -> None:
    model = deep(cell)
    for name, bias in biases(model, started(model, init)).items():
        expected = np.zeros(bias.size)
        if cell is LSTM and name != "output.W_in":
            expected[bias.size // 4 : bias.size // 2] = 1
        np.testing.assert_array_equal(bias, expected)


@every_cell
def test_uniform_weights_and_biases_start_within_the_range_given(cell: Cell) -> None:
    model = deep(cell)
    theta = started(model, "uniform")
    assert theta.size > 1000
    # Of a thousand even draws the mean is within 4 of its deviations of 0.
    assert abs(theta.mean()) < 4 * 0.2 / np.sqrt(3 * theta.size)
    assert 0.195 < np.abs(theta).max() <= 0.2
    assert all(np.abs(bias).min() > 0 for bias in biases(model, theta).values())


@pytest.mark.parametrize("init", INITS)
def test_first_weights_are_in_the_precision_asked_for_and_follow_the_seed(
    init: str,
) -> None:
    model = deep(LSTM)
    single = started(model, init, np.float32)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, started(model, init).astype(np.float32))
    other = model.start_weights(np.random.default_rng(1), init, 0.2, np.float64)
    assert not np.allclose(other, single)


def test_both_ways_of_a_bidirectional_network_start_apart() -> None:
    net = Bidirectional(LSTM, 2, 1, ((4,), (3,)))
    model = Model(net, SQUARED)
    theta = started(model, "orthogonal")
    parts = {part.name: part.of(theta) for part in net.parts}
    for block in (0, 1):
        ahead = parts[f"block_{block}.forwards.hidden_0.U"]
        behind = parts[f"block_{block}.backwards.hidden_0.U"]
        assert not np.allclose(ahead, behind)
        n = len(ahead)
        np.testing.assert_allclose(
            behind[:, :n].T @ behind[:, :n], np.eye(n), atol=1e-14
        )
    forget = parts["block_1.backwards.hidden_0.W_in"][0, 3:6]
    np.testing.assert_array_equal(forget, np.ones(3))


@pytest.mark.parametrize("init", INITS)
def test_a_learned_rest_starts_from_zero(init: str) -> None:
    model = Model(Network(LSTM, 2, 1, (3,), output_lags=2), SQUARED, learn_rest=True)
    theta = started(model, init)
    assert model.n_theta == theta.size == model.network.n_weights + 6
    assert not model.rest(theta).any()
    theta[-6:] = np.arange(1, 7)
    # Two lags and the output before them are no state that is learned.
    np.testing.assert_array_equal(
        model.rest(theta, 2), np.tile([0, 0, 0, 1, 2, 3, 4, 5, 6], (2, 1))
    )


@pytest.mark.parametrize("both_ways", [False, True])
def test_the_slope_of_a_learned_rest_comes_from_sequences_that_start_there(
    both_ways: bool,
) -> None:
    net: Network | Bidirectional = Network(LSTM, 2, 1, (3, 2), output_lags=1)
    if both_ways:
        net = Bidirectional(LSTM, 2, 1, ((3,), (2,)))
    model = Model(net, SQUARED, alpha=0.3, learn_rest=True)
    rng = np.random.default_rng(1)
    theta, X = rng.normal(0, 0.4, model.n_theta), rng.normal(size=(11, 2))
    Z, given = rng.normal(size=(11, 1)), rng.normal(size=(3, net.n_states))
    first, length = np.array([0, 5, 9]), np.array([5, 4, 2])
    at_rest = np.array([True, False, True])

    def gradient() -> tuple[float, Array]:
        start = np.where(at_rest[:, np.newaxis], model.rest(theta), given)
        batch = Batch(X, first, length, start)
        return model.gradient(theta, batch, Z, None, at_rest)

    expected = derivatives.gradient(lambda: gradient()[0], theta)
    # Differences of a loss around 1 are good to 1e-10.
    np.testing.assert_allclose(gradient()[1], expected, rtol=1e-6, atol=1e-9)


N_ROWS = 40


def perceptron(
    activation: str, alpha: float, n_outputs: int = 1
) -> tuple[MLPRegressor, Model, Array, Array, Array]:
    """Return scikit-learn's network and ours with the same weights, and rows."""
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(N_ROWS, 3)), rng.normal(size=(N_ROWS, n_outputs))
    theirs = MLPRegressor(
        hidden_layer_sizes=(5, 4),
        activation=activation,
        solver="sgd",
        alpha=alpha,
        batch_size=N_ROWS,
        learning_rate_init=0.1,
        momentum=0.0,
        nesterovs_momentum=False,
        random_state=0,
    )
    theirs.partial_fit(X, Y if n_outputs > 1 else Y[:, 0])
    theirs.intercepts_ = [rng.normal(size=b.shape) for b in theirs.intercepts_]
    cell = simple(activation, recurrent=False)
    model = Model(Network(cell, 3, n_outputs, (5, 4)), SQUARED, alpha)
    return theirs, model, joined(theirs, model), X, Y


def joined(theirs: MLPRegressor, model: Model) -> Array:
    """Return their weights as our theta."""
    theta = np.full(model.n_theta, np.nan)
    parts = {part.name: part for part in model.network.parts}
    layers = zip(theirs.coefs_, theirs.intercepts_, strict=True)
    for layer, (W, b) in enumerate(layers):
        name = "output" if layer == 2 else f"hidden_{layer}"
        parts[f"{name}.W_in"].of(theta)[0] = b
        if layer == 0:
            parts[f"{name}.W_in"].of(theta)[1:] = W
        else:
            parts[f"{name}.W_{layer - 1}"].of(theta)[:] = W
    assert np.isfinite(theta).all()
    return theta


def as_one_row_each(model: Model, X: Array) -> Batch:
    n_rows = len(X)
    start = np.zeros((n_rows, model.network.n_states))
    return Batch(X, np.arange(n_rows), np.ones(n_rows, np.int64), start)


def as_one_series(model: Model, X: Array) -> Batch:
    start = np.zeros((1, model.network.n_states))
    return Batch(X, np.array([0]), np.array([len(X)]), start)


@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu", "identity"])
def test_a_network_without_memory_is_the_perceptron_of_scikit_learn(
    activation: str, n_outputs: int
) -> None:
    theirs, model, theta, X, _ = perceptron(activation, 0.0, n_outputs)
    expected = theirs.predict(X).reshape(N_ROWS, n_outputs)
    for lay_out in (as_one_row_each, as_one_series):
        outputs = model.unroll(theta, lay_out(model, X)).outputs
        np.testing.assert_allclose(outputs, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu"])
def test_loss_penalty_and_gradient_are_those_of_the_perceptron(
    activation: str, weighted: bool
) -> None:
    theirs, model, theta, X, Y = perceptron(activation, alpha=3.0)
    weights = np.random.default_rng(3).uniform(0, 2, N_ROWS) if weighted else None
    counts = np.ones(N_ROWS) if weights is None else weights
    batch = as_one_series(model, X)
    loss, gradient = model.gradient(theta, batch, Y, weights, np.ones(1, bool))
    errors = theirs.predict(X) - Y[:, 0]
    squares = sum(float((W**2).sum()) for W in theirs.coefs_)
    expected = (counts @ errors**2 / 2 + 3.0 / 2 * squares) / counts.sum()
    assert loss == pytest.approx(expected, rel=1e-12)
    # A step of plain descent over all rows is the gradient, as long as the rate.
    theirs.partial_fit(X, Y[:, 0], sample_weight=weights)
    assert theirs.loss_curve_[-1] == pytest.approx(loss, rel=1e-12)
    moved = (theta - joined(theirs, model)) / 0.1
    np.testing.assert_allclose(gradient, moved, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_row_without_target_has_no_part_in_the_penalty(weighted: bool) -> None:
    _, model, theta, X, Y = perceptron("tanh", alpha=3.0, n_outputs=2)
    weights = np.random.default_rng(3).uniform(1, 2, N_ROWS) if weighted else None
    at_rest = np.ones(1, bool)
    few = as_one_series(model, X[:30])
    short = None if weights is None else weights[:30]
    expected, slopes = model.gradient(theta, few, Y[:30], short, at_rest)
    unknown, zero = Y.copy(), np.ones(N_ROWS) if weights is None else weights.copy()
    unknown[30:, 1] = np.nan
    zero[30:] = 0
    for Z, given in ((unknown, weights), (Y, zero)):
        batch = as_one_series(model, X)
        loss, gradient = model.gradient(theta, batch, Z, given, at_rest)
        assert loss == pytest.approx(expected, rel=1e-13)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gradient_group_by_group_is_that_of_the_batch_as_a_whole(
    dtype: Any, weighted: bool
) -> None:
    network = Network(LSTM, 2, 3, (5,), output_lags=1)
    rng = np.random.default_rng(4)
    length = rng.integers(1, 9, 37)
    first = np.concatenate([[0], np.cumsum(length)[:-1]])
    n_rows = int(length.sum())
    X, Z = (rng.normal(size=(n_rows, n)).astype(dtype) for n in (2, 3))
    Z[rng.random(n_rows) < 0.2] = np.nan
    weights = rng.uniform(0, 2, n_rows) if weighted else None
    start = rng.normal(size=(37, network.n_states)).astype(dtype)
    batch, at_rest = Batch(X, first, length, start), rng.random(37) < 0.5

    def of_the_whole(*given: Any) -> tuple[float, Array]:
        return SQUARED(*given)

    grouped = Model(network, SQUARED, 0.1, learn_rest=True)
    whole = Model(network, of_the_whole, 0.1, learn_rest=True)
    theta = started(grouped, "glorot", dtype)
    ours, theirs = (
        model.gradient(theta, batch, Z, weights, at_rest) for model in (grouped, whole)
    )
    # The same sums; only those of the loss are taken in another order.
    assert ours[0] == pytest.approx(
        theirs[0], rel=1e-6 if dtype is np.float32 else 1e-14
    )
    np.testing.assert_array_equal(ours[1], theirs[1])
