"""What a time index says: which rows follow each other, and where holes are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Clock"]

NAIVE, ZONED = "datetime", "datetime with a time zone"

# An index is regular when at least this share of its steps equals the commonest.
REGULAR_SHARE = 0.95
# A float index is read in thousandths of its median step, of which ten are rounding.
FLOAT_PARTS = 1000
FLOAT_ROUNDING = 10
# Where daylight saving skips midnight, that day begins later on the wall clock.
DAYLIGHT_SAVING = np.timedelta64(2, "h")


@dataclass(frozen=True)
class Clock:
    """Reads the stamps of a time index as integers that count its own steps.

    Attributes
    ----------
    family : str
        Which indexes it can read: "datetime", "datetime with a time zone",
        "timedelta", "integer", "float", or "period[...]" with the frequency.
    unit : str or float
        What the integers count: a resolution ("ns"), "months", or for floats the
        median step.
    wall : bool
        Whether time zones are read as wall time: days of 23 hours are days.
    step : int
        The median step, which in a regular index is the commonest; 0 while no step
        was seen.
    longest : int
        The longest step.
    regular : bool
        Whether at least 95 % of the steps equal the commonest.
    """

    family: str
    unit: Any
    wall: bool
    step: int = 0
    longest: int = 0
    regular: bool = True

    @classmethod
    def learn(cls, index: pd.Index, starts: NDArray[np.int64]) -> Clock | None:
        """Return the clock of the training rows, or None for labels without time.

        Parameters
        ----------
        index : pandas.Index
            One level; rows stacked series by series.
        starts : ndarray of shape (n_series,)
            First row of each series.
        """
        family = _family(index)
        if family is None:
            return None
        wall = family == ZONED and _keeps_wall_time(index, starts)
        clock = cls(family, _unit(index, family, wall, starts), wall)
        steps = _steps(clock.stamps(index), starts)
        steps = np.sort(steps[steps > 0])
        if steps.size == 0:
            return clock
        step = int(steps[steps.size // 2])
        alike = np.count_nonzero(np.abs(steps - step) <= clock.slack)
        regular = bool(alike >= REGULAR_SHARE * steps.size)
        return replace(clock, step=step, longest=int(steps[-1]), regular=regular)

    @staticmethod
    def can_read(index: pd.Index) -> bool:
        """Say whether the labels of `index` are times."""
        return _family(index) is not None

    def reads(self, index: pd.Index) -> bool:
        """Say whether `index` is of the family this clock was learned on."""
        return _family(index) == self.family

    @property
    def slack(self) -> int:
        """How far from `step` a step may be and still count as one."""
        if self.family == "float":
            return FLOAT_ROUNDING
        if self.wall and self.unit != "months":
            return _count(DAYLIGHT_SAVING, self.unit)
        return 0

    def stamps(self, index: Any) -> NDArray[np.int64]:
        """Return the stamps of `index` as integers, shape (n_rows,)."""
        if self.family == "integer":
            return np.asarray(index, dtype=np.int64)
        if self.family == "float":
            parts = np.asarray(index, np.float64) / self.unit * FLOAT_PARTS
            return np.asarray(np.rint(parts), np.int64)
        if self.family in (NAIVE, ZONED):
            index = index.tz_localize(None) if self.wall else index
            if self.unit == "months":
                return np.asarray(index.year * 12 + index.month, dtype=np.int64)
        if self.unit is not None:
            index = index.as_unit(self.unit)
        return np.asarray(index.asi8)

    def holes(self, stamps: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say for each row but the first whether a hole lies before it."""
        steps = np.diff(stamps)
        if not self.regular or self.step == 0:
            return np.zeros(steps.size, bool)
        holes: NDArray[np.bool_] = steps > self.step + self.slack
        return holes

    def follows(self, ends: NDArray[np.int64], first: int) -> NDArray[np.bool_]:
        """Say whether a row stamped `first` comes next after rows stamped `ends`."""
        step = first - ends
        if self.step == 0:
            return step > 0
        if self.regular:
            return np.abs(step - self.step) <= self.slack
        return (step > 0) & (step <= self.longest)


def _family(index: pd.Index) -> str | None:
    if isinstance(index, pd.DatetimeIndex):
        return NAIVE if index.tz is None else ZONED
    if isinstance(index, pd.PeriodIndex):
        return f"period[{index.freqstr}]"
    if isinstance(index, pd.TimedeltaIndex):
        return "timedelta"
    if pd.api.types.is_bool_dtype(index.dtype):
        return None
    if pd.api.types.is_integer_dtype(index.dtype):
        return "integer"
    return "float" if pd.api.types.is_float_dtype(index.dtype) else None


def _unit(index: Any, family: str, wall: bool, starts: NDArray[np.int64]) -> Any:
    """Return in what `Clock.stamps` counts."""
    if family == "float":
        steps = np.abs(_steps(np.asarray(index, np.float64), starts))
        steps = steps[steps > 0]
        return float(np.median(steps)) if steps.size else 1.0
    if family in (NAIVE, ZONED) and _counts_months(index.tz_localize(None), starts):
        return "months"
    return index.unit if family in (NAIVE, ZONED, "timedelta") else None


def _keeps_wall_time(index: Any, starts: NDArray[np.int64]) -> bool:
    """Say whether a zoned index steps by days or longer, so by its wall clock."""
    steps = np.abs(_steps(index.tz_localize(None).asi8, starts))
    day = _count(np.timedelta64(1, "D") - DAYLIGHT_SAVING, index.unit)
    return bool(steps.size and np.min(steps) >= day)


def _counts_months(index: Any, starts: NDArray[np.int64]) -> bool:
    """Say whether an index steps by calendar months, on one day or on month ends."""
    months = np.abs(_steps(np.asarray(index.year * 12 + index.month), starts))
    if months.size == 0 or months.min() < 1:
        return False
    same_day = index.day.nunique() == 1 or bool(index.is_month_end.all())
    same_time = (index - index.normalize()).nunique() == 1
    return bool(same_day and same_time)


def _steps(values: NDArray[Any], starts: NDArray[np.int64]) -> NDArray[Any]:
    """Return the differences of neighbours that belong to one series."""
    return np.delete(np.diff(values), starts[1:] - 1)


def _count(span: np.timedelta64, unit: str) -> int:
    """Return how many units make a span."""
    return int(span / np.timedelta64(1, unit))  # type: ignore[call-overload]
