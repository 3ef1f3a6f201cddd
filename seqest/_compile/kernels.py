"""The one compile decorator, and templates specialised by the kernels they call.

Everything compiled by Numba in this package goes through here, so that three promises
hold everywhere.

*Fresh.* Numba's disk cache looks at the file of a function only, and serves a stale
kernel when something it inlined from another file changed. Here the cache name carries
a hash of the function's code, of every kernel and intrinsic it calls, however deep,
and of the constants they read.

*Honest floats.* ``fastmath`` may contract and reorder, but never assumes that NaN or
infinity is absent.

*The same bits.* What a kernel calls is inlined. Left as a call it would be another
function in the process that compiled it on its own than in one that found its caller
on disk, and with reordered sums the two round differently.

*Installable.* Where no cache folder is writable there is one warning and kernels are
compiled in memory. Importing compiles nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core.dispatcher import Dispatcher

__all__ = ["exact_kernel", "is_kernel", "kernel", "specialise"]

CONSTANTS = (int, float, str, tuple, np.generic)
FAST = "contract", "reassoc", "nsz", "arcp", "afn"
EXACT = ("contract",)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` when first called, for each set of argument types.

    Parameters
    ----------
    function : callable
        A function over arrays and scalars. Arrays must be C-ordered and writeable, and
        scalars of the arrays' dtype, so that float32 stays float32.

    Returns
    -------
    numba.core.dispatcher.Dispatcher
        The compiled function; it releases the GIL.
    """
    return _compiled(function, function.__name__, FAST, _Cache.on_disk)


def exact_kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` inlined where it is called, its arithmetic as written.

    For pointwise functions whose rounding matters: without reassociation
    ``x - k * high - k * low`` keeps its digits. Their callers are kept on disk, so
    they need not be.

    Parameters
    ----------
    function : callable
        A pointwise function of scalars.

    Returns
    -------
    numba.core.dispatcher.Dispatcher
        The compiled function.
    """
    return _compiled(function, function.__name__, EXACT, on_disk=False)


def specialise(template: Callable[..., Any], name: str, **row_kernels: Any) -> Any:
    """Compile `template` with its free names bound to `row_kernels`.

    Parameters
    ----------
    template : callable
        A plain function that calls global names it does not define.
    name : str
        Says for what the template is specialised; part of the cache name.
    **row_kernels : kernel
        The functions to call under those names.

    Returns
    -------
    numba.core.dispatcher.Dispatcher
        A kernel of its own: specialisations cannot disturb each other.

    Raises
    ------
    NameError
        If the template uses none of the names given.
    """
    unused = set(row_kernels) - set(_names(template.__code__))
    if unused:
        raise NameError(f"{template.__name__} uses no {', '.join(sorted(unused))}.")
    bound = types.FunctionType(
        template.__code__,
        {**template.__globals__, **row_kernels},
        template.__name__,
        template.__defaults__,
    )
    bound.__module__ = template.__module__
    return _compiled(bound, f"{template.__name__}_{name}", FAST, _Cache.on_disk)


def is_kernel(value: object) -> bool:
    """Return whether `value` is a function that was compiled here."""
    return isinstance(value, Dispatcher)


class _Cache:
    """Whether kernels are kept on disk; turned off, with one warning, where none is."""

    on_disk = True


def _compiled(
    function: Callable[..., Any], name: str, fastmath: tuple[str, ...], on_disk: bool
) -> Any:
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    options |= {"fastmath": set(fastmath), "forceinline": True}
    source = "".join([repr(fastmath), *_source(function, {})])
    # What is on disk finds its functions by the names of their modules.
    source += function.__module__
    if function.__module__ not in sys.modules:
        source += secrets.token_hex()  # for this process only
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    function.__qualname__ = f"{name}_{digest}"
    if on_disk:
        try:
            return numba.njit(cache=True, **options)(function)
        except RuntimeError as error:
            if "no locator available" not in str(error):
                raise
            # A function typed at a prompt has no file, and only it goes uncached.
            if Path(function.__code__.co_filename).exists():
                _Cache.on_disk = False
                warnings.warn(
                    "seqest found no writable folder for its compiled kernels, so "
                    "each process compiles them anew. Set NUMBA_CACHE_DIR to one.",
                    RuntimeWarning,
                    stacklevel=2,
                )
    return numba.njit(**options)(function)


def _source(function: Any, seen: dict[int, int]) -> Iterator[str]:
    """Yield all that decides what `function` compiles to, callees included.

    A kernel is told by its name, which carries the hash of its own source.
    """
    seen[id(function)] = len(seen)
    yield from _code(function.__code__)
    cells = (cell.cell_contents for cell in function.__closure__ or ())
    enclosed = dict(zip(function.__code__.co_freevars, cells, strict=True))
    for name in sorted({*_names(function.__code__), *enclosed}):
        value = enclosed.get(name, function.__globals__.get(name))
        callee = _python_function(value)
        if isinstance(value, CONSTANTS):
            yield f"{name}={value!r};"
        elif isinstance(value, Dispatcher):
            yield f"{name}:{value.py_func.__qualname__};"
        elif callee is None:
            yield f"{name};"
        elif id(callee) in seen:
            yield f"{name}:#{seen[id(callee)]};"
        else:
            yield f"{name}:"
            yield from _source(callee, seen)


def _python_function(value: Any) -> Any:
    """Return the function behind an intrinsic, or a plain function."""
    inner = getattr(value, "__wrapped__", value)
    return inner if isinstance(inner, types.FunctionType) else None


def _code(code: types.CodeType) -> Iterator[str]:
    yield repr((code.co_code, code.co_names, code.co_varnames))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _code(constant)
        else:
            yield repr(constant)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
