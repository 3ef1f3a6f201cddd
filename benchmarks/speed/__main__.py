"""Print the speed and memory rows.

    python -m benchmarks.speed [--quick] [--rows one many memory ...]
    python -m benchmarks.speed --write docs/speed.md [--rows ...]

Every ratio is of medians taken in this run, the sides in turn. The second writes the
rows into a page as well.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.page import machine, table, write_section
from benchmarks.speed import delays, recurrent
from benchmarks.speed.paths import paths
from benchmarks.speed.sides import compare, first_fit, fresh, printed_by

PEERS = ["reservoirpy", "PyRCN"]
Row = tuple[str, str, str, str, str]
HEAD = ("what", "against", "ours", "ratio", "goal")


def one(quick: bool) -> Iterator[Row]:
    """Fit and predict one series."""
    n_steps = 10_000 if quick else 100_000
    for n_units, density, goal in ((100, 0.1, 20), (500, 0.02, 6), (1000, 0.01, 6)):
        task = {"task": "one_series", "n_units": n_units, "density": density}
        warm = {"n_steps": 500}
        sides = ["seqest", *PEERS]
        times = compare(sides, {**task, "n_steps": n_steps}, 5, warm)
        what = f"fit + predict, 1 x {n_steps}, N={n_units}, density {density}"
        yield from ratios(what, times, goal)


def many(quick: bool) -> Iterator[Row]:
    """Fit many short series."""
    n_series = 100 if quick else 1000
    task = {"task": "many_series", "n_units": 200, "density": 0.05, "n_steps": 200}
    warm = {"n_series": 8}
    times = compare(["seqest", *PEERS], {**task, "n_series": n_series}, 5, warm)
    yield from ratios(f"fit, {n_series} x 200, N=200, density 0.05", times, 20)


def memory(quick: bool) -> Iterator[Row]:
    """Peak memory of a long fit."""
    n_steps = 100_000 if quick else 1_000_000
    task = {"task": "fit_only", "n_units": 500, "density": 0.02, "n_steps": n_steps}
    answer = fresh("seqest", task, {"n_steps": 500})
    states = n_steps * 500 * 8 / 1e6
    yield (
        f"fit, 1 x {n_steps}, N=500: peak memory",
        f"states {states:.0f} MB",
        f"{answer['megabytes']:.0f} MB over the data's own, {answer['seconds']:.1f} s",
        "-",
        "<= 200 MB",
    )


def wide(quick: bool) -> Iterator[Row]:
    """A wide reservoir against its matrix products alone."""
    n_units, n_steps = (2000, 5000) if quick else (10_000, 20_000)
    task = {"task": "fit_only", "n_units": n_units, "density": 10 / n_units}
    task = {**task, "n_steps": n_steps}
    times = compare(["seqest", "bare"], task, 3, {"n_units": 100, "density": 0.1})
    ours, bare = times["seqest"][0], times["bare"][0]
    answer = fresh("seqest", task, {"n_units": 100, "density": 0.1})
    matrix = n_units**2 * 8 / 1e6
    yield (
        f"fit, 1 x {n_steps}, N={n_units}, degree 10",
        f"syrk + Cholesky {bare:.2f} s",
        f"{ours:.2f} s",
        f"{ours / bare:.2f}x",
        "<= 1.3x",
    )
    yield (
        "the same: peak memory",
        f"N*N*8 = {matrix:.0f} MB",
        f"{answer['megabytes']:.0f} MB",
        f"{answer['megabytes'] / matrix:.2f}x",
        "<= 3x",
    )


def radius(quick: bool) -> Iterator[Row]:
    """Spectral radius of a large sparse matrix."""
    n_units = 4000 if quick else 10_000
    task = {"task": "spectral_radius", "n_units": n_units, "degree": 10}
    times = compare(["seqest", "bare"], task, 5, None)
    ours, bare = times["seqest"], times["bare"]
    yield (
        f"spectral radius, N={n_units}, degree 10",
        f"eigs(k=1) {bare[0]:.2f} s, gives {bare[2]['value']:.5f}",
        f"{ours[0]:.2f} s, gives {ours[2]['value']:.5f}",
        f"{bare[0] / ours[0]:.1f}x",
        ">= 5x",
    )


TIMED = """
import time
begun = time.perf_counter()
{}
print(time.perf_counter() - begun)
"""


def import_(quick: bool) -> Iterator[Row]:
    """Import of the package, every public name bound."""
    theirs = TIMED.format(
        "import numpy, scipy, pandas, sklearn, statsmodels.api, numba"
    )
    ours = TIMED.format(
        "import seqest\nfor name in seqest.__all__: getattr(seqest, name)"
    )
    repeats = 5 if quick else 15
    times = [(printed_by(theirs), printed_by(ours)) for _ in range(repeats)]
    bare, mine = (median(side) for side in zip(*times, strict=True))
    yield (
        "import seqest",
        f"its dependencies {bare:.2f} s",
        f"{mine:.2f} s",
        f"{mine / bare:.2f}x",
        "<= 1.1x",
    )


FIRST = {
    "ESNRegressor": "100, random_state=0",
    "LSTMRegressor": "16, max_iter=2, n_iter_no_change=2, random_state=0",
    "GRURegressor": "16, max_iter=2, n_iter_no_change=2, random_state=0",
    "ElmanRegressor": "16, max_iter=2, n_iter_no_change=2, random_state=0",
    "NARXRegressor": "16, max_iter=2, n_iter_no_change=2, random_state=0",
}


def first(quick: bool) -> Iterator[Row]:
    """First fits in a new process over the second, without kernels on disk and with."""
    for name in ("ESNRegressor", "LSTMRegressor") if quick else FIRST:
        with tempfile.TemporaryDirectory() as folder:
            fit = partial(first_fit, name, FIRST[name], NUMBA_CACHE_DIR=folder)
            cold, warm = fit(), median(fit() for _ in range(5))
        yield (
            f"first fit of a process, {name}",
            f"nothing on disk: +{cold:.1f} s",
            f"kernels on disk: +{warm:.2f} s",
            "-",
            "<= +0.5 s",
        )


def ahead(quick: bool) -> Iterator[Row]:
    """Compile all kernels ahead."""
    code = "from seqest import compile_kernels\nprint(compile_kernels())"
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = (printed_by(code, NUMBA_CACHE_DIR=folder) for _ in range(2))
        size = sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file())
    yield (
        f"compile_kernels(), {size / 1e6:.0f} MB on disk",
        f"nothing on disk: {cold:.0f} s",
        f"kernels on disk: {warm:.1f} s",
        "-",
        "-",
    )


def ratios(what: str, times: dict, goal: float) -> Iterator[Row]:
    """Yield a row for each peer."""
    ours = times["seqest"][0]
    for peer in PEERS:
        seconds, runs, _ = times[peer]
        note = "" if runs > 4 else f" ({runs} runs)"
        yield (
            what,
            f"{peer} {seconds:.2f} s{note}",
            f"{ours:.2f} s",
            f"{seconds / ours:.1f}x",
            f">= {goal}x",
        )


ROWS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "one": one,
    "many": many,
    "memory": memory,
    "wide": wide,
    "radius": radius,
    "import": import_,
    "first": first,
    "ahead": ahead,
    "epochs": recurrent.epochs,
    "regimes": recurrent.regimes,
    "tdnn": delays.tdnn,
    "free_run": delays.free_run,
    "paths": paths,
}


# Why rows are short of their goals, or differ from run to run.
REMARKS = {
    "one": """
With 1000 units most of the time is the Gram matrix of the states, 1e11
multiplications and additions: at the rate of the largest products they alone take a
quarter to a half of it, by the machine (`images/scaling.csv` has one). With 100 units
states are half of a fit and nearly all of a prediction; other runs, on other machines,
came out at 16x to 29x.
""",
    "tdnn": """
Rows of float64 come out between 2.5x and 3.7x from run to run, on this machine and on
others.
""",
    "many": """
The products that the Gram matrices of 200 units cannot do without take a quarter of
our time at the rate of the largest products, which ones of so few columns do not
reach, and the states a quarter more: twice as fast is the most there is.
""",
    "radius": """
ARPACK starts from a random vector: its time differs threefold from run to run, and
what it returns is too small, without a warning. Ours is known to a thousandth.
""",
    "import": """
Ours adds a tenth of a second; runs on several machines came out at 1.02x to 1.11x.
""",
    "free_run": """
skforecast runs linear models by a path of its own, and FROLS has a fifth of the
terms. Of linear models and polynomials half of ours and more is what surrounds the
loop: rows are read, checked, lagged and given back.
""",
    "paths": """
Both sides run all paths at once, step by step in NumPy: what is left are some
milliseconds of calls, and for trees their `predict`. Ours are wider, as they come
from errors of rows that were not learned from.
""",
    "epochs": """
On an Intel Xeon, where the LSTM of 16 units in batches of 64 reached 2.06x, one of 128
units was short in batches of 8 and 16, at 0.95x and 0.90x, and one of 64 in batches of
64, at 1.24x. Products run with eight windows side by side in small batches, half a
vector, and take four fifths of what sixteen take (53 and 66 us a step of a thread
there); they are four fifths of an epoch.
""",
}


def main(arguments: list[str] | None = None) -> None:
    """Print the table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes")
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=list(ROWS))
    parser.add_argument("--write", type=Path, help="a page of figures")
    options = parser.parse_args(arguments)
    if options.quick and options.write is not None:
        parser.error("a page holds no quick figures: leave out --quick or --write")
    widths = (52, 38, 40, 8, 10)
    print_row(HEAD, widths)
    for name in options.rows:
        rows = []
        for row in ROWS[name](options.quick):
            print_row(row, widths)
            rows.append(row)
        if options.write is not None:
            write_section(options.write, list(ROWS), name, section_of(name, rows))


def section_of(name: str, rows: list[Row]) -> str:
    """Return what a page of speed says of some rows."""
    title = str(ROWS[name].__doc__).partition("\n")[0].removesuffix(".")
    command = f"`python -m benchmarks.speed --rows {name}` on {machine()}."
    parts = f"## {title}", table(HEAD, rows), REMARKS.get(name, "").strip(), command
    return "\n\n".join(part for part in parts if part)


def print_row(row: Row, widths: tuple[int, ...]) -> None:
    """Print the cells of a row in columns."""
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    print("  ".join(cells).rstrip(), flush=True)


if __name__ == "__main__":
    main()
