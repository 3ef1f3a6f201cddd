"""What the short-term memories share: rows in, features and state out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from seqest._sequences import (
    RULES,
    Kept,
    Sequences,
    State,
    read_sequences,
    starting_values,
)
from seqest._validation import check_choice

__all__ = ["ShortTermMemory"]


class ShortTermMemory(TransformerMixin, BaseEstimator, ABC):
    """Turn each feature into what is remembered of it.

    A memory reads its parameters and names its features; along rows it maps a state
    before each stretch to features and the state after it.
    """

    __metadata_request__fit: ClassVar = {"groups": True}
    __metadata_request__transform: ClassVar = {"groups": True}

    initial_state: Any
    n_features_in_: int

    @abstractmethod
    def _read(self, sequences: Sequences) -> None:
        """Check the parameters against the training rows and set what is fitted."""

    @abstractmethod
    def _suffixes(self) -> Sequence[Sequence[str]]:
        """Return what is joined to a feature's name, for each of its outputs."""

    @abstractmethod
    def _rest(self) -> Mapping[str, NDArray[Any]]:
        """Return the state at rest, NaN where the first row is to stand."""

    @abstractmethod
    def _along(
        self, sequences: Sequences, start: Mapping[str, NDArray[Any]]
    ) -> NDArray[Any]:
        """Return the features of each row, shape (n_rows, n_features_out)."""

    @abstractmethod
    def _after(
        self,
        sequences: Sequences,
        start: Mapping[str, NDArray[Any]],
        H: NDArray[Any] | None,
    ) -> Mapping[str, NDArray[Any]]:
        """Return the state after each stretch; H is what `_along` returned, if run."""

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> Self:
        """Learn the columns of X and keep the state at the end of each series.

        Parameters
        ----------
        X : array-like of shape (n_timesteps, n_features)
            In any form of `seqest.ESNRegressor.fit`.
        y : object, default=None
            Ignored.
        groups : array-like of shape (n_timesteps,), default=None
            The series each row belongs to.

        Returns
        -------
        self
            The fitted transformer.

        Raises
        ------
        ValueError
            If a parameter or X breaks a rule; the message names it.
        """
        self._fit(X, groups, returned=False)
        return self

    def fit_transform(self, X: Any, y: Any = None, groups: Any = None) -> Any:
        """Learn the columns of X and return their features.

        Parameters
        ----------
        X, y, groups
            As in `fit`.

        Returns
        -------
        H : ndarray of shape (n_timesteps, n_features_out)
            Features, in the form of X.

        Raises
        ------
        ValueError
            If a parameter or X breaks a rule; the message names it.
        """
        sequences, H = self._fit(X, groups, returned=True)
        return sequences.restored(H)

    def _fit(self, X: Any, groups: Any, returned: bool) -> tuple[Sequences, Any]:
        """Fit a copy and take it over; return the rows and, if asked, features."""
        owner = type(self).__name__
        check_choice(owner, "initial_state", self.initial_state, RULES)
        trial = copy(self)
        sequences = read_sequences(trial, X, groups, reset=True)
        trial._read(sequences)
        trial._clock_ = sequences.clock
        start = starting_values(owner, "zero", None, sequences, trial._rest())
        H = trial._along(sequences, start) if returned else None
        trial._kept_ = Kept.after(sequences, trial._after(sequences, start, H))
        self.__dict__.clear()
        self.__dict__.update(trial.__dict__)
        return sequences, H

    def transform(
        self,
        X: Any,
        groups: Any = None,
        *,
        initial_state: Any = None,
        return_state: bool = False,
    ) -> Any:
        """Return what is remembered at each row of X.

        Parameters
        ----------
        X : array-like of shape (n_timesteps, n_features)
            In any form of `seqest.ESNRegressor.fit`.
        groups : array-like of shape (n_timesteps,), default=None
            The series each row belongs to.
        initial_state : {"auto", "zero", "last"} or State, default=None
            Where to start, in place of the constructor's `initial_state`.
        return_state : bool, default=False
            Whether to return the state after the last row of each series as well.

        Returns
        -------
        H : ndarray of shape (n_timesteps, n_features_out)
            Features, in the form of X; those of the first feature come first.
        state : State
            Only if `return_state`.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit what was fitted; the message says how.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        sequences = read_sequences(self, X, groups, clock=self._clock_)
        rule = self.initial_state if initial_state is None else initial_state
        start = starting_values(owner, rule, self._kept_, sequences, self._rest())
        H = self._along(sequences, start)
        restored = sequences.restored(H)
        if not return_state:
            return restored
        ends, after = sequences.last_of_series(), self._after(sequences, start, H)
        values = {name: value[ends] for name, value in after.items()}
        return restored, State(sequences.ids, values)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the features, each made of that of its input.

        Parameters
        ----------
        input_features : array-like of str of shape (n_features,), default=None
            Names of the inputs; None for those seen in `fit`, or ``x0``, ``x1``.

        Returns
        -------
        ndarray of shape (n_features_out,)
            Names.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If `input_features` are not those seen in `fit`.
        """
        # scikit-learn's own check of these names is public only as this method.
        inputs = OneToOneFeatureMixin.get_feature_names_out(self, input_features)
        suffixes = self._suffixes()
        names = [
            f"{name}_{suffix}"
            for name, own in zip(inputs, suffixes, strict=True)
            for suffix in own
        ]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        """Say to scikit-learn that float32 stays float32."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
