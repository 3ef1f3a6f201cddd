"""Errors at rolling origins, by a forecaster that has learned from the rows before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer, check_number, worded
from seqest.forecasting._design import Places, cut_apart
from seqest.forecasting.intervals import Calibrated

if TYPE_CHECKING:
    from seqest.forecasting._dated import DatedRegressor

__all__ = ["calibrated", "calibration_errors", "read_shares"]

Array = NDArray[np.float64]
# Origins that calibrate, unless others are asked for: 19 tell a 95 % interval.
FEWEST, MOST = 19, 100


def calibration_errors(
    model: DatedRegressor, n_steps: int, n_origins: Any = None
) -> Array:
    """Return errors of forecasts from the last origins of each series.

    Parameters
    ----------
    model : DatedRegressor
        Fitted; what it has learned is not used.
    n_steps : int
        How many rows are forecast from each.
    n_origins : int or None
        How many, spread over the last third of the shortest series, or over as many
        rows as there are origins if these are more. None is one for each of its rows,
        at least 19 where half the series allows that, and at most 100.

    Returns
    -------
    ndarray of shape (n_series, n_origins, n_steps, n_targets)
        What came less what was forecast, in steady units.

    Raises
    ------
    ValueError
        If the rows before the origins are too few to learn from.
    """
    owner, panel = f"{type(model).__name__}.get_forecast", model._panel_
    reach = model._reach(n_steps)
    most = int(panel.lengths.min()) - reach
    third = max(1, most // 3)
    if n_origins is None:
        n_origins = min(MOST, max(third, min(FEWEST, most // 2)))
    n_origins = check_integer(owner, "n_origins", n_origins, 1)
    span = max(third, n_origins)
    steps = np.linspace(span - 1, 0, n_origins).astype(np.int64)[::-1]
    known = panel.lengths - reach - span + 1
    if known.min() < 2:
        rule = f"at most {max(most - 1, 0)}: rows to learn from come before origins"
        raise ValueError(worded(owner, "n_origins", n_origins, rule))
    apart = cut_apart(model._inputs_, panel.offsets)
    inputs = np.concatenate([own[:n] for own, n in zip(apart, known, strict=True)])
    before = model._having_learned(panel.head(known), inputs, known)
    seen = before._having_seen(panel, model._inputs_)
    series = np.repeat(np.arange(panel.n_series), n_origins)
    origins = np.repeat(known, n_origins) + np.tile(steps, len(known))
    none = np.empty((panel.n_series, 0, np.count_nonzero(model._known_)))
    told = seen._ahead(Places(series, origins), none, n_steps)
    rows = (panel.offsets[series] + origins)[:, np.newaxis] + np.arange(n_steps)
    errors = model._steady(series, panel.values[rows]) - model._steady(series, told)
    return errors.reshape(panel.n_series, n_origins, n_steps, -1)


def calibrated(
    model: DatedRegressor, mean: Array, errors: Array, series: NDArray[np.int64]
) -> Calibrated:
    """Return forecasts (n_places, n_steps, n_targets) plus and minus errors."""
    around = model._steady(series, mean)[:, np.newaxis]
    values = np.concatenate([around + errors, around - errors], axis=1)
    return Calibrated(model._unsteady(series, values))


def read_shares(owner: str, quantiles: Any) -> Sequence[float]:
    """Return shares in (0, 1), ascending."""
    given = np.atleast_1d(np.asarray(quantiles, dtype=object))
    shares = {check_number(owner, "quantiles", own, "(0, 1)") for own in given}
    return sorted(shares)
