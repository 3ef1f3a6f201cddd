"""How far forecasts miss rows that were not learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from seqest.forecasting._design import Places
from seqest.forecasting._recursion import Learned, Lesson, learned

__all__ = ["Block", "Noise", "drawn", "held_out", "origins_in", "widening_of"]

Array = NDArray[np.float64]
FOLDS = 5
ORIGINS = 40  # of a block, from which several steps are forecast


@dataclass(frozen=True, eq=False)
class Noise:
    """What is added to the answers of paths, and by how much paths are widened.

    Attributes
    ----------
    errors : sequence of ndarray of shape (n_errors, horizon, n_targets)
        Of each series.
    widening : ndarray of shape (n_steps, n_targets)
        How far forecasts miss, over how far paths lie from them; 1 for one step.
    """

    errors: Sequence[Array]
    widening: Array


@dataclass(frozen=True, eq=False)
class Block:
    """Rows that a regressor has not learned from."""

    rows: NDArray[np.bool_]
    model: Learned


def held_out(
    owner: str, regressor: Any, lesson: Lesson, found: Learned
) -> Iterator[Block]:
    """Yield the rows of a lesson in blocks, each with what the others have taught.

    The rows of each series are cut into five blocks in time.

    Parameters
    ----------
    owner : str
        The class that errors name.
    regressor : object
        What is copied and fitted.
    lesson : Lesson
        The rows.
    found : Learned
        What was learned of all rows; it is yielded alone where they are too few.

    Yields
    ------
    Block
        In the order of time.
    """
    rows, horizon = lesson.rows, lesson.T.shape[1]
    if len(rows) < 2 * FOLDS * horizon:
        yield Block(np.isin(np.arange(len(lesson.F)), rows), found)
        return
    block = np.full(len(lesson.F), -1)
    for first, last in pairwise(np.searchsorted(rows, lesson.offsets)):
        own = rows[first:last]
        block[own] = np.arange(len(own)) * FOLDS // max(len(own), 1)
    for k in range(FOLDS):
        here = block == k
        # Rows whose targets reach into the block would give it away.
        near = here.copy()
        for ahead in range(1, horizon):
            near[:-ahead] |= here[ahead:]
        yield Block(
            here, learned(owner, regressor, lesson, found.lags, found.sums, near)
        )


def origins_in(block: Block, lesson: Lesson, n_steps: int) -> tuple[Places, int]:
    """Return some rows of a block after which as many steps lie in it.

    With them how many steps: at most `n_steps`, and half of the rows of the block.
    """
    rows = np.flatnonzero(block.rows)
    runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
    reach = max(1, min(n_steps, max(map(len, runs)) // 2))
    firsts = [own[: len(own) - reach + 1] for own in runs if len(own) >= reach]
    chosen = np.concatenate(firsts)
    if len(chosen) > ORIGINS:
        chosen = chosen[np.linspace(0, len(chosen) - 1, ORIGINS).astype(int)]
    series = lesson.series[chosen]
    return Places(series, chosen - lesson.offsets[series]), reach


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


def widening_of(ratios: Array) -> Array:
    """Return the mean ratios (n_places, n_steps, n_targets) beside that of one step.

    Where some steps are not known, the last before them stands in; 1 where none is.
    """
    known = np.isfinite(ratios)
    count = known.sum(axis=0)
    means = np.where(known, ratios, 0.0).sum(axis=0) / np.maximum(count, 1)
    first = np.where(means[0] > 0, means[0], 1.0)
    means = np.where(means > 0, means / first, np.nan)
    means[0] = 1.0
    for step in range(1, len(means)):
        means[step] = np.where(np.isnan(means[step]), means[step - 1], means[step])
    return np.asarray(means)
