"""The delta rule against its loop, and what happens where it diverges."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.readouts import LeastMeanSquares
from tests.reference.linear_readouts import delta_rule

Array = NDArray[np.float64]


def data(n_rows: int) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, 3))
    return X, 1 + X @ rng.standard_normal((3, 2)), rng.integers(0, 3, n_rows) / 2


@pytest.mark.parametrize(("learning_rate", "normalized"), [(0.7, True), (0.05, False)])
def test_it_is_the_delta_rule(learning_rate: float, normalized: bool) -> None:
    X, Y, weight = data(50)
    readout = LeastMeanSquares(learning_rate=learning_rate, normalized=normalized)
    readout.fit(X, Y, weight)
    theirs = delta_rule(X, Y, weight, learning_rate, normalized=normalized)
    ours = np.column_stack([readout.intercept_, readout.coef_])
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_it_finds_a_map_without_noise() -> None:
    X, Y, _ = data(1000)
    readout = LeastMeanSquares().fit(X, Y)
    np.testing.assert_allclose(readout.predict(X), Y, atol=1e-4)


def test_normalized_steps_are_stable_whatever_the_scale() -> None:
    X, Y, _ = data(2000)
    for scale in (1e-3, 1.0, 1e6):
        readout = LeastMeanSquares(learning_rate=1.9).fit(scale * X, Y)
        assert np.isfinite(readout.coef_).all()


def test_divergence_is_told_with_the_row_and_the_remedy() -> None:
    X, Y, _ = data(2000)
    message = (
        r"LeastMeanSquares\(learning_rate=3.0\): must be small enough to converge, but "
        r"the weights overflowed at row \d+\. Standardise the features, lower "
        r"learning_rate or set normalized=True\."
    )
    with pytest.raises(ValueError, match=message):
        LeastMeanSquares(learning_rate=3.0, normalized=False).fit(X, Y)


def test_divergence_shows_on_the_very_last_row() -> None:
    readout = LeastMeanSquares(learning_rate=1.0, normalized=False)
    with pytest.raises(ValueError, match="overflowed at row 0"):
        readout.fit([[1e200]], [1e200])


def test_after_divergence_the_readout_is_as_it_was() -> None:
    X, Y, _ = data(50)
    readout = LeastMeanSquares(learning_rate=0.05, normalized=False).fit(X, Y)
    before = readout.predict(X)
    with pytest.raises(ValueError, match="overflowed"):
        readout.partial_fit(1e9 * X, Y)
    np.testing.assert_array_equal(readout.predict(X), before)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"learning_rate": 2.0}, ValueError, r"=2.0\): must be in \(0, 2\)"),
        ({"learning_rate": 0.0, "normalized": False}, ValueError, r"in \(0, inf\)"),
        ({"normalized": "yes"}, TypeError, r"\(normalized='yes'\): must be a bool"),
    ],
)
def test_parameters_out_of_range_are_refused(
    parameters: dict[str, object], error: type[Exception], message: str
) -> None:
    X, Y, _ = data(10)
    with pytest.raises(error, match=message):
        LeastMeanSquares(**parameters).fit(X, Y)
