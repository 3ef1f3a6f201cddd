"""From tables to series: what is inferred, what is said, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqest.cli._columns import Columns, UsageError
from seqest.cli._series import Data, read_data, read_future
from seqest.cli._table import Table

DAYS = pd.date_range("2021-01-01", periods=30, freq="D")


def table(**columns: Any) -> Table:
    cells = pd.DataFrame({name: list(map(str, own)) for name, own in columns.items()})
    return Table(cells.astype(object), "sales.csv", "comma separated", ",")


def read(given: Table, **named: Any) -> Data:
    return read_data(given, Columns(**named))


def daily(**more: Any) -> Table:
    return table(day=DAYS.strftime("%Y-%m-%d"), y=range(30), **more)


def test_time_target_frequency_and_season_are_inferred_and_said() -> None:
    data = read(daily(note=["x"] * 30))
    assert data.y.index.equals(DAYS)
    assert data.y.index.name == "day"
    assert data.y.name == "y"
    assert data.y.tolist() == list(map(float, range(30)))
    assert (data.freq, data.season) == ("daily", 7)
    assert data.notes == [
        "sales.csv: 30 rows, comma separated; time 'day'; target 'y'; not used 'note'",
        "2021-01-01 to 2021-01-30, daily, a season of 7 (--season sets it)",
    ]


@pytest.mark.parametrize(
    ("freq", "spoken", "season"),
    [
        ("MS", "monthly", 12),
        ("ME", "monthly", 12),
        ("QS", "quarterly", 4),
        ("YS", "yearly", None),
        ("W-SUN", "weekly", 52),
        ("D", "daily", 7),
        ("B", "working days", 5),
        ("h", "hourly", 24),
        ("6h", "hourly, every 6", 4),
        ("15min", "by the minute, every 15", 96),
        ("s", "by the second", None),
    ],
)
def test_each_frequency_has_its_name_and_season(
    freq: str, spoken: str, season: int | None
) -> None:
    times = pd.date_range("2021-01-03", periods=40, freq=freq)
    data = read(table(time=times.strftime("%Y-%m-%d %H:%M:%S"), y=range(40)))
    assert (data.freq, data.season) == (spoken, season)


def test_rows_are_sorted_and_series_kept_apart() -> None:
    days = [*DAYS.strftime("%d.%m.%Y")[::-1], *DAYS.strftime("%d.%m.%Y")]
    given = table(day=days, shop=["b"] * 30 + [" a"] * 30, y=range(60))
    data = read(given, series=("shop",))
    assert data.y.index.names == ["shop", "day"]
    assert data.y["b"].index.equals(DAYS)
    assert data.y["b"].tolist() == list(range(30))[::-1]
    assert data.y["a"].tolist() == list(range(30, 60))
    assert "rows were sorted by time" in data.notes
    with pytest.raises(ValueError, match=r"several rows at 2021-01-01.*such as 'shop'"):
        read(given, targets=("y",))


def test_rows_without_a_target_at_the_end_are_to_come() -> None:
    y = [*range(27), "", "", ""]
    given = table(day=DAYS.strftime("%Y-%m-%d"), y=y, price=range(30))
    data = read(given, targets=("y",), exog=("price",))
    assert len(data.y) == len(data.X) == 27
    assert data.future["price"].tolist() == [27, 28, 29]
    assert data.future.index.equals(DAYS[27:])
    alone = read(given, targets=("y",))
    assert alone.future is None
    assert "3 rows after the last value were left out" in alone.notes
    more = table(day=["2021-01-31"], price=[7])
    later = read_future(more, data.columns)
    assert later.to_dict() == {"price": {pd.Timestamp("2021-01-31"): 7.0}}


def test_rows_before_the_first_value_are_left_out_of_each_series() -> None:
    y = ["", "", *range(28), *range(30)]
    days = [*DAYS.strftime("%Y-%m-%d")] * 2
    given = table(day=days, shop=["a"] * 30 + ["b"] * 30, y=y)
    data = read(given, series=("shop",))
    assert data.y.groupby(level=0).size().to_dict() == {"a": 28, "b": 30}
    assert "2 rows before the first value were left out" in data.notes


@pytest.mark.parametrize(
    ("fill", "expected"), [("linear", 3.0), ("forward", 2.0), ("zero", 0.0)]
)
def test_holes_are_filled_where_that_is_asked_for(fill: str, expected: float) -> None:
    keep = np.array([k for k in range(30) if k not in (3, 10)])
    y = np.arange(30).astype(object)
    y[20] = ""
    given = table(day=DAYS.strftime("%Y-%m-%d")[keep], y=y[keep])
    data = read(given, fill=fill)
    assert data.y.index.equals(DAYS)
    assert data.y.iloc[3] == expected
    assert data.y.notna().all()
    assert data.notes[1] == f"3 missing values were filled ({fill})"
    months = pd.date_range("2020-01-31", periods=24, freq="ME")
    keep = np.arange(24) != 10
    given = table(day=months.strftime("%d/%m/%Y")[keep], y=np.arange(24)[keep])
    assert read(given, fill=fill).y.index.equals(months)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"time": "dya"}, "--time: sales.csv has no column 'dya'. Did you mean 'day'"),
        ({"targets": ("z",)}, "--target: .* no column 'z'.* It has 'day', 'y', 'x'"),
        ({"targets": ("y",), "exog": ("y",)}, "'y' is given to --target and to --exog"),
        ({}, "which column is to be forecast, one or more of --target: 'y', 'x'"),
    ],
)
def test_columns_that_do_not_fit_are_misuse(named: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(daily(x=range(30)), **named)


def test_cells_that_cannot_be_read_are_named() -> None:
    cells = [*range(29), "oops"]
    with pytest.raises(ValueError, match=r"column 'y', row 30: 'oops' is no number"):
        read(table(day=DAYS.strftime("%Y-%m-%d"), y=cells))
    with pytest.raises(ValueError, match=r"column 'y', row 30: 'oops' is no number"):
        read(table(day=DAYS.strftime("%Y-%m-%d"), y=cells), targets=("y",))
    with pytest.raises(ValueError, match=r"column 'day', row 2: .* --date-format"):
        read(table(day=["2020-01-01", "soon"], y=[1, 2]), time="day")
    with pytest.raises(ValueError, match=r"no column of .* holds times"):
        read(table(what=["a", "b"], y=[1, 2]))
    with pytest.raises(ValueError, match="'y' has no value at all"):
        read(table(day=["2020-01-01", "2020-01-02"], y=["", ""]), targets=("y",))
