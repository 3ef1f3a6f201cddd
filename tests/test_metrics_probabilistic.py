"""Scores of quantiles, paths and intervals: against sums, integrals, scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from sklearn.metrics import mean_absolute_error, mean_pinball_loss

from seqest.metrics import coverage, crps, pinball, winkler

# Sums in another order.
ROUNDING = 1e-12

RNG = np.random.default_rng(11)
TRUE = RNG.standard_normal((30, 2)) * (1.0, 20.0) + 5.0
PRED = TRUE + RNG.standard_normal((30, 2))
PATHS = TRUE[:, :, np.newaxis] + RNG.standard_normal((30, 2, 9))
WEIGHT = RNG.uniform(0, 2, 30)
LEVELS = np.array([0.1, 0.25, 0.5, 0.9])

numbers = arrays(np.float64, 6, elements=st.floats(-1e6, 1e6))


# pinball


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("multioutput", ["raw_values", "uniform_average", [1.0, 4.0]])
@pytest.mark.parametrize("q", [0.05, 0.5, 0.9])
def test_pinball_is_that_of_scikit_learn(
    q: float, weight: Any, multioutput: Any
) -> None:
    options = {"sample_weight": weight, "multioutput": multioutput}
    ours = pinball(TRUE, PRED, q=q, **options)
    theirs = mean_pinball_loss(TRUE, PRED, alpha=q, **options)
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING)


def test_several_quantiles_score_the_mean_of_theirs() -> None:
    quantiles = np.quantile(PATHS, LEVELS, axis=2).transpose(1, 2, 0)
    theirs = [
        mean_pinball_loss(TRUE, quantiles[:, :, k], alpha=q, multioutput="raw_values")
        for k, q in enumerate(LEVELS)
    ]
    ours = pinball(TRUE, quantiles, q=LEVELS, multioutput="raw_values")
    np.testing.assert_allclose(ours, np.mean(theirs, axis=0), rtol=ROUNDING)


def test_the_median_costs_half_the_absolute_error() -> None:
    error = mean_absolute_error(TRUE, PRED)
    assert pinball(TRUE, PRED, q=0.5) == pytest.approx(error / 2, rel=ROUNDING)


@given(numbers, st.floats(0.01, 0.99))
def test_no_number_costs_less_than_the_quantile(y: np.ndarray, q: float) -> None:
    best = pinball(y, np.full(6, np.quantile(y, q, method="inverted_cdf")), q=q)
    for other in y:  # the loss is linear between them
        assert best <= pinball(y, np.full(6, other), q=q) + ROUNDING * np.ptp(y)


# crps


def double_sum(x: np.ndarray, y: float, n_pairs: int) -> float:
    """Return the score of paths x as it is written, over `n_pairs` ordered pairs."""
    spread = sum(abs(a - b) for a in x for b in x) / n_pairs
    return float(sum(abs(a - y) for a in x) / len(x) - spread / 2)


def test_crps_of_paths_is_the_fair_double_sum() -> None:
    for k in range(2):
        rows = zip(PATHS[:, k], TRUE[:, k], strict=True)
        expected = np.mean([double_sum(x, y, 9 * 8) for x, y in rows])
        ours = crps(TRUE[:, k], PATHS[:, k])
        assert ours == pytest.approx(expected, rel=ROUNDING)


def test_paths_in_the_middle_of_equal_shares_score_as_the_distribution_they_are() -> (
    None
):
    # The k-th smallest of K numbers is the quantile at (k - 1/2) / K of their step
    # function, whose score counts pairs of a number with itself (Bröcker 2012).
    levels = (np.arange(9) + 0.5) / 9
    ours = crps(TRUE[:, 0], np.sort(PATHS[:, 0], axis=1), q=levels)
    rows = zip(PATHS[:, 0], TRUE[:, 0], strict=True)
    expected = np.mean([double_sum(x, y, 9 * 9) for x, y in rows])
    assert ours == pytest.approx(expected, rel=ROUNDING)


def normal_score(y: Any) -> Any:
    """Return the score of a standard normal forecast (Gneiting and Raftery, eq. 21)."""
    return y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)


def test_many_quantiles_of_a_normal_distribution_score_its_integral() -> None:
    y = np.array([-2.0, 0.0, 0.7])
    levels = (np.arange(2000) + 0.5) / 2000
    quantiles = np.tile(norm.ppf(levels), (3, 1))
    # The tails beyond the outermost levels are cut: of the order of 1 / 2000.
    assert crps(y, quantiles, q=levels) == pytest.approx(
        normal_score(y).mean(), abs=1e-3
    )


@pytest.mark.parametrize("n_paths", [2, 5])
def test_however_few_paths_score_as_their_distribution_on_average(n_paths: int) -> None:
    n_rows = 40_000 // n_paths
    rng = np.random.default_rng(n_paths)
    y = 0.7
    scores = [
        crps(np.full(n_rows // 20, y), rng.standard_normal((n_rows // 20, n_paths)))
        for _ in range(20)
    ]
    error = np.std(scores, ddof=1) / np.sqrt(20)
    # Four standard errors; counting a path with itself would add about .56 / n_paths.
    assert abs(np.mean(scores) - normal_score(y)) < 4 * error
    assert 4 * error < 0.4 * 0.56 / n_paths


def test_a_forecast_without_doubt_scores_its_absolute_error() -> None:
    paths = np.repeat(PRED[:, :, np.newaxis], 4, axis=2)
    error = mean_absolute_error(TRUE, PRED)
    assert crps(TRUE, paths) == pytest.approx(error, rel=ROUNDING)
    assert crps(TRUE, paths, q=[0.2, 0.4, 0.6, 0.8]) == pytest.approx(
        error, rel=ROUNDING
    )


def test_an_offset_of_the_series_costs_no_digits() -> None:
    true, paths = np.round(100 * TRUE), np.round(100 * PATHS)
    assert crps(true + 2.0**40, paths + 2.0**40) == crps(true, paths)


@pytest.mark.parametrize(
    ("metric", "options"),
    [
        (crps, {}),
        (crps, {"q": np.arange(1, 10) / 10}),
        (pinball, {"q": np.arange(1, 10) / 10}),
    ],
)
def test_paths_of_outputs_may_stand_side_by_side(metric: Any, options: Any) -> None:
    expected = metric(TRUE, PATHS, multioutput="raw_values", **options)
    flat = PATHS.reshape(30, -1)
    columns = pd.MultiIndex.from_product([["a", "b"], range(9)])
    for form in (flat, pd.DataFrame(flat, columns=columns), flat.tolist()):
        ours = metric(TRUE, form, multioutput="raw_values", **options)
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize(
    ("metric", "y_pred", "options", "words"),
    [
        (crps, PRED, {}, "at least two paths"),
        (crps, PATHS[:, :, 0], {"q": LEVELS}, r"of shape \(30, 2, 4\)"),
        (crps, PATHS[:, :1], {}, r"of shape \(30, 2, n_draws\).*first output first"),
        (crps, PATHS.transpose(0, 2, 1), {}, r"of shape \(30, 2, n_draws\)"),
        (crps, PATHS[:, :, :0], {}, r"of shape \(30, 2, n_draws\)"),
        (crps, PATHS[:-1], {}, r"of shape \(30, 2, n_draws\)"),
        (crps, 3.0, {}, r"of shape \(30, 2, n_draws\)"),
        (crps, PATHS, {"q": 0.5}, r"of shape \(30, 2, 1\)"),
        (pinball, PATHS, {"q": LEVELS}, r"of shape \(30, 2, 4\)"),
        (pinball, PRED, {"q": 1.0}, r"pinball\(q=1.0\): must be in \(0, 1\)"),
        (pinball, PRED, {"q": [0.5, 0.0]}, r"in \(0, 1\)"),
        (pinball, PRED, {"q": np.nan}, r"\(q=.*finite"),
        (pinball, PRED, {"q": "median"}, r"\(q="),
    ],
)
def test_what_is_not_so_many_numbers_per_output_is_refused(
    metric: Any, y_pred: Any, options: Any, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        metric(TRUE, y_pred, **options)


def test_a_path_that_is_no_number_is_named_where_it_stands() -> None:
    paths = PATHS.copy()
    paths[3, 1, 4] = np.nan
    with pytest.raises(ValueError, match=r"y_pred\[3, 1, 4\] is NaN"):
        crps(TRUE, paths)


def test_paths_of_other_rows_are_refused() -> None:
    true = pd.Series(TRUE[:, 0])
    with pytest.raises(ValueError, match="indexed as y_true is"):
        crps(true, pd.DataFrame(PATHS[:, 0]).iloc[::-1])


# winkler, coverage

LOWER, UPPER = PRED - 1.0, PRED + 0.5


@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_winkler_is_the_pinball_loss_of_both_ends(alpha: float, weight: Any) -> None:
    ends = ((LOWER, alpha / 2), (UPPER, 1 - alpha / 2))
    losses = [
        mean_pinball_loss(TRUE, end, alpha=level, sample_weight=weight)
        for end, level in ends
    ]
    ours = winkler(TRUE, LOWER, UPPER, alpha=alpha, sample_weight=weight)
    assert ours == pytest.approx(2 / alpha * sum(losses), rel=ROUNDING)


def test_winkler_is_the_width_and_a_fine_for_each_miss() -> None:
    lower, upper = np.zeros(4), np.full(4, 3.0)
    y = np.array([1.0, 3.0, -0.5, 4.0])  # inside, on the edge, .5 below, 1 above
    expected = (3 + 3 + (3 + 10 * 0.5) + (3 + 10 * 1.0)) / 4
    assert winkler(y, lower, upper, alpha=0.2) == pytest.approx(expected, rel=ROUNDING)


def test_no_interval_scores_less_than_that_of_the_quantiles() -> None:
    y = np.sort(np.random.default_rng(5).standard_normal(41))
    low, high = (np.quantile(y, level, method="inverted_cdf") for level in (0.1, 0.9))
    best = winkler(y, np.full(41, low), np.full(41, high), alpha=0.2)
    for k, a in enumerate(y):
        for b in y[k:]:
            score = winkler(y, np.full(41, a), np.full(41, b), alpha=0.2)
            assert score >= best * (1 - ROUNDING)


def test_coverage_is_the_share_inside_ends_included() -> None:
    y = np.array([0.0, 3.0, 1.0, -1e-9, 3.1])
    assert coverage(y, np.zeros(5), np.full(5, 3.0)) == 0.6
    weight = [1.0, 1.0, 2.0, 4.0, 0.0]
    weighted = coverage(y, np.zeros(5), np.full(5, 3.0), sample_weight=weight)
    assert weighted == 0.5
    inside = np.mean((LOWER <= TRUE) & (TRUE <= UPPER), axis=0)
    ours = coverage(TRUE, LOWER, UPPER, multioutput="raw_values")
    np.testing.assert_allclose(ours, inside, rtol=ROUNDING)
    assert 0 < inside.min() < 1


@pytest.mark.parametrize(
    ("metric", "options"), [(winkler, {"alpha": 0.1}), (coverage, {})]
)
def test_ends_that_make_no_interval_are_refused(metric: Any, options: Any) -> None:
    crossed = UPPER.copy()
    crossed[4, 1] = LOWER[4, 1] - 1e-9
    with pytest.raises(ValueError, match=r"\(lower=.*nowhere above upper.*np.sort"):
        metric(TRUE, LOWER, crossed, **options)
    with pytest.raises(ValueError, match=r"upper\[2, 0\] is infinite"):
        metric(TRUE, LOWER, np.where(TRUE[2, 0] == TRUE, np.inf, UPPER), **options)
    with pytest.raises(ValueError, match=r"\(upper=.*of y_true's shape"):
        metric(TRUE, LOWER, UPPER[:, 0], **options)
    frames = [pd.DataFrame(table) for table in (TRUE, LOWER, UPPER)]
    with pytest.raises(ValueError, match=r"\(upper=.*indexed as.*upper.reindex"):
        metric(frames[0], frames[1], frames[2].iloc[::-1], **options)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, np.nan])
def test_a_share_of_misses_that_is_none_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match=r"winkler\(alpha=.*in \(0, 1\)"):
        winkler(TRUE, LOWER, UPPER, alpha=alpha)
