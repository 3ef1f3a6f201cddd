"""The values of a parameter as places along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scale", "read_scale", "words_of"]

Array = NDArray[np.float64]
SPREAD = 20.0  # largest over smallest value of a logarithmic scale
LETTERS = 22  # of a category


class Scale(NamedTuple):
    """One parameter of all trials.

    Attributes
    ----------
    name : str
        What it is called.
    places : ndarray of shape (n_trials,)
        Its values where they are numbers, or else the number of each category.
    ticks : tuple of str or None
        The categories.
    """

    name: str
    places: Array
    ticks: tuple[str, ...] | None

    @property
    def is_log(self) -> bool:
        """Whether numbers spread over more than a decade, or grow by one factor."""
        steps = self.steps
        if self.ticks is not None or steps[0] <= 0:
            return False
        factors = steps[1:] / steps[:-1]
        return bool(
            steps[-1] >= SPREAD * steps[0]
            or (len(factors) > 1 and np.allclose(factors, factors[0]))
        )

    @property
    def steps(self) -> Array:
        """The places that there are, in the order of size."""
        return np.unique(self.places)

    def edges(self) -> Array:
        """Return the borders of cells around the steps."""
        steps = np.log(self.steps) if self.is_log else self.steps
        inner = (steps[1:] + steps[:-1]) / 2
        wide = np.diff(steps)[[0, -1]] / 2 if len(steps) > 1 else (0.5, 0.5)
        edges = np.array([steps[0] - wide[0], *inner, steps[-1] + wide[1]])
        return np.asarray(np.exp(edges)) if self.is_log else edges

    def cell(self, place: float) -> tuple[float, float]:
        """Return the borders of the cell around a place."""
        at, edges = int(np.searchsorted(self.steps, place)), self.edges()
        return float(edges[at]), float(edges[at + 1])


def read_scale(name: str, values: Sequence[Any], known: NDArray[np.bool_]) -> Scale:
    """Return the values of the trials that are known, as numbers or categories."""
    kept = [value for value, there in zip(values, known, strict=True) if there]
    if all(isinstance(v, Real) and not isinstance(v, bool | np.bool_) for v in kept):
        places = np.array(kept, dtype=np.float64)
        if np.isfinite(places).all():
            return Scale(name, places, None)
    words = [words_of(value) for value in kept]
    names = list(dict.fromkeys(words))
    places = np.array([names.index(word) for word in words], np.float64)
    return Scale(name, places, _shortened(names))


def words_of(value: Any) -> str:
    """Return what a value is called."""
    return value if isinstance(value, str) else repr(value)


def _shortened(names: Sequence[str]) -> tuple[str, ...]:
    """Return names cut short, unless they could no longer be told apart."""
    short = [n if len(n) <= LETTERS else n[: LETTERS - 1] + "…" for n in names]
    return tuple(short if len(set(short)) == len(names) else names)
