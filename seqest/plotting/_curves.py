"""What a forecast's tables hold, as curves of each series and target."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer, check_number, check_numeric, worded
from seqest.plotting._times import drawable

__all__ = ["Curve", "Forecast", "forecasts_of", "times_of"]

Array = NDArray[np.float64]
Key = tuple[Hashable, Hashable]


class Curve(NamedTuple):
    """Values, shape (n_rows,), and when they are, as matplotlib draws it."""

    times: NDArray[Any]
    values: Array

    def after(self, before: Curve | None) -> Curve:
        """Return the curve that starts from the last point of the one before it."""
        if before is None or before.times[-1] >= self.times[0]:
            return self
        times = np.concatenate([before.times[-1:], self.times])
        return Curve(times, np.concatenate([before.values[-1:], self.values]))


class Forecast(NamedTuple):
    """One series: what it is called, and its curves."""

    title: str
    label: str
    history: Curve | None
    mean: Curve
    intervals: dict[float, tuple[Curve, Curve]]
    truth: Curve | None


def forecasts_of(
    owner: str,
    mean: Any,
    intervals: Any,
    history: Any,
    truth: Any,
    max_panels: Any,
) -> list[Forecast]:
    """Return the curves of each series and target.

    Parameters
    ----------
    owner : str
        Named in errors.
    mean, intervals, history, truth
        As for `ForecastDisplay`.
    max_panels : int
        How many there may be.

    Returns
    -------
    list of Forecast
        Series by series, target by target.

    Raises
    ------
    TypeError, ValueError
        If tables are none, or do not match; the message says how.
    """
    table = _table(owner, "mean", mean)
    if len(table) == 0:
        raise ValueError(worded(owner, "mean", mean, "of at least one row"))
    keys = _keys(f"{owner}.plot", table, max_panels)
    tables = {"mean": mean, "history": history, "truth": truth}
    means, histories, truths = (
        _curves(owner, name, value, table, keys) for name, value in tables.items()
    )
    bounds = _bounds(owner, intervals, table, keys)
    named = [part for part in (mean, history) if np.ndim(part) == 1]
    label = next((str(part.name) for part in named if part.name is not None), "")
    return [
        Forecast(
            "" if key[0] is None else _shown(key[0]),
            label if mean.ndim == 1 else _shown(key[1]),
            histories.get(key),
            means[key],
            {
                level: (low[key], high[key])
                for level, (low, high) in bounds.items()
                if key in low
            },
            truths.get(key),
        )
        for key in keys
    ]


def _shown(name: Hashable) -> str:
    return ", ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _keys(owner: str, mean: Any, max_panels: Any) -> list[Key]:
    """Return the series and the target of each panel."""
    most = check_integer(owner, "max_panels", max_panels, 1)
    index = mean.index
    ids = [None] if index.nlevels == 1 else list(index.droplevel(-1).unique())
    if len(ids) * mean.shape[1] > most:
        rule = f"at least {len(ids) * mean.shape[1]}, one for each series and target"
        remedy = "Raise it, or choose fewer series."
        raise ValueError(worded(owner, "max_panels", most, rule, remedy))
    return [(name, column) for name in ids for column in mean.columns]


def _table(owner: str, name: str, value: Any) -> Any:
    """Return a Series or DataFrame as a DataFrame."""
    if not hasattr(value, "iloc"):
        raise TypeError(worded(owner, name, value, "a Series or DataFrame"))
    return value.to_frame() if value.ndim == 1 else value


def _bounds(
    owner: str, intervals: Any, mean: Any, keys: list[Key]
) -> dict[float, list[dict[Key, Curve]]]:
    """Return the lower and the upper curves of each level, the least first."""
    if not isinstance(intervals, Mapping):
        rule = "a dict from level to a DataFrame"
        remedy = "For instance {0.95: result.conf_int(0.05)}."
        raise TypeError(worded(owner, "intervals", intervals, rule, remedy))
    found = {}
    for level, value in intervals.items():
        remedy = "The level of 95 % is 0.95."
        check_number(owner, "level of intervals", level, "(0, 1)", remedy)
        name = f"intervals[{level:g}]"
        table = _table(owner, name, value)
        if not table.index.equals(mean.index):
            raise ValueError(worded(owner, name, value, "indexed as mean"))
        if not {"lower", "upper"} <= set(table.columns.get_level_values(-1)):
            rule = "of columns 'lower' and 'upper'"
            raise ValueError(worded(owner, name, value, rule))
        found[level] = [
            _curves(owner, name, _bound(table, bound), mean, keys)
            for bound in ("lower", "upper")
        ]
    return dict(sorted(found.items()))


def _bound(table: Any, bound: str) -> Any:
    """Return the lower or the upper bounds, of each target where it names targets."""
    if table.columns.nlevels == 1:
        return table[bound]
    return table.xs(bound, axis=1, level=-1)


def _curves(
    owner: str, name: str, value: Any, mean: Any, keys: list[Key]
) -> dict[Key, Curve]:
    """Return the curves of a table that belong to panels."""
    if value is None:
        return {}
    table = _table(owner, name, value)
    if len(table) == 0:
        return {}
    kind, own = _kind(owner, "mean", mean), _kind(owner, name, table)
    if own != kind:
        raise ValueError(worded(owner, name, value, f"indexed by {kind}, as mean is"))
    if table.shape[1] == mean.shape[1] == 1:
        table = table.set_axis(mean.columns, axis=1)
    found = {
        (part, column): _curve(owner, name, rows[column])
        for part, column in keys
        if column in table.columns and len(rows := _rows_of(table, part))
    }
    if not found:
        rule = "of the series and targets of mean"
        raise ValueError(worded(owner, name, value, rule))
    return found


def _rows_of(table: Any, part: Hashable) -> Any:
    """Return the rows of one series, indexed by time."""
    if table.index.nlevels == 1:
        return table if part is None else table.iloc[:0]
    own = table[table.index.droplevel(-1).isin([part])]
    return own.set_axis(times_of(own), axis=0)


def times_of(table: Any) -> Any:
    """Return when the rows of a table are."""
    return table.index.get_level_values(-1)


def _kind(owner: str, name: str, table: Any) -> str:
    """Return what the index of a table is of, as errors call it."""
    times = times_of(table)
    if hasattr(times, "to_timestamp"):
        return "dates"
    if times.dtype.kind == "M":
        return "dates" if times.tz is None else "dates with a time zone"
    if times.dtype.kind in "iuf":
        return "numbers"
    rule = "indexed by datetimes, periods or numbers"
    raise TypeError(worded(owner, name, table, rule))


def _curve(owner: str, name: str, column: Any) -> Curve:
    """Return one column as a curve."""
    times = column.index
    if not times.is_monotonic_increasing:
        rule = "in the order of time"
        raise ValueError(worded(owner, name, column, rule, "Call sort_index() first."))
    return Curve(drawable(times), check_numeric(owner, name, column.to_numpy()))
