"""State noise that depends on the row alone, not on how rows come in blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["StateNoise"]

# Rows drawn from one generator; a block that starts within a page redraws it.
PAGE = 64
# How many runs' last pages are kept, for those that come row by row.
PAGES = 16


class StateNoise:
    """Gaussian noise for the states, drawn by absolute row.

    Parameters
    ----------
    scale : float
        Standard deviation.
    seed : int
        Of all noise.
    n_units : int
        Number of states.
    origin : dict of str to ndarray of shape (n_runs,)
        ``"rows"``: rows each run has seen since rest; ``"run"``: its number, which it
        keeps when it is continued.
    """

    def __init__(
        self, scale: float, seed: int, n_units: int, origin: Mapping[str, NDArray[Any]]
    ) -> None:
        self.scale, self.seed, self.n_units = scale, seed, n_units
        self.rows, self.numbers = origin["rows"], origin["run"]
        self._drawn: dict[int, tuple[int, NDArray[np.float64]]] = {}

    def __call__(self, run: int, begin: int, end: int) -> NDArray[np.float64]:
        """Return the noise of steps begin:end of a run, shape (steps, n_units)."""
        first, last = self.rows[run] + begin, self.rows[run] + end
        pages = range(int(first) // PAGE, int(last - 1) // PAGE + 1)
        drawn = np.concatenate([self._page(run, page) for page in pages])
        offset = int(first) - pages[0] * PAGE
        return drawn[offset : offset + end - begin]

    def _page(self, run: int, page: int) -> NDArray[np.float64]:
        """Return the noise of a page of rows; the last one drawn is kept."""
        last, noise = self._drawn.get(run, (-1, np.empty(0)))
        if last != page:
            generator = np.random.default_rng([self.seed, self.numbers[run], page])
            noise = self.scale * generator.standard_normal((PAGE, self.n_units))
            if len(self._drawn) >= PAGES:
                self._drawn.clear()
            self._drawn[run] = page, noise
        return noise
