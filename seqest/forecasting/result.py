"""What a forecast says: its mean, how sure it is, and runs of what may come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqest._validation import check_integer, check_number, worded
from seqest.forecasting._panel import Panel
from seqest.forecasting.intervals import Spread
from seqest.plotting import ForecastDisplay

__all__ = ["ForecastResult"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ForecastResult:
    """A forecast and how sure it is, in statsmodels' words.

    Tables of several targets have these as a level of columns above.

    Attributes
    ----------
    panel : Panel
        The series that were forecast.
    mean : ndarray of shape (n_series, n_steps, n_targets)
        The forecast.
    spread : Spread
        What may come beside it.
    """

    panel: Panel
    mean: Array
    spread: Spread

    @property
    def paths(self) -> Array:
        """What may come, (n_series, n_paths, n_steps, n_targets)."""
        return self.spread.paths()

    def _framed(self, values: Array) -> Any:
        """Return values (n_series, n_steps, n_targets) in the form of y."""
        n_steps = values.shape[1]
        rows = values.reshape(-1, values.shape[2])
        return self.panel.framed(rows, self.panel.ahead(n_steps))

    @property
    def predicted_mean(self) -> Any:
        """The forecast, a Series or DataFrame like y."""
        return self._framed(self.mean)

    @property
    def se_mean(self) -> Any:
        """The standard deviation of the paths, in the form of y."""
        return self._framed(self.paths.std(axis=1))

    def quantiles(self, q: Iterable[float] | float) -> pd.DataFrame:
        """Return quantiles of what may come.

        Parameters
        ----------
        q : float in (0, 1), or several
            Shares of what may come that are below.

        Returns
        -------
        DataFrame
            A column for each q.
        """
        shares = [
            check_number("ForecastResult.quantiles", "q", share, "(0, 1)")
            for share in np.atleast_1d(np.asarray(q, dtype=object))
        ]
        return self._columns(shares, shares)

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return the interval that leaves out a share `alpha`, half on each side.

        Parameters
        ----------
        alpha : float in (0, 1), default=0.05
            Raising it narrows the interval.

        Returns
        -------
        DataFrame
            Columns "lower" and "upper".

        Raises
        ------
        ValueError
            If `alpha` is not between 0 and 1.
        """
        share = check_number("ForecastResult.conf_int", "alpha", alpha, "(0, 1)")
        return self._columns([share / 2, 1 - share / 2], ["lower", "upper"])

    def summary_frame(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return mean, deviation and interval side by side.

        Parameters
        ----------
        alpha : float in (0, 1), default=0.05
            As in `conf_int`.

        Returns
        -------
        DataFrame
            Columns "mean", "mean_se", "mean_ci_lower" and "mean_ci_upper".
        """
        share = check_number("ForecastResult.summary_frame", "alpha", alpha, "(0, 1)")
        found = self.spread.quantiles([share / 2, 1 - share / 2])
        values = np.stack([self.mean, self.paths.std(axis=1), *found])
        names = ["mean", "mean_se", "mean_ci_lower", "mean_ci_upper"]
        return self._table(values, names)

    def simulate(self, n: int | None = None) -> pd.DataFrame:
        """Return paths of what may come.

        Parameters
        ----------
        n : int, default=None
            How many, at most as many as were drawn; None is all.

        Returns
        -------
        DataFrame
            A column for each path.

        Raises
        ------
        ValueError
            If there are not so many.
        """
        most = self.paths.shape[1]
        n_paths = most
        if n is not None:
            n_paths = check_integer("ForecastResult.simulate", "n", n, 1)
        if not 0 < n_paths <= most:
            rule = f"from 1 to {most}, as many as were drawn"
            remedy = "Draw more in get_forecast(n_paths=...)."
            raise ValueError(worded("ForecastResult.simulate", "n", n, rule, remedy))
        values = np.moveaxis(self.paths[:, :n_paths], 1, 0)
        return self._table(values, list(range(n_paths)))

    def plot(
        self,
        *,
        history: Any = None,
        truth: Any = None,
        alpha: Sequence[float] = (0.2, 0.05),
        ax: Any = None,
    ) -> ForecastDisplay:
        """Draw the forecast with a fan of intervals.

        Parameters
        ----------
        history, truth : Series or DataFrame, default=None
            The last rows before the forecast, and what came.
        alpha : sequence of float in (0, 1), default=(0.2, 0.05)
            What each interval leaves out.
        ax : Axes or array-like of Axes, default=None
            Where to draw: as many axes as there are series and targets. None makes a
            figure.

        Returns
        -------
        ForecastDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        ValueError
            If tables do not match, or there are more than 12 panels.
        """
        intervals = {round(1 - share, 12): self.conf_int(share) for share in alpha}
        return ForecastDisplay.from_predictions(
            self.predicted_mean,
            intervals=intervals,
            history=history,
            truth=truth,
            ax=ax,
        )

    def _columns(self, shares: list[float], names: list[Any]) -> pd.DataFrame:
        return self._table(self.spread.quantiles(shares), names)

    def _table(self, values: Array, names: list[Any]) -> pd.DataFrame:
        """Return values (n_names, n_series, n_steps, n_targets) as columns."""
        frames = [self._framed(value) for value in values]
        whole: pd.DataFrame = pd.concat(frames, axis=1, keys=names)
        if self.panel.flat:
            return whole
        order = [(target, name) for target in self.panel.names for name in names]
        whole = whole.swaplevel(axis=1)
        return whole.reindex(columns=pd.MultiIndex.from_tuples(order))
