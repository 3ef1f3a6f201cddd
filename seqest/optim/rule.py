"""What an update rule is: one step down a gradient, its memory kept apart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from seqest._validation import worded

__all__ = ["Array", "State", "UpdateRule"]

Array = NDArray[Any]
State = dict[str, Array]


# To add one, write a file like `momentum`, name it in `__init__`, give it a table row.
@dataclass(frozen=True, kw_only=True)
class UpdateRule(ABC):
    """How a gradient changes the parameters.

    A rule is its constants alone. What it remembers is a dictionary of arrays that the
    caller keeps, copies (deeply) and pickles::

        state = rule.begin(theta)
        for ...:
            gradient = gradient_at(rule.look_ahead(theta, state))
            rule.step(theta, gradient, state, learning_rate)
    """

    # A final rule names the arrays it remembers and says how a step uses them.
    # Those shaped like theta, zero at the beginning:
    memory: ClassVar[tuple[str, ...]] = ()
    # Whole numbers, zero at the beginning, each an array of one:
    counters: ClassVar[tuple[str, ...]] = ()

    def begin(self, theta: Array) -> State:
        """Return what the rule remembers before the first step.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,), float32 or float64
            Where the descent begins.

        Returns
        -------
        dict of str to ndarray
            The state.

        Raises
        ------
        ValueError
            If `theta` is no vector of floating point numbers.
        """
        if theta.ndim != 1 or theta.dtype not in (np.float32, np.float64):
            rule = "a one-dimensional array of float32 or float64"
            raise ValueError(worded(type(self).__name__, "theta", theta, rule))
        state: State = {name: np.zeros_like(theta) for name in self.memory}
        return state | {name: np.zeros(1, np.int64) for name in self.counters}

    def look_ahead(self, theta: Array, state: State) -> Array:
        """Return the point at which the gradient of the next step is to be taken.

        Parameters
        ----------
        theta, state
            As in `step`; not changed.

        Returns
        -------
        ndarray of shape (n_parameters,)
            `theta` itself, or where it coasts anyway: ``state["ahead"]``, filled with
            the sum of `theta` and ``state["coasting"]`` if the state has these.
        """
        coasting = state.get("coasting")
        if coasting is None:
            return theta
        return np.add(theta, coasting, out=state["ahead"])

    def step(
        self, theta: Array, gradient: Array, state: State, learning_rate: float
    ) -> None:
        """Change `theta` and `state` in place.

        Parameters
        ----------
        theta, gradient : ndarray of shape (n_parameters,)
            The parameters, changed, and the gradient at `look_ahead`; C-ordered.
        state : dict of str to ndarray
            What `begin` returned for this `theta`; changed.
        learning_rate : float
            The size of the step. Raising it learns faster, until it diverges.

        Raises
        ------
        ValueError
            If `gradient` or `state` does not fit `theta` in shape and dtype.
        """
        self._check_fits(theta, "gradient", gradient)
        for name in self.memory:
            self._check_fits(theta, f"state[{name!r}]", state[name])
        self._update(theta, gradient, state, float(learning_rate))

    @abstractmethod
    def _update(
        self, theta: Array, gradient: Array, state: State, learning_rate: float
    ) -> None:
        """Do what `step` promises, for arrays that are known to fit."""

    def _check_fits(self, theta: Array, name: str, array: Array) -> None:
        # Compiled loops do not look whether an array ends.
        if array.shape != theta.shape or array.dtype != theta.dtype:
            rule = f"of shape {theta.shape} and dtype {theta.dtype}, as theta is"
            raise ValueError(worded(type(self).__name__, name, array, rule))
