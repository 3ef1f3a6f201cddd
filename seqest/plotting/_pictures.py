"""Figures as files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from seqest.plotting._axes import pyplot_for

__all__ = ["picture_of"]


def picture_of(figure: Any, form: str, dots_per_inch: float = 150) -> bytes:
    """Return a figure as a picture, and let go of it.

    Parameters
    ----------
    figure : Figure
        What was drawn.
    form : {"png", "svg", "pdf"}
        How it is written.
    dots_per_inch : float
        Of a PNG.
    """
    told = BytesIO()
    figure.savefig(told, format=form, dpi=dots_per_inch)
    pyplot_for("picture_of").close(figure)
    return told.getvalue()
