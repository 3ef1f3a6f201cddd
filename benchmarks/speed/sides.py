"""Processes to compare, each in an environment made for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("worker.py")

# PyRCN asks for any torch; a bare one brings gigabytes of CUDA. SysIdentPy needs it for
# its neural model alone and does not ask.
REQUIREMENTS = {
    "reservoirpy": ["reservoirpy==0.4.2"],
    "PyRCN": ["torch==2.13.0", "PyRCN==0.1.0"],
    "torch": ["torch==2.13.0", "numpy"],
    "SysIdentPy": ["torch==2.13.0", "scikit-learn==1.9.1", "sysidentpy==0.9.0"],
    "skforecast": ["scikit-learn==1.9.1", "skforecast==0.26.0"],
}
# A side that has taken so long is not asked again; its answers so far count.
PATIENCE = 90.0


def python_of(side: str) -> str:
    """Return the interpreter of a side, installing a peer where it is missing."""
    side = side.partition(",")[0]  # sides may differ in their settings alone
    if side not in REQUIREMENTS:
        return sys.executable
    folder = ROOT / ".envs" / side
    bin_folder = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(bin_folder / "python")
    ready = folder / "ready"
    if not ready.exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet"]
        for requirement in REQUIREMENTS[side]:
            subprocess.run([*pip, requirement], check=True)
        ready.touch()
    return python


class Side:
    """A worker process that times one side's tasks."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [python_of(name), str(WORKER), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.seconds: list[float] = []
        self.last: dict[str, float] = {}

    def run(self, task: dict[str, Any]) -> dict[str, float]:
        """Do a task once and return its seconds, megabytes and value."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} failed at {task}.")
        self.last = json.loads(answer)
        return self.last

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def compare(
    names: list[str], task: dict[str, Any], repeats: int, warm: dict[str, Any] | None
) -> dict[str, tuple[float, int, dict[str, float]]]:
    """Time a task on several sides in turn; return median seconds, runs, last answer.

    `warm` are the parameters of a small run before, which loads or compiles.
    """
    sides = [Side(name) for name in names]
    if warm is not None:
        for side in sides:
            side.run({**task, **warm})
    for _ in range(repeats):
        for side in sides:
            if sum(side.seconds) < PATIENCE:
                side.seconds.append(side.run(task)["seconds"])
    for side in sides:
        side.close()
    return {s.name: (median(s.seconds), len(s.seconds), s.last) for s in sides}


def fresh(name: str, task: dict[str, Any], warm: dict[str, Any]) -> dict[str, float]:
    """Do a task once in a new process, after a small one that loads the kernels."""
    side = Side(name)
    side.run({**task, **warm})
    answer = side.run(task)
    side.close()
    return answer


FIRST_FIT = """
import time, warnings
import numpy as np
from seqest import {name}
warnings.simplefilter("ignore")
x = np.sin(np.arange(500.0))
model = {name}({parameters})
stamps = [time.perf_counter()]
for _ in range(2):
    model.fit(x[:-1, None], x[1:])
    stamps.append(time.perf_counter())
first, second = np.diff(stamps)
print(first - second)
"""


def first_fit(name: str, parameters: str, **environment: str) -> float:
    """Return how much longer an estimator's first fit in a new process takes."""
    return printed_by(FIRST_FIT.format(name=name, parameters=parameters), **environment)


def printed_by(code: str, **environment: str) -> float:
    """Return the number that code prints in a new Python process."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return float(done.stdout)
