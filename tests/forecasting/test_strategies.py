"""All steps at once, past columns, calendars and lags that are chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqest import ESNRegressor, NARXRegressor
from seqest.datasets import load_airline
from seqest.forecasting import Forecaster, RollingOriginSplit, backtest

AIRLINE = load_airline()
DIRECT: dict[str, Any] = {"strategy": "direct", "horizon": 6}
PLAIN: dict[str, Any] = {"differencing": 0, "scale": False, "power": None}


def test_direct_is_a_regression_for_each_step() -> None:
    y = AIRLINE[:120].to_numpy()
    model = Forecaster(Ridge(1.0), lags=[1, 12], **DIRECT, **PLAIN).fit(y=AIRLINE[:120])
    rows = np.arange(12, 120 - 5)
    F = np.column_stack([y[rows - 1], y[rows - 12]])
    for step in range(6):
        theirs = Ridge(1.0).fit(F, y[rows + step])
        expected = theirs.predict([[y[119], y[108]]])[0]
        assert model.forecast(6).iloc[step] == pytest.approx(expected)
    assert model.forecast(2).tolist() == model.forecast(6)[:2].tolist()
    told = AIRLINE[:120] - model.residuals_
    assert told.iloc[50] == pytest.approx(
        Ridge(1.0).fit(F, y[rows]).predict([[y[49], y[38]]])[0]
    )
    with pytest.raises(ValueError, match=r"steps=7.* at most horizon=6"):
        model.forecast(7)


def test_direct_undoes_differences_before_it_learns() -> None:
    y = AIRLINE[:120].to_numpy()
    options = {**PLAIN, "differencing": 1, "lags": 2}
    model = Forecaster(KNeighborsRegressor(3), **DIRECT, **options).fit(y=AIRLINE[:120])
    rows = np.arange(3, 120 - 5)
    changes = np.diff(y, prepend=np.nan)
    F = np.column_stack([changes[rows - 1], changes[rows - 2]])
    T = np.column_stack([y[rows + step] - y[rows - 1] for step in range(6)])
    theirs = KNeighborsRegressor(3).fit(F, T).predict([[changes[119], changes[118]]])
    np.testing.assert_allclose(model.forecast(6), y[119] + theirs[0])


def test_an_echo_state_network_tells_several_steps_from_its_state() -> None:
    # Each step ahead of two sines can be told, as closely as a few tanh allow.
    t = np.arange(400)
    y = pd.Series(np.sin(0.3 * t) + np.sin(0.05 * t))
    esn = ESNRegressor(50, alpha=1e-8, random_state=0)
    model = Forecaster(esn, lags=1, strategy="direct", horizon=20, **PLAIN)
    got = model.fit(y=y[:300]).forecast(20)
    np.testing.assert_allclose(got, y[300:320], atol=0.01)
    # It goes on from rows it has not learned from as it does from those.
    later = model.append(y[300:330])
    np.testing.assert_allclose(later.forecast(20), y[330:350], atol=0.01)
    one_by_one = model
    for row in range(300, 330):
        one_by_one = one_by_one.append(y[row : row + 1])
    np.testing.assert_allclose(one_by_one.forecast(20), later.forecast(20))


def test_direct_sees_exogenous_rows_of_all_steps() -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=200, freq="D")
    X = pd.DataFrame(rng.normal(size=(200, 1)), days, ["price"])
    price = X["price"].to_numpy()
    level = 0.5 * np.concatenate([[0.0], price[:-1]])
    y = pd.Series(price + level, days)  # the row's price and that of the day before
    for regressor in (LinearRegression(), ESNRegressor(5, alpha=1e-10, random_state=0)):
        model = Forecaster(regressor, lags=3, **DIRECT, **PLAIN).fit(X[:150], y[:150])
        got = model.forecast(X=X[150:156])
        np.testing.assert_allclose(got[1:], y[151:156], atol=1e-4)
        np.testing.assert_allclose(model.predict(X[150:156]), got)
    with pytest.raises(ValueError, match="no row at 2024-06-01"):
        model.forecast(2, X[150:152])  # of four more days nothing is known


def test_what_feeds_outputs_back_cannot_be_direct() -> None:
    narx = NARXRegressor(input_delays=0, output_delays=2, regressor=Ridge())
    with pytest.raises(ValueError, match="feeds its outputs back"):
        Forecaster(narx, lags=1, **DIRECT).fit(y=AIRLINE)


class LastRow(RegressorMixin, BaseEstimator):
    """Repeats the first column; learns one target, without weights."""

    def fit(self, X: Any, y: Any) -> LastRow:
        """Check y."""
        assert np.ndim(y) == 1
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X: Any) -> Any:
        """Return the first column."""
        return X[:, 0]


def test_a_regressor_of_one_target_is_copied_for_each_step() -> None:
    model = Forecaster(LastRow(), lags=1, **DIRECT, **PLAIN).fit(y=AIRLINE)
    np.testing.assert_array_equal(model.forecast(6), AIRLINE.iloc[-1])
    with pytest.raises(ValueError, match="takes no sample_weight"):
        model.fit(y=AIRLINE, sample_weight=np.ones(144))


def test_rows_of_no_weight_are_not_learned_from() -> None:
    weights = np.r_[np.zeros(60), np.ones(84)]
    for regressor in (Ridge(1e-3), ESNRegressor(20, alpha=1e-3, random_state=0)):
        spoiled = AIRLINE.copy()
        spoiled[:40] *= np.random.default_rng(0).uniform(0.5, 2, 40)
        options: dict[str, Any] = {"lags": 3, **PLAIN}
        both = [
            Forecaster(regressor, **options).fit(y=y, sample_weight=weights)
            for y in (AIRLINE, spoiled)
        ]
        tell = [model.forecast(6) for model in both]
        # An echo state network forgets what it saw: twenty rows are enough.
        np.testing.assert_allclose(*tell, rtol=1e-6)
        later = both[0].append([420.0])
        assert len(later._weights_) == 145
    with pytest.raises(ValueError, match=r"shape \(3,\) but Forecaster needs \(144,\)"):
        Forecaster(Ridge()).fit(y=AIRLINE, sample_weight=np.ones(3))


@pytest.mark.parametrize("strategy", ["recursive", "direct"])
def test_past_columns_are_seen_by_their_lags_alone(strategy: str) -> None:
    rng = np.random.default_rng(0)
    u = rng.normal(size=300)
    y = pd.Series(2 * np.concatenate([[0.0, 0.0], u[:-2]]))  # as u was two rows before
    X = pd.DataFrame({"u": u, "known": rng.normal(size=300)})
    model = Forecaster(
        LinearRegression(),
        lags=2,
        past_columns="u",
        strategy=strategy,
        horizon=None if strategy == "recursive" else 2,
        **PLAIN,
    ).fit(X[:200], y[:200])
    np.testing.assert_allclose(model.forecast(2, X[200:202])[:2], y[200:202])
    # What is to come of it need not be given, and is not looked at.
    without = model.forecast(2, X[200:202][["known"]])
    changed = X.assign(u=X["u"].where(X.index < 200))
    for other in (model.forecast(2, changed[200:202]), model.predict(changed[200:202])):
        np.testing.assert_array_equal(other, without)
    later = model.append(y[200:210], X[200:210])
    np.testing.assert_allclose(later.forecast(2, X[210:212]), y[210:212])
    assert model.get_forecast(2, X[200:202], n_paths=20).paths.shape == (1, 20, 2, 1)
    cv = RollingOriginSplit(2, n_splits=3)
    for refit in (True, False):
        rows = backtest(model, y, X, cv=cv, refit=refit).predictions
        np.testing.assert_allclose(rows["y_pred"], rows["y_true"])
    with pytest.raises(ValueError, match=r"past_columns='v'.*columns of X"):
        clone(model).set_params(past_columns="v").fit(X, y)
    with pytest.raises(ValueError, match="lacks column 'u'"):
        model.append(y[200:210], X[200:210][["known"]])


def test_the_calendar_is_seen() -> None:
    days = pd.date_range("2024-01-01", periods=200, freq="D")
    y = pd.Series(10.0 * (days.day_of_week == 6) + days.month, days)
    for index in (days, days.tz_localize("Asia/Tokyo"), days.to_period("D")):
        own = y.set_axis(index)
        for options in ({}, DIRECT):
            model = Forecaster(
                Ridge(1e-6),
                lags=1,
                calendar=["day_of_week", "month"],
                **PLAIN,
                **options,
            )
            got = model.fit(y=own[:190]).forecast(6)
            np.testing.assert_allclose(got, own[190:196], atol=1e-3)
    with pytest.raises(ValueError, match="None where y has an index of integers"):
        Forecaster(Ridge(), calendar="hour").fit(y=y.to_numpy())
    with pytest.raises(ValueError, match="calendar='year'"):
        Forecaster(Ridge(), calendar="year").fit(y=y)


def test_several_seasons_are_seen() -> None:
    t = np.arange(500)
    y = np.sin(2 * np.pi * t / 24) + np.cos(2 * np.pi * t / 100.5)
    model = Forecaster(Ridge(1e-8), lags=1, fourier={24: 1, 100.5: 1}, **PLAIN)
    np.testing.assert_allclose(model.fit(y=y[:400]).forecast(100), y[400:], atol=1e-4)
    with pytest.raises(ValueError, match="at most half of the period"):
        Forecaster(Ridge(), fourier={24: 13}).fit(y=y)


def test_lags_are_chosen_by_the_training_rows() -> None:
    rng = np.random.default_rng(0)
    e, y = rng.normal(size=(2, 600))
    for t in range(13, 600):
        y[t] = 0.6 * y[t - 1] + 0.7 * (y[t - 12] - 0.6 * y[t - 13]) + 0.3 * e[t]
    still: dict[str, Any] = {"differencing": 0, "seasonal_differencing": 0}
    model = Forecaster(Ridge(), lags="auto", seasonal_period=12, **still)
    assert set(model.fit(y=y).lags_) >= {1, 12, 13}
    assert Forecaster(Ridge(), lags="auto", differencing=0).fit(y=e).lags_ == (1,)
    # Later rows change nothing.
    model.fit(y=y)
    assert model.append(e).lags_ == model.lags_
    panel = pd.concat({"a": pd.Series(y), "b": pd.Series(3 * y[:200])})
    assert set(model.fit(y=panel).lags_) >= {1, 12, 13}
    assert Forecaster(Ridge(), lags="auto").fit(y=np.ones(30)).lags_ == (1,)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"strategy": "both"}, ValueError, "strategy='both'"),
        ({"strategy": "direct"}, ValueError, r"horizon=None.* how many steps"),
        ({"horizon": 3}, ValueError, r"horizon=3.* None with strategy='recursive'"),
        ({**DIRECT, "horizon": 0}, ValueError, "horizon=0"),
        ({"lags": "all"}, ValueError, "lags='all'"),
        ({"regressor": Ridge}, TypeError, "Give an instance, Ridge"),
        ({"regressor": "ridge"}, TypeError, "needs fit, predict"),
        ({"regressor": LogisticRegression()}, TypeError, "It is a classifier"),
        (
            {"regressor": make_pipeline(StandardScaler(), ESNRegressor())},
            TypeError,
            "could not carry its state on",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    options: dict[str, Any], error: Any, words: str
) -> None:
    with pytest.raises(error, match=words):
        Forecaster(**{"regressor": Ridge(), **options}).fit(y=AIRLINE)
    short = pd.Series(np.arange(20.0))
    with pytest.raises(ValueError, match=r"20 rows, too few .* at least 24"):
        Forecaster(HistGradientBoostingRegressor(), lags=12, strategy="direct",
                   horizon=11, differencing=0).fit(y=short)  # fmt: skip


def test_paths_hear_the_errors_where_outputs_are_fed_back() -> None:
    # A random walk through the regressor's own memory of outputs, and one through lags.
    rng = np.random.default_rng(0)
    y = rng.normal(size=800).cumsum()
    narx = NARXRegressor(
        input_delays=[1], output_delays=1, regressor=LinearRegression()
    )
    options: dict[str, Any] = {"lags": 1, "random_state": 0, **PLAIN}
    spread = [
        Forecaster(regressor, **options).fit(y=y).get_forecast(20).se_mean.iloc[-1]
        for regressor in (narx, LinearRegression())
    ]
    assert spread[0] == pytest.approx(spread[1], rel=0.1)


def test_the_power_of_each_series_is_chosen_by_its_rows() -> None:
    rng = np.random.default_rng(0)
    grows = np.exp(rng.normal(5, 1, 300))
    even = rng.normal(100, 1, 300)
    sold = np.maximum(rng.normal(0, 1, 300), 0)  # with zeros
    level = rng.normal(size=300)
    rows = {"grows": grows, "sold": sold, "level": level}
    y = pd.concat({name: pd.Series(own) for name, own in rows.items()})
    model = Forecaster(Ridge(), lags=1, differencing=0, random_state=0).fit(y=y)
    power = model._chain_.steps[0].power[:, 0]
    assert power[0] < 0.1
    assert power[1] == 1
    assert np.isnan(power[2])
    paths = model.get_forecast(5, n_paths=200).paths[..., 0]
    # What was nowhere below 0 is not forecast there; what was, is.
    assert paths[1].min() == 0
    assert paths[0].min() > 0
    assert (paths[2] < 0).mean() == pytest.approx(0.5, abs=0.1)
    assert Forecaster(Ridge(), lags=1).fit(y=even)._chain_.steps[0].power <= 1
    with pytest.raises(ValueError, match="y is -1 at 300, but Forecaster took a power"):
        Forecaster(Ridge(), lags=1).fit(y=grows).append([-1.0])


def test_seasonal_differences_are_taken_where_the_season_is_strong() -> None:
    rng = np.random.default_rng(0)
    t = np.arange(240)
    season, noise = np.sin(2 * np.pi * t / 12), rng.normal(size=240)
    for y, orders in (
        (3 * season + 0.3 * noise, (1, 0)),
        (noise, (0, 0)),
        (0.1 * season + noise.cumsum(), (0, 1)),
        (3 * season[:40] + 0.3 * noise[:40], (0, 0)),  # fewer than four seasons
    ):
        model = Forecaster(ESNRegressor(5, random_state=0), seasonal_period=12)
        model.fit(y=y)
        assert (model.seasonal_differencing_, model.differencing_) == orders
        # Waves are seen where the season is still there.
        waves = 0 if orders[0] else 12
        assert model.regressor_.n_features_in_ == 12 + waves
        later = model.append(rng.normal(size=60).cumsum())
        assert (later.seasonal_differencing_, later.differencing_) == orders
    with pytest.raises(ValueError, match="differencing='some'"):
        Forecaster(Ridge(), differencing="some").fit(y=noise)
