"""Whether states forget where they started, measured under an input."""

from __future__ import annotations

import numpy as np
import pytest

from seqest import ESNRegressor, Reservoir, contraction
from tests.reference import echo_state as plain

WEAK, STRONG = 0.01, 30.0


def reservoir(radius, **options):
    """Return a reservoir without bias, so that its input alone drives it."""
    options = {"n_units": 60, "input_scaling": 0.5, "random_state": 0, **options}
    model = Reservoir(spectral_radius=radius, bias_scaling=0.0, **options)
    return model.fit(np.zeros((2, 1)))


def drawn(scale, n_rows=400):
    return scale * np.random.default_rng(0).uniform(-1, 1, (n_rows, 1))


@pytest.mark.parametrize(
    ("radius", "scale", "forgets"),
    [
        (0.9, WEAK, True),
        (0.9, STRONG, True),
        (3.0, WEAK, False),
        (3.0, STRONG, True),
    ],
)
def test_a_radius_of_3_forgets_under_strong_input_alone(radius, scale, forgets):
    # A strong input holds tanh where its slope is small, and the product of slopes and
    # weights contracts although the radius is above 1.
    found = contraction(reservoir(radius), drawn(scale))
    assert (found.rate < -0.02) == forgets
    assert np.isfinite(found.forgetting_time) == forgets
    assert (found.distance[-1].max() < 1e-6) == forgets
    if not forgets:
        assert found.rate > -0.005
        assert found.distance[-1].min() > 0.1


def test_distances_are_those_of_two_runs_of_the_equations():
    model, X = reservoir(0.9, n_units=15, leak_rate=0.6), drawn(1.0, 40)
    found = contraction(model, X, n_pairs=2, random_state=3)
    starts = np.random.RandomState(3).uniform(-1, 1, (4, 15))
    runs = [
        np.vstack([start, plain.states(model.reservoir_, X, start=start)])
        for start in starts
    ]
    for pair in (0, 1):
        apart = runs[2 * pair] - runs[2 * pair + 1]
        expected = np.sqrt(np.mean(apart**2, axis=1))
        np.testing.assert_allclose(found.distance[:, pair], expected, rtol=1e-9)


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.1])
def test_a_linear_orthogonal_reservoir_contracts_by_its_radius_at_every_step(radius):
    model = reservoir(radius, topology="orthogonal", activation="identity")
    found = contraction(model, drawn(1.0, 300), tolerance=1e-3)
    # Both runs carry rounding of their own size, about 1e-16 times a growing state.
    shrunk = found.distance[0] * radius ** np.arange(301)[:, None]
    np.testing.assert_allclose(found.distance, shrunk, rtol=1e-6, atol=1e-12)
    # Where the distance is lost in rounding, up to one step of the forty is cut short.
    assert found.rate == pytest.approx(np.log(radius), rel=0.025)
    steps = np.log(1e-3 / found.distance[0].max()) / np.log(radius)
    expected = np.ceil(steps) if radius < 1 else np.inf
    assert found.forgetting_time == expected


def test_blocks_of_rows_leave_no_seam():
    # More rows than are run at a time.
    model = reservoir(1.0, topology="orthogonal", activation="identity", n_units=5)
    distance = contraction(model, drawn(0.1, 700)).distance
    np.testing.assert_allclose(distance, np.tile(distance[0], (701, 1)), rtol=1e-9)


def test_forgetting_counts_the_steps_until_all_pairs_are_near_for_good():
    found = contraction(reservoir(0.9), drawn(1.0), tolerance=1e-4)
    near = (found.distance < 1e-4).all(axis=1)
    step = int(found.forgetting_time)
    assert near[step:].all()
    assert not near[step - 1]
    assert contraction(reservoir(0.9), drawn(1.0), tolerance=1e3).forgetting_time == 0


def test_any_fitted_model_or_its_reservoir_can_be_asked():
    x = np.sin(0.2 * np.arange(200))
    model = ESNRegressor(20, feedback_scaling=0.3, random_state=0)
    model.fit(x[:, None], x)
    # With feedback the columns are x(n) and y(n - 1).
    X = np.column_stack([x, np.r_[0, x[:-1]]])
    ours, theirs = contraction(model, X), contraction(model.reservoir_, X)
    np.testing.assert_array_equal(ours.distance, theirs.distance)
    start = np.random.RandomState(0).uniform(-1, 1, (10, 20))[0]
    H = plain.states(model.reservoir_, x[:, None], x[:, None], start=start)
    other = plain.states(
        model.reservoir_,
        x[:, None],
        x[:, None],
        start=np.random.RandomState(0).uniform(-1, 1, (10, 20))[1],
    )
    expected = np.sqrt(np.mean((H - other) ** 2, axis=1))
    np.testing.assert_allclose(ours.distance[1:, 0], expected, rtol=1e-6, atol=1e-14)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"X": np.zeros((9, 2))}, r"contraction\(X=.*\): must be of 1 columns"),
        ({"n_pairs": 0}, r"contraction\(n_pairs=0\): must be an integer of at least 1"),
        ({"tolerance": 0}, r"contraction\(tolerance=0\): must be in \(0, inf\)"),
        ({"X": np.full((9, 1), np.nan)}, "contains NaN"),
    ],
)
def test_bad_arguments_are_refused_in_words(options, message):
    with pytest.raises(ValueError, match=message):
        contraction(reservoir(0.9), **{"X": np.zeros((9, 1)), **options})
