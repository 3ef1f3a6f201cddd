"""How far forecasts miss rows that were not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from seqest.forecasting._recursion import Learned, Lesson, learned

__all__ = ["drawn", "held_out_errors"]

Array = NDArray[np.float64]
FOLDS = 5


def held_out_errors(
    owner: str, regressor: Any, lesson: Lesson, found: Learned
) -> Array:
    """Return the errors of each row, by regressors that did not learn from it.

    The rows of each series are cut into five blocks in time. Each is told by a
    regressor that has learned from the others, as from rows before it that are known.

    Parameters
    ----------
    owner : str
        The class that errors name.
    regressor : object
        What is copied and fitted.
    lesson : Lesson
        The rows.
    found : Learned
        What was learned of all rows; its errors stand where rows are too few.

    Returns
    -------
    ndarray of shape (n_rows, horizon, n_targets)
        NaN where nothing can be told.
    """
    rows, horizon = lesson.rows, lesson.T.shape[1]
    if len(rows) < 2 * FOLDS * horizon:
        return lesson.T - found.told(lesson)[0]
    block = np.full(len(lesson.F), -1)
    for first, last in pairwise(np.searchsorted(rows, lesson.offsets)):
        own = rows[first:last]
        block[own] = np.arange(len(own)) * FOLDS // max(len(own), 1)
    errors = np.full_like(lesson.T, np.nan)
    for k in range(FOLDS):
        here = block == k
        # Rows whose targets reach into the block would give it away.
        near = here.copy()
        for ahead in range(1, horizon):
            near[:-ahead] |= here[ahead:]
        part = learned(owner, regressor, lesson, found.lags, found.sums, near)
        errors[here] = (lesson.T - part.told(lesson)[0])[here]
    return errors


def drawn(
    errors: Sequence[Array], n_paths: int, n_steps: int, rng: RandomState
) -> Array:
    """Return errors of each place, drawn with their mean taken away.

    Parameters
    ----------
    errors : sequence of ndarray of shape (n_errors, horizon, n_targets)
        What can be drawn at each place, a whole horizon at once.
    n_paths, n_steps : int
        How many draws.
    rng : RandomState
        Drawn from in the order of places.

    Returns
    -------
    ndarray of shape (n_places, n_paths, n_steps, n_targets)
        The noise of paths.
    """
    noise = []
    for own in errors:
        horizon = own.shape[1]
        n_draws = -(-n_steps // horizon)
        chosen = rng.randint(len(own), size=(n_paths, n_draws))
        paths = (own - own.mean(axis=0))[chosen]
        noise.append(paths.reshape(n_paths, n_draws * horizon, -1)[:, :n_steps])
    return np.array(noise)
