"""The axes that displays draw in, new ones or those of the caller, and legends."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import worded

__all__ = ["add_legend", "given_axes", "new_axes", "one_axes", "pyplot_for"]

LETTERS, HANDLE = 13.0, 6  # letters of a legend to an inch, and what a line takes


def pyplot_for(owner: str) -> Any:
    """Return matplotlib's pyplot.

    Raises
    ------
    ImportError
        Without matplotlib.
    """
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{owner} needs matplotlib: pip install 'seqest[plot]'."
        ) from error
    return plt


def given_axes(owner: str, ax: Any, n_panels: int) -> NDArray[Any]:
    """Return the axes of a caller, shape (n_panels,).

    Raises
    ------
    ValueError
        If there are not as many as panels.
    """
    axes = np.array(ax, dtype=object)
    if axes.size != n_panels:
        rule = f"an array of {n_panels} Axes, one for each panel"
        raise ValueError(worded(f"{owner}.plot", "ax", ax, rule))
    return axes.ravel()


def new_axes(
    owner: str, shape: tuple[int, int], size: tuple[float, float], **options: Any
) -> NDArray[Any]:
    """Return the axes of a new figure of so many inches, of the given shape."""
    plt = pyplot_for(owner)
    options = {"squeeze": False, "layout": "constrained", **options}
    axes: NDArray[Any] = plt.subplots(*shape, figsize=size, **options)[1]
    return axes


def one_axes(owner: str, ax: Any, size: tuple[float, float]) -> NDArray[Any]:
    """Return the caller's Axes or, of None, that of a new figure; shape (1,)."""
    if ax is None:
        return new_axes(owner, (1, 1), size).ravel()
    return given_axes(owner, ax, 1)


def add_legend(axes: NDArray[Any], outside: bool, crowded: bool = False) -> Any:
    """Say once what is drawn: above all panels, or in or above the first of them.

    Parameters
    ----------
    axes : ndarray of Axes
        Whose labels are told.
    outside : bool
        Whether the figure is the display's own, with room above the panels.
    crowded : bool, default=False
        Whether panels have no room inside.

    Returns
    -------
    Legend or None
        None where nothing has a label.
    """
    found: dict[str, Any] = {}
    for own in axes.flat:
        for handle, label in zip(*own.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    if not found:
        return None
    told = list(found.values()), list(found)
    if not outside:
        place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1), "frameon": False}
        own = {**place, "ncols": len(found)} if crowded else {}
        return axes.flat[0].legend(*told, **own, handlelength=HANDLE / 2)
    figure = axes.flat[0].figure
    room = figure.get_figwidth() * LETTERS
    most = max(int(room // (max(map(len, found)) + HANDLE)), 1)
    n_rows = -(-len(found) // most)
    place = {"loc": "outside upper center", "ncols": -(-len(found) // n_rows)}
    place |= {"handlelength": HANDLE / 2, "frameon": False}
    return figure.legend(*told, **place)
