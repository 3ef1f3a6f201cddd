"""No model of delay lines looks ahead, whatever its delays and its series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeRegressor

from seqest import NARXRegressor, TDNNRegressor

Array = NDArray[Any]
Draw = np.random.Generator
# How well a network has learned is no matter here.
pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore:.*left the range"
)
N_CASES = 12
QUICK: dict[str, Any] = {"max_iter": 2, "random_state": 0}


def some_delays(rng: Draw, least: int, n_columns: int) -> dict[int, list[int]]:
    """Draw delays of each column."""
    choices = np.arange(least, 6)
    return {
        column: rng.choice(choices, rng.integers(1, 4), replace=False).tolist()
        for column in range(n_columns)
    }


def tdnn(rng: Draw, n_inputs: int, n_outputs: int) -> Any:
    hidden = int(rng.integers(0, 3))
    delays = some_delays(rng, 0, n_inputs)
    return TDNNRegressor(3, delays=delays, hidden_delays=hidden, **QUICK)


def tdnn_tree(rng: Draw, n_inputs: int, n_outputs: int) -> Any:
    tree = DecisionTreeRegressor(max_depth=4, random_state=0)
    return TDNNRegressor(delays=some_delays(rng, 0, n_inputs), regressor=tree)


def narx(rng: Draw, n_inputs: int, n_outputs: int) -> Any:
    inputs, outputs = some_delays(rng, 0, n_inputs), some_delays(rng, 1, n_outputs)
    closed = bool(rng.integers(2))
    return NARXRegressor(
        3, input_delays=inputs, output_delays=outputs, closed_loop=closed, **QUICK
    )


def narx_ridge(rng: Draw, n_inputs: int, n_outputs: int) -> Any:
    inputs, outputs = some_delays(rng, 0, n_inputs), some_delays(rng, 1, n_outputs)
    return NARXRegressor(
        input_delays=inputs, output_delays=outputs, regressor=Ridge(30.0)
    )


@pytest.mark.parametrize("case", range(N_CASES))
@pytest.mark.parametrize("make", [tdnn, tdnn_tree, narx, narx_ridge])
def test_the_future_changes_no_earlier_prediction(
    make: Callable[[Draw, int, int], Any], case: int
) -> None:
    rng = np.random.default_rng(case)
    n_inputs, n_outputs = rng.integers(1, 4, 2)
    n_rows, n_series = int(rng.integers(60, 90)), int(rng.integers(1, 4))
    X, Y = rng.normal(size=(n_rows, n_inputs)), rng.normal(size=(n_rows, n_outputs))
    groups = np.arange(n_rows) % n_series  # rows of all series by turns
    model = make(rng, int(n_inputs), int(n_outputs)).fit(X, Y, groups=groups)
    cut = int(rng.integers(1, n_rows))
    later, told = X.copy(), Y.copy()
    later[cut:] = 5 * rng.normal(size=later[cut:].shape)
    told[cut:] = 5 * rng.normal(size=told[cut:].shape)
    told[rng.integers(cut, n_rows)] = np.nan
    start: dict[str, Any] = {"groups": groups, "initial_state": "zero"}
    for method, ours, theirs in (
        ("predict", (X,), (later,)),
        ("predict_open_loop", (X, Y), (later, told)),
        ("predict_ahead", (X, Y, 3), (later, told, 3)),
    ):
        if not hasattr(model, method):
            continue
        one, other = (getattr(model, method)(*args, **start) for args in (ours, theirs))
        # A product of another number of rows may be summed in another order.
        np.testing.assert_allclose(one[:cut], other[:cut], rtol=1e-9, atol=1e-12)
    # And a row's own output is not known when it is predicted.
    told = Y.copy()
    told[cut] += 1.0
    one, other = (model.predict_open_loop(X, Z, **start) for Z in (Y, told))
    np.testing.assert_allclose(one[: cut + 1], other[: cut + 1], rtol=1e-9, atol=1e-12)
