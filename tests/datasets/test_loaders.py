"""The real series against what is known of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning

from seqest import NARXRegressor
from seqest.datasets import (
    load_airline,
    load_co2,
    load_gas_furnace,
    load_sunspots,
)


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


def test_gas_furnace_has_the_published_moments_and_autocorrelations() -> None:
    furnace = load_gas_furnace()
    assert furnace.iloc[0].tolist() == [-0.109, 53.8]
    assert furnace.iloc[-1].tolist() == [-0.262, 57.0]
    # Mean and deviation by the manual of SAS/ETS (example of STATESPACE, series J), the
    # first two autocorrelations by that of B34S: to the digits that are printed there.
    published = {
        "methane_rate": (-0.05683, 1.072766, 0.9525, 0.8341),
        "co2": (53.50912, 3.202121, 0.9708, 0.8960),
    }
    for name, (mean, deviation, *correlations) in published.items():
        column = furnace[name]
        assert column.mean() == pytest.approx(mean, abs=5e-6)
        assert column.std() == pytest.approx(deviation, abs=5e-7)
        around = (column - column.mean()).to_numpy()
        for lag, correlation in enumerate(correlations, start=1):
            found = around[lag:] @ around[:-lag] / (around @ around)
            assert found == pytest.approx(correlation, abs=6e-5)


def test_gas_furnace_answers_to_its_input_five_rows_later_and_against_it() -> None:
    furnace = load_gas_furnace()
    later = range(11)
    shifted = [furnace["co2"].shift(-lag) for lag in later]
    answers = [furnace["methane_rate"].corr(column) for column in shifted]
    # Box and Jenkins, figure 11.2: the greatest in size is negative, at lag 5.
    assert np.argmax(np.abs(answers)) == 5
    assert answers[5] < -0.9


def test_the_seconds_of_the_gas_furnace_tell_where_prediction_goes_on() -> None:
    furnace = load_gas_furnace()
    X, y = furnace[["methane_rate"]], furnace["co2"]
    model = NARXRegressor(2, solver="lm", max_iter=2, random_state=0)
    with pytest.warns(ConvergenceWarning):
        model.fit(X[:200], y[:200])
    after = model.predict(X[200:])
    np.testing.assert_array_equal(after, model.predict(X[200:], initial_state="last"))
    late = model.predict(X[220:])
    np.testing.assert_array_equal(late, model.predict(X[220:], initial_state="zero"))


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
