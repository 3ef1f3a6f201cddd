"""One step of a transform, there and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Cuts", "Transform", "first_of"]

Array = NDArray[np.float64]
Cuts = NDArray[np.int64]


class Transform(ABC):
    """One step there and back, fitted to the rows of training."""

    @classmethod
    @abstractmethod
    def fitted(cls, rows: Array, offsets: Cuts, option: Any) -> Self:
        """Return the transform of these rows, NaN in those that have none."""

    @abstractmethod
    def like(self, before: Any) -> Self:
        """Return this with what was fitted before of the series that come first."""

    @abstractmethod
    def apply(self, rows: Array, offsets: Cuts) -> Array:
        """Return transformed training rows, NaN where there is no value."""

    @abstractmethod
    def at(self, series: Cuts, known: Cuts, before: list[Array]) -> Self:
        """Return this as it stands at places: after `known` rows of some series.

        `before` are the rows of each series before the transform.
        """

    @abstractmethod
    def undo(self, ahead: Array) -> Array:
        """Return forecasts of the rows after training as they were before."""

    @abstractmethod
    def undo_rows(self, told: Array, rows: Array, after: Array) -> Array:
        """Return what was told of transformed training rows, from their own past.

        `rows` are the training rows before the transform, `after` those after it.
        """


def first_of(before: Array, now: Array) -> Array:
    """Return rows of which the first are those of before."""
    return np.concatenate([before, now[len(before) :]])
