"""Every example runs, draws its picture, and prints what its text says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import image
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from seqest.datasets import load_airline, load_co2, load_gas_furnace, load_sunspots
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
