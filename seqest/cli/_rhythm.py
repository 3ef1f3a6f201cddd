"""How regular times are: their frequency, their season, and holes to fill."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

__all__ = ["FILLS", "filled", "rhythm_of"]

SEASONS = {"M": 12, "Q": 4, "W": 52, "D": 7, "B": 5, "h": 24, "min": 1440}
SPOKEN = {
    "Y": "yearly",
    "Q": "quarterly",
    "M": "monthly",
    "W": "weekly",
    "D": "daily",
    "B": "working days",
    "h": "hourly",
    "min": "by the minute",
    "s": "by the second",
}
STRETCHES = 40  # that are looked at, of each length
FILLS = ("linear", "forward", "zero")


def filled(
    frame: pd.DataFrame, targets: list[str], how: str, notes: list[str]
) -> pd.DataFrame:
    """Return rows at all times from the first to the last, holes filled.

    What is missing at the end of a series is not a hole.
    """
    several = frame.index.nlevels > 1
    levels = [*range(frame.index.nlevels - 1)]
    parts, n_filled = [], 0
    groups = frame.groupby(level=levels, sort=False) if several else [((), frame)]
    freq = None
    for name, own in groups:
        times = own.index.get_level_values(-1)
        freq = freq or _freq_of(times)
        if freq is None:
            raise ValueError("holes cannot be filled: times keep to no frequency.")
        whole = own.set_axis(times).reindex(_grid(times, freq))
        holes = whole.isna() & whole.bfill().notna()
        filled = {"forward": whole.ffill(), "zero": whole.fillna(0.0)}.get(how)
        if filled is None:
            filled = whole.set_axis(np.arange(len(whole))).interpolate()
            filled.index = whole.index
        n_filled += int(holes[targets].to_numpy().sum())
        whole = whole.where(~holes, filled)
        if several:
            labels = [(*name, stamp) for stamp in whole.index]
            whole.index = pd.MultiIndex.from_tuples(labels, names=frame.index.names)
        parts.append(whole)
    what = "1 missing value was" if n_filled == 1 else f"{n_filled} missing values were"
    notes.append(f"{what} filled ({how})")
    filled = pd.concat(parts)
    filled.index.names = frame.index.names
    return filled


def _freq_of(times: Any) -> Any:
    """Return the frequency that times keep to but for holes, None without one."""
    if isinstance(times, pd.PeriodIndex):
        return times.freq
    steps, counts = np.unique(np.diff(times), return_counts=True)
    if not steps.size:
        return "D" if isinstance(times, pd.DatetimeIndex) else 1
    if not isinstance(times, pd.DatetimeIndex):
        return int(steps[counts.argmax()])
    commonest = to_offset(pd.Timedelta(steps[counts.argmax()]))
    for freq in dict.fromkeys([*_of_stretches(times), commonest]):
        if times.isin(_grid(times, freq)).all():
            return freq
    return None


def _of_stretches(times: pd.DatetimeIndex) -> Iterator[Any]:
    """Yield frequencies of stretches, of which some have no hole; longer ones first."""
    for size in (12, 6, 4):
        last = max(1, len(times) - size + 1)
        for first in np.unique(
            np.linspace(0, last - 1, min(last, STRETCHES)).astype(int)
        ):
            some = times[first : first + size]
            freq = pd.DatetimeIndex(some, freq="infer").freq if len(some) > 2 else None
            if freq is not None:
                yield freq


def _grid(times: Any, freq: Any) -> Any:
    first, last = times[0], times[-1]
    if isinstance(times, pd.PeriodIndex):
        return pd.period_range(first, last, freq=freq)
    if isinstance(times, pd.DatetimeIndex):
        return pd.date_range(first, last, freq=freq)
    return pd.RangeIndex(int(first), int(last) + 1, int(freq))


def rhythm_of(y: Any) -> tuple[str, int | None]:
    """Return the frequency of the longest series in words, and its usual season."""
    index = y.index
    if index.nlevels > 1:
        sizes = y.groupby(level=[*range(index.nlevels - 1)], sort=False).size()
        longest = sizes.index[int(sizes.to_numpy().argmax())]
        index = y.loc[longest].index
    found = _freq_of(index)
    if isinstance(found, int):
        return f"every {found}" if found > 1 else "counted", None
    if found is None:
        return "irregular", None
    freq = to_offset(found).freqstr
    # Such as 6h, QS-OCT, BME: how many of what, at its start or end.
    told = re.fullmatch(r"(\d*)B?([MQY])[SE]?(?:-\w+)?|(\d*)(\w+?)(?:-\w+)?", freq)
    count, unit, other_count, other = told.groups() if told else ("", freq, "", "")
    base, n = unit or other, int(count or other_count or 1)
    spoken, rows = SPOKEN.get(base, base), SEASONS.get(base)
    season = rows // n if rows and rows % n == 0 and rows // n > 1 else None
    if base == "min" and 60 % n == 0 and n > 1:
        season = 1440 // n
    return spoken if n == 1 else f"{spoken}, every {n}", season
