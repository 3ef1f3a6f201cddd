"""Backtests forecast from each origin as if nothing later were known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV

from seqest import ESNRegressor
from seqest.datasets import load_airline
from seqest.forecasting import (
    BacktestResult,
    Forecaster,
    RollingOriginSplit,
    backtest,
)
from seqest.metrics import mase, rmsse, smape

AIRLINE = load_airline()
MODEL = Forecaster(Ridge(1e-3), lags=13, power="log", differencing=1)
ESN = Forecaster(
    ESNRegressor(30, random_state=0),
    power="log",
    differencing=1,
    seasonal_period=12,
    fourier=4,
)
CV = RollingOriginSplit(6, step=3, n_splits=4)


def panel() -> Any:
    return pd.concat(
        {"a": AIRLINE[:120], "b": 3 * AIRLINE[40:120]}, names=["line", "month"]
    )


@pytest.mark.parametrize("model", [MODEL, ESN])
def test_it_is_a_loop_over_origins(model: Forecaster) -> None:
    found = backtest(model, AIRLINE, cv=CV, seasonal_period=12).predictions
    for k, (train, test) in enumerate(CV.split(AIRLINE.to_frame())):
        own = found[6 * k : 6 * k + 6]
        fitted = clone(model).fit(y=AIRLINE.iloc[train])
        np.testing.assert_allclose(own["y_pred"], fitted.forecast(6), rtol=1e-12)
        np.testing.assert_array_equal(own["y_true"], AIRLINE.iloc[test])
        assert (own["origin"] == AIRLINE.index[train[-1]]).all()
        assert own["time"].tolist() == AIRLINE.index[test].tolist()
        assert own["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert len(found) == 24


def test_scores_are_those_of_the_metrics() -> None:
    result = backtest(MODEL, AIRLINE, cv=CV, seasonal_period=12)
    found = result.scores(["mae", "rmse", "smape", "mase", "rmsse"], by=["origin"])
    for train, test in CV.split(AIRLINE.to_frame()):
        true, past = AIRLINE.iloc[test].to_numpy(), AIRLINE.iloc[train].to_numpy()
        told = clone(MODEL).fit(y=AIRLINE.iloc[train]).forecast(6).to_numpy()
        scaled = {"y_train": past, "seasonal_period": 12}
        expected = [
            np.abs(told - true).mean(),
            np.sqrt(np.mean((told - true) ** 2)),
            smape(true, told),
            mase(true, told, **scaled),
            rmsse(true, told, **scaled),
        ]
        own = found.loc[AIRLINE.index[train[-1]]]
        np.testing.assert_allclose(own, expected, rtol=1e-9)
    by_step = result.scores(["mae"], by=["step"])
    assert by_step.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert by_step["mae"].mean() == pytest.approx(result.scores()["mae"].iloc[0])


def test_some_of_the_predictions_score_as_they_did_among_all() -> None:
    result = backtest(MODEL, AIRLINE, cv=CV, seasonal_period=12)
    rows = result.predictions
    some = BacktestResult(rows[rows["step"] > 3])
    pd.testing.assert_frame_equal(
        some.scores(by=["step"]), result.scores(by=["step"]).loc[4:]
    )


@pytest.mark.parametrize("model", [MODEL, ESN])
def test_the_future_changes_no_forecast(model: Forecaster) -> None:
    for refit in (True, 2, False):
        cv = RollingOriginSplit(6, step=6, n_splits=3)
        found = backtest(model, AIRLINE, cv=cv, refit=refit).predictions
        changed = AIRLINE.copy()
        changed[-12:] *= np.random.default_rng(0).uniform(0.5, 2, 12)
        other = backtest(model, changed, cv=cv, refit=refit).predictions
        # The first two origins lie before what has changed.
        np.testing.assert_array_equal(found["y_pred"][:12], other["y_pred"][:12])
        assert np.abs(found["y_pred"][12:] - other["y_pred"][12:]).min() > 1e-6


@pytest.mark.parametrize("model", [MODEL, ESN])
def test_without_refitting_rows_are_only_seen(model: Forecaster) -> None:
    found = backtest(model, AIRLINE, cv=CV, refit=False).predictions
    splits = list(CV.split(AIRLINE.to_frame()))
    first = clone(model).fit(y=AIRLINE.iloc[splits[0][0]])
    for k, (train, _) in enumerate(splits):
        new = AIRLINE.iloc[len(splits[0][0]) : len(train)]
        seen = first.append(new) if len(new) else first
        own = found["y_pred"][6 * k : 6 * k + 6]
        np.testing.assert_allclose(own, seen.forecast(6), rtol=1e-9)
    every_other = backtest(model, AIRLINE, cv=CV, refit=2).predictions
    always = backtest(model, AIRLINE, cv=CV).predictions
    same = np.isclose(every_other["y_pred"], always["y_pred"], rtol=1e-12)
    assert same.reshape(4, 6).all(axis=1).tolist() == [True, False, True, False]


def test_series_of_a_panel_are_told_apart() -> None:
    result = backtest(
        {"ridge": MODEL, "esn": ESN}, panel(), cv=CV, seasonal_period=12, n_jobs=2
    )
    rows = result.predictions
    assert len(rows) == 2 * 4 * 6 * 2
    table = result.scores(["mase"], by=["model", "series"])
    assert table.index.tolist() == [
        ("ridge", "a"),
        ("ridge", "b"),
        ("esn", "a"),
        ("esn", "b"),
    ]
    assert (table["mase"] < 1).all()
    # Each is scaled by its own past.
    naive = rows.groupby("series")["naive_error"].mean()
    assert naive["b"] > 2 * naive["a"]


def test_exogenous_columns_and_a_gap_are_heeded() -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=90, freq="D")
    X = pd.DataFrame(rng.normal(size=(90, 1)), days, ["price"])
    y = pd.Series(3 * X["price"] + 1, days, name="sold")
    cv = RollingOriginSplit(5, gap=2, n_splits=3)
    rows = backtest(Forecaster(LinearRegression(), lags=1), y, X, cv=cv).predictions
    np.testing.assert_allclose(rows["y_pred"], rows["y_true"])
    assert rows["step"].unique().tolist() == [3, 4, 5, 6, 7]


def test_a_search_judges_forecasts_at_rolling_origins() -> None:
    X = pd.DataFrame(index=AIRLINE.index)
    model = Forecaster(
        Ridge(1e-3), seasonal_period=12, power="log", seasonal_differencing=0
    )
    grid = {"lags": [1, 13], "regressor__alpha": [1e-3, 1e3], "differencing": [0, 1]}
    cv = RollingOriginSplit(12, n_splits=3)
    scoring = "neg_mean_absolute_error"
    search = GridSearchCV(model, grid, cv=cv, scoring=scoring, n_jobs=2)
    search.fit(X, AIRLINE)
    assert search.best_params_["lags"] == 13
    assert search.best_params_["regressor__alpha"] == 1e-3
    rows = backtest(search.best_estimator_, AIRLINE, cv=cv)
    assert rows.scores(["mae"]).iloc[0, 0] == pytest.approx(-search.best_score_)
    ahead = search.best_estimator_.forecast(3)
    assert ahead.index.equals(pd.period_range("1961-01", periods=3, freq="M"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"refit": 0}, r"backtest\(refit=0\)"),
        ({"seasonal_period": 0}, r"backtest\(seasonal_period=0\)"),
        ({"y": AIRLINE.to_numpy()}, "a Series or DataFrame with dates"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        backtest(MODEL, **{"y": AIRLINE, "cv": CV, **options})
    result = backtest(MODEL, AIRLINE, cv=CV)
    with pytest.raises(ValueError, match="metrics='mape'"):
        result.scores(["mape"])
    with pytest.raises(ValueError, match="by='series'"):
        result.scores(by=["series"])
