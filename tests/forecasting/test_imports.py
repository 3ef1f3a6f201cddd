"""What is slow to import is imported when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["seqest.forecasting", "seqest.plotting"])
def test_importing_brings_neither_statsmodels_nor_matplotlib(module: str) -> None:
    slow = "{'statsmodels', 'matplotlib'}"
    code = f"import sys, {module}; print(*{slow}.intersection(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
