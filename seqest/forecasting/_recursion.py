"""A fitted regressor run ahead: each forecast is what the next one sees as the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import get_tags

from seqest._sequences import State
from seqest._validation import shown
from seqest.estimators._base import SequenceRegressor

__all__ = ["Recursion", "followed", "learned"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Recursion:
    """What was learned of transformed rows, ready to go on from the last.

    Attributes
    ----------
    regressor : object
        Fitted.
    lags : tuple of int
        Which rows before a row it sees, ascending.
    told : ndarray of shape (n_rows, n_targets)
        Its one-step predictions of the training rows, NaN in those it was not given.
    last : ndarray of shape (n_series, deepest lag, n_targets)
        The last training rows, oldest first.
    state : State or None
        Of a sequence estimator, after the last training row of each series.
    """

    regressor: Any
    lags: tuple[int, ...]
    told: Array
    last: Array
    state: State | None

    def ahead(self, columns: Array, noise: Array | None = None) -> Array:
        """Return the next rows of all series, on several paths side by side.

        Parameters
        ----------
        columns : ndarray of shape (n_series, n_steps, n_columns)
            What else is seen of each row.
        noise : ndarray of shape (n_series, n_paths, n_steps, n_targets), optional
            What is added to each prediction before it is seen; by default there is one
            path without any.

        Returns
        -------
        ndarray of shape (n_series, n_paths, n_steps, n_targets)
            In units of the transformed rows.
        """
        n_series, n_steps, _ = columns.shape
        n_targets, depth = self.last.shape[2], self.last.shape[1]
        n_paths = 1 if noise is None else noise.shape[1]
        rows = np.empty((n_series * n_paths, depth + n_steps, n_targets))
        rows[:, :depth] = np.repeat(self.last, n_paths, axis=0)
        state = None
        if self.state is not None:
            values = self.state.values.items()
            repeated = {k: np.repeat(v, n_paths, axis=0) for k, v in values}
            state = State((None,) * len(rows), repeated)
        for step in range(n_steps):
            now = depth + step
            seen = [rows[:, now - lag] for lag in self.lags]
            seen.append(np.repeat(columns[:, step], n_paths, axis=0))
            try:
                answer, state = self._answer(np.hstack(seen), state)
            except ValueError:
                if step == 0:
                    raise
                # The first step was fine: what is fed back has become too large.
                rows[:, now:] = np.nan
                break
            if noise is not None:
                answer = answer + noise[:, :, step].reshape(len(rows), n_targets)
            rows[:, now] = answer
        ahead = rows[:, depth:]
        return ahead.reshape(n_series, n_paths, n_steps, n_targets)

    def _answer(self, F: Array, state: State | None) -> tuple[Array, State | None]:
        """Return the predictions of a row each, and the states after them."""
        if state is None:
            # What is not finite is told by the caller, with the step.
            with np.errstate(over="ignore", invalid="ignore"):
                return np.asarray(self.regressor.predict(F)).reshape(len(F), -1), None
        answer, state = self.regressor.predict(
            F[:, np.newaxis], initial_state=state, return_state=True
        )
        return np.asarray(answer).reshape(len(F), -1), state


def learned(
    owner: str,
    regressor: Any,
    F: Array,
    Z: Array,
    offsets: NDArray[np.int64],
    lags: Sequence[int],
) -> Recursion:
    """Fit a copy of a regressor to rows of which nothing is missing.

    Parameters
    ----------
    owner : str
        The class that errors name.
    regressor : object
        A sequence estimator, or any regressor of scikit-learn.
    F : ndarray of shape (n_rows, n_columns)
        What is seen of each row, NaN where it reaches to before a series.
    Z : ndarray of shape (n_rows, n_targets)
        Transformed targets, NaN in those lost to differences.
    offsets : ndarray of shape (n_series + 1,)
        Where series begin and end.
    lags : sequence of int
        Of F, ascending.

    Returns
    -------
    Recursion
        What was learned.

    Raises
    ------
    ValueError
        If the regressor cannot learn so many targets.
    """
    rows, targets, groups = _known(F, Z, offsets)
    fitted = clone(regressor)
    if isinstance(fitted, SequenceRegressor):
        fitted.fit(F[rows], targets, groups=groups)
    else:
        _fit(owner, fitted, F[rows], targets)
    return followed(fitted, F, Z, offsets, lags)


def followed(
    regressor: Any,
    F: Array,
    Z: Array,
    offsets: NDArray[np.int64],
    lags: Sequence[int],
) -> Recursion:
    """Let a fitted regressor see rows, without learning from them.

    Parameters
    ----------
    regressor : object
        Fitted.
    F, Z, offsets, lags
        As in `learned`.

    Returns
    -------
    Recursion
        Ready to go on from the last rows.
    """
    rows, targets, groups = _known(F, Z, offsets)
    told, state = np.full_like(Z, np.nan), None
    if isinstance(regressor, SequenceRegressor):
        measured, state = regressor.predict_open_loop(
            F[rows], targets, groups, initial_state="zero", return_state=True
        )
        told[rows] = measured.reshape(-1, Z.shape[1])
    else:
        told[rows] = np.asarray(regressor.predict(F[rows])).reshape(-1, Z.shape[1])
    depth = max(lags, default=1)
    last = np.array([Z[end - depth : end] for end in offsets[1:]])
    return Recursion(regressor, tuple(lags), told, last, state)


def _known(F: Array, Z: Array, offsets: NDArray[np.int64]) -> tuple[Any, Any, Any]:
    """Return the rows of which nothing is missing, their targets, and their series."""
    rows = np.flatnonzero(~np.isnan(np.hstack([F, Z])).any(axis=1))
    series = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))[rows]
    targets = Z[rows, 0] if Z.shape[1] == 1 else Z[rows]
    # Few series are one with a name: it is known again where there is no other.
    return rows, targets, series if offsets.size > 2 else None


def _fit(owner: str, regressor: Any, F: Array, targets: Array) -> None:
    try:
        regressor.fit(F, targets)
    except ValueError as error:
        if targets.ndim == 1 or get_tags(regressor).target_tags.multi_output:
            raise
        raise ValueError(
            f"{owner}: y has {targets.shape[1]} targets, and {shown(regressor)} learns "
            "one. Wrap it in sklearn.multioutput.MultiOutputRegressor."
        ) from error
