"""Time and memory as sizes grow, beside a peer's and a limit, as pictures.

    python -m benchmarks.speed.scaling --write docs/images [--quick] [--draw]

Sides take turns, a point is the median of three runs, and the peak of memory is that of
a process of its own over what it held before. The limit in the pictures is the least
number of operations at the rate that a product of large matrices reaches here: of a
reservoir the Gram matrix of its states, of an epoch the products with all weights,
forwards and backwards.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.speed.sides import Side, fresh

OURS, REPEATS = "seqest", 3
TORCH = ("torch, 1 thread", "torch, 2 threads")
COLUMNS = ("curve", "side", "size", "seconds", "megabytes")
Point = tuple[str, str, int, float, float]


class Curve(NamedTuple):
    """What grows, and beside whom.

    Attributes
    ----------
    title, axis : str
        Of the picture.
    task : dict
        What is done at each size.
    size : str
        The parameter of the task that grows.
    sizes : sequence of int
        Its values.
    peers : dict of str to int
        The other sides, and the largest size that each is asked for.
    operations : callable
        The least number of multiplications and additions at a size.
    dtype : str
        Of the numbers.
    """

    title: str
    axis: str
    task: dict[str, Any]
    size: str
    sizes: Sequence[int]
    peers: dict[str, int]
    operations: Callable[[int], float]
    dtype: str = "float64"


def _gram(n_rows: float, n_units: float) -> float:
    """Return operations of the lower half of a Gram matrix."""
    return n_rows * (n_units + 1) ** 2


CURVES = {
    "steps": Curve(
        "Echo state network, 500 units: fit + predict",
        "rows of one series",
        {"task": "one_series", "n_units": 500, "density": 0.02},
        "n_steps",
        (1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000),
        {"reservoirpy": 100_000},
        lambda n: _gram(n, 500),
    ),
    "units": Curve(
        "Echo state network, 20 000 rows: fit + predict",
        "units, ten connections each",
        {"task": "one_series", "n_steps": 20_000},
        "n_units",
        (50, 100, 200, 500, 1000, 2000, 5000),
        {"reservoirpy": 2000},
        lambda n: _gram(20_000, n),
    ),
    "series": Curve(
        "Echo state network, 200 units: fit",
        "series of 200 rows",
        {"task": "many_series", "n_units": 200, "density": 0.05, "n_steps": 200},
        "n_series",
        (1, 3, 10, 30, 100, 300, 1000, 3000),
        {"reservoirpy": 1000},
        lambda n: _gram(200 * n, 200),
    ),
    "hidden": Curve(
        "LSTM, 256 windows of 100 rows, batches of 32: ten epochs",
        "hidden units",
        {
            "task": "epochs",
            "cell": "LSTM",
            "window": 100,
            "batch": 32,
            "n_windows": 256,
            "n_epochs": 10,
        },
        "hidden",
        (4, 8, 16, 32, 64, 128, 256),
        dict.fromkeys(TORCH, 256),
        lambda n: 10 * 256 * 100 * 3 * 2 * 4 * n * (n + 1),
        "float32",
    ),
}


def measure(quick: bool) -> Iterator[Point]:
    """Yield all points, curve by curve."""
    for name, curve in CURVES.items():
        sizes = curve.sizes[:3] if quick else curve.sizes
        yield from _times(name, curve, sizes)
        if name in ("steps", "units"):
            yield from _memory(name, curve, sizes)
        yield (f"{name} peak", "limit", 0, _peak(curve.dtype), 0.0)


def _task(curve: Curve, size: int) -> dict[str, Any]:
    task = {**curve.task, curve.size: size}
    return task | ({"density": 10 / size} if curve.size == "n_units" else {})


def _asked(curve: Curve, size: int) -> list[str]:
    return [OURS, *(peer for peer, most in curve.peers.items() if size <= most)]


def _times(name: str, curve: Curve, sizes: Sequence[int]) -> Iterator[Point]:
    with ExitStack() as stack:
        sides = {s: stack.enter_context(closing(Side(s))) for s in (OURS, *curve.peers)}
        for size in sizes:
            task = _task(curve, size)
            seconds: dict[str, list[float]] = {s: [] for s in _asked(curve, size)}
            for repeat in range(REPEATS + 1):
                for side, found in seconds.items():
                    took = sides[side].run(task)["seconds"]
                    if repeat:  # the first one loads kernels and touches memory
                        found.append(took)
            for side, found in seconds.items():
                yield (name, side, size, median(found), 0.0)


def _memory(name: str, curve: Curve, sizes: Sequence[int]) -> Iterator[Point]:
    warm = _task(curve, sizes[0])
    for size in sizes[1:]:
        for side in _asked(curve, size):
            found = fresh(side, _task(curve, size), warm)["megabytes"]
            yield (f"{name} memory", side, size, 0.0, found)


def _peak(dtype: str) -> float:
    """Return operations a second."""
    task = {"task": "peak", "dtype": dtype}
    with closing(Side("bare")) as side:
        return median(side.run(task)["value"] for _ in range(REPEATS))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write a table and pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, required=True, help="a folder")
    parser.add_argument("--quick", action="store_true", help="the smallest sizes only")
    parser.add_argument("--draw", action="store_true", help="draw what was measured")
    options = parser.parse_args(arguments)
    path = options.write / "scaling.csv"
    if not options.draw:
        points = []
        for point in measure(options.quick):
            print(*point, flush=True)
            points.append(point)
        options.write.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *points])
    draw(path, options.write)


def draw(path: Path, folder: Path) -> None:
    """Draw the points of a table: a picture of times and one of memory."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
    for ax, (name, curve) in zip(axes.flat, CURVES.items(), strict=True):
        _draw_times(ax, rows, name, curve)
    figure.savefig(folder / "scaling.png", dpi=120)
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for ax, name in zip(axes, ("steps", "units"), strict=True):
        _draw_memory(ax, rows, name, CURVES[name])
    figure.savefig(folder / "memory.png", dpi=120)
    plt.close("all")


LOOKS = {OURS: {"color": "C0", "lw": 2}, "reservoirpy": {"color": "C1"}}
LOOKS |= dict(zip(TORCH, ({"color": "C1"}, {"color": "C3"}), strict=True))


def _draw_times(ax: Any, rows: Any, name: str, curve: Curve) -> None:
    for side in (OURS, *curve.peers):
        own = [r for r in rows if (r["curve"], r["side"]) == (name, side)]
        x, y = ([float(row[of]) for row in own] for of in ("size", "seconds"))
        ax.loglog(x, y, "o-", ms=4, label=side, **LOOKS[side])
    (peak,) = (float(r["seconds"]) for r in rows if r["curve"] == f"{name} peak")
    sizes = sorted({int(row["size"]) for row in rows if row["curve"] == name})
    least = [curve.operations(size) / peak for size in sizes]
    label = f"products alone, at {peak / 1e9:.0f} GFLOP/s"
    ax.loglog(sizes, least, "k:", label=label)
    ax.set(title=curve.title, xlabel=curve.axis, ylabel="seconds")
    ax.title.set_size("medium")
    ax.legend(frameon=False, fontsize="small")


def _draw_memory(ax: Any, rows: Any, name: str, curve: Curve) -> None:
    for side in (OURS, *curve.peers):
        own = [r for r in rows if (r["curve"], r["side"]) == (f"{name} memory", side)]
        x, y = ([float(row[of]) for row in own] for of in ("size", "megabytes"))
        ax.loglog(x, [max(v, 0.1) for v in y], "o-", ms=4, label=side, **LOOKS[side])
    sizes = sorted({int(row["size"]) for row in rows if row["curve"] == name})
    tasks = [_task(curve, size) for size in sizes]
    states = [task["n_steps"] * task["n_units"] * 8 / 1e6 for task in tasks]
    ax.loglog(sizes, states, "k:", label="all states")
    ax.set(title=curve.title, xlabel=curve.axis, ylabel="peak, MB over the data")
    ax.title.set_size("medium")
    ax.legend(frameon=False, fontsize="small")


if __name__ == "__main__":
    main()
