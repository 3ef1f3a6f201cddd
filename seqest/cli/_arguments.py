"""Arguments that several commands take, and how they are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from seqest.cli._columns import UsageError

__all__ = [
    "PICTURES",
    "Future",
    "Horizon",
    "Json",
    "Levels",
    "Method",
    "Origins",
    "Output",
    "Picture",
    "Quiet",
    "Refit",
    "Step",
    "Trust",
    "read_levels",
    "read_refit",
]

PICTURES = (".png", ".svg", ".pdf")
Horizon = Annotated[
    int, typer.Option("--horizon", "-n", min=1, help="How many rows are forecast.")
]
Levels = Annotated[
    list[str] | None,
    typer.Option(
        "--interval",
        metavar="PERCENT",
        help="What intervals hold, one or several: --interval 80 95. "
        "By default 80 and 95; 0 for none.",
    ),
]
Method = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Where intervals come from: bootstrap or conformal."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing besides.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON to the output.")]
Origins = Annotated[
    int, typer.Option(min=1, help="How many times in the past to forecast from.")
]
Step = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Rows between them; by default they spread over the last half of the "
        "rows, at most a horizon apart.",
    ),
]
Refit = Annotated[
    str,
    typer.Option(
        metavar="WHEN", help="Learn anew always, never, or at each so many of them."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="All predictions, a row for each."
    ),
]
Picture = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A picture of errors by step.")
]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TYPE", help="A type that a saved model may hold, by its full name."
    ),
]
Future = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Columns known ahead, of the rows to come."),
]


def read_levels(given: Sequence[str] | None) -> list[float]:
    """Return shares of intervals, from percents that people write."""
    if given is None:
        return [0.8, 0.95]
    found = []
    for text in (part for one in given for part in one.replace(",", " ").split()):
        try:
            percent = float(text.rstrip("%"))
        except ValueError:
            raise UsageError(f"--interval takes percents, not {text!r}.") from None
        if not 0 <= percent < 100:
            raise UsageError(f"--interval is from 0 to under 100 percent, not {text}.")
        found += [round(percent / 100, 6)] if percent else []
    return sorted(set(found))


def read_refit(text: str) -> bool | int:
    """Return when models learn anew."""
    if text in ("always", "never"):
        return text == "always"
    if text.isdigit() and int(text) > 0:
        return int(text)
    raise UsageError(f"--refit is always, never or a number of origins, not {text!r}.")
