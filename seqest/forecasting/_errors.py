"""How far forecasts miss rows that were not learned from."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from seqest.forecasting._design import Places, cut_apart
from seqest.forecasting._recursion import Learned, Lesson, learned

if TYPE_CHECKING:
    from seqest.forecasting.forecaster import Forecaster

__all__ = ["Noise", "drawn", "held_out_errors"]

Array = NDArray[np.float64]
FOLDS = 5
# Of a block, from which several steps are forecast, and paths that tell a spread.
ORIGINS, FEW_PATHS = 40, 20
FEWEST = 20  # errors of a series that draws from its own


@dataclass(frozen=True, eq=False)
class Noise:
    """What is added to the answers of paths, and by how much paths are widened.

    Attributes
    ----------
    errors : dict of ndarray of shape (n_errors, horizon, n_targets)
        Of each series that has enough, by its name.
    pooled : ndarray of shape (n_errors, horizon, n_targets)
        Of all series.
    widening : ndarray of shape (n_steps, n_targets)
        How far forecasts miss, over how far paths lie from them; 1 for one step.
    """

    errors: dict[Hashable, Array]
    pooled: Array
    widening: Array

    def of(self, name: Hashable) -> Array:
        """Return the errors that a series draws from."""
        return self.errors.get(name, self.pooled)


@dataclass(frozen=True, eq=False)
class _Block:
    """Rows that a regressor has not learned from."""

    rows: NDArray[np.bool_]
    model: Learned


def _held_out(
    owner: str, regressor: Any, lesson: Lesson, found: Learned
) -> Iterator[_Block]:
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
        What was learned of all rows; it stands in where they are too few.

    Yields
    ------
    _Block
        In the order of time.
    """
    rows, horizon = lesson.rows, lesson.T.shape[1]
    if len(rows) < 2 * FOLDS * horizon:
        yield _Block(np.isin(np.arange(len(lesson.F)), rows), found)
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
        if np.count_nonzero(~near[rows]) < 2 * FOLDS:
            yield _Block(here, found)
        else:
            told = owner, regressor, lesson, found.lags, found.sums, near
            yield _Block(here, learned(*told))


def _origins_in(block: _Block, lesson: Lesson, n_steps: int) -> tuple[Places, int]:
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

    A path without any goes before them.

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
    ndarray of shape (n_places, 1 + n_paths, n_steps, n_targets)
        The noise of paths.
    """
    noise = np.zeros((len(errors), 1 + n_paths, n_steps, errors[0].shape[2]))
    for place, own in enumerate(errors):
        horizon = own.shape[1]
        n_draws = -(-n_steps // horizon)
        chosen = rng.randint(len(own), size=(n_paths, n_draws))
        paths = (own - own.mean(axis=0))[chosen]
        paths = paths.reshape(n_paths, n_draws * horizon, -1)
        noise[place, 1:] = paths[:, :n_steps]
    return noise


def held_out_errors(model: Forecaster, n_steps: int) -> Noise:
    """Return errors of rows that were not learned from.

    Parameters
    ----------
    model : Forecaster
        Fitted.
    n_steps : int
        How many steps are widened.

    Returns
    -------
    Noise
        Of one step of each series, and the widening of many.

    Raises
    ------
    ValueError
        If there are no two errors.
    """
    lesson = model._lesson(model._panel_, model._inputs_)
    told = type(model).__name__, model._regressor, lesson, model._learned_
    blocks, errors = list(_held_out(*told)), np.full_like(lesson.T, np.nan)
    for block in blocks:
        missed = lesson.T - block.model.told(lesson)[0]
        errors[block.rows] = missed[block.rows]
    known = [
        own[np.isfinite(own).all(axis=(1, 2))]
        for own in cut_apart(errors, lesson.offsets)
    ]
    pooled = np.concatenate(known)
    if len(pooled) < 2:
        raise ValueError(
            f"{type(model).__name__}.get_forecast has {len(pooled)} errors to draw "
            "from: too few rows are left after lags and washout. Lower these, or give "
            "longer series."
        )
    pairs = zip(model._panel_.ids, known, strict=True)
    several = {name: own for name, own in pairs if len(own) >= FEWEST}
    noise = Noise(several, pooled, np.ones((n_steps, model._panel_.values.shape[1])))
    if model._settings_.horizon is None:
        return replace(noise, widening=_widening(model, lesson, blocks, noise, n_steps))
    return noise


def _widening(
    model: Forecaster,
    lesson: Lesson,
    blocks: Sequence[_Block],
    errors: Noise,
    n_steps: int,
) -> Array:
    """Return how far forecasts of blocks miss, over the spread of their paths.

    Errors of one step that are drawn one by one know nothing of what forecasts of
    many steps get wrong again and again.
    """
    panel, found = model._panel_, []
    rng = check_random_state(model.random_state)
    none = np.empty((panel.n_series, 0, np.count_nonzero(model._known_)))
    for block in blocks:
        places, reach = _origins_in(block, lesson, n_steps)
        noise = model._noise(places, errors, reach, FEW_PATHS, rng)
        told = block.model, places, none, reach, noise
        middle, paths = model._run_apart(*told)
        rows = panel.offsets[places.series] + places.known
        came = panel.values[rows[:, np.newaxis] + np.arange(reach)]
        missed = np.abs(model._steady(places.series, came) - middle[:, 0])
        spread = np.abs(paths - middle).mean(axis=1)
        sizes = np.full((2, len(rows), n_steps, came.shape[2]), np.nan)
        sizes[:, :, :reach] = missed, spread
        found.append((*sizes, places.series))
    return _widening_of(*map(np.concatenate, zip(*found, strict=True)))


def _widening_of(missed: Array, spread: Array, series: NDArray[np.int64]) -> Array:
    """Return how far forecasts miss over how far paths spread, beside one step's.

    Parameters
    ----------
    missed, spread : ndarray of shape (n_places, n_steps, n_targets)
        Mean sizes, NaN where a step is not known.
    series : ndarray of shape (n_places,)
        Of which series each place is; series count alike, whatever their units.

    Returns
    -------
    ndarray of shape (n_steps, n_targets)
        Where a step is not known the last before it stands in; 1 where none is.
    """
    unit = np.ones_like(spread[:, :1])
    for k in np.unique(series):
        here = series == k
        unit[here] = np.nanmean(np.where(here[:, None, None], spread, np.nan), (0, 1))
    unit = np.where(unit > 0, unit, np.inf)
    known = np.isfinite(missed) & np.isfinite(spread)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        sums = [np.where(known, own / unit, 0).sum(axis=0) for own in (missed, spread)]
        ratio = sums[0] / sums[1]
        ratio = ratio / ratio[0]
    ratio[0] = 1.0
    for step in range(1, len(ratio)):
        good = np.isfinite(ratio[step]) & (ratio[step] > 0)
        ratio[step] = np.where(good, ratio[step], ratio[step - 1])
    return np.asarray(ratio)
