"""Kernels that are compiled ahead, and who is told when one is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqest.compilation import KERNELS_OF, compile_kernels

COMPILE = """
from seqest.compilation import compile_kernels, when_compiling
told = []
with when_compiling(told.append):
    compile_kernels(["TappedDelayLine", "LeastMeanSquares"])
print(len(told))
"""


def told_in_a_new_process(folder: Path, code: str = COMPILE) -> int:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_what_was_compiled_is_found_by_the_next_process(tmp_path: Path) -> None:
    assert told_in_a_new_process(tmp_path) > 0
    assert told_in_a_new_process(tmp_path) == 0


DEFAULTS = """
import numpy as np
from seqest import ESNRegressor, NARXRegressor, compile_kernels
from seqest.compilation import when_compiling
compile_kernels(["ESNRegressor", "NARXRegressor"])
told, groups = [], np.repeat(np.arange(24), 500)
with when_compiling(told.append):
    for dtype in (np.float64, np.float32):
        X = np.random.default_rng(0).uniform(-1, 1, (12_000, 3)).astype(dtype)
        y = X[:, 0] * X[:, 1]
        ESNRegressor(40).fit(X, y).predict(X)
        ESNRegressor(40).fit(X, y, groups=groups).predict(X, groups=groups)
        ESNRegressor(40).fit(X[:-1], X[1:]).forecast(5)
        for n in (500, 12_000):
            model = NARXRegressor(20, max_iter=1, n_iter_no_change=1)
            model.fit(X[:n], y[:n]).predict(X[:n])
print(len(told))
"""


def test_models_as_they_are_by_default_need_nothing_more(tmp_path: Path) -> None:
    assert told_in_a_new_process(tmp_path, DEFAULTS) == 0


def test_each_model_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    compile_kernels(["GammaMemory"])
    assert capsys.readouterr().err == ""
    seconds = compile_kernels(["GammaMemory", "TappedDelayLine"], verbose=1)
    assert seconds > 0
    assert capsys.readouterr().err == (
        "GammaMemory: was compiled before\nTappedDelayLine: was compiled before\n"
    )


def test_unknown_models_are_refused_and_known_ones_named() -> None:
    with pytest.raises(ValueError, match=r"names.*Transformer"):
        compile_kernels(["Transformer"])
    assert {"ESNRegressor", "LSTMRegressor", "Forecaster"} <= set(KERNELS_OF)
