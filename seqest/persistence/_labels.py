"""Tables and labels of pandas as plain arrays and words, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset

__all__ = ["BUILDERS", "is_of_pandas", "parts_of"]

Parts = dict[str, Any]
TABLES = (pd.DataFrame, pd.Series, pd.Index, BaseOffset)
LABELS = (pd.Timestamp, pd.Timedelta, pd.Period, type(pd.NaT))


def is_of_pandas(value: Any) -> bool:
    """Return whether `parts_of` is to take a value apart."""
    return value is pd.NA or isinstance(value, (*TABLES, *LABELS))


def parts_of(value: Any) -> tuple[str, Parts]:
    """Take a table, index or label apart.

    Parameters
    ----------
    value : DataFrame, Series, Index, Timestamp, Timedelta, Period or offset
        What is taken apart.

    Returns
    -------
    kind : str
        Which of `BUILDERS` puts it together.
    parts : dict
        What that takes.

    Raises
    ------
    TypeError
        If it would not come back as it is.
    """
    kind, parts = _apart(value)
    try:
        same = _same(BUILDERS[kind](**parts), value)
    except (TypeError, ValueError, AttributeError):
        same = False
    if not same:
        raise TypeError(f"a {type(value).__name__} of pandas such as {_shown(value)}")
    return kind, parts


def _apart(value: Any) -> tuple[str, Parts]:
    if value is pd.NA:
        return "missing", {}
    if isinstance(value, pd.DataFrame):
        columns = [pd.Index(value.iloc[:, k].array) for k in range(value.shape[1])]
        return "frame", {
            "columns": value.columns,
            "index": value.index,
            "values": columns,
        }
    if isinstance(value, pd.Series):
        index, name = value.index, value.name
        return "series", {
            "values": pd.Index(value.array),
            "index": index,
            "name": name,
        }
    if isinstance(value, BaseOffset):
        return "offset", _offset_apart(value)
    if isinstance(value, LABELS):
        return "label", {"index": pd.Index([value])}
    return _index_apart(value)


def _index_apart(index: Any) -> tuple[str, Parts]:
    if isinstance(index, pd.MultiIndex):
        levels = [index.get_level_values(k) for k in range(index.nlevels)]
        return "levels", {"levels": levels, "names": list(index.names)}
    name: Parts = {"name": index.name}
    if isinstance(index, pd.RangeIndex):
        return "range", name | {"bounds": [index.start, index.stop, index.step]}
    if isinstance(index, pd.CategoricalIndex):
        parts = {"codes": np.array(index.codes), "categories": index.categories}
        return "categories", name | parts | {"ordered": bool(index.ordered)}
    if isinstance(index, pd.PeriodIndex):
        parts = {"values": np.array(index.asi8), "freq": index.freqstr}
        return "periods", name | parts
    if isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex):
        parts = {"values": np.array(index.asi8), "unit": index.unit, "freq": index.freq}
        if isinstance(index, pd.TimedeltaIndex):
            return "spans", name | parts
        zone = None if index.tz is None else str(index.tz)
        return "datetimes", name | parts | {"zone": zone}
    if isinstance(index, pd.IntervalIndex):
        raise TypeError(f"an IntervalIndex of pandas such as {_shown(index)}")
    values, dtype = np.array(index), str(index.dtype)
    return "index", name | {"values": values, "dtype": dtype}


def _offset_apart(freq: Any) -> Parts:
    told: Parts = {"name": freq.freqstr, "n": None, "options": {}}
    try:
        if to_offset(freq.freqstr) == freq:
            return told
    except ValueError:
        pass  # such as a DateOffset, whose words no one reads
    options = {key: kept for key, kept in freq.kwds.items() if key != "calendar"}
    return {"name": type(freq).__name__, "n": freq.n, "options": options}


def _offset(name: str, n: int | None, options: Mapping[str, Any]) -> Any:
    if n is None:
        return to_offset(name)
    kind = getattr(pd.offsets, name)
    if not (isinstance(kind, type) and issubclass(kind, BaseOffset)):
        raise ValueError(f"{name} is no offset of pandas")
    return kind(n, **options)


def _frame(columns: Any, index: Any, values: list[Any]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {k: pd.Series(own.array, index) for k, own in enumerate(values)}, index=index
    )
    frame.columns = columns
    return frame


def _series(values: Any, index: Any, name: Any) -> pd.Series[Any]:
    return pd.Series(values.array, index, name=name)


def _datetimes(values: Any, unit: str, zone: str | None, freq: Any, name: Any) -> Any:
    index = pd.DatetimeIndex(values.view(f"M8[{unit}]"), name=name)
    if zone is not None:
        index = index.tz_localize("UTC").tz_convert(zone)
    return pd.DatetimeIndex(index, freq=freq)


def _spans(values: Any, unit: str, freq: Any, name: Any) -> Any:
    return pd.TimedeltaIndex(values.view(f"m8[{unit}]"), freq=freq, name=name)


def _categories(codes: Any, categories: Any, ordered: bool, name: Any) -> Any:
    own = pd.Categorical.from_codes(codes, categories=categories, ordered=ordered)
    return pd.CategoricalIndex(own, name=name)


def _periods(values: Any, freq: str, name: Any) -> Any:
    make: Any = pd.PeriodIndex
    return make.from_ordinals(values, freq=freq, name=name)


def _range(bounds: list[int], name: Any) -> pd.RangeIndex:
    start, stop, step = bounds
    return pd.RangeIndex(start, stop, step, name=name)


def _levels(levels: list[Any], names: list[Any]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(levels, names=names)


BUILDERS: dict[str, Callable[..., Any]] = {
    "categories": _categories,
    "datetimes": _datetimes,
    "frame": _frame,
    "index": lambda values, dtype, name: pd.Index(values, dtype=dtype, name=name),
    "label": lambda index: index[0],
    "levels": _levels,
    "missing": lambda: pd.NA,
    "offset": _offset,
    "periods": _periods,
    "range": _range,
    "series": _series,
    "spans": _spans,
}


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, pd.DataFrame | pd.Series):
        return bool(ours.equals(theirs))  # its dtypes, too
    if not isinstance(theirs, pd.Index):
        return ours is theirs or (type(ours) is type(theirs) and bool(ours == theirs))
    freq = [getattr(index, "freq", None) for index in (ours, theirs)]
    alike = type(ours) is type(theirs) and list(ours.names) == list(theirs.names)
    alike = alike and ours.dtype == theirs.dtype and freq[0] == freq[1]
    return bool(alike and ours.equals(theirs))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
