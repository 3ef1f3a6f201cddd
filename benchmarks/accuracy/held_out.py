"""Tasks on series cut into training, validation and test rows, in this order.

A network learns from the training rows alone and then runs on over all others. Its free
settings are those with the least NMSE on the validation rows among 150 drawn, the mean
over five seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.search import Ranking, draw_candidates, rank
from benchmarks.accuracy.table import Row, timed
from seqest import ESNRegressor
from seqest.metrics import nmse

__all__ = ["Case", "Split", "rankings", "rows"]

WASHOUT = 200
# What `Case.chosen` holds.
FREE = (
    "spectral_radius",
    "leak_rate",
    "input_scaling",
    "bias_scaling",
    "input_weights",
    "alpha",
)


@dataclass(frozen=True)
class Split:
    """A series of inputs and targets, and how many rows come first.

    Attributes
    ----------
    X : ndarray of shape (n_timesteps, 1)
        Inputs.
    y : ndarray of shape (n_timesteps,)
        Targets.
    n_train, n_validation : int
        Rows; all others are for the test.
    """

    X: NDArray[np.float64]
    y: NDArray[np.float64]
    n_train: int
    n_validation: int

    def error(self, n_units: int, settings: Any, seed: int, part: str) -> float:
        """Return the NMSE of a network on the validation or the test rows."""
        network = ESNRegressor(n_units, washout=WASHOUT, random_state=seed, **settings)
        network.fit(self.X[: self.n_train], self.y[: self.n_train])
        first = self.n_train + (self.n_validation if part == "test" else 0)
        last = len(self.y) if part == "test" else first + self.n_validation
        predicted = network.predict(self.X[self.n_train : last], initial_state="last")
        score = nmse(self.y[first:last], predicted[first - self.n_train :])
        assert isinstance(score, float)  # one output
        return score


@dataclass(frozen=True)
class Case:
    """A row of the table.

    Attributes
    ----------
    topology, features : str
        The reservoir, and what of it the readout sees.
    n_units : int
        Size of the reservoir.
    theirs, goal : float
        The figure of Rodan & Tiňo 2011, and ours to reach.
    chosen : tuple
        What the search chose of `FREE`.
    """

    topology: str
    features: str
    n_units: int
    theirs: float
    goal: float
    chosen: tuple[Any, ...]

    @property
    def words(self) -> str:
        """The settings, for the table."""
        states = "states" if self.features == "linear" else "states and squared"
        return f"{self.topology}, N={self.n_units}, {states}"

    def error(
        self,
        series: Callable[[int], Split],
        part: str,
        free: Mapping[str, Any],
        seed: int,
    ) -> float:
        """Return the NMSE of the network of a seed on a part of the seed's series."""
        stated = {"topology": self.topology, "readout_features": self.features}
        return series(seed).error(self.n_units, {**stated, **free}, seed, part)


def rows(
    task: str,
    cases: Sequence[Case],
    series: Callable[[int], Split],
    seeds: Sequence[int],
    quick: bool,
) -> Iterator[Row]:
    """Yield the row of each case; if quick, of no more than 100 units."""
    for case in _of_size(cases, quick):
        free = dict(zip(FREE, case.chosen, strict=True))
        scores, minutes = timed(partial(case.error, series, "test", free), seeds)
        theirs = f"{case.theirs:g} [M] Rodan & Tiňo 2011"
        yield Row(task, case.words, "NMSE", theirs, case.goal, scores, minutes)


def rankings(
    cases: Sequence[Case],
    series: Callable[[int], Split],
    space: Mapping[str, Any],
    quick: bool,
) -> Iterator[tuple[str, Ranking]]:
    """Yield each case's candidates by their validation error."""
    for case in _of_size(cases, quick):
        candidates = draw_candidates(space, 10 if quick else 150)
        error = partial(case.error, series, "validation")
        yield case.words, rank(candidates, error, 5)


def _of_size(cases: Sequence[Case], quick: bool) -> list[Case]:
    return [case for case in cases if case.n_units <= 100 or not quick]
