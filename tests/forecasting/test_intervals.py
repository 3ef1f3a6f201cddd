"""Intervals: errors of rows not learned from, at rolling origins, learned quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, QuantileRegressor, Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from seqest import ESNRegressor, TDNNRegressor
from seqest.datasets import load_airline
from seqest.forecasting import (
    ETSForecaster,
    Forecaster,
    RollingOriginSplit,
    SeasonalNaiveForecaster,
    backtest,
)
from seqest.metrics import coverage, winkler

AIRLINE = load_airline()
PLAIN: dict[str, Any] = {"differencing": 0, "scale": False, "power": None}


def autoregression(n_rows: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    e, y = rng.normal(size=n_rows), np.zeros(n_rows)
    for t in range(1, n_rows):
        y[t] = 0.8 * y[t - 1] + e[t]
    return y


def test_paths_draw_errors_of_rows_that_were_not_learned_from() -> None:
    # A tree that learns all rows by heart has no error on them.
    y = autoregression(300)
    model = Forecaster(DecisionTreeRegressor(random_state=0), lags=1, **PLAIN)
    fitted = model.fit(y=y)
    assert np.abs(fitted.residuals_).max() == 0
    found = fitted.get_forecast(1, n_paths=4000)
    known, block = np.arange(1, 300), np.arange(299) * 5 // 299
    errors = np.concatenate(
        [
            y[known[block == k]]
            - DecisionTreeRegressor(random_state=0)
            .fit(y[known[block != k] - 1, None], y[known[block != k]])
            .predict(y[known[block == k] - 1, None])
            for k in range(5)
        ]
    )
    # A deviation of 4000 draws is known to 1.1 %.
    assert found.se_mean.iloc[0] == pytest.approx(errors.std(), rel=0.04)


@pytest.mark.parametrize("n_paths", [2, 50])
def test_the_forecast_does_not_depend_on_paths_beside_it(n_paths: int) -> None:
    # A chaotic map, of which rounding would make another forecast.
    y = np.full(300, 0.3)
    for t in range(1, 300):
        y[t] = 3.9 * y[t - 1] * (1 - y[t - 1])
    network = MLPRegressor(hidden_layer_sizes=(20,), solver="lbfgs", random_state=0)
    fitted = Forecaster(network, lags=1, random_state=0, **PLAIN).fit(y=y)
    found = fitted.get_forecast(100, n_paths=n_paths)
    assert np.ptp(fitted.forecast(100)) > 0.5
    np.testing.assert_array_equal(found.predicted_mean, fitted.forecast(100))


def test_an_echo_state_network_is_not_taught_rows_it_is_judged_by() -> None:
    y = autoregression(120)
    esn = ESNRegressor(100, alpha=1e-8, random_state=0)
    fitted = Forecaster(esn, lags=1, **PLAIN, random_state=0).fit(y=y)
    one = fitted.get_forecast(1).se_mean.iloc[0]
    # A hundred units fit 120 rows far better than the noise of deviation 1 allows.
    assert fitted.residuals_.std() < 0.7
    assert one > 1


def test_errors_of_a_direct_forecast_are_drawn_as_they_came() -> None:
    y = autoregression(600)
    model = Forecaster(
        LinearRegression(), strategy="direct", horizon=4, lags=1, random_state=0
    )
    paths = model.fit(y=y).get_forecast(4, n_paths=3000).paths[0, :, :, 0]
    expected = np.sqrt(np.cumsum(0.64 ** np.arange(4)))
    np.testing.assert_allclose(paths.std(axis=0), expected, rtol=0.1)
    # Steps that follow each other err together: 0.8 of an error is left a step later.
    together = np.corrcoef(paths[:, 2], paths[:, 3])[0, 1]
    assert together == pytest.approx(0.8 * expected[2] / expected[3], abs=0.1)


def test_paths_spread_as_far_as_forecasts_of_many_steps_miss() -> None:
    # A slow wave below noise: a regression on the last value alone takes it for noise,
    # whose effect dies out at once; that forecasts miss by the wave, paths must tell.
    rng = np.random.default_rng(0)
    slow = np.zeros(4000)
    for t in range(1, 4000):
        slow[t] = 0.98 * slow[t - 1] + 0.2 * rng.normal()
    y = slow + rng.normal(size=4000)
    model = Forecaster(Ridge(), lags=1, random_state=0, **PLAIN)
    cv = RollingOriginSplit(20, step=20, n_splits=100)
    found = backtest(model, y_of(y), cv=cv, refit=False, levels=(0.8,))
    held = found.scores(["coverage_80"], by=["step"])["coverage_80"].to_numpy()
    # A hundred origins: two standard errors are 8 %.
    assert np.abs(held.reshape(4, 5).mean(axis=1) - 0.8).max() < 0.08


def y_of(values: Any) -> Any:
    return pd.Series(values, pd.RangeIndex(len(values)))


MODELS = {
    "ridge": Forecaster(Ridge(1e-3), lags=13, power="log", differencing=1),
    "esn": Forecaster(
        ESNRegressor(30, random_state=0), power="log", seasonal_period=12
    ),
    "direct": Forecaster(
        Ridge(1e-3), strategy="direct", horizon=5, lags=13, differencing=1, power=None
    ),
    "naive": SeasonalNaiveForecaster(12),
    "ets": ETSForecaster("mul", trend="add", seasonal="mul", seasonal_period=12),
}


@pytest.mark.parametrize("name", MODELS)
def test_conformal_intervals_are_errors_at_rolling_origins(name: str) -> None:
    model, y = MODELS[name], AIRLINE[:120]
    fitted = clone(model).fit(y=y)
    found = fitted.get_forecast(4, method="conformal", n_origins=19)
    reach = 5 if name == "direct" else 4
    span = (120 - reach) // 3
    first = 120 - span - reach + 1
    before = clone(model).fit(y=y[:first])
    logs = "power" in model.get_params() and model.power == "log"
    misses = []
    for k in (j * (span - 1) // 18 for j in range(19)):
        seen = before if k == 0 else before.append(y[first : first + k])
        came, told = y[first + k : first + k + 4].to_numpy(), seen.forecast(4)
        misses.append(np.log(came / told) if logs else came - told)
    sizes = np.sort(np.abs(misses), axis=0)
    mean = fitted.forecast(4)
    for alpha, rank in ((0.05, 19), (0.2, 16), (0.5, 10)):
        reached = sizes[rank - 1]
        low, high = (
            (mean / np.exp(reached), mean * np.exp(reached))
            if logs
            else (mean - reached, mean + reached)
        )
        bounds = found.conf_int(alpha)
        np.testing.assert_allclose(bounds["lower"], low, rtol=1e-6)
        np.testing.assert_allclose(bounds["upper"], high, rtol=1e-6)
    np.testing.assert_allclose(found.quantiles(0.5)[0.5], mean, rtol=0.01)
    assert found.simulate().shape == (4, 38)
    with pytest.raises(ValueError, match=r"19 calibration errors cannot .* takes 39"):
        found.conf_int(0.025)


def test_a_third_of_the_rows_calibrates() -> None:
    model = clone(MODELS["ridge"]).fit(y=AIRLINE[:120])
    found, same, more = (
        model.get_forecast(4, method="conformal", n_origins=n).conf_int(0.2)
        for n in (None, 38, 60)
    )
    pd.testing.assert_frame_equal(found, same)
    assert not found.equals(more)
    short = Forecaster(Ridge(1e-3), lags=2).fit(y=AIRLINE[:44])
    assert len(short.get_forecast(4, method="conformal").conf_int(0.05)) == 4


def test_calibration_needs_rows_to_learn_from() -> None:
    model = clone(MODELS["ridge"]).fit(y=AIRLINE[:40])
    with pytest.raises(ValueError, match=r"n_origins=38.*at most 35"):
        model.get_forecast(4, method="conformal", n_origins=38)
    with pytest.raises(ValueError, match="too few for the lags"):
        model.get_forecast(4, method="conformal", n_origins=30)
    with pytest.raises(ValueError, match="method='exact'"):
        model.get_forecast(4, method="exact")


QUANTILE = [
    QuantileRegressor(alpha=0),
    make_pipeline(StandardScaler(), QuantileRegressor(alpha=0)),
    GradientBoostingRegressor(n_estimators=30, max_depth=1, random_state=0),
    HistGradientBoostingRegressor(max_iter=30, max_leaf_nodes=2),
    TDNNRegressor(2, delays=0, max_iter=60, random_state=0),
]


@pytest.mark.parametrize("regressor", QUANTILE, ids=lambda own: type(own).__name__)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_quantiles_are_learned_where_the_regressor_can(regressor: Any) -> None:
    y = autoregression(1500)
    model = Forecaster(regressor, strategy="direct", horizon=2, lags=1, **PLAIN)
    shares = (0.1, 0.5, 0.9)
    fitted = model.fit(y=y[:1000])
    found = fitted.get_forecast(2, method="quantile", quantiles=shares)
    table = found.quantiles(shares)
    assert (table.diff(axis=1).iloc[:, 1:] > 0).to_numpy().all()
    assert found.conf_int(0.2)["upper"].tolist() == table[0.9].tolist()
    # The 0.9 quantile of one step is 1.28 above the mean; of two 1.64.
    width = (table[0.9] - table[0.1]) / 2
    np.testing.assert_allclose(width, [1.28, 1.64], rtol=0.2)
    with pytest.raises(ValueError, match=r"0.025 was not learned, only 0.1, 0.5, 0.9"):
        found.conf_int(0.05)
    with pytest.raises(ValueError, match="learned quantiles have no paths"):
        found.simulate()
    with pytest.raises(ValueError, match="no standard error"):
        _ = found.se_mean


def test_what_cannot_learn_quantiles_is_refused() -> None:
    direct = Forecaster(Ridge(), strategy="direct", horizon=2).fit(y=AIRLINE)
    with pytest.raises(ValueError, match=r"Ridge\(\) has no pinball loss"):
        direct.get_forecast(2, method="quantile")
    recursive = Forecaster(QuantileRegressor(alpha=0), lags=1).fit(y=AIRLINE)
    with pytest.raises(ValueError, match="needs strategy='direct'"):
        recursive.get_forecast(2, method="quantile")
    naive = SeasonalNaiveForecaster(12).fit(y=AIRLINE)
    with pytest.raises(ValueError, match="'bootstrap' or 'conformal'"):
        naive.get_forecast(2, method="quantile")


@pytest.mark.parametrize("method", ["bootstrap", "conformal", "quantile"])
@pytest.mark.parametrize("refit", [True, False])
def test_backtests_score_intervals(method: str, refit: bool) -> None:
    y = pd.Series(autoregression(900), pd.period_range("1950", periods=900, freq="M"))
    regressor = QuantileRegressor(alpha=0) if method == "quantile" else Ridge()
    model = Forecaster(
        regressor, strategy="direct", horizon=3, lags=1, random_state=0, **PLAIN
    )
    cv = RollingOriginSplit(3, n_splits=3 if refit else 60)
    found = backtest(model, y, cv=cv, refit=refit, levels=(0.8, 0.95), method=method)
    rows = found.predictions
    names = ["coverage_80", "coverage_95", "winkler_80"]
    table = found.scores(names, by=["model"]).iloc[0]
    for level in (80, 95):
        low, high = rows[f"lower_{level}"], rows[f"upper_{level}"]
        held = coverage(rows["y_true"], low, high)
        assert table[f"coverage_{level}"] == pytest.approx(held)
    bounds = rows["lower_80"], rows["upper_80"]
    assert table["winkler_80"] == pytest.approx(
        winkler(rows["y_true"], *bounds, alpha=0.2)
    )
    if not refit:  # 180 rows of which steps hang together: three standard errors
        assert table["coverage_80"] == pytest.approx(0.8, abs=0.12)
    with pytest.raises(ValueError, match="metrics='coverage_70'"):
        found.scores(["coverage_70"])


def test_intervals_of_a_backtest_are_those_of_the_forecaster() -> None:
    cv = RollingOriginSplit(4, n_splits=3)
    for method in ("bootstrap", "conformal"):
        model = Forecaster(Ridge(1e-3), lags=13, differencing=1, random_state=0)
        options: dict[str, Any] = {"cv": cv, "levels": (0.8,), "method": method}
        rows = backtest(model, AIRLINE, **options).predictions
        for k, (train, _) in enumerate(cv.split(AIRLINE.to_frame())):
            fitted = clone(model).fit(y=AIRLINE.iloc[train])
            bounds = fitted.get_forecast(4, method=method).conf_int(0.2)
            own = rows[4 * k : 4 * k + 4]
            np.testing.assert_allclose(own["lower_80"], bounds["lower"])
            np.testing.assert_allclose(own["upper_80"], bounds["upper"])


@pytest.mark.parametrize("method", ["bootstrap", "conformal"])
def test_a_constant_series_has_no_width(method: str) -> None:
    y = pd.Series(7.0, pd.period_range("2020", periods=60, freq="M"))
    for regressor in (Ridge(), ESNRegressor(10, random_state=0)):
        fitted = Forecaster(regressor, lags=2).fit(y=y)
        bounds = fitted.get_forecast(3, method=method).conf_int(0.2)
        np.testing.assert_allclose(bounds, 7.0)


def test_paths_of_many_series_are_drawn_in_pieces() -> None:
    # More series and paths than run side by side at once give each the same spread.
    y = pd.concat({k: pd.Series(autoregression(60, k)) for k in range(40)})
    fitted = Forecaster(Ridge(), lags=1, random_state=0, **PLAIN).fit(y=y)
    found = fitted.get_forecast(2, n_paths=1000)
    assert found.paths.shape == (40, 1000, 2, 1)
    expected = fitted.residuals_.groupby(level=0).std().to_numpy()
    got = found.se_mean.groupby(level=0).first().to_numpy()
    np.testing.assert_allclose(got, expected, rtol=0.15)


def test_forecasts_of_many_series_go_on_from_where_each_ends() -> None:
    # In pieces as well: each has a state of its own, which the last rows moved.
    y = pd.concat({k: pd.Series(autoregression(60 + k, k)) for k in range(40)})
    network = ESNRegressor(20, random_state=0)
    fitted = Forecaster(network, lags=1, random_state=0, **PLAIN).fit(y=y)
    found = fitted.get_forecast(3, n_paths=1000)
    np.testing.assert_array_equal(found.predicted_mean, fitted.forecast(3))
    # What is drawn first has no mean; six standard errors of a thousand draws.
    first, apart = found.paths[:, :, 0, 0], fitted.forecast(3).to_numpy()[::3]
    missed = np.abs(first.mean(axis=1) - apart)
    assert (missed < 6 * first.std(axis=1) / 1000**0.5).all()
    assert np.ptp(apart) > 2


def test_a_forecast_draws_itself() -> None:
    model = Forecaster(Ridge(1e-3), lags=13, differencing=1, random_state=0)
    found = model.fit(y=AIRLINE[:120]).get_forecast(12)
    display = found.plot(history=AIRLINE[100:120], truth=AIRLINE[120:132])
    drawn = display.mean_lines_[0].get_ydata()
    np.testing.assert_array_equal(drawn[1:], found.predicted_mean)
    assert list(display.bands_[0]) == [0.8, 0.95]
