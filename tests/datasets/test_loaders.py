"""The real series against what is known of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from seqest.datasets import load_airline, load_co2, load_sunspots


def test_airline_has_the_published_sum_peak_and_season() -> None:
    airline = load_airline()
    assert airline.sum() == 40363
    assert airline.mean() == pytest.approx(280.299, abs=5e-4)
    assert airline.index[0] == pd.Period("1949-01", "M")
    assert airline.index[-1] == pd.Period("1960-12", "M")
    assert airline.idxmax() == pd.Period("1960-07", "M")
    by_month = airline.groupby(airline.index.month).mean()
    assert by_month.idxmax() in (7, 8)
    assert by_month.idxmin() == 11


def test_co2_has_the_published_weeks_and_keeps_the_missing_ones() -> None:
    co2 = load_co2()
    assert co2.index[0] == pd.Timestamp("1958-03-29")
    assert co2.index[-1] == pd.Timestamp("2001-12-29")
    assert co2.isna().sum() == 59
    assert co2.iloc[0] == 316.1
    assert co2.max() == 373.9
    # It climbs, as Keeling found; five years even out the season and what is missing.
    assert co2.resample("5YS").mean().is_monotonic_increasing


def test_sunspots_have_their_peak_in_1957_and_a_cycle_of_eleven_years() -> None:
    sunspots = load_sunspots()
    assert sunspots.index[0] == pd.Period("1700", "Y")
    assert sunspots.index[-1] == pd.Period("2008", "Y")
    assert sunspots.idxmax() == pd.Period("1957", "Y")
    assert sunspots["1957"] == 190.2
    power = np.abs(np.fft.rfft(sunspots - sunspots.mean())) ** 2
    period = len(sunspots) / (power.argmax())
    assert 10 < period < 12


@pytest.mark.parametrize("load", [load_airline, load_sunspots])
def test_periods_turn_into_dates(load: Callable[[], pd.Series]) -> None:
    dates = load().to_timestamp().index
    assert isinstance(dates, pd.DatetimeIndex)
    assert dates.freq is not None
