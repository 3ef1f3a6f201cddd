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
MOST = 100  # origins that calibrate, unless more are asked for


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
        How many, one row apart; None is a third of the shortest series, at most 100.

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
    if n_origins is None:
        n_origins = max(1, min(MOST, most // 3))
    n_origins = check_integer(owner, "n_origins", n_origins, 1)
    known = panel.lengths - reach - n_origins + 1
    if known.min() < 2:
        rule = f"at most {max(most - 1, 0)}: rows to learn from come before origins"
        raise ValueError(worded(owner, "n_origins", n_origins, rule))
    apart = cut_apart(model._inputs_, panel.offsets)
    inputs = np.concatenate([own[:n] for own, n in zip(apart, known, strict=True)])
    before = model._having_learned(panel.head(known), inputs, known)
    seen = before._having_seen(panel, model._inputs_)
    series = np.repeat(np.arange(panel.n_series), n_origins)
    origins = np.repeat(known, n_origins) + np.tile(np.arange(n_origins), len(known))
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
