"""What a fitted regressor of scikit-learn computes, so that its free run compiles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import specialise
from seqest.cells import ACTIVATIONS
from seqest.estimators._layers import Layers, evaluate_layers, layers_of
from seqest.estimators._polynomial import (
    Polynomial,
    evaluate_polynomial,
    polynomial_of,
)

__all__ = ["Formula", "formula_of", "recurse"]

Array = NDArray[Any]
Formula = Polynomial | Layers


def formula_of(regressor: Any, H: Array) -> Formula | None:
    """Return what a regressor computes, where it is known.

    Parameters
    ----------
    regressor : object
        Fitted.
    H : ndarray of shape (n_rows, n_columns)
        Rows, on some of which the formula is held to be right.
    """
    found = polynomial_of(regressor, H)
    if found is not None:
        return found
    layers = layers_of(regressor, H.shape[1])
    return layers if layers is not None and _is_told(layers, regressor, H) else None


def _is_told(layers: Layers, regressor: Any, H: Array) -> bool:
    """Say whether a regressor's `predict` is what layers compute."""
    H = H[:: 1 + len(H) // 1000]
    told = np.asarray(regressor.predict(H)).reshape(len(H), -1)
    rows, none = np.zeros_like(told, np.float64), np.empty(0, np.int64)
    values, places = np.empty_like(rows), np.arange(len(H))
    recurse(layers, H.astype(np.float64), places, none, rows, values)
    # As close as sums in the precision of the rows.
    close = 1e4 * np.finfo(H.dtype).eps * (1 + np.abs(told).max())
    return bool(np.abs(values - told).max() <= close)


def recurse(
    formula: Formula,
    H: Array,
    places: NDArray[np.int64],
    back: NDArray[np.int64],
    rows: Array,
    outputs: Array,
) -> None:
    """Predict row after row, fed back where nothing was measured.

    Parameters
    ----------
    formula : Formula
        What is computed.
    H : ndarray of shape (n_rows, n_columns)
        The last columns, one for each of `back`, are outputs.
    places : ndarray of shape (n_rows,)
        Where each row is in `rows`.
    back : ndarray of shape (n_taps,)
        Tap k is the number ``back[k]`` before the row's own first one in `rows`.
    rows : ndarray of shape (n_places, n_outputs)
        What is fed back, NaN where unknown and to be filled in; before each stretch
        what was.
    outputs : ndarray of shape (n_rows, n_outputs)
        Receives what is predicted.
    """
    loop = LOOPS[formula.kind]
    loop(H, formula.arrays(), places, back, rows, outputs)


def _recurse(
    H: Any, formula: Any, places: Any, back: Any, rows: Any, outputs: Any
) -> None:
    """Run the loop of `recurse`; `evaluate` fills the outputs of a row of columns."""
    told, n, n_columns = rows.reshape(-1), rows.shape[1], H.shape[1]
    n_inputs = n_columns - back.shape[0]
    h = np.empty(n_columns)
    for i in range(H.shape[0]):
        first = places[i] * n
        for c in range(n_columns):
            value = H[i, c]
            if c >= n_inputs:
                value = told[first - back[c - n_inputs]]
            h[c] = value
        evaluate(formula, h, outputs[i])  # type: ignore[name-defined] # noqa: F821
        for j in range(n):
            if np.isnan(rows[places[i], j]):
                rows[places[i], j] = outputs[i, j]


def _loop(name: str, evaluate: Any) -> Any:
    return specialise(_recurse, name, evaluate=evaluate)


LOOPS = {"polynomial": _loop("polynomial", evaluate_polynomial)} | {
    name: _loop(name, specialise(evaluate_layers, name, activate=activate))
    for name, activate in ACTIVATIONS.items()
}
