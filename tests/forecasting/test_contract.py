"""Forecaster and baselines are scikit-learn regressors, but for what time forbids."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from seqest.forecasting import (
    AutoRegForecaster,
    DriftForecaster,
    ETSForecaster,
    Forecaster,
    NaiveForecaster,
    SARIMAXForecaster,
    SeasonalNaiveForecaster,
    ThetaForecaster,
)

ALWAYS = {
    "check_estimators_empty_data_messages": "there may be no exogenous column",
    "check_regressor_data_not_an_array": "rows of an array follow the training rows, "
    "those of a frame may be training rows, the first of which nothing tells",
}
ORDER = dict.fromkeys(
    ("check_methods_sample_order_invariance", "check_methods_subset_invariance"),
    "what is forecast for a row depends on how many rows lie before it",
)
WEIGHTS = {
    "check_sample_weight_equivalence_on_dense_data": "a row that is left out or "
    "repeated changes what the rows after it see"
}
MANY_COLUMNS = {
    "check_regressor_multioutput": "least squares needs more rows than columns"
}


def expected(estimator: Any) -> dict[str, str]:
    if isinstance(estimator, Forecaster):
        return {**ALWAYS, **ORDER, **WEIGHTS}
    if isinstance(estimator, AutoRegForecaster):
        return {**ALWAYS, **ORDER, **MANY_COLUMNS}
    if isinstance(estimator, DriftForecaster | SARIMAXForecaster | ThetaForecaster):
        return {**ALWAYS, **ORDER}
    return ALWAYS  # the same is forecast for all rows


@parametrize_with_checks(
    [
        Forecaster(),
        Forecaster(Ridge(), lags=1, differencing=0),
        NaiveForecaster(),
        SeasonalNaiveForecaster(1),
        DriftForecaster(),
        AutoRegForecaster(1),
        ETSForecaster(),
        SARIMAXForecaster(),
        ThetaForecaster(),
    ],
    expected_failed_checks=expected,
    xfail_strict=True,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:.*the free run left the range:RuntimeWarning")
def test_scikit_learn_is_content(estimator: Any, check: Any) -> None:
    check(estimator)
