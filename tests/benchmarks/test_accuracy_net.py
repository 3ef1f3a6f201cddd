"""What accuracy benchmarks find in a minute, against their goals, by wide margins.

A net that catches what breaks learning, not what costs the last digit; the figures are
those of `python -m benchmarks.accuracy`. Rows that need files are skipped here.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

pytestmark = [
    pytest.mark.filterwarnings("ignore::scipy.linalg.LinAlgWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]
# By task, how many times the goal the error of one seed may be; quick rows are smaller
# and shorter than those that goals are set for.
MARGINS = {
    "mackey_glass": 10.0,
    "narma10": 1.5,
    "channel_equalization": 3.0,
    "airline": 1.2,
    "airline_narx": 10.0,
    "sunspots": 3.0,
    "default_forecaster": 1.2,
}
# What is wrong at random among the few symbols of a quick row.
FEW_SYMBOLS = 1e-4


@pytest.mark.parametrize("name", MARGINS)
def test_errors_are_within_a_margin_of_their_goals(name: str, tmp_path: Path) -> None:
    task = import_module(f"benchmarks.accuracy.{name}")
    rows = [row for row in task.run([0], True, tmp_path) if row.goal is not None]
    assert rows
    for row in rows:
        assert np.mean(row.scores) < MARGINS[name] * row.goal + FEW_SYMBOLS, row


@pytest.mark.parametrize("name", ["linear_memory", "lorenz63"])
def test_memories_and_valid_times_are_near_their_goals(
    name: str, tmp_path: Path
) -> None:
    task = import_module(f"benchmarks.accuracy.{name}")
    rows = list(task.run([0], True, tmp_path))
    assert rows
    for row in rows:
        assert np.mean(row.scores) > 0.7 * row.goal, row
