"""What a method knows of the largest modulus among the eigenvalues."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

__all__ = ["TOLERANCE", "UNKNOWN", "Estimate"]

# A radius is given only if its relative error is known to be smaller, else with a word.
TOLERANCE = 1e-3


class Estimate(NamedTuple):
    """A spectral radius, and how far from it the true one may lie.

    Parameters
    ----------
    value : float
        The estimate.
    error : float
        Bound of its absolute error, to first order in rounding and residuals.
    """

    value: float
    error: float

    @property
    def is_certain(self) -> bool:
        """Whether the relative error is within the tolerance."""
        return self.error <= TOLERANCE * self.value


UNKNOWN = Estimate(0.0, inf)
