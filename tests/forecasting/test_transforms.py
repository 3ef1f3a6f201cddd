"""Transforms of series are undone exactly, ahead and row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import boxcox

from seqest.forecasting._transforms import Chain, Difference, Power, Scale, Trend

Array = NDArray[np.float64]
OFFSETS = np.array([0, 40, 100])
LENGTHS = (60, 80)  # of which the first 40 and 60 are for training

CHAINS: dict[str, list[tuple[Any, Any]]] = {
    "none": [],
    "log": [(Power, 0)],
    "power": [(Power, 0.3)],
    "auto": [(Power, "auto")],
    "trend": [(Trend, None)],
    "difference": [(Difference, 1)],
    "seasonal": [(Difference, 7)],
    "scale": [(Scale, None)],
    "all": [(Power, 0), (Difference, 7), (Difference, 1), (Scale, None)],
    "twice": [(Trend, None), (Difference, 1), (Difference, 1), (Scale, None)],
}
every_chain = pytest.mark.parametrize("wanted", CHAINS.values(), ids=CHAINS)


def series() -> list[Array]:
    """Return two positive series of two targets, of different level and trend."""
    rng = np.random.default_rng(0)
    return [
        np.exp(0.3 * rng.standard_normal((n, 2)) + 0.01 * np.arange(n)[:, None] + level)
        for n, level in zip(LENGTHS, (1.0, 5.0), strict=True)
    ]


def fitted(wanted: list[tuple[Any, Any]]) -> Chain:
    first, second = series()
    return Chain.fitted(np.vstack([first[:40], second[:60]]), OFFSETS, wanted)


@every_chain
def test_what_is_true_of_the_next_rows_comes_back(
    wanted: list[tuple[Any, Any]],
) -> None:
    wholes, chain = series(), fitted(wanted)
    for k, (n_train, whole) in enumerate(zip((40, 60), wholes, strict=True)):
        # The same transforms of all rows; those ahead in units of the training rows.
        rows = whole
        for step in chain.steps:
            rows = by_hand(step, rows, k)
        ahead = np.zeros((2, 1, 20, 2))
        ahead[k, 0] = rows[n_train:]
        back = chain.undo(ahead)[k, 0]
        np.testing.assert_allclose(back, whole[n_train:], rtol=1e-9)


def by_hand(step: Any, rows: Array, k: int) -> Array:
    """Return the transform of all rows of series k, from its equation."""
    if isinstance(step, Power):
        return np.column_stack([boxcox(rows[:, j], step.power[k, j]) for j in range(2)])
    if isinstance(step, Trend):
        return rows - step.level[k] - np.outer(np.arange(len(rows)), step.slope[k])
    if isinstance(step, Difference):
        return np.vstack(
            [np.full((step.lag, 2), np.nan), rows[step.lag :] - rows[: -step.lag]]
        )
    return (rows - step.mean[k]) / step.deviation[k]


@every_chain
def test_training_rows_come_back_from_their_own_past(
    wanted: list[tuple[Any, Any]],
) -> None:
    chain = fitted(wanted)
    known = ~np.isnan(chain.rows)
    back = chain.undo_rows(chain.rows)
    np.testing.assert_allclose(back[known], chain.between[0][known], rtol=1e-9)
    # A miss of one scaled unit stays one, and touches no other row.
    told = chain.rows.copy()
    told[30] += 0.1
    moved = np.abs(chain.undo_rows(told) - back).max(axis=1) > 1e-12
    assert np.flatnonzero(moved).tolist() == [30]


@every_chain
def test_paths_are_undone_each_for_itself(wanted: list[tuple[Any, Any]]) -> None:
    chain = fitted(wanted)
    paths = 0.1 * np.random.default_rng(1).standard_normal((2, 5, 9, 2))
    together = chain.undo(paths)
    for path in range(5):
        alone = chain.undo(paths[:, path : path + 1])
        np.testing.assert_array_equal(together[:, path : path + 1], alone)


def test_differences_lose_the_first_rows_of_each_series() -> None:
    chain = fitted([(Difference, 7), (Difference, 1)])
    lost = np.flatnonzero(np.isnan(chain.rows).any(axis=1))
    assert lost.tolist() == [*range(8), *range(40, 48)]


def test_scaled_rows_have_mean_zero_and_deviation_one() -> None:
    rows = fitted([(Difference, 1), (Scale, None)]).rows
    for part in (rows[1:40], rows[41:]):
        np.testing.assert_allclose(part.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(part.std(axis=0), 1, rtol=1e-12)


def test_a_line_is_all_trend_and_a_constant_has_no_scale() -> None:
    line = np.column_stack([3 + 0.5 * np.arange(30), np.full(30, 7.0)])
    offsets = np.array([0, 30])
    chain = Chain.fitted(line, offsets, [(Trend, None), (Scale, None)])
    np.testing.assert_allclose(chain.rows, 0, atol=1e-12)
    ahead = chain.undo(np.zeros((1, 1, 3, 2)))[0, 0]
    np.testing.assert_allclose(ahead, [[18, 7], [18.5, 7], [19, 7]], rtol=1e-12)


def test_a_power_gives_nothing_below_zero() -> None:
    chain = fitted([(Power, 0.5)])
    back = chain.undo(np.full((2, 1, 1, 2), -50.0))
    np.testing.assert_array_equal(back, 0)
