"""The axes that displays draw in: new ones, or those of the caller."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import worded

__all__ = ["given_axes", "pyplot_for"]


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
