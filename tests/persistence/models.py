"""Models that are saved, and what each is asked: ``python -m tests.persistence.models``
asks those that it finds in a folder.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import seqest
from seqest import DelayKernels, ESNRegressor, GammaMemory, LSTMRegressor
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
)
from seqest.metrics import nrmse
from seqest.readouts import LeastMeanSquares, RecursiveLeastSquares
from seqest.reservoirs.topologies import ring_with_jumps
from tests.contracts.tables.estimators import TABLE

Array = NDArray[Any]
TREES = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
N_STEPS = 4


@dataclass(frozen=True)
class Case:
    """A model and its questions.

    Parameters
    ----------
    fitted : callable
        Returns the fitted model.
    asked : callable
        Takes it and returns arrays; it may change it.
    trusted : tuple of str
        What a user must trust to load it.
    """

    fitted: Callable[[], Any]
    asked: Callable[[Any], list[Any]]
    trusted: tuple[str, ...] = ()


def rows() -> tuple[Array, Array]:
    """Return two inputs and a target that remembers one of them."""
    X = np.random.default_rng(0).uniform(-1, 1, (120, 2))
    return X, np.roll(X[:, 0], 1) + X[:, 1] ** 2


def along(model: Any) -> list[Any]:
    """Ask for answers along rows, with states, and learn on where that is possible."""
    X, y = rows()
    answer = getattr(model, "predict", None) or model.transform
    found = [answer(X), answer(X[::-1]), answer(3 * X[:1])]
    if hasattr(model, "initial_state") and not getattr(model, "bidirectional", False):
        last, state = answer(X[7:50], return_state=True)
        found += [last, *state.values.values(), answer(X[50:], initial_state=state)]
    batch = isinstance(getattr(model, "readout", None), Ridge)
    batch = batch or getattr(model, "solver", None) == "lbfgs"
    if hasattr(model, "partial_fit") and not batch:
        found.append(answer(X) if model.partial_fit(X, y) is model else None)
    return found


def sequence(estimator: Any) -> Case:
    return Case(lambda: estimator.fit(*rows()), along)


def series(index: Any, n_targets: int = 0) -> Any:
    """Return a wave on a slope, or several of them."""
    t = np.arange(len(index))
    rng = np.random.default_rng(0)
    waves = [
        20 + t / 10 + 3 * np.sin(2 * np.pi * t / 12 + k) + rng.normal(size=len(t))
        for k in range(max(1, n_targets))
    ]
    if not n_targets:
        return pd.Series(waves[0], index, name="sales")
    return pd.DataFrame(np.column_stack(waves), index, columns=list("ab")[:n_targets])


def columns(index: Any) -> pd.DataFrame:
    t = np.arange(len(index))
    return pd.DataFrame({"price": np.cos(t / 3.0), 7: t % 5.0}, index)


def labels(index: Any) -> list[Any]:
    freq = getattr(index, "freqstr", "")
    return [np.array([str(label) for label in index]), np.array([str(freq)])]


def ahead(model: Any, X: Any = None) -> list[Any]:
    """Ask for forecasts with their labels, for intervals, and after more rows."""
    told = model.forecast(N_STEPS, X)
    found = [told.to_numpy(), *labels(told.index), model.residuals_.to_numpy()]
    found.append(model.predict(pd.DataFrame(index=told.index) if X is None else X))
    sure = model.get_forecast(N_STEPS, X, n_paths=50)
    found += [sure.conf_int().to_numpy(), sure.paths]
    for refit in (False, True):
        later = model.append(told + 1.0, X, refit=refit)
        if X is None:
            found += [later.forecast(2).to_numpy(), *labels(later.forecast(2).index)]
    return found


def dated(model: Any, index: Any, n_targets: int = 0, trusted: Any = ()) -> Case:
    return Case(lambda: model.fit(y=series(index, n_targets)), ahead, trusted)


def with_columns(model: Any) -> Case:
    """Return a model that sees columns, of which one may not be known ahead."""
    index = pd.date_range("2020-01-05", periods=70 + N_STEPS, freq="W")
    X = columns(index)
    known = X.drop(columns="price") if getattr(model, "past_columns", None) else X
    return Case(
        lambda: model.fit(X[:70], series(index)[:70]),
        lambda fitted: [
            fitted.forecast(N_STEPS, known[70:]).to_numpy(),
            fitted.get_forecast(N_STEPS, known[70:], n_paths=20).paths,
            fitted.append(series(index)[70:72], X[70:72])
            .forecast(2, known[72:])
            .to_numpy(),
        ],
    )


def panel(*ids: Any) -> pd.MultiIndex:
    """Return months of several series, of which one begins later."""
    months = pd.date_range("2019-01-01", periods=48, freq="MS")
    own = [
        (*(name if isinstance(name, tuple) else (name,)), month)
        for k, name in enumerate(ids)
        for month in months[3 * k :]
    ]
    names = [f"level {k}" for k in range(len(own[0]) - 1)]
    return pd.MultiIndex.from_tuples(own, names=[*names, "month"])


def appended() -> Any:
    """Return a forecaster that has seen more rows than it has learned from."""
    y = series(pd.date_range("2020-01-01", periods=72, freq="MS"))
    return Forecaster(Ridge(), random_state=0).fit(y=y[:60]).append(y[60:])


def searched() -> Any:
    grid = {"esnregressor__leak_rate": [0.3, 0.5]}
    model = make_pipeline(StandardScaler(), ESNRegressor(20, random_state=0))
    return GridSearchCV(model, grid, cv=TimeSeriesSplit(2)).fit(*rows())


def searched_ahead(scoring: Any) -> Any:
    y = series(pd.period_range("2020-01", periods=60, freq="M"))
    search = GridSearchCV(
        Forecaster(Ridge(), random_state=0),
        {"lags": [2, [1, 12], None], "regressor": [Ridge(0.1), Ridge(1.0)]},
        cv=RollingOriginSplit(N_STEPS, n_splits=2),
        scoring=scoring,
    )
    return search.fit(pd.DataFrame(index=y.index), y)


def of_best(search: Any) -> list[Any]:
    scores = pd.DataFrame(search.cv_results_)["mean_test_score"].to_numpy()
    return [scores, *ahead(search.best_estimator_)]


MONTHS = pd.period_range("2015-01", periods=72, freq="M")
DAYS = pd.date_range("2021-03-01", periods=70, tz="Europe/Berlin", name="day")
HOURS = pd.date_range("2021-01-01", periods=70, freq="h", tz="+01:00", unit="s")
QUARTERS = pd.date_range("2000-01-01", periods=60, freq=pd.DateOffset(months=3))
COUNTS = pd.RangeIndex(5, 145, 2, name="n")
WORKDAYS = pd.date_range(
    "2021-12-01",
    periods=60,
    freq=pd.offsets.CustomBusinessDay(holidays=["2022-01-03"]),
)
ESN = ESNRegressor(20, random_state=0)

CASES: dict[str, Case] = {
    name: Case(
        partial(lambda case: case.make(random_state=0).fit(*rows()), case),
        along,
        ("tests.contracts.tables.estimators.RandomFeatures",),
    )
    for name, case in TABLE.items()
} | {
    "TappedDelayLine": sequence(seqest.TappedDelayLine([0, 2])),
    "GammaMemory": sequence(GammaMemory(2)),
    "DelayKernels": sequence(DelayKernels(np.ones((2, 3)) / 3)),
    "RecursiveLeastSquares": sequence(RecursiveLeastSquares()),
    "LeastMeanSquares": sequence(LeastMeanSquares()),
    "ESN of a topology": sequence(
        ESNRegressor(
            20, topology=partial(ring_with_jumps, jump_length=3), random_state=0
        )
    ),
    "ESN, regressor": sequence(ESNRegressor(20, readout=Ridge(0.1), random_state=0)),
    "LSTM, L-BFGS": sequence(LSTMRegressor(3, solver="lbfgs", random_state=0)),
    "pipeline": Case(
        lambda: make_pipeline(FunctionTransformer(np.arctan), ESN).fit(*rows()),
        lambda model: [model.predict(rows()[0])],
    ),
    "search": Case(searched, lambda model: [model.predict(rows()[0])]),
    "search of forecasts": Case(
        lambda: searched_ahead("neg_mean_absolute_error"), of_best
    ),
    "search by our score": Case(
        lambda: searched_ahead(make_scorer(nrmse, greater_is_better=False)), of_best
    ),
    "Forecaster": dated(Forecaster(seasonal_period=12, random_state=0), MONTHS),
    "Forecaster, zone": dated(
        Forecaster(ESN, calendar=["day_of_week", "month"], random_state=0), DAYS
    ),
    "Forecaster, offset zone": dated(Forecaster(Ridge(), random_state=0), HOURS),
    "Forecaster, offset": dated(Forecaster(Ridge(), random_state=0), QUARTERS),
    "Forecaster, workdays": dated(Forecaster(Ridge(), random_state=0), WORKDAYS),
    "Forecaster, counts": dated(
        Forecaster(Ridge(), strategy="direct", horizon=N_STEPS, random_state=0), COUNTS
    ),
    "Forecaster, two targets": dated(
        Forecaster(ESN, detrend=True, power="log", random_state=0), MONTHS, 2
    ),
    "Forecaster, transforms": dated(
        Forecaster(
            Ridge(),
            lags=3,
            differencing=1,
            seasonal_differencing=1,
            seasonal_period=12,
            fourier={6: 2},
            random_state=0,
        ),
        MONTHS,
    ),
    "Forecaster, panel": dated(
        Forecaster(ESN, random_state=np.random.RandomState(0)), panel("x", 3, "y")
    ),
    "Forecaster, deep panel": dated(
        Forecaster(Ridge(), random_state=0), panel(("x", 1), ("x", 2)), 2
    ),
    "Forecaster, LSTM": dated(
        Forecaster(LSTMRegressor(3, max_iter=3, random_state=0), random_state=0), MONTHS
    ),
    "Forecaster, trees": Case(  # asked for little: their threads are slow beside others
        lambda: Forecaster(HistGradientBoostingRegressor(max_iter=2)).fit(
            y=series(MONTHS)
        ),
        lambda model: [model.forecast(N_STEPS).to_numpy()],
        (TREES,),
    ),
    "Forecaster, pipeline": dated(
        Forecaster(make_pipeline(StandardScaler(), Ridge()), random_state=0), MONTHS
    ),
    "Forecaster, columns": with_columns(Forecaster(ESN, random_state=0)),
    "Forecaster, past columns": with_columns(
        Forecaster(Ridge(), past_columns="price", random_state=0)
    ),
    "Forecaster, appended": Case(appended, ahead),
    "NaiveForecaster": dated(NaiveForecaster(random_state=0), DAYS),
    "SeasonalNaiveForecaster": dated(
        SeasonalNaiveForecaster(12, random_state=0), MONTHS
    ),
    "DriftForecaster": dated(DriftForecaster(random_state=0), panel("x", "y")),
    "AutoRegForecaster": dated(AutoRegForecaster([1, 12], random_state=0), MONTHS),
    "AutoRegForecaster, columns": with_columns(AutoRegForecaster(2, random_state=0)),
    "ETSForecaster": dated(
        ETSForecaster(trend="add", seasonal="add", seasonal_period=12, random_state=0),
        MONTHS,
    ),
    "SARIMAXForecaster": dated(SARIMAXForecaster((1, 1, 1), random_state=0), MONTHS),
    "SARIMAXForecaster, columns": with_columns(SARIMAXForecaster(random_state=0)),
    "ThetaForecaster": dated(ThetaForecaster(12, random_state=0), MONTHS),
}


def fitted(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # short for speed
        return CASES[name].fitted()


def asked(name: str, model: Any) -> dict[str, Array]:
    """Return the answers by their number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", ".*the free run left", RuntimeWarning)
        return {str(k): np.asarray(v) for k, v in enumerate(CASES[name].asked(model))}


def answer_all(folder: Path) -> None:
    """Load the model of each case from a folder and put its answers beside it."""
    warnings.simplefilter("error")
    for number, (name, case) in enumerate(CASES.items()):
        model = seqest.load(folder / f"{number}.skops", trusted=case.trusted)
        np.savez(folder / f"{number}.npz", **asked(name, model))


if __name__ == "__main__":
    answer_all(Path(sys.argv[1]))
