"""The commands, as they are typed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqest import ESNRegressor
from seqest.cli import main
from seqest.datasets import load_airline
from seqest.forecasting import (
    Forecaster,
    RollingOriginSplit,
    SeasonalNaiveForecaster,
    backtest,
)

AIRLINE = load_airline()
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command, and tells its status and what it wrote."""

    def typed(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(own) for own in arguments])
        written = capsys.readouterr()
        return int(str(ended.value.code or 0)), written.out, written.err

    return typed


@pytest.fixture
def airline(tmp_path: Path) -> Path:
    path = tmp_path / "airline.csv"
    table = AIRLINE.rename_axis("month").reset_index()
    table.to_csv(path, index=False)
    return path


def forecaster() -> Forecaster:
    return Forecaster(ESNRegressor(random_state=0), seasonal_period=12, random_state=0)


def test_a_forecast_is_that_of_the_library(run: Run, airline: Path) -> None:
    status, out, said = run("forecast", airline, "-n", 6, "--interval", 80, 95)
    assert status == 0
    table = pd.read_csv(pd.io.common.StringIO(out))
    result = forecaster().fit(y=AIRLINE).get_forecast(6)
    assert table["month"].tolist() == [f"1961-{k:02d}" for k in range(1, 7)]
    np.testing.assert_allclose(table["forecast"], result.predicted_mean)
    for level in (80, 95):
        bounds = result.conf_int(1 - level / 100)
        np.testing.assert_allclose(table[f"lower_{level}"], bounds["lower"])
        np.testing.assert_allclose(table[f"upper_{level}"], bounds["upper"])
    assert "monthly, a season of 12" in said
    assert run("forecast", airline, "-n", 6, "-q")[1:] == (out, "")


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "json", "jsonl"])
def test_a_forecast_is_written_in_the_form_of_its_name(
    ending: str, run: Run, airline: Path, tmp_path: Path
) -> None:
    path = tmp_path / f"out.{ending}"
    arguments = "forecast", airline, "-n", 3, "-m", "seasonal-naive", "--interval", 0
    assert run(*arguments, "-o", path)[:2] == (0, "")
    read: dict[str, Callable[[Path], pd.DataFrame]] = {
        "csv": pd.read_csv,
        "tsv": lambda own: pd.read_csv(own, sep="\t"),
        "parquet": pd.read_parquet,
        "json": pd.read_json,
        "jsonl": lambda own: pd.read_json(own, lines=True),
    }
    found = read[ending](path)
    assert found.columns.tolist() == ["month", "forecast"]
    np.testing.assert_allclose(found["forecast"], AIRLINE[-12:-9])
    told = json.loads(run(*arguments, "--json")[1])
    assert told["model"] == "seasonal-naive"
    assert (told["frequency"], told["season"]) == ("monthly", 12)
    assert [row["forecast"] for row in told["forecast"]] == AIRLINE[-12:-9].tolist()


def test_pictures_are_drawn(run: Run, airline: Path, tmp_path: Path) -> None:
    for name in ("a.png", "a.svg"):
        path = tmp_path / name
        assert run("forecast", airline, "-n", 3, "--plot", path)[0] == 0
        assert path.stat().st_size > 10_000
    path = tmp_path / "b.png"
    arguments = "backtest", airline, "-n", 3, "--origins", 2, "--interval", 0
    assert run(*arguments, "--plot", path)[0] == 0
    assert path.stat().st_size > 10_000


def test_a_backtest_is_that_of_the_library(
    run: Run, airline: Path, tmp_path: Path
) -> None:
    path = tmp_path / "all.csv"
    status, out, said = run(
        *("backtest", airline, "-n", 6, "--origins", 3, "--step", 2, "-o", path)
    )
    assert status == 0
    table = pd.read_csv(pd.io.common.StringIO(out), index_col="model")
    cv = RollingOriginSplit(6, step=2, n_splits=3)
    models = {"esn": forecaster(), "seasonal-naive": SeasonalNaiveForecaster(12)}
    expected = backtest(models, AIRLINE, cv=cv, seasonal_period=12)
    scores = expected.scores(["mase", "smape"])
    np.testing.assert_allclose(table.loc[scores.index, ["mase", "smape"]], scores)
    assert "coverage_80" in table
    assert "6 rows ahead from 3 times, 1960-02 to 1960-06" in said
    rows = pd.read_csv(path)
    np.testing.assert_allclose(rows["y_pred"], expected.predictions["y_pred"])


def test_all_models_are_compared_and_those_that_fail_left_out(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "short.csv"
    AIRLINE[:30].rename_axis("month").reset_index().to_csv(path, index=False)
    status, out, said = run(
        *("compare", path, "-n", 3, "--origins", 2, "--interval", 0),
        *("--models", "esn,ridge,naive,ets,sarimax"),
    )
    assert status == 0
    table = pd.read_csv(pd.io.common.StringIO(out))
    assert table["mase"].is_monotonic_increasing
    kept = set(table["model"])
    lost = set(re.findall(r"seqest: (\S+) was left out: ", said))
    assert kept | lost == {"esn", "ridge", "naive", "ets", "sarimax"}
    assert {"esn", "naive"} <= kept
    assert lost


def test_what_tuning_finds_can_be_forecast_with(
    run: Run, airline: Path, tmp_path: Path
) -> None:
    path = tmp_path / "best.toml"
    status, out, _ = run(
        *("tune", airline, "-n", 3, "--origins", 2, "-o", path, "-m", "ridge"),
        *("--set", "lags=2", "--set", "detrend=true"),
        *("--search", "grid", "--over", "lags=6,12", "--over", "power=none,log"),
    )
    assert status == 0
    table = pd.read_csv(pd.io.common.StringIO(out))
    assert len(table) == 5  # as it was given, and four
    best = tomllib.loads(path.read_text())
    assert best["model"] == "ridge"
    assert best["season"] == 12
    assert best["parameters"]["detrend"] is True
    assert best["parameters"]["lags"] in (6, 12)
    by_config = run("forecast", airline, "-n", 3, "--config", path)[1]
    by_hand = ["-m", "ridge"]
    for name, value in best["parameters"].items():
        by_hand += ["--set", f"{name}={value}"]
    assert run("forecast", airline, "-n", 3, *by_hand)[1] == by_config
    assert run("forecast", airline, "-n", 3, "-m", "ridge")[1] != by_config
    again = run(*("tune", airline, "-n", 3, "--origins", 2, "--trials", 2))
    assert again[0] == 0
    assert (
        again[1] == run(*("tune", airline, "-n", 3, "--origins", 2, "--trials", 2))[1]
    )


def test_a_saved_model_sees_new_rows(run: Run, airline: Path, tmp_path: Path) -> None:
    rows, model = pd.read_csv(airline), tmp_path / "air.skops"
    first, more = tmp_path / "first.csv", tmp_path / "more.csv"
    rows[:130].to_csv(first, index=False)
    rows[125:].to_csv(more, index=False)
    before = run("forecast", first, "-n", 2, "--save", model)
    assert before[0] == 0
    assert run("forecast", "--load", model, "-n", 2)[1] == before[1]
    status, out, said = run("update", model, more)
    assert (status, out) == (0, "")
    assert "14 new rows were seen" in said
    later = pd.read_csv(
        pd.io.common.StringIO(run("forecast", "--load", model, "-n", 2)[1])
    )
    fitted = forecaster().fit(y=AIRLINE[:130].rename_axis("month"))
    expected = fitted.append(AIRLINE[130:].rename_axis("month")).forecast(2)
    np.testing.assert_allclose(later["forecast"], expected)
    assert later["month"].tolist() == ["1961-01", "1961-02"]
    status, _, said = run("update", model, more)
    assert status == 1
    assert "all of these rows were seen before" in said


def test_types_of_others_in_a_model_are_to_be_trusted(
    run: Run, airline: Path, tmp_path: Path
) -> None:
    model = tmp_path / "trees.skops"
    before = run("forecast", airline, "-n", 2, "-m", "boosting", "--save", model)
    status, _, said = run("forecast", "--load", model, "-n", 2)
    assert status == 1
    assert said.count("\n") == 1
    found = re.findall(r"--trust \S+[^.\s]", said)
    assert found
    trusted = " ".join(found).split()
    assert run("forecast", "--load", model, "-n", 2, *trusted)[1] == before[1]
    model.write_bytes(model.read_bytes()[:200])
    status, _, said = run("forecast", "--load", model, "-n", 2)
    assert (status, said.count("\n")) == (1, 1)


def test_columns_known_ahead_come_from_open_rows_or_a_file(
    run: Run, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    price = rng.normal(size=60)
    y = 3 * price + rng.normal(scale=0.01, size=60)
    days = pd.date_range("2021-01-01", periods=60).strftime("%Y-%m-%d")
    table = pd.DataFrame({"day": days, "sold": y, "price": price})
    open_rows = table.assign(sold=table["sold"].where(table.index < 57))
    whole, learned, ahead = (tmp_path / f"{name}.csv" for name in "abc")
    open_rows.to_csv(whole, index=False)
    table[:57].to_csv(learned, index=False)
    table.loc[57:, ["day", "price"]].to_csv(ahead, index=False)
    end = "--target", "sold", "--exog", "price", "-n", 3, "-m", "ridge", "-q"
    end = *end, "--set", "differencing=0", "--set", "seasonal_differencing=0"
    status, out, _ = run("forecast", whole, *end)
    assert status == 0
    told = pd.read_csv(pd.io.common.StringIO(out))["forecast"]
    np.testing.assert_allclose(told, y[57:], atol=0.5)
    assert run("forecast", learned, "--future", ahead, *end)[1] == out
    status, _, said = run("forecast", learned, *end)
    assert status == 1
    assert "no rows to come that tell price" in said


def test_series_and_targets_are_told_apart(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "panel.csv"
    parts = [
        pd.DataFrame({"shop": shop, "month": AIRLINE.index, "a": own, "b": 2 * own})
        for shop, own in (("x", AIRLINE), ("y", AIRLINE + 50))
    ]
    pd.concat(parts).to_csv(path, index=False)
    end = "--series", "shop", "--target", "a,b", "-m", "seasonal-naive", "-n", 2
    status, out, _ = run("forecast", path, *end, "--interval", 0)
    assert status == 0
    found = pd.read_csv(pd.io.common.StringIO(out))
    assert found.columns.tolist() == ["shop", "month", "target", "forecast"]
    keyed = found.set_index(["target", "shop", "month"])["forecast"]
    assert keyed["b", "y", "1961-01"] == 2 * (AIRLINE.iloc[-12] + 50)
    status, out, _ = run("backtest", path, *end, "--origins", 2, "--by", "series")
    assert status == 0
    assert pd.read_csv(pd.io.common.StringIO(out))["series"].tolist() == ["x", "y"]


MISUSE: dict[str, tuple[list[str], str]] = {
    "no horizon": (["forecast", "DATA"], "Missing option '--horizon'"),
    "no data": (["forecast", "-n", "2"], "forecast needs DATA"),
    "no such model": (
        ["forecast", "DATA", "-n", "2", "-m", "x"],
        "no model 'x'; .*esn",
    ),
    "no such column": (
        ["forecast", "DATA", "-n", "2", "--target", "z"],
        "no column 'z'",
    ),
    "no such option": (["forecast", "DATA", "-n", "2", "--foo"], "No such option"),
    "no such command": (["frcast"], "Did you mean 'forecast'"),
    "no such parameter": (
        ["forecast", "DATA", "-n", "2", "--set", "leak_rate=1"],
        "Did you mean regressor__leak_rate",
    ),
    "no setting": (["forecast", "DATA", "-n", "2", "--set", "lags"], "NAME=VALUE"),
    "horizon": (["forecast", "DATA", "-n", "0"], "--horizon"),
    "percent": (
        ["forecast", "DATA", "-n", "2", "--interval", "x"],
        "percents, not 'x'",
    ),
    "ending": (["forecast", "DATA", "-n", "2", "-o", "a.doc"], "to end in .csv"),
    "picture": (["forecast", "DATA", "-n", "2", "--plot", "a.doc"], "to end in .png"),
    "refit": (["backtest", "DATA", "-n", "2", "--refit", "x"], "always, never or"),
    "groups": (["backtest", "DATA", "-n", "2", "--by", "x"], "--by is model, step"),
    "search": (["tune", "DATA", "-n", "2", "--search", "x"], "grid, random, optuna"),
    "kernels": (["compile-kernels", "x"], "no model 'x'. There are ESNRegressor"),
    "data set": (["datasets", "x"], "no data set 'x'; there are airline"),
    "fill": (["forecast", "DATA", "-n", "2", "--fill", "x"], "linear, forward, zero"),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_told_in_one_line(name: str, run: Run, airline: Path) -> None:
    arguments, words = MISUSE[name]
    given = [str(airline) if own == "DATA" else own for own in arguments]
    status, out, said = run(*given, "-q") if len(given) > 2 else run(*given)
    assert (status, out) == (2, "")
    assert said.count("\n") == 1
    assert re.match(f"seqest: .*{words}.* See seqest.* --help", said)


ERRORS: dict[str, tuple[str, list[str], str]] = {
    "gap": ("day,y\n2021-01-01,1\n2021-01-02,2\n2021-01-04,3\n", [], "--fill linear"),
    "hole": ("day,y\n2021-01-01,1\n2021-01-02,\n2021-01-03,3\n", [], "--fill linear"),
    "short": ("day,y\n2021-01-01,1\n", [], "too few"),
    "empty": ("", [], "data.csv is empty"),
    "parameter": (
        "day,y\n" + "".join(f"2021-01-{k:02d},{k % 7}\n" for k in range(1, 30)),
        ["--set", "regressor__leak_rate=3"],
        r"leak_rate=3\): must be in",
    ),
    "folder": (
        "day,y\n2021-01-01,1\n2021-01-02,2\n",
        ["-m", "naive", "-o", "/none/x.csv"],
        "/none/x.csv cannot be written: there is no such folder",
    ),
    "model": ("", ["--load", "/none/x.skops"], "there is no file '/none/x.skops'"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_told_in_one_line(name: str, run: Run, tmp_path: Path) -> None:
    content, more, words = ERRORS[name]
    path = tmp_path / "data.csv"
    path.write_text(content)
    given = [] if "--load" in more else [path]
    status, out, said = run("forecast", *given, "-n", 2, "-q", *more)
    assert (status, out) == (1, "")
    assert said.count("\n") == 1
    assert re.search(words, said)


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    run: Run, airline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def fails(*given: Any, **more: Any) -> None:
        raise OSError(28, "No space left on device", "out.csv")

    monkeypatch.setattr("os.replace", fails)
    status, _, said = run("forecast", airline, "-n", 2, "-m", "naive", "-o", path)
    assert status == 1
    assert said.splitlines()[-1] == (
        "seqest: 'out.csv' cannot be used: No space left on device."
    )
    assert path.read_bytes() == b"old"
    assert sorted(own.name for own in tmp_path.iterdir()) == ["airline.csv", "out.csv"]


def test_data_sets_are_listed_and_written(run: Run, tmp_path: Path) -> None:
    assert "sunspots" in run("datasets")[1]
    path = tmp_path / "co2.csv"
    assert run("datasets", "co2", "-o", path)[0] == 0
    assert len(pd.read_csv(path)) == 2284
    assert run("datasets", "airline")[1].startswith("time,passengers\n1949-01,112.0\n")


def test_kernels_are_compiled_ahead(run: Run) -> None:
    said = "compiled, after \\d+.\\d s: GammaMemory, Forecaster\n"
    status, out, err = run("compile-kernels", "GammaMemory", "Forecaster")
    assert (status, out) == (0, "")
    assert re.fullmatch(said, err)
    assert run("compile-kernels", "GammaMemory", "-q")[1:] == ("", "")


def test_who_waits_for_a_compiler_is_told_once(airline: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "seqest", "forecast", str(airline), "-n", "2"]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    for times in (1, 0):
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        )
        assert ended.stderr.count("compiling for the first time") == times


def test_the_program_is_a_module_too_and_reads_a_pipe() -> None:
    text = AIRLINE.rename_axis("month").to_csv()
    command = [sys.executable, "-m", "seqest"]
    for end, status in ((["-n", "2"], 0), (["-n", "x"], 2), (["--fill", "x"], 2)):
        ended = subprocess.run(
            [*command, "forecast", "-", "-m", "drift", *end],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == status
        assert "Traceback" not in ended.stderr
    version = subprocess.run([*command, "--version"], capture_output=True, check=True)
    assert re.fullmatch(rb"seqest \d+\.\d+.*\s*", version.stdout)
