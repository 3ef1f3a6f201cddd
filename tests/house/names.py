"""What things are called, and words of Python that do not belong in a library."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from tests.house.imports import imports_of
from tests.house.source import Source

ROOMLESS = re.compile(r"_?(utils?|helpers?|managers?|commons?|misc)")
PRIVATE = re.compile(r"_(?!_)\w*")
# Public methods of named tuples, in spite of their underscore.
NAMED_TUPLE = {"_asdict", "_fields", "_make", "_replace"}


def modules_are_named_after_an_idea(sources: Sequence[Source]) -> Iterator[str]:
    """Yield modules and folders with a name that says nothing."""
    for source in sources:
        for name in filter(ROOMLESS.fullmatch, source.names):
            yield source.at(1, f"{name} names no room of the house")


def public_modules_list_their_names(sources: Sequence[Source]) -> Iterator[str]:
    """Yield public modules without a literal list of strings as ``__all__``."""
    for source in sources:
        if source.is_public and not any(map(_lists_names, source.tree.body)):
            yield source.at(1, "no __all__ that is a list of strings")


def _lists_names(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=items)):
            values = [getattr(item, "value", None) for item in items]
            return all(isinstance(value, str) for value in values)
    return False


def only_the_command_line_prints(sources: Sequence[Source]) -> Iterator[str]:
    """Yield calls of `print` outside ``cli``."""
    for source in sources:
        if source.part == "cli":
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                yield source.at(node.lineno, "print outside the command line")


def no_except_is_bare(sources: Sequence[Source]) -> Iterator[str]:
    """Yield handlers that catch whatever comes."""
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                yield source.at(node.lineno, "bare except")


def private_names_are_our_own(sources: Sequence[Source]) -> Iterator[str]:
    """Yield private modules, names and attributes that the package does not define."""
    own = NAMED_TUPLE.union(*map(_private_names_defined, sources))
    for source in sources:
        for found in imports_of(source):
            private = any(map(PRIVATE.fullmatch, (*found.module, found.name)))
            if private and found.library not in {"seqest", "__future__"}:
                name = ".".join(filter(None, (*found.module, found.name)))
                yield source.at(found.line, f"{name} is private to its library")
        for line, name in _attributes_used(source):
            if PRIVATE.fullmatch(name) and name not in own:
                yield source.at(line, f"{name} is defined nowhere in the package")


def _private_names_defined(source: Source) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and _is_assigned_by_its_class(node):
            names.add(node.attr)
    return set(filter(PRIVATE.fullmatch, {*names, *source.names}))


def _is_assigned_by_its_class(node: ast.Attribute) -> bool:
    owner = ast.unparse(node.value)
    return isinstance(node.ctx, ast.Store) and owner in {"self", "cls"}


def _attributes_used(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.Call(
                func=ast.Name(id="getattr" | "hasattr" | "setattr"),
                args=[_, ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name
