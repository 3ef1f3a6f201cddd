"""Linear readouts that learn row by row: what they share with scikit-learn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from seqest._compile import kernel
from seqest._validation import worded

__all__ = ["OnlineReadout", "linear_map"]

Array = NDArray[np.float64]
State = tuple[Array, tuple[Array, ...]]  # the weights, and what else the rule keeps


class OnlineReadout(MultiOutputMixin, RegressorMixin, BaseEstimator, ABC):
    """A linear map and the rule by which each row changes it.

    Subclasses say how a memory begins and how rows are learnt; what is fitted is
    ``[intercept, coef]``, one row per output, for the feature vector ``[1; x]``.
    """

    @abstractmethod
    def _first_memory(self, n_features: int) -> tuple[Array, ...]:
        """Check the parameters and return what the rule keeps besides the weights."""

    @abstractmethod
    def _learn_rows(
        self, weights: Array, memory: tuple[Array, ...], rows: tuple[Array, ...]
    ) -> int:
        """Learn in place the `rows`: features, targets, sample weights, predictions.

        Predictions are filled with what was predicted before each row was learnt.
        Return the row at which the weights left the range of numbers, or -1.
        """

    @abstractmethod
    def _diverged(self, row: int) -> str:
        """Return what to say where the weights left the range of numbers."""

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Learn all rows in their order, from the start.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Features, rows in time order.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of at least 0; a row of weight 0 is passed over.

        Returns
        -------
        Self
            The fitted readout.

        Raises
        ------
        ValueError
            If a parameter or the data are invalid, or learning diverges.
        """
        rows = self._rows(X, y, sample_weight, first=True)
        if not rows[2].any():
            rule = "above zero in at least one row"
            raise ValueError(
                worded(type(self).__name__, "sample_weight", rows[2], rule)
            )
        return self._learn_block(*rows, first=True)

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Learn more rows, in their order; `step` is the quick way for a single one.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Features, rows in time order, following those learnt before.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of at least 0; a row of weight 0 is passed over.

        Returns
        -------
        Self
            The readout.

        Raises
        ------
        ValueError
            If the data do not fit those before, or learning diverges. The readout is
            then as it was.
        """
        first = not hasattr(self, "_weights")
        rows = self._rows(X, y, sample_weight, first=first)
        if not first and rows[1].shape[1:] != self._target_shape:
            rule = f"of shape {('n_rows', *self._target_shape)} as before"
            raise ValueError(worded(type(self).__name__, "y", rows[1], rule))
        return self._learn_block(*rows, first=first)

    def begin(self, n_features: int, n_outputs: int) -> Self:
        """Prepare for `step`: all weights 0, as before the first row.

        Parameters
        ----------
        n_features : int
            Number of features.
        n_outputs : int
            Number of targets.

        Returns
        -------
        Self
            The readout, which predicts 0 for now.
        """
        self._weights, self._memory = self._first_state(n_features, n_outputs)
        self._target_shape: tuple[int, ...] = (n_outputs,)
        self.n_features_in_ = n_features
        return self

    def step(self, features: Array, target: Array, sample_weight: float = 1.0) -> Array:
        """Learn one row, unchecked, and return what was predicted before.

        Parameters
        ----------
        features : ndarray of shape (n_features,)
            Finite float64, C-ordered and writeable.
        target : ndarray of shape (n_outputs,)
            Likewise.
        sample_weight : float, default=1.0
            Weight of the row, at least 0.

        Returns
        -------
        ndarray of shape (n_outputs,)
            The prediction for `features` by the weights as they were.

        Raises
        ------
        ValueError
            If learning diverges; the weights are then of no further use.
        """
        weight = np.array([sample_weight], dtype=np.float64)
        state = (self._weights, self._memory)
        rows = features[np.newaxis], target[np.newaxis], weight
        return self._learn(state, *rows).reshape(-1)

    def predict(self, X: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the linear map of each row.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_outputs)
            Predictions, float32 for features in float32.
        """
        check_is_fitted(self)
        design = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        predicted = design @ self._weights[:, 1:].T + self._weights[:, 0]
        shape = (len(design), *self._target_shape)
        return np.asarray(predicted.reshape(shape), dtype=design.dtype)

    @property
    def coef_(self) -> Array:
        """Weights, of shape (n_features,) for 1-D `y`, else (n_outputs, n_features)."""
        check_is_fitted(self)
        return self._weights[:, 1:].reshape(*self._target_shape, -1)

    @property
    def intercept_(self) -> float | Array:
        """Constant, a number for 1-D `y`, else of shape (n_outputs,)."""
        check_is_fitted(self)
        return self._weights[:, 0] if self._target_shape else float(self._weights[0, 0])

    def _first_state(self, n_features: int, n_outputs: int) -> State:
        return np.zeros((n_outputs, 1 + n_features)), self._first_memory(n_features)

    def _learn_block(
        self, X: Array, y: Array, sample_weight: Array, *, first: bool
    ) -> Self:
        """Learn into a new state, which becomes ours once nothing can fail."""
        Y = y if y.ndim == 2 else y[:, np.newaxis]
        if first:
            state = self._first_state(X.shape[1], Y.shape[1])
        else:
            memory = tuple(part.copy() for part in self._memory)
            state = self._weights.copy(), memory
        self._learn(state, X, Y, sample_weight)
        if not np.isfinite(state[0]).all():
            raise ValueError(self._diverged(len(X) - 1))
        self._weights, self._memory = state
        self._target_shape = y.shape[1:]
        return self

    def _learn(self, state: State, X: Array, Y: Array, sample_weight: Array) -> Array:
        predicted = np.empty_like(Y)
        failed = self._learn_rows(*state, (X, Y, sample_weight, predicted))
        if failed >= 0:
            raise ValueError(self._diverged(failed))
        return predicted

    def _rows(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        *,
        first: bool,
    ) -> tuple[Array, Array, Array]:
        """Return checked features, targets and weights, float64 and C-ordered."""
        design, target = validate_data(
            self,
            X,
            y,
            reset=first,
            multi_output=True,
            y_numeric=True,
            dtype=np.float64,
            order="C",
            force_writeable=True,
        )
        if sample_weight is None:
            weight = np.ones(len(design))
        else:
            weight = self._checked_weight(sample_weight, len(design))
        return design, np.require(target, np.float64, ["C", "W"]), weight

    def _checked_weight(self, sample_weight: ArrayLike, n_rows: int) -> Array:
        name = type(self).__name__
        weight = check_array(
            sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
        )
        if weight.shape != (n_rows,):
            rule = f"of shape ({n_rows},), one weight per row"
            raise ValueError(worded(name, "sample_weight", weight, rule))
        if weight.min() < 0:
            rule = f"at least 0, but row {int(weight.argmin())} has {weight.min():g}"
            raise ValueError(worded(name, "sample_weight", weight, rule))
        return np.require(weight, np.float64, ["C", "W"])


@kernel
def linear_map(weights: Any, x: Any, result: Any) -> None:
    """Fill `result` (n_outputs,) with what `weights` make of [1; x]."""
    for output in range(len(weights)):
        total = weights[output, 0]
        for feature in range(len(x)):
            total += weights[output, 1 + feature] * x[feature]
        result[output] = total
