"""What people see: results on the output, all else on the error stream."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from seqest.cli._texts import plain

__all__ = ["complain", "progress_over", "say", "show", "shown_warnings", "tell"]


# One console for each stream, so that a bar and what is said do not overlap.
_consoles: dict[int, Console] = {}


def _errors() -> Console:
    return _consoles.setdefault(
        id(sys.stderr), Console(file=sys.stderr, highlight=False)
    )


def _print(text: Text) -> None:
    """Write one line, which a terminal breaks between words."""
    console = _errors()
    console.print(text, soft_wrap=not console.is_terminal)


def say(lines: str | Sequence[str], quiet: bool = False) -> None:
    """Write what was understood or done, beside the results."""
    for line in () if quiet else [lines] if isinstance(lines, str) else lines:
        _print(Text(line, style="dim"))


def complain(message: str) -> None:
    """Write an error as one line."""
    line = " ".join(message.split())
    _print(Text.assemble(("seqest: ", "bold red"), line))


def tell(text: str) -> None:
    """Write a result as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()


def show(table: pd.DataFrame, title: str, best: Any = None, digits: int = 2) -> None:
    """Write a table: with rules and colours on a terminal, as CSV in a pipe.

    Parameters
    ----------
    table : DataFrame
        What to show.
    title : str
        What it is.
    best : row label, optional
        The row that is set off.
    digits : int
        After the point; columns of small numbers get more.
    """
    if not sys.stdout.isatty():
        tell(plain(table))
        return
    drawn = Table(title=title, title_justify="left", title_style="bold")
    for name in table:
        numeric = pd.api.types.is_numeric_dtype(table[name].dtype)
        drawn.add_column(
            str(name), justify="right" if numeric else "left", overflow="fold"
        )
    places = {name: _digits(table[name], digits) for name in table}
    for label, row in table.iterrows():
        cells = [_cell(value, places[name]) for name, value in row.items()]
        drawn.add_row(*cells, style="bold green" if label == best else None)
    Console(highlight=False).print(drawn)


def _digits(column: Any, least: int) -> int:
    """Return digits after the point that tell the median size to three places."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return 0
    size = float(column.abs().median())
    if not 0 < size < 1:
        return least
    return max(least, min(2 - int(np.floor(np.log10(size))), 12))


def _cell(value: Any, digits: int) -> str:
    if isinstance(value, float):
        return "–" if np.isnan(value) else f"{value:,.{digits}f}"
    return str(value)


@contextmanager
def progress_over(total: int, what: str) -> Iterator[Any]:
    """Yield what counts steps done, with a name for the one that begins.

    A bar is drawn on a terminal, and nothing in a pipe.
    """
    console = _errors()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Progress(
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(what, total=total)

        def step(name: str = "", done: int = 1) -> None:
            bar.update(task, advance=done, description=f"{what}: {name}")

        yield step


@contextmanager
def shown_warnings(quiet: bool = False) -> Iterator[None]:
    """Have each warning written once, as one line."""
    told: set[str] = set()

    def show_one(message: Any, category: Any, *place: Any, **more: Any) -> None:
        text = " ".join(str(message).split())
        if text not in told and not quiet:
            told.add(text)
            _print(Text.assemble(("warning: ", "yellow"), text))

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=FutureWarning)
        warnings.showwarning = show_one
        yield
