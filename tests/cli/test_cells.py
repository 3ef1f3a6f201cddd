"""Numbers and times as people in many countries write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqest.cli._cells import decimal_of, numbers_of, times_of


def column(*cells: str) -> pd.Series[str]:
    return pd.Series(list(cells), dtype=object)


NUMBERS: dict[str, tuple[str, list[str], list[float]]] = {
    "plain": (".", ["1", "-2.5", "+3e2", ".5", "4."], [1, -2.5, 300, 0.5, 4]),
    "thousands": (".", ["1,234.5", "12,345,678", "7"], [1234.5, 12345678, 7]),
    "commas": (
        ",",
        ["1,5", "-2.345,25", "1.234.567", "7"],
        [1.5, -2345.25, 1234567, 7],
    ),
    "blanks": (",", ["1 234,5", "12\u00a0345", "1\u202f000,0"], [1234.5, 12345, 1000]),
    "Swiss": (".", ["1'234.5", "2"], [1234.5, 2]),
    "minus": (".", ["−3", "4"], [-3, 4]),
    "missing": (".", ["1", "", "NA", "n/a", "-", "NaN", " null "], [1, *[np.nan] * 6]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_read(name: str) -> None:
    decimal, cells, expected = NUMBERS[name]
    np.testing.assert_array_equal(numbers_of(column(*cells), decimal), expected)


@pytest.mark.parametrize(
    ("columns", "delimiter", "expected"),
    [
        ([["1.5", "2"]], ",", "."),
        ([["1,5", "2"]], ";", ","),
        ([["1,234", "2,345"]], ";", ","),  # either; between semicolons, decimals
        ([["1,234", "2,345"]], ",", "."),
        ([["1,234", "2,345"], ["0.5", "1.25"]], ";", "."),
        ([["1.234", "2.345"], ["0,5", "1,25"]], ";", ","),
        ([["1", "2"], ["a", "b"], [""]], ";", "."),
    ],
)
def test_the_mark_of_decimals_is_told_from_all_columns(
    columns: list[list[str]], delimiter: str, expected: str
) -> None:
    assert decimal_of([column(*own) for own in columns], delimiter) == expected


@pytest.mark.parametrize("cell", ["oops", "1.2.3", "1,23", "--1", "inf", "5 %", "."])
def test_what_is_no_number_is_named_by_its_row(cell: str) -> None:
    if cell == ".":  # stands for nothing
        assert np.isnan(numbers_of(column("1", cell), ".")[1])
        return
    with pytest.raises(ValueError, match=r"row 2: .* is no number"):
        numbers_of(column("1", cell), ".")


DAYS = pd.date_range("2021-01-30", periods=40, freq="D")
MONTHS = pd.period_range("2020-11", periods=14, freq="M")
HOURS = pd.date_range("2021-03-01 22:00", periods=30, freq="h")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%Y-%m-%d", ""),
        ("%Y/%m/%d", ""),
        ("%Y.%m.%d", ""),
        ("%Y%m%d", ""),
        ("%d/%m/%Y", "day first"),
        ("%m/%d/%Y", "month first"),
        ("%d.%m.%Y", "day first"),
        ("%d-%m-%y", "day first"),
        ("%d %b %Y", ""),
        ("%B %d, %Y", None),
        ("%Y-%m-%dT%H:%M:%SZ", ""),
    ],
)
def test_days_are_read_however_they_are_written(form: str, said: str | None) -> None:
    cells = column(*DAYS.strftime(form))
    if said is None:
        times, _ = times_of(cells, form)
    else:
        times, told = times_of(cells)
        assert told.startswith(said)
    assert times.tz_localize(None).equals(DAYS) if "Z" in form else times.equals(DAYS)


@pytest.mark.parametrize(
    "form",
    ["%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M", "%d.%m.%y %H:%M"],
)
def test_hours_are_read(form: str) -> None:
    assert times_of(column(*HOURS.strftime(form)))[0].equals(HOURS)


def test_days_below_13_are_told_by_the_steps_between_them() -> None:
    months = pd.date_range("2020-01-01", periods=24, freq="MS")
    for form, first in (("%d/%m/%Y", "day first"), ("%m/%d/%Y", "month first")):
        times, said = times_of(column(*months.strftime(form)))
        assert times.equals(months)
        assert said.startswith(first)


@pytest.mark.parametrize("form", ["%Y-%m", "%Y/%m", "%YM%m", "%b %Y", "%b-%y", "%Y%m"])
def test_months_are_periods(form: str) -> None:
    assert times_of(column(*MONTHS.strftime(form)))[0].equals(MONTHS)


def test_years_quarters_and_counts_are_told_apart() -> None:
    years = times_of(column("1999", "2000", "2001"))[0]
    assert years.equals(pd.period_range("1999", periods=3, freq="Y"))
    quarters = times_of(column("1999Q4", "2000-Q1", "2000 Q2"))[0]
    assert quarters.equals(pd.period_range("1999Q4", periods=3, freq="Q"))
    assert times_of(column("0", "1", "2"))[0].tolist() == [0, 1, 2]
    assert times_of(pd.Series([7.0, 8.0]))[0].tolist() == [7, 8]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("2020-01-01", "2020-02-30"), "row 2: '2020-02-30' is no time"),
        (("1/1/2020", "32/1/2020"), "row 2: '32/1/2020' is no time"),
        (("2020-01-01", ""), "row 2 has no time"),
        (("hello", "world"), "row 1: 'hello' is no time"),
    ],
)
def test_what_is_no_time_is_named_by_its_row(
    cells: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        times_of(column(*cells))
