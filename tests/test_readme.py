"""The code a reader meets first runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seqest.datasets import load_airline

README = Path(__file__).resolve().parent.parent / "README.md"


@pytest.fixture(autouse=True)
def folder_with_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    load_airline().to_timestamp().to_csv("sales.csv")


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
    _, *tests, last = printed_by(3, capsys).splitlines()
    assert len(tests) == 5
    assert min(float(line.split()[-1]) for line in tests) > 0.05
    assert last == "R² over the last 14 minutes: 0.68"


def test_the_forecaster_in_the_readme_beats_the_naive_forecast(
    capsys: pytest.CaptureFixture[str],
) -> None:
    *_, network, naive = printed_by(1, capsys).splitlines()
    assert network.split()[:4] == ["echo", "state", "network", "0.38"]
    assert naive.split()[:3] == ["seasonal", "naive", "1.53"]


def test_the_search_in_the_readme_finds_a_reservoir(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert printed_by(2, capsys) == "R² of rows not seen: 0.9\n"


def test_every_command_of_make_is_in_the_readme() -> None:
    root = README.parent
    phony = re.search(r"^.PHONY: (.*)$", (root / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    for command in phony[1].split():
        assert f"`make {command}`" in README.read_text("utf-8")
