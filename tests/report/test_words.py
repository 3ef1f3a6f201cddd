"""What figures mean, said both ways."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from seqest.datasets import load_airline
from seqest.forecasting import Forecaster, NaiveForecaster
from seqest.report._words import (
    about_backtest,
    about_coverage,
    about_forecast,
    about_model,
    about_residuals,
    number,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234567.8, "1,234,568"),
        (123.456, "123"),
        (1.23456, "1.23"),
        (0.00123456, "0.00123"),
        (-0.5, "-0.500"),
        (0.0, "0"),
        (np.nan, "–"),
    ],
)
def test_numbers_have_three_places_that_matter(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_forecast_is_told_with_its_doubt() -> None:
    told = about_forecast("sales", "2020-01", 5.0, 4.0, 6.5, 0.8)
    assert told == (
        "sales is expected at 5.00 for 2020-01, and in 80 of 100 cases between 4.00 "
        "and 6.50."
    )
    still = about_forecast("sales", "2020-01", 5.0, 5.0, 5.0, 0.8)
    assert still.endswith("as it has never been anything else.")


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        (0.5, "50 % less than the naive forecast missed by"),
        (0.99, "as good as the naive forecast"),
        (1.5, "50 % more than the naive forecast missed by: prefer"),
    ],
)
def test_a_backtest_is_told_beside_the_others(ours: float, words: str) -> None:
    names = ["this model", "the naive forecast"]
    scores = pd.DataFrame({"mae": [ours * 4, 4], "mase": [ours, 1]}, names)
    first, second = about_backtest(scores, names[0], 12)
    missed = number(ours * 4)
    assert (
        first
        == f"From 12 times in the past it missed what came by {missed} on average."
    )
    assert words in second
    # Where the naive forecast never missed on the rows before, errors themselves tell.
    scores["mase"] = np.nan
    assert words in list(about_backtest(scores, names[0], 1))[1]


@pytest.mark.parametrize(
    ("held", "words"),
    [(0.8, "as promised"), (0.55, "too narrow"), (0.97, "wider than they need")],
)
def test_coverage_is_judged_by_what_can_be_told(held: float, words: str) -> None:
    assert words in about_coverage(held, 0.8, 40)
    assert "as promised" in about_coverage(held, 0.8, 1)


def test_residuals_are_judged_test_by_test() -> None:
    tests = ["mean zero", "Ljung-Box", "ARCH", "Jarque-Bera"]
    for p_value, words in (
        (0.5, ["around zero", "No pattern", "as large at all times", "normal"]),
        (0.001, ["biased", "more lags", "too wide", "heavier tails"]),
    ):
        table = pd.DataFrame({"test": tests, "p_value": p_value})
        told = list(about_residuals(table))
        assert all(word in own for word, own in zip(words, told, strict=True))
    three = pd.DataFrame({"test": ["ARCH"] * 3, "p_value": [0.5, 0.5, 0.001]})
    assert list(about_residuals(three)) == [
        "Errors are about as large at all times. 1 of 3 series say otherwise."
    ]
    assert list(about_residuals(three.assign(p_value=np.nan))) == []


def test_what_was_chosen_is_said() -> None:
    y = load_airline()
    orders = {"differencing": 1, "seasonal_differencing": 0}
    model = Forecaster(Ridge(), lags=[1, 12], power="log", **orders)
    told = " ".join(about_model(model.fit(y=y)))
    assert "power" in told
    assert "changes from row to row" in told
    assert "season to season" not in told
    assert "rows 1, 12 before each row" in told
    orders["differencing"] = 0
    plain = Forecaster(Ridge(), lags=3, power=None, **orders)
    told = " ".join(about_model(plain.fit(y=y)))
    assert "levels, not changes" in told
    assert "rows 1 to 3" in told
    assert list(about_model(NaiveForecaster().fit(y=y))) == []
