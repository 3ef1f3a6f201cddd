"""Looks of lines that eyes of every kind tell apart, in grey, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqest._validation import worded

__all__ = ["COLOURS", "DASHES", "INK", "MARKERS", "PALE", "by_name", "looks"]

INK, PALE = "0.25", "0.75"

# The colours of Okabe and Ito (2008), dark before light, and dashes of their own.
COLOURS = "#000000", "#D55E00", "#0072B2", "#E69F00", "#009E73", "#56B4E9", "#CC79A7"
DASHES: tuple[Any, ...] = (
    "-",
    (0, (4, 1.5)),
    (0, (1, 1.2)),
    (0, (6, 1.5, 1, 1.5)),
    (0, (9, 2)),
    (0, (4, 1.2, 1, 1.2, 1, 1.2)),
    (0, (2, 2)),
)
MARKERS = "osD^vPX"


def looks(n: int) -> list[dict[str, Any]]:
    """Return color, linestyle and marker of each of n lines, no two the same."""
    period = len(COLOURS)
    return [
        {
            "color": COLOURS[k % period],
            "linestyle": DASHES[(k + k // period) % period],
            "marker": MARKERS[(k + k // period) % period],
        }
        for k in range(n)
    ]


def by_name(owner: str, name: str, value: Any) -> dict[str, Any]:
    """Return one thing without a name, "", or several things by their names.

    Parameters
    ----------
    owner, name : str
        The function and its argument, for errors.
    value : object or dict
        What is drawn; a dict is from names.

    Returns
    -------
    dict of str to object
        In the order given.

    Raises
    ------
    ValueError
        If a dict is empty.
    """
    if not isinstance(value, Mapping):
        return {"": value}
    if not value:
        rule = "one, or a dict of at least one by name"
        raise ValueError(worded(owner, name, value, rule))
    return {str(key): own for key, own in value.items()}
