"""What cells of text say: numbers in two styles, and times in many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["decimal_of", "missing_in", "numbers_of", "times_of"]

MISSING = ("", "-", ".", "?", "na", "n/a", "#n/a", "nan", "null", "none")
POINT = r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][+-]?\d+)?"
COMMA = r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d+)?"
TRIPLE = (
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})"
    r"(?:[ T,]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?: ?([AaPp][Mm]))?)?"
)
ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
SAID = {"dmy": "day first", "mdy": "month first"}
NAMED = ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d %Y", "%b %d, %Y")
NAMED_MONTHS = ("%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%Y %b", "%Y-%b")
PERIODS = {
    "Y": r"(?:1[5-9]|20|21)\d{2}",
    "M": r"\d{4}[-/M. ]?(?:0[1-9]|1[0-2])",
    "Q": r"\d{4}[- ]?Q[1-4]",
}


def _stripped(column: Any) -> Any:
    return column.astype(str).str.strip()


def missing_in(column: Any) -> Any:
    """Return which cells say nothing."""
    if column.dtype != object and not pd.api.types.is_string_dtype(column.dtype):
        return column.isna()
    return column.isna() | _stripped(column).str.lower().isin(MISSING)


def _bare(column: Any) -> Any:
    """Return numbers without what groups their digits, and with a plain minus."""
    text = _stripped(column).str.replace("−", "-", regex=False)
    return text.str.replace("(?<=\\d)[\u00a0\u202f\u2009' ](?=\\d{3})", "", regex=True)


def _fits(text: Any, pattern: str) -> bool:
    whole = text.str.fullmatch(pattern) & text.str.contains(r"\d")
    return bool(whole.all())


def decimal_of(columns: Iterable[Any], delimiter: str) -> str:
    """Return what marks decimals: a comma where only commas make sense of a column.

    Columns such as 1,234 could be either; between semicolons the comma marks decimals.
    """
    points, commas, either = 0, 0, 0
    for column in columns:
        text = _bare(column[~missing_in(column)])
        if text.empty:
            continue
        point, comma = _fits(text, POINT), _fits(text, COMMA)
        marked = bool(text.str.contains("[.,]").any())
        points += point and not comma
        commas += comma and not point
        either += point and comma and marked and bool(text.str.contains(",").any())
    if commas:
        return "." if points > commas else ","
    return "," if either and not points and delimiter == ";" else "."


def numbers_of(column: Any, decimal: str) -> Any:
    """Return a column as numbers, NaN where cells say nothing.

    Raises
    ------
    ValueError
        If a cell is no number; it names the first by its place.
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(float)
    told = pd.Series(np.nan, column.index)
    known = ~missing_in(column)
    text = _bare(column[known])
    good = text.str.fullmatch(POINT if decimal == "." else COMMA)
    good &= text.str.contains(r"\d")
    if not good.all():
        row = text.index[int(np.argmin(good.to_numpy()))]
        raise ValueError(f"row {row + 1}: {column[row]!r} is no number")
    mark = "," if decimal == "." else "."
    text = text.str.replace(mark, "", regex=False).str.replace(",", ".", regex=False)
    told[known] = text.astype(float)
    return told


def times_of(column: Any, date_format: str | None = None) -> tuple[pd.Index, str]:
    """Return a column as times, and in words how it was read.

    Parameters
    ----------
    column : Series
        Dates, years, months, quarters, or whole numbers that count.
    date_format : str, optional
        As `datetime.strptime` takes it; by default it is told from all cells.

    Returns
    -------
    index : Index
        Datetimes, periods or integers.
    said : str
        How dates were read, where that is a guess.

    Raises
    ------
    ValueError
        If a cell is no time; it names the first by its place.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.DatetimeIndex(column), ""
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.PeriodIndex(column), ""
    if pd.api.types.is_float_dtype(column.dtype) and (column % 1 == 0).all():
        column = column.astype(np.int64)
    text = _stripped(column)
    if missing_in(column).any():
        row = int(np.argmax(missing_in(column).to_numpy()))
        raise ValueError(f"row {row + 1} has no time")
    if date_format is not None:
        times = pd.to_datetime(text, format=date_format, errors="coerce")
        return _required(times, text)
    for freq, pattern in PERIODS.items():
        if text.str.fullmatch(pattern).all():
            return _periods(text, freq), ""
    if text.str.fullmatch(r"\d{8}").all():
        return _required(pd.to_datetime(text, format="%Y%m%d", errors="coerce"), text)
    if text.str.fullmatch(r"[+-]?\d+").all():
        return pd.Index(text.astype(np.int64)), ""
    return _dates(text)


def _periods(text: Any, freq: str) -> pd.Index:
    if freq == "M":
        text = text.str.replace(r"^(\d{4}).?(\d{2})$", r"\1-\2", regex=True)
    if freq == "Q":
        text = text.str.replace(r"^(\d{4}).?Q", r"\1Q", regex=True)
    return pd.PeriodIndex(text, freq=freq)


def _required(times: Any, text: Any) -> tuple[pd.Index, str]:
    lost = times.isna().to_numpy()
    if lost.any():
        row = int(np.argmax(lost))
        raise ValueError(f"row {row + 1}: {text.iloc[row]!r} is no time")
    return pd.DatetimeIndex(times), ""


def _dates(text: Any) -> tuple[pd.Index, str]:
    if text.str.match(r"\d{4}-\d{2}-\d{2}").all():
        zoned = text.str.contains(r"\d(?:Z|[+-]\d{2}:?\d{2})$").any()
        times = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=bool(zoned))
        return _required(times, text)
    parts = text.str.extract(f"^{TRIPLE}$")
    if parts[0].notna().all():
        return _ordered(parts, text)
    for form in NAMED + NAMED_MONTHS:
        times = pd.to_datetime(text, format=form, errors="coerce")
        if times.notna().all():
            index = pd.DatetimeIndex(times)
            return index.to_period("M") if form in NAMED_MONTHS else index, ""
    seen = parts[0].isna().to_numpy()
    row = int(np.argmax(seen))
    raise ValueError(f"row {row + 1}: {text.iloc[row]!r} is no time that is understood")


def _ordered(parts: Any, text: Any) -> tuple[pd.Index, str]:
    """Return dates in the order of day, month and year that makes sense of all.

    Where two do, it is the one whose steps are more alike; then days come first where
    dots stand between, else months.
    """
    found: dict[str, tuple[float, Any]] = {}
    for name, order in ORDERS.items():
        times = _joined(parts, order)
        if times.notna().all():
            found[name] = _regularity(times), times
    if not found:
        best = max(ORDERS, key=lambda name: _joined(parts, ORDERS[name]).notna().sum())
        return _required(_joined(parts, ORDERS[best]), text)
    dotted = "." in text.iloc[0]
    likely = ["ymd", "dmy", "mdy"] if dotted else ["ymd", "mdy", "dmy"]
    name = max(
        (own for own in likely if own in found), key=lambda own: round(found[own][0], 6)
    )
    times = found[name][1]
    row = int(np.argmax((times.dt.day != times.dt.month).to_numpy()))
    shown = f"{times.iloc[row]:%Y-%m-%d}"
    said = f"{SAID[name]}: {text.iloc[row]} is {shown}" if name != "ymd" else ""
    return pd.DatetimeIndex(times), said


def _joined(parts: Any, order: tuple[int, int, int]) -> Any:
    """Return dates of three numbers, NaT where these are none in this order."""
    year, month, day = (parts[k] for k in order)
    sizes = [4] if order == ORDERS["ymd"] else [2, 4]
    good = year.str.len().isin(sizes) & (month.str.len() <= 2) & (day.str.len() <= 2)
    years = year.where(year.str.len() == 4, "20" + year.str.zfill(2))
    old = (year.str.len() == 2) & (year.astype(int) > 68)  # as strptime has it
    years = years.where(~old, "19" + year.str.zfill(2))
    dates = years + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)
    clock = parts[3].fillna("00:00").str.zfill(5)
    clock = clock.where(clock.str.count(":") == 2, clock + ":00")
    form, half = "%Y-%m-%d %H:%M:%S", parts[4]
    stamps = dates + " " + clock
    if clock.str.contains(".", regex=False).any():
        form = "ISO8601"
    if half.notna().all():
        stamps, form = stamps + " " + half, "%Y-%m-%d %I:%M:%S %p"
    return pd.to_datetime(stamps.where(good), format=form, errors="coerce")


def _regularity(times: Any) -> float:
    """Return the share of steps forward that are as long as the commonest, in days."""
    steps = np.diff(times.to_numpy()) / np.timedelta64(1, "D")
    if not steps.size:
        return 1.0
    size = np.where((steps > 27) & (steps < 32), 30, steps)  # months
    ahead, counts = np.unique(size[size > 0], return_counts=True)
    return float(counts.max() / steps.size) if ahead.size else 0.0
