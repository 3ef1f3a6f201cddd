"""What holds for every metric, and for those that judge row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.contracts.tables.metrics import TABLE, Array, Metric

every_metric = pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
BY_ROW = {name: row for name, row in TABLE.items() if row.by_row}
every_row_metric = pytest.mark.parametrize("row", BY_ROW.values(), ids=BY_ROW.keys())

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
        with pytest.raises(ValueError, match=rf"y_pred\[5, \d\] {words}"):
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
    column = row.score(truth[:, :1], missed[:, :1], **known)
    assert row.score(truth[:, 0], missed[:, 0], **known) == column
    assert row.score(truth[:, 0], missed[:, :1], **known) == column


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
