"""Times along an axis, as matplotlib draws and writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["drawable", "format_times"]


def drawable(times: Any) -> NDArray[Any]:
    """Return the times of an index: periods at their start, zoned times in UTC."""
    if hasattr(times, "to_timestamp"):
        times = times.to_timestamp()
    elif getattr(times, "tz", None) is not None:
        times = times.tz_convert(None)
    found: NDArray[Any] = times.to_numpy()
    return found


def format_times(axes: Axes, times: NDArray[Any], zone: Any = None) -> None:
    """Write dates concisely and integers as such, unless the axes came with a format.

    Parameters
    ----------
    axes : Axes
        Whose x axis is of these times.
    times : ndarray of shape (n_rows,)
        As drawn.
    zone : tzinfo or None, default=None
        On whose clock dates are written; None is UTC, or no zone.
    """
    from matplotlib import dates, ticker

    axis = axes.xaxis
    if not axis.isDefault_majfmt or times.dtype.kind == "f":
        return
    if times.dtype.kind == "M":
        locator: Any = dates.AutoDateLocator(tz=zone)  # type: ignore[no-untyped-call]
        look: Any = dates.ConciseDateFormatter(locator, tz=zone)  # type: ignore[no-untyped-call]
        axis.set_major_formatter(look)
    else:
        locator = ticker.MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True)
    axis.set_major_locator(locator)
