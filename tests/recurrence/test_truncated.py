"""Truncated backpropagation: how far errors flow back, and what is carried on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from seqest.cells import GRU, GRU_RESET_BEFORE, LSTM, Cell, simple
from seqest.recurrence.bptt import Windowed
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.losses import LOSSES
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network
from seqest.recurrence.truncated import Truncated
from tests.reference import derivatives

Array = NDArray[Any]
LENGTHS = [7, 1, 4]
NETWORKS: dict[str, tuple[Cell, dict[str, Any]]] = {
    "Elman": (simple("tanh"), {}),
    "deep": (
        simple("logistic", slope=2.0),
        {"hidden": (3, 2), "skip_inputs": True, "skip_layers": True},
    ),
    "outputs fed back": (simple("tanh"), {"output_lags": 2, "traces": (0.4,)}),
    "LSTM": (LSTM, {}),
    "GRU": (GRU, {}),
    "GRU, reset before": (GRU_RESET_BEFORE, {}),
}


def model(cell: Cell, learn_rest: bool = True, **options: Any) -> Model:
    network = Network(cell, 2, 1, **{"hidden": (3,), **options})
    return Model(network, LOSSES["squared_error"](), 0.1, learn_rest)


def lesson(made: Model, lengths: list[int] = LENGTHS) -> Lesson:
    """Return stretches, the first of which goes on from before."""
    rng = np.random.default_rng(2)
    n_rows = sum(lengths)
    Z = rng.normal(size=(n_rows, 1))
    Z[2] = np.nan
    return Lesson(
        X=rng.normal(size=(n_rows, 2)),
        Z=Z,
        weights=rng.uniform(0.5, 1.5, n_rows),
        offsets=np.cumsum([0, *lengths]),
        start=rng.normal(size=(len(lengths), made.network.n_states)),
        at_rest=np.arange(len(lengths)) > 0,
    )


def drawn(made: Model) -> Array:
    return np.random.default_rng(3).normal(0, 0.5, made.n_theta)


@pytest.mark.parametrize("n_steps", [7, 50])
@pytest.mark.parametrize("name", NETWORKS)
def test_truncation_past_the_beginning_is_no_truncation(
    name: str, n_steps: int
) -> None:
    cell, options = NETWORKS[name]
    made = model(cell, **options)
    given, theta = lesson(made), drawn(made)
    whole = Windowed(made, given, given.windows(None, None), 3)
    loss, gradient = Truncated(made, given, n_steps, None).gradient(theta)
    expected_loss, expected = whole.gradient(theta)
    assert loss == pytest.approx(expected_loss, rel=1e-13)
    # The same terms, summed row by row.
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-13)
    shorter = Truncated(made, given, 3, None).gradient(theta)[1]
    assert not np.allclose(shorter, expected, rtol=1e-3)


def elman_matrices(made: Model, theta: Array) -> dict[str, Array]:
    return {part.name: part.of(theta) for part in made.network.parts}


def test_one_step_is_the_pool_of_nets_that_take_the_last_state_for_an_input() -> None:
    made = model(simple("tanh"), learn_rest=False)
    given, theta = lesson(made), drawn(made)
    W = elman_matrices(made, theta)
    into, out = W["hidden_0.W_in"], np.vstack([W["output.W_in"], W["output.W_0"]])
    # Elman (1990): context units are further inputs, whose values are copied.
    rows, states = [], []
    for k, (begin, end) in enumerate(pairwise(given.offsets)):
        h = np.zeros(3) if given.at_rest[k] else given.start[k][-3:]
        for t in range(begin, end):
            rows.append(np.concatenate([[1.0], given.X[t], h]))
            h = np.tanh(rows[-1] @ np.vstack([into, W["hidden_0.U"]]))
            states.append(np.concatenate([[1.0], h]))
    inputs, hidden = np.array(rows), np.array(states)
    known = ~np.isnan(given.Z[:, 0])
    assert given.weights is not None
    shares = np.where(known, given.weights, 0)
    errors = np.where(known, (hidden @ out)[:, 0] - np.nan_to_num(given.Z[:, 0]), 0)
    deltas = (shares / shares.sum() * errors)[:, np.newaxis]
    back = (deltas @ out[1:].T) * (1 - hidden[:, 1:] ** 2)
    pooled, above = inputs.T @ back, hidden.T @ deltas
    size = made.alpha / shares.sum()
    expected = np.concatenate(
        [
            (pooled[:3] + size * np.vstack([np.zeros(3), into[1:]])).ravel(),
            (pooled[3:] + size * W["hidden_0.U"]).ravel(),
            above[0],
            (above[1:] + size * out[1:]).ravel(),
        ]
    )
    loss, gradient = Truncated(made, given, 1, None).gradient(theta)
    # Sums of a dozen terms in another order.
    np.testing.assert_allclose(gradient, expected, rtol=1e-11, atol=1e-14)
    weights = np.concatenate([into[1:].ravel(), W["hidden_0.U"].ravel(), out[1:, 0]])
    total = shares @ errors**2 / shares.sum() / 2 + size / 2 * (weights @ weights)
    assert loss == pytest.approx(total, rel=1e-13)


def elman_step(W: dict[str, Array], x: Array, state: Array) -> Array:
    drive = W["hidden_0.W_in"][0] + x @ W["hidden_0.W_in"][1:]
    return np.tanh(drive + state @ W["hidden_0.U"])


def lstm_step(W: dict[str, Array], x: Array, state: Array) -> Array:
    h, c = np.split(state, 2)
    drive = W["hidden_0.W_in"][0] + x @ W["hidden_0.W_in"][1:] + h @ W["hidden_0.U"]
    i, f, g, o = np.split(drive, 4)
    c = expit(f) * c + expit(i) * np.tanh(g)
    return np.concatenate([expit(o) * np.tanh(c), c])


STEPS: dict[str, Callable[[dict[str, Array], Array, Array], Array]] = {
    "Elman": elman_step,
    "LSTM": lstm_step,
}


@pytest.mark.parametrize("n_steps", [1, 2, 4])
@pytest.mark.parametrize("name", STEPS)
def test_errors_stop_at_the_state_some_steps_back(name: str, n_steps: int) -> None:
    made = model(NETWORKS[name][0], learn_rest=False)
    given, theta = lesson(made), drawn(made)
    step, n_units = STEPS[name], 3
    n_own = n_units * made.network.cell.n_states
    begins = np.repeat(given.offsets[:-1], np.diff(given.offsets))
    stretch = np.repeat(np.arange(len(LENGTHS)), np.diff(given.offsets))

    frozen = np.zeros((len(given.X), n_own))  # the state before each row
    W = elman_matrices(made, theta)
    for t, begin in enumerate(begins):
        if t > begin:
            frozen[t] = step(W, given.X[t - 1], frozen[t - 1])
        elif not given.at_rest[stretch[t]]:
            frozen[t] = given.start[stretch[t]][-n_own:]
    known = ~np.isnan(given.Z[:, 0])
    assert given.weights is not None
    shares = np.where(known, given.weights, 0)

    def loss() -> float:
        W = elman_matrices(made, theta)
        total = (
            made.alpha
            / 2
            * sum(
                float((W[part.name][int(part.first_is_bias) :] ** 2).sum())
                for part in made.network.parts
            )
        )
        for t in np.flatnonzero(known):
            first = max(begins[t], t - n_steps + 1)
            state = frozen[first]
            for row in range(first, t + 1):
                state = step(W, given.X[row], state)
            y = W["output.W_in"][0, 0] + state[:n_units] @ W["output.W_0"][:, 0]
            total += shares[t] * (y - given.Z[t, 0]) ** 2 / 2
        return float(total / shares.sum())

    found, gradient = Truncated(made, given, n_steps, None).gradient(theta)
    assert found == pytest.approx(loss(), rel=1e-13)
    expected = derivatives.gradient(loss, theta)
    # Relative to the largest: differences of a number around 1 are good to 1e-10.
    atol = 1e-7 * np.abs(expected).max()
    np.testing.assert_allclose(gradient, expected, rtol=1e-7, atol=atol)


class Witness:
    """Stands for a descent that stays where it is, and notes the slopes there."""

    def __init__(self, theta: Array) -> None:
        self.theta = theta
        self.seen: list[tuple[float, Array]] = []

    def step(self, gradient_at: Callable[[Array], tuple[float, Array]]) -> float:
        self.seen.append(gradient_at(self.theta))
        return self.seen[-1][0]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("n_steps", [1, 3])
def test_pieces_carry_the_state_on_and_errors_over_their_borders(
    piece: int, n_steps: int
) -> None:
    made = replace(model(LSTM), alpha=0.0)
    given, theta = lesson(made), drawn(made)
    expected_loss, expected = Truncated(made, given, n_steps, None).gradient(theta)
    witness: Any = Witness(theta)
    Truncated(made, given, n_steps, piece).epoch(witness, np.random.default_rng(0))
    assert len(witness.seen) == -(-max(LENGTHS) // piece)
    known = ~np.isnan(given.Z[:, 0])
    assert given.weights is not None
    counts = np.where(known, given.weights, 0)
    place = np.concatenate([np.arange(n) for n in LENGTHS]) // piece
    shares = [counts[place == k].sum() / counts.sum() for k in range(len(witness.seen))]
    total = sum(s * g for s, (_, g) in zip(shares, witness.seen, strict=True))
    loss = sum(s * v for s, (v, _) in zip(shares, witness.seen, strict=True))
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    np.testing.assert_allclose(total, expected, rtol=1e-10, atol=1e-13)


def test_pieces_without_a_target_have_no_slope() -> None:
    made = model(LSTM)
    given, theta = lesson(made, [6]), drawn(made)
    given.Z[2:4] = np.nan
    witness: Any = Witness(theta)
    Truncated(made, given, 2, 2).epoch(witness, np.random.default_rng(0))
    assert witness.seen[1][0] == 0
    assert not witness.seen[1][1].any()
    assert witness.seen[2][1].any()
