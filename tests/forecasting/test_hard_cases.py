"""Short and late series, odd frequencies, numbers of any size, wrong questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from statsmodels.tsa.statespace.sarimax import SARIMAX

from seqest import ESNRegressor
from seqest.datasets import load_airline
from seqest.forecasting import (
    Forecaster,
    NaiveForecaster,
    RollingOriginSplit,
    SARIMAXForecaster,
    backtest,
)

AIRLINE = load_airline()
PLAIN: dict[str, Any] = {"differencing": 0, "scale": False, "power": None}


def days(n_rows: int, start: str = "2024-01-01", level: float = 10.0) -> Any:
    rng = np.random.default_rng(n_rows)
    index = pd.date_range(start, periods=n_rows, freq="D")
    return pd.Series(level + rng.normal(size=n_rows), index, name="sold")


def test_a_new_series_needs_all_rows_that_are_seen_of_its_past() -> None:
    y = pd.concat({"a": days(60), "b": days(60)}, names=["id", "day"])
    for regressor in (Ridge(), ESNRegressor(10, random_state=0)):
        model = Forecaster(regressor, lags=3, differencing=0).fit(y=y)
        short = pd.concat({"c": days(2)}, names=["id", "day"])
        with pytest.raises(ValueError, match=r"series 'c' has 2 rows, too few .* 3"):
            model.append(short)
        # With just as many rows it is forecast, and by its own alone.
        told = [
            model.append(pd.concat({"c": days(3), "d": days(40, level=level)}))
            .forecast(2)
            .loc["c"]
            for level in (10.0, 1e4)
        ]
        np.testing.assert_array_equal(*told)


@pytest.mark.parametrize("refit", [True, False])
def test_a_backtest_leaves_out_series_that_begin_too_late(refit: bool) -> None:
    late = days(10, "2024-03-31")
    y = pd.concat({"a": days(100), "b": late}, names=["id", "day"])
    model = Forecaster(Ridge(), lags=3, **PLAIN)
    cv = RollingOriginSplit(2, n_splits=4)
    with pytest.raises(ValueError, match="series 'b' has"):
        backtest(model, y, cv=cv, refit=refit)
    found = backtest(model, y, cv=cv, refit=refit, min_train_size=5).predictions
    alone = backtest(model, y.loc[["a"]], cv=cv, refit=refit).predictions
    assert (found["series"] == "a").sum() == 8
    assert (found["series"] == "b").sum() == 4  # the last two origins
    if not refit:  # what b taught is nothing then
        own = found.loc[found["series"] == "a", "y_pred"]
        np.testing.assert_allclose(own, alone["y_pred"])
    with pytest.raises(ValueError, match="no series has min_train_size=99"):
        backtest(model, y, cv=cv, min_train_size=99)


@pytest.mark.parametrize(
    "index",
    [
        pd.bdate_range("2020-01-06", periods=5),  # one week alone
        pd.date_range("2020-01", periods=2, freq="ME"),
        pd.date_range("2020-01-15", periods=9, freq=pd.DateOffset(months=1)),
        pd.date_range("2020-01", periods=9, freq="SMS"),
        pd.date_range("2020-01", periods=9, freq="W-WED"),
        pd.date_range("2020-01", periods=30, freq="C"),
    ],
    ids=lambda index: index.freqstr,
)
def test_a_frequency_that_is_given_is_kept(index: Any) -> None:
    y = pd.Series(np.arange(len(index), dtype=float), index)
    ahead = pd.date_range(index[-1], periods=4, freq=index.freq)[1:]
    assert NaiveForecaster().fit(y=y).forecast(3).index.equals(ahead)
    longer = pd.date_range(index[0], periods=40, freq=index.freq)
    long = pd.Series(np.arange(40.0), longer)
    panel = pd.concat({"short": y, "long": long})
    if index.freqstr in ("ME", "W-WED"):  # what longer series tell, short ones keep
        got = NaiveForecaster().fit(y=panel).forecast(3)
        assert got["short"].index.equals(ahead)


def test_errors_of_few_rows_are_those_of_all_series() -> None:
    y = pd.concat({"a": days(200), "b": days(30)}, names=["id", "day"])
    esn = ESNRegressor(10, washout=28, random_state=0)
    found = Forecaster(esn, lags=1, random_state=0, **PLAIN).fit(y=y)
    width = found.get_forecast(1).se_mean
    assert width.loc["b"].iloc[0] == pytest.approx(width.loc["a"].iloc[0], rel=0.2)
    few = pd.concat({f"s{k}": days(5) * (k + 1) for k in range(30)})
    model = Forecaster(Ridge(), lags=1, strategy="direct", horizon=3, power=None)
    found = model.fit(y=few).get_forecast(2, n_paths=50)
    assert np.isfinite(found.paths).all()
    alone = Forecaster(ESNRegressor(10, washout=28), lags=1, **PLAIN).fit(y=days(30))
    with pytest.raises(ValueError, match="no row is left to learn from"):
        alone.get_forecast(2)


def test_a_constant_series_among_others_goes_on_as_it_is() -> None:
    y = pd.concat({"a": days(60), "k": days(60) * 0 + 7}, names=["id", "day"])
    for regressor in (Ridge(), ESNRegressor(10, random_state=0)):
        model = Forecaster(regressor, lags=2).fit(y=y)
        for method in ("bootstrap", "conformal"):
            bounds = model.get_forecast(3, method=method).conf_int(0.2)
            np.testing.assert_array_equal(bounds.loc["k"], 7.0)
            assert (bounds.loc["a", "lower"] < bounds.loc["a", "upper"]).all()
    # Alone it teaches nothing; once it moves it is learned from, as by baselines.
    still = Forecaster(Ridge(), lags=2).fit(y=np.full(40, 7.0))
    moved = still.append(days(40).to_numpy())
    again = Forecaster(Ridge(), lags=2).fit(y=np.r_[np.full(40, 7.0), days(40)])
    pd.testing.assert_series_equal(moved.forecast(3), again.forecast(3))


def test_first_rows_of_an_arima_count_by_how_sure_they_were() -> None:
    y = days(80, level=10)
    found = SARIMAXForecaster(random_state=0).fit(y=y).get_forecast(4, n_paths=4000)
    theirs = SARIMAX(y.to_numpy()).fit(disp=False).get_forecast(4).se_mean
    np.testing.assert_allclose(found.se_mean, theirs, rtol=0.1)


@pytest.mark.parametrize("unit", [1e-30, 1e-12, 1e9, 1e12])
def test_units_are_no_matter(unit: float) -> None:
    y = days(120)
    for regressor in (Ridge(), ESNRegressor(10, random_state=0)):
        model = Forecaster(regressor, lags=2, random_state=0)
        plain = model.fit(y=y).get_forecast(3, n_paths=50).conf_int()
        scaled = model.fit(y=unit * y).get_forecast(3, n_paths=50).conf_int()
        np.testing.assert_allclose(scaled / unit, plain, rtol=1e-6)


class Unstable(RegressorMixin, BaseEstimator):
    """Stays at zero, and runs away from everywhere else."""

    def fit(self, X: Any, y: Any) -> Any:
        self.n_features_in_ = np.shape(X)[1]
        return self

    def predict(self, X: Any) -> Any:
        return 1e200 * np.asarray(X)[:, 0]


def test_forecasts_and_paths_that_run_away_are_reported() -> None:
    model = Forecaster(Ridge(1e-9), lags=1, **PLAIN).fit(y=1.3 ** np.arange(30.0))
    with pytest.raises(FloatingPointError, match="not finite at step 26"):
        model.get_forecast(4000, n_paths=2)
    model = Forecaster(Unstable(), lags=1, **PLAIN).fit(y=np.eye(1, 30, 10)[0])
    np.testing.assert_array_equal(model.forecast(9), 0)
    with pytest.raises(FloatingPointError, match="a simulated path diverged"):
        model.get_forecast(9, n_paths=50)


def test_what_is_learned_stays_whatever_parameters_become() -> None:
    model = Forecaster(Ridge(), lags=2, power="log", differencing=0).fit(y=AIRLINE)
    expected = model.append([440.0]).forecast(2)
    model.set_params(power=None, lags=5, strategy="direct", horizon=1)
    pd.testing.assert_series_equal(model.append([440.0]).forecast(2), expected)


def test_signed_errors_come_first_among_calibrated_paths() -> None:
    squares = np.arange(60.0) ** 2  # what comes is always more than the last value
    found = NaiveForecaster().fit(y=squares).get_forecast(1, method="conformal")
    assert (found.simulate(3) > squares[-1]).to_numpy().all()


def test_a_name_that_is_not_there_is_not_made_up() -> None:
    y = AIRLINE.rename(None)
    model = NaiveForecaster().fit(y=y[:100])
    assert model.forecast(2).name is None
    named = NaiveForecaster().fit(y=AIRLINE[:100]).append(y[100:])
    assert named.forecast(1).name == "passengers"


X = pd.DataFrame({"price": np.arange(60.0), "promo": 1.0}, days(60).index)
ASKED = Forecaster(Ridge(), lags=2, **PLAIN).fit(X[:50], days(60)[:50])
PANEL = NaiveForecaster().fit(y=pd.concat({"a": days(9), "b": days(9)}))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: ASKED.forecast(4, X.iloc[[50, 51, 51, 52, 53]]), "X has two rows at"),
        (lambda: ASKED.predict(X[50:].reset_index(drop=True)), "index of int64"),
        (lambda: ASKED.predict(X[50:].tz_localize("UTC")), "in the time zone UTC"),
        (lambda: ASKED.forecast(4, X.set_axis(["p", "p"], axis=1)), "two columns 'p'"),
        (lambda: ASKED.append([1.0], refit="yes"), "refit='yes'"),
        (lambda: ASKED.append(None, X[50:51]), "it is None"),
        (lambda: ASKED.get_forecast(2, X[50:52]).simulate(2.5), "n=2.5"),
        (lambda: PANEL.append(np.ones(4)), "whose index names the series"),
        (lambda: NaiveForecaster().fit(y=days(9)).append("a"), "real numbers"),
        (lambda: Forecaster().fit(y=pd.concat([days(9)] * 2, axis=1)), "two targets"),
        (
            lambda: Forecaster(Ridge(), lags=1).fit(y=days(60)).forecast(4, X[:4]),
            "has column 'price', which fit did not see",
        ),
    ],
)
def test_what_makes_no_sense_is_said(ask: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        ask()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"cv": 3}, "a splitter such as"),
        ({"cv": KFold(3)}, "rows that come before some of those"),
        ({"forecasters": Ridge()}, "a Forecaster, a baseline or a dict"),
        ({"forecasters": {}}, "a Forecaster, a baseline or a dict"),
        ({"X": np.ones((144, 1))}, "a DataFrame with the index of y"),
        ({"X": pd.DataFrame(index=AIRLINE.index[1:])}, "with the index of y"),
        ({"levels": 1.0}, r"levels=1.0.*\(0, 1\)"),
        ({"method": "guess"}, "method='guess'"),
        ({"min_train_size": 0}, "min_train_size=0"),
    ],
)
def test_what_cannot_be_backtested_is_said(options: dict[str, Any], words: str) -> None:
    given = {"forecasters": NaiveForecaster(), "cv": RollingOriginSplit(3), **options}
    with pytest.raises((ValueError, TypeError), match=words):
        backtest(given.pop("forecasters"), AIRLINE, **given)


def test_scores_take_one_name_or_several() -> None:
    found = backtest(NaiveForecaster(), AIRLINE, cv=RollingOriginSplit(3), levels=0.8)
    assert found.scores("mae", by="step").shape == (3, 1)
    with pytest.raises(ValueError, match="at least one column"):
        found.scores(by=[])
