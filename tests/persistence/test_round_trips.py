"""What was saved answers the same bits when it is loaded, also in a new process."""

from __future__ import annotations

import datetime as dt
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.linear_model import Ridge
from sklearn.utils.metadata_routing import get_routing_for_object

import seqest
from seqest import ESNRegressor, GRURegressor, estimators, forecasting
from seqest.cells import simple
from seqest.persistence._labels import BUILDERS, parts_of
from seqest.persistence._packing import pack, unpack
from tests.persistence.models import CASES, asked, fitted, rows

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save each model, and answers that it gives afterwards."""
    folder = tmp_path_factory.mktemp("models")
    for number, name in enumerate(CASES):
        model = fitted(name)
        seqest.save(model, folder / f"{number}.skops")
        np.savez(folder / f"expected-{number}.npz", **asked(name, model))
    return folder


@pytest.fixture(scope="module")
def answered(folder: Path) -> Path:
    """Let a new process answer, once for all models."""
    command = [sys.executable, "-m", "tests.persistence.models", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", CASES)
def test_a_new_process_answers_the_same_bits(name: str, answered: Path) -> None:
    number = list(CASES).index(name)
    ours = np.load(answered / f"expected-{number}.npz")
    theirs = np.load(answered / f"{number}.npz")
    assert ours.files == theirs.files
    for key in ours.files:
        assert ours[key].dtype == theirs[key].dtype
        np.testing.assert_array_equal(theirs[key], ours[key])


@pytest.mark.parametrize("name", CASES)
def test_this_process_answers_the_same_bits(name: str, folder: Path) -> None:
    number = list(CASES).index(name)
    again = seqest.load(folder / f"{number}.skops", trusted=CASES[name].trusted)
    ours, theirs = np.load(folder / f"expected-{number}.npz"), asked(name, again)
    assert ours.files == list(theirs)
    for key in ours.files:
        assert ours[key].dtype == theirs[key].dtype
        np.testing.assert_array_equal(theirs[key], ours[key])


def test_every_estimator_and_forecaster_is_saved() -> None:
    kinds = {name.split(",")[0] for name in CASES}
    public = {
        name
        for module in (estimators, forecasting, seqest)
        for name in module.__all__
        if inspect.isclass(found := getattr(module, name)) and hasattr(found, "fit")
    }
    assert public <= kinds


@pytest.mark.parametrize("name", [*estimators.__all__, "Reservoir", "GammaMemory"])
def test_an_unfitted_estimator_keeps_its_parameters(name: str, tmp_path: Path) -> None:
    model = getattr(seqest, name)()
    seqest.save(model, tmp_path / "model")
    again = seqest.load(tmp_path / "model")
    assert repr(again.get_params()) == repr(model.get_params())
    assert not [own for own in vars(again) if own.endswith("_")]


def test_saving_changes_nothing(tmp_path: Path) -> None:
    name = "Forecaster, zone"
    model, other = fitted(name), fitted(name)
    seqest.save(model, tmp_path / "model")
    ours, theirs = asked(name, model), asked(name, other)
    for key in ours:
        np.testing.assert_array_equal(ours[key], theirs[key])


def test_a_loaded_model_is_saved_and_loaded_again(tmp_path: Path) -> None:
    X, _ = rows()
    model = fitted("GRURegressor, reset before")
    path, expected = tmp_path / "model", model.predict(X)
    for _ in range(2):
        seqest.save(model, path)
        model = seqest.load(path)
    np.testing.assert_array_equal(model.predict(X), expected)


def test_a_request_for_metadata_points_back_to_its_estimator(tmp_path: Path) -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        model = Ridge().set_fit_request(sample_weight=True).fit(*rows())
        seqest.save(model, tmp_path / "model")
        again = seqest.load(tmp_path / "model")
        request = get_routing_for_object(again)
        assert request.fit.requests == {"sample_weight": True}


def test_what_is_shared_stays_shared() -> None:
    index = pd.date_range("2020-01-01", periods=3)
    first, second, model = unpack(pack([index, index, ESNRegressor(readout=Ridge())]))
    assert first is second
    assert isinstance(model.readout, Ridge)


VALUES = {
    "keys": {None: 1, (1, "a"): [2], True: 3, 1.5: 4, pd.Timestamp("2020"): 5},
    "frozen set": {"a": frozenset({1, None})},
    "dtype": [np.dtype("float32"), np.dtype("M8[ns]"), np.dtype("int64")],
    "cell": simple("relu", slope=0.3),
    "not finite": [np.nan, -0.0, np.inf, np.float32(1 / 3)],
    "class": [GRURegressor, np.float64],
    "dates": [dt.date(2020, 1, 2), dt.datetime(2020, 1, 2, 3)],
    "generator": [np.random.default_rng(0).bit_generator.state],
    "scalars": [np.int8(3), np.str_("a"), np.bool_(True), b"bytes"],
}


def through_a_file(value: Any, path: Path) -> Any:
    """Return what comes back of a value that an estimator holds."""
    seqest.save(ESNRegressor(readout=value), path)
    return seqest.load(path).readout


@pytest.mark.parametrize("name", VALUES)
def test_what_models_hold_comes_back(name: str, tmp_path: Path) -> None:
    again = through_a_file(VALUES[name], tmp_path / "model")
    assert repr(again) == repr(VALUES[name])


def test_objects_in_arrays_keep_their_shape(tmp_path: Path) -> None:
    inner = [1, 2]
    array = np.empty((2, 2), object)
    array[:] = [[inner, None], ["a", 3.5]]
    again = through_a_file(array, tmp_path / "model")
    assert again.shape == (2, 2)
    assert again.tolist() == [[inner, None], ["a", 3.5]]
    rows_of_lists = np.empty(2, object)
    rows_of_lists[:] = [[1, 2], [3, 4]]
    again = through_a_file(rows_of_lists, tmp_path / "model")
    assert again.tolist() == [[1, 2], [3, 4]]


TABLES: dict[str, Any] = {
    "categories": pd.CategoricalIndex(["a", "b", "a"], ordered=True, name="c"),
    "frame": pd.DataFrame(
        {"a": [1, 2], "b": ["x", None], 3: pd.to_datetime(["2020", None])}
    ),
    "frame without columns": pd.DataFrame(index=pd.RangeIndex(3)),
    "columns of two levels": pd.DataFrame(
        np.ones((2, 2)), columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])
    ),
    "integers that may be missing": pd.Series([1, None], dtype="Int64"),
    "label": pd.Period("2020Q3"),
    "missing": pd.NA,
    "month's end": pd.offsets.MonthEnd(2),
    "no time": pd.NaT,
    "periods": pd.period_range("2020", periods=3, freq="W-WED", name=("a", 1)),
    "span": pd.Timedelta("3h"),
    "spans": pd.timedelta_range(0, periods=3, freq="h"),
    "stamp": pd.Timestamp("2020-03-01 10:00:00.123456789", tz="Asia/Tokyo"),
    "summer time": pd.date_range(
        "2021-10-30", periods=50, freq="h", tz="Europe/Berlin", unit="us"
    ),
    "text": pd.Index(["a", None, "b"]),
    "whole days": pd.date_range("2021-03-01", periods=40, tz="America/New_York"),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_and_labels_of_pandas_come_back(name: str, tmp_path: Path) -> None:
    table = TABLES[name]
    again = through_a_file(table, tmp_path / "model")
    if isinstance(table, pd.DataFrame):
        pd.testing.assert_frame_equal(again, table, check_freq=True)
    elif isinstance(table, pd.Series):
        pd.testing.assert_series_equal(again, table)
    elif isinstance(table, pd.Index):
        pd.testing.assert_index_equal(again, table, exact=True)
        assert getattr(again, "freq", None) == getattr(table, "freq", None)
    else:
        assert again is table or again == table


def test_a_table_that_would_not_come_back_is_refused() -> None:
    with pytest.raises(TypeError, match="an IntervalIndex of pandas such as"):
        pack(pd.IntervalIndex.from_breaks([0, 1, 2]))


def test_each_builder_is_reached() -> None:
    kinds = {parts_of(table)[0] for table in TABLES.values()}
    kinds |= {parts_of(case)[0] for case in (pd.RangeIndex(3), pd.Series([1.0]))}
    columns = TABLES["columns of two levels"].columns
    assert kinds | {parts_of(columns)[0]} == set(BUILDERS)
