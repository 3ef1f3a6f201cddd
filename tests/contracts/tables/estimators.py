"""The sequence estimators, and what of scikit-learn's checks cannot hold for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seqest import ESNRegressor, Reservoir
from seqest.readouts import RecursiveLeastSquares

__all__ = ["TABLE", "SequenceEstimator"]

DEPENDS_ON_ROWS_BEFORE = {
    "check_methods_sample_order_invariance": (
        "what is predicted for a row depends on the rows before it"
    ),
    "check_methods_subset_invariance": (
        "what is predicted for a row depends on the rows before it"
    ),
}
ROWS_ARE_TIME = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a row that is left out or repeated changes the states of the rows after it"
    ),
}


@dataclass(frozen=True)
class SequenceEstimator:
    """One estimator, made anew for each law.

    Parameters
    ----------
    make : callable
        Takes parameters.
    along : str
        The method that answers along rows.
    failures : mapping
        Checks of scikit-learn that must fail, each with the reason.
    """

    make: Callable[..., Any]
    along: str = "predict"
    failures: Mapping[str, str] = field(
        default_factory=lambda: DEPENDS_ON_ROWS_BEFORE | ROWS_ARE_TIME
    )

    def answer(self, fitted: Any, *arguments: Any, **options: Any) -> Any:
        """Return what a fitted estimator answers along rows."""
        return getattr(fitted, self.along)(*arguments, **options)


def _small(**own: Any) -> Callable[..., Any]:
    def make(**options: Any) -> Any:
        return ESNRegressor(**{"n_units": 20, "random_state": 0, **own, **options})

    return make


TABLE: dict[str, SequenceEstimator] = {
    "ESNRegressor": SequenceEstimator(ESNRegressor),
    "ESNRegressor, feedback": SequenceEstimator(_small(feedback_scaling=0.3)),
    "ESNRegressor, deep": SequenceEstimator(
        _small(n_units=(12, 9), leak_rate=0.5, readout_features="squared")
    ),
    "ESNRegressor, online": SequenceEstimator(
        _small(topology="ring", readout=RecursiveLeastSquares(alpha=1e-2), noise=1e-3),
        failures=DEPENDS_ON_ROWS_BEFORE | ROWS_ARE_TIME,
    ),
    "Reservoir": SequenceEstimator(Reservoir, "transform", DEPENDS_ON_ROWS_BEFORE),
}
