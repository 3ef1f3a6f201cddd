"""Which rows of a panel are meant: those asked for by their labels, or that join it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqest.forecasting._calendar import continued
from seqest.forecasting._exogenous import require_kind
from seqest.forecasting._panel import Panel, series_of

__all__ = ["rows_asked", "rows_in_order"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


def rows_asked(
    owner: str, panel: Panel, index: pd.Index
) -> Iterator[tuple[int, Rows, Rows]]:
    """Yield each series of an index, its rows there, and how many steps each is in."""
    codes, ids, stamps = series_of(owner, "X", index)
    for code, name in enumerate(ids):
        if name not in panel.ids:
            raise ValueError(f"{owner} was not fitted on series {name!r} of X.")
        k, own = panel.ids.index(name), np.flatnonzero(codes == code)
        times = panel.times[k]
        require_kind(owner, stamps, times)
        if stamps[own].min() < times[0]:
            raise ValueError(
                f"X has a row at {stamps[own].min()}, which is no time of y: {owner} "
                f"was fitted on rows from {times[0]} to {times[-1]}."
            )
        place = times.get_indexer(stamps[own])
        later = np.flatnonzero(place < 0)
        if later.size:
            place[later] = len(times) + _steps_after(owner, times, stamps[own[later]])
        yield k, own, place.astype(np.int64)


def rows_in_order(whole: Panel, parts: Sequence[tuple[Panel, Array]]) -> Array:
    """Return the rows of several panels as the panel that joins them has them."""
    rows = []
    for name in whole.ids:
        for panel, own in parts:
            if name in panel.ids:
                k = panel.ids.index(name)
                rows.append(own[panel.offsets[k] : panel.offsets[k + 1]])
    return np.concatenate(rows)


def _steps_after(owner: str, times: Any, stamps: Any) -> Rows:
    """Return how many steps after the first after `times` some later stamps are."""
    size = 16
    while True:
        ahead = continued(times, size)
        place = ahead.get_indexer(stamps)
        if np.all(place >= 0):
            return np.asarray(place, np.int64)
        strange = stamps[int(np.argmax(place < 0))]
        if strange <= ahead[-1]:
            raise ValueError(
                f"X has a row at {strange}, which is no time of y: {owner} was fitted "
                f"on rows from {times[0]} to {times[-1]}."
            )
        size *= 2
