"""How every error is worded: class, argument, value got, rule; then one remedy."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray


def worded(owner: str, name: str, value: object, rule: str, remedy: str = "") -> str:
    """Return the sentence ``Owner(name=value): must be rule. Remedy``."""
    sentence = f"{owner}({name}={shown(value)}): must be {rule}."
    return f"{sentence} {remedy}" if remedy else sentence


def shown(value: object) -> str:
    """Return `value` as an error shows it: arrays by shape, the rest cut short."""
    shape = getattr(value, "shape", None)
    if shape:
        return f"<{type(value).__name__} of shape {tuple(shape)}>"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def check_number(
    owner: str, name: str, value: Any, interval: str, remedy: str = ""
) -> float:
    """Return `value` as a float inside `interval`, such as ``"(0, 1]"``.

    Parameters
    ----------
    owner : str
        The class or function whose argument is checked.
    name : str
        The argument.
    value : object
        What was given.
    interval : str
        Bounds in mathematical notation; ``inf`` is allowed as an open bound.
    remedy : str, default=""
        What to do instead, as a sentence.

    Returns
    -------
    float
        The number.

    Raises
    ------
    TypeError
        If `value` is not a real number.
    ValueError
        If it lies outside `interval` or is NaN.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(worded(owner, name, value, f"a number in {interval}", remedy))
    number = float(value)
    low, high = (float(bound) for bound in interval[1:-1].split(","))
    above = number > low or (interval[0] == "[" and number == low)
    below = number < high or (interval[-1] == "]" and number == high)
    if not (above and below):
        raise ValueError(worded(owner, name, value, f"in {interval}", remedy))
    return number


def check_integer(
    owner: str, name: str, value: Any, minimum: int, remedy: str = ""
) -> int:
    """Return `value` as an int of at least `minimum`.

    Parameters
    ----------
    owner, name, value, remedy
        As in `check_number`.
    minimum : int
        The least value allowed.

    Returns
    -------
    int
        The integer.

    Raises
    ------
    TypeError
        If `value` is not an integer.
    ValueError
        If it is below `minimum`.
    """
    rule = f"an integer of at least {minimum}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(worded(owner, name, value, rule, remedy))
    if value < minimum:
        raise ValueError(worded(owner, name, value, rule, remedy))
    return int(value)


def check_choice(owner: str, name: str, value: Any, choices: Iterable[str]) -> str:
    """Return `value` if it is one of the names in `choices`, else raise ValueError."""
    names = sorted(choices)
    if not isinstance(value, str) or value not in names:
        rule = "one of " + ", ".join(map(repr, names))
        raise ValueError(worded(owner, name, value, rule))
    return value


def check_flag(owner: str, name: str, value: Any) -> bool:
    """Return `value` if it is True or False, else raise TypeError."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(worded(owner, name, value, "True or False"))
    return bool(value)


def check_numeric(owner: str, name: str, value: Any) -> NDArray[np.float64]:
    """Return `value` as a float64 array of any shape; NaN and inf may be in it."""
    try:
        array = np.asarray(value)
        if array.dtype.kind in "biufO":  # never text or dates; objects may be numbers
            return array.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        pass  # ragged, or objects that are no numbers: worded below
    raise ValueError(worded(owner, name, value, "an array of real numbers"))


def check_vector(
    owner: str, name: str, value: Any, length: int | None = None
) -> NDArray[np.float64]:
    """Return `value`, finite and one-dimensional or a column, as a 1-D array."""
    vector = check_numeric(owner, name, value)
    if vector.ndim == 2 and vector.shape[1] == 1:
        vector = vector[:, 0]
    rule = "a one-dimensional array of finite numbers"
    if vector.ndim != 1 or vector.size == 0 or not np.isfinite(vector).all():
        raise ValueError(worded(owner, name, value, rule))
    if length is not None and vector.size != length:
        raise ValueError(worded(owner, name, value, f"{rule}, {length} of them"))
    return vector


def check_generator(owner: str, name: str, value: Any) -> np.random.Generator:
    """Return the Generator that `value` is, seeds, or (None) leaves to the system."""
    try:
        return np.random.default_rng(value)
    except (TypeError, ValueError) as error:
        rule = "a non-negative integer, a numpy Generator or None"
        raise ValueError(worded(owner, name, value, rule)) from error
