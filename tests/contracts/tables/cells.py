"""Cells, and what stands around them in a network."""

from __future__ import annotations

from typing import Any

from seqest._compile import hyperbolic_tangent, kernel, like
from seqest.cells import GRU, GRU_RESET_BEFORE, LSTM, Cell, OwnProduct, simple

__all__ = ["CELLS", "DEPTHS", "FED_BACK", "TABLE"]


@kernel
def _leak(
    A: Any, a: Any, V: Any, before: Any, now: Any, m: Any, constants: Any
) -> None:
    for i in range(m):
        A[a + i] = hyperbolic_tangent(A[a + i])
        V[now + i] = V[before + i] + constants[0] * (A[a + i] - V[before + i])


@kernel
def _leak_back(
    A: Any,
    a: Any,
    V: Any,
    before: Any,
    now: Any,
    D: Any,
    d_before: Any,
    d_now: Any,
    m: Any,
    constants: Any,
) -> None:
    for i in range(m):
        new, error = A[a + i], D[d_now + i]
        D[d_before + i] += (like(new, 1) - constants[0]) * error
        A[a + i] = constants[0] * (like(new, 1) - new * new) * error


# What a cell from outside takes: h(t) = (1 - leak) h(t-1) + leak tanh(a(t)).
LEAKY = Cell(
    name="leaky",
    n_states=1,
    n_blocks=1,
    drive=(0, 1),
    products=(OwnProduct(0, (0, 1)),),
    forward=(_leak,),
    backward=(_leak_back,),
    constants=(0.3,),
)

TABLE: dict[str, dict[str, Cell]] = {
    "Cell": {"leaky": LEAKY},
    "OwnProduct": {"leaky": LEAKY},
    "GRU": {"GRU": GRU},
    "GRU_RESET_BEFORE": {"GRU, reset before": GRU_RESET_BEFORE},
    "LSTM": {"LSTM": LSTM},
    "simple": {
        "tanh": simple("tanh", slope=0.7),
        "tanh without memory": simple("tanh", recurrent=False),
        "logistic": simple("logistic", slope=2.0),
        "relu": simple("relu"),
        "identity": simple("identity", slope=0.5),
    },
}
CELLS = {name: cell for cells in TABLE.values() for name, cell in cells.items()}

FED_BACK: dict[str, dict[str, Any]] = {
    "nothing": {},
    "two outputs": {"output_lags": 2},
    "a trace": {"traces": (0.3,)},
    "two outputs and two traces": {"output_lags": 2, "traces": (0.3, 0.8)},
    "delay lines": {"input_lags": 2, "output_lags": 1, "layer_lags": 1},
    "some taps": {
        "input_lags": 3,
        "input_taps": ((0, 1), (1, 0), (3, 0), (3, 1)),
        "output_lags": 2,
        "output_taps": ((1, 1), (2, 0)),
        "layer_lags": 2,
        "layer_taps": (0, 2),
        "traces": (0.3,),
    },
}
DEPTHS: dict[str, dict[str, Any]] = {
    "one layer": {"hidden": (3,)},
    "two layers and skips": {
        "hidden": (4, 2),
        "skip_inputs": True,
        "skip_layers": True,
    },
}
