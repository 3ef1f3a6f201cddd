"""What a readout sees: the states h, perhaps squared, and the input x."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from seqest._compile import kernel

__all__ = ["FEATURES", "Features", "fill_features"]

FEATURES = {"linear": 0, "squared": 1, "half_squared": 2}


class Features(NamedTuple):
    """The columns of a readout's design.

    Parameters
    ----------
    kind : str
        ``"linear"`` for [h, x], ``"squared"`` for [h, h**2, x], ``"half_squared"``
        for [h, x] with every other unit squared.
    n_units : int
        Number of states.
    n_inputs : int
        Number of inputs shown, 0 for none.
    """

    kind: str
    n_units: int
    n_inputs: int

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.n_units * (2 if self.kind == "squared" else 1) + self.n_inputs

    def complete(self, design: NDArray[Any], x: NDArray[Any]) -> NDArray[Any]:
        """Turn rows that start with states into features, in place.

        Parameters
        ----------
        design : ndarray of shape (n_rows, width)
            States in the first `n_units` columns; C-ordered.
        x : ndarray of shape (n_rows, n_columns)
            The inputs of those rows, in the first `n_inputs` columns.

        Returns
        -------
        ndarray of shape (n_rows, width)
            `design` itself.
        """
        code = FEATURES[self.kind]
        if code or self.n_inputs:
            fill_features(design, self.n_units, code, x, self.n_inputs)
        return design


@kernel
def fill_features(
    design: Any, n_units: int, features: int, X: Any, n_inputs: int
) -> None:
    """Turn rows that start with the states h into features of the readout.

    With `features` 0 a row is [h, x], with 1 [h, h**2, x], with 2 it is [h, x] with
    every other unit squared. Of X the first `n_inputs` columns are taken.
    """
    width = design.shape[1]
    for t in range(design.shape[0]):
        if features == 1:
            for i in range(n_units):
                design[t, n_units + i] = design[t, i] * design[t, i]
        elif features == 2:
            for i in range(1, n_units, 2):
                design[t, i] = design[t, i] * design[t, i]
        for j in range(n_inputs):
            design[t, width - n_inputs + j] = X[t, j]
