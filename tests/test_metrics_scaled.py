"""Scaled errors of forecasts: against their equations, and what M4 published."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqest.datasets import load_airline
from seqest.metrics import mase, owa, rmsse, smape

# Sums in another order.
ROUNDING = 1e-12

RNG = np.random.default_rng(7)
LENGTHS = {"oslo": 30, "bergen": 18, "alta": 25}  # of which the last few are forecast
HORIZONS = {"oslo": 6, "bergen": 3, "alta": 9}
WALKS = {
    name: 10.0 ** (k + 1) * (5 + RNG.standard_normal(length).cumsum())
    for k, (name, length) in enumerate(LENGTHS.items())
}
TRAIN = {name: walk[: -HORIZONS[name]] for name, walk in WALKS.items()}
TRUE = {name: walk[-HORIZONS[name] :] for name, walk in WALKS.items()}
PRED = {name: y * RNG.uniform(0.8, 1.3, y.size) for name, y in TRUE.items()}
NAIVE = {name: np.full(HORIZONS[name], train[-1]) for name, train in TRAIN.items()}


def stacked(series: dict[str, Any]) -> Any:
    return np.concatenate(list(series.values()))


def ids(series: dict[str, Any]) -> Any:
    return np.repeat(list(series), [len(rows) for rows in series.values()])


PANEL: dict[str, Any] = {
    "y_train": stacked(TRAIN),
    "groups": ids(TRUE),
    "groups_train": ids(TRAIN),
}


def step_size(train: Any, period: int, power: int) -> float:
    """Return the mean power of steps over a season, term by term."""
    steps = [abs(train[s] - train[s - period]) for s in range(period, len(train))]
    return float(sum(step**power for step in steps) / len(steps))


# rmsse


def test_rmsse_is_the_root_error_in_units_of_the_root_naive_step() -> None:
    for period in (1, 7):
        true, pred, train = TRUE["oslo"], PRED["oslo"], TRAIN["oslo"]
        mean = sum((a - b) ** 2 for a, b in zip(true, pred, strict=True)) / len(true)
        expected = np.sqrt(mean / step_size(train, period, 2))
        ours = rmsse(true, pred, y_train=train, seasonal_period=period)
        assert ours == pytest.approx(expected, rel=ROUNDING)


@pytest.mark.parametrize("period", [1, 12])
def test_the_naive_forecast_of_the_training_rows_has_an_rmsse_of_one(
    period: int,
) -> None:
    y = load_airline()
    naive = y.shift(period).iloc[period:]
    score = rmsse(y.iloc[period:], naive, y_train=y, seasonal_period=period)
    assert score == pytest.approx(1.0, rel=ROUNDING)


def test_rows_before_the_first_sale_count_where_they_are_not_unknown() -> None:
    sales = np.array([0.0, 0.0, 0.0, 4.0, 1.0, 5.0])  # steps 0, 0, 4, −3, 4
    since = np.where(np.arange(6) < 3, np.nan, sales)  # steps −3, 4
    assert rmsse([2.0], [7.0], y_train=sales) == pytest.approx(5 / np.sqrt(41 / 5))
    assert rmsse([2.0], [7.0], y_train=since) == pytest.approx(5 / np.sqrt(25 / 2))


# Series


@pytest.mark.parametrize(("metric", "power"), [(mase, 1), (rmsse, 2)])
@pytest.mark.parametrize("period", [1, 4])
def test_each_series_is_scaled_by_training_rows_of_its_own(
    metric: Any, power: int, period: int
) -> None:
    parts = []
    for name, true in TRUE.items():
        error = sum(abs(true - PRED[name]) ** power) / len(true)
        scale = step_size(TRAIN[name], period, power)
        parts.append((error / scale) ** (1 / power))
    ours = metric(stacked(TRUE), stacked(PRED), seasonal_period=period, **PANEL)
    assert ours == pytest.approx(sum(parts) / 3, rel=ROUNDING)


def test_series_of_unlike_length_count_alike() -> None:
    groups = ["a", "a", "a", "b"]
    true, pred = [100.0, 100.0, 100.0, 100.0], [100.0, 100.0, 100.0, 300.0]
    assert smape(true, pred, groups=groups) == 50.0
    assert smape(true, pred) == 25.0


@pytest.mark.parametrize("metric", [mase, rmsse])
def test_training_rows_of_series_may_be_interleaved_and_of_others_too(
    metric: Any,
) -> None:
    expected = metric(stacked(TRUE), stacked(PRED), seasonal_period=2, **PANEL)
    order = np.argsort(np.concatenate([np.arange(len(t)) for t in TRAIN.values()]))
    flat = np.ones(5)  # nothing could be scaled by it
    mixed = {
        "y_train": np.concatenate([flat, stacked(TRAIN)[order]]),
        "groups_train": ["never asked for"] * 5 + list(ids(TRAIN)[order]),
        "groups": ids(TRUE),
    }
    ours = metric(stacked(TRUE), stacked(PRED), seasonal_period=2, **mixed)
    assert ours == pytest.approx(expected, rel=ROUNDING)


def test_no_training_step_reaches_over_a_hole_in_time() -> None:
    hours = pd.date_range("2024-01-01", periods=40, freq="h")
    walk = RNG.standard_normal(40).cumsum()
    train = pd.Series(walk, hours).drop(hours[20])
    steps = np.delete(np.abs(np.diff(walk)), [19, 20])
    score = mase([1.0], [3.0], y_train=train)
    assert score == pytest.approx(2 / steps.mean(), rel=ROUNDING)
    # Without the stamps, the row after the hole follows the row before it.
    assert mase([1.0], [3.0], y_train=train.to_numpy()) != pytest.approx(score)


@pytest.mark.parametrize("metric", [mase, rmsse])
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"y_train": TRAIN["oslo"], "groups_train": ["oslo"] * 24},
            "training rows of series 'bergen', which y_true has",
        ),
        ({"groups_train": None}, "of series 'oslo'.*name its series.*groups_train="),
        ({"groups": None}, "training series that y_true names too.*groups="),
        ({"groups_train": ["oslo"] * 3}, "groups_train have 3 rows but y_train has 55"),
        (
            {"seasonal_period": 15},
            "more than seasonal_period=15 rows in series 'bergen'",
        ),
        (
            {"y_train": np.where(ids(TRAIN) == "alta", 3.0, stacked(TRAIN))},
            "from season to season in every output in series 'alta'",
        ),
        (
            {"y_train": pd.Series(stacked(TRAIN))[::-1], "groups_train": ids(TRAIN)},
            "shuffle=False",
        ),
    ],
)
def test_training_rows_that_do_not_serve_every_series_are_refused(
    metric: Any, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        metric(stacked(TRUE), stacked(PRED), **{**PANEL, **changed})


# owa


def test_the_naive_forecast_has_an_owa_of_one() -> None:
    naive = stacked(NAIVE)
    assert owa(stacked(TRUE), naive, y_naive=naive, **PANEL) == 1.0
    weight = RNG.uniform(0.1, 2, naive.size)
    again = owa(stacked(TRUE), naive, y_naive=naive, sample_weight=weight, **PANEL)
    assert again == 1.0


def test_owa_divides_means_over_series_by_means_over_series() -> None:
    # Errors of 10 and 30, and 20 and 10 of the naive forecast; steps of 2 and 5. Alone,
    # the two series would score .49 and 2.4, in the mean 1.44.
    percent = (10 / 190 + 30 / 50) / (20 / 180 + 10 / 30)
    scaled = (10 / 2 + 30 / 5) / (20 / 2 + 10 / 5)
    ours = owa(
        [100.0, 10.0],
        [90.0, 40.0],
        y_naive=[80.0, 20.0],
        y_train=[0.0, 2.0, 0.0, 5.0],
        groups=["a", "b"],
        groups_train=["a", "a", "b", "b"],
    )
    assert ours == pytest.approx((percent + scaled) / 2, rel=ROUNDING)


@pytest.mark.parametrize(
    ("naive2", "method", "published"),
    [
        ((13.564, 1.912), (11.374, 1.536), 0.821),  # the winner, all 100 000 series
        ((18.383, 2.395), (9.328, 0.893), 0.440),  # the winner, hourly series
        ((18.383, 2.395), (13.912, 1.193), 0.627),  # the seasonal naive, hourly series
    ],
)
def test_the_means_that_m4_published_give_the_owa_it_published(
    naive2: tuple[float, float], method: tuple[float, float], published: float
) -> None:
    # Two series of one row, true value 1: errors that give the sMAPE, then steps of
    # the training rows that give both MASE.
    def errors(mean_smape: float, split: float) -> np.ndarray:
        shares = 2 * mean_smape * np.array([split, 1 - split])
        return 2 * shares / (200 - shares)

    ours, theirs = errors(method[0], 0.6), errors(naive2[0], 0.35)
    steps = 1 / np.linalg.solve([ours, theirs], [2 * method[1], 2 * naive2[1]])
    score = owa(
        [1.0, 1.0],
        1 + ours,
        y_naive=1 + theirs,
        y_train=[0.0, steps[0], 0.0, steps[1]],
        groups=["a", "b"],
        groups_train=["a", "a", "b", "b"],
    )
    assert smape([1.0, 1.0], 1 + ours) == pytest.approx(method[0], rel=ROUNDING)
    assert score == pytest.approx(published, abs=1e-3)  # as published


def test_a_naive_forecast_that_does_not_serve_is_refused() -> None:
    true, pred, naive = stacked(TRUE), stacked(PRED), stacked(NAIVE)
    with pytest.raises(ValueError, match=r"owa\(y_naive=.*wrong somewhere"):
        owa(true, pred, y_naive=true, **PANEL)
    with pytest.raises(ValueError, match=r"y_naive\[0, 0\] is NaN"):
        owa(true, pred, y_naive=np.where(naive == naive[0], np.nan, naive), **PANEL)
    with pytest.raises(ValueError, match=r"y_naive=.*indexed as y_true is.*y_naive.re"):
        owa(pd.Series(true), pred, y_naive=pd.Series(naive)[::-1], **PANEL)
    with pytest.raises(ValueError, match=r"y_naive=.*of y_true's shape"):
        owa(true, pred, y_naive=naive[:-1], **PANEL)
