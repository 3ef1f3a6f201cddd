"""What the parameters of a forecaster ask for, read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import is_classifier

from seqest._validation import (
    check_choice,
    check_flag,
    check_integer,
    check_number,
    worded,
)
from seqest.estimators import ESNRegressor
from seqest.estimators._base import SequenceRegressor
from seqest.features.taps import read_delays
from seqest.forecasting._design import cut_apart
from seqest.forecasting._panel import Panel
from seqest.forecasting._terms import CALENDAR, Calendar, Term, Waves
from seqest.forecasting._transforms import (
    Chain,
    Difference,
    Power,
    Scale,
    Transform,
    Trend,
)
from seqest.forecasting.diagnostics import suggest_differencing

__all__ = [
    "Wanted",
    "read_dates",
    "read_horizon",
    "read_lags",
    "read_past",
    "read_regressor",
    "read_transforms",
    "read_waves",
    "refuse_beyond",
    "refuse_short",
]

OWNER = "Forecaster"
# Of "auto": the most pairs of sines and cosines, how many series are asked for
# differences, and rows below which none are taken.
MOST_WAVES, FEW_SERIES, FEWEST_ROWS = 12, 20, 20
SEASONS = 4  # of fewer even noise looks seasonal
Wanted = list[tuple[type[Transform], Any]]


def read_regressor(settings: Any) -> Any:
    """Return the regressor, an echo state network of the same seed for None.

    Raises
    ------
    TypeError
        If it is no regressor, or hides a sequence estimator that could not be run step
        by step.
    """
    regressor = settings.regressor
    if regressor is None:
        return ESNRegressor(random_state=settings.random_state)
    rule, remedy = "None or a regressor such as Ridge()", ""
    if isinstance(regressor, type):
        remedy = f"Give an instance, {regressor.__name__}(…)."
    elif not (hasattr(type(regressor), "fit") and hasattr(regressor, "get_params")):
        remedy = "It needs fit, predict, and what else scikit-learn asks for."
    elif is_classifier(regressor):
        remedy = "It is a classifier."
    elif not isinstance(regressor, SequenceRegressor):
        parts = regressor.get_params(deep=True).values()
        if any(isinstance(part, SequenceRegressor) for part in parts):
            remedy = (
                "Its sequence estimator could not carry its state on: give that "
                "itself. Series and columns are scaled here."
            )
    if remedy:
        raise TypeError(worded(OWNER, "regressor", regressor, rule, remedy))
    return regressor


def read_horizon(settings: Any) -> int:
    """Return how many rows are told at once."""
    strategies = ("recursive", "direct")
    strategy = check_choice(OWNER, "strategy", settings.strategy, strategies)
    if strategy == "direct":
        rule = "given with strategy='direct': how many steps are forecast at once"
        if settings.horizon is None:
            raise ValueError(worded(OWNER, "horizon", None, rule))
        return check_integer(OWNER, "horizon", settings.horizon, 1)
    if settings.horizon is not None:
        rule = "None with strategy='recursive', which forecasts any number of steps"
        raise ValueError(worded(OWNER, "horizon", settings.horizon, rule))
    return 1


def read_lags(settings: Any, regressor: Any) -> tuple[int, ...] | None:
    """Return the lags, ascending; None where they are to be chosen."""
    lags, period = settings.lags, _read_period(settings)
    if isinstance(lags, str):
        check_choice(OWNER, "lags", lags, ("auto",))
        return None
    if lags is not None:
        return read_delays(OWNER, "lags", lags, 1, least=1)[0]
    if isinstance(regressor, SequenceRegressor):  # it remembers by itself
        return tuple(range(1, 1 + (period or 1)))
    return tuple(range(1, 1 + (2 * period if period else 10)))


def read_transforms(
    settings: Any, panel: Panel, orders: tuple[int, int] | None
) -> tuple[Wanted, tuple[int, int]]:
    """Return the transforms of a panel in order, and how often differences are taken.

    First from season to season, then from row to row. Where `orders` are given they are
    used in place of the parameters.

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
    seasons, changes = _read_orders(settings, panel, period, wanted, orders)
    wanted += [(Difference, period)] * seasons + [(Difference, 1)] * changes
    lost = seasons * (period or 0) + changes
    if panel.lengths.min() < lost + 2:
        refuse_short(panel, int(panel.lengths.argmin()), lost + 2)
    if check_flag(OWNER, "scale", settings.scale):
        wanted.append((Scale, None))
    return wanted, (seasons, changes)


def _read_orders(
    settings: Any,
    panel: Panel,
    period: int | None,
    before: Wanted,
    known: tuple[int, int] | None,
) -> tuple[int, int]:
    """Return how often seasonal and other differences are taken; "auto" asks."""
    names = ("seasonal_differencing", "differencing")
    asked: list[int | None] = []
    for name in names:
        value = getattr(settings, name)
        if isinstance(value, str):
            check_choice(OWNER, name, value, ("auto",))
            asked.append(None)
        else:
            asked.append(check_integer(OWNER, name, value, 0))
    if asked[0] and period is None:
        rule = "0 unless seasonal_period is given"
        raise ValueError(worded(OWNER, names[0], asked[0], rule))
    if known is not None:
        return known
    seasons, changes = asked
    if seasons is None or changes is None:
        some = np.unique(np.linspace(0, panel.n_series - 1, FEW_SERIES).astype(int))
        series = cut_apart(panel.values, panel.offsets)
        rows = np.vstack([series[k] for k in some])
        offsets = np.concatenate([[0], np.cumsum(panel.lengths[some])])
        apart = cut_apart(Chain.fitted(rows, offsets, before).rows, offsets)
        if seasons is None:
            seasons = _suggested(apart, period)[0] if period is not None else 0
        if changes is None:
            for _ in range(seasons):
                apart = [own[period:] - own[: -(period or 0)] for own in apart]
            changes = _suggested(apart, None)[1]
    return seasons, changes


def _suggested(apart: list[Any], period: int | None) -> tuple[int, int]:
    """Return the differences that series ask for, 0 where they are too short."""
    least = FEWEST_ROWS if period is None else SEASONS * period
    told = [own for own in apart if len(own) >= least and np.ptp(own, axis=0).all()]
    if not told:
        return 0, 0
    groups = np.repeat(np.arange(len(told)), [len(own) for own in told])
    found = suggest_differencing(
        np.vstack(told), groups=groups, max_differencing=1, seasonal_period=period
    )
    return found.seasonal_differencing, found.differencing


def read_waves(settings: Any, regressor: Any, panel: Panel, seasons: int) -> list[Term]:
    """Return the sines and cosines that are seen; `seasons` differences were taken."""
    waves = _read_fourier(settings, regressor, seasons)
    return [Waves.of(panel, *wave) for wave in waves]


def _read_fourier(
    settings: Any, regressor: Any, seasons: int
) -> Iterator[tuple[float, int]]:
    """Yield periods and how many pairs of each."""
    asked, period = settings.fourier, _read_period(settings)
    if isinstance(asked, str):
        check_choice(OWNER, "fourier", asked, ("auto",))
        sees = isinstance(regressor, SequenceRegressor) and not seasons
        asked = min(MOST_WAVES, period // 2) if sees and period else 0
    if not isinstance(asked, Mapping):
        number = check_integer(OWNER, "fourier", asked, 0)
        if number == 0:
            return
        if period is None or number > period // 2:
            rule = "0, or at most half of seasonal_period"
            raise ValueError(worded(OWNER, "fourier", number, rule))
        asked = {period: number}
    for length, number in asked.items():
        rows = check_number(OWNER, "fourier", length, "[2, inf)")
        if check_integer(OWNER, "fourier", number, 1) > rows / 2:
            rule = "at most half of the period for each"
            raise ValueError(worded(OWNER, "fourier", asked, rule))
        yield rows, int(number)


def read_dates(settings: Any, panel: Panel) -> list[Term]:
    """Return the calendar that is seen."""
    if settings.calendar is None:
        return []
    names = settings.calendar
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        check_choice(OWNER, "calendar", name, CALENDAR)
    if any(isinstance(times, pd.RangeIndex) for times in panel.times):
        rule = "None where y has an index of integers"
        raise ValueError(worded(OWNER, "calendar", settings.calendar, rule))
    return [Calendar(names)] if names else []


def read_past(settings: Any, columns: Any, n_columns: int) -> NDArray[np.bool_]:
    """Return which exogenous columns are known of the past only."""
    past = np.zeros(n_columns, dtype=bool)
    if settings.past_columns is None:
        return past
    given = settings.past_columns
    wanted = [given] if isinstance(given, str | int) else list(given)
    labels = list(range(n_columns)) if columns is None else list(columns)
    for name in wanted:
        if name not in labels:
            rule = f"columns of X, of {labels}"
            raise ValueError(worded(OWNER, "past_columns", name, rule))
        past[labels.index(name)] = True
    return past


def refuse_short(panel: Panel, series: int, needed: int) -> None:
    """Raise for a series of too few rows."""
    raise ValueError(
        f"{panel.told(series)}, too few for the lags, differences and horizon of "
        f"{OWNER}, which need at least {needed}. Lower them, or give a longer series."
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
    if power == "auto":
        return power
    least = panel.values.min()
    if least <= 0:
        raise ValueError(
            f"y reaches down to {least:g}, but {OWNER}(power={power!r}) takes targets "
            "above 0. Add a constant to y, or take power None or 'auto'."
        )
    return 0 if power == "log" else power


def refuse_beyond(chain: Chain, panel: Panel) -> None:
    """Raise for rows that came later and that a power learned before cannot take."""
    if not chain.steps or not isinstance(chain.steps[0], Power):
        return
    lost = ~np.isfinite(chain.between[1])
    if lost.any():
        row = int(np.argmax(lost.any(axis=1)))
        k = int(np.searchsorted(panel.offsets, row, side="right")) - 1
        when = panel.times[k][row - panel.offsets[k]]
        raise ValueError(
            f"y is {panel.values[row].min():g} at {when}, but {OWNER} took a power of "
            "targets that were above 0. Fit anew, or with power=None."
        )
