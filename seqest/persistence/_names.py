"""What a file may name: parts of this package, each exactly, and a few of scikit-learn.

A name in a file is trusted if what stands under it was defined there and is harmless to
make of any values: an estimator, whose constructor only assigns, or a record of fields.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any

from sklearn.base import BaseEstimator

from seqest._compile import is_kernel

__all__ = ["UntrustedError", "full_name", "is_harmless", "place_of", "resolved"]

# Parts of the package that models are made of.
PARTS = (
    "_sequences|cells|optim|metrics|readouts|recurrence|reservoirs|features|estimators"
    "|forecasting"
)
OURS = re.compile(rf"seqest\.({PARTS})(\.\w+)*")
# Made of any values they do nothing but to keep them.
PLAIN = frozenset(
    {
        "datetime.date",
        "datetime.datetime",
        "datetime.timedelta",
        "datetime.timezone",
        "scipy.sparse._csc.csc_array",
        "scipy.sparse._csc.csc_matrix",
        "scipy.sparse._csr.csr_array",
        "scipy.sparse._csr.csr_matrix",
        "seqest.estimators._training.AnyReadout",
        "seqest.estimators._training.BatchTrainer",
        "seqest.estimators._training.OnlineTrainer",
        "seqest.estimators._training.RidgeTrainer",
        "seqest.persistence._packing.Packed",
        "seqest.readouts.gram.Gram",
        "seqest.readouts.ridge.RidgeReadout",
        "types.SimpleNamespace",
    }
)


class UntrustedError(LookupError):
    """Names of functions and kernels that no one has said to trust."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = frozenset(names)


def full_name(value: Any) -> str:
    """Return the module and name under which a function or class is found."""
    return f"{value.__module__}.{value.__qualname__}"


def is_harmless(name: str) -> bool:
    """Return whether what a file calls `name` may be made of any values."""
    if name in PLAIN or name in _of_scikit_learn():
        return True
    module, _, last = name.rpartition(".")
    if OURS.fullmatch(module) is None:
        return False
    try:
        found = getattr(importlib.import_module(module), last, None)
    except ImportError:
        return False
    return inspect.isclass(found) and full_name(found) == name and _is_record(found)


def _is_record(found: type) -> bool:
    """Return whether instances are nothing but their attributes."""
    from sklearn.model_selection import BaseCrossValidator

    is_tuple = issubclass(found, tuple) and hasattr(found, "_fields")
    splits = issubclass(found, BaseCrossValidator)
    of_fields = is_tuple or dataclasses.is_dataclass(found)
    return of_fields or splits or issubclass(found, BaseEstimator)


@cache
def _of_scikit_learn() -> frozenset[str]:
    """Return names of what searches and requests for metadata hold."""
    # Not above, where they would slow the import of the package.
    from sklearn import metrics, model_selection
    from sklearn.linear_model import Ridge
    from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

    requests = get_routing_for_object(Ridge())
    found: list[Any] = [
        type(metrics.get_scorer("r2")),
        type(metrics.check_scoring(Ridge())),
        MetadataRequest,
        type(getattr(requests, "fit", requests)),
    ]
    words = ("_score", "_error", "_loss", "_deviance")
    for name in metrics.__all__:
        value = getattr(metrics, name)
        if isinstance(value, FunctionType) and name.endswith(words):
            found.append(value)
    for value in vars(model_selection).values():  # the rest waits to be enabled
        if inspect.isclass(value) and hasattr(value, "get_n_splits"):
            found.append(value)
    return frozenset(map(full_name, found))


def place_of(value: Any) -> tuple[str, list[Any]] | None:
    """Return where a module holds a kernel, a function or a class.

    Parameters
    ----------
    value : object
        What is looked for.

    Returns
    -------
    module : str
        Its module.
    path : list of str or int
        The name in the module, and keys below it. None where it is nowhere.
    """
    source = value.py_func if is_kernel(value) else value
    module = sys.modules.get(source.__module__)
    for name, held in vars(module).items() if module else ():
        for path in _paths(held, value, depth=3):
            return source.__module__, [name, *path]
    return None


def _paths(held: Any, value: Any, depth: int) -> Iterator[list[Any]]:
    if held is value:
        yield []
    elif depth and isinstance(held, dict | tuple):
        items: Iterable[tuple[Any, Any]] = enumerate(held)
        for key, inner in held.items() if isinstance(held, dict) else items:
            if isinstance(key, str | int):
                yield from ([key, *path] for path in _paths(inner, value, depth - 1))


def resolved(module: str, path: list[Any], trusted: Collection[str]) -> Any:
    """Return what stands at a place that `place_of` has told.

    Parameters
    ----------
    module : str
        A module of the package's parts, or of a user.
    path : list of str or int
        The name in the module, and keys below it.
    trusted : collection of str
        Full names that a user trusts.

    Returns
    -------
    object
        A kernel, function or class that was defined there.

    Raises
    ------
    UntrustedError
        If it is neither of the package nor trusted.
    LookupError
        If it is not there.
    """
    name = f"{module}.{path[0]}"
    if OURS.fullmatch(module) is None and name not in trusted:
        raise UntrustedError({name})
    try:
        found = vars(importlib.import_module(module))[path[0]]
    except (ImportError, KeyError) as error:
        raise LookupError(name) from error
    for key in path[1:]:
        if not isinstance(found, Mapping | tuple):
            raise LookupError(name)
        found = found[key]
    if is_kernel(found):
        return found
    defined = isinstance(found, FunctionType | type) and full_name(found) == name
    if not defined:
        raise LookupError(name)
    return found
