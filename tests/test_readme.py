"""The code a reader meets first runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parent.parent / "README.md"


def printed_by(example: int, capsys: pytest.CaptureFixture[str]) -> str:
    examples = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    exec(compile(examples[example], README.name, "exec"), {})
    return capsys.readouterr().out


def test_the_code_in_the_readme_prints_a_useful_score(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed = re.fullmatch(r"R² over .*: (.*)\n", printed_by(0, capsys))
    assert printed is not None
    # Always saying last year's number reaches .6 here, the mean of the years 0.
    assert float(printed[1]) > 0.6


def test_the_furnace_in_the_readme_is_valid_and_runs_freely(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, *tests, last = printed_by(1, capsys).splitlines()
    assert len(tests) == 5
    assert min(float(line.split()[-1]) for line in tests) > 0.05
    assert last == "R² over the last 14 minutes: 0.68"


def test_the_forecaster_in_the_readme_beats_the_naive_forecast(
    capsys: pytest.CaptureFixture[str],
) -> None:
    *_, network, naive = printed_by(2, capsys).splitlines()
    assert network.split()[:4] == ["echo", "state", "network", "0.38"]
    assert naive.split()[:3] == ["seasonal", "naive", "1.53"]
