"""What a search tried: scores, and parameters as places along an axis."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_numeric, worded
from seqest.plotting._scales import Scale, read_scale, words_of

__all__ = ["Trials", "best_by_place", "read_trials"]

Array = NDArray[np.float64]


class Trials(NamedTuple):
    """What was tried, and how good it was.

    Attributes
    ----------
    label : str
        What scores are called.
    scores, spreads : ndarray of shape (n_trials,)
        Means over splits, and deviations.
    sign : int
        -1 where less is better.
    scales : tuple of Scale
        The parameters that are drawn.
    """

    label: str
    scores: Array
    spreads: Array
    sign: int
    scales: tuple[Scale, ...]

    @property
    def best(self) -> int:
        """The best of all trials."""
        return int((self.sign * self.scores).argmax())


def read_trials(
    owner: str, results: Any, params: Any, metric: str, scoring: Any
) -> Trials:
    """Return the trials of a search that have a score.

    Parameters
    ----------
    owner : str
        Named in errors.
    results : dict of arrays or DataFrame
        Such as `cv_results_`.
    params, metric, scoring
        As in `SearchSurfaceDisplay.from_results`.

    Returns
    -------
    Trials
        Those with a finite score.

    Raises
    ------
    TypeError
        If results are no table.
    ValueError
        If a column is missing, no score is finite, or parameters must be chosen.
    """
    if not hasattr(results, "keys"):
        raise TypeError(worded(owner, "cv_results", results, "a dict of arrays"))
    columns = {str(key): results[key] for key in list(results.keys())}
    if f"mean_test_{metric}" not in columns:
        known = [k.removeprefix("mean_test_") for k in columns if "mean_test_" in k]
        rule = f"one of {', '.join(map(repr, known))}"
        raise ValueError(worded(owner, "metric", metric, rule))
    scores = check_numeric(owner, "cv_results", columns[f"mean_test_{metric}"])
    deviations = columns.get(f"std_test_{metric}", np.zeros(len(scores)))
    spreads = check_numeric(owner, "cv_results", deviations)
    known_scores = np.isfinite(scores)
    if not known_scores.any():
        rule = "of at least one trial with a finite score"
        raise ValueError(worded(owner, "cv_results", list(scores), rule))
    values = {
        name.removeprefix("param_"): _listed(column)
        for name, column in columns.items()
        if name.startswith("param_")
    }
    chosen = _chosen(owner, params, values)
    scales = tuple(read_scale(name, values[name], known_scores) for name in chosen)
    called = scoring if isinstance(scoring, str) and metric == "score" else metric
    sign = -1 if called.startswith("neg_") else 1
    label = called.removeprefix("neg_").replace("_", " ")
    return Trials(
        label, sign * scores[known_scores], spreads[known_scores], sign, scales
    )


def best_by_place(trials: Trials) -> dict[tuple[float, ...], int]:
    """Return the best trial at each place, over the parameters that are not drawn."""
    found: dict[tuple[float, ...], int] = {}
    good = trials.sign * trials.scores
    for trial, place in enumerate(zip(*(s.places for s in trials.scales), strict=True)):
        if place not in found or good[trial] > good[found[place]]:
            found[place] = trial
    return found


def _listed(column: Any) -> list[Any]:
    """Return values, and "not set" where a grid had no such parameter."""
    mask = np.ma.getmaskarray(np.ma.asarray(column)) if np.ma.isMA(column) else None
    values = list(np.ma.getdata(column)) if mask is not None else list(column)
    if mask is None:
        return values
    return ["not set" if gone else v for v, gone in zip(values, mask, strict=True)]


def _chosen(owner: str, params: Any, values: dict[str, list[Any]]) -> list[str]:
    """Return which parameters are drawn: by default those that vary."""
    if params is None:
        varied = [k for k, own in values.items() if len(set(map(words_of, own))) > 1]
        if len(varied) not in (1, 2):
            rule = f"one or two of {', '.join(map(repr, varied or values))}"
            raise ValueError(worded(owner, "params", None, rule))
        return varied
    asked = [params] if isinstance(params, str) else list(params)
    names = [str(name).removeprefix("param_") for name in asked]
    if (
        len(set(names)) != len(names)
        or len(names) not in (1, 2)
        or {*names} - {*values}
    ):
        rule = f"one or two of {', '.join(map(repr, values))}"
        raise ValueError(worded(owner, "params", params, rule))
    return names
