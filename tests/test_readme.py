"""The code a reader meets first runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parent.parent / "README.md"


def test_the_code_in_the_readme_prints_a_useful_score(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    exec(compile(code, README.name, "exec"), {})
    printed = re.fullmatch(r"R² over .*: (.*)\n", capsys.readouterr().out)
    assert printed is not None
    # Always saying last year's number reaches .6 here, the mean of the years 0.
    assert float(printed[1]) > 0.6
