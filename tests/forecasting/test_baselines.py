"""Baselines: what statsmodels and short loops say, with dates, panels and a table."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from statsmodels.tsa.ar_model import AutoReg
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

from seqest.datasets import load_airline
from seqest.forecasting import (
    AutoRegForecaster,
    DriftForecaster,
    ETSForecaster,
    Forecaster,
    NaiveForecaster,
    RollingOriginSplit,
    SARIMAXForecaster,
    SeasonalNaiveForecaster,
    ThetaForecaster,
    backtest,
)

AIRLINE = load_airline()
ROWS = AIRLINE.to_numpy()
MODELS: dict[str, Any] = {
    "naive": NaiveForecaster(random_state=0),
    "seasonal naive": SeasonalNaiveForecaster(12, random_state=0),
    "drift": DriftForecaster(random_state=0),
    "autoreg": AutoRegForecaster([1, 12], trend="ct", random_state=0),
    "ets": ETSForecaster(
        "mul", trend="add", seasonal="mul", seasonal_period=12, random_state=0
    ),
    "sarimax": SARIMAXForecaster((1, 1, 0), (0, 1, 0, 12), random_state=0),
    "theta": ThetaForecaster(12, random_state=0),
}
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def random_walk(n_rows: int = 2000) -> Any:
    rng = np.random.default_rng(0)
    return pd.Series(100 + rng.normal(size=n_rows).cumsum())


@pytest.mark.parametrize(
    ("model", "period", "slope"),
    [
        (MODELS["naive"], 1, 0.0),
        (MODELS["seasonal naive"], 12, 0.0),
        (MODELS["drift"], 1, (ROWS[-1] - ROWS[0]) / 143),
    ],
)
def test_walks_are_a_loop(model: Any, period: int, slope: float) -> None:
    fitted = clone(model).fit(y=AIRLINE)
    run = ROWS.tolist()
    for _ in range(30):
        run.append(run[-period] + slope)
    got = fitted.forecast(30)
    # A slope added 30 times, or once times 30: some roundings of 1e-16 apart.
    np.testing.assert_allclose(got, run[144:], rtol=1e-13)
    assert got.index.equals(pd.period_range("1961-01", periods=30, freq="M"))
    assert got.name == "passengers"
    expected = [ROWS[t] - ROWS[t - period] - slope for t in range(period, 144)]
    np.testing.assert_allclose(fitted.residuals_[period:], expected, atol=1e-10)
    assert fitted.residuals_[:period].isna().all()


def test_the_others_are_those_of_statsmodels() -> None:
    autoreg = AutoReg(ROWS, [1, 12], trend="ct").fit()
    smooth = ETSModel(
        ROWS, error="mul", trend="add", seasonal="mul", seasonal_periods=12
    ).fit(disp=False)
    arima = SARIMAX(ROWS, order=(1, 1, 0), seasonal_order=(0, 1, 0, 12)).fit(disp=False)
    theta = ThetaModel(ROWS, period=12).fit()
    theirs = {"autoreg": autoreg, "ets": smooth, "sarimax": arima, "theta": theta}
    for name, results in theirs.items():
        fitted = clone(MODELS[name]).fit(y=AIRLINE)
        # The same search on the same numbers; sums may be ordered differently.
        np.testing.assert_allclose(fitted.forecast(20), results.forecast(20), rtol=1e-9)
        if name != "theta":  # has no fitted values
            told = (AIRLINE - fitted.residuals_).dropna()
            expected = results.fittedvalues[-len(told) :]
            np.testing.assert_allclose(told, expected, rtol=1e-9)


@pytest.mark.parametrize("method", ["additive", "multiplicative"])
def test_theta_tells_rows_as_it_forecasts_them(method: str) -> None:
    # statsmodels' equation of a forecast from t rows, its own parameters given.
    fitted = ThetaForecaster(12, method=method).fit(y=AIRLINE[:100])
    results = ThetaModel(ROWS[:100], period=12, method=method).fit()
    b, alpha = results.params
    season = np.roll(results.forecast_components(12)["seasonal"], 100 % 12)
    remove, put = (
        (np.subtract, np.add) if method == "additive" else (np.divide, np.multiply)
    )
    level = remove(ROWS[0], season[0])
    for t in range(1, 100):
        level = alpha * remove(ROWS[t - 1], season[(t - 1) % 12]) + (1 - alpha) * level
        trend = b / 2 * (1 / alpha - (1 - alpha) ** t / alpha)
        told = put(level + trend, season[t % 12])
        assert ROWS[t] - fitted.residuals_.iloc[t] == pytest.approx(told)


@pytest.mark.parametrize(
    "model",
    [AutoRegForecaster(2, seasonal=True, seasonal_period=7), SARIMAXForecaster()],
)
def test_exogenous_columns_are_given_to_statsmodels(model: Any) -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=130, freq="D")
    X = pd.DataFrame(rng.normal(size=(130, 2)), days, ["price", "promo"])
    noise = rng.normal(size=130)
    y = pd.Series(5 + 2 * X["price"] - 3 * X["promo"] + noise, days, name="sold")
    known, later = X[:100].to_numpy(), X[100:].to_numpy()
    rows = y[:100].to_numpy()
    if isinstance(model, AutoRegForecaster):
        results = AutoReg(rows, 2, seasonal=True, period=7, exog=known).fit()
    else:
        results = SARIMAX(rows, exog=known).fit(disp=False)
    fitted = clone(model).fit(X[:100], y[:100])
    expected = results.forecast(30, exog=later)
    # An optimizer makes more of the last bit than arithmetic does.
    rtol = 1e-9 if isinstance(model, AutoRegForecaster) else 1e-5
    np.testing.assert_allclose(fitted.forecast(X=X[100:]), expected, rtol=rtol)
    np.testing.assert_allclose(fitted.predict(later), expected, rtol=rtol)
    assert fitted.feature_names_in_.tolist() == ["price", "promo"]
    seen = fitted.append(y[100:110], X[100:110])
    more = results.append(y[100:110].to_numpy(), exog=later[:10])
    expected = more.forecast(20, exog=later[10:])
    np.testing.assert_allclose(seen.forecast(X=X[110:]), expected, rtol=rtol)
    for wrong, words in (
        (None, "needs X: fit saw 2"),
        (X[101:], "no row at 2024-04-10"),
        (X[100:][["promo", "price"]], "order"),
        (X[100:].to_numpy()[:, :1], r"shape \(30, 2\)"),
    ):
        with pytest.raises(ValueError, match=words):
            fitted.forecast(30, wrong)
    without = clone(model).fit(np.empty((100, 0)), y[:100])
    assert np.abs(without.forecast(30) - fitted.forecast(X=X[100:])).max() > 1


def test_columns_are_not_looked_at_where_they_are_not_taken() -> None:
    frame = pd.DataFrame({"price": np.nan}, AIRLINE.index)
    for name in ("naive", "seasonal naive", "drift", "ets", "theta"):
        model = MODELS[name]
        fitted = clone(model).fit(frame, AIRLINE)
        expected = clone(model).fit(y=AIRLINE).forecast(3)
        pd.testing.assert_series_equal(fitted.forecast(3), expected)


@every_model
def test_predicting_the_rows_that_follow_is_forecasting(model: Any) -> None:
    train, later = AIRLINE[:120], AIRLINE[120:]
    frame = pd.DataFrame(index=AIRLINE.index)
    fitted = clone(model).fit(frame[:120], train)
    forecast = fitted.forecast(len(later))
    np.testing.assert_array_equal(fitted.predict(frame[120:]), forecast)
    np.testing.assert_array_equal(fitted.predict(np.empty((24, 0))), forecast)
    np.testing.assert_array_equal(fitted.forecast(X=frame[120:]), forecast)
    # Rows of training one step ahead, later ones in any order and with holes.
    some = frame.iloc[[130, 60, 122, 119]]
    got = fitted.predict(some)
    np.testing.assert_array_equal(got[[0, 2]], forecast.iloc[[10, 2]])
    told = train - fitted.residuals_
    np.testing.assert_array_equal(got[[1, 3]], told.iloc[[60, 119]])


@every_model
def test_clones_and_pickles_forecast_the_same(model: Any) -> None:
    fitted = clone(model).fit(y=AIRLINE)
    expected = fitted.get_forecast(5, n_paths=20).simulate()
    again = pickle.loads(pickle.dumps(fitted))
    for other in (clone(model).fit(y=AIRLINE), again, fitted):
        got = other.get_forecast(5, n_paths=20).simulate()
        pd.testing.assert_frame_equal(got, expected)
    assert clone(model).get_params() == model.get_params()
    # A panel of hundreds is to be kept: no smoothed states, no covariances.
    assert len(pickle.dumps(fitted)) < 200_000


@every_model
def test_series_and_targets_are_forecast_each_by_itself(model: Any) -> None:
    series = {"a": AIRLINE[:100], "b": 3 * AIRLINE[20:130]}
    panel = pd.concat(series, names=["line", "month"])
    both = pd.DataFrame({"up": panel, "down": 700 * panel.max() / panel})
    fitted = clone(model).fit(y=both)
    got = fitted.forecast(4)
    assert got.index.names == ["line", "month"]
    for name in series:
        for target in both:
            alone = clone(model).fit(y=both.loc[name, target])
            expected = alone.forecast(4)
            pd.testing.assert_series_equal(got.loc[name, target], expected)
            residuals = fitted.residuals_.loc[name, target]
            pd.testing.assert_series_equal(residuals, alone.residuals_)
    # Rows of the two by turns, and back in that order.
    frame = pd.DataFrame(index=got.index[[4, 0, 5, 1]])
    np.testing.assert_array_equal(fitted.predict(frame), got.iloc[[4, 0, 5, 1]])


@every_model
def test_rows_that_are_appended_are_seen_but_not_learned(model: Any) -> None:
    first = clone(model).fit(y=AIRLINE[:110])
    before = first.forecast(3)
    later = first.append(AIRLINE[110:120])
    pd.testing.assert_series_equal(first.forecast(3), before)
    assert later.forecast(2).index.equals(AIRLINE.index[120:122])
    whole = clone(model).fit(y=AIRLINE[:120])
    again = first.append(AIRLINE[110:120], refit=True)
    pd.testing.assert_series_equal(again.forecast(3), whole.forecast(3))
    steps = first
    for row in range(110, 120):
        steps = steps.append(ROWS[row : row + 1])
    pd.testing.assert_series_equal(steps.forecast(5), later.forecast(5), rtol=1e-10)
    if isinstance(model, ThetaForecaster):  # learns anew, as it says
        pd.testing.assert_series_equal(later.forecast(3), whole.forecast(3))
        return
    told = AIRLINE[:120] - later.residuals_
    assert told.iloc[110] == pytest.approx(before.iloc[0], rel=1e-10)
    learns = not isinstance(model, NaiveForecaster | SeasonalNaiveForecaster)
    assert (np.abs(later.forecast(3) - whole.forecast(3)).max() > 1e-6) == learns
    with pytest.raises(ValueError, match=r"goes on from 1959-02 .* 1959-01"):
        later.append(AIRLINE[121:])


@every_model
def test_the_future_changes_no_forecast(model: Any) -> None:
    cv = RollingOriginSplit(6, step=6, n_splits=3)
    changed = AIRLINE.copy()
    changed[-18:] *= np.random.default_rng(0).uniform(0.5, 2, 18)
    for refit in (True, False):
        found = backtest(model, AIRLINE, cv=cv, refit=refit).predictions
        other = backtest(model, changed, cv=cv, refit=refit).predictions
        # The first origin lies before what has changed.
        np.testing.assert_array_equal(found["y_pred"][:6], other["y_pred"][:6])
        assert np.abs(found["y_pred"][12:] - other["y_pred"][12:]).max() > 1


def test_a_backtest_compares_them_in_one_table() -> None:
    esn = Forecaster(Ridge(1e-3), lags=13, power="log", differencing=1)
    y = pd.concat({"a": AIRLINE, "b": 2 * AIRLINE[30:]})
    table = backtest(
        {"ridge": esn, **MODELS},
        y,
        cv=RollingOriginSplit(12, step=6, n_splits=3),
        seasonal_period=12,
    ).scores(["mase"])["mase"]
    assert table.index.tolist() == ["ridge", *MODELS]
    # Trend and season are both needed here.
    assert table["ets"] < table["seasonal naive"] < table["naive"]
    assert table["sarimax"] < table["seasonal naive"]


def test_a_search_judges_them_at_rolling_origins() -> None:
    X = pd.DataFrame(index=AIRLINE.index)
    cv = RollingOriginSplit(12, n_splits=3)
    for model, grid in (
        (SeasonalNaiveForecaster(1), {"seasonal_period": [1, 7, 12]}),
        (ThetaForecaster(), {"seasonal_period": [None, 7, 12]}),
    ):
        search = GridSearchCV(model, grid, cv=cv, scoring="neg_mean_absolute_error")
        assert search.fit(X, AIRLINE).best_params_ == {"seasonal_period": 12}


@pytest.mark.parametrize(
    "model",
    [
        NaiveForecaster(),
        DriftForecaster(),
        AutoRegForecaster(3),
        SARIMAXForecaster((0, 1, 1)),
        SARIMAXForecaster((1, 1, 1), (0, 0, 1, 4)),
        ETSForecaster(),
        ThetaForecaster(),
    ],
)
def test_paths_spread_as_the_model_says(model: Any) -> None:
    y = random_walk()
    steps = np.arange(6)
    if isinstance(model, AutoRegForecaster):
        results = AutoReg(y.to_numpy(), 3).fit()
        expected = results.get_prediction(2000, 2005).se_mean
    elif isinstance(model, SARIMAXForecaster):
        options = {"order": model.order, "seasonal_order": model.seasonal_order}
        with warnings.catch_warnings(action="ignore"):  # where they begin to search
            results = SARIMAX(y.to_numpy(), **options).fit(disp=False)
        expected = results.get_forecast(6).se_mean
    elif isinstance(model, ETSForecaster):
        results = ETSModel(y.to_numpy()).fit(disp=False)
        alpha = results.params[0]
        expected = np.sqrt(results.mse * (1 + steps * alpha**2))
    else:  # of a random walk
        expected = np.diff(y).std() * np.sqrt(steps + 1)
    fitted = clone(model).set_params(random_state=0).fit(y=y)
    found = fitted.get_forecast(6, n_paths=4000)
    # A deviation of 4000 paths is known to 1.1 %: three of these, and the estimates.
    np.testing.assert_allclose(found.se_mean, expected, rtol=0.05)
    pd.testing.assert_series_equal(found.predicted_mean, fitted.forecast(6))
    middle = found.paths[0, :, :, 0].mean(axis=0)
    # Errors are drawn about 0, so that paths keep to the forecast.
    near = 4 * expected / np.sqrt(4000)
    assert (np.abs(middle - found.mean[0, :, 0]) < near).all()


@every_model
def test_intervals_hold_the_forecast(model: Any) -> None:
    bounds = clone(model).fit(y=AIRLINE).get_forecast(14, n_paths=200)
    summary = bounds.summary_frame(alpha=0.1)
    assert (summary["mean_ci_lower"] < summary["mean"]).all()
    assert (summary["mean"] < summary["mean_ci_upper"]).all()
    one = clone(model).fit(y=AIRLINE).get_forecast(1, n_paths=2)
    assert one.paths.shape == (1, 2, 1, 1)


def test_seasons_that_multiply_widen_the_paths_of_theta() -> None:
    found = clone(MODELS["theta"]).fit(y=AIRLINE).get_forecast(12, n_paths=500)
    results = ThetaModel(ROWS, period=12).fit()
    season = results.forecast_components(12)["seasonal"].to_numpy()
    alpha = results.params["alpha"]
    # Of ARIMA(0, 1, 1), each month times its factor; 500 paths know it to 3 %.
    shape = season * np.sqrt(1 + np.arange(12) * alpha**2)
    ratio = found.se_mean.to_numpy() / shape
    np.testing.assert_allclose(ratio, ratio.mean(), rtol=0.1)


@every_model
def test_a_constant_series_goes_on(model: Any) -> None:
    y = pd.Series(7.0, pd.period_range("2020", periods=40, freq="M"))
    fitted = clone(model).fit(y=y)
    np.testing.assert_array_equal(fitted.forecast(3), 7.0)
    np.testing.assert_array_equal(fitted.get_forecast(3, n_paths=9).conf_int(), 7.0)
    # Where it changes it is learned for the first time.
    rows = 7 + np.random.default_rng(0).uniform(0, 1, 40)
    later = fitted.append(rows)
    whole = pd.Series(np.append(y, rows), pd.period_range("2020", periods=80, freq="M"))
    expected = clone(model).fit(y=whole).forecast(3)
    pd.testing.assert_series_equal(later.forecast(3), expected)


def test_a_slope_is_kept_even_where_it_told_every_row() -> None:
    line = DriftForecaster().fit(y=np.arange(10.0))
    assert line.append([20.0]).forecast(2).tolist() == [21.0, 22.0]
    assert line.append([20.0], refit=True).forecast(1).tolist() == [22.0]


@pytest.mark.parametrize(
    ("model", "least"),
    [
        (NaiveForecaster(), 2),
        (SeasonalNaiveForecaster(12), 13),
        (DriftForecaster(), 2),
        (AutoRegForecaster([1, 3]), 7),
        (ETSForecaster(), 4),
        (ETSForecaster(trend="add"), 6),
        (ETSForecaster(seasonal="add", seasonal_period=12), 24),
        (SARIMAXForecaster(), 4),
        (SARIMAXForecaster((0, 1, 1), (0, 1, 1, 4)), 13),
        (ThetaForecaster(), 4),
        (ThetaForecaster(12), 24),
    ],
)
@pytest.mark.filterwarnings("ignore:.* has not converged on y")
def test_a_series_is_refused_one_row_before_it_works(model: Any, least: int) -> None:
    words = rf"y of series 'b' has {least - 1} .*, too few .* at least {least}\."
    with pytest.raises(ValueError, match=words):
        clone(model).fit(y=pd.concat({"a": AIRLINE, "b": AIRLINE[: least - 1]}))
    fitted = clone(model).fit(y=AIRLINE[:least])
    assert np.isfinite(fitted.get_forecast(3, n_paths=5).simulate()).all(axis=None)


@pytest.mark.parametrize(
    "model",
    [
        clone(MODELS["ets"]).set_params(maxiter=1),
        SARIMAXForecaster((2, 1, 2), maxiter=1),
    ],
)
def test_a_search_that_ends_early_says_so_once(model: Any) -> None:
    y = pd.concat({"a": AIRLINE})
    with pytest.warns(ConvergenceWarning) as caught:
        model.fit(y=y)
    assert len(caught) == 1
    name = type(model).__name__
    assert f"{name} has not converged on y of series 'a'" in str(caught[0].message)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (SeasonalNaiveForecaster(0), r"SeasonalNaiveForecaster\(seasonal_period=0\)"),
        (AutoRegForecaster(0), r"AutoRegForecaster\(lags=0\)"),
        (AutoRegForecaster(1, trend="x"), "AutoRegForecaster fails on y: .*trend"),
        (AutoRegForecaster(1, seasonal=True, seasonal_period=1), "seasonal_period=1"),
        (ETSForecaster("mad"), "ETSForecaster fails on y: .*error"),
        (ETSForecaster(maxiter=0), r"ETSForecaster\(maxiter=0\)"),
        (ETSForecaster(seasonal="add", seasonal_period=1), "seasonal_period=1"),
        (SARIMAXForecaster((1, 0)), r"SARIMAXForecaster\(order=\(1, 0\)\)"),
        (SARIMAXForecaster((1, 0, -1)), r"SARIMAXForecaster\(order=-1\)"),
        (SARIMAXForecaster(seasonal_order=(1, 0, 0, 0)), "a period of at least 2"),
        (ThetaForecaster(1), r"ThetaForecaster\(seasonal_period=1\)"),
        (ThetaForecaster(method="both"), r"ThetaForecaster\(method='both'\)"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(model: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        model.fit(y=AIRLINE)


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ValueError, match=r"did you mean fit\(y=...\)"):
        NaiveForecaster().fit(AIRLINE)
    with pytest.raises(ValueError, match="y has a gap: 1949-08 is missing"):
        NaiveForecaster().fit(y=AIRLINE.drop(AIRLINE.index[7]))
    with pytest.raises(ValueError, match=r"ETSForecaster fails on y: .*positive"):
        clone(MODELS["ets"]).fit(y=-AIRLINE)
    model = NaiveForecaster().fit(y=AIRLINE)
    for steps in (0, -3):
        with pytest.raises(ValueError, match="at least 1"):
            model.forecast(steps)
    with pytest.raises(ValueError, match="needs steps"):
        model.forecast()
    strange = pd.DataFrame(index=pd.PeriodIndex(["1948-12"], freq="M"))
    with pytest.raises(ValueError, match="no time of y"):
        model.predict(strange)
    # A fit that fails leaves what was fitted before.
    with pytest.raises(ValueError, match="too few"):
        model.fit(y=AIRLINE[:1])
    assert model.forecast(1).iloc[0] == 432
