"""When training stops, why, and with which weights."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from seqest.optim import Stopping


def feed(stopping: Stopping, losses: list[float], scores: Any = None) -> list[bool]:
    """Show the epochs with the weights [epoch, epoch]; return the verdicts."""
    verdicts = []
    for epoch, loss in enumerate(losses, start=stopping.n_iter_):
        score = None if scores is None else scores[epoch]
        theta = np.full(2, epoch, np.float32)
        verdicts.append(stopping.update(epoch, loss, theta, score=score))
    return verdicts


@pytest.mark.parametrize("early_stopping", [False, True])
def test_it_stops_when_scikit_learn_does(early_stopping: bool) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((120, 3))
    network = MLPRegressor(
        hidden_layer_sizes=5,
        early_stopping=early_stopping,
        learning_rate_init=0.02,
        max_iter=1000,
        n_iter_no_change=4,
        random_state=0,
        tol=1e-3,
    ).fit(X, np.sin(X[:, 0]) + 0.1 * rng.standard_normal(120))
    stopping = Stopping(tol=1e-3, n_iter_no_change=4)
    verdicts = feed(stopping, network.loss_curve_, network.validation_scores_)
    assert verdicts == [False] * (network.n_iter_ - 1) + [True]
    assert stopping.n_iter_ == network.n_iter_ > 10
    assert stopping.loss_curve_ == network.loss_curve_
    assert stopping.best_loss_ == network.best_loss_
    assert stopping.validation_scores_ == network.validation_scores_
    assert stopping.best_validation_score_ == network.best_validation_score_


def test_the_best_weights_are_kept_and_restored() -> None:
    stopping = Stopping()
    feed(stopping, [3.0, 1.0, 2.0, 1.0])
    theta = np.full(2, 9, np.float32)
    same = theta
    stopping.restore(theta)
    assert same.tolist() == [1, 1]
    assert stopping.best_theta_.dtype == np.float32
    assert stopping.best_epoch_ == 1
    assert stopping.best_loss_ == 1.0


def test_weights_are_kept_by_score_where_there_is_one() -> None:
    stopping = Stopping()
    feed(stopping, [3.0, 2.0, 1.0], [0.1, 0.5, 0.3])
    assert stopping.best_epoch_ == 1
    assert stopping.best_validation_score_ == 0.5


def test_kept_weights_do_not_follow_the_weights() -> None:
    stopping, theta = Stopping(), np.ones(2)
    stopping.update(0, 1.0, theta)
    theta[:] = 5
    assert stopping.best_theta_.tolist() == [1, 1]


def test_improvements_below_tol_are_kept_but_do_not_keep_it_going() -> None:
    stopping = Stopping(tol=0.1, n_iter_no_change=2)
    assert feed(stopping, [1.0, 0.99, 0.98, 0.97])[-1]
    assert stopping.best_epoch_ == 3


def test_nothing_is_restored_before_the_first_epoch() -> None:
    theta = np.ones(2)
    Stopping().restore(theta)
    assert theta.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("scores", "watched"), [(None, "loss"), ([0.5] * 9, "validation score")]
)
def test_it_says_why_it_stopped(scores: list[float] | None, watched: str) -> None:
    stopping = Stopping(tol=0.01, n_iter_no_change=3)
    assert stopping.reason_ == ""
    feed(stopping, [1.0] * 5, scores)
    assert stopping.reason_ == (
        f"the {watched} did not improve by tol=0.01 for more than 3 epochs in a row"
    )


def test_endless_patience_never_stops() -> None:
    assert not any(feed(Stopping(n_iter_no_change=np.inf), [1.0] * 100))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_divergence_is_told_with_epoch_learning_rate_and_remedy(value: float) -> None:
    stopping, theta = Stopping(owner="LSTMRegressor"), np.ones(2)
    stopping.update(0, 1.0, theta, learning_rate=0.5)
    message = (
        rf"^LSTMRegressor diverged: the loss became {value} in epoch 1 at a learning "
        r"rate of 0\.5\. Lower learning_rate_init, set clip_norm, or standardise X "
        r"and y\.$"
    )
    with pytest.raises(ValueError, match=message):
        stopping.update(1, value, theta + 1, learning_rate=0.5)
    assert stopping.reason_.startswith(f"the loss became {value} in epoch 1")
    assert stopping.best_theta_.tolist() == [1, 1]
    assert stopping.loss_curve_ == [1.0]


def test_weights_or_scores_that_are_no_numbers_are_divergence_too() -> None:
    with pytest.raises(ValueError, match="the largest weight became nan in epoch 0"):
        Stopping().update(0, 1.0, np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="the largest weight became inf in epoch 0"):
        Stopping().update(0, 1.0, np.array([-np.inf, 1.0]))
    with pytest.raises(ValueError, match="the validation score became nan in epoch 0"):
        Stopping().update(0, 1.0, np.ones(2), score=np.nan)


def test_without_a_learning_rate_the_remedy_is_another() -> None:
    message = r"^fit diverged: the loss became nan in epoch 0\. Standardise X and y\.$"
    with pytest.raises(ValueError, match=message):
        Stopping().update(0, np.nan, np.ones(2))


@pytest.mark.parametrize(
    "through", [copy.deepcopy, lambda kept: pickle.loads(pickle.dumps(kept))]
)
def test_a_kept_watch_goes_on_where_it_was(
    through: Callable[[Stopping], Stopping],
) -> None:
    stopping = Stopping(n_iter_no_change=3)
    feed(stopping, [1.0, 0.5, 0.5, 0.5])  # two without improvement
    kept = through(stopping)
    assert feed(kept, [0.5, 0.5]) == feed(stopping, [0.5, 0.5]) == [False, True]
    assert kept.loss_curve_ == stopping.loss_curve_
    assert kept.best_epoch_ == stopping.best_epoch_ == 1


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"tol": -1.0}, ValueError, r"^fit\(tol=-1.0\): must be in \[0, inf\)"),
        ({"n_iter_no_change": 0}, ValueError, r"^fit\(n_iter_no_change=0\): must be"),
        ({"n_iter_no_change": 1.5}, TypeError, r"must be an integer of at least 1"),
    ],
)
def test_parameters_out_of_range_are_refused(
    parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Stopping(**parameters)
