"""Speed row of bootstrapped paths."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.speed.sides import compare

Row = tuple[str, str, str, str, str]


def paths(quick: bool) -> Iterator[Row]:
    """1000 paths of 48 steps, and intervals; beside the times is their mean width."""
    n_paths = 100 if quick else 1000
    for model in ("Ridge", "HistGradientBoosting"):
        task = {"task": "paths", "model": model, "n_paths": n_paths, "n_steps": 48}
        times = compare(["seqest", "skforecast"], task, 5, {"n_paths": 10})
        (ours, _, own), (theirs, _, other) = times["seqest"], times["skforecast"]
        yield (
            f"{n_paths} paths x 48 steps, {model} (width)",
            f"skforecast {theirs:.3f} s ({other['value']:.2f})",
            f"{ours:.3f} s ({own['value']:.2f})",
            f"{theirs / ours:.1f}x",
            ">= 20x",
        )
