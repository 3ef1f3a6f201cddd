"""Losses: their scales, and their slopes through every function of the outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, softmax

from seqest.cells import LSTM
from seqest.recurrence.batch import Batch
from seqest.recurrence.losses import LOSSES, Loss, through
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network
from seqest.recurrence.unroll import IDENTITY, LOGISTIC, SOFTMAX, TANH
from tests.reference import derivatives

Array = NDArray[Any]

FUNCTIONS: dict[int, Callable[[Array], Array]] = {
    IDENTITY: lambda net: net,
    LOGISTIC: expit,
    TANH: np.tanh,
    SOFTMAX: lambda net: softmax(net, axis=1),
}
MADE: dict[str, Loss] = {
    "squared_error": LOSSES["squared_error"](),
    "absolute_error": LOSSES["absolute_error"](),
    "huber": LOSSES["huber"](0.3),
    "pinball": LOSSES["pinball"](0.8),
    "log_loss": LOSSES["log_loss"](),
}
# What a row and output adds, by the formula of the docstring, in plain numbers.
OF_ONE: dict[str, Callable[[float, float], float]] = {
    "squared_error": lambda y, z: (y - z) ** 2 / 2,
    "absolute_error": lambda y, z: abs(y - z),
    "huber": lambda y, z: (
        (y - z) ** 2 / 2 if abs(y - z) <= 0.3 else 0.3 * abs(y - z) - 0.3**2 / 2
    ),
    "pinball": lambda y, z: 0.8 * (z - y) if y < z else 0.2 * (y - z),
    "log_loss": lambda y, z: -z * np.log(y) - (1 - z) * np.log(1 - y),
}
every_loss = pytest.mark.parametrize("name", MADE)
PAIRS = [
    (name, function)
    for name in MADE
    for function in FUNCTIONS
    if name != "log_loss" or function in (LOGISTIC, SOFTMAX)
]
N_ROWS, N_OUTPUTS = 7, 3


def drawn(function: int = LOGISTIC) -> tuple[Array, Array, Array]:
    """Return net inputs, targets with NaN in two rows, and weights."""
    rng = np.random.default_rng(0)
    net = rng.normal(size=(N_ROWS, N_OUTPUTS))
    Z = rng.uniform(0, 1, (N_ROWS, N_OUTPUTS))
    if function == SOFTMAX:
        Z /= Z.sum(axis=1, keepdims=True)
    Z[2], Z[5, 1] = np.nan, np.nan
    return net, Z, rng.uniform(0.1, 2, N_ROWS)


def test_every_loss_is_tested() -> None:
    assert set(MADE) == set(LOSSES) == set(OF_ONE)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "function"), PAIRS)
def test_cotangents_are_the_slopes_of_the_loss(
    name: str, function: int, weighted: bool
) -> None:
    net, Z, weights = drawn(function)
    given = weights if weighted else None
    phi, loss = FUNCTIONS[function], MADE[name]

    def value() -> float:
        return loss(phi(net), Z, given, function)[0]

    _, deltas = loss(phi(net), Z, given, function)
    # Central differences of a loss around 1 are good to about 1e-10.
    np.testing.assert_allclose(
        deltas, derivatives.gradient(value, net), rtol=1e-7, atol=1e-9
    )


@pytest.mark.parametrize("weighted", [False, True])
@every_loss
def test_a_loss_is_a_mean_over_rows_of_the_stated_sum(
    name: str, weighted: bool
) -> None:
    net, Z, weights = drawn()
    Y = expit(net)
    known = [t for t in range(N_ROWS) if not np.isnan(Z[t]).any()]
    total = 0.0
    for t in known:
        row = sum(OF_ONE[name](Y[t, j], Z[t, j]) for j in range(N_OUTPUTS))
        row /= 1 if name == "log_loss" else N_OUTPUTS
        total += row * (weights[t] if weighted else 1)
    total /= sum(weights[t] if weighted else 1 for t in known)
    found, _ = MADE[name](Y, Z, weights if weighted else None, LOGISTIC)
    assert found == pytest.approx(total, rel=1e-13)


@every_loss
def test_classes_of_a_softmax_and_gradients_of_a_row_are_by_hand(name: str) -> None:
    Y, Z = np.array([[0.2, 0.5, 0.3]]), np.array([[0.0, 1.0, 0.0]])
    if name == "log_loss":
        loss, deltas = MADE[name](Y, Z, None, SOFTMAX)
        assert loss == pytest.approx(-np.log(0.5))
        np.testing.assert_allclose(deltas, Y - Z)
    else:
        slopes = {
            "squared_error": [0.2, -0.5, 0.3],
            "absolute_error": [1, -1, 1],
            "huber": [0.2, -0.3, 0.3],
            "pinball": [0.2, -0.8, 0.2],
        }[name]
        deltas = MADE[name](Y, Z, None, IDENTITY)[1]
        np.testing.assert_allclose(deltas[0], np.array(slopes) / 3)


@pytest.mark.parametrize(("name", "function"), PAIRS)
def test_rows_without_target_or_weight_count_for_nothing(
    name: str, function: int
) -> None:
    net, Z, weights = drawn(function)
    Y = FUNCTIONS[function](net)
    known = ~np.isnan(Z).any(axis=1)
    expected, slopes = MADE[name](Y[known], Z[known], weights[known], function)
    filled = np.where(np.isnan(Z), 0.4, Z)
    for targets, given in ((Z, weights), (filled, np.where(known, weights, 0))):
        loss, deltas = MADE[name](Y, targets, given, function)
        assert loss == pytest.approx(expected, rel=1e-14)
        np.testing.assert_allclose(deltas[known], slopes, rtol=1e-13)
        assert not deltas[~known].any()
    loss, deltas = MADE[name](Y, Z * np.nan, None, function)
    assert loss == 0
    assert not deltas.any()


@every_loss
def test_what_stands_where_no_target_is_counts_for_nothing(name: str) -> None:
    net, Z, weights = drawn()
    Y = expit(net)
    unknown = np.isnan(Z).any(axis=1)
    # One weight for every row with a target: by_row leaves NaN where there is none.
    left_out = np.where(unknown, np.nan, weights)
    ours, theirs = (MADE[name](Y, Z, given, LOGISTIC) for given in (weights, left_out))
    assert ours[0] == theirs[0]
    np.testing.assert_array_equal(ours[1], theirs[1])


@every_loss
def test_weights_are_shares_so_their_unit_is_free(name: str) -> None:
    net, Z, weights = drawn()
    Y = expit(net)
    ours, theirs = (MADE[name](Y, Z, w, LOGISTIC) for w in (weights, 7 * weights))
    assert ours[0] == pytest.approx(theirs[0], rel=1e-14)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-13)


@pytest.mark.parametrize(("name", "function"), PAIRS)
def test_cotangents_keep_the_precision_of_the_outputs(name: str, function: int) -> None:
    net, Z, weights = drawn(function)
    Y = FUNCTIONS[function](net).astype(np.float32)
    _, deltas = MADE[name](Y, Z.astype(np.float32), weights, function)
    assert deltas.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_of_an_output_that_is_certain_and_wrong_is_finite(
    dtype: Any,
) -> None:
    Y, Z = np.array([[1.0, 0.0]], dtype), np.array([[0.0, 1.0]], dtype)
    loss, deltas = MADE["log_loss"](Y, Z, None, LOGISTIC)
    assert 100 < loss < np.inf
    np.testing.assert_array_equal(deltas, [[1, -1]])
    assert MADE["log_loss"](Y, Y, None, LOGISTIC)[0] == 0


@dataclass(frozen=True)
class RootOfMean:
    """The root of the mean squared error of all rows: no sum over them."""

    def __call__(
        self, Y: Array, Z: Array, weights: Array | None, function: int
    ) -> tuple[float, Array]:
        known = ~np.isnan(Z).any(axis=1, keepdims=True)
        errors = np.where(known, Y - np.nan_to_num(Z), 0)
        root = np.sqrt((errors**2).sum() / known.sum())
        return float(root), through(function, Y, errors / (known.sum() * root))


@dataclass(frozen=True)
class Uncorrelated:
    """One less the correlation of outputs and targets over all rows."""

    def __call__(
        self, Y: Array, Z: Array, weights: Array | None, function: int
    ) -> tuple[float, Array]:
        known = ~np.isnan(Z[:, 0])
        y, z = (values[known] - values[known].mean(axis=0) for values in (Y, Z))
        y_norm, z_norm = np.linalg.norm(y), np.linalg.norm(z)
        r = float((y * z).sum() / (y_norm * z_norm))
        slopes = np.zeros_like(Y)
        slopes[known] = -(z / (y_norm * z_norm) - r * y / y_norm**2)
        return 1 - r, through(function, Y, slopes)


@pytest.mark.parametrize("function", [IDENTITY, TANH])
@pytest.mark.parametrize("loss", [RootOfMean(), Uncorrelated()])
def test_a_loss_that_is_no_sum_over_rows_is_pulled_back_like_any(
    loss: Loss, function: int
) -> None:
    rng = np.random.default_rng(1)
    network = Network(LSTM, 2, 1, (3,), function, output_lags=1)
    model = Model(network, loss, alpha=0.1)
    X, length = rng.normal(size=(14, 2)), np.array([9, 5])
    start = np.zeros((2, network.n_states))
    batch = Batch(X, np.array([0, 9]), length, start)
    Z = np.cumsum(rng.normal(size=(14, 1)), axis=0)
    Z[[3, 11]] = np.nan
    theta = rng.normal(0, 0.5, model.n_theta)

    def gradient() -> tuple[float, Array]:
        return model.gradient(theta, batch, Z, None, np.ones(2, bool))

    ours = gradient()[1]
    expected = derivatives.gradient(lambda: gradient()[0], theta)
    # Relative to the largest: differences of a number around 1 are good to 1e-10.
    atol = 1e-7 * np.abs(expected).max()
    np.testing.assert_allclose(ours, expected, rtol=1e-7, atol=atol)
