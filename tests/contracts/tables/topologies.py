"""Topologies, and how many connections each promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["TABLE", "Promise"]


@dataclass(frozen=True)
class Promise:
    """What a topology makes of parameters.

    Parameters
    ----------
    n_connections : callable
        Takes n_units; the number of weights that are not 0.
    parameters : mapping
        The parameters.
    by_chance : bool
        Whether two generators give two matrices.
    """

    n_connections: Callable[[int], int]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    by_chance: bool = True


def _blocks(n_blocks: int, within: float, between: float) -> Callable[[int], int]:
    def n_connections(n: int) -> int:
        sizes = [len(part) for part in np.array_split(np.arange(n), n_blocks)]
        inside = sum(size**2 for size in sizes)
        return round(within * inside) + round(within * between * (n**2 - inside))

    return n_connections


def _jumps(length: int) -> Callable[[int], int]:
    return lambda n: n + 2 * (n // length)


def _attachments(m: int) -> Callable[[int], int]:
    return lambda n: 2 * (m * (m + 1) // 2 + (n - m - 1) * m)


TABLE: dict[str, list[Promise]] = {
    "block": [
        Promise(_blocks(4, 0.3, 0.1), {"density": 0.3}),
        Promise(_blocks(3, 0.5, 0.2), {"density": 0.5, "n_blocks": 3, "between": 0.2}),
        Promise(_blocks(5, 1.0, 0.0), {"density": 1.0, "n_blocks": 5, "between": 0}),
        Promise(_blocks(1, 0.1, 0.0), {"density": 0.1, "n_blocks": 1}),
    ],
    "delay_line": [Promise(lambda n: n - 1, by_chance=False)],
    "delay_line_with_feedback": [
        Promise(lambda n: 2 * (n - 1), by_chance=False),
        Promise(lambda n: 2 * (n - 1), {"feedback_weight": -0.05}, by_chance=False),
    ],
    "fixed_in_degree": [
        Promise(lambda n: 10 * n),
        Promise(lambda n: 3 * n, {"in_degree": 3, "distribution": "sign"}),
    ],
    "loops": [
        Promise(lambda n: n, by_chance=False),
        Promise(lambda n: n, {"lengths": 1}, by_chance=False),
        Promise(lambda n: n, {"lengths": {2: 0.5, 9: 0.25, 10_000: 0.25}}),
    ],
    "orthogonal": [Promise(lambda n: n**2)],
    "permutation": [Promise(lambda n: n)],
    "random": [
        Promise(lambda n: 10 * n),
        Promise(lambda n: round(0.2 * n**2), {"density": 0.2}),
        Promise(lambda n: round(0.9 * n**2), {"density": 0.9, "distribution": "sign"}),
        Promise(lambda n: n**2, {"density": 1, "distribution": "normal"}),
    ],
    "ring": [Promise(lambda n: n, by_chance=False)],
    "ring_with_jumps": [
        Promise(_jumps(10), by_chance=False),
        Promise(_jumps(3), {"jump_length": 3, "jump_weight": -0.2}, by_chance=False),
    ],
    "scale_free": [
        Promise(_attachments(5)),
        Promise(_attachments(1), {"n_attachments": 1, "distribution": "normal"}),
    ],
    "small_world": [
        Promise(lambda n: 10 * n),
        Promise(lambda n: 2 * n, {"n_neighbors": 2, "rewiring_probability": 1}),
        Promise(lambda n: 22 * n, {"n_neighbors": 22, "rewiring_probability": 0}),
    ],
}
