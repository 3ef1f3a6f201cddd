"""What holds for every generator, and for every loader."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.contracts.tables.datasets import GENERATORS, LOADERS, Generator, Loader

every_generator = pytest.mark.parametrize(
    "row", GENERATORS.values(), ids=GENERATORS.keys()
)
every_loader = pytest.mark.parametrize("row", LOADERS.values(), ids=LOADERS.keys())


def arrays(row: Generator, n_timesteps: int, **arguments: Any) -> list[Any]:
    """Return the arrays of `row` as a list, from seed 0 where it draws."""
    if row.is_random:
        arguments.setdefault("random_state", 0)
    made = row.make(n_timesteps, **arguments)
    return list(made) if isinstance(made, tuple) else [made]


@every_generator
@pytest.mark.parametrize("n_timesteps", [1, 2, 57])
def test_arrays_have_the_rows_asked_for_and_are_finite_float64(
    row: Generator, n_timesteps: int
) -> None:
    made = arrays(row, n_timesteps)
    assert len(made) == len(row.columns)
    for array, columns in zip(made, row.columns, strict=True):
        tail = () if columns is None else (columns,)
        assert array.shape == (n_timesteps, *tail)
        assert array.dtype == np.float64
        assert np.isfinite(array).all()


@every_generator
def test_what_was_returned_is_the_callers_own(row: Generator) -> None:
    first = arrays(row, 20)
    kept = [array.copy() for array in first]
    for array in first:
        array[:] = -1.0
    for array, copy in zip(arrays(row, 20), kept, strict=True):
        np.testing.assert_array_equal(array, copy)


@every_generator
def test_a_seed_decides_the_bits_and_the_global_state_is_left_alone(
    row: Generator,
) -> None:
    before = np.random.get_state(legacy=False)  # noqa: NPY002, it is what we watch
    first = arrays(row, 30)
    np.testing.assert_equal(np.random.get_state(legacy=False), before)  # noqa: NPY002
    for array, again in zip(first, arrays(row, 30), strict=True):
        np.testing.assert_array_equal(array, again)


@pytest.mark.parametrize("name", [k for k, row in GENERATORS.items() if row.is_random])
def test_an_int_a_generator_and_none_are_sources_of_randomness(name: str) -> None:
    row = GENERATORS[name]
    seeded = arrays(row, 30, random_state=5)
    rng = np.random.default_rng(5)
    drawn = arrays(row, 30, random_state=rng)
    next_draw = arrays(row, 30, random_state=rng)
    fresh = arrays(row, 30, random_state=None)
    for i, array in enumerate(seeded):
        np.testing.assert_array_equal(array, drawn[i])
        assert not np.array_equal(array, next_draw[i])
        assert not np.array_equal(array, fresh[i])


@pytest.mark.parametrize(
    "name", [k for k, row in GENERATORS.items() if not row.is_random]
)
def test_a_longer_deterministic_series_begins_with_the_shorter(name: str) -> None:
    row = GENERATORS[name]
    (short,), (long,) = arrays(row, 40), arrays(row, 60)
    # The solver's last step ends where it is told to, which moves the interpolated
    # rows within that step by its tolerance of 1e-12, times the size of the states.
    np.testing.assert_allclose(long[:40], short, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "name", [k for k, row in GENERATORS.items() if row.has_transient]
)
def test_discarded_rows_are_the_first_of_the_whole_run(name: str) -> None:
    row = GENERATORS[name]
    (whole,), (rest,) = arrays(row, 50, discard=0), arrays(row, 30, discard=20)
    np.testing.assert_allclose(whole[20:], rest, rtol=0, atol=1e-9)  # as above


@every_generator
@pytest.mark.parametrize(
    ("n_timesteps", "error"),
    [(0, ValueError), (-3, ValueError), (2.5, TypeError), ("9", TypeError)],
)
def test_a_bad_number_of_rows_is_named(
    row: Generator, n_timesteps: object, error: type[Exception]
) -> None:
    with pytest.raises(error, match=rf"^{row.make.__name__}\(n_timesteps="):
        row.make(n_timesteps)


@pytest.mark.parametrize("name", [k for k, row in GENERATORS.items() if row.is_random])
@pytest.mark.parametrize("source", [-1, 1.5, "seed"])
def test_a_bad_random_state_is_named(name: str, source: object) -> None:
    with pytest.raises(ValueError, match=rf"^{name}\(random_state="):
        arrays(GENERATORS[name], 5, random_state=source)


@every_loader
def test_what_is_loaded_is_named_and_its_index_regular(row: Loader) -> None:
    loaded = row.load()
    if isinstance(row.name, str):
        assert isinstance(loaded, pd.Series)
        assert loaded.name == row.name
    else:
        assert isinstance(loaded, pd.DataFrame)
        assert tuple(loaded.columns) == row.name
    assert np.all(pd.DataFrame(loaded).dtypes == np.float64)
    assert len(loaded) == row.length
    if isinstance(row.freq, str):
        assert isinstance(loaded.index, pd.DatetimeIndex | pd.PeriodIndex)
        assert loaded.index.freqstr == row.freq
    else:
        assert isinstance(loaded.index, pd.RangeIndex)
        assert loaded.index.step == row.freq
    assert loaded.index.is_monotonic_increasing
    assert loaded.index.is_unique


@every_loader
def test_what_is_changed_does_not_change_the_next_load(row: Loader) -> None:
    first = row.load()
    kept = pd.DataFrame(first).copy(deep=True)
    first.iloc[:] = -1.0
    pd.testing.assert_frame_equal(pd.DataFrame(row.load()), kept)


def test_statsmodels_is_imported_by_the_loaders_that_need_it_alone() -> None:
    code = (
        "import sys, seqest.datasets as d; d.load_airline();"
        "assert 'statsmodels' not in sys.modules;"
        "d.load_co2(); assert 'statsmodels' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
