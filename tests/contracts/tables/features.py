"""The short-term memories, with what of scikit-learn's checks cannot hold for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqest.features import DelayKernels, GammaMemory, TappedDelayLine
from tests.contracts.tables.estimators import (
    DEPENDS_ON_ROWS_BEFORE,
    SequenceEstimator,
)

__all__ = ["TABLE"]


def _memory(
    transformer: Callable[..., Any], own: dict[str, Any], other: dict[str, Any]
) -> SequenceEstimator:
    """Return a memory; the laws give a seed to all, and it has no use for one."""

    def make(random_state: int | None = None, **options: Any) -> Any:
        return transformer(**{**own, **options})

    return SequenceEstimator(make, "transform", DEPENDS_ON_ROWS_BEFORE, other)


TABLE: dict[str, SequenceEstimator] = {
    "DelayKernels": _memory(
        DelayKernels,
        {"kernels": ((0.5, 0.3, 0.2), (1.0, -1.0, 0.0))},
        {"kernels": [[2.0]]},
    ),
    "GammaMemory": _memory(GammaMemory, {}, {"order": 5, "mu": (0.2, 1.4)}),
    "GammaMemory, sharp": _memory(GammaMemory, {"mu": 1.0}, {"mu": 0.9}),
    "TappedDelayLine": _memory(TappedDelayLine, {}, {"delays": 7}),
    "TappedDelayLine, chosen": _memory(
        TappedDelayLine, {"delays": [0, 2, 5]}, {"delays": {0: 2, 1: [3]}}
    ),
}
