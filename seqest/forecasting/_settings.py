"""What the parameters of a forecaster ask for, read and checked."""

from __future__ import annotations

from typing import Any

from seqest._validation import check_flag, check_integer, check_number, worded
from seqest.features.taps import read_delays
from seqest.forecasting._design import Season
from seqest.forecasting._panel import Panel
from seqest.forecasting._transforms import Difference, Power, Scale, Transform, Trend

__all__ = ["Wanted", "read_lags", "read_season", "read_transforms", "refuse_short"]

OWNER = "Forecaster"
Wanted = list[tuple[type[Transform], Any]]


def read_lags(settings: Any, regressor: Any) -> tuple[int, ...]:
    """Return the lags, ascending."""
    if settings.lags is not None:
        return read_delays(OWNER, "lags", settings.lags, 1, least=1)[0]
    if hasattr(regressor, "initial_state"):  # a sequence estimator remembers by itself
        return (1,)
    period = _read_period(settings)
    return tuple(range(1, 1 + (2 * period if period else 10)))


def read_transforms(settings: Any, panel: Panel) -> Wanted:
    """Return the transforms of a panel, in order, after looking whether they can be.

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
    changes = check_integer(OWNER, "differencing", settings.differencing, 0)
    wanted += [(Difference, period)] * seasons + [(Difference, 1)] * changes
    lost = seasons * (period or 0) + changes
    if panel.lengths.min() < lost + 2:
        refuse_short(panel, int(panel.lengths.argmin()), lost + 2)
    if check_flag(OWNER, "scale", settings.scale):
        wanted.append((Scale, None))
    return wanted


def read_season(settings: Any, panel: Panel) -> Season | None:
    """Return the sines and cosines that are seen, None without such."""
    n_harmonics = check_integer(OWNER, "fourier", settings.fourier, 0)
    if n_harmonics == 0:
        return None
    period = _read_period(settings)
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
