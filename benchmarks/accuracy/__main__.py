"""Print accuracy beside published figures.

    python -m benchmarks.accuracy [--tasks lorenz63 ...] [--seeds 10] [--quick]
    python -m benchmarks.accuracy --write docs/figures.md [--tasks ...] [--seeds 10]
    python -m benchmarks.accuracy --search [--tasks lorenz63 ...]

The second writes the figures of its tasks into a page as well; the third reproduces how
free settings were chosen.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from scipy.linalg import LinAlgWarning
from sklearn.exceptions import ConvergenceWarning

from benchmarks.accuracy.table import Row, format_table, section_of
from benchmarks.page import write_section

__all__ = ["main"]

TASKS = (
    "mackey_glass",
    "narma10",
    "santa_fe_laser",
    "linear_memory",
    "lorenz63",
    "channel_equalization",
    "reber",
    "adding",
    "temporal_order",
    "airline",
    "airline_narx",
    "gas_furnace",
    "silverbox",
    "sunspots",
    "default_forecaster",
    "m4_hourly",
    "etth1",
    "intervals",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tasks that the command line names."""
    options = _options(arguments)
    # Penalties are small on purpose: what they are good for is measured.
    warnings.simplefilter("ignore", LinAlgWarning)
    # Descents over all rows at once end after as many steps as settings say.
    warnings.simplefilter("ignore", ConvergenceWarning)
    tasks = [import_module(f"benchmarks.accuracy.{name}") for name in options.tasks]
    if options.search:
        for task in tasks:
            _print_search(task, options.quick, options.data_dir)
        return
    seeds = range(min(options.seeds, 2) if options.quick else options.seeds)
    rows: list[Row] = []
    for name, task in zip(options.tasks, tasks, strict=True):
        found = list(_rows(task, seeds, options.quick, options))
        if options.write is not None:
            section = section_of(name, task, found, len(seeds))
            write_section(options.write, TASKS, name, section)
        rows += found
    print(format_table(rows))
    minutes = sum(row.minutes for row in rows)
    print(f"\n{minutes:.1f} minutes. Goals are compared with the mean, not rounded.")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument("--seeds", type=int, default=10, help="seeds 0, 1, …")
    parser.add_argument("--quick", action="store_true", help="2 seeds, small rows only")
    parser.add_argument("--data-dir", type=Path, default=Path("../shared/data"))
    parser.add_argument("--write", type=Path, help="a page of figures")
    parser.add_argument("--search", action="store_true", help="choose free settings")
    options = parser.parse_args(arguments)
    if options.quick and options.write is not None:
        parser.error("a page holds no quick figures: leave out --quick or --write")
    return options


def _rows(
    task: ModuleType, seeds: Sequence[int], quick: bool, options: argparse.Namespace
) -> Iterator[Row]:
    """Yield a task's rows, and say on the error stream that each is done."""
    row: Row
    for row in task.run(seeds, quick, options.data_dir):
        print(" | ".join(row.cells()), file=sys.stderr, flush=True)
        yield row


def _print_search(task: ModuleType, quick: bool, data_dir: Path) -> None:
    for name, ranking in task.search(quick, data_dir):
        print(f"{task.__name__}: {name}, {len(ranking)} candidates; the best:")
        for error, settings in ranking[:5]:
            print(f"  {error:.4g}  {dict(settings)}", flush=True)


if __name__ == "__main__":
    main()
