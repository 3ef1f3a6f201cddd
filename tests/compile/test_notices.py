"""Kernels that are compiled ahead, and who is told when one is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import seqest
from seqest.compilation import KERNELS_OF, compile_kernels, when_compiling
from seqest.readouts import RecursiveLeastSquares

COMPILE = """
from seqest.compilation import compile_kernels, when_compiling
told = []
with when_compiling(told.append):
    compile_kernels(["TappedDelayLine", "LeastMeanSquares"])
print(len(told))
"""


def told_in_a_new_process(folder: Path) -> int:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", COMPILE],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_what_was_compiled_is_found_by_the_next_process(tmp_path: Path) -> None:
    assert told_in_a_new_process(tmp_path) > 0
    assert told_in_a_new_process(tmp_path) == 0


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_models_as_they_are_by_default_need_nothing_more(dtype: type) -> None:
    compile_kernels()
    X = np.random.default_rng(0).uniform(-1, 1, (12_000, 3)).astype(dtype)
    y, told = X[:, 0] * X[:, 1], []
    short = {"max_iter": 1, "n_iter_no_change": 1}
    groups = np.repeat(np.arange(24), 500)
    with when_compiling(told.append):
        seqest.ESNRegressor(40).fit(X, y).predict(X)
        seqest.ESNRegressor(40).fit(X, y, groups=groups).predict(X, groups=groups)
        seqest.ESNRegressor(40).fit(X[:-1], X[1:]).forecast(5)
        RecursiveLeastSquares().fit(X[:100], y[:100])
        for kind in (seqest.ElmanRegressor, seqest.LSTMRegressor, seqest.GRURegressor):
            kind(20, **short).fit(X, y).predict(X)
        for kind in (seqest.JordanRegressor, seqest.NARXRegressor):
            kind(20, **short).fit(X[:500], y[:500]).predict(X[:500])
        seqest.TDNNRegressor(20, **short).fit(X, y).predict(X)
    assert told == []


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
