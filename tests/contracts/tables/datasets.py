"""The generators and loaders, each with what the laws need to know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seqest import datasets


@dataclass(frozen=True)
class Generator:
    """A generator: the columns of each array it returns, None for a 1-D array."""

    make: Callable[..., Any]
    columns: tuple[int | None, ...]
    is_random: bool = False
    has_transient: bool = False


@dataclass(frozen=True)
class Loader:
    """A loader: the name of its Series or those of its columns, rows, and frequency.

    The frequency is a word of pandas, or the step of a RangeIndex.
    """

    load: Callable[[], Any]
    name: str | tuple[str, ...]
    length: int
    freq: str | int


TABLE: dict[str, Generator | Loader] = {
    "henon": Generator(datasets.henon, (2,), has_transient=True),
    "lorenz63": Generator(datasets.lorenz63, (3,), has_transient=True),
    "mackey_glass": Generator(datasets.mackey_glass, (None,), has_transient=True),
    "mso": Generator(datasets.mso, (None,)),
    "narma": Generator(datasets.narma, (1, None), is_random=True),
    "nonlinear_channel": Generator(
        datasets.nonlinear_channel, (1, None), is_random=True
    ),
    "load_airline": Loader(datasets.load_airline, "passengers", 144, "M"),
    "load_co2": Loader(datasets.load_co2, "co2", 2284, "W-SAT"),
    "load_gas_furnace": Loader(
        datasets.load_gas_furnace, ("methane_rate", "co2"), 296, 9
    ),
    "load_sunspots": Loader(datasets.load_sunspots, "sunspots", 309, "Y-DEC"),
}
GENERATORS = {k: row for k, row in TABLE.items() if isinstance(row, Generator)}
LOADERS = {k: row for k, row in TABLE.items() if isinstance(row, Loader)}
