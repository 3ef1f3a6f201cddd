"""Who may import whom: the rows of the house, and the rooms of other libraries."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.house.source import Function, Source

ROWS = (
    ("__main__",),
    ("cli",),
    ("__init__",),
    ("report", "distributed", "persistence", "compilation"),
    ("forecasting",),
    ("plotting", "estimators"),
    ("readouts", "recurrence", "reservoirs", "features"),
    ("cells", "optim", "metrics", "datasets"),
    ("_sequences",),
    ("_compile", "_validation", "_progress", "_files"),
)
ROW_OF = {part: row for row, parts in enumerate(ROWS) for part in parts}

ANYWHERE = frozenset(ROW_OF)
SKLEARN_ROOMS = frozenset(p for p in ROW_OF if ROW_OF[p] <= ROW_OF["_sequences"])
ROOMS = {
    "numpy": ANYWHERE,
    "scipy": ANYWHERE,
    "sklearn": SKLEARN_ROOMS,
    "pandas": {
        "_sequences",
        "forecasting",
        "datasets",
        "persistence",
        "report",
        "cli",
    },
    "statsmodels": {"forecasting", "datasets"},
    "numba": {"_compile"},
    "llvmlite": {"_compile"},
    "threadpoolctl": {"_compile"},
    "matplotlib": {"plotting"},
    "dask": {"distributed"},
    "distributed": {"distributed"},
    "optuna": {"cli"},
    "plotly": {"report"},
    "skops": {"persistence"},
    "pyarrow": {"cli"},
    "rich": {"cli"},
    "typer": {"cli"},
}
# Slow to import, or not always installed.
LATE = {
    "statsmodels",
    "matplotlib",
    "dask",
    "distributed",
    "optuna",
    "plotly",
    "pyarrow",
    "skops",
}


@dataclass(frozen=True)
class Import:
    """One imported name: ``from module import name``, or ``import module``."""

    line: int
    module: tuple[str, ...]
    name: str
    late: bool  # inside a function, or for type checkers alone

    @property
    def library(self) -> str:
        """The library it comes from."""
        return self.module[0]

    @property
    def part(self) -> str:
        """The part of the package it names: ``from seqest import x`` may name two."""
        if len(self.module) > 1:
            return self.module[1]
        return self.name if self.name in ROW_OF else "__init__"


def imports_of(source: Source) -> Iterator[Import]:
    """Yield every import of a module."""
    yield from _imports_below(source, source.tree, late=False)


def _imports_below(source: Source, node: ast.AST, late: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(child.lineno, tuple(alias.name.split(".")), "", late)
        elif isinstance(child, ast.ImportFrom):
            for alias in child.names:
                yield Import(child.lineno, _origin(source, child), alias.name, late)
        else:
            inside = late or isinstance(child, Function) or _for_type_checkers(child)
            yield from _imports_below(source, child, inside)


def _origin(source: Source, node: ast.ImportFrom) -> tuple[str, ...]:
    inner = tuple(node.module.split(".")) if node.module else ()
    if not node.level:
        return inner
    here = ("seqest", *source.names)
    return here[: len(here) - node.level] + inner


def _for_type_checkers(node: ast.AST) -> bool:
    if not isinstance(node, ast.If):
        return False
    return ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def imports_point_down(sources: Sequence[Source]) -> Iterator[str]:
    """Yield imports of a part on the same row or above."""
    for source in sources:
        if source.part not in ROW_OF:
            yield source.at(1, f"{source.part} has no row in the house")
            continue
        for found in imports_of(source):
            if found.library != "seqest" or found.part == source.part:
                continue
            if ROW_OF.get(found.part, -1) <= ROW_OF[source.part]:
                message = f"{source.part} imports {found.part}, which is not below it"
                yield source.at(found.line, message)


def libraries_stay_in_their_rooms(sources: Sequence[Source]) -> Iterator[str]:
    """Yield imports of libraries where they do not belong, or too early."""
    for source in sources:
        for found in imports_of(source):
            if found.library == "seqest" or found.library in sys.stdlib_module_names:
                continue
            if found.name == "ConvergenceWarning":
                continue
            if source.part not in ROOMS.get(found.library, ()):
                message = f"{found.library} is not to be imported in {source.part}"
                yield source.at(found.line, message)
            if found.library in LATE and not found.late:
                message = f"{found.library} is to be imported inside a function"
                yield source.at(found.line, message)
