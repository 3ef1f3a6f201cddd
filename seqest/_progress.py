"""What ``verbose`` writes: how far long work has come, on the error stream."""

from __future__ import annotations

import sys
from time import monotonic

__all__ = ["Progress"]


class Progress:
    """Writes a line a second, at most, while rows are worked off.

    Parameters
    ----------
    owner : str
        Whose work it is.
    total : int
        How many there are.
    verbose : bool or int
        Nothing is written where it is 0.
    unit : str, default="rows"
        What is counted.
    """

    def __init__(
        self, owner: str, total: int, verbose: bool | int, unit: str = "rows"
    ) -> None:
        self.owner, self.total, self.verbose = owner, total, verbose
        self.unit = unit
        self.done = 0
        self.begun = self.said = monotonic()

    def advance(self, rows: int) -> None:
        """Count some as done."""
        self.done += rows
        now = monotonic()
        if self.verbose and now - self.said >= 1:
            self.said = now
            self.say(f"{self.done:,} of {self.total:,} {self.unit}")

    def say(self, text: str) -> None:
        """Write a line with the time it took so far."""
        if self.verbose:
            seconds = monotonic() - self.begun
            sys.stderr.write(f"{self.owner}: {text}, {seconds:.1f} s\n")
