"""The steps of the how-to-add pages work as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from seqest.recurrence import Batch, Network

PAGES = Path(__file__).resolve().parents[2] / "docs" / "how-to-add"


def code_of(page: str) -> str:
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))


def test_a_cell_is_added_as_the_page_says(tmp_path: Path) -> None:
    file = tmp_path / "leaky.py"  # compiled functions want a file
    file.write_text(code_of("cell"), encoding="utf-8")
    names: dict[str, Any] = {"__name__": "leaky", "__file__": str(file)}
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), names)
    network = Network(names["LEAKY"], n_inputs=1, n_outputs=1, hidden=(3,))
    rng = np.random.default_rng(0)
    theta, x = rng.normal(0, 0.5, network.n_weights), rng.normal(size=(9, 1))
    batch = Batch(x, np.array([0]), np.array([9]), np.zeros((1, network.n_states)))
    run = network.unroll(theta, batch)
    weights = {part.name: part.of(theta) for part in network.parts}
    h = np.zeros(3)
    for t in range(9):
        a = weights["hidden_0.W_in"].T @ [1, x[t, 0]] + weights["hidden_0.U"].T @ h
        h = h + 0.3 * (np.tanh(a) - h)
        y = weights["output.W_in"][0] + weights["output.W_0"].T @ h
        # Sums in another order.
        np.testing.assert_allclose(run.outputs[t], y, rtol=1e-12)
    gradient = network.pullback(theta, run, np.ones_like(run.outputs)).theta
    for k in range(theta.size):
        ends = []
        for step in (1e-6, -1e-6):
            moved = theta.copy()
            moved[k] += step
            ends.append(network.unroll(moved, batch, keep=False).outputs.sum())
        # Central differences of a sum of nine outputs.
        np.testing.assert_allclose(gradient[k], (ends[0] - ends[1]) / 2e-6, atol=1e-7)
