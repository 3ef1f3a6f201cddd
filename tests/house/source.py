"""The package as the rules of the house see it: paths, texts and syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One module: its path below the repository, such as ``seqest/cells/lstm.py``."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.path)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The path inside the package, as in ``("reservoirs", "ring")``."""
        return PurePosixPath(self.path).with_suffix("").parts[1:]

    @property
    def part(self) -> str:
        """The part of the house it belongs to, as in ``"reservoirs"``."""
        return self.names[0]

    @property
    def is_front(self) -> bool:
        """Whether it is an ``__init__``, which holds names and words only."""
        return self.names[-1] == "__init__"

    @property
    def is_public(self) -> bool:
        """Whether no folder or file on the way to it is private."""
        inner = self.names[:-1] if self.is_front else self.names
        return not any(name.startswith("_") for name in inner)

    @property
    def n_lines(self) -> int:
        """The number of lines."""
        return len(self.text.splitlines())

    def at(self, line: int, message: str) -> str:
        """Return `message` behind the place it speaks of."""
        return f"{self.path}:{line}: {message}"

    def functions(self) -> Iterator[Function]:
        """Yield every function and method, however deep."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


def package_sources() -> list[Source]:
    """Read every module of the package."""
    return [
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "seqest").rglob("*.py"))
    ]


def docstring(node: Documented) -> ast.Expr | None:
    """Return the statement that is the docstring of `node`, if it has one."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first if isinstance(first.value.value, str) else None
    return None


def span(first: ast.stmt, last: ast.stmt) -> int:
    """Return the number of lines from statement `first` to the end of `last`."""
    return (last.end_lineno or last.lineno) - first.lineno + 1
