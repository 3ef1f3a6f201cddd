"""What was chosen for a model, with the evidence for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seqest.forecasting.diagnostics._evidence import Evidence
from seqest.metrics._series import Series

__all__ = ["DelaySuggestion", "DifferencingSuggestion"]


@dataclass(frozen=True, repr=False, eq=False)
class DelaySuggestion:
    """Delays, and the evidence for them.

    Attributes
    ----------
    input_delays : list of int, dict, or None
        The delays of the input; of several inputs those of each by its name, or by its
        position in an array. None without inputs.
    output_delays : list of int or dict
        The delays of the output; of several outputs those of each by its position.
    weak : tuple of str
        Columns none of whose delays stood out; the least delay stands in for them.
        Where an input is named here, a model may do without it.
    table : DataFrame
        The evidence, a row for each delay: kind ("output" or "input"), feature, delay,
        value, bound, chosen. With the method "correlation" the value is a correlation
        and is chosen outside its bound; with "search" it is the error of a model of
        this delay and those above it, and they are chosen up to the first at its bound.
    """

    input_delays: Any
    output_delays: Any
    weak: tuple[str, ...]
    table: pd.DataFrame

    @property
    def parameters(self) -> dict[str, Any]:
        """The delays as arguments: ``NARXRegressor(**suggestion.parameters)``."""
        outputs = {"output_delays": self.output_delays}
        if self.input_delays is None:
            return outputs
        return {"input_delays": self.input_delays, **outputs}

    def __repr__(self) -> str:
        """Return the delays, and the columns without any, in words."""
        given = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        lines = [f"{type(self).__name__}({given})"]
        lines += [f"No delay of {name!r} stands out." for name in self.weak]
        return "\n".join(lines)


@dataclass(frozen=True, repr=False, eq=False)
class DifferencingSuggestion:
    """Orders of differencing, and the evidence for them.

    Attributes
    ----------
    differencing : int
        How often to take the differences of neighbours.
    seasonal_differencing : int
        How often to take the differences over a season: 0 or 1.
    seasonal_period : int or None
        Rows in a season, as given.
    table : DataFrame
        The evidence, a row for each test: series and output, the orders that it was
        applied after (seasonal_differencing, differencing), test ("seasonal strength",
        "KPSS", "ADF"), statistic, p_value (missing for the strength), and whether it
        asks for a difference. Both are missing where a series has become constant.
    """

    differencing: int
    seasonal_differencing: int
    seasonal_period: int | None
    table: pd.DataFrame

    @property
    def parameters(self) -> dict[str, Any]:
        """The orders as arguments: ``Forecaster(**suggestion.parameters)``."""
        return {
            "differencing": self.differencing,
            "seasonal_differencing": self.seasonal_differencing,
            "seasonal_period": self.seasonal_period,
        }

    def __repr__(self) -> str:
        """Return the orders and the season."""
        given = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{type(self).__name__}({given})"


def suggestion_of(
    series: Series, n_inputs: int, found: Sequence[Evidence]
) -> DelaySuggestion:
    """Return the delays that were chosen, column by column."""
    weak: list[str] = []
    names = {"input": series.names[0][:n_inputs], "output": series.names[1]}
    delays: dict[str, list[list[int]]] = {"input": [], "output": []}
    for least, kind in enumerate(names):
        for column, name in enumerate(names[kind]):
            own = [e for e in found if (e.kind, e.column) == (kind, column)]
            chosen = sorted(e.delay for e in own if e.chosen)
            weak += [] if chosen else [name]
            delays[kind].append(chosen or [least])
    rows = [(e.kind, names[e.kind][e.column], *e[2:]) for e in found]
    return DelaySuggestion(
        _by_column(delays["input"], series.keys) if n_inputs else None,
        _by_column(delays["output"], range(len(delays["output"]))),
        tuple(weak),
        pd.DataFrame(rows, columns=["kind", "feature", *Evidence._fields[2:]]),
    )


def _by_column(delays: list[list[int]], keys: Sequence[Any]) -> Any:
    """Return the delays of one column as a list, of several by their keys."""
    return delays[0] if len(delays) == 1 else dict(zip(keys, delays, strict=True))
