"""The tables of a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np

from seqest.forecasting._calendar import shown_time
from seqest.report._findings import Findings
from seqest.report._words import number

__all__ = ["forecast_table", "parameter_table", "score_table", "test_table"]

SPOKEN = {
    "model": "",
    "mase": "MASE",
    "mae": "MAE",
    "rmse": "RMSE",
    "smape": "sMAPE, %",
}


def _table(
    names: Sequence[str], rows: Iterable[Sequence[Any]], own: int | None = None
) -> str:
    """Return a table; the row `own` is set off."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = []
    for k, row in enumerate(rows):
        cells = "".join(_cell(value) for value in row)
        mark = ' class="own"' if k == own else ""
        lines.append(f"<tr{mark}>{cells}</tr>")
    body = "".join(lines)
    return (
        f'<div class="table"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"<td>{escape(number(float(value)))}</td>"
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return f"<td>{value}</td>"
    return f'<td class="text">{escape(str(value))}</td>'


def forecast_table(found: Findings) -> str:
    several = found.n_curves > 1
    names = ["series"] * several + ["time", "forecast"]
    for level in found.levels:
        names += [f"{100 * level:g} % from", "to"]
    rows = []
    for curve in found.curves:
        for k, label in enumerate(curve.mean.index):
            row: list[Any] = [curve.name] * several
            row += [shown_time(label), float(curve.mean.iloc[k])]
            for level in found.levels:
                own = curve.bounds[level].iloc[k]
                row += [float(own["lower"]), float(own["upper"])]
            rows.append(row)
    return _table(names, rows)


def score_table(found: Findings) -> str:
    names = [SPOKEN.get(name, _held(name)) for name in ("model", *found.scores)]
    rows = [
        (_capital(str(name)), *map(float, row))
        for name, row in zip(found.scores.index, found.scores.to_numpy(), strict=True)
    ]
    return _table(names, rows, list(found.scores.index).index(found.own))


def _held(name: str) -> str:
    return f"held by {name.removeprefix('coverage_')} %"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def test_table(found: Findings) -> str:
    tests = found.diagnostics
    if not len(tests):
        return ""
    keys = [key for key in ("series", "output") if tests[key].nunique() > 1]
    rows = tests[[*keys, "test", "statistic", "p_value"]].to_numpy()
    return _table([*keys, "test", "statistic", "p-value"], rows)


def parameter_table(model: Any) -> str:
    told = model.get_params(deep=True)
    rows = [
        (name, " ".join(repr(value).split()))
        for name, value in sorted(told.items())
        if not hasattr(value, "get_params")
    ]
    return _table(["parameter", "value"], rows)
