"""Indexes are regular or refused in words, and go on as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqest.forecasting._calendar import continued, regular

REGULAR = {
    "hours": pd.date_range("2020-01-01", periods=30, freq="h"),
    "quarter hours": pd.date_range("2020-01-01 00:05", periods=30, freq="15min"),
    "business days": pd.date_range("2020-01-01", periods=30, freq="B"),
    "month starts": pd.date_range("2020-01-01", periods=30, freq="MS"),
    "month ends": pd.date_range("2020-01-31", periods=30, freq="ME"),
    "weeks": pd.date_range("2020-01-01", periods=30, freq="W-SAT"),
    "Paris, days": pd.date_range("2020-03-20", periods=30, freq="D", tz="Europe/Paris"),
    "Paris, hours": pd.date_range(
        "2020-03-28", periods=30, freq="h", tz="Europe/Paris"
    ),
    "two stamps": pd.date_range("2020-01-01", periods=2, freq="6h"),
    "quarters": pd.period_range("2020Q1", periods=9, freq="Q"),
    "rows": pd.RangeIndex(5, 65, 5),
    "years as numbers": pd.Index(range(1900, 1930)),
}
every_index = pytest.mark.parametrize("index", REGULAR.values(), ids=REGULAR)


def without_freq(index: Any) -> Any:
    """Return the same labels, their frequency forgotten."""
    if isinstance(index, pd.DatetimeIndex):
        return pd.DatetimeIndex(list(index), name="when")
    return index.rename("when")


@every_index
def test_a_regular_index_is_taken_and_goes_on(index: Any) -> None:
    first = regular("Forecaster", "y", without_freq(index[:-1]))
    assert first.equals(index[:-1])
    assert first.name == "when"
    if len(index) > 2:
        ahead = continued(first, 3)
        assert ahead[0] == index[-1]
        assert ahead.name == "when"
        assert len(ahead) == 3
        assert regular("Forecaster", "y", first.append(ahead)).equals(
            first.append(ahead)
        )


@every_index
def test_the_first_missing_stamp_is_named(index: Any) -> None:
    if len(index) < 9:
        pytest.skip("too short to lose two")
    missing = index[4]
    holed = without_freq(index).delete([4, 6])
    with pytest.raises(ValueError, match=r"y has a gap: .* is missing") as error:
        regular("Forecaster", "y", holed)
    assert str(missing)[:13] in str(error.value)


@pytest.mark.parametrize(
    ("labels", "kind", "words"),
    [
        (["2020-01-01", "2020-01-03", "2020-01-02"], ValueError, "does not increase"),
        (["2020-01-01", "2020-01-02", "2020-01-02"], ValueError, "two rows at 2020"),
        (
            ["2020-01-01", "2020-01-03", "2020-01-09", "2020-01-19", "2020-03-01"],
            ValueError,
            "no frequency that can be inferred",
        ),
        (["2020-01-01", None, "2020-01-02"], ValueError, "missing labels"),
    ],
)
def test_times_that_are_not_regular_are_refused(
    labels: list[Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        regular("Forecaster", "y", pd.DatetimeIndex(labels))


@pytest.mark.parametrize("index", [pd.Index(["a", "b"]), pd.Index(np.arange(3.0))])
def test_labels_that_are_no_times_are_refused(index: Any) -> None:
    with pytest.raises(TypeError, match="forecasts at times"):
        regular("Forecaster", "y", index)
