"""A reservoir as a scikit-learn transformer, for pipelines made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from itertools import chain
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from seqest._sequences import (
    RULES,
    Kept,
    Sequences,
    State,
    read_sequences,
    starting_values,
)
from seqest._validation import check_choice, check_number
from seqest.reservoirs.chunks import Chunked
from seqest.reservoirs.draw import draw_stack
from seqest.reservoirs.harvest import harvest
from seqest.reservoirs.runs import Runs

__all__ = ["Reservoir"]


class Reservoir(TransformerMixin, BaseEstimator):
    r"""Turn rows of inputs into the states of a fixed random reservoir.

    .. math:: h(n) = (1 - a)\, h(n-1) + a\, f(W_{in} x(n) + b + W h(n-1))

    with the leak rate a and the activation f.

    `fit` draws the weights and runs along the training rows to keep the states at
    their ends; `transform` goes on from there where its rows go on.

    Parameters
    ----------
    n_units, topology, density, spectral_radius, leak_rate
        As in `seqest.ESNRegressor`.
    input_scaling, input_weights, bias_scaling, activation
        As in `seqest.ESNRegressor`.
    initial_state : {"auto", "zero", "last"}, default="auto"
        Where `transform` starts, as in `seqest.ESNRegressor`.
    harvest_tolerance : float in [0, 1e-6], default=1e-9
        How far states may be from those of a run step by step where chunks of a long
        series meet, as in `seqest.ESNRegressor`.
    random_state : int, RandomState or None, default=None
        Seed of all weights.

    Attributes
    ----------
    reservoir_ : Stack
        The weights: ``reservoir_.layers[k].W``, ``.W_in``, ``.bias``.
    spectral_radius_ : list of float
        Measured on the W of each layer.
    harvest_ : Chunked
        What of the training rows ran in chunks, as in `seqest.ESNRegressor`.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where X has names.

    References
    ----------
    Lukoševičius (2012), "A practical guide to applying echo state networks", Neural
    Networks: Tricks of the Trade.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest import Reservoir
    >>> x = np.sin(0.2 * np.arange(300)).reshape(-1, 1)
    >>> Reservoir(20, random_state=0).fit_transform(x).shape
    (300, 20)
    """

    _tolerance_: float

    __metadata_request__fit: ClassVar = {"groups": True}
    __metadata_request__transform: ClassVar = {"groups": True}

    def __init__(
        self,
        n_units: Any = 100,
        *,
        topology: Any = "random",
        density: Any = "auto",
        spectral_radius: float | None = 0.9,
        leak_rate: float = 1.0,
        input_scaling: Any = 0.2,
        input_weights: Any = "uniform",
        bias_scaling: float = 0.5,
        activation: str = "tanh",
        initial_state: Any = "auto",
        harvest_tolerance: float = 1e-9,
        random_state: Any = None,
    ) -> None:
        self.n_units = n_units
        self.topology = topology
        self.density = density
        self.spectral_radius = spectral_radius
        self.leak_rate = leak_rate
        self.input_scaling = input_scaling
        self.input_weights = input_weights
        self.bias_scaling = bias_scaling
        self.activation = activation
        self.initial_state = initial_state
        self.harvest_tolerance = harvest_tolerance
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> Self:
        """Draw the weights and run along X.

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
        self._fit(X, groups, np.empty((0, 0)))
        return self

    def fit_transform(self, X: Any, y: Any = None, groups: Any = None) -> Any:
        """Draw the weights, run along X and return the states.

        Parameters
        ----------
        X, y, groups
            As in `fit`.

        Returns
        -------
        H : ndarray of shape (n_timesteps, n_units)
            States, in the form of X.

        Raises
        ------
        ValueError
            If a parameter or X breaks a rule; the message names it.
        """
        sequences, H = self._fit(X, groups, None)
        return sequences.restored(H)

    def _fit(
        self, X: Any, groups: Any, out: NDArray[Any] | None
    ) -> tuple[Sequences, NDArray[Any]]:
        """Fit a copy and take it over; return the rows and their states."""
        owner = type(self).__name__
        check_choice(owner, "initial_state", self.initial_state, RULES)
        trial, tolerance = copy(self), self.harvest_tolerance
        trial._tolerance_ = check_number(
            owner, "harvest_tolerance", tolerance, "[0, 1e-6]"
        )
        sequences = read_sequences(trial, X, groups, reset=True)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        trial.reservoir_, trial.spectral_radius_ = draw_stack(
            owner,
            n_units=self.n_units,
            topology=self.topology,
            density=self.density,
            spectral_radius=self.spectral_radius,
            leak_rate=self.leak_rate,
            input_scaling=self.input_scaling,
            input_weights=self.input_weights,
            bias_scaling=self.bias_scaling,
            feedback_scaling=0.0,
            activation=self.activation,
            n_inputs=sequences.X.shape[1],
            n_outputs=0,
            rng=np.random.default_rng(seed),
        )
        trial._clock_ = sequences.clock
        start = starting_values(owner, "zero", None, sequences, trial._rest())
        H, states, trial.harvest_ = trial._run(sequences, start, out)
        trial._kept_ = Kept.after(sequences, {"units": states})
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
        """Return the states of the reservoir along X.

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
        H : ndarray of shape (n_timesteps, n_units)
            States, in the form of X; those of all layers joined.
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
        H, states, _ = self._run(sequences, start)
        restored = sequences.restored(H)
        if not return_state:
            return restored
        ends = sequences.last_of_series()
        return restored, State(sequences.ids, {"units": states[ends]})

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the units, ``reservoir0`` and so on.

        Parameters
        ----------
        input_features : object, default=None
            Ignored.

        Returns
        -------
        ndarray of shape (n_units,)
            Names.
        """
        check_is_fitted(self)
        names = [f"reservoir{unit}" for unit in range(self.reservoir_.n_units)]
        return np.array(names, dtype=object)

    def _rest(self) -> Mapping[str, NDArray[Any]]:
        return {"units": np.zeros((1, self.reservoir_.n_units))}

    def _run(
        self,
        sequences: Sequences,
        start: Mapping[str, NDArray[Any]],
        out: NDArray[Any] | None = None,
    ) -> tuple[NDArray[Any], NDArray[Any], Chunked]:
        """Return the states along the rows, those after each stretch, and what was cut.

        An empty `out` says that only the latter are wanted.
        """
        states, n_units = start["units"].copy(), self.reservoir_.n_units
        if out is None:
            out = np.empty((len(sequences.X), n_units), sequences.X.dtype)
        lengths = sequences.lengths
        runs = Runs(sequences.offsets[:-1], lengths, np.zeros_like(lengths))
        facts = Chunked()
        job = self.reservoir_, sequences.X, runs, states, n_units
        blocks = harvest(*job, tolerance=self._tolerance_, facts=facts)
        for block in chain.from_iterable(blocks):
            if out.size:
                out[block.rows] = block.design
        self._require_finite(states)
        return out, states, facts

    def _require_finite(self, states: NDArray[Any]) -> None:
        if not np.all(np.isfinite(states)):
            raise FloatingPointError(
                f"{type(self).__name__}: the states grew without bound under this "
                f"input (activation={self.reservoir_.activation!r}). Lower "
                "spectral_radius, or use a bounded activation such as 'tanh'."
            )
