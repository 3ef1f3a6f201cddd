"""A model as its format can hold it: the walk there, and the walk back.

skops holds arrays, lists, dictionaries whose keys are strings, and objects that are
their attributes. Whatever else is in a model is put into a `Packed` in one place, here.
What a cached property holds is left out: it is computed again.
"""

from __future__ import annotations

import copyreg
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property, partial
from types import BuiltinFunctionType, FunctionType, SimpleNamespace
from typing import Any

import numpy as np
from scipy.sparse import issparse

from seqest._compile import is_kernel
from seqest.persistence._labels import BUILDERS, is_of_pandas, parts_of
from seqest.persistence._names import UntrustedError, place_of, resolved

__all__ = ["Packed", "pack", "unpack"]

ATOMS = (type(None), bool, int, float, str, bytes, np.generic)
ITSELF = (*ATOMS, dict, bytearray, BuiltinFunctionType)  # left to the format


@dataclass(eq=False)
class Packed:
    """What the format does not hold, as parts that it holds.

    Attributes
    ----------
    kind : str
        Which of `BUILDERS` puts it together.
    parts : dict of str to object
        What that takes.
    """

    kind: str
    parts: dict[str, Any]


def pack(value: Any) -> Any:
    """Return a copy of a model that the format can hold; the model stays as it is.

    Raises
    ------
    TypeError
        If something in it cannot be held.
    ValueError
        If something in it holds itself.
    """
    return _Packing().packed(value)


class _Packing:
    """The walk there: what is met again is packed once, and shared as before."""

    def __init__(self) -> None:
        self._met: dict[int, tuple[Any, Any]] = {}  # by id; kept, so that ids stay
        self._open: set[int] = set()
        self._above: list[int] = []  # ids of the objects whose attributes are walked

    def packed(self, value: Any) -> Any:
        if isinstance(value, ATOMS):
            return value
        key = id(value)
        if key not in self._met:
            if key in self._above:
                up = self._above[::-1].index(key)
                return Packed("above", {"up": up})
            if key in self._open:
                raise ValueError(f"a {type(value).__name__} that holds itself")
            self._open.add(key)
            self._met[key] = value, self._taken_apart(value)
            self._open.remove(key)
        return self._met[key][1]

    def _taken_apart(self, value: Any) -> Any:
        if is_of_pandas(value):
            return self._under(*parts_of(value))
        if isinstance(value, np.dtype | np.ndarray):
            return self._array(value)
        if is_kernel(value) or isinstance(value, FunctionType | type):
            return self._named(value)
        if isinstance(value, partial):
            parts = {"function": value.func, "arguments": value.args}
            return self._under("partial", parts | {"options": value.keywords})
        if type(value) in (dict, OrderedDict):
            return self._dictionary(value)
        if isinstance(value, tuple | list | set | frozenset):
            return self._collection(value)
        return self._object(value)

    def _under(self, kind: str, parts: dict[str, Any]) -> Packed:
        return Packed(kind, {name: self.packed(part) for name, part in parts.items()})

    def _array(self, value: Any) -> Any:
        if isinstance(value, np.dtype):
            return value if value.names else Packed("dtype", {"name": value.str})
        if isinstance(value, np.ma.MaskedArray):
            return self._under("masked", {"data": value.data, "mask": value.mask})
        if isinstance(value, np.memmap):
            return np.array(value)
        if value.dtype != object:
            return value
        parts = {"items": value.ravel().tolist(), "shape": list(value.shape)}
        return self._under("objects", parts)

    def _named(self, value: Any) -> Any:
        """Return the place of a function or class, of which a file holds no code."""
        place = place_of(value)
        ours = is_kernel(value) or value.__module__.startswith("seqest.")
        if place is None and not isinstance(value, type):
            name = getattr(value, "__qualname__", None) or value.py_func.__qualname__
            raise TypeError(f"{name}, a function that no module holds by its name")
        if place is None or not ours:
            return value
        module, path = place
        return Packed("name", {"module": module, "path": path})

    def _dictionary(self, value: dict[Any, Any]) -> Any:
        if all(type(key) is str for key in value):
            items = {key: self.packed(own) for key, own in value.items()}
            return items if type(value) is dict else type(value)(items)
        parts = {"keys": list(value), "values": list(value.values())}
        return self._under("dictionary", parts)

    def _collection(self, value: Any) -> Any:
        items = [self.packed(item) for item in value]
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*items)
        if isinstance(value, frozenset):
            return Packed("frozenset", {"items": items})
        return type(value)(items)

    def _object(self, value: Any) -> Any:
        """Return a copy with packed attributes of what is nothing but these."""
        if isinstance(value, ITSELF) or not _is_its_attributes(value):
            return value
        kind: Any = type(value)
        new, again = kind.__new__(kind), _computed_again(kind)
        self._above.append(id(value))
        for name, part in vars(value).items():
            if name not in again:
                vars(new)[name] = self.packed(part)
        self._above.pop()
        return new


def _is_its_attributes(value: Any) -> bool:
    """Return whether an object is told by its ``__dict__``."""
    kind: Any = type(value)
    told = kind in copyreg.dispatch_table or any(
        vars(own).get("__slots__") for own in kind.__mro__
    )
    plain = kind.__reduce_ex__ is object.__reduce_ex__
    plain = plain and kind.__reduce__ is object.__reduce__
    plain = plain and not told and hasattr(value, "__dict__")
    return plain or kind is SimpleNamespace


def _computed_again(kind: type) -> set[str]:
    """Return the names of a class's cached properties."""
    classes = (vars(own).items() for own in kind.__mro__)
    return {
        name
        for items in classes
        for name, held in items
        if isinstance(held, cached_property)
    }


def unpack(value: Any, trusted: Collection[str] = ()) -> Any:
    """Return the model that `pack` has packed, which is used up.

    Parameters
    ----------
    value : object
        What came from a file.
    trusted : collection of str
        Full names of functions and kernels that a user trusts.

    Returns
    -------
    object
        The model.

    Raises
    ------
    UntrustedError
        If it holds functions or kernels that are not of the package, nor trusted.
    LookupError, TypeError, ValueError
        If parts are not what they were.
    """
    walk = _Unpacking(trusted)
    try:
        model = walk.unpacked(value)
    finally:
        if walk.unknown:  # all of them, whatever else is wrong
            raise UntrustedError(walk.unknown)
    return model


class _Unpacking:
    """The walk back, in which objects are filled as they are."""

    def __init__(self, trusted: Collection[str]) -> None:
        self._met: dict[int, tuple[Any, Any]] = {}
        self._builders = BUILDERS | OWN
        self._above: list[Any] = []  # objects that are being filled
        self._builders["above"] = lambda up: self._above[-1 - up]
        self._builders["name"] = self._named
        self._trusted, self.unknown = trusted, set[str]()

    def unpacked(self, value: Any) -> Any:
        if isinstance(value, ATOMS):
            return value
        if id(value) not in self._met:
            self._met[id(value)] = value, self._put_together(value)
        return self._met[id(value)][1]

    def _put_together(self, value: Any) -> Any:
        if isinstance(value, Packed):
            parts = {name: self.unpacked(part) for name, part in value.parts.items()}
            return self._builders[value.kind](**parts)
        if isinstance(value, dict):
            for key, own in value.items():
                value[key] = self.unpacked(own)
            return value
        if isinstance(value, list):
            value[:] = map(self.unpacked, value)
            return value
        if isinstance(value, tuple):
            items = map(self.unpacked, value)
            fields = hasattr(value, "_fields")
            return type(value)(*items) if fields else tuple(items)
        if isinstance(value, set):
            return set(map(self.unpacked, value))
        if issparse(value):
            _require_indices(value)
        elif not isinstance(value, type | FunctionType):
            self._fill(value, getattr(value, "__dict__", {}))
        return value

    def _named(self, module: str, path: list[Any]) -> Any:
        try:
            return resolved(module, path, self._trusted)
        except UntrustedError as error:
            self.unknown |= error.names
            return None

    def _fill(self, value: Any, own: dict[str, Any]) -> None:
        self._above.append(value)
        for name, part in list(own.items()):
            own[name] = self.unpacked(part)
        self._above.pop()


def _require_indices(matrix: Any) -> None:
    """Raise where indices reach outside: compiled loops would follow them."""
    kind = type(matrix)
    if hasattr(kind, "check_format"):
        kind.check_format(matrix, full_check=True)


def _objects(items: list[Any], shape: list[int]) -> Any:
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):  # at once they might become columns
        array[place] = item
    return array.reshape(shape)


def _partial(function: Any, arguments: Any, options: Any) -> Any:
    if not callable(function):
        raise TypeError("a partial of what cannot be called")
    return partial(function, *arguments, **options)


OWN: dict[str, Callable[..., Any]] = {
    "dictionary": lambda keys, values: dict(zip(keys, values, strict=True)),
    "dtype": lambda name: np.dtype(str(name)),
    "frozenset": lambda items: frozenset(items),
    "masked": lambda data, mask: np.ma.MaskedArray(data, mask),
    "objects": _objects,
    "partial": _partial,
}
