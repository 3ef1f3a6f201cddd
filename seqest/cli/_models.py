"""Models by their names, with parameters that people write as text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge

from seqest import (
    ElmanRegressor,
    ESNRegressor,
    GRURegressor,
    JordanRegressor,
    LSTMRegressor,
    NARXRegressor,
    TDNNRegressor,
)
from seqest.cli._columns import UsageError
from seqest.forecasting import (
    AutoRegForecaster,
    DriftForecaster,
    ETSForecaster,
    Forecaster,
    NaiveForecaster,
    SARIMAXForecaster,
    SeasonalNaiveForecaster,
    ThetaForecaster,
)

__all__ = [
    "MODELS",
    "REGRESSORS",
    "Config",
    "build",
    "read_config",
    "read_settings",
    "read_value",
]

REGRESSORS: dict[str, Any] = {
    "esn": ESNRegressor,
    "narx": NARXRegressor,
    "tdnn": TDNNRegressor,
    "elman": ElmanRegressor,
    "jordan": JordanRegressor,
    "gru": GRURegressor,
    "lstm": LSTMRegressor,
    "ridge": Ridge,
    "boosting": HistGradientBoostingRegressor,
}


def _ets(season: int | None) -> Any:
    seasonal = "add" if season else None
    return ETSForecaster(trend="add", seasonal=seasonal, seasonal_period=season)


def _sarimax(season: int | None) -> Any:
    seasonal = (0, 1, 1, season) if season else (0, 0, 0, 0)
    return SARIMAXForecaster((1, 1, 1), seasonal)


def _seasonal_naive(season: int | None) -> Any:
    return SeasonalNaiveForecaster(season) if season else NaiveForecaster()


BASELINES: dict[str, Callable[[int | None], Any]] = {
    "naive": lambda season: NaiveForecaster(),
    "seasonal-naive": _seasonal_naive,
    "drift": lambda season: DriftForecaster(),
    "autoreg": lambda season: AutoRegForecaster(season or 2),
    "ets": _ets,
    "sarimax": _sarimax,
    "theta": lambda season: ThetaForecaster(season),
}
MODELS = (*REGRESSORS, *BASELINES)


class Config:
    """What a file of settings says; what it leaves out is None or empty."""

    def __init__(self, told: Mapping[str, Any], name: str) -> None:
        known = {"model", "season", "parameters"}
        unknown = [key for key in told if key not in known]
        if unknown:
            raise UsageError(
                f"{name} has an unknown key {unknown[0]!r}; it may have "
                f"{', '.join(sorted(known))}."
            )
        self.model: str | None = told.get("model")
        self.season: int | None = told.get("season")
        self.parameters: dict[str, Any] = {
            key: None if value == "none" else value
            for key, value in told.get("parameters", {}).items()
        }


def read_config(path: Path | None) -> Config:
    """Read a file of settings, as `seqest tune` writes it."""
    if path is None:
        return Config({}, "")
    try:
        return Config(tomllib.loads(path.read_text("utf-8")), path.name)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is no TOML: {error}.") from None


def read_settings(given: Sequence[str]) -> dict[str, Any]:
    """Return parameters of NAME=VALUE; a value is a number, true, none, or text."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set takes NAME=VALUE, such as lags=12, not {text!r}.")
        found[name.strip()] = read_value(value.strip())
    return found


def read_value(text: str) -> Any:
    """Return a value as it is written in JSON; what is not is text."""
    if text.lower() in ("none", "null"):
        return None
    try:
        return json.loads(text.lower() if text.lower() in ("true", "false") else text)
    except json.JSONDecodeError:
        return text


def _near(key: str, known: Iterable[str]) -> str:
    """Return in words which parameters may have been meant."""
    names = sorted(own for own in known if not own.endswith("random_state"))
    last = {own.rpartition("__")[2]: own for own in names}
    near = [own for own in names if key in own]
    near += [last[own] for own in get_close_matches(key, last, 3, 0.6)]
    if near:
        return f"Did you mean {' or '.join(dict.fromkeys(near))}?"
    return f"It has {', '.join(own for own in names if '__' not in own)}."


def build(
    name: str, season: int | None, seed: int | None, parameters: Mapping[str, Any]
) -> Any:
    """Return a forecaster by its name.

    Parameters
    ----------
    name : str
        One of MODELS.
    season : int or None
        Rows of a season.
    seed : int or None
        Of everything that is drawn.
    parameters : dict
        As `set_params` takes them.

    Raises
    ------
    UsageError
        If there is no such model or parameter.
    """
    if name in REGRESSORS:
        regressor = REGRESSORS[name]()
        if "random_state" in regressor.get_params():
            regressor.set_params(random_state=seed)
        model = Forecaster(regressor, seasonal_period=season)
    elif name in BASELINES:
        model = BASELINES[name](season)
    else:
        raise UsageError(f"there is no model {name!r}; there are {', '.join(MODELS)}.")
    model.set_params(random_state=seed)
    known = model.get_params()
    for key in parameters:
        if key not in known:
            raise UsageError(f"{name} has no parameter {key!r}. {_near(key, known)}")
    return model.set_params(**parameters)
