"""The scores of models, as curves over steps, times or names."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_numeric, worded
from seqest.plotting._times import drawable

__all__ = ["Scores", "goal_of", "named", "read_scores"]

Array = NDArray[np.float64]
WORDS = {
    "mae": "MAE",
    "rmse": "RMSE",
    "smape": "sMAPE (%)",
    "mase": "MASE",
    "rmsse": "RMSSE",
    "coverage": "share inside {} %",
    "winkler": "Winkler score of {} %",
}


class Scores(NamedTuple):
    """One metric of models, over what it is told apart by.

    Attributes
    ----------
    metric, by : str
        What it is, and of what.
    curves : dict of str to tuple of ndarray
        Places and scores of each model.
    ticks : tuple of str or None
        The names at places 0, 1, …; None where places are numbers or times.
    zone : tzinfo or None
        The clock of times.
    """

    metric: str
    by: str
    curves: dict[str, tuple[NDArray[Any], Array]]
    ticks: tuple[str, ...] | None
    zone: Any

    @property
    def rank(self) -> list[str]:
        """Models from best to worst, by the mean of their scores."""
        goal = goal_of(self.metric)
        means = {name: np.nanmean(values) for name, (_, values) in self.curves.items()}
        return sorted(means, key=lambda name: abs(means[name] - goal))


def goal_of(metric: str) -> float:
    """Return what the best of all models would have."""
    name, _, level = metric.partition("_")
    return float(level) / 100 if name == "coverage" and level else 0.0


def named(metric: str, unit: str | None) -> str:
    """Return what an axis calls a metric."""
    name, _, level = metric.partition("_")
    words = WORDS.get(name, metric).format(level)
    has_unit = unit is not None and name in {"mae", "rmse", "winkler"}
    return f"{words} ({unit})" if has_unit else words


def read_scores(owner: str, table: Any) -> list[Scores]:
    """Return the scores in the columns of a table, which is indexed by models.

    Parameters
    ----------
    owner : str
        Named in errors.
    table : Series or DataFrame
        Indexed by a level "model" and one other; a column for each metric.

    Returns
    -------
    list of Scores
        Column by column.

    Raises
    ------
    TypeError
        If it is no table.
    ValueError
        If it has other levels, or a column without scores.
    """
    if not hasattr(table, "iloc"):
        raise TypeError(worded(owner, "scores", table, "a Series or DataFrame"))
    table = table.to_frame() if table.ndim == 1 else table
    levels = list(table.index.names)
    if len(levels) != 2 or "model" not in levels or len(table) == 0:
        rule = "of at least one row, indexed by 'model' and one other level"
        raise ValueError(worded(owner, "scores", table, rule))
    by = levels[1 - levels.index("model")]
    return [_scores_of(owner, table[column], column, by) for column in table.columns]


def _scores_of(owner: str, column: Any, metric: Hashable, by: Hashable) -> Scores:
    values = check_numeric(owner, "scores", column.to_numpy())
    if not np.isfinite(values).any():
        raise ValueError(worded(owner, "scores", column, f"finite of some {metric}"))
    models = column.index.get_level_values("model")
    places, ticks, zone = _places(column.index.get_level_values(by))
    curves = {}
    for name in models.unique():
        own = np.asarray(models == name)
        order = np.argsort(places[own], kind="stable")
        if np.isfinite(values[own]).any():
            curves[str(name)] = places[own][order], values[own][order]
    return Scores(str(metric), str(by), curves, ticks, zone)


def _places(labels: Any) -> tuple[NDArray[Any], tuple[str, ...] | None, Any]:
    """Return where labels are on an axis, their names if it has some, and the zone."""
    if hasattr(labels, "to_timestamp") or labels.dtype.kind in "iufM":
        return drawable(labels), None, getattr(labels, "tz", None)
    names = [", ".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in labels]
    ticks = tuple(dict.fromkeys(names))
    return np.array([ticks.index(name) for name in names]), ticks, None
