"""The sequence estimators, and what of scikit-learn's checks cannot hold for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.utils import check_random_state

from seqest import (
    ElmanRegressor,
    ESNRegressor,
    GRURegressor,
    JordanRegressor,
    LSTMRegressor,
    NARXRegressor,
    Reservoir,
    TDNNRegressor,
)
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
    settings : mapping
        Parameters, and values other than those it is made with.
    carries : bool
        Whether a state is carried on: rows are answered without those after them.
    """

    make: Callable[..., Any]
    along: str = "predict"
    failures: Mapping[str, str] = field(
        default_factory=lambda: DEPENDS_ON_ROWS_BEFORE | ROWS_ARE_TIME
    )
    settings: Mapping[str, Any] = field(
        default_factory=lambda: {"leak_rate": 0.25, "n_units": 7}
    )
    carries: bool = True

    def answer(self, fitted: Any, *arguments: Any, **options: Any) -> Any:
        """Return what a fitted estimator answers along rows."""
        return getattr(fitted, self.along)(*arguments, **options)

    def answer_and_state(self, fitted: Any, X: Any) -> tuple[Any, Any]:
        """Return the answer and the state it ends in, None where none is carried."""
        if not self.carries:
            return self.answer(fitted, X), None
        answer, state = self.answer(fitted, X, return_state=True)
        return answer, state


def _small(**own: Any) -> Callable[..., Any]:
    def make(**options: Any) -> Any:
        return ESNRegressor(**{"n_units": 20, "random_state": 0, **own, **options})

    return make


def _trained(estimator: Callable[..., Any], **own: Any) -> SequenceEstimator:
    """Return a network that learns by gradients: few units, few and long steps."""
    quick = {"hidden_layer_sizes": 6, "max_iter": 25, "learning_rate_init": 0.03}

    def make(**options: Any) -> Any:
        return estimator(**{**quick, "random_state": 0, **own, **options})

    return SequenceEstimator(
        make,
        settings={"hidden_layer_sizes": (4,), "alpha": 0.5},
        carries=not own.get("bidirectional", False),
    )


class RandomFeatures(Ridge):
    """A ridge regression of random features, drawn anew by each seed."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Draw the features and fit their weights."""
        rng = check_random_state(self.random_state)
        self.directions_ = rng.normal(scale=0.5, size=(X.shape[1], 30))
        return super().fit(np.tanh(X @ self.directions_), y, sample_weight)

    def predict(self, X: Any) -> Any:
        """Return the weighted features."""
        return super().predict(np.tanh(X @ self.directions_))


def _substituted(estimator: Callable[..., Any], **own: Any) -> SequenceEstimator:
    """Return delay lines before a regressor that draws by chance."""

    def make(**options: Any) -> Any:
        other = RandomFeatures(alpha=1e-2)
        return estimator(**{"regressor": other, "random_state": 0, **own, **options})

    failures = {
        "check_non_transformer_estimators_n_iter": (
            "max_iter is the perceptron's; what other regressors do is their own"
        ),
        "check_regressors_train": (
            "it sets alpha, which is the perceptron's and refused for others"
        ),
    }
    return SequenceEstimator(
        make,
        failures=DEPENDS_ON_ROWS_BEFORE | ROWS_ARE_TIME | failures,
        settings={"regressor": Ridge(1.0), "initial_state": "zero"},
    )


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
    "ElmanRegressor": _trained(ElmanRegressor),
    "ElmanRegressor, deep": _trained(
        ElmanRegressor, hidden_layer_sizes=(5, 4), skip_connections="all", window=30
    ),
    "ElmanRegressor, truncated": _trained(ElmanRegressor, truncation=1, window=60),
    "JordanRegressor": _trained(JordanRegressor),
    "GRURegressor": _trained(GRURegressor),
    "GRURegressor, reset before": _trained(
        GRURegressor, reset="before", learn_initial_state=True
    ),
    "LSTMRegressor": _trained(LSTMRegressor),
    "LSTMRegressor, bidirectional": _trained(
        LSTMRegressor, bidirectional=True, hidden_layer_sizes=(4, 3)
    ),
    "NARXRegressor": _trained(NARXRegressor),
    "TDNNRegressor": _trained(TDNNRegressor),
    "TDNNRegressor, hidden delays": _trained(
        TDNNRegressor, delays=[0, 2], hidden_delays=1, hidden_layer_sizes=(4, 3)
    ),
    "NARXRegressor, regressor": _substituted(NARXRegressor, output_delays=2),
    "TDNNRegressor, regressor": _substituted(TDNNRegressor, delays=2),
    "Reservoir": SequenceEstimator(Reservoir, "transform", DEPENDS_ON_ROWS_BEFORE),
}
