"""The report: a forecast and what it is worth, in one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from seqest._files import replace_file
from seqest._validation import worded
from seqest.report._findings import find
from seqest.report._page import page_of

__all__ = ["write_report"]

OWNER = "write_report"


def write_report(
    forecaster: Any,
    path: str | PathLike[str],
    y: Any,
    X: Any = None,
    *,
    steps: int | None = None,
    X_future: Any = None,
    cv: Any = None,
    models: Mapping[str, Any] | None = None,
    levels: Sequence[float] = (0.8, 0.95),
    title: str | None = None,
    command: str | None = None,
    max_series: int = 30,
    n_jobs: int | None = None,
) -> Path:
    """Write a forecast, what it has been worth and what it missed, as one HTML file.

    The file holds all it needs and asks for nothing from elsewhere. Where the browser
    runs no code, pictures stand for the charts.

    Parameters
    ----------
    forecaster : Forecaster
        Fitted to y and X; or one of the baselines.
    path : str or path
        Where to. The file is written whole or not at all.
    y : Series or DataFrame
        The rows it learned from.
    X : DataFrame, default=None
        Their exogenous columns.
    steps : int, default=None
        How many rows are forecast; by default as many as X_future has.
    X_future : DataFrame, default=None
        The exogenous columns of these.
    cv : splitter, default=None
        Origins of the backtest, such as a RollingOriginSplit. None takes up to 12, at
        most `steps` apart, in the later part of the rows.
    models : dict of str to Forecaster, default=None
        What it is compared with; None is the naive forecast, seasonal where the
        forecaster has a ``seasonal_period``.
    levels : sequence of float in (0, 1), default=(0.8, 0.95)
        Shares that intervals are to hold.
    title : str, default=None
        What the report is called; None is made from the names of targets.
    command : str, default=None
        What makes the report again; None is a line of Python.
    max_series : int >= 1, default=30
        How many curves can be chosen from. Raising it makes the file larger.
    n_jobs : int, default=None
        As in `backtest`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ImportError
        Without plotly or matplotlib.
    NotFittedError
        If the forecaster is not fitted.
    TypeError, ValueError
        If arguments do not fit; the message says how.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from seqest.datasets import load_airline
    >>> from seqest.forecasting import SeasonalNaiveForecaster
    >>> from seqest.report import write_report
    >>> y = load_airline()
    >>> model = SeasonalNaiveForecaster(12, random_state=0).fit(y=y)
    >>> with TemporaryDirectory() as folder:
    ...     path = write_report(model, Path(folder) / "airline.html", y, steps=12)
    ...     path.read_text("utf-8")[:15]
    '<!DOCTYPE html>'
    """
    check_is_fitted(forecaster)
    if not hasattr(forecaster, "get_forecast"):
        rule = "a fitted Forecaster or baseline"
        raise TypeError(worded(OWNER, "forecaster", forecaster, rule))
    if not isinstance(y, pd.Series | pd.DataFrame):
        raise TypeError(worded(OWNER, "y", y, "a Series or DataFrame with dates"))
    if not y.index.equals(forecaster.residuals_.index):
        raise ValueError(
            f"{OWNER}: y has another index than the rows that the forecaster learned "
            "from. Give those."
        )
    script, place = _plotting_library(), Path(path)
    found = find(
        forecaster,
        y,
        X,
        X_future=X_future,
        steps=steps,
        cv=cv,
        models=models,
        levels=levels,
        max_series=max_series,
        n_jobs=n_jobs,
    )
    name = title or _title(y)
    again = command or f"write_report({forecaster!r}, {place.name!r}, y)"
    replace_file(place, page_of(found, name, again, script).encode("utf-8"))
    return place


def _title(y: Any) -> str:
    names = [y.name] if isinstance(y, pd.Series) else list(y.columns)
    shown = ", ".join(str(name) for name in names[:3] if name is not None)
    return f"Forecast of {shown or 'a series'}"


def _plotting_library() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise ImportError(
            f"{OWNER} needs plotly: pip install 'seqest[report]'."
        ) from error
    return str(get_plotlyjs())
