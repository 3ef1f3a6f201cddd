"""Rolling origins: held against an enumeration of stamps, and inside searches."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GridSearchCV,
    TimeSeriesSplit,
    cross_val_score,
    cross_validate,
)

from seqest import ESNRegressor
from seqest.forecasting import RollingOriginSplit

# How an integer time becomes a stamp.
STAMPS = {
    "day": lambda t: pd.Timestamp("2020-01-01") + pd.Timedelta(days=int(t)),
    "month end": lambda t: pd.Timestamp("2020-01-31") + pd.offsets.MonthEnd(int(t)),
    "hour of a zone": lambda t: (
        pd.Timestamp("2020-03-28 20:00", tz="UTC") + pd.Timedelta(hours=int(t))
    ).tz_convert("Europe/Berlin"),
    "quarter": lambda t: pd.Period("2020Q1") + int(t),
    "integer": lambda t: 3 * int(t) - 7,
    "float": lambda t: 0.1 * t,
}


def enumerated(
    times: list[Hashable], order: list[Hashable], cv: RollingOriginSplit
) -> list[tuple[list[int], list[int]]]:
    """Return the splits by dropping time steps from the end, one split after another.

    Parameters
    ----------
    times : list
        The time of each row.
    order : list
        All times, ascending.
    cv : RollingOriginSplit
        What is to be enumerated.
    """

    def rows(some: list[Hashable]) -> list[int]:
        return [row for row, time in enumerate(times) if time in some]

    splits = []
    left = list(order)
    fewest = cv.max_train_size if cv.window == "sliding" else cv.min_train_size
    while cv.n_splits is None or len(splits) < cv.n_splits:
        test, before = left[-cv.horizon :], left[: -cv.horizon]
        train = before[: len(before) - cv.gap]
        if len(test) < cv.horizon or len(before) < cv.gap + fewest:
            break
        train = train if cv.max_train_size is None else train[-cv.max_train_size :]
        splits.append((rows(train), rows(test)))
        left = left[: -(cv.horizon if cv.step is None else cv.step)]
    return splits[::-1]


def random_splitter(rng: np.random.Generator, n_splits: int | None) -> Any:
    sliding = bool(rng.random() < 0.4)
    limited = sliding or rng.random() < 0.3
    return RollingOriginSplit(
        int(rng.integers(1, 6)),
        step=None if rng.random() < 0.3 else int(rng.integers(1, 8)),
        gap=int(rng.integers(0, 4)),
        window="sliding" if sliding else "expanding",
        n_splits=n_splits,
        max_train_size=int(rng.integers(3, 9)) if limited else None,
        min_train_size=int(rng.integers(1, 4)),
    )


def random_panel(rng: np.random.Generator) -> tuple[list[str], list[int]]:
    """Return the series and the time of each row, interleaved, with holes."""
    rows = []
    for name in "abc"[: rng.integers(1, 4)]:
        begin, end = rng.integers(0, 12), rng.integers(25, 45)
        rows += [(name, int(t)) for t in range(begin, end) if rng.random() < 0.9]
    rng.shuffle(rows)
    return [row[0] for row in rows], [int(row[1]) for row in rows]


def as_lists(splits: Iterator[tuple[Any, Any]]) -> list[tuple[list[int], list[int]]]:
    return [(train.tolist(), test.tolist()) for train, test in splits]


@pytest.mark.parametrize("kind", STAMPS)
@pytest.mark.parametrize("form", ["multiindex", "index and groups", "index of y"])
@pytest.mark.parametrize("n_splits", [3, None])
def test_rows_are_split_by_their_stamps(
    kind: str, form: str, n_splits: int | None
) -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        names, times = random_panel(rng)
        index = pd.Index([STAMPS[kind](time) for time in times])
        X = pd.DataFrame({"x": rng.random(len(times))}, index=index)
        groups = np.array(names) if form != "multiindex" else None
        arguments: tuple[Any, ...] = X, None, groups
        if form == "multiindex":
            X.index = pd.MultiIndex.from_arrays([names, index])
        elif form == "index of y":
            arguments = X.to_numpy(), X["x"], groups
        cv = random_splitter(rng, n_splits)
        expected = enumerated(times, sorted(set(times)), cv)
        assert len(expected) > 0
        assert as_lists(cv.split(*arguments)) == expected
        assert cv.get_n_splits(*arguments) == len(expected)


@pytest.mark.parametrize("numbered", [False, True], ids=["array", "row numbers"])
def test_without_stamps_time_is_the_place_within_a_series(numbered: bool) -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        names = rng.choice(list("abc"), 60).tolist()
        times = [names[:row].count(name) for row, name in enumerate(names)]
        X: Any = pd.DataFrame({"x": rng.random(60)})
        cv = random_splitter(rng, None)
        expected = enumerated(times, sorted(set(times)), cv)
        splits = cv.split(X if numbered else X.to_numpy(), groups=names)
        assert as_lists(splits) == expected


def test_row_numbers_stay_row_numbers_in_part_of_a_panel() -> None:
    X = pd.DataFrame({"x": np.zeros(20)})  # two series of 10, one after the other
    part = [*range(8), *range(10, 18)]
    cv = RollingOriginSplit(2, n_splits=2)
    (_, test), _ = cv.split(X.iloc[part], groups=np.repeat([0, 1], 8))
    assert test.tolist() == [4, 5, 12, 13]


def test_stamps_of_a_multiindex_outrank_groups() -> None:
    index = pd.MultiIndex.from_tuples([("a", 0), ("a", 1), ("b", 2), ("b", 3)])
    X = pd.DataFrame({"x": np.zeros(4)}, index=index)
    (train, test), *_ = RollingOriginSplit(1, n_splits=1).split(X, groups=[1, 1, 2, 2])
    assert (train.tolist(), test.tolist()) == ([0, 1, 2], [3])


def test_rows_of_one_stamp_stay_together_without_groups() -> None:
    days = pd.to_datetime(["2020-01-01"] * 3 + ["2020-01-02"] * 1 + ["2020-01-05"] * 4)
    (train, test), *others = RollingOriginSplit(1, n_splits=2).split(
        pd.DataFrame({"x": np.zeros(8)}, index=days)
    )
    assert (train.tolist(), test.tolist()) == ([0, 1, 2], [3])
    assert others[0][1].tolist() == [4, 5, 6, 7]


@pytest.mark.parametrize("gap", [0, 3])
@pytest.mark.parametrize("limit", [None, 20])
def test_tiled_rows_are_split_as_by_scikit_learn(gap: int, limit: int | None) -> None:
    X = np.zeros((47, 2))
    ours = RollingOriginSplit(6, n_splits=4, gap=gap, max_train_size=limit).split(X)
    theirs = TimeSeriesSplit(4, test_size=6, gap=gap, max_train_size=limit).split(X)
    assert as_lists(ours) == as_lists(theirs)


def test_training_ends_the_gap_before_the_test_in_calendar_time() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        names = np.repeat(["a", "b"], 60)
        day = np.concatenate([np.arange(60), np.arange(15, 75)])
        rows = rng.permutation(120)
        stamps = pd.to_datetime(day[rows], unit="D", origin="2020-01-01")
        index = pd.MultiIndex.from_arrays([names[rows], stamps])
        cv = random_splitter(rng, 4)
        cv.step, judged = cv.horizon + int(rng.integers(0, 3)), []
        for train, test in cv.split(pd.DataFrame({"x": np.zeros(120)}, index=index)):
            waited = stamps[test].min() - stamps[train].max()
            assert waited == pd.Timedelta(days=1 + cv.gap)
            assert stamps[test].nunique() == cv.horizon
            judged += test.tolist()
        assert stamps[test].max() == stamps.max()
        assert len(judged) == len(set(judged))


def panel(seed: int) -> tuple[Any, Any]:
    """Return an autoregression of each series and its next values, with dates."""
    rng = np.random.default_rng(seed)
    frames = {}
    for begin, end in ((0, 90), (12, 100)):
        y = rng.standard_normal(end - begin)
        for t in range(1, y.size):
            y[t] += 0.8 * y[t - 1]
        days = pd.date_range("2020-01-01", periods=end)[begin:]
        frames[begin] = pd.DataFrame({"x": y, "y": np.append(y[1:], 0.0)}, index=days)
    frame = pd.concat(frames)
    return frame[["x"]], frame["y"]


def scores_by_hand(model: Any, X: Any, y: Any, cv: Any, **groups: Any) -> list[float]:
    """Return R² of each split by a loop over stamps."""
    days = X.index.get_level_values(-1)
    last, scores = days.max(), []
    for k in reversed(range(cv.n_splits)):
        end = last - pd.Timedelta(days=k * cv.step)
        origin = end - pd.Timedelta(days=cv.horizon)
        train, test = days <= origin, (days > origin) & (days <= end)
        own = {name: (ids[train], ids[test]) for name, ids in groups.items()}
        fitted = model.fit(X[train], y[train], **{k: v[0] for k, v in own.items()})
        predicted = fitted.predict(X[test], **{k: v[1] for k, v in own.items()})
        total = ((y[test] - y[test].mean()) ** 2).sum()
        scores.append(1 - ((y[test] - predicted) ** 2).sum() / total)
    return scores


def searched(model: Any, grid: Any, X: Any, y: Any, cv: Any, **params: Any) -> Any:
    search = GridSearchCV(model, grid, cv=cv, error_score="raise").fit(X, y, **params)
    results = search.cv_results_
    return [
        [results[f"split{k}_test_score"][j] for k in range(cv.n_splits)]
        for j in range(len(results["params"]))
    ]


CV = RollingOriginSplit(10, step=5, n_splits=4)


def test_a_search_over_ridge_scores_the_same_origins_for_all_series() -> None:
    X, y = panel(0)
    found = searched(Ridge(), {"alpha": [0.1, 100.0]}, X, y, CV)
    expected = [scores_by_hand(Ridge(alpha=a), X, y, CV) for a in (0.1, 100.0)]
    np.testing.assert_allclose(found, expected)


def test_groups_reach_the_splitter_with_and_without_routing() -> None:
    X, y = panel(1)
    ids = X.index.get_level_values(0).to_numpy()
    table, y = X.to_numpy(), y.to_numpy()
    places = X.reset_index(level=0, drop=True)
    places.index = pd.RangeIndex(90).append(pd.RangeIndex(88))
    days = [CV.split(table, groups=ids), CV.split(places)]
    assert as_lists(days[0]) == as_lists(days[1])
    scores = [cross_val_score(Ridge(), table, y, cv=CV, groups=ids)]
    with config_context(enable_metadata_routing=True):
        params = {"groups": ids}
        scores.append(cross_val_score(Ridge(), table, y, cv=CV, params=params))
        searches = searched(Ridge(), {"alpha": [1.0]}, table, y, CV, groups=ids)
    scores.append(np.array(searches[0]))
    expected = cross_val_score(Ridge(), table, y, cv=list(CV.split(places)))
    for found in scores:
        np.testing.assert_array_equal(found, expected)


def esn(spectral_radius: float) -> ESNRegressor:
    return ESNRegressor(20, spectral_radius=spectral_radius, random_state=0)


def test_a_search_over_a_reservoir_splits_a_panel_with_a_multiindex() -> None:
    X, y = panel(2)
    found = searched(esn(0.5), {"spectral_radius": [0.5, 0.9]}, X, y, CV)
    expected = [scores_by_hand(esn(radius), X, y, CV) for radius in (0.5, 0.9)]
    np.testing.assert_allclose(found, expected)


def test_routing_gives_groups_to_splitter_and_reservoir_alike() -> None:
    X, y = panel(3)
    ids = X.index.get_level_values(0).to_numpy()
    X, y = X.droplevel(0), y.droplevel(0)
    with config_context(enable_metadata_routing=True):
        found = searched(esn(0.5), {"washout": [5]}, X, y, CV, groups=ids)
        scored = cross_validate(
            esn(0.5).set_params(washout=5), X, y, cv=CV, params={"groups": ids}
        )
    np.testing.assert_array_equal(found[0], scored["test_score"])
    model = esn(0.5).set_params(washout=5)
    np.testing.assert_allclose(found[0], scores_by_hand(model, X, y, CV, groups=ids))


def test_copies_split_alike_and_say_what_they_are() -> None:
    X = np.zeros((60, 1))
    for copied in (copy.deepcopy(CV), pickle.loads(pickle.dumps(CV))):
        assert as_lists(copied.split(X)) == as_lists(CV.split(X))
    words = " ".join(repr(CV).split())
    assert words.startswith("RollingOriginSplit(gap=0, horizon=10, ")
    assert "step=5" in words


def test_the_number_of_splits_is_known_without_data_unless_data_decide_it() -> None:
    assert RollingOriginSplit(3).get_n_splits() == 5
    cv = RollingOriginSplit(3, n_splits=None, step=2)
    assert cv.get_n_splits(np.zeros((10, 1))) == 4  # 4, 6, 8, 10 rows
    with pytest.raises(ValueError, match="needs X or y"):
        cv.get_n_splits()


ROWS = np.zeros((60, 1))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"horizon": 0}, r"\(horizon=0\): must be an integer of at least 1"),
        ({"horizon": -3}, r"\(horizon=-3\): must be an integer of at least 1"),
        ({"step": 0}, r"\(step=0\): must be an integer of at least 1"),
        ({"gap": -1}, r"\(gap=-1\): must be an integer of at least 0"),
        ({"n_splits": 0}, r"\(n_splits=0\): must be an integer of at least 1"),
        ({"min_train_size": 0}, r"\(min_train_size=0\)"),
        ({"window": "rolling"}, r"must be one of 'expanding', 'sliding'"),
        ({"window": "sliding"}, r"must be given with window='sliding'"),
        ({"max_train_size": 2, "min_train_size": 4}, "not be less than min_train_size"),
        ({"horizon": 20}, "needs 101 time steps but there are 60.*n_splits to 2"),
        ({"horizon": 70}, "needs 351 time steps .* Lower one of these"),
        ({"n_splits": None, "min_train_size": 58}, "needs 61 time steps"),
    ],
)
def test_parameters_out_of_range_are_refused_in_words(
    parameters: dict[str, Any], words: str
) -> None:
    cv = RollingOriginSplit(**{"horizon": 3, **parameters})
    with pytest.raises(ValueError, match=words):
        next(cv.split(ROWS))


def test_the_rows_an_error_asks_for_are_enough() -> None:
    cv = RollingOriginSplit(7, step=3, gap=2, n_splits=4, min_train_size=5)
    with pytest.raises(ValueError, match="needs 23 time steps but there are 22"):
        next(cv.split(np.zeros((22, 1))))
    train, test = next(cv.split(np.zeros((23, 1))))
    assert (train.size, test.size) == (5, 7)


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (np.zeros((2, 30, 1)), None, "X is 3-D, but RollingOriginSplit splits rows"),
        ([ROWS, ROWS], None, "X is a list of series"),
        (ROWS, np.zeros(59), "inconsistent numbers of samples"),
        (np.zeros((0, 1)), None, "X is empty"),
        (pd.DataFrame(ROWS), pd.Series(ROWS[:, 0])[::-1], "y has another index than X"),
        (pd.DataFrame(ROWS, index=pd.to_datetime([None] * 60)), None, "missing labels"),
    ],
)
def test_rows_that_are_not_rows_in_time_are_refused_in_words(
    X: Any, y: Any, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        next(RollingOriginSplit(3).split(X, y))
