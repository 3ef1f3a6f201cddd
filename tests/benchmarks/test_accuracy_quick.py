"""The accuracy benchmarks' machinery, on networks and series far smaller than theirs.

Figures are the business of the benchmarks themselves. Here a mistake in a task shows
as an error, as a figure that is not finite, or as one no better than a guess.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy import (
    airline_narx,
    channel_equalization,
    dated,
    default_forecaster,
    etth1,
    gas_furnace,
    intervals,
    linear_memory,
    lorenz63,
    m4_hourly,
    mackey_glass,
    narma10,
    santa_fe_laser,
    silverbox,
    sunspots,
)
from benchmarks.accuracy.__main__ import TASKS, main
from benchmarks.accuracy.held_out import Split
from benchmarks.accuracy.search import draw_candidates, rank
from benchmarks.accuracy.table import Row, format_table
from seqest.datasets import load_sunspots

# Penalties of the benchmarks are small on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::scipy.linalg.LinAlgWarning")
stopped_early = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"
)


def test_mackey_glass_free_runs_of_a_small_network_follow_the_series() -> None:
    case = replace(mackey_glass.CASES[0], n_units=200, n_train=2500)
    # A guess of the mean scores 1.
    assert mackey_glass.nrmse_84(case, seed=0, n_runs=5) < 0.5


def test_mackey_glass_weights_are_the_sources_over_a() -> None:
    W = mackey_glass.recurrent_weights(400, rng=np.random.default_rng(0))
    W_in = mackey_glass.bias_weights(400, 1, rng=np.random.default_rng(0))
    np.testing.assert_allclose(np.abs(W.data), 0.4 / 0.9, rtol=1e-15)
    assert W.nnz == round(0.0125 * 400**2)
    assert set(np.abs(W_in).ravel()) == {0.0, 0.14}


def test_leaky_units_of_ours_are_the_sources_scaled_by_a() -> None:
    C, a, rng = 0.44, 0.9, np.random.default_rng(0)
    W, drive = rng.normal(0, 0.4, (5, 5)), rng.normal(0, 0.5, (20, 5))
    x, h = np.zeros(5), np.zeros(5)
    for u in drive:
        x = (1 - C * a) * x + C * np.tanh(W @ x + u)  # GMD report 148, section 4
        h = (1 - C * a) * h + C * a * np.tanh(W / a @ h + u)
    # Twenty steps of rounding.
    np.testing.assert_allclose(h, a * x, rtol=1e-12)


def test_a_split_scores_the_rows_of_the_part_asked_for() -> None:
    series = narma10.series(seed=0, n_test=500)
    forged = series.y.copy()
    forged[5000:] = -forged[5000:]
    forgery = Split(series.X, forged, series.n_train, series.n_validation)
    settings = {"spectral_radius": 0.8, "input_scaling": 0.1}
    validation = [s.error(20, settings, 0, "validation") for s in (series, forgery)]
    test = [s.error(20, settings, 0, "test") for s in (series, forgery)]
    assert validation[0] == validation[1] < 1
    assert test[0] < 1 < test[1]


@pytest.mark.parametrize("task", [santa_fe_laser, gas_furnace, silverbox, etth1])
def test_a_missing_file_is_named_and_its_row_skipped(
    task: ModuleType, tmp_path: Path
) -> None:
    (row,) = task.run([0], quick=True, data_dir=tmp_path)
    assert str(tmp_path / task.FILE) in row.settings
    assert row.cells()[4:8] == ("skipped", "0", "–", "–")


def test_the_linear_ring_remembers_as_many_inputs_as_it_has_units() -> None:
    rows = linear_memory.run([0], quick=True, data_dir=Path())
    capacity = {row.settings.split(",")[0]: row.scores[0] for row in rows}
    # The bound is 100; delays 101 to 200 add about .001 each by chance.
    assert 99 < capacity["ring"] < 100.5
    assert capacity["random"] < capacity["orthogonal"] < 100


def test_lorenz_forecasts_of_a_small_network_stay_valid_for_a_lyapunov_time() -> None:
    times = lorenz63.valid_times(seed=0, n_starts=2, n_units=100)
    assert times.shape == (2,)
    assert times.mean() > 1


def test_fewer_symbols_are_wrong_where_there_is_less_noise() -> None:
    rates = [
        channel_equalization.symbol_error_rate("linear", snr_db, 5000, seed=0)
        for snr_db in (12, 16, 20)
    ]
    assert 0.2 > rates[0] > rates[1] > rates[2]


LINEAR: dict[str, Any] = {"activation": "identity", "hidden_layer_sizes": 1}


def test_next_years_of_a_linear_network_are_those_of_least_squares() -> None:
    numbers = np.asarray(load_sunspots(), float)
    lags = np.column_stack([numbers[k : k - 12] for k in range(12)])
    known = np.column_stack([lags, np.ones(len(lags))])  # of the years from 1712 on
    line = np.linalg.lstsq(known[:209], numbers[12:221])[0]
    tested = slice(1921 - 1712, 1956 - 1712)
    errors = known[tested] @ line - numbers[12:][tested]
    form = {"sees_root": False, "says_root": False, "skip_connections": None}
    descent = {"solver": "lm", "max_iter": 200, "alpha": 0.0}
    settings = {**LINEAR, **form, **descent}
    ours = sunspots.error([settings], 1920, 1921, 1955, seed=0)
    # To what the end of the descent leaves; AR(12) is known for .126.
    assert ours == pytest.approx(np.mean(errors**2) / 1535, rel=1e-3)
    assert ours == pytest.approx(0.126, abs=5e-4)


@pytest.mark.parametrize("change", [1, 12])
def test_passengers_that_grow_by_the_same_share_go_on_to(change: int) -> None:
    month = np.arange(96)
    values = 100 * 1.01**month * (1 + 0.1 * np.sin(month * np.pi / 6))
    form = {"log": True, "change": change, "sees": "nothing", "output_delays": 12}
    # Changes are constant, or repeat after a year: what is learned is exact.
    settings = {**form, **LINEAR, "alpha": 1e-8, "max_iter": 100}
    run = airline_narx.free_run(settings, values[:-24], seed=0)
    np.testing.assert_allclose(run, values[-24:], rtol=1e-3)


@stopped_early
def test_gas_furnace_networks_find_a_linear_furnace() -> None:
    rng = np.random.default_rng(0)
    u, y = rng.normal(size=300), np.zeros(300)
    for t in range(3, 300):
        y[t] = 0.6 * y[t - 1] + u[t - 3] + 0.1 * rng.normal()
    series = np.column_stack([u, 50 + y])
    delays = {"input_delays": [3], "output_delays": 1, "max_iter": 20}
    settings = {**LINEAR, **delays, "closed_loop": True, "horizon": 8}
    errors = [
        gas_furnace.error([settings] * 2, way, series, 200, seed=0)
        for way in gas_furnace.GOALS
    ]
    # Noise has the variance .01, in a free run that over 1 - .36; 100 rows vary.
    np.testing.assert_allclose(errors, [0.01, 0.01 / 0.64], rtol=0.5)


@stopped_early
def test_silverbox_networks_follow_a_spring_that_stiffens() -> None:
    rng = np.random.default_rng(0)
    u, y = 0.02 * rng.normal(size=1100), np.zeros(1100)
    for t in range(2, 1100):
        pull = 1.5 * y[t - 1] - 0.9 * y[t - 2] - y[t - 1] ** 3
        y[t] = pull + 0.4 * u[t - 1]
    settings = {"hidden_layer_sizes": 2, "input_delays": 1, "output_delays": 2}
    network = silverbox.fitted(settings, u[:800, None], y[:800], np.ones(800), 0)
    # It is of some 30 mV; what is left is that tanh is no cube.
    assert silverbox.free_run_error(network, u[800:, None], y[800:]) < 1


def test_loud_rows_are_those_of_pieces_that_reach_far() -> None:
    y = np.zeros(1200)
    y[[700, 1100]] = -0.2, 0.1
    loud = np.arange(1200) // 500 == 1
    np.testing.assert_array_equal(silverbox.loud_rows(y), loud)


def test_candidates_are_ranked_by_their_mean_error() -> None:
    candidates = draw_candidates({"a": [1.0, 2.0, 3.0]}, 3)
    ranking = rank(candidates, lambda one, seed: abs(one["a"] - 2) + seed, seeds=2)
    assert ranking[0] == (0.5, {"a": 2.0})
    assert ranking[-1][0] == 1.5


@pytest.mark.parametrize(
    ("scores", "more_is_better", "reached"),
    [([1.0, 3.0], False, "yes"), ([1.0, 3.1], False, "no"), ([1.0, 3.0], True, "yes")],
)
def test_a_goal_is_compared_with_the_mean(
    scores: list[float], more_is_better: bool, reached: str
) -> None:
    row = Row("task", "", "", "", 2.0, scores, more_is_better=more_is_better)
    assert row.reached == reached
    assert len(format_table([row]).splitlines()) == 3


def test_the_command_prints_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--tasks", "santa_fe_laser", "--data-dir", str(tmp_path)])
    assert "santafe_laser.npy is missing" in capsys.readouterr().out
    assert "santa_fe_laser" in TASKS


def test_m4_is_scored_over_all_of_its_series(tmp_path: Path) -> None:
    rng, hours = np.random.default_rng(0), np.arange(748)
    day = 50 + 20 * np.sin(2 * np.pi * hours / 24)
    series = np.exp(rng.normal(0, 0.05, (3, 748))) * day * [[1.0], [100.0], [1e4]]
    for name, part in zip(dated.M4, (series[:, :700], series[:, 700:]), strict=True):
        names = [f"H{k}" for k in range(1, 4)]
        columns = [f"V{k}" for k in range(1, part.shape[1] + 1)]
        pd.DataFrame(part, names, columns).to_csv(tmp_path / name)
    train, test = dated.m4_hourly(tmp_path)
    assert test.loc["H2"].index.tolist() == list(range(700, 748))
    perfect = m4_hourly._scores(train, test, test)
    assert perfect == (0, 0, 0)
    naive, ours, *_ = m4_hourly.run([0], quick=True, data_dir=tmp_path)
    # A network of one epoch sees at least that hours repeat.
    assert ours.scores[0] < 3 * naive.scores[0]


def test_etth1_windows_lie_in_the_part_they_test(tmp_path: Path) -> None:
    n_rows = etth1.TESTED + 100
    index = pd.date_range("2016-07-01", periods=n_rows, freq="h", name="date")
    wave = np.sin(2 * np.pi * np.arange(n_rows) / 24)
    noise = 0.1 * np.random.default_rng(0).normal(size=n_rows)
    pd.DataFrame({"OT": wave + noise}, index).to_csv(tmp_path / etth1.FILE)
    (row,) = etth1.run([0], quick=True, data_dir=tmp_path)
    # The noise is all that cannot be told.
    assert row.scores[0] == pytest.approx((noise / (wave + noise).std()).var(), rel=0.2)
    part = etth1.Origins(24, etth1.CHOSEN_BY, etth1.TESTED, 24)
    splits = list(part.split(dated.etth1(tmp_path)))
    assert splits[0][0][-1] == etth1.LEARNED - 1
    assert splits[1][1][0] == etth1.CHOSEN_BY
    assert splits[-1][1][-1] == etth1.TESTED - 1


def test_tasks_of_forecasting_go_without_files(tmp_path: Path) -> None:
    tasks = list(default_forecaster.tasks(True, tmp_path))
    assert [task if isinstance(task, str) else task.period for task in tasks] == [
        12,
        11,
        f"{tmp_path / 'h2o_exog.csv'} is missing",
        f"{tmp_path / dated.M4[0]} is missing",
    ]
    rows = pd.DataFrame(
        {
            "y_true": [0.0, 2.0, 5.0],
            "lower_80": [-1.0, -1.0, -1.0],
            "upper_80": [1.0, 1.0, 1.0],
            "naive_error": [1.0, 1.0, 2.0],
        }
    )
    assert intervals._held(rows, "", "80") == pytest.approx(1 / 3)
    # Widths of 2, and 10 times what lies outside.
    expected = (2 + 12 + 42 / 2) / 3
    assert intervals._winkler(rows, "", "80", 0.2) == pytest.approx(expected)


def test_a_page_of_figures_keeps_what_other_tasks_wrote(tmp_path: Path) -> None:
    page = tmp_path / "figures.md"
    page.write_text("# Figures\n\nA head.\n\n<!-- old -->\n## Old\n", encoding="utf-8")
    common = ["--data-dir", str(tmp_path), "--seeds", "1", "--write", str(page)]
    for tasks in (["silverbox"], ["santa_fe_laser", "etth1"], ["silverbox"]):
        main(["--tasks", *tasks, *common])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Figures\n\nA head.\n\n<!-- santa_fe_laser -->\n## Santa")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert [line.split()[1].rstrip(",") for line in headings] == [
        "Santa",
        "Silverbox",
        "ETTh1",
        "Old",
    ]
    assert "`python -m benchmarks.accuracy --tasks silverbox --seeds 1`" in text


def test_make_figures_runs_every_task() -> None:
    makefile = Path(__file__).resolve().parents[2] / "Makefile"
    lines = makefile.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    named = [
        task
        for line in lines
        for variable, _, tasks in [line.partition(" := ")]
        if variable in ("RESERVOIRS", "OTHERS")
        for task in tasks.split()
    ]
    assert sorted(named) == sorted(TASKS)
