"""What the parameters of a forecaster ask for, read and checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqest._validation import check_flag, check_integer, check_number, worded
from seqest.estimators._base import SequenceRegressor
from seqest.features.taps import read_delays
from seqest.forecasting._design import Season
from seqest.forecasting._panel import Panel
from seqest.forecasting._transforms import Difference, Power, Scale, Transform, Trend
from seqest.forecasting.diagnostics import suggest_differencing

__all__ = ["Wanted", "read_lags", "read_season", "read_transforms", "refuse_short"]

OWNER = "Forecaster"
# Of "auto": sines and cosines of a season, series that are asked for differences, and
# rows below which none are taken.
FEW_HARMONICS, FEW_SERIES, FEWEST_ROWS = 3, 20, 20
Wanted = list[tuple[type[Transform], Any]]


def read_lags(settings: Any, regressor: Any) -> tuple[int, ...]:
    """Return the lags, ascending."""
    if settings.lags is not None:
        return read_delays(OWNER, "lags", settings.lags, 1, least=1)[0]
    period = _read_period(settings)
    if isinstance(regressor, SequenceRegressor):  # it remembers by itself
        return tuple(range(1, 1 + (period or 1)))
    return tuple(range(1, 1 + (2 * period if period else 10)))


def read_transforms(
    settings: Any, panel: Panel, changes: int | None
) -> tuple[Wanted, int]:
    """Return the transforms of a panel in order, and how often changes are taken.

    Where `changes` is given it is used in place of the parameter.

    Raises
    ------
    TypeError, ValueError
        If a parameter breaks its rule, or the panel does not allow for it.
    """
    wanted: Wanted = []
    if settings.power is not None:
        wanted.append((Power, _read_power(settings.power, panel)))
    if check_flag(OWNER, "detrend", settings.detrend):
        wanted.append((Trend, None))
    period = _read_period(settings)
    name = "seasonal_differencing"
    seasons = check_integer(OWNER, name, settings.seasonal_differencing, 0)
    if seasons and period is None:
        rule = "0 unless seasonal_period is given"
        raise ValueError(worded(OWNER, name, seasons, rule))
    if changes is None:
        changes = _read_differencing(settings.differencing, panel, seasons, period)
    wanted += [(Difference, period)] * seasons + [(Difference, 1)] * changes
    lost = seasons * (period or 0) + changes
    if panel.lengths.min() < lost + 2:
        refuse_short(panel, int(panel.lengths.argmin()), lost + 2)
    if check_flag(OWNER, "scale", settings.scale):
        wanted.append((Scale, None))
    return wanted, changes


def read_season(settings: Any, regressor: Any, panel: Panel) -> Season | None:
    """Return the sines and cosines that are seen, None without such."""
    n_harmonics, period = settings.fourier, _read_period(settings)
    if isinstance(n_harmonics, str) and n_harmonics == "auto":
        sees = isinstance(regressor, SequenceRegressor) and period is not None
        n_harmonics = min(FEW_HARMONICS, period // 2) if sees and period else 0
    n_harmonics = check_integer(OWNER, "fourier", n_harmonics, 0)
    if n_harmonics == 0:
        return None
    if period is None or n_harmonics > period // 2:
        rule = "0, or at most half of seasonal_period"
        raise ValueError(worded(OWNER, "fourier", n_harmonics, rule))
    return Season.of(panel, period, n_harmonics)


def refuse_short(panel: Panel, series: int, needed: int) -> None:
    """Raise for a series of too few rows."""
    name = panel.ids[series]
    which = "y" if name is None else f"y of series {name!r}"
    raise ValueError(
        f"{which} has {panel.lengths[series]} rows, too few for the lags and "
        f"differences of {OWNER}, which need at least {needed}. Lower them, or give a "
        "longer series."
    )


def _read_differencing(
    differencing: Any, panel: Panel, seasons: int, period: int | None
) -> int:
    """Return how often changes from row to row are taken; "auto" asks the series."""
    if not (isinstance(differencing, str) and differencing == "auto"):
        return check_integer(OWNER, "differencing", differencing, 0)
    asked, some = [], np.linspace(0, panel.n_series - 1, FEW_SERIES).astype(int)
    for k in np.unique(some):
        own = panel.values[panel.offsets[k] : panel.offsets[k + 1]]
        for _ in range(seasons):
            own = own[period:] - own[: -(period or 0)]
        if len(own) >= FEWEST_ROWS and np.ptp(own, axis=0).all():
            asked.append(own)
    if not asked:
        return 0
    groups = np.repeat(np.arange(len(asked)), [len(own) for own in asked])
    found = suggest_differencing(np.vstack(asked), groups=groups, max_differencing=1)
    return found.differencing


def _read_period(settings: Any) -> int | None:
    if settings.seasonal_period is None:
        return None
    return check_integer(OWNER, "seasonal_period", settings.seasonal_period, 2)


def _read_power(power: Any, panel: Panel) -> Any:
    if isinstance(power, str) and power not in ("log", "auto"):
        rule = "a number in [-1, 2], 'log', 'auto' or None"
        raise ValueError(worded(OWNER, "power", power, rule))
    if not isinstance(power, str):
        check_number(OWNER, "power", power, "[-1, 2]")
    least = panel.values.min()
    if least <= 0:
        raise ValueError(
            f"y reaches down to {least:g}, but {OWNER}(power={power!r}) takes targets "
            "above 0. Add a constant to y, or leave power None."
        )
    return 0 if power == "log" else power
