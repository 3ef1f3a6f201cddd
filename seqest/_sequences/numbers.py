"""Values that are no numbers, said in words where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from seqest._validation import shown

__all__ = ["reading_numbers"]


@contextmanager
def reading_numbers(
    name: str, values: Any, place: Callable[..., str] | None = None
) -> Iterator[None]:
    """Raise in words where reading `values` as numbers fails, or would be wrong.

    Parameters
    ----------
    name : str
        The argument.
    values : array-like
        What is read inside the ``with`` block.
    place : callable, optional
        Returns how the caller reaches a value, given its row and column.

    Raises
    ------
    ValueError
        If there are texts that are no numbers, or times, which NumPy would read as
        nanoseconds.
    TypeError
        If there are other objects that are no numbers.
    """
    _refuse_times(name, values)
    try:
        with np.errstate(over="ignore"):  # what overflows float32 is refused as inf
            yield
    except (TypeError, ValueError) as error:
        array = np.asarray(values, dtype=object)
        for position, value in np.ndenumerate(array):
            reason = _why_no_number(value)
            if position and reason is not None:
                where = name + "".join(f"[{k}]" for k in position)
                where = place(*position) if place and array.ndim == 2 else where
                raise type(reason)(
                    f"{where} is {shown(value)}, which is not a number: {reason}. "
                    "Encode it as one or leave it out."
                ) from error
        raise


def _refuse_times(name: str, values: Any) -> None:
    if isinstance(values, pd.DataFrame):
        for column, dtype in values.dtypes.items():
            if dtype.kind in "mM":
                raise ValueError(
                    f"{name}'s column {column!r} holds times. Make it the index, "
                    f"{name}.set_index({column!r}), or turn it into numbers."
                )
    elif getattr(getattr(values, "dtype", None), "kind", "") in ("m", "M"):
        raise ValueError(
            f"{name} holds times ({values.dtype}). Time belongs in the index of a "
            "DataFrame; turn other times into numbers."
        )


def _why_no_number(value: Any) -> TypeError | ValueError | None:
    if value is None or value is pd.NA or isinstance(value, complex):
        return None  # missing, or refused for what it is
    try:
        float(value)
    except (TypeError, ValueError) as reason:
        return reason
    return None
