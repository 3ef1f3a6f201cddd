"""Speed rows of the networks that learn by gradients, against torch."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks.speed.sides import compare, fresh

Row = tuple[str, str, str, str, str]
CELLS = ("LSTM", "GRU", "Elman")
THREADS = ("torch, 1 thread", "torch, 2 threads")

# What a fit does besides its epochs is spread over as many.
N_EPOCHS = 10


def epochs(quick: bool) -> Iterator[Row]:
    """One epoch of training with Adam, float32, by hidden units and batch."""
    for cell in CELLS:
        for hidden in (8, 32) if quick else (8, 16, 32, 64, 128):
            for window, batch in ((50, 8), (100, 16), (100, 32), (100, 64)):
                yield _epoch(cell, hidden, window, batch, quick)


def _epoch(cell: str, hidden: int, window: int, batch: int, quick: bool) -> Row:
    n_windows = 64 if quick else 256
    task = {"task": "epochs", "cell": cell, "hidden": hidden, "batch": batch}
    task = {**task, "window": window, "n_windows": n_windows, "n_epochs": N_EPOCHS}
    times = compare(["seqest", *THREADS], task, 5, {"n_windows": batch})
    ours = times["seqest"][0]
    theirs = min(times[side][0] for side in THREADS)
    goal = 2 if hidden <= 16 else 1.3 if hidden <= 64 else 1
    return (
        f"epoch, {cell} {hidden}, {n_windows} x {window}, batch {batch}",
        f"torch {theirs / N_EPOCHS * 1e3:.1f} ms",
        f"{ours / N_EPOCHS * 1e3:.1f} ms",
        f"{theirs / ours:.2f}x",
        f">= {goal}x",
    )


def regimes(quick: bool) -> Iterator[Row]:
    """The same gradient of one long series, forwards in time and backwards.

    RTRL remembers nothing of the past but costs units times as much; what BPTT
    remembers grows with the series.
    """
    for cell, hidden in (("Elman", 8), ("LSTM", 8), ("Elman", 32), ("LSTM", 32)):
        longest = 10_000 if quick or hidden == 32 else 100_000
        for n_steps in (1000, longest):
            bptt, rtrl = (
                _gradient(cell, hidden, n_steps, regime) for regime in ("bptt", "rtrl")
            )
            yield (
                f"a gradient, {cell} {hidden}, 1 x {n_steps}",
                f"BPTT {bptt[0] * 1e3:.1f} ms, {bptt[1]:.0f} MB",
                f"RTRL {rtrl[0] * 1e3:.1f} ms, {rtrl[1]:.0f} MB",
                f"{rtrl[0] / bptt[0]:.1f}x",
                "-",
            )


def _gradient(cell: str, hidden: int, n_steps: int, regime: str) -> tuple[float, float]:
    """Return the seconds and megabytes of a fit of one step, medians."""
    task = {"task": "one_epoch", "cell": cell, "hidden": hidden, "n_steps": n_steps}
    runs = [
        fresh("seqest", {**task, "regime": regime}, {"n_steps": 200}) for _ in range(3)
    ]
    return tuple(median(run[of] for run in runs) for of in ("seconds", "megabytes"))
