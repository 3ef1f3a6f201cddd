"""The forecaster: its loop, its dates, its panels, and what it refuses."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, Ridge, SGDRegressor
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqest import ESNRegressor, LSTMRegressor, TDNNRegressor
from seqest.datasets import load_airline
from seqest.forecasting import Forecaster

AIRLINE = load_airline()
SEASON = {
    "power": "log",
    "differencing": 1,
    "seasonal_differencing": 0,
    "seasonal_period": 12,
}
MODELS: dict[str, Forecaster] = {
    "Ridge": Forecaster(Ridge(1e-3), lags=13, **SEASON),
    "ESN": Forecaster(ESNRegressor(40, random_state=0), fourier=6, **SEASON),
    "TDNN": Forecaster(
        TDNNRegressor(4, delays=2, solver="lbfgs", max_iter=20, random_state=0),
        **{**SEASON, "seasonal_differencing": 1},
    ),
}
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_it_is_a_loop_over_lags_and_differences() -> None:
    y = AIRLINE[:120]
    model = Forecaster(Ridge(1e-3), lags=[1, 12], **SEASON).fit(y=y)
    z = np.diff(np.log(y.to_numpy()))
    z = (z - z.mean()) / z.std()
    rows = np.arange(12, len(z))
    theirs = Ridge(1e-3).fit(np.column_stack([z[rows - 1], z[rows - 12]]), z[rows])
    run = list(z)
    for _ in range(30):
        run.append(theirs.predict([[run[-1], run[-12]]])[0])
    w = np.diff(np.log(y.to_numpy()))
    steps = np.array(run[len(z) :]) * w.std() + w.mean()
    expected = np.exp(np.log(y.iloc[-1]) + np.cumsum(steps))
    got = model.forecast(30)
    np.testing.assert_allclose(got, expected, rtol=1e-9)
    assert got.index.equals(pd.period_range("1959-01", periods=30, freq="M"))
    assert got.name == "passengers"
    ahead = theirs.predict(np.column_stack([z[rows - 1], z[rows - 12]]))
    told = np.exp(np.log(y.to_numpy()[rows]) + ahead * w.std() + w.mean())
    np.testing.assert_allclose(y.to_numpy()[rows + 1] - told, model.residuals_[13:])


@every_model
def test_predicting_the_rows_that_follow_is_forecasting(model: Forecaster) -> None:
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
    # A season in the past tells far more than this.
    assert np.abs(forecast / later - 1).mean() < 0.25


def test_what_is_not_given_is_chosen_by_the_training_rows() -> None:
    rng = np.random.default_rng(0)
    walk, noise = rng.normal(size=(2, 300)).cumsum(axis=1)[0], rng.normal(size=300)
    for y, changes in ((walk, 1), (noise, 0)):
        model = Forecaster(Ridge(), lags=2).fit(y=y)
        assert model.differencing_ == changes
        # What was chosen stays, whatever is seen later.
        later = model.append(walk[:250] if changes == 0 else noise[:250])
        assert later.differencing_ == changes
    assert Forecaster(Ridge()).fit(y=noise).lags_ == tuple(range(1, 11))
    seasonal = {"seasonal_period": 4}
    assert Forecaster(Ridge(), **seasonal).fit(y=noise).lags_ == tuple(range(1, 9))
    echo = Forecaster(ESNRegressor(10, random_state=0), **seasonal).fit(y=noise)
    assert echo.lags_ == (1, 2, 3, 4)
    assert echo.regressor_.n_features_in_ == 8  # and two sines and cosines
    assert Forecaster(ESNRegressor(10)).fit(y=noise).lags_ == (1,)


@every_model
def test_clones_and_pickles_forecast_the_same(model: Forecaster) -> None:
    fitted = clone(model).fit(y=AIRLINE)
    expected = fitted.forecast(5)
    for again in (clone(model).fit(y=AIRLINE), pickle.loads(pickle.dumps(fitted))):
        pd.testing.assert_series_equal(again.forecast(5), expected)
    pd.testing.assert_series_equal(fitted.forecast(5), expected)
    assert clone(model).set_params(seasonal_period=6).seasonal_period == 6


@every_model
def test_one_model_serves_series_of_different_length(model: Forecaster) -> None:
    first, second = AIRLINE[:100], 3 * AIRLINE[20:130]
    panel = pd.concat({"a": first, "b": second}, names=["line", "month"])
    fitted = clone(model).fit(y=panel)
    got = fitted.forecast(4)
    assert got.index.names == ["line", "month"]
    assert got["a"].index.equals(AIRLINE.index[100:104])
    assert got["b"].index.equals(AIRLINE.index[130:134])
    assert np.abs(got["a"] / AIRLINE[100:104] - 1).max() < 0.2
    assert np.abs(got["b"] / (3 * AIRLINE[130:134]) - 1).max() < 0.2
    # Rows of the two by turns, and back in that order.
    frame = pd.DataFrame(index=got.index[[4, 0, 5, 1]])
    np.testing.assert_array_equal(fitted.predict(frame), got.iloc[[4, 0, 5, 1]])


def test_exogenous_columns_are_seen_in_their_own_row() -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=130, freq="D")
    X = pd.DataFrame(rng.normal(size=(130, 2)), days, ["price", "promo"])
    y = pd.Series(5 + 2 * X["price"] - 3 * X["promo"], days, name="sold")
    model = Forecaster(LinearRegression(), lags=1).fit(X[:100], y[:100])
    np.testing.assert_allclose(model.forecast(30, X[100:]), y[100:])
    np.testing.assert_allclose(model.forecast(X=X[100:].to_numpy()), y[100:])
    np.testing.assert_allclose(model.predict(X[40:]), y[40:])
    with pytest.raises(ValueError, match="no row at 2024-04-10"):
        model.predict(X.iloc[[110, 50]])  # what is between is not known
    for wrong, words in (
        (None, "needs X"),
        (X[101:], "no row at 2024-04-10"),
        (X[100:][["promo", "price"]], "order"),
        (X[100:][["price"]], "lacks column 'promo'"),
        (X[100:].assign(more=1.0), "has column 'more'"),
        (
            X[100:].replace(X["price"].iloc[103], np.nan),
            r"X\['price'\] is NaN at 2024-04-13",
        ),
        (X[100:].to_numpy()[:, :1], r"shape \(30, 2\)"),
    ):
        with pytest.raises(ValueError, match=words):
            model.forecast(30, wrong)


def test_several_targets_are_forecast_together() -> None:
    t = np.arange(200)
    index = pd.RangeIndex(200)
    y = pd.DataFrame({"sin": np.sin(0.3 * t), "cos": np.cos(0.3 * t) + 2}, index)
    got = Forecaster(LinearRegression(), lags=1, power=None).fit(y=y[:150]).forecast(50)
    np.testing.assert_allclose(got, y[150:], atol=1e-9)
    assert list(got.columns) == ["sin", "cos"]
    boosted = HistGradientBoostingRegressor(max_iter=5)
    # One that learns a single target is copied for each.
    wrapped = Forecaster(MultiOutputRegressor(boosted), lags=2).fit(y=y).forecast(3)
    got = Forecaster(boosted, lags=2).fit(y=y).forecast(3)
    pd.testing.assert_frame_equal(got, wrapped)


@pytest.mark.parametrize("zone", [None, "Europe/Paris"])
def test_hours_go_on_through_a_change_of_the_clock(zone: str | None) -> None:
    hours = pd.date_range("2024-03-28", periods=72, freq="h", tz=zone)
    y = pd.Series(np.sin(2 * np.pi * np.arange(72) / 24), hours)
    model = Forecaster(LinearRegression(), lags=2).fit(y=y)
    got = model.forecast(24)
    assert got.index[0] == hours[-1] + pd.Timedelta(1, "h")
    expected = np.sin(2 * np.pi * np.arange(72, 96) / 24)
    np.testing.assert_allclose(got, expected, atol=1e-12)


@every_model
def test_paths_spread_around_the_forecast(model: Forecaster) -> None:
    fitted = clone(model).set_params(random_state=0).fit(y=AIRLINE[:120])
    found = fitted.get_forecast(12, n_paths=300)
    pd.testing.assert_series_equal(found.predicted_mean, fitted.forecast(12))
    summary = found.summary_frame(alpha=0.2)
    bounds = found.conf_int(alpha=0.2)
    assert (summary["mean_ci_lower"] == bounds["lower"]).all()
    assert (bounds["lower"] < summary["mean"]).all()
    assert (summary["mean"] < bounds["upper"]).all()
    # What adds up spreads: differences are summed.
    assert summary["mean_se"].iloc[-1] > summary["mean_se"].iloc[0]
    paths = found.simulate()
    assert paths.shape == (12, 300)
    inside = (
        paths.ge(bounds["lower"], axis=0) & paths.le(bounds["upper"], axis=0)
    ).mean(axis=1)
    np.testing.assert_allclose(inside, 0.8, atol=0.02)
    pd.testing.assert_frame_equal(
        found.quantiles([0.1, 0.9]).set_axis(["lower", "upper"], axis=1), bounds
    )
    again = fitted.get_forecast(12, n_paths=300)
    pd.testing.assert_frame_equal(again.simulate(), paths)
    other = fitted.set_params(random_state=1).get_forecast(12, n_paths=300)
    assert np.abs(other.simulate() - paths).to_numpy().max() > 1


def test_paths_are_what_the_equation_says() -> None:
    rng = np.random.default_rng(0)
    e, y = rng.normal(size=4000), np.zeros(4000)
    for t in range(1, 4000):
        y[t] = 0.8 * y[t - 1] + e[t]
    model = Forecaster(LinearRegression(), lags=1, random_state=0).fit(y=y)
    found = model.get_forecast(8, n_paths=4000)
    # The deviation of h steps of an AR(1). How far forecasts miss is told from 300
    # origins whose errors overlap, 5 % of it by chance.
    expected = np.sqrt(np.cumsum(0.8 ** (2 * np.arange(8))))
    np.testing.assert_allclose(found.se_mean, expected, rtol=0.15)
    assert found.se_mean.iloc[0] == pytest.approx(1, rel=0.04)
    assert (found.paths.min(axis=1) < found.mean).all()


def test_several_targets_have_columns_of_their_own() -> None:
    t = np.arange(120)
    rng = np.random.default_rng(0)
    y = pd.DataFrame(
        {"a": np.sin(t) + 0.1 * rng.normal(size=120), "b": t + rng.normal(size=120)}
    )
    panel = pd.concat({"x": y, "z": 2 * y[:100]})
    found = Forecaster(Ridge(), lags=5, differencing=1, random_state=0).fit(y=panel)
    found = found.get_forecast(3, n_paths=50)
    bounds = found.conf_int()
    assert bounds.columns.tolist() == [
        ("a", "lower"),
        ("a", "upper"),
        ("b", "lower"),
        ("b", "upper"),
    ]
    assert bounds.index.tolist()[3:] == [("z", 100), ("z", 101), ("z", 102)]
    mean = found.predicted_mean
    assert (bounds["b"]["lower"] < mean["b"]).all()
    with pytest.raises(ValueError, match="from 1 to 50"):
        found.simulate(51)
    with pytest.raises(ValueError, match=r"alpha=1\): must be in \(0, 1\)"):
        found.conf_int(1)


@every_model
def test_rows_that_are_appended_are_seen_but_not_learned(model: Forecaster) -> None:
    first = clone(model).fit(y=AIRLINE[:110])
    before = first.forecast(3)
    later = first.append(AIRLINE[110:120])
    pd.testing.assert_series_equal(first.forecast(3), before)
    assert later.regressor_ is first.regressor_
    assert later.forecast(2).index.equals(AIRLINE.index[120:122])
    # One by one or all at once, with dates or without.
    steps = first
    for row in range(110, 120):
        steps = steps.append(AIRLINE[row : row + 1].to_numpy())
    pd.testing.assert_series_equal(steps.forecast(5), later.forecast(5), rtol=1e-10)
    # What is told of a row before it is seen is what is told of it afterwards.
    told = AIRLINE[:120] - later.residuals_
    assert told.iloc[110] == pytest.approx(before.iloc[0])
    again = later.append(AIRLINE[120:], refit=True)
    whole = clone(model).fit(y=AIRLINE)
    pd.testing.assert_series_equal(again.forecast(3), whole.forecast(3))
    with pytest.raises(ValueError, match=r"goes on from 1959-02 .* 1959-01"):
        later.append(AIRLINE[121:])


def test_series_that_are_new_are_forecast_by_what_the_others_taught() -> None:
    panel = pd.concat({"a": AIRLINE[:100], "b": 2 * AIRLINE[:100]})
    model = Forecaster(Ridge(1e-3), lags=13, **SEASON).fit(y=panel)
    more = pd.concat({"c": 5 * AIRLINE[30:120], "a": AIRLINE[100:102]})
    later = model.append(more)
    got = later.forecast(2)
    assert got.index.get_level_values(0).unique().tolist() == ["a", "b", "c"]
    assert got["a"].index.equals(AIRLINE.index[102:104])
    assert np.abs(got["c"] / (5 * AIRLINE[120:122]) - 1).max() < 0.1
    # Series that saw nothing new say what they said.
    pd.testing.assert_series_equal(got["b"], model.forecast(2)["b"])


PLAIN: dict[str, Any] = {"differencing": 0, "scale": False, "power": None, "lags": 2}
WARM = {
    "SGD": SGDRegressor(max_iter=3, tol=None, eta0=0.02, random_state=0),
    "Pipeline": make_pipeline(
        StandardScaler(), MLPRegressor(hidden_layer_sizes=4, max_iter=3, random_state=0)
    ),
    "LSTM": LSTMRegressor(3, max_iter=3, random_state=0),
}


@pytest.mark.parametrize("name", WARM)
def test_learning_goes_on_where_the_regressor_starts_warm(name: str) -> None:
    rng = np.random.default_rng(0)
    Y = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"])
    Y = Y.rolling(3, min_periods=1).mean()
    own = clone(WARM[name])
    warm = {key: True for key in own.get_params() if key.endswith("warm_start")}
    own.set_params(**warm)
    first = Forecaster(own, **PLAIN).fit(y=Y[:60])
    before, kept = first.forecast(3), pickle.dumps(first.regressor_)
    later = first.append(Y[60:], refit=True)
    Z = Y.to_numpy()
    F, T = np.hstack([Z[1:-1], Z[:-2]]), Z[2:]
    by_hand = pickle.loads(kept)
    if isinstance(by_hand, MultiOutputRegressor):
        for k, one in enumerate(by_hand.estimators_):
            one.fit(F, T[:, k])
    else:
        by_hand.fit(F, T)
    np.testing.assert_allclose(by_hand.predict(F), later.regressor_.predict(F))
    # What had learned stays as it was, and learning anew is something else.
    pd.testing.assert_frame_equal(first.forecast(3), before)
    anew = Forecaster(clone(own), **PLAIN).fit(y=Y)
    assert not np.allclose(anew.forecast(3), later.forecast(3))
    # Errors of paths are those of regressors that begin anew.
    assert np.isfinite(later.get_forecast(3, n_paths=20).se_mean).all(axis=None)
    again = later.append(Y[:0].reindex([80]).fillna(0.5)).forecast(2)
    assert again.index.tolist() == [81, 82]


def test_exogenous_rows_are_appended_too() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 1)), columns=["price"])
    y = pd.Series(rng.normal(size=60).cumsum() + X["price"])
    model = Forecaster(Ridge(1e-3), lags=2).fit(X[:40], y[:40])
    later = model.append(y[40:50], X[40:50])
    told = y[:50] - later.residuals_
    np.testing.assert_allclose(told[40], model.forecast(1, X[40:41]))
    with pytest.raises(ValueError, match="needs X"):
        model.append(y[40:50])


def test_forecasts_that_run_away_are_reported() -> None:
    y = 1.3 ** np.arange(30.0)
    model = Forecaster(LinearRegression(), lags=1, differencing=0, power=None).fit(y=y)
    with pytest.warns(RuntimeWarning, match=r"left the range .* Raise the regressor"):
        model.forecast(20)
    with pytest.raises(FloatingPointError, match="not finite at step"):
        model.forecast(4000)


def test_a_constant_series_goes_on() -> None:
    y = pd.Series(7.0, pd.period_range("2020", periods=40, freq="M"))
    for model in (Forecaster(Ridge(), lags=2), Forecaster(ESNRegressor(20))):
        np.testing.assert_allclose(model.fit(y=y).forecast(3), 7.0)
        bounds = model.get_forecast(3, n_paths=9).conf_int()
        np.testing.assert_allclose(bounds, 7.0)


@pytest.mark.parametrize(
    ("options", "y", "words"),
    [
        ({}, None, r"did you mean fit\(y=...\)"),
        ({}, AIRLINE.drop(AIRLINE.index[7]), "y has a gap: 1949-08 is missing"),
        ({}, AIRLINE.mask(AIRLINE.index == "1950-02"), "y is NaN at 1950-02"),
        ({}, AIRLINE[::-1], "does not increase"),
        ({}, -AIRLINE, "takes targets above 0"),
        ({"lags": 60}, AIRLINE[:40], "y has 40 rows, too few"),
        ({"differencing": 45}, AIRLINE[:40], "need at least 47"),
        ({"lags": 0}, AIRLINE, r"Forecaster\(lags=0\)"),
        ({"fourier": 7}, AIRLINE, r"Forecaster\(fourier=7\)"),
        ({"seasonal_period": None, "fourier": 1}, AIRLINE, "half of seasonal_period"),
        ({"power": "root"}, AIRLINE, r"Forecaster\(power='root'\)"),
        ({"seasonal_period": 1}, AIRLINE, r"Forecaster\(seasonal_period=1\)"),
        (
            {"seasonal_differencing": 1, "seasonal_period": None},
            AIRLINE,
            "unless seasonal_period is given",
        ),
    ],
)
def test_what_cannot_be_forecast_is_refused(
    options: dict[str, Any], y: Any, words: str
) -> None:
    model = Forecaster(Ridge(), **{**SEASON, **options})
    with pytest.raises(ValueError, match=words):
        model.fit(y=y)


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ValueError, match=r"did you mean fit\(y=...\)"):
        Forecaster().fit(AIRLINE)
    model = clone(MODELS["Ridge"]).fit(y=AIRLINE)
    for steps in (0, -3):
        with pytest.raises(ValueError, match="at least 1"):
            model.forecast(steps)
    with pytest.raises(ValueError, match="needs steps"):
        model.forecast()
    strange = pd.DataFrame(index=pd.PeriodIndex(["1948-12"], freq="M"))
    with pytest.raises(ValueError, match="no time of y"):
        model.predict(strange)
    panel = pd.concat({"a": AIRLINE, "b": AIRLINE[:1]})
    with pytest.raises(ValueError, match="y of series 'b' has 1 sample, too few"):
        clone(MODELS["Ridge"]).fit(y=panel)
