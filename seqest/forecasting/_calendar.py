"""Regular time: the frequency of an index, where it breaks off, how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

__all__ = ["continued", "regular", "shown_time"]

# Labels from which a frequency is told, where those of the whole index do not tell it.
FEW = 12


def regular(owner: str, name: str, index: pd.Index, hint: Any = None) -> pd.Index:
    """Return an index with its frequency, which each of its labels keeps to.

    Parameters
    ----------
    owner, name : str
        The class and the argument that errors name.
    index : pandas.Index
        Of one series: datetimes, periods or integers, in the order of the rows.
    hint : offset, optional
        The frequency of datetimes, where others tell it.

    Returns
    -------
    DatetimeIndex, PeriodIndex or RangeIndex
        Of the same labels.

    Raises
    ------
    TypeError
        If its labels are no times.
    ValueError
        If they do not increase, follow no frequency, or one is missing.
    """
    times = (pd.DatetimeIndex, pd.PeriodIndex)
    if not (isinstance(index, times) or pd.api.types.is_integer_dtype(index.dtype)):
        raise TypeError(
            f"{owner} forecasts at times, but {name} has an index of {index.dtype} "
            f"labels such as {index[0]!r}. Set one, e.g. {name}.index = "
            "pd.to_datetime(...), or reset_index(drop=True) to count rows."
        )
    if index.hasnans:
        raise ValueError(
            f"{name}'s index has missing labels. Every row needs its time."
        )
    _require_increase(name, index)
    whole = _grid(index, hint)
    if whole is None:
        raise ValueError(
            f"{name}'s index has no frequency that can be inferred: its steps differ, "
            f"such as {_steps_shown(index)}. Bring it to one, e.g. y.asfreq('D'), "
            "or count rows with reset_index(drop=True)."
        )
    if len(whole) > len(index):
        _refuse_gap(name, index, whole)
    named: pd.Index = whole.rename(index.name)
    return named


def continued(index: Any, n_steps: int) -> Any:
    """Return the `n_steps` labels after those of a regular index."""
    if isinstance(index, pd.RangeIndex):
        return pd.RangeIndex(
            index[-1] + index.step,
            index[-1] + (n_steps + 1) * index.step,
            index.step,
            name=index.name,
        )
    make = pd.period_range if isinstance(index, pd.PeriodIndex) else pd.date_range
    return make(index[-1], periods=n_steps + 1, freq=index.freq, name=index.name)[1:]


def shown_time(label: Any) -> str:
    """Return a time without a clock that stands at midnight."""
    if isinstance(label, pd.Timestamp) and label == label.normalize():
        return f"{label:%Y-%m-%d}"
    return str(label)


def _grid(index: Any, hint: Any) -> Any:
    """Return all labels from the first to the last at a frequency that most keep to.

    None where there is no such frequency.
    """
    if isinstance(index, pd.PeriodIndex):
        return pd.period_range(index[0], index[-1], freq=index.freq)
    for step in _candidates(index, hint):
        if isinstance(index, pd.DatetimeIndex):
            grid: Any = pd.date_range(index[0], index[-1], freq=step)
        else:
            grid = pd.RangeIndex(int(index[0]), int(index[-1]) + 1, int(step))
        if index.isin(grid).all() and 2 * len(index) > len(grid):
            return grid
    return None


def _candidates(index: Any, hint: Any) -> Iterator[Any]:
    """Yield steps that an index may keep to, the likeliest first."""
    steps, counts = np.unique(np.diff(index), return_counts=True)
    commonest = steps[np.argmax(counts)] if steps.size else 1
    if not isinstance(index, pd.DatetimeIndex):
        yield commonest
        return
    if index.freq is not None:
        yield index.freq
    if hint is not None:
        yield hint
    # That of all labels, or where some are missing of a few that follow each other.
    size = len(index)
    for first in (0, *range(0, max(1, size - FEW), FEW)):
        some = _inferred(index[first : first + size])
        size = FEW
        if some is not None:
            yield some
    if steps.size:
        yield to_offset(pd.Timedelta(commonest))


def _inferred(index: pd.DatetimeIndex) -> Any:
    """Return the frequency of datetimes, None where there is none."""
    if len(index) < 2:
        return to_offset("D")
    if len(index) == 2:
        return to_offset(index[1] - index[0])
    return pd.DatetimeIndex(index, freq="infer").freq


def _require_increase(name: str, index: pd.Index) -> None:
    if index.is_monotonic_increasing and index.is_unique:
        return
    later = index[1:] > index[:-1]
    row = int(np.argmin(later))
    before, after = index[row], index[row + 1]
    if before == after or not index.is_unique:
        twice = index[index.duplicated()][0]
        raise ValueError(
            f"{name} has two rows at {twice}. Keep one, e.g. y[~y.index.duplicated()]."
        )
    raise ValueError(
        f"{name}'s index does not increase: {after} follows {before}. Sort it first, "
        f"{name}.sort_index()."
    )


def _refuse_gap(name: str, index: pd.Index, whole: Any) -> None:
    """Raise for the first label that a regular index has and `index` has not."""
    missing = whole[~whole.isin(index)]
    freq = getattr(whole, "freqstr", None) or whole.step
    remedy = f"Fill or drop it first, e.g. y.asfreq({freq!r}).interpolate()."
    if " of series " in name:
        remedy = "Fill it first, or begin the series after it."
    if isinstance(whole, pd.RangeIndex):
        remedy = "Fill it first, or count rows with reset_index(drop=True)."
    raise ValueError(
        f"{name} has a gap: {_shown(missing[0])} is missing (freq {freq!r}). {remedy}"
    )


def _shown(label: Any) -> str:
    """Return a label as an error shows it, without seconds that are zero."""
    text = str(label)
    whole_minutes = isinstance(label, pd.Timestamp) and text.endswith(":00")
    return text[:-3] if whole_minutes and label.tz is None else text


def _steps_shown(index: pd.Index) -> str:
    """Return two steps that differ, in words."""
    steps = np.unique(np.diff(index))[[0, -1]]
    shown = pd.to_timedelta(steps) if steps.dtype.kind == "m" else steps
    return " and ".join(map(str, shown))
