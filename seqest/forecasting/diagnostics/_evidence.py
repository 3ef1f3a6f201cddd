"""One row of the table that a choice of delays rests on."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Evidence"]


class Evidence(NamedTuple):
    """What is known of one delay of one column."""

    kind: str  # "input" or "output"
    column: int
    delay: int
    value: float
    bound: float
    chosen: bool
