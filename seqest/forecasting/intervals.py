"""How sure a forecast is: simulated paths, calibrated errors, or learned quantiles."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Calibrated", "Quantiles", "Simulated", "Spread"]

Array = NDArray[np.float64]


class Spread(ABC):
    """What may come beside the forecast, (n_series, n_steps, n_targets)."""

    @abstractmethod
    def quantiles(self, shares: Sequence[float]) -> Array:
        """Return values below which these shares are, (n_shares, n_series, …).

        Raises
        ------
        ValueError
            If one cannot be told.
        """

    @abstractmethod
    def paths(self) -> Array:
        """Return what may come, (n_series, n_paths, n_steps, n_targets)."""


@dataclass(frozen=True, eq=False)
class Simulated(Spread):
    """Paths whose errors were drawn at random.

    Attributes
    ----------
    values : ndarray of shape (n_series, n_paths, n_steps, n_targets)
        The paths.
    """

    values: Array

    def quantiles(self, shares: Sequence[float]) -> Array:
        """Return quantiles of the paths at each step."""
        return np.asarray(np.quantile(self.values, shares, axis=1))

    def paths(self) -> Array:
        """Return the paths."""
        return self.values


@dataclass(frozen=True, eq=False)
class Calibrated(Spread):
    """The forecast plus and minus errors that were made at rolling origins.

    An interval that leaves out a share α reaches to the ⌈(n + 1)(1 - α)⌉-th smallest of
    n absolute errors of the same step (split conformal prediction: Lei et al. 2018,
    Distribution-free predictive inference for regression, JASA 113, algorithm 2).

    Attributes
    ----------
    values : ndarray of shape (n_series, 2 * n_errors, n_steps, n_targets)
        Forecast plus and minus each error.
    """

    values: Array

    def quantiles(self, shares: Sequence[float]) -> Array:
        """Return the forecast plus or minus an error of that rank."""
        n_errors = self.values.shape[1] // 2
        ordered = np.sort(self.values, axis=1)
        found = []
        for share in shares:
            # Of 20 errors the 19th covers 90 %, whatever rounding makes of .9 · 21.
            rank = int(np.ceil(abs(2 * share - 1) * (n_errors + 1) - 1e-9))
            if rank > n_errors:
                needed = int(np.ceil(1 / (1 - abs(2 * share - 1)) - 1e-9)) - 1
                raise ValueError(
                    f"ForecastResult: {n_errors} calibration errors cannot tell the "
                    f"quantile {share:g}; it takes {needed}. Raise n_origins in "
                    "get_forecast, or alpha here."
                )
            place = n_errors + rank - 1 if share > 0.5 else n_errors - rank
            if rank == 0:  # the middle
                found.append(ordered[:, n_errors - 1 : n_errors + 1].mean(axis=1))
            else:
                found.append(ordered[:, place])
        return np.array(found)

    def paths(self) -> Array:
        """Return the forecast plus and minus the errors of each origin."""
        return self.values


@dataclass(frozen=True, eq=False)
class Quantiles(Spread):
    """Quantiles that regressors have learned, one for each share.

    Attributes
    ----------
    shares : tuple of float
        Which, ascending.
    values : ndarray of shape (n_shares, n_series, n_steps, n_targets)
        The quantiles; they do not cross.
    """

    shares: tuple[float, ...]
    values: Array

    def quantiles(self, shares: Sequence[float]) -> Array:
        """Return those that were learned."""
        places = []
        for share in shares:
            near = np.flatnonzero(np.abs(np.array(self.shares) - share) < 1e-9)
            if not near.size:
                raise ValueError(
                    f"ForecastResult: the quantile {share:g} was not learned, only "
                    f"{', '.join(f'{own:g}' for own in self.shares)}. Ask for it in "
                    "get_forecast(quantiles=...)."
                )
            places.append(int(near[0]))
        return self.values[places]

    def paths(self) -> Array:
        """Raise: quantiles say nothing of how steps hang together."""
        raise ValueError(
            "ForecastResult: learned quantiles have no paths, and no standard error. "
            "Take method='bootstrap' for these."
        )
