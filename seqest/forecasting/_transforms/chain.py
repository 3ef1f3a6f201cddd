"""Transforms one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from seqest.forecasting._transforms.transform import Array, Cuts, Transform

__all__ = ["Chain"]


@dataclass(frozen=True, eq=False)
class Chain:
    """Transforms one after the other, and the training rows between them.

    Attributes
    ----------
    steps : tuple of Transform
        In the order in which they are applied.
    between : tuple of ndarray
        Training rows before each, and after the last.
    """

    steps: tuple[Transform, ...]
    between: tuple[Array, ...]

    @classmethod
    def fitted(
        cls,
        rows: Array,
        offsets: Cuts,
        wanted: Sequence[tuple[type[Transform], Any]],
        before: Self | None = None,
    ) -> Self:
        """Fit transforms to training rows.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_targets)
            The rows, series after series.
        offsets : ndarray of shape (n_series + 1,)
            Where series begin and end.
        wanted : sequence of (class, option)
            The transforms, in order.
        before : Chain, optional
            One fitted before to the same series, which come first; what was fitted
            then stays.

        Returns
        -------
        Chain
            The last of `between` is what a regressor learns from.
        """
        steps, between = [], [rows]
        for k, (kind, option) in enumerate(wanted):
            step = kind.fitted(between[-1], offsets, option)
            if before is not None:
                step = step.like(before.steps[k])
            steps.append(step)
            between.append(step.apply(between[-1], offsets))
        return cls(tuple(steps), tuple(between))

    @property
    def rows(self) -> Array:
        """Transformed training rows, NaN in those lost to differences."""
        return self.between[-1]

    def at(self, series: Cuts, known: Cuts, offsets: Cuts) -> Self:
        """Return the transforms as they stand after `known` rows of some series."""
        steps = []
        for step, rows in zip(self.steps, self.between, strict=False):
            apart = [rows[a:b] for a, b in pairwise(offsets)]
            steps.append(step.at(series, known, apart))
        return type(self)(tuple(steps), self.between)

    def undo(self, ahead: Array) -> Array:
        """Return forecasts (n_series, n_paths, n_steps, n_targets) in y's units."""
        for step in reversed(self.steps):
            ahead = step.undo(ahead)
        return ahead

    def undo_rows(self, told: Array) -> Array:
        """Return what was told of transformed training rows in y's units."""
        pairs = zip(self.steps, pairwise(self.between), strict=True)
        for step, (before, after) in reversed(list(pairs)):
            told = step.undo_rows(told, before, after)
        return told
