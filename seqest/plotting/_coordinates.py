"""Outputs as coordinates of a phase space."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer, check_numeric, worded
from seqest.metrics.correlation import autocorrelation

__all__ = ["delayed", "delayed_names", "read_columns", "read_course", "read_delay"]

Array = NDArray[np.float64]


def read_course(
    owner: str, name: str, value: Any, n_outputs: int | None = None
) -> Array:
    """Return outputs as a finite table, of so many columns where that is known."""
    table = check_numeric(owner, name, value)
    table = table[:, np.newaxis] if table.ndim == 1 else table
    if table.ndim != 2 or len(table) < 2 or not np.isfinite(table).all():
        rule = "finite, of one or two dimensions and of at least two rows"
        raise ValueError(worded(owner, name, value, rule))
    if n_outputs not in (None, table.shape[1]):
        rule = f"of as many outputs as y_true, {n_outputs}"
        raise ValueError(worded(owner, name, value, rule))
    return table


def read_delay(owner: str, delay: Any, truth: Array, n: int) -> int:
    """Return the rows between two coordinates."""
    if delay != "auto":
        return check_integer(owner, "delay", delay, 1)
    most = max((len(truth) - 1) // n, 1)
    if np.ptp(truth) == 0:
        return 1
    below = np.flatnonzero(autocorrelation(truth, most) < np.exp(-1))
    return int(below[0]) if below.size else most


def delayed(table: Array, delay: int, n: int) -> Array:
    """Return an output beside itself some rows before, and before these."""
    last = (n - 1) * delay
    column, n_rows = table[:, 0], len(table) - last
    return np.column_stack([column[last - k * delay :][:n_rows] for k in range(n)])


def delayed_names(name: Any, delay: int, n: int) -> list[str]:
    """Return what an output and itself some rows before are called."""
    if name is None:
        return ["y(t)", *(f"y(t − {k * delay})" for k in range(1, n))]
    return [str(name), *(f"{name}, {k * delay} rows before" for k in range(1, n))]


def read_columns(
    owner: str, dims: Any, y_true: Any, n_outputs: int
) -> tuple[list[int], list[str]]:
    """Return the positions of the outputs that are coordinates, and their names."""
    names = [str(c) for c in getattr(y_true, "columns", ())]
    names = names or [f"y{k}" for k in range(n_outputs)]
    wanted = range(min(n_outputs, 3)) if dims is None else dims
    wanted = [wanted] if np.ndim(wanted) == 0 else list(wanted)
    positions = [names.index(w) if w in names else w for w in wanted]
    known = all(k in range(n_outputs) for k in positions)
    if len(positions) not in (2, 3) or not known:
        rule = "two or three of the outputs " + ", ".join(names)
        raise ValueError(worded(owner, "dims", dims, rule))
    return [int(k) for k in positions], [names[int(k)] for k in positions]
