"""Every example runs, draws its picture, and prints what its text says."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import image
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from seqest import ESNRegressor
from seqest.datasets import (
    load_airline,
    load_co2,
    load_gas_furnace,
    load_sunspots,
    narma,
    nonlinear_channel,
)
from seqest.forecasting import Forecaster

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE = 500.0  # seconds: a fresh process may compile, on cores that others use


def ran(name: str, folder: Path, *argument: str) -> subprocess.CompletedProcess[str]:
    """Run an example in a folder, warnings as errors."""
    # The matrices are small: threads of BLAS would only wait for each other.
    settings = {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / f"plot_{name}.py", *argument],
        env={**os.environ, **settings},
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def printed_by(name: str, folder: Path, *argument: str) -> list[list[str]]:
    """Run an example and return the words of what it prints.

    Its last argument, "output" by default, is where the picture goes.
    """
    done = ran(name, folder, *argument)
    assert done.returncode == 0, done.stderr
    picture = folder.joinpath(*argument[-1:] or ["output"]) / f"{name}.png"
    assert [path for path in folder.rglob("*") if path.is_file()] == [picture]
    assert_shows_data(picture)
    return [line.split() for line in done.stdout.splitlines()]


def assert_shows_data(picture: Path) -> None:
    pixels = image.imread(picture)[..., :3]
    assert min(pixels.shape[:2]) >= 500
    # Axes and words are grey; what is coloured are lines, bands and meshes.
    coloured = np.ptp(pixels, axis=2) > 0.2
    assert np.mean(coloured) > 0.01


def test_every_example_has_a_test_here() -> None:
    names = [path.stem.removeprefix("plot_") for path in EXAMPLES.glob("plot_*.py")]
    assert names
    for name in names:
        assert f"test_{name}_" in Path(__file__).read_text(encoding="utf-8")


def test_sunspots_scores_three_methods_on_the_same_years(tmp_path: Path) -> None:
    title, _, *rows = printed_by("sunspots", tmp_path)
    assert {"1859", "2008,"} <= set(title)
    rmse = {" ".join(row[:-2]): float(row[-2]) for row in rows}
    nmse = {" ".join(row[:-2]): float(row[-1]) for row in rows}
    seeds = [f"ESN, seed {seed}" for seed in range(5)]
    assert list(rmse) == ["naive", "AR(12)", *seeds, "ESN, mean of 5"]

    sunspots = load_sunspots().to_numpy()
    measured = sunspots[-150:]
    # The table is rounded to one digit: by 0.05 at most.
    for name, predicted in linear_rivals().items():
        expected = np.sqrt(np.mean((predicted - measured) ** 2))
        np.testing.assert_allclose(rmse[name], expected, atol=0.06)
    # Rounding moves 26.8² / variance by 0.0014, and the NMSE itself by 0.0005.
    expected = np.square(list(rmse.values())) / measured.var()
    np.testing.assert_allclose(list(nmse.values()), expected, atol=0.002)
    assert rmse["ESN, mean of 5"] < rmse["AR(12)"] < rmse["naive"]


def linear_rivals() -> dict[str, NDArray[np.float64]]:
    """Return the last 150 years as the year before, and by least squares on twelve."""
    sunspots = load_sunspots().to_numpy()
    root = np.sqrt(sunspots)
    lags = np.lib.stride_tricks.sliding_window_view(root, 12)[:-1]
    lags, target = np.column_stack([np.ones(len(lags)), lags]), root[12:]
    predicted = []
    for start in range(len(target) - 150, len(target), 30):
        weights = np.linalg.lstsq(lags[:start], target[:start], rcond=None)[0]
        predicted.append((lags[start : start + 30] @ weights) ** 2)
    return {"naive": sunspots[-151:-1], "AR(12)": np.concatenate(predicted)}


def test_mackey_glass_follows_the_true_course_for_many_delays(tmp_path: Path) -> None:
    _, *rows = printed_by("mackey_glass", tmp_path, "pictures")
    assert len(rows) == 5
    medians = [float(row[2]) for row in rows]
    # The series swings once in about 50; the medians come out between 767 and 994.
    assert min(medians) > 400


def test_memory_capacity_is_full_where_the_past_only_moves_on(tmp_path: Path) -> None:
    _, *rows = printed_by("memory_capacity", tmp_path, "pictures")
    capacity = {" ".join(row[:-3]): float(row[-3]) for row in rows}
    # One of 100 units holds the present; chance adds 100 delays / 5000 rows.
    for name in ("delay line", "ring"):
        np.testing.assert_allclose(capacity[name], 99.02, atol=0.1)
    assert 95 < capacity["orthogonal"] < 99.2
    assert capacity["random, leaky"] < capacity["random"] < 60


def test_dynamics_forgets_later_with_radius_and_sooner_with_input(
    tmp_path: Path,
) -> None:
    _, strengths, *rows = printed_by("dynamics", tmp_path, "pictures")
    assert strengths[1:] == ["0.1", "0.5", "2.0"]
    times = np.array([row[1:] for row in rows[:-4]], float)
    radii = np.array([row[0] for row in rows[:-4]], float)
    assert np.all(times[1:] >= times[:-1])
    assert np.all(times[:, 1:] <= times[:, :-1])
    assert np.isfinite(times[radii <= 1]).all()
    assert np.isinf(times[radii == 1.5, 0]).all()
    assert np.isfinite(times[radii == 1.5, 2]).all()
    few, some, most = (float(row[-1]) for row in rows[-3:])
    assert few <= some < 0.1
    assert most > 0.5


def test_pattern_generator_returns_to_its_orbit_not_to_its_timing(
    tmp_path: Path,
) -> None:
    _, *rows = printed_by("pattern_generator", tmp_path, "pictures")
    before, after, later, apart = (float(row[-1]) for row in rows)
    assert max(before, later) < 0.01
    assert min(after, apart) > 0.3


def test_gradient_flow_is_the_power_of_the_eigenvalues(tmp_path: Path) -> None:
    lines = printed_by("gradient_flow", tmp_path)
    norms = {" ".join(line[:-4]).rstrip(":"): float(line[-4]) for line in lines}
    for size in (0.9, 1.0, 1.1):
        # Two digits are printed.
        np.testing.assert_allclose(
            norms[f"linear, |λ| = {size:g}"], size**60, rtol=0.05
        )
    assert norms["LSTM, forget bias 5"] > 100 * norms["LSTM, forget bias 1"]


def test_jordan_plan_is_played_on_its_own(tmp_path: Path) -> None:
    lines = printed_by("jordan_plan", tmp_path)
    errors = [float(line[3]) for line in lines]
    # The shapes are 2 wide.
    assert len(errors) == 3
    assert max(errors) < 0.2


def test_update_rules_end_where_the_text_says(tmp_path: Path) -> None:
    lines = printed_by("update_rules", tmp_path)
    ends = {" ".join(line[:-4]).rstrip(":"): float(line[-4]) for line in lines}
    hollow, momentum = (
        ends[f"a local minimum, {rule}"] for rule in ("sgd", "momentum")
    )
    assert momentum < hollow - 0.3
    assert ends["a plateau, sgd"] > 0.9
    assert ends["a plateau, adam"] < 0.1


def test_displays_show_what_learned(tmp_path: Path) -> None:
    radius, error, elman, lstm, best = printed_by("displays", tmp_path, "pictures")
    assert radius[-1] == "0.90"
    assert 0 < float(error[-1]) < 1e-3
    for first, last in (elman[1:], lstm[1:]):
        assert float(last) < 0.02 * float(first)
    assert best[1] == "1e-08"


def test_adding_problem_is_solved_with_gates_and_not_without(tmp_path: Path) -> None:
    head, *rows = printed_by("adding_problem", tmp_path)
    error = {" ".join(row[:-1]).rstrip(":"): float(row[-1]) for row in rows}
    of_the_mean = float(head[-1])
    assert error["Elman"] > 0.8 * of_the_mean
    assert error["LSTM, forget bias 4"] < 0.2 * of_the_mean


def test_deep_lstm_beats_the_year_before(tmp_path: Path) -> None:
    _, (_, naive), *rows = printed_by("deep_lstm", tmp_path)
    assert len(rows) == 2
    for row in rows:
        each, mean = float(row[2]), float(row[4])
        assert mean <= each < 0.8 * float(naive)


def test_gas_furnace_runs_as_a_linear_one_until_something_else_moves_it(
    tmp_path: Path,
) -> None:
    suggested, _, _, *errors, _, learned, later = printed_by("gas_furnace", tmp_path)
    assert "".join(suggested).endswith("(input_delays=[3],output_delays=[1,2])")
    error = {name.rstrip(":"): np.array(two, float) for name, *two in errors}
    # Three digits are printed one step ahead, two of the free run.
    np.testing.assert_allclose(error["ARX"], furnace_by_least_squares(), atol=0.006)
    np.testing.assert_allclose(error["NARX"], error["ARX"], rtol=0.1)
    p_values = [
        {test: float(p.rstrip(",")) for test, p in zip(*2 * [iter(words)], strict=True)}
        for words in (learned[1:], later[1:])
    ]
    assert len(p_values[0]) == 5
    assert min(p_values[0].values()) > 0.05
    assert p_values[1]["e-e"] < 1e-6


def furnace_by_least_squares() -> tuple[float, float]:
    """Return the mean squared errors of ARX, one step ahead and running freely."""
    u, y = load_gas_furnace().to_numpy().T
    rows = np.column_stack([np.ones(293), u[:-3], y[2:-1], y[1:-2]])  # of row 3 on
    weights = np.linalg.lstsq(rows[:197], y[3:200], rcond=None)[0]
    run = y[:200].tolist()
    for t in range(200, 296):
        run.append(weights @ [1, u[t - 3], run[t - 1], run[t - 2]])
    ahead = rows[197:] @ weights
    free = np.array(run[200:])
    return np.mean((ahead - y[200:]) ** 2), np.mean((free - y[200:]) ** 2)


def test_silverbox_learns_a_circuit_that_is_simulated(tmp_path: Path) -> None:
    noise, path = 0.2, tmp_path / "circuit.csv"  # mV
    table = stiffening_circuit(1e-3 * noise)
    np.savetxt(path, table, "%.7g,%.7g,", header='"V1","V2",', comments="")
    (folder := tmp_path / "run").mkdir()
    _, *rows = printed_by("silverbox", folder, str(path), "pictures")
    error = {" ".join(row[:-2]).rstrip(":"): float(row[-2]) for row in rows}
    deviation = float(rows[0][-1])
    np.testing.assert_allclose(deviation, 1e3 * table[105_712:127_400, 1].std(), atol=1)
    # No run is nearer to what is measured than the circuit without its noise; the best
    # linear one misses a sixth of the deviation.
    assert noise < error["multisine"] < 0.05 * deviation
    assert noise < error["arrow without its tip"] < error["arrow"]


def stiffening_circuit(noise: float) -> NDArray[np.float64]:
    """Return input and output, in volts, in the rows of Silverbox."""
    rng = np.random.default_rng(0)
    u = 0.04 * rng.standard_normal(127_400)
    u[:40_575] = np.linspace(0, 0.07, 40_575) * rng.standard_normal(40_575)
    y = [0.0, 0.0]
    for before in u[1:-1].tolist():
        y.append(1.5 * y[-1] - 0.9 * y[-2] - 3 * y[-1] ** 3 + 0.4 * before)
    return np.column_stack([u, y + noise * rng.standard_normal(u.size)])


def test_silverbox_without_its_file_says_what_it_needs(tmp_path: Path) -> None:
    for argument in ([], ["missing.csv"]):
        done = ran("silverbox", tmp_path, *argument)
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = done.stderr.splitlines()
        assert "needs the path of SNLS80mV.csv" in line
    assert not list(tmp_path.iterdir())


def test_impulse_response_of_a_tap_goes_on_and_that_of_thirty_ends(
    tmp_path: Path,
) -> None:
    _, _, (_, _, *minutes), *rows = printed_by("impulse_response", tmp_path)
    later = np.array(minutes, int)
    left = {name: np.array(values, float) for name, *values in rows}
    # At its mean level of 100 cm the tank keeps 1 - 0.25 / √100 of what it holds; that
    # it varies by 13 cm lengthens the memory: by 4 % after 200 minutes.
    np.testing.assert_allclose(left["tank"], 10 * 0.975**later, rtol=0.1)
    # Three decimals are printed, which is 1 % of what is left in the end.
    np.testing.assert_allclose(left["NARX"], left["tank"], rtol=0.05, atol=0.001)
    assert np.all(left["TDNN"][later < 30] > 3)
    assert np.all(left["TDNN"][later >= 30] == 0)


def test_tracking_with_narx_leads_where_a_linear_model_loses_the_angle(
    tmp_path: Path,
) -> None:
    _, *rows = printed_by("tracking", tmp_path)
    misses = {name.rstrip(":"): np.array(two, float) for name, *two in rows}
    # The reference goes through 170 degrees in 1.5 seconds; half a degree is missed.
    assert misses["NARX"][0] < 1
    assert np.all(misses["NARX"] < misses["linear"] / 4)


def test_co2_forecast_scores_three_methods_and_their_intervals(tmp_path: Path) -> None:
    _, *rows = printed_by("co2_forecast", tmp_path)
    scores = {name: np.array(values, float) for name, *values in rows}
    assert list(scores) == ["ESN", "smoothing", "naive"]
    # Three digits are printed.
    np.testing.assert_allclose(scores["naive"][:2], co2_by_year_before(), atol=6e-4)
    # 180 months of 15 years count as some dozens that are independent: a share of
    # 0.8 is known to 0.06, one of 0.95 to 0.03, and these are two deviations.
    for name in ("ESN", "smoothing"):
        assert np.all(scores[name][[0, 1, 4]] < scores["naive"][[0, 1, 4]] / 2)
        np.testing.assert_allclose(scores[name][2], 0.8, atol=0.12)
        np.testing.assert_allclose(scores[name][3], 0.95, atol=0.06)


def co2_by_year_before() -> tuple[float, float]:
    """Return MASE and sMAPE of the months of a year as those of the year before."""
    weeks = load_co2()
    y = weeks.groupby(weeks.index.to_period("M")).mean().interpolate().to_numpy()
    scaled, relative = [], []
    for origin in range(len(y) - 15 * 12, len(y), 12):
        told, came = y[origin - 12 : origin], y[origin : origin + 12]
        scale = np.abs(y[12:origin] - y[: origin - 12]).mean()
        scaled.append(np.abs(told - came) / scale)
        relative.append(200 * np.abs(told - came) / (told + came))
    return np.mean(scaled), np.mean(relative)


def test_drug_sales_are_told_by_a_column_that_is_their_mean(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    table = sales_with_columns()
    table.to_csv(path)
    (folder := tmp_path / "run").mkdir()
    mean, chance, _, *rows = printed_by("drug_sales", folder, str(path), "pictures")
    # Three digits are printed.
    for line, name in ((mean, "exog_1"), (chance, "exog_2")):
        expected = variance_in_lags(table[name].to_numpy(), table["y"].to_numpy())
        np.testing.assert_allclose(float(line[1]), expected, atol=6e-4)
    assert float(mean[1]) == 1
    mase = {" ".join(row[:-2]).rstrip(":"): float(row[-2]) for row in rows}
    assert len(mase) == 7
    # Nobody can tell the noise, but from a mean that holds it.
    known, alone = mase["levels, known ahead"], mase["levels, no columns"]
    assert known < 0.8 * alone
    assert known < 0.8 * mase["levels, past columns"]


def sales_with_columns() -> pd.DataFrame:
    """Return sales with a season, their moving mean, and a column of chance."""
    rng, n_months = np.random.default_rng(0), 195
    months = pd.date_range("1992-04-01", periods=n_months, freq="MS", name="fecha")
    before = 9  # months that the first mean needs
    season = 0.2 * np.sin(2 * np.pi * np.arange(-before, n_months) / 12)
    y = 1 + season + 0.1 * rng.standard_normal(n_months + before)
    mean = np.convolve(y, np.full(10, 0.1), "valid")
    columns = {"y": y[before:], "exog_1": mean + 0.5, "exog_2": rng.random(n_months)}
    return pd.DataFrame(columns, months)


def variance_in_lags(column: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the share of a column's variance that this and nine past rows tell."""
    lags = np.lib.stride_tricks.sliding_window_view(y, 10)
    lags, column = np.column_stack([np.ones(len(lags)), lags]), column[9:]
    left = column - lags @ np.linalg.lstsq(lags, column, rcond=None)[0]
    return 1 - left.var() / column.var()


def test_item_sales_are_nearer_together_than_the_week_before(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    items = items_with_weeks()
    rows = [sales.rename_axis("timestamp").reset_index() for sales in items.values()]
    table = pd.concat(rows, keys=items, names=["series_id"])
    table.droplevel(1).to_csv(path)
    (folder := tmp_path / "run").mkdir()
    lines = printed_by("item_sales", folder, str(path), "pictures")
    items["c"] = items["c"]["2016-10-19":]  # after its gap
    for (name, n_days, *_, missing, _), item in zip(lines, items, strict=False):
        assert (name.rstrip(":"), int(n_days)) == (item, len(items[item]))
        assert int(missing) == (145 if item == "c" else 0)
    scores = {name: np.array(values, int) for name, *values in lines[6:10]}
    for item, sales in items.items():
        together, naive, n_origins = scores[item]
        expected, count = two_weeks_by_week_before(sales)
        np.testing.assert_allclose(naive, expected, atol=0.51)  # printed without digits
        assert n_origins == count
        # Noise misses by itself and, in the week before, by its root of two.
        assert naive / 1.6 < together < 0.95 * naive
    unseen, _, week_before = (float(line[-1]) for line in lines[10:])
    assert unseen < week_before


def items_with_weeks() -> dict[str, pd.Series[float]]:
    """Return sales of items that share a week: one has a gap, others begin late."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2016-01-01", "2016-12-31", name="timestamp")
    week = np.array([1.0, 1.1, 1.2, 1.3, 1.4, 0.7, 0.5])[days.day_of_week]
    whole = {}
    for name, level in {"a": 1500, "b": 800, "c": 2000, "d": 7000}.items():
        noise = 0.1 * rng.standard_normal(len(days))
        whole[name] = pd.Series(level * (week + noise), days, name="value")
    gap = slice("2016-05-27", "2016-10-18")
    return {
        "a": whole["a"],
        "b": whole["b"]["2016-07-02":],
        "c": whole["c"].drop(whole["c"][gap].index),
        "d": whole["d"]["2016-05-02":"2016-08-31"],
    }


def two_weeks_by_week_before(sales: pd.Series[float]) -> tuple[float, int]:
    """Return the mean error of the last week, twice, and from how many origins."""
    missed, last = [], pd.Timestamp("2016-12-17")
    count = 0
    for origin in pd.date_range(end=last, periods=25, freq="10D"):
        known, came = sales[:origin], sales[origin:].iloc[1:15]
        came = came[: origin + pd.Timedelta(days=14)]
        if len(known) and len(came):
            told = np.tile(known.to_numpy()[-7:], 2)[: len(came)]
            missed.extend(np.abs(told - came.to_numpy()))
            count += 1
    return np.mean(missed), count


def test_drug_sales_and_item_sales_without_their_files_say_what_they_need(
    tmp_path: Path,
) -> None:
    for name, needed, *argument in (
        ("drug_sales", "h2o_exog.csv"),
        ("item_sales", "items_sales.csv", "missing.csv"),
    ):
        done = ran(name, tmp_path, *argument)
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = done.stderr.splitlines()
        assert f"needs {needed}" in line
    assert not list(tmp_path.iterdir())


def test_forecaster_search_prints_the_errors_of_what_it_chose(tmp_path: Path) -> None:
    lines = printed_by("forecaster_search", tmp_path, "pictures")
    y = load_airline()
    learned, later = y[:-24], y[-24:]
    later_errors = {
        " ".join(row[:-1]).rstrip(":"): float(row[-1]) for row in lines[11:]
    }
    for n_months, rows in ((12, lines[2:5]), (24, lines[7:10])):
        errors = [float(row[-1]) for row in rows]
        assert errors == sorted(errors)
        differences, power, lags, alpha, error = rows[0]
        model = Forecaster(
            Ridge(float(alpha)),
            seasonal_period=12,
            differencing=int(differences),
            power=None if power == "none" else power,
            lags=int(lags),
        )
        missed = [
            model.fit(y=y[:first]).forecast(n_months) - y[first : first + n_months]
            for first in range(120 - n_months - 33, 121 - n_months, 3)
        ]
        # Two digits are printed, and one of the later months.
        assert len(missed) == 12
        np.testing.assert_allclose(float(error), np.abs(missed).mean(), atol=0.006)
        after = np.abs(model.fit(y=learned).forecast(24) - later).mean()
        printed = later_errors[f"chosen for {n_months} months"]
        np.testing.assert_allclose(printed, after, atol=0.06)
    year = np.tile(learned.to_numpy()[-12:], 2)
    naive = np.abs(year - later.to_numpy()).mean()
    np.testing.assert_allclose(later_errors["seasonal naive"], naive, atol=0.06)
    assert later_errors["chosen for 24 months"] < naive / 2


def states_from_rest(
    W: NDArray[np.float64], model: ESNRegressor, X: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what tanh units that do not leak make of an input, step by step."""
    states, state = [], np.zeros(len(W))
    for drive in X @ model.W_in_.T + model.bias_:
        state = np.tanh(drive + W @ state)
        states.append(state)
    return np.array(states)


def by_ridge(
    features: NDArray[np.float64], y: NDArray[np.float64], alpha: float
) -> tuple[NDArray[np.float64], np.float64]:
    """Return weights and the constant, which is not penalised."""
    mean, level = features.mean(axis=0), y.mean()
    size = features.shape[1]
    rows = np.vstack([features - mean, np.sqrt(alpha) * np.eye(size)])
    weights = np.linalg.lstsq(rows, np.append(y - level, np.zeros(size)), rcond=None)[0]
    return weights, level - mean @ weights


def test_fold_state_is_that_of_a_run_through_the_years_before(tmp_path: Path) -> None:
    _, years, *rows, naive, apart = printed_by("fold_state", tmp_path)
    lengths = [int(length) for length in years[1:]]
    error = {" ".join(row[:-4]): np.array(row[-4:], float) for row in rows}
    expected, changed = errors_in_folds(lengths)
    # Three digits are printed.
    for name, own in zip(("from rest", "goes on"), expected, strict=True):
        np.testing.assert_allclose(error[name], own, atol=6e-4)
    # Two digits are printed.
    printed = [float(word) for word in apart[-2:]]
    np.testing.assert_allclose(printed, changed[[0, 9]], atol=6e-3)
    root = np.sqrt(load_sunspots().to_numpy()[-161:])
    persistence = np.sqrt(np.mean(np.diff(root) ** 2))
    np.testing.assert_allclose(float(naive[-1]), persistence, atol=6e-4)
    assert np.ptp(error["goes on"]) < 0.02 * error["goes on"].min()
    assert np.all(error["from rest"][:2] > 1.2 * persistence)
    assert np.all(error["goes on"] < 0.7 * persistence)


def errors_in_folds(
    lengths: list[int],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return errors from rest and going on, and what the start changes in 20 years."""
    root = np.sqrt(load_sunspots().to_numpy())
    X, y, n_tested = root[:-1, np.newaxis], root[1:], 160
    squares, apart = np.zeros((2, len(lengths), 5)), []
    for seed in range(5):
        model = ESNRegressor(50, random_state=seed).fit(X, y)
        W = model.W_.toarray()
        for k, length in enumerate(lengths):
            for start in range(len(y) - n_tested, len(y), length):
                u = (X[: start + length] - X[:start].mean()) / X[:start].std()
                rows = np.column_stack([states_from_rest(W, model, u), u])
                learned = slice(start // 10, start)  # after the washout
                weights, level = by_ridge(rows[learned], y[learned], 0.01)
                cold = np.column_stack(
                    [states_from_rest(W, model, u[start:]), u[start:]]
                )
                told = np.array([cold, rows[start:]]) @ weights + level
                missed = told - y[start : start + length]
                squares[:, k, seed] += np.sum(missed**2, axis=1) / n_tested
                if length == 20:
                    apart.append(np.abs(told[0] - told[1]))
    return np.sqrt(squares.mean(axis=2)), np.median(apart, axis=0)


def test_narma_topologies_differ_where_units_are_many(tmp_path: Path) -> None:
    _, units, *rows, linear = printed_by("narma_topologies", tmp_path)
    sizes = [int(size) for size in units[1:]]
    error = {name: np.array(words[::2], float) for name, *words in rows}
    # Three digits are printed.
    of_linear, chains = narma_by_chains(sizes)
    np.testing.assert_allclose(float(linear[-1]), of_linear, atol=6e-4)
    for name, expected in chains.items():
        np.testing.assert_allclose(error[name], expected, atol=1.5e-3)
    few, many = (np.array([own[k] for own in error.values()]) for k in (1, -1))
    assert np.all(few > 0.8 * of_linear)
    assert np.all(many < of_linear / 1.6)
    assert error["orthogonal"][-1] == many.min() < 0.035
    assert error["small_world"][-1] == many.max() > 0.09
    for name in ("ring", "delay_line"):
        assert error[name][-1] < error["random"][-1]


def narma_by_chains(sizes: list[int]) -> tuple[float, dict[str, NDArray[np.float64]]]:
    """Return the NMSE of a linear model, and those of a ring and a line of units."""
    linear, errors = [], {name: [] for name in ("ring", "delay_line")}
    learned, later = slice(200, 2000), slice(2000, None)
    for seed in range(5):
        X, y = narma(5000, random_state=seed)
        inputs = np.concatenate([np.full(19, X[0, 0]), X[:, 0]])
        past = np.lib.stride_tricks.sliding_window_view(inputs, 20)
        past = np.column_stack([np.ones(len(past)), past])
        weights = np.linalg.lstsq(past[:2000], y[:2000], rcond=None)[0]
        linear.append(np.mean((past[later] @ weights - y[later]) ** 2) / y[later].var())
        for name, size in itertools.product(errors, sizes):
            chain = {"topology": name, "input_weights": "sign", "input_scaling": 0.05}
            model = ESNRegressor(size, **chain, random_state=seed).fit(X[:100], y[:100])
            W = 0.9 * np.roll(np.eye(size), 1, axis=0)
            W[0, -1] *= name == "ring"
            rows = np.column_stack([states_from_rest(W, model, X), X])
            weights, level = by_ridge(rows[learned], y[learned], 1e-7)
            missed = rows[later] @ weights + level - y[later]
            errors[name].append(np.mean(missed**2) / y[later].var())
    means = {
        name: np.reshape(own, (5, -1)).mean(axis=0) for name, own in errors.items()
    }
    return np.mean(linear), means


def test_lorenz_is_followed_for_eight_lyapunov_times_and_its_climate_for_good(
    tmp_path: Path,
) -> None:
    _, *rows, _, true, run = printed_by("lorenz", tmp_path, "pictures")
    medians = [float(row[2]) for row in rows]
    # They come out between 8.4 and 8.9.
    assert len(medians) == 5
    assert 7.5 < min(medians) < max(medians) < 10
    exponent, mean, deviation = lorenz_by_runge_kutta()
    np.testing.assert_allclose(exponent, 0.906, rtol=0.05)
    assert np.exp(min(medians)) > 1000
    # Means over 100 units of time differ by 0.1 to 0.2 among themselves.
    for words in (true, run):
        np.testing.assert_allclose(
            np.array(words[-2:], float), [mean, deviation], atol=0.5
        )


def lorenz_by_runge_kutta() -> tuple[float, float, float]:
    """Return how fast small errors grow, and the mean and deviation of z."""

    def velocity(states: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y, z = states
        return np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])

    def ahead(states: NDArray[np.float64]) -> NDArray[np.float64]:
        first = velocity(states)
        second = velocity(states + 0.005 * first)
        third = velocity(states + 0.005 * second)
        fourth = velocity(states + 0.01 * third)
        return states + 0.01 / 6 * (first + 2 * second + 2 * third + fourth)

    states = np.random.default_rng(0).uniform([-9, -9, 15], [9, 9, 35], (1000, 3)).T
    for _ in range(2000):
        states = ahead(states)
    near, zs, distances = states + 1e-9, [], []
    for _ in range(1000):
        states, near = ahead(states), ahead(near)
        zs.append(states[2])
        distances.append(np.linalg.norm(states - near, axis=0))
    growth = np.log(distances[-1] / distances[199]).mean() / 8
    return growth, np.mean(zs), np.std(zs)


def test_channel_is_straightened_by_a_network_and_by_no_weights(tmp_path: Path) -> None:
    _, (_, *decibels), *rows = printed_by("channel", tmp_path)
    rates = {name: np.array(values, float) for name, *values in rows}
    # Two digits are printed.
    for k in (0, -1):
        rate, confused = channel_by_least_squares(float(decibels[k]))
        np.testing.assert_allclose(rates["linear"][k], rate, rtol=0.03)
    assert confused > 0.95
    assert rates["network"][0] > 0.9 * rates["linear"][0]
    assert rates["network"][-1] < rates["linear"][-1] / 50


def channel_by_least_squares(snr_db: float) -> tuple[float, float]:
    """Return the rate of wrong symbols by 47 taps, and of these the -3 that say -1."""
    wrong, confused = 0, 0
    for seed in range(3):
        X, y = nonlinear_channel(305_000, snr_db=snr_db, random_state=seed)
        taps = np.lib.stride_tricks.sliding_window_view(X[:5000, 0], 47)
        taps, target = np.column_stack([np.ones(len(taps)), taps]), y[46:5000]
        weights = np.linalg.lstsq(taps[54:], target[54:], rcond=None)[0]
        told = weights[0] + np.convolve(X[:, 0], weights[:0:-1])[5000 : len(y)]
        decided, sent = np.clip(2 * np.floor(told / 2) + 1, -3, 3), y[5000:]
        wrong += np.sum(decided != sent)
        confused += np.sum((decided == -1) & (sent == -3))
    return wrong / 900_000, confused / wrong


def test_online_readout_that_forgets_follows_a_change(tmp_path: Path) -> None:
    _, _, *rows = printed_by("online_readout", tmp_path)
    error = {" ".join(row[:-4]): np.array(row[-4:], float) for row in rows}
    ridge, forgetting = online_by_least_squares()
    # Three digits are printed.
    np.testing.assert_allclose(error["ridge"], ridge, atol=2e-3)
    np.testing.assert_allclose(error["RLS, λ = 0.99"], forgetting, rtol=0.03)
    slow, quick = error["RLS, λ = 0.998"], error["RLS, λ = 0.99"]
    assert np.all(slow[[0, 3]] < 0.96 * quick[[0, 3]])
    assert np.all(slow[1:3] > 1.2 * quick[1:3])
    assert 3.5 < error["ridge"][-1] / error["ridge"][0] < 4.5
    assert error["ridge, stopped"][-1] > 1.5 * error["ridge"][-1]


def online_by_least_squares() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return errors where rows count alike, and where they count less by 0.99 each."""
    errors = np.zeros((2, 5, 6000))  # the first block is not told
    for seed in range(5):
        rng = np.random.default_rng(seed)
        sent = rng.choice([-3.0, -1.0, 1.0, 3.0], 6004)
        old = np.convolve(sent, [0.1, -0.15, 1, 0.2, -0.1], "valid")
        new = np.convolve(sent, [-0.15, 0.2, 1, -0.25, 0.15], "valid")
        q = np.append(old[:3000], new[3000:])
        u = q + 0.036 * q**2 - 0.011 * q**3 + 0.1 * rng.standard_normal(6000)
        X, y = u[:, np.newaxis], sent[:6000]
        wiring = {"topology": "ring", "input_scaling": 0.05}
        model = ESNRegressor(50, **wiring, random_state=seed).fit(X[:100], y[:100])
        W = 0.3 * np.roll(np.eye(50), 1, axis=0)
        rows = np.column_stack([np.ones(6000), states_from_rest(W, model, X)])
        for k, factor in enumerate((1.0, 0.99)):
            penalty = 1e-6 * np.eye(51)
            penalty[0, 0] *= factor < 1  # recursion penalises the constant, too
            for end in range(50, 6000, 50):
                learned = slice(5, end)  # after the washout
                counts = factor ** np.arange(end - 5)[::-1]
                weighted = counts * rows[learned].T
                target = weighted @ y[learned]
                scatter = weighted @ rows[learned] + penalty
                weights = np.linalg.solve(scatter, target)
                ahead = slice(end, end + 50)
                errors[k, seed, ahead] = rows[ahead] @ weights - y[ahead]
    spans = ((2000, 3000), (3000, 3500), (3500, 4500), (4500, 6000))
    squares = errors**2
    return tuple(
        np.sqrt([own[:, low:high].mean() for low, high in spans]) for own in squares
    )


def test_kalman_training_is_quicker_and_ends_where_the_linear_model_does(
    tmp_path: Path,
) -> None:
    _, _, *rows = printed_by("kalman_training", tmp_path)
    found = {}
    for *words, epoch, loss, learned, later in rows:
        numbers = [float(word) for word in (epoch, loss, learned, later)]
        found.setdefault(" ".join(words).rstrip(":"), []).append(numbers)
    adam, kalman, marquardt = (np.array(own).T for own in found.values())
    assert adam.shape == kalman.shape == marquardt.shape == (4, 3)
    # They come out at 9 to 17 epochs, and 76 to 152.
    assert max(kalman[0].max(), marquardt[0].max()) < 30 < 50 < adam[0].min()
    _, linear = furnace_by_least_squares()
    for _, _, _, later in (adam, kalman, marquardt):
        np.testing.assert_allclose(later, linear, rtol=0.2)
    # The loss is half the squared error in deviations, and a penalty.
    variance = load_gas_furnace()["co2"].to_numpy()[:200].var()
    for _, loss, learned, _ in (adam, marquardt):
        share = learned / (2 * variance * loss)
        assert np.all((share > 0.5) & (share < 1.05))


def test_airline_backtest_scores_baselines_as_they_are(tmp_path: Path) -> None:
    _, *rows = printed_by("airline_backtest", tmp_path)
    scores = {name: np.array(values, float) for name, *values in rows}
    # Two digits are printed.
    for name, expected in airline_by_hand().items():
        np.testing.assert_allclose(scores[name], expected, atol=6e-3)
    esn, smoothing = scores["ESN"], scores["smoothing"]
    assert max(esn[0], smoothing[0]) < 0.4 * scores["naive"][0]
    assert esn[2] < 0.8 * smoothing[2]
    assert smoothing[4] < 0.8 * esn[4]
    for name in ("ridge", "SARIMA"):
        assert scores[name][-1] < 0.9 * scores[name][0]


def airline_by_hand() -> dict[str, NDArray[np.float64]]:
    """Return what is printed of the year before, and of a straight line."""
    y = load_airline().to_numpy()
    scaled = {"naive": [], "drift": []}
    for origin in range(75, 121, 5):
        known, came = y[:origin], y[origin : origin + 24]
        scale = np.abs(known[12:] - known[:-12]).mean()
        slope = (known[-1] - known[0]) / (origin - 1)
        line = known[-1] + slope * np.arange(1, 25)
        for name, told in (("naive", np.tile(known[-12:], 2)), ("drift", line)):
            scaled[name].append(np.abs(told - came) / scale)
    table = {}
    for name, errors in scaled.items():
        by_step, by_origin = np.mean(errors, axis=0), np.mean(errors, axis=1)
        others = np.sort(by_origin)[:-1].mean()
        columns = [np.mean(errors), *by_step[[0, 5, 11, 23]], by_origin.max(), others]
        table[name] = np.array(columns)
    return table


def test_ridge_penalty_is_chosen_near_the_least_test_error(tmp_path: Path) -> None:
    _, *rows, auto = printed_by("ridge_penalty", tmp_path)
    alphas, learned, later, sizes = np.array(rows, float).T
    expected, chosen = penalties_by_least_squares(alphas)
    # Three digits are printed; with the least penalty rounding is magnified.
    for own, column in zip((learned, later, sizes), expected.T, strict=True):
        np.testing.assert_allclose(own, column, rtol=0.01, atol=6e-4)
    assert np.all(np.diff(learned) > 0)
    assert np.all(np.diff(sizes) < 0)
    least = alphas == 0.1
    assert later.min() == later[least]
    assert later[0] > 5 * later[least]
    assert sizes[0] > 700 * sizes[least]
    words = " ".join(auto)
    for alpha in (0.01, 1):
        assert f"{alpha:g} in {chosen.count(alpha)}, " in words
    np.testing.assert_allclose(float(auto[-4]), 1.03 * later[least], rtol=0.01)


def penalties_by_least_squares(
    alphas: NDArray[np.float64],
) -> tuple[NDArray[np.float64], list[float]]:
    """Return errors and sizes by penalty, and what cross-validation chooses of five."""
    root = np.sqrt(load_sunspots().to_numpy())
    scaled = (root - root[:208].mean()) / root[:208].std()
    X, y = scaled[:-1, np.newaxis], scaled[1:]
    found, chosen = np.zeros((len(alphas), 3)), []
    for seed in range(10):
        model = ESNRegressor(200, random_state=seed).fit(X, y)
        rows = np.column_stack([states_from_rest(model.W_.toarray(), model, X), X])
        known, target = rows[20:208], y[20:208]
        for k, alpha in enumerate(alphas):
            weights, level = by_ridge(known, target, alpha)
            squares = (rows @ weights + level - y) ** 2
            own = squares[20:208].mean(), squares[208:].mean(), weights @ weights
            found[k] += np.array(own) / 10
        tried = [1e-6, 1e-4, 1e-2, 1.0, 100.0]
        missed = np.zeros(5)
        for held_out in np.array_split(np.arange(188), 5):
            others = np.setdiff1d(np.arange(188), held_out)
            for k, alpha in enumerate(tried):
                weights, level = by_ridge(known[others], target[others], alpha)
                errors = known[held_out] @ weights + level - target[held_out]
                missed[k] += np.sum(errors**2)
        chosen.append(tried[np.argmin(missed)])
    return np.sqrt(found), chosen
