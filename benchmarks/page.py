"""A page of Markdown whose sections are written anew by the commands that measure."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import numba

__all__ = ["machine", "table", "write_section"]

MARK = re.compile(r"^<!-- (\w+) -->\n", re.MULTILINE)


def write_section(path: Path, order: Sequence[str], name: str, text: str) -> None:
    """Write a section of a page, and leave the others as they are.

    Parameters
    ----------
    path : Path
        The page. What stands above its first section is kept.
    order : sequence of str
        The names of all sections, from the top down.
    name : str
        Which one.
    text : str
        Its Markdown.
    """
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    head, *parts = MARK.split(before)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    sections[name] = text
    parts = [
        f"<!-- {key} -->\n{sections[key].strip()}"
        for key in [*order, *(own for own in sections if own not in order)]
        if key in sections
    ]
    page = "\n\n".join([head.strip(), *parts])
    path.write_text(page.strip() + "\n", encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
        for line in lines
    )


def machine() -> str:
    """Say what was measured on: processors and versions."""
    names = ("numpy", "scipy", "scikit-learn", "numba")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    kind = f"{numba.config.NUMBA_NUM_THREADS} cores ({_processor()})"
    return f"{kind}, Python {platform.python_version()}, {versions}"


def _processor() -> str:
    """Return the processor's name where the system tells it, else its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(s for s in lines if s.startswith("model name")).split(": ")[1]
    except (OSError, StopIteration, IndexError):
        return platform.machine()
