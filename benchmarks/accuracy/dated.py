"""Series with dates that the rows of forecasting share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from seqest.datasets import load_co2, load_sunspots

__all__ = [
    "M4",
    "drug_sales",
    "etth1",
    "items",
    "m4_hourly",
    "missing",
    "monthly_co2",
    "yearly_sunspots",
]

M4 = "m4_hourly_train.csv", "m4_hourly_test.csv"


def missing(data_dir: Path, *names: str) -> str:
    """Return which file is missing in words, or nothing."""
    gone = [name for name in names if not (data_dir / name).exists()]
    return f"{data_dir / gone[0]} is missing" if gone else ""


def monthly_co2() -> Any:
    """Return monthly means, the few months without any interpolated."""
    means = pd.Series(load_co2().squeeze()).resample("MS").mean()
    return means.interpolate().rename("CO₂ (ppm)")


def yearly_sunspots() -> Any:
    """Return yearly sunspot numbers."""
    return load_sunspots().squeeze()


def drug_sales(data_dir: Path) -> Any:
    """Return monthly sales of corticosteroids with two exogenous columns."""
    table = pd.read_csv(data_dir / "h2o_exog.csv", index_col=0, parse_dates=True)
    return table.set_axis(table.index.to_period("M"))


def items(data_dir: Path) -> Any:
    """Return daily sales of three items."""
    table = pd.read_csv(data_dir / "items_sales.csv", parse_dates=["timestamp"])
    return table.set_index(["series_id", "timestamp"])["value"]


def m4_hourly(data_dir: Path, n_series: int | None = None) -> tuple[Any, Any]:
    """Return the rows to learn from, and the 48 that follow, of each series."""
    parts = []
    for name in M4:
        table = pd.read_csv(data_dir / name, index_col=0)[:n_series]
        rows = [table.loc[one].dropna().to_numpy() for one in table.index]
        parts.append(dict(zip(table.index, rows, strict=True)))
    train = {name: pd.Series(own) for name, own in parts[0].items()}
    test = {
        name: pd.Series(own, len(train[name]) + np.arange(len(own)))
        for name, own in parts[1].items()
    }
    names = ["series", "hour"]
    return pd.concat(train, names=names), pd.concat(test, names=names)


def etth1(data_dir: Path) -> pd.DataFrame:
    """Return the 20 months of ETTh1 that are used, in units of the first 12."""
    table = pd.read_csv(data_dir / "etth1.csv", index_col=0, parse_dates=True)
    month = 30 * 24
    known = table[: 12 * month]
    scaled = (table[: 20 * month] - known.mean()) / known.std(ddof=0)
    return scaled.set_axis(pd.DatetimeIndex(scaled.index, freq="h"))
