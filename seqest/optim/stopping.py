"""When training ends, and with which weights."""

from __future__ import annotations

from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer, check_number

__all__ = ["Stopping"]


class Stopping:
    """Watches epochs, keeps the best weights, and says when and why to stop.

    It watches the loss, or the validation score where it is given one. Training stops
    once more than `n_iter_no_change` epochs in a row fail to improve the best so far by
    `tol`, which is when MLPRegressor stops.

    Parameters
    ----------
    tol : float >= 0, default=1e-4
        How much better than the best so far counts as better. Raising it stops sooner.
    n_iter_no_change : int >= 1 or inf, default=10
        How many epochs in a row may be no better. Raising it is more patient.
    owner : str, default="fit"
        Whose training it is, for messages.

    Attributes
    ----------
    loss_curve_ : list of float
        The loss of each epoch.
    validation_scores_ : list of float or None
        The score of each epoch, higher being better; None without.
    best_loss_ : float or None
        The least loss, since `begin_anew` where it was called; None where scores are
        watched, as in MLPRegressor.
    best_validation_score_ : float or None
        The highest score; None without.
    best_epoch_ : int or None
        The epoch, counted from 0, whose weights are kept; None before the first.
    best_theta_ : ndarray of shape (n_parameters,) or None
        Those weights, in their own dtype.
    n_iter_ : int
        Number of epochs.
    reason_ : str
        Why training was stopped; empty while it runs.

    Examples
    --------
    >>> import numpy as np
    >>> stopping = Stopping(n_iter_no_change=2)
    >>> losses = [3.0, 1.0, 2.0, 2.0, 2.0]
    >>> [stopping.update(e, loss, np.full(1, e)) for e, loss in enumerate(losses)]
    [False, False, False, False, True]
    >>> stopping.best_theta_, stopping.reason_.partition(" by ")[0]
    (array([1]), 'the loss did not improve')
    """

    def __init__(
        self,
        *,
        tol: float = 1e-4,
        n_iter_no_change: float = 10,
        owner: str = "fit",
    ) -> None:
        self.tol = check_number(owner, "tol", tol, "[0, inf)")
        if n_iter_no_change != inf:
            check_integer(owner, "n_iter_no_change", n_iter_no_change, 1)
        self.n_iter_no_change = n_iter_no_change
        self.owner = owner
        self.loss_curve_: list[float] = []
        self.validation_scores_: list[float] | None = None
        self.best_epoch_: int | None = None
        self.best_theta_: NDArray[Any] | None = None
        self.reason_ = ""
        self._best = -inf
        self._n_no_change = 0
        self._first = 0  # of the epochs that are compared

    def update(
        self,
        epoch: int,
        loss: float,
        theta: NDArray[Any],
        *,
        score: float | None = None,
        learning_rate: float | None = None,
    ) -> bool:
        """Take note of an epoch, and return whether to stop.

        Parameters
        ----------
        epoch : int
            The epoch, counted from 0.
        loss : float
            Its loss.
        theta : ndarray of shape (n_parameters,)
            The weights after it; copied where they are the best.
        score : float, optional
            Their score on held-out rows, higher being better; in every epoch or none.
        learning_rate : float, optional
            What it was, for the message should training have diverged.

        Returns
        -------
        bool
            Whether to stop; `reason_` says why.

        Raises
        ------
        ValueError
            If the loss, the score or the weights are NaN or infinite. The best weights
            so far are kept.
        """
        loss = float(loss)
        self._check_finite("loss", loss, epoch, learning_rate)
        self._check_finite("largest weight", abs(theta).max(), epoch, learning_rate)
        self.loss_curve_.append(loss)
        watched = "loss"
        if score is not None:
            watched = "validation score"
            self._check_finite(watched, score, epoch, learning_rate)
            self.validation_scores_ = [*(self.validation_scores_ or []), float(score)]
        self._compare(epoch, -loss if score is None else float(score), theta)
        if self._n_no_change > self.n_iter_no_change:
            self.reason_ = (
                f"the {watched} did not improve by tol={self.tol:g} for more than "
                f"{self.n_iter_no_change} epochs in a row"
            )
        return bool(self.reason_)

    def begin_anew(self) -> None:
        """Compare epochs to come with none so far, whose losses mean another task."""
        self._best, self._n_no_change = -inf, 0
        self._first = len(self.loss_curve_)

    def restore(self, theta: NDArray[Any]) -> None:
        """Give `theta` the best weights, in place, if an epoch has passed.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)
            The weights; changed.
        """
        if self.best_theta_ is not None:
            theta[:] = self.best_theta_

    @property
    def n_iter_(self) -> int:
        """Number of epochs."""
        return len(self.loss_curve_)

    @property
    def best_loss_(self) -> float | None:
        """The least loss; None where scores are watched."""
        watches_loss = self.loss_curve_ and self.validation_scores_ is None
        return min(self.loss_curve_[self._first :]) if watches_loss else None

    @property
    def best_validation_score_(self) -> float | None:
        """The highest score; None without."""
        return max(self.validation_scores_) if self.validation_scores_ else None

    def _compare(self, epoch: int, height: float, theta: NDArray[Any]) -> None:
        """Count epochs that are no better, and keep the best weights."""
        no_better = height < self._best + self.tol
        self._n_no_change = self._n_no_change + 1 if no_better else 0
        if height > self._best:
            self._best, self.best_epoch_ = height, epoch
            if self.best_theta_ is None:
                self.best_theta_ = np.empty_like(theta)
            self.best_theta_[:] = theta

    def _check_finite(
        self, name: str, value: float, epoch: int, learning_rate: float | None
    ) -> None:
        if isfinite(value):
            return
        where = f"in epoch {epoch}"
        remedy = "Standardise X and y."
        if learning_rate is not None:
            where += f" at a learning rate of {learning_rate:g}"
            remedy = "Lower learning_rate_init, set clip_norm, or standardise X and y."
        self.reason_ = f"the {name} became {value} {where}"
        raise ValueError(f"{self.owner} diverged: {self.reason_}. {remedy}")
