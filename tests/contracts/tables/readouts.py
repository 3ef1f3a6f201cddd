"""Readouts, and how each turns pieces of rows into a linear map."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest.readouts import (
    Gram,
    LeastMeanSquares,
    RecursiveLeastSquares,
    RidgeReadout,
)
from seqest.readouts._rows import Rows

__all__ = ["TABLE", "Piece", "Readout"]

Piece = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]  # features, targets, weights


@dataclass(frozen=True)
class Readout:
    """One readout, made anew for each law.

    Parameters
    ----------
    make : callable
        Takes numbers of features and outputs.
    learn : callable
        Takes what `make` returns and a piece.
    result : callable
        Returns the map (n_outputs, 1 + n_features), the intercept first.
    weights_are_repeats : bool
        Whether a weight of 2 is the row twice.
    remembers_order : bool
        Whether later rows count more.
    failures : mapping
        Checks of scikit-learn that must fail, each with the reason.
    """

    make: Callable[[int, int], Any]
    learn: Callable[..., Any]
    result: Callable[[Any], NDArray[np.float64]]
    weights_are_repeats: bool = True
    remembers_order: bool = False
    failures: Mapping[str, str] = field(default_factory=dict)

    def taught(self, pieces: Sequence[Piece]) -> Any:
        """Return the readout after `pieces`."""
        F, Y, _ = pieces[0]
        readout = self.make(F.shape[1], Y.shape[1])
        for piece in pieces:
            self.learn(readout, *piece)
        return readout


def _of_statistics(statistics: Gram | Rows) -> NDArray[np.float64]:
    coef, _ = statistics.coefficients(0.1)
    intercept = statistics.target_mean - coef @ statistics.feature_mean
    return np.column_stack([intercept, coef])


def _of_ridge(readout: RidgeReadout) -> NDArray[np.float64]:
    solution = readout.solve()
    return np.column_stack([solution.intercept, solution.coef])


def _of_online(readout: Any) -> NDArray[np.float64]:
    return np.column_stack([readout.intercept_, readout.coef_])


def _online(make: Callable[[], Any], **laws: Any) -> Readout:
    def begun(n_features: int, n_outputs: int) -> Any:
        return make().begin(n_features, n_outputs)

    return Readout(begun, lambda r, *piece: r.partial_fit(*piece), _of_online, **laws)


def _ridge(n_features: int, n_outputs: int) -> RidgeReadout:
    return RidgeReadout(n_features, n_outputs, alpha=0.1)


TABLE: dict[str, Readout] = {
    "Gram": Readout(Gram, lambda r, *piece: r.update(*piece), _of_statistics),
    "Rows": Readout(Rows, lambda r, *piece: r.update(*piece), _of_statistics),
    "RidgeReadout": Readout(_ridge, lambda r, *piece: r.update(*piece), _of_ridge),
    "RecursiveLeastSquares": _online(lambda: RecursiveLeastSquares(alpha=0.1)),
    "RecursiveLeastSquares forgetting": _online(
        lambda: RecursiveLeastSquares(alpha=0.1, forgetting=0.95),
        weights_are_repeats=False,  # a row twice is two steps of time
        remembers_order=True,
        failures={
            "check_sample_weight_equivalence_on_dense_data": "rows count by their age",
        },
    ),
    "LeastMeanSquares": _online(
        LeastMeanSquares,
        weights_are_repeats=False,  # a second step starts from a smaller error
        remembers_order=True,
        failures={
            "check_sample_weight_equivalence_on_dense_data": "each row is one step",
        },
    ),
}
