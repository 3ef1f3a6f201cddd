"""The report: what stands in the file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge

from seqest.datasets import load_airline
from seqest.forecasting import (
    Forecaster,
    NaiveForecaster,
    RollingOriginSplit,
    SeasonalNaiveForecaster,
    backtest,
)
from seqest.report import write_report
from seqest.report._words import number

AIRLINE = load_airline()
CV = RollingOriginSplit(6, step=6, n_splits=3)


def forecaster() -> Forecaster:
    return Forecaster(Ridge(1e-3), lags=13, seasonal_period=12, random_state=0)


def numbers_in(page: str) -> Any:
    found = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def text_of(page: str) -> str:
    """Return what is read: without scripts, styles and tags."""
    page = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_it_holds_the_forecast_and_the_backtest(tmp_path: Path) -> None:
    model, path = forecaster().fit(y=AIRLINE), tmp_path / "report.html"
    assert write_report(model, str(path), AIRLINE, steps=6, cv=CV) == path
    page = path.read_text("utf-8")
    told, result = numbers_in(page), model.get_forecast(6)
    assert told["levels"] == ["80", "95"]
    curve = told["curves"][0]
    assert curve["name"] == "passengers"
    assert curve["mean"]["label"] == [f"1961-{k:02d}" for k in range(1, 7)]
    assert curve["mean"]["x"][0] == "1961-01-01 00:00:00"
    np.testing.assert_allclose(curve["mean"]["y"], result.predicted_mean, rtol=1e-6)
    np.testing.assert_allclose(curve["history"]["y"], AIRLINE)
    bounds = result.conf_int(0.05)
    np.testing.assert_allclose(curve["bounds"]["95"]["lower"], bounds["lower"], 1e-6)
    models = {"this model": model, "naive": SeasonalNaiveForecaster(12)}
    tried = backtest(models, AIRLINE, cv=CV, seasonal_period=12)
    scores = tried.scores(["mase", "mae"])
    by_step = tried.scores(["mase"], by=["model", "step"])
    own = next(one for one in told["scores"] if one["own"])
    np.testing.assert_allclose(own["y"], by_step.loc["this model", "mase"], rtol=1e-6)
    text = text_of(page)
    missed = scores.loc["this model", "mae"]
    assert f"it missed what came by {number(missed)} on average" in text
    percent = 100 * (1 - scores.loc["this model", "mase"] / scores.loc["naive", "mase"])
    assert f"{percent:.0f} % less than the seasonal naive forecast" in text
    assert "write_report(Forecaster(" in text
    assert re.search(r"Made \d{4}-.* by seqest .*, numpy .* on Python 3", text)
    assert "regressor__alpha 0.001" in text


def test_it_asks_for_nothing_from_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(forecaster().fit(y=AIRLINE), path, AIRLINE, steps=6, cv=CV)
    page = path.read_text("utf-8")
    assert "default-src 'none'" in page
    without = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    addresses = re.findall(r"(?:src|href)\s*=\s*[\"']?([^\"' >]+)", without)
    assert addresses
    assert all(own.startswith("data:") for own in addresses)
    assert without.count("data:image/svg+xml") == 3


def test_names_cannot_become_code(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script><b>&\u2028"
    y, path = AIRLINE.rename(evil), tmp_path / "report.html"
    model = forecaster().fit(y=y)
    write_report(model, path, y, steps=6, cv=CV, title=evil, command=evil)
    page = path.read_text("utf-8")
    assert "alert(1)</script>" not in page
    assert numbers_in(page)["curves"][0]["name"].startswith("</script>")
    plain = tmp_path / "plain.html"
    write_report(forecaster().fit(y=AIRLINE), plain, AIRLINE, steps=6, cv=CV)
    assert page.count("<script") == plain.read_text("utf-8").count("<script")


def test_series_and_targets_have_curves_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    both = pd.DataFrame({"a": AIRLINE, "b": 2 * AIRLINE})
    panel = pd.concat({"x": both, "y": both + 100}, names=["shop", "month"])
    model, cv = forecaster().fit(y=panel), RollingOriginSplit(3, n_splits=1)
    write_report(model, path, panel, steps=3, cv=cv)
    page = path.read_text("utf-8")
    told = numbers_in(page)
    names = [own["name"] for own in told["curves"]]
    assert names == ["x · a", "x · b", "y · a", "y · b"]
    expected = model.forecast(3).loc["y"]["b"]
    np.testing.assert_allclose(told["curves"][3]["mean"]["y"], expected, rtol=1e-6)
    assert "1 more series are forecast below." in text_of(page)
    assert '<select id="curve">' in page
    write_report(model, path, panel, steps=3, cv=cv, max_series=2)
    page = path.read_text("utf-8")
    assert len(numbers_in(page)["curves"]) == 2
    assert "2 more series have no chart." in page


def test_exogenous_columns_are_known_in_the_backtest_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"price": rng.normal(size=80)})
    y = pd.Series(3 * X["price"] + 0.01 * rng.normal(size=80), name="sold")
    model = Forecaster(Ridge(1e-6), lags=2, power=None, differencing=0, random_state=0)
    path = tmp_path / "report.html"
    model.fit(X[:70], y[:70])
    write_report(model, path, y[:70], X[:70], X_future=X[70:])
    page = path.read_text("utf-8")
    told = numbers_in(page)["curves"][0]
    np.testing.assert_allclose(told["mean"]["y"], y[70:], atol=0.1)
    assert told["mean"]["x"] == list(range(70, 80))
    assert "% less than the naive forecast" in text_of(page)


FLAT = pd.Series(np.full(40, 5.0), pd.period_range("2020-01", periods=40, freq="M"))
HARD: dict[str, tuple[Any, Any, str]] = {
    "constant": (FLAT, NaiveForecaster(), "as it has never been anything else"),
    "short": (AIRLINE[:14], NaiveForecaster(), "There is no backtest: 14 rows"),
    "lags": (AIRLINE[:40], Forecaster(Ridge(), lags=33), "There is no backtest: "),
}


@pytest.mark.parametrize("name", HARD)
def test_what_cannot_be_told_is_said(name: str, tmp_path: Path) -> None:
    y, model, words = HARD[name]
    path = tmp_path / "report.html"
    write_report(model.set_params(random_state=0).fit(y=y), path, y, steps=6)
    assert words in text_of(path.read_text("utf-8"))


def test_it_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, path = NaiveForecaster(random_state=0).fit(y=AIRLINE), tmp_path / "r.html"
    path.write_text("old")

    def fails(*given: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.replace", fails)
    with pytest.raises(OSError, match="the disk is full"):
        write_report(model, path, AIRLINE, steps=2)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    path, naive = tmp_path / "r.html", NaiveForecaster().fit(y=AIRLINE)
    ridge, own = Ridge().fit([[1], [2]], [1, 2]), {"this model": NaiveForecaster()}
    with pytest.raises(NotFittedError):
        write_report(NaiveForecaster(), path, AIRLINE, steps=2)
    with pytest.raises(TypeError, match="a fitted Forecaster or baseline"):
        write_report(ridge, path, AIRLINE, steps=2)
    with pytest.raises(TypeError, match="a Series or DataFrame with dates"):
        write_report(naive, path, AIRLINE.to_numpy(), steps=2)
    with pytest.raises(ValueError, match="another index than the rows"):
        write_report(naive, path, AIRLINE[5:], steps=2)
    with pytest.raises(ValueError, match="none called 'this model'"):
        write_report(naive, path, AIRLINE, steps=2, models=own)
    with pytest.raises(ValueError, match=r"levels=80\): must be in \(0, 1\)"):
        write_report(naive, path, AIRLINE, steps=2, levels=[80])
    assert not path.exists()
