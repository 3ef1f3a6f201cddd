"""Bidirectional regressors need whole series, and say so."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from seqest import ElmanRegressor, GRURegressor, LSTMRegressor
from tests.estimators.test_recurrent import rows, small, two_sines

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*max_iter:sklearn.exceptions.ConvergenceWarning"
)
every_class = pytest.mark.parametrize(
    "regressor", [ElmanRegressor, GRURegressor, LSTMRegressor]
)
every_way = pytest.mark.parametrize("way", ["stacked", "deep"])


def both_ways(regressor: Any = ElmanRegressor, **options: Any) -> Any:
    return small(regressor, **{"bidirectional": True, **options})


@every_way
@every_class
def test_it_learns_what_only_the_future_tells(regressor: Any, way: str) -> None:
    X, _ = rows(600)
    X = X[:, :1]
    y = np.roll(X[:, 0], -1) + np.roll(X[:, 0], 1)
    settings = {
        "hidden_layer_sizes": (8, 6),
        "max_iter": 60,
        "learning_rate_init": 0.03,
    }
    model = both_ways(regressor, **settings).set_params(bidirectional=way)
    assert model.fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.9
    # The past alone tells half of the variance.
    ahead = small(regressor, **settings).fit(X[:300], y[:300])
    assert ahead.score(X[300:], y[300:]) < 0.6


@every_way
@every_class
def test_every_row_sees_every_other(regressor: Any, way: str) -> None:
    X, y = rows(30)
    model = both_ways(regressor, hidden_layer_sizes=(4, 3)).set_params(
        bidirectional=way
    )
    before = model.fit(X, y).predict(X)
    for row in (0, 12, 29):
        changed = X.copy()
        changed[row] += 1
        # Far rows are told little, but something: in doubles more than rounding.
        assert (np.abs(model.predict(changed) - before) > 1e-15).mean() > 0.95


def test_true_is_stacked_and_deep_is_another_network() -> None:
    X, y = rows()
    sizes = {"hidden_layer_sizes": (4, 3)}
    models = {way: both_ways(**sizes) for way in (True, "stacked", "deep")}
    for way, model in models.items():
        model.set_params(bidirectional=way).fit(X, y)
    np.testing.assert_array_equal(models[True].theta_, models["stacked"].theta_)
    assert "block_1.backwards.hidden_0.U" in models["stacked"].weights_
    assert "block_0.backwards.hidden_1.U" in models["deep"].weights_
    assert "block_1.backwards.hidden_0.U" not in models["deep"].weights_


def test_series_are_read_each_on_its_own() -> None:
    X, y = rows()
    model = both_ways(LSTMRegressor).fit(np.split(X, 4), np.split(y, 4))
    together = model.predict(np.split(X, 4))
    for k, part in enumerate(np.split(X, 4)):
        # Lanes of a batch add up in another order than one sequence alone.
        np.testing.assert_allclose(together[k], model.predict(part), rtol=1e-10)


REFUSALS = {
    "forecast": (lambda m, X: m.forecast(3), "needs the rest of the series.*=False"),
    "last": (lambda m, X: m.predict(X, initial_state="last"), "cannot go on from a"),
    "state": (
        lambda m, X: m.predict(X, initial_state=forwards_state(X)),
        "reads whole series from both ends.*Use initial_state='auto' or 'zero'",
    ),
    "return_state": (
        lambda m, X: m.predict(X, return_state=True),
        r"return_state=True\): a bidirectional network reads whole series",
    ),
    "sensitivity": (lambda m, X: m.sensitivity(X), "answer to later rows as well"),
}


def forwards_state(X: Any) -> Any:
    return small(ElmanRegressor).fit(X[:-1], X[1:]).predict(X, return_state=True)[1]


@pytest.mark.parametrize("name", REFUSALS)
@every_way
def test_what_needs_a_state_is_refused_in_words(way: str, name: str) -> None:
    x = two_sines(120)[:, np.newaxis]
    model = both_ways().set_params(bidirectional=way).fit(x[:-1], x[1:])
    refused, words = REFUSALS[name]
    with pytest.raises(ValueError, match=f"^ElmanRegressor.*{words}"):
        refused(model, x)


def test_rules_that_carry_nothing_are_the_same() -> None:
    X, y = rows()
    model = both_ways().fit(X[:60], y[:60])
    expected = model.predict(X[60:])
    for rule in ("auto", "zero"):
        given = model.predict(X[60:], initial_state=rule)
        np.testing.assert_array_equal(given, expected)
    np.testing.assert_array_equal(model.predict_open_loop(X[60:], y[60:]), expected)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"truncation": 3}, r"bidirectional='stacked'\): must be False where"),
        ({"skip_connections": "all"}, r"skip_connections='all'\): must be None or 'in"),
        ({"skip_connections": "layers"}, r"'layers'\): must be None or 'inputs' with"),
    ],
)
def test_what_does_not_go_with_it_is_refused_in_fit(options: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        both_ways(**options).fit(*rows())


def test_starting_from_the_last_state_is_refused_in_fit() -> None:
    with pytest.raises(ValueError, match=r"initial_state='last'\): must be"):
        both_ways(initial_state="last").fit(*rows())


def test_pieces_that_are_to_go_on_are_refused() -> None:
    X, y = rows()
    model = both_ways(initial_state="last")
    with pytest.raises(ValueError, match="cannot go on from a state"):
        model.partial_fit(X[:60], y[:60]).partial_fit(X[60:], y[60:])


def test_pieces_are_whole_series() -> None:
    X, y = rows()
    pieces = both_ways(standardize=False)
    for part in (slice(60), slice(60, 120)):
        pieces.partial_fit(X[part], y[part])
    listed = both_ways(standardize=False, batch_size=1, shuffle=False, max_iter=1)
    listed.fit(np.split(X, 2), np.split(y, 2))
    np.testing.assert_array_equal(pieces.theta_, listed.theta_)


def test_a_learned_rest_is_where_both_ways_begin() -> None:
    X, y = rows()
    plain, learned = (
        both_ways(GRURegressor, learn_initial_state=learn, max_iter=20).fit(X, y)
        for learn in (False, True)
    )
    n_weights = plain.theta_.size
    rests = slice(n_weights, n_weights + 10)
    assert np.abs(learned.theta_[rests]).min() > 0
    changed = deepcopy(learned)
    changed.theta_[rests][5:] += 1
    moved = np.abs(changed.predict(X) - learned.predict(X))
    # The last five are where the way back begins: at the end of the series.
    assert moved[-1] > 1e-3 > moved[0]
