"""The steps of a how-to-add page, taken in a copy of the repository.

A step is a block of Python whose first line names a file. Below ``# path`` stands a new
file. Below ``# add to path`` stands what joins one: imports go after its imports; the
elements of ``NAME = [..., x]`` and the entry of ``NAME["x"] = y`` go to the end of the
list, tuple or dictionary that makes NAME; a function goes above these. A block of text
joins a page of words, ``# add to path, below`` a line or ``behind`` words.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Steps", "blocks", "joined"]


def blocks(page: str, language: str) -> list[str]:
    """Return what stands in a page's blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


@dataclass
class Steps:
    """The files of a copy that the steps of a page make and change."""

    page: str
    made: list[Path] = field(default_factory=list)
    changed: list[Path] = field(default_factory=list)

    def take(self, copy: Path) -> None:
        """Take all steps, in their order."""
        for block in blocks(self.page, "python"):
            head, code = block.split("\n", 1)
            if (found := re.fullmatch(r"# add to (\S+)", head)) is not None:
                path = copy / found[1]
                path.write_text(joined(path.read_text("utf-8"), code), "utf-8")
                self.changed.append(path)
            elif (found := re.fullmatch(r"# (\S+\.py)", head)) is not None:
                path = copy / found[1]
                assert not path.exists(), f"{found[1]} is there already"
                path.write_text(code, "utf-8")
                self.made.append(path)
            else:
                assert head.startswith(">>>"), f"what is to be done with {head!r}?"
        for block in blocks(self.page, "text"):
            head, lines = block.split("\n", 1)
            found = re.fullmatch(r"# add to (\S+), (below|behind) (.+)", head)
            assert found is not None, head
            path, lines = copy / found[1], lines.removesuffix("\n")
            text, anchor = path.read_text("utf-8"), found[3]
            added = f"{anchor} {lines}"
            if found[2] == "below":
                anchor, added = f"\n{anchor}\n", f"\n{anchor}\n{lines}\n"
            assert text.count(anchor) == 1, head
            path.write_text(text.replace(anchor, added), "utf-8")

    @property
    def shown(self) -> str:
        """The examples of the page, as a text with doctests."""
        python = blocks(self.page, "python")
        return "\n".join(block for block in python if block.startswith(">>>"))


def joined(text: str, block: str) -> str:
    """Return a module with the statements of a block in their places."""
    statements = ast.parse(block).body
    additions = [Addition.of(s, block) for s in statements if isinstance(s, ast.Assign)]
    for statement in statements:
        tree, code = ast.parse(text), ast.get_source_segment(block, statement)
        if isinstance(statement, ast.Import | ast.ImportFrom):
            last = [s for s in tree.body if isinstance(s, type(statement))][-1]
            text = _with(text, _end(last), f"\n{code}")
        elif isinstance(statement, ast.Assign):
            addition = additions.pop(0)
            text = _with(text, _end(addition.last(tree)), f", {addition.code}")
        else:
            place = additions[0].assignment(tree).lineno, 0
            text = _with(text, place, f"{code}\n\n\n")
    return text


@dataclass
class Addition:
    """Elements for the list, tuple or dictionary that makes a name of a module."""

    name: str
    kind: type[ast.List | ast.Tuple | ast.Dict]
    code: str

    @classmethod
    def of(cls, statement: ast.Assign, block: str) -> Addition:
        """Return what a statement adds."""

        def source(node: ast.expr) -> str:
            return ast.get_source_segment(block, node) or ""

        match statement.targets[0], statement.value:
            case ast.Name(id=name), ast.List() | ast.Tuple() as literal:
                before, *added = map(source, literal.elts)
                assert before == "...", f"{name} has elements already"
                return cls(name, type(literal), ", ".join(added))
            case ast.Subscript(value=ast.Name(id=name), slice=key), value:
                return cls(name, ast.Dict, f"{source(key)}: {source(value)}")
        raise ValueError(f"nothing is joined by {source(statement.value)}")

    def assignment(self, tree: ast.Module) -> ast.Assign | ast.AnnAssign:
        """Return the statement that makes the name."""
        for statement in tree.body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id=self.name)])
                    | ast.AnnAssign(target=ast.Name(id=self.name))
                ):
                    return statement
        raise LookupError(f"{self.name} is made nowhere")

    def last(self, tree: ast.Module) -> ast.expr:
        """Return the element behind which there is room."""
        inside = ast.walk(self.assignment(tree).value or tree)
        literal = next(node for node in inside if isinstance(node, self.kind))
        elements = literal.values if isinstance(literal, ast.Dict) else literal.elts
        return elements[-1]


def _end(node: ast.expr | ast.stmt) -> tuple[int, int]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return node.end_lineno, node.end_col_offset


def _with(text: str, place: tuple[int, int], code: str) -> str:
    """Return a text with code at a line, from 1, and column, in bytes."""
    lines = text.encode().splitlines(keepends=True)
    line, column = place
    lines[line - 1] = (
        lines[line - 1][:column] + code.encode() + lines[line - 1][column:]
    )
    return b"".join(lines).decode()
