"""Tables and settings as text: CSV, JSON and TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["as_json", "as_toml", "plain", "records"]


def plain(table: pd.DataFrame, delimiter: str = ",") -> str:
    """Return a table as text."""
    return table.to_csv(index=False, sep=delimiter, lineterminator="\n")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON has them: no NaN, and times as text."""
    return [
        {str(name): _simple(value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _simple(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def as_json(told: Any) -> str:
    """Return JSON that ends in a line."""
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def as_toml(told: Mapping[str, Any], comment: str) -> str:
    """Return settings as TOML: plain keys, then one table for each dict."""
    lines = [f"# {line}" for line in comment.splitlines()]
    for key, value in told.items():
        if not isinstance(value, Mapping):
            lines.append(f"{key} = {_toml(value)}")
    for key, value in told.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{key}]"]
            lines += [f"{name} = {_toml(own)}" for name, own in value.items()]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return '"none"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return (
        json.dumps(value, ensure_ascii=False)
        if isinstance(value, str)
        else f"{value!r}"
    )
