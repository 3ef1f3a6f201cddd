"""Epochs of training, until it is time to stop."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from seqest._compile import one_blas_thread
from seqest.optim import Schedule, Stopping
from seqest.optim.minimum import Minimum
from seqest.recurrence.descent import Descent

__all__ = ["Regime", "minimise", "train"]

Array = NDArray[Any]
Score = Callable[[Array], float]
Say = Callable[[str], None]


# To add one, write a class like those of `online`, made of a model and a lesson.
class Regime(Protocol):
    """How an epoch of training goes."""

    def epoch(self, descent: Descent, rng: np.random.Generator) -> float:
        """Go once through all rows, change `descent`, and return their mean loss.

        What is to outlast the epochs of one fit, as pieces of `partial_fit` want it,
        is kept in ``descent.memory``.
        """


def train(
    regime: Regime,
    descent: Descent,
    stopping: Stopping,
    *,
    schedule: Schedule,
    max_iter: int,
    rng: np.random.Generator,
    score: Score | None = None,
    say: Say | None = None,
) -> None:
    """Train for epochs; the best weights are those that `descent` ends with.

    Parameters
    ----------
    regime : Regime
        How an epoch goes.
    descent : Descent
        The weights and how they change.
    stopping : Stopping
        Watches the epochs.
    schedule : Schedule
        The learning rate of an epoch, over that of the first.
    max_iter : int
        The most epochs.
    rng : Generator
        For what is drawn by chance.
    score : callable, optional
        Takes theta; the validation score that is watched in place of the loss.
    say : callable, optional
        Told how each epoch went.

    Raises
    ------
    ValueError
        If the loss or the weights become NaN or infinite.

    Warns
    -----
    ConvergenceWarning
        If `max_iter` epochs did not suffice (unless `n_iter_no_change` is no less, so
        that they are all wanted), or training was interrupted.
    """
    first_rate = descent.learning_rate
    try:
        # That numbers outgrew their range is told by the loss, once and in words.
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            for epoch in range(max_iter):
                watched = stopping.loss_curve_
                if stopping.validation_scores_ is not None:
                    watched = [-score for score in stopping.validation_scores_]
                descent.learning_rate = first_rate * schedule(epoch, watched)
                loss = regime.epoch(descent, rng)
                reached = None if score is None else score(descent.theta)
                if say is not None:
                    extra = (
                        "" if reached is None else f", validation score {reached:.6g}"
                    )
                    say(f"epoch {epoch + 1}, loss {loss:.6g}{extra}")
                rate = descent.learning_rate
                if score is None and getattr(regime, "changed", False):
                    stopping.begin_anew()
                if stopping.update(
                    epoch, loss, descent.theta, score=reached, learning_rate=rate
                ):
                    break
            else:
                _warn_of_limit(stopping, max_iter)
    except KeyboardInterrupt:
        _warn(
            f"{stopping.owner}: training was interrupted in epoch "
            f"{stopping.n_iter_ + 1}; the best weights so far are kept."
        )
    finally:
        descent.learning_rate = first_rate
    stopping.restore(descent.theta)


def minimise(
    solve: Callable[..., Minimum],
    theta: Array,
    stopping: Stopping,
    *,
    max_iter: int,
    tol: float,
) -> Array:
    """Minimise the loss of all rows at once.

    Parameters
    ----------
    solve : callable
        Takes theta, `max_iter`, `tol` and `callback`, as `lbfgs` does.
    theta : ndarray of shape (n_theta,)
        Where to start.
    stopping : Stopping
        Keeps the losses and the best weights.
    max_iter : int
        The most iterations.
    tol : float
        Training ends where no slope is larger.

    Returns
    -------
    ndarray of shape (n_theta,)
        The weights, in the dtype of theta.

    Warns
    -----
    ConvergenceWarning
        If `max_iter` iterations did not suffice, or training was interrupted.
    """
    note = _noting(stopping)
    try:
        with one_blas_thread():
            return solve(theta, max_iter=max_iter, tol=tol, callback=note).theta
    except KeyboardInterrupt:
        _warn(
            f"{stopping.owner}: training was interrupted in iteration "
            f"{stopping.n_iter_ + 1}; the best weights so far are kept."
        )
        return theta if stopping.best_theta_ is None else stopping.best_theta_


def _noting(stopping: Stopping) -> Callable[[int, float, Array], bool]:
    """Return a callback that keeps losses and weights, and never stops."""

    def note(iteration: int, loss: float, theta: Array) -> bool:
        stopping.update(iteration, loss, theta)
        return False

    return note


def _warn_of_limit(stopping: Stopping, max_iter: int) -> None:
    # With more patience than epochs, that many epochs are what was asked for.
    if stopping.n_iter_no_change < max_iter:
        _warn(
            f"{stopping.owner}: max_iter={max_iter} epochs did not converge. "
            "Raise max_iter, learning_rate_init or tol; for just so many, set "
            "n_iter_no_change to max_iter."
        )


def _warn(text: str) -> None:
    warnings.warn(text, ConvergenceWarning, stacklevel=3)
