"""numpydoc's verdict on every public docstring: ``python -m tests.house.docstrings``.

Public is what users import: what ``__all__`` of a package or of a module beside the
packages lists, with the public methods of its classes.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Iterator

from numpydoc.validate import validate

from tests.house.source import ROOT, Source, package_sources

# "X, y : as in `fit`" stands for their types too.
REFERENCE = re.compile(r"\b[Aa]s (in|for|of) ")


def checks() -> frozenset[str]:
    """Return the codes of numpydoc's checks that pyproject.toml asks for."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return frozenset(settings["tool"]["numpydoc_validation"]["checks"])


def findings(path: str, codes: frozenset[str]) -> list[str]:
    """Return what is wrong with the docstring of the object at `path`."""
    report = validate(path)
    if REFERENCE.search(report["docstring"]):
        codes = codes - {"PR04"}
    errors = report["errors"]
    return [f"{path}: {code} {text}" for code, text in errors if code in codes]


def is_offered(source: Source) -> bool:
    """Return whether users import from this module, not from the package above it."""
    return source.is_public and (source.is_front or len(source.names) == 1)


def is_record(found: object) -> bool:
    """Return whether `found` is a class of named fields, described as attributes."""
    is_tuple = inspect.isclass(found) and issubclass(found, tuple)
    return is_tuple or dataclasses.is_dataclass(found)


def public_objects() -> dict[str, object]:
    """Return the public functions and classes by the path where they are defined."""
    objects: dict[str, object] = {}
    for source in filter(is_offered, package_sources()):
        names = source.names[:-1] if source.is_front else source.names
        module = importlib.import_module(".".join(("seqest", *names)))
        for found in (getattr(module, name) for name in module.__all__):
            if inspect.isfunction(found) or inspect.isclass(found):
                objects[f"{found.__module__}.{found.__qualname__}"] = found
    return objects


def public_methods(found: object) -> Iterator[str]:
    """Yield the names of a class's public methods that are written in the package."""
    if inspect.isclass(found):
        for name, method in inspect.getmembers(found, inspect.isfunction):
            if not name.startswith("_") and method.__module__.startswith("seqest"):
                yield name


def breaches() -> Iterator[str]:
    """Yield what is wrong with the public docstrings of the package."""
    codes = checks()
    for path, found in public_objects().items():
        own = codes - {"PR01"} if is_record(found) else codes | {"EX01"}
        yield from findings(path, own)
        for method in public_methods(found):
            yield from findings(f"{path}.{method}", codes)


if __name__ == "__main__":
    sys.exit("\n".join(breaches()) or 0)
