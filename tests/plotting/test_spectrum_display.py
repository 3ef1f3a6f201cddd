"""The display of eigenvalues: what it draws, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline

from seqest import ESNRegressor, Reservoir
from seqest.plotting import SpectrumDisplay as Display

W = np.random.default_rng(0).normal(0, 0.2, (30, 30))
X = np.random.default_rng(1).standard_normal((60, 1))


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw without a screen, and close what was drawn."""
    with mpl.rc_context(), mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def drawn(line: Any) -> Any:
    """Return the points of a line as complex numbers in the order of size."""
    x, y = line.get_data()
    return np.sort_complex(x + 1j * y)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, np.ndarray.tolist])
def test_eigenvalues_are_those_of_the_matrix(kind: Any) -> None:
    found = drawn(Display.from_matrix(kind(W)).points_[0])
    # Each is a root of the characteristic polynomial: W - λ is singular.
    for value in found:
        least = np.linalg.svd(W - value * np.eye(30), compute_uv=False)[-1]
        assert least < 1e-12
    assert found.sum() == pytest.approx(np.trace(W))


def test_circles_are_of_one_and_of_the_spectral_radius() -> None:
    display = Display.from_matrix(W)
    radius = np.abs(np.linalg.eigvals(W)).max()
    np.testing.assert_allclose(np.abs(drawn(display.unit_circles_[0])), 1)
    np.testing.assert_allclose(np.abs(drawn(display.radius_circles_[0])), radius)
    assert display.ax_.get_title() == f"spectral radius {radius:.3g}"
    assert display.ax_.get_xlim()[1] > radius


def test_a_reservoir_is_found_in_estimators_and_pipelines() -> None:
    reservoir = Reservoir(20, random_state=0).fit(X)
    models = (
        reservoir,
        make_pipeline(Reservoir(20, random_state=0), Ridge()).fit(X, X[:, 0]),
    )
    weights = reservoir.reservoir_.layers[0].W
    expected = np.linalg.eigvals(
        weights.toarray() if sparse.issparse(weights) else weights
    )
    for model in models:
        found = drawn(Display.from_estimator(model).points_[0])
        np.testing.assert_allclose(found, np.sort_complex(expected), atol=1e-12)


def test_each_layer_has_a_panel() -> None:
    model = ESNRegressor((20, 10), random_state=0).fit(X, X[:, 0])
    display = Display.from_estimator(model)
    assert [len(points.get_xdata()) for points in display.points_] == [20, 10]
    assert display.axes_[1].get_title().startswith("layer 2: spectral radius 0.9")


def test_five_matrices_leave_no_empty_axes() -> None:
    display = Display.from_matrix({str(k): W for k in range(5)})
    assert list(display.figure_.axes) == list(display.axes_)


def test_a_matrix_of_zeros_is_drawn() -> None:
    display = Display.from_matrix(np.zeros((1, 1)))
    display.figure_.draw_without_rendering()
    assert display.ax_.get_xlim() == (-1.1, 1.1)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (W[:20], "W=.*a square matrix"),
        (W[0], "W=.*a square matrix"),
        (np.zeros((0, 0)), "W=.*a square matrix"),
        (W * np.nan, "W=.*finite"),
        (sparse.csr_array((4001, 4001)), "W=.*at most 4000 units"),
        ({}, "W=.*at least one by name"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(matrix: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Display.from_matrix(matrix)


def test_without_a_reservoir_there_is_nothing_to_draw() -> None:
    with pytest.raises(NotFittedError):
        Display.from_estimator(Reservoir())
    with pytest.raises(TypeError, match="one with a reservoir"):
        Display.from_estimator(LinearRegression().fit(X, X[:, 0]))
