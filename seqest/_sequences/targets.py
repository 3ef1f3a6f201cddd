"""Targets and weights, aligned with the rows of X."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_array

from seqest._sequences.forms import Form
from seqest._sequences.numbers import reading_numbers
from seqest._sequences.sequences import Sequences
from seqest._validation import check_numeric

__all__ = ["Targets", "are_next_inputs", "read_targets", "read_weights"]


@dataclass(frozen=True)
class Targets:
    """Targets stacked like the rows of X, or one row per series.

    Attributes
    ----------
    Y : ndarray of shape (n_rows, n_outputs) or (n_series, n_outputs)
        float32 or float64; NaN where missing.
    per_series : bool
        Many-to-one: a row per series.
    flat : bool
        Whether y came without an output axis, and predictions go out so.
    """

    Y: NDArray[Any]
    per_series: bool
    flat: bool

    def by_row(
        self, sequences: Sequences, values: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        """Return Y (or weights) by rows: one per series stands at its last row.

        Rows without a target are NaN.
        """
        source = self.Y if values is None else values
        if not self.per_series:
            return source
        rows = np.full((len(sequences.X), *source.shape[1:]), np.nan, source.dtype)
        rows[sequences.offsets[1:][sequences.last_of_series()] - 1] = source
        return rows


def read_targets(
    owner: str, sequences: Sequences, X: Any, y: Any, may_be_missing: bool = False
) -> Targets:
    """Check y and align it with X.

    Parameters
    ----------
    owner : str
        Named in errors.
    sequences : Sequences
        What `read_sequences` made of X.
    X : array-like
        The X given, for its index.
    y : array-like
        One row per row of X in any form, or for 3-D and list X one row per series.
    may_be_missing : bool, default=False
        Whether all of it may be NaN.

    Returns
    -------
    Targets
        The stacked targets.

    Raises
    ------
    ValueError
        If y is missing, of another length or index, infinite, or NaN throughout.
    """
    if y is None:
        raise ValueError(
            f"This {owner} estimator requires y to be passed, but the target y is None."
        )
    _require_same_index(X, y)
    rows, per_series = _rows(sequences, y)
    with reading_numbers("y", rows):
        values = check_array(
            rows,
            dtype=[np.float64, np.float32],
            ensure_2d=False,
            ensure_all_finite="allow-nan",
            input_name="y",
        )
    flat = values.ndim == 1
    values = values.reshape(len(values), -1)
    _require_length(sequences.form, len(values), per_series)
    if not may_be_missing and np.isnan(values).any(axis=1).all():
        raise ValueError(
            "y has NaN in every row; at least one row needs all of its outputs."
        )
    if not per_series:
        values = sequences.stacked(values)
    return Targets(np.ascontiguousarray(values), per_series, flat)


def are_next_inputs(sequences: Sequences, Y: NDArray[Any]) -> bool:
    """Say whether targets are the inputs a row later, ``X[1:] == y[:-1]``."""
    if Y.shape != sequences.X.shape:
        return False
    Y = Y.astype(sequences.X.dtype)
    same = np.all((sequences.X[1:] == Y[:-1]) | np.isnan(Y[:-1]), axis=1)
    same[sequences.offsets[1:-1] - 1] = True
    return bool(same.all())


def _rows(sequences: Sequences, y: Any) -> tuple[Any, bool]:
    """Return y as rows, and whether they are one per series."""
    form = sequences.form
    if form.kind == "rows":
        return y, False
    parts = _parts(y)
    if form.kind == "list":
        return (y, True) if parts is None else (_of_list(parts, form.lengths), False)
    array = y if parts is None else _of_equal_parts(parts)
    shape = len(form.lengths), int(form.lengths[0])
    if np.ndim(array) == 3:
        array = np.asarray(array)
        if array.shape[:2] != shape:
            raise ValueError(
                f"y of shape {array.shape} does not match X, which has {shape[0]} "
                f"series of {shape[1]} steps."
            )
        return array.reshape(-1, array.shape[2]), False
    if np.shape(array) == shape and shape[1] > 1:
        raise ValueError(
            f"y of shape {shape} could be a target at every step or {shape[1]} targets "
            f"a series. Give shape {(*shape, 1)} for the first, or X as a list of "
            "series for the second."
        )
    return array, True


def _parts(y: Any) -> list[NDArray[Any]] | None:
    """Return a list of arrays, one for each series, or None for one array."""
    listed = isinstance(y, list | tuple)
    if isinstance(y, np.ndarray):
        listed = y.ndim == 3 or y.dtype == object
    if not listed or len(y) == 0 or np.ndim(y[0]) == 0:
        return None
    return [np.atleast_1d(part) for part in y]


def _of_list(parts: list[NDArray[Any]], lengths: NDArray[np.int64]) -> NDArray[Any]:
    """Return the stacked targets of a list of series, one array each."""
    if len(parts) != len(lengths):
        raise ValueError(f"y holds {len(parts)} series but X holds {len(lengths)}.")
    for position, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        if part.shape[1:] != parts[0].shape[1:]:
            raise ValueError(
                f"y[{position}] has shape {part.shape} and y[0] {parts[0].shape}: the "
                "series of a list have the same outputs."
            )
        if len(part) != length:
            raise ValueError(
                f"y[{position}] has {len(part)} rows but X[{position}] has {length}. "
                "For one target a series give y as an array (n_series, n_outputs)."
            )
    return np.concatenate(parts)


def _of_equal_parts(parts: list[NDArray[Any]]) -> NDArray[Any]:
    shapes = sorted({part.shape for part in parts})
    if len(shapes) > 1:
        raise ValueError(
            f"y holds series of shapes {shapes[0]} and {shapes[1]}, but those of a 3-D "
            "X are all alike. Give X and y as lists of arrays."
        )
    return np.stack(parts)


def _require_length(form: Form, length: int, per_series: bool) -> None:
    expected = len(form.lengths) if per_series else len(form.codes)
    if length == expected:
        return
    if not per_series:
        raise ValueError(f"y has {length} rows but X has {expected}.")
    every = "(n_series, n_timesteps, n_outputs)" if form.kind == "array" else "a list"
    raise ValueError(
        f"y has {length} rows but X has {expected} series. Give one row per series, or "
        f"for a target at every step {every}."
    )


def _require_same_index(X: Any, y: Any, which: str = "") -> None:
    if isinstance(X, list | tuple) and isinstance(y, list | tuple):
        for position, pair in enumerate(zip(X, y, strict=False)):
            _require_same_index(*pair, f"[{position}]")
    if not isinstance(X, pd.DataFrame) or not isinstance(y, pd.Series | pd.DataFrame):
        return
    if len(X) == len(y) and not X.index.equals(y.index):
        differ = [a != b for a, b in zip(X.index, y.index, strict=True)]
        row = differ.index(True) if True in differ else 0
        ours, theirs = X.index[row], y.index[row]
        if str(ours) == str(theirs):
            ours, theirs = repr(ours), repr(theirs)
        raise ValueError(
            f"y{which} has another index than X{which}: row {row} is {theirs} in y and "
            f"{ours} in X. Align them first, e.g. y = y.loc[X.index]."
        )


def read_weights(
    owner: str, sequences: Sequences, sample_weight: Any, per_series: bool = False
) -> NDArray[np.float64] | None:
    """Return weights stacked like the rows of X (or one per series), or None.

    Parameters
    ----------
    owner : str
        Named in errors.
    sequences : Sequences
        What `read_sequences` made of X.
    sample_weight : array-like of shape (n_rows,) or (n_series,), or None
        Not negative, not all zero.
    per_series : bool, default=False
        Whether there is one weight per series.

    Returns
    -------
    ndarray or None
        float64 weights.

    Raises
    ------
    ValueError
        If the weights have another shape than the targets, or are no weights.
    """
    if sample_weight is None:
        return None
    expected = len(sequences.ids) if per_series else len(sequences.X)
    form = sequences.form
    parts = _parts(sample_weight) if form.kind == "list" and not per_series else None
    if parts is not None:
        sample_weight = _of_list(parts, form.lengths)
    weights = check_numeric(owner, "sample_weight", sample_weight)
    if weights.ndim == 0:
        weights = np.full(expected, float(weights))
    if form.kind == "array" and not per_series:
        weights = weights.reshape(-1)
    if weights.shape != (expected,):
        raise ValueError(
            f"sample_weight has shape {weights.shape} but {owner} needs ({expected},)."
        )
    if not np.all(np.isfinite(weights)) or np.any(weights < 0) or not np.any(weights):
        raise ValueError("sample_weight must be finite, not negative and not all zero.")
    return weights if per_series else sequences.stacked(weights)
