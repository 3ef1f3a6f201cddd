"""Diagnostics of residuals: statistics, levels, and what each test sees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.diagnostic import acorr_ljungbox, het_arch
from statsmodels.stats.stattools import jarque_bera

from seqest.forecasting import residual_diagnostics

Array = NDArray[np.float64]
TESTS = ["mean zero", "Ljung-Box", "ARCH", "Jarque-Bera"]


def by_test(residuals: Any, **parameters: Any) -> pd.DataFrame:
    return residual_diagnostics(residuals, **parameters).set_index("test")


# Its next release returns a named tuple, of which two values are read here.
@pytest.mark.filterwarnings("ignore:acorr_lm currently returns:FutureWarning")
def test_statistics_are_those_of_scipy_and_statsmodels() -> None:
    e = np.random.default_rng(0).standard_t(5, 180) + 0.1
    found = by_test(e, n_lags=7, model_df=2)
    whiteness = acorr_ljungbox(e, lags=[7], model_df=2).iloc[0]
    expected = {
        "mean zero": (*stats.ttest_1samp(e, 0.0), 179),
        "Ljung-Box": (whiteness["lb_stat"], whiteness["lb_pvalue"], 5),
        "ARCH": (*het_arch(e, nlags=7)[:2], 7),
        "Jarque-Bera": (*jarque_bera(e)[:2], 2),
    }
    assert found.index.tolist() == TESTS
    for test, values in expected.items():
        row = found.loc[test, ["statistic", "p_value", "df"]].astype(float)
        # The same sums in another order, or another factorization.
        np.testing.assert_allclose(row, values, rtol=1e-8, err_msg=test)


def test_white_residuals_fail_as_rarely_as_the_level_says() -> None:
    n_cases = 200
    p_values = pd.DataFrame(
        [
            by_test(np.random.default_rng(seed).standard_normal(400), n_lags=10)[
                "p_value"
            ]
            for seed in range(n_cases)
        ]
    )
    tolerance = 3 * np.sqrt(0.05 * 0.95 / n_cases)  # three deviations of a binomial law
    assert ((p_values < 0.05).mean() - 0.05).abs().max() <= tolerance


def arch(rng: np.random.Generator) -> Array:
    e = rng.standard_normal(600)
    for t in range(1, 600):
        e[t] *= np.sqrt(0.4 + 0.6 * e[t - 1] ** 2)
    return e


@pytest.mark.parametrize(
    ("test", "simulate"),
    [
        ("mean zero", lambda rng: rng.standard_normal(600) + 0.5),
        (
            "Ljung-Box",
            lambda rng: np.convolve(rng.standard_normal(601), [1, 0.7], "valid"),
        ),
        ("ARCH", arch),
        ("Jarque-Bera", lambda rng: rng.uniform(-1, 1, 600)),
    ],
)
def test_each_test_sees_what_it_is_for(test: str, simulate: Any) -> None:
    for seed in range(5):
        p_values = by_test(simulate(np.random.default_rng(seed)))["p_value"]
        assert p_values[test] < 1e-6


def test_series_and_outputs_are_judged_one_by_one() -> None:
    rng = np.random.default_rng(1)
    rows = rng.permutation(np.repeat(["a", "b"], [150, 100]))
    e = pd.DataFrame({"flow": rng.standard_normal(250), "heat": rng.random(250)})
    found = residual_diagnostics(e, n_lags=5, groups=rows)
    apart = [
        residual_diagnostics(e.loc[rows == name, [output]].to_numpy(), n_lags=5)
        for name in pd.unique(rows)
        for output in e
    ]
    columns = ["test", "statistic", "df", "p_value"]
    expected = pd.concat(apart, ignore_index=True)[columns]
    pd.testing.assert_frame_equal(found[columns], expected)
    names = [(s, o) for s in pd.unique(rows) for o in e for _ in TESTS]
    assert list(zip(found["series"], found["output"], strict=True)) == names


def test_rows_before_a_hole_say_nothing_of_those_after() -> None:
    rng = np.random.default_rng(2)
    e = arch(rng)[:100]
    holed = pd.Series(e, pd.date_range("2020", periods=101).delete(40))
    table = by_test(holed, n_lags=3)
    squares, lagged = e**2, []
    for t in range(100):
        if 3 <= t < 40 or t >= 43:
            lagged.append([squares[t], 1.0, *squares[t - 3 : t]])
    target, H = np.array(lagged)[:, 0], np.array(lagged)[:, 1:]
    left = target - H @ np.linalg.lstsq(H, target, rcond=None)[0]
    explained = 1 - (left @ left) / ((target - target.mean()) ** 2).sum()
    np.testing.assert_allclose(table.loc["ARCH", "statistic"], len(target) * explained)


def test_unknown_and_discarded_rows_count_nowhere() -> None:
    rng = np.random.default_rng(3)
    e = rng.standard_normal(120)
    started = np.concatenate([100 + rng.random(7), e])
    pd.testing.assert_frame_equal(
        residual_diagnostics(started, discard=7, n_lags=5),
        residual_diagnostics(e, n_lags=5),
    )
    unknown = e.copy()
    unknown[::9] = np.nan
    found = by_test(unknown, n_lags=5)
    known = e[~np.isnan(unknown)]
    assert found.loc["mean zero", "df"] == known.size - 1
    expected = stats.jarque_bera(known).pvalue
    np.testing.assert_allclose(found.loc["Jarque-Bera", "p_value"], expected)


def test_a_series_too_short_or_constant_is_nan_beside_others() -> None:
    rng = np.random.default_rng(4)
    e = np.concatenate(
        [rng.standard_normal(100), np.zeros(50), [0.3], [0.1, -0.4, 0.2]]
    )
    groups = np.repeat(["long", "constant", "one", "three"], [100, 50, 1, 3])
    found = residual_diagnostics(e, groups=groups)
    known = {
        name: set(rows["test"][rows["p_value"].notna()])
        for name, rows in found.groupby("series")
    }
    assert known == {
        "long": set(TESTS),
        "constant": set(),
        "one": set(),
        "three": {"mean zero", "Jarque-Bera"},
    }


@pytest.mark.parametrize(
    ("residuals", "parameters", "words"),
    [
        (np.zeros(50), {}, "residuals.*must be varying"),
        (np.array([0.1, np.inf, 0.3]), {}, "inf"),
        (np.arange(50.0), {"n_lags": 50}, "n_lags=50.*less than 50"),
        (np.arange(50.0), {"discard": 50}, "discard=50"),
        (np.arange(50.0), {"model_df": -1}, "model_df=-1"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_words(
    residuals: Any, parameters: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        residual_diagnostics(residuals, **parameters)
