"""Candidates for free settings, and their ranking on validation rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from sklearn.model_selection import ParameterSampler

__all__ = ["Ranking", "best", "draw_candidates", "rank"]

Settings = Mapping[str, Any]
Ranking = list[tuple[float, Settings]]


def draw_candidates(space: Mapping[str, Any], n_candidates: int) -> list[Settings]:
    """Draw settings from distributions or lists, numbers to two digits.

    What is scored is what would be stated as a constant, hence the two digits.
    """
    drawn = ParameterSampler(space, n_candidates, random_state=0)
    return [
        {
            name: float(f"{value:.2g}") if isinstance(value, float) else value
            for name, value in candidate.items()
        }
        for candidate in drawn
    ]


def rank(
    candidates: Iterable[Settings], error: Callable[[Settings, int], float], seeds: int
) -> Ranking:
    """Return candidates by their mean error over seeds 0, 1, …, the least first."""
    scored = [
        (float(np.mean([error(one, seed) for seed in range(seeds)])), one)
        for one in candidates
    ]
    return sorted(scored, key=lambda entry: entry[0])


def best(ranking: Ranking, n_settings: int) -> list[Settings]:
    """Return the first settings of a ranking."""
    return [settings for _, settings in ranking[:n_settings]]
