"""What holds for every metric, and for those that judge row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tests.contracts.tables.metrics import TABLE, Array, Metric

every_metric = pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
BY_ROW = {name: row for name, row in TABLE.items() if row.by_row}
every_row_metric = pytest.mark.parametrize("row", BY_ROW.values(), ids=BY_ROW.keys())
BY_SERIES = {name: row for name, row in TABLE.items() if row.by_series}
every_series_metric = pytest.mark.parametrize(
    "row", BY_SERIES.values(), ids=BY_SERIES.keys()
)

# Sums in another order; the values are near one.
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}


def arguments(row: Metric, seed: int = 0) -> tuple[Array, Array]:
    """Return a target and a prediction that misses it everywhere."""
    rng = np.random.default_rng(seed)
    truth = row.draw(rng)
    perfect = row.perfect(truth)
    noise = rng.standard_normal(perfect.shape) * perfect.std(axis=0)
    return truth, perfect + 0.5 * noise


@every_metric
def test_a_perfect_prediction_scores_best_and_another_does_not(row: Metric) -> None:
    truth, missed = arguments(row)
    best = row.score(truth, row.perfect(truth))
    assert type(best) is float
    assert best == pytest.approx(row.best, abs=1e-12)  # correlations round
    assert abs(row.score(truth, missed) - row.best) > 0.01


@every_metric
def test_lists_frames_and_integers_count_as_arrays(row: Metric) -> None:
    truth, missed = (np.round(10 * array) for array in arguments(row))
    expected = row.score(truth, missed)
    assert row.score(truth.tolist(), missed.tolist()) == expected
    assert row.score(truth.astype(int), missed.astype(np.float32)) == expected
    assert row.score(pd.DataFrame(truth), missed.astype(object)) == expected
    assert row.score(pd.DataFrame(truth), pd.DataFrame(missed)) == expected
    assert row.score(np.asfortranarray(truth), missed[::-1][::-1]) == expected


@every_metric
def test_arguments_are_not_written_to(row: Metric) -> None:
    truth, missed = arguments(row)
    kept = truth.copy(), missed.copy()
    truth.flags.writeable = missed.flags.writeable = False
    row.score(truth, missed)
    np.testing.assert_array_equal(truth, kept[0])
    np.testing.assert_array_equal(missed, kept[1])


@every_metric
@pytest.mark.parametrize(
    "spoil",
    [
        lambda truth, missed: (truth[:-1], missed),
        lambda truth, missed: (truth, missed[:-1]),
        lambda truth, missed: (truth[:0], missed[:0]),
        lambda truth, missed: (truth, missed[np.newaxis]),
        lambda truth, missed: (truth.astype(str), missed),
        lambda truth, missed: (truth, missed.astype(complex)),
        lambda truth, missed: (np.where(truth == truth[3], np.inf, truth), missed),
        lambda truth, missed: (np.full_like(truth, np.nan), missed),
        lambda truth, missed: (np.hstack([truth] * 4), missed),
    ],
    ids=[
        "fewer true rows",
        "fewer predicted rows",
        "no rows",
        "three dimensions",
        "text",
        "complex",
        "inf",
        "all NaN",
        "more true columns",
    ],
)
def test_what_cannot_be_scored_is_refused_in_words(row: Metric, spoil: object) -> None:
    with pytest.raises(ValueError, match=r"must be|needs numbers"):
        row.score(*spoil(*arguments(row)))


@every_metric
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_prediction_that_is_no_number_is_named_or_not_valid(
    row: Metric, value: float
) -> None:
    truth, missed = arguments(row)
    missed[5, -1] = value
    if row.accepts_blown_up_predictions:
        assert row.score(truth, missed) <= 5
    else:
        words = "is NaN" if np.isnan(value) else "is infinite"
        with pytest.raises(ValueError, match=rf"{row.name}\[5, \d\] {words}"):
            row.score(truth, missed)


@every_row_metric
def test_rows_with_an_unknown_output_do_not_count(row: Metric) -> None:
    truth, missed = arguments(row)
    holed = truth.copy()
    holed[[3, 17], [0, 1]] = np.nan
    keep = np.setdiff1d(np.arange(len(truth)), [3, 17])
    expected = row.score(truth[keep], missed[keep])
    assert row.score(holed, missed) == expected


@every_row_metric
def test_an_integer_weight_is_a_repetition_of_the_row(row: Metric) -> None:
    truth, missed = arguments(row)
    weight = np.random.default_rng(1).integers(0, 4, len(truth))
    weighted = row.score(truth, missed, sample_weight=weight)
    repeated = row.score(np.repeat(truth, weight, 0), np.repeat(missed, weight, 0))
    np.testing.assert_allclose(weighted, repeated, **ROUNDING)


@every_row_metric
def test_outputs_are_scored_apart_then_averaged(row: Metric) -> None:
    truth, missed = arguments(row)
    raw = row.score(truth, missed, multioutput="raw_values")
    assert raw.shape == (2,)
    assert row.score(truth, missed) == pytest.approx(raw.mean(), rel=1e-14)
    weighted = row.score(truth, missed, multioutput=[1.0, 3.0])
    assert weighted == pytest.approx((raw[0] + 3 * raw[1]) / 4, rel=1e-14)


@every_row_metric
def test_one_output_may_be_a_vector_or_a_column(row: Metric) -> None:
    truth, missed = arguments(row)
    train = getattr(row.score, "keywords", {}).get("y_train")
    known = {} if train is None else {"y_train": train[:, 0]}
    columns = missed[:, : row.n_draws]
    column = row.score(truth[:, :1], columns, **known)
    assert row.score(truth[:, 0], columns, **known) == column
    assert row.score(truth[:, 0], columns.squeeze(), **known) == column


@every_row_metric
def test_rows_that_pandas_would_align_otherwise_are_refused(row: Metric) -> None:
    truth, missed = arguments(row)
    days = pd.date_range("2024-01-01", periods=len(truth))
    true, pred = pd.DataFrame(truth, days), pd.DataFrame(missed, days)
    assert row.score(true, pred) == row.score(truth, missed)
    with pytest.raises(ValueError, match=r"indexed as y_true is.*reindex"):
        row.score(true, pred.shift(1, freq="D"))
    with pytest.raises(ValueError, match="indexed as y_true is"):
        row.score(true, pred.iloc[::-1])


@every_row_metric
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sample_weight": [1.0, 2.0]}, "sample_weight=.*40 of them"),
        ({"sample_weight": np.full(40, -1.0)}, "sample_weight=.*non-negative"),
        ({"sample_weight": np.zeros(40)}, "sample_weight=.*positive in some row"),
        ({"sample_weight": np.full(40, np.nan)}, "sample_weight=.*finite"),
        ({"multioutput": "average"}, "multioutput='average'.*'raw_values'"),
        ({"multioutput": [1.0]}, "multioutput=.*2 of them"),
        ({"multioutput": [0.0, 0.0]}, "multioutput=.*not all 0"),
        ({"multioutput": [2.0, -1.0]}, "multioutput=.*non-negative"),
    ],
)
def test_bad_options_are_named(
    row: Metric, options: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        row.score(*arguments(row), **options)


# Series: of unlike length, size and order of ids, so that no mixture goes unseen.
IDS = np.repeat(["b", "a", "c"], [20, 7, 13])


def trained(row: Metric, ids: NDArray[Any]) -> dict[str, Any]:
    """Return what a metric that is scaled by training rows wants of these series."""
    keywords = getattr(row.score, "keywords", {})
    if "y_train" not in keywords:
        return {}
    names = ["a", "b", "c"]  # not in the order of the target
    parts = [(k + 1.0) * keywords["y_train"][k:] for k, _ in enumerate(names)]
    kept = [k for k, name in enumerate(names) if name in ids]
    return {
        "y_train": np.concatenate([parts[k] for k in kept]),
        "groups_train": np.repeat([names[k] for k in kept], [40 - k for k in kept]),
    }


def scored(row: Metric, truth: Any, missed: Any, ids: Any, **options: Any) -> Any:
    return row.score(truth, missed, groups=ids, **trained(row, IDS), **options)


@every_series_metric
def test_series_are_scored_apart_then_averaged(row: Metric) -> None:
    truth, missed = arguments(row)
    parts = []
    for name in "abc":
        here = name == IDS
        train = trained(row, IDS[here])
        train.pop("groups_train", None)  # one series needs no name
        parts.append(
            row.score(truth[here], missed[here], multioutput="raw_values", **train)
        )
    together = scored(row, truth, missed, IDS, multioutput="raw_values")
    if row.is_ratio:
        assert (together >= np.min(parts, axis=0)).all()
        assert (together <= np.max(parts, axis=0)).all()
        return
    np.testing.assert_allclose(together, np.mean(parts, axis=0), **ROUNDING)


@every_series_metric
def test_rows_of_series_may_be_interleaved(row: Metric) -> None:
    truth, missed = arguments(row)
    order = np.random.default_rng(2).permutation(len(truth))
    mixed = scored(row, truth[order], missed[order], IDS[order])
    assert mixed == pytest.approx(scored(row, truth, missed, IDS), rel=1e-12)


@every_series_metric
def test_a_multiindex_names_the_series(row: Metric) -> None:
    truth, missed = arguments(row)
    expected = scored(row, truth, missed, IDS)
    index = pd.MultiIndex.from_arrays([IDS, np.arange(len(IDS))])
    train = trained(row, IDS)
    if train:
        ids = train.pop("groups_train")
        rows = pd.MultiIndex.from_arrays([ids, np.arange(len(ids))])
        train["y_train"] = pd.DataFrame(train["y_train"], rows)
    true, pred = pd.DataFrame(truth, index), pd.DataFrame(missed, index)
    assert row.score(true, pred, **train) == expected
    assert row.score(true, missed, **train) == expected
    assert row.score(truth, pred, **train) == expected
    single = pd.Series(truth[:, 0], index), pd.DataFrame(missed, index)
    columns = single[1].iloc[:, : row.n_draws]
    if train:
        train["y_train"] = train["y_train"].iloc[:, 0]
    raw = scored(row, truth, missed, IDS, multioutput="raw_values")
    assert row.score(single[0], columns, **train) == pytest.approx(raw[0], rel=1e-14)


@every_series_metric
def test_a_series_of_which_no_row_counts_is_left_out(row: Metric) -> None:
    truth, missed = arguments(row)
    known = IDS != "a"
    expected = scored(row, truth[known], missed[known], IDS[known])
    holed = np.where(known[:, np.newaxis], truth, np.nan)
    assert scored(row, holed, missed, IDS) == expected
    assert scored(row, truth, missed, IDS, sample_weight=1.0 * known) == expected


@every_series_metric
def test_weights_are_of_rows_within_their_series(row: Metric) -> None:
    truth, missed = arguments(row)
    rng = np.random.default_rng(3)
    weight = rng.integers(1, 4, len(truth))
    repeated = [np.repeat(rows, weight, axis=0) for rows in (truth, missed, IDS)]
    weighted = scored(row, truth, missed, IDS, sample_weight=weight)
    assert weighted == pytest.approx(scored(row, *repeated), rel=1e-12)
    heavier = np.where(IDS == "b", 7.0, 1.0) * weight
    again = scored(row, truth, missed, IDS, sample_weight=heavier)
    assert again == pytest.approx(weighted, rel=1e-12)


@every_series_metric
@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (IDS[:-1], "groups have 39 rows but y_true has 40"),
        ([None, *IDS[1:]], "series of row 0 is missing"),
        ("b", r"\(groups='b'\): must be one id per row"),
    ],
)
def test_series_that_are_not_named_row_by_row_are_refused(
    row: Metric, groups: Any, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        scored(row, *arguments(row), groups)


@every_series_metric
def test_series_named_twice_or_without_time_are_refused(row: Metric) -> None:
    truth, missed = arguments(row)
    index = pd.MultiIndex.from_arrays([IDS, np.arange(len(IDS))])
    with pytest.raises(ValueError, match="y_true names its series in its MultiIndex"):
        scored(row, pd.DataFrame(truth, index), missed, IDS)
    swapped = pd.DataFrame(truth, index.swaplevel())
    with pytest.raises(ValueError, match="y_true's MultiIndex ends in"):
        scored(row, swapped, missed, None)
