"""Benchmark systems of the literature, and real series with their dates.

Generators return NumPy arrays, rows in time, without unit. Those that draw numbers take
`random_state` (an int, a numpy Generator, or None for a fresh draw); the others are
deterministic. Those with a transient leave `discard` rows out.

Loaders return a pandas Series of floats, or a DataFrame of several, with a regular
index. What belongs to a whole year or month stands at a Period;
``series.to_timestamp()`` turns periods into dates.
"""

from seqest.datasets._gas_furnace import load_gas_furnace
from seqest.datasets._henon import henon
from seqest.datasets._loaders import load_airline, load_co2, load_sunspots
from seqest.datasets._lorenz63 import lorenz63
from seqest.datasets._mackey_glass import mackey_glass
from seqest.datasets._mso import mso
from seqest.datasets._narma import narma
from seqest.datasets._nonlinear_channel import nonlinear_channel

__all__ = [
    "henon",
    "load_airline",
    "load_co2",
    "load_gas_furnace",
    "load_sunspots",
    "lorenz63",
    "mackey_glass",
    "mso",
    "narma",
    "nonlinear_channel",
]
