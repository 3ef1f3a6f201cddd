"""A model of one series, put to every target of every series of a panel."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from seqest.forecasting._dated import DatedRegressor
from seqest.forecasting._design import Places, cut_apart
from seqest.forecasting._panel import Panel
from seqest.forecasting.baselines._fit import Fit, Walk

__all__ = ["Baseline"]

Array = NDArray[np.float64]


class Baseline(DatedRegressor):
    """Forecast each series by itself; its parts say how one is learned."""

    _fits_: list[list[Fit]]
    _first_: dict[Hashable, list[Fit]]

    @abstractmethod
    def _least_rows(self) -> int:
        """Return how many rows a series needs, after reading the parameters."""

    @abstractmethod
    def _learned(self, values: Array, inputs: Array) -> Fit:
        """Return what is learned from one series, (n_rows,) and (n_rows, n_columns)."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # What is simple on purpose need not explain its training rows.
        tags.regressor_tags.poor_score = True
        return tags

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Learn from series with dates.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Exogenous columns that are known ahead, at the times of y. A frame without
            columns stands for none; a forecaster that takes none does not look at them.
        y : Series, DataFrame or array-like
            Targets at regular times: the index is of datetimes, periods or integers; of
            several series it is a MultiIndex that ends in time.

        Returns
        -------
        self
            The fitted forecaster.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the data break a rule; the message names it.
        """
        return self._fit(X, y)

    def _see(
        self, panel: Panel, inputs: Array, before: Self | None, refit: bool
    ) -> Array:
        least = self._least_rows()
        told, self._fits_ = np.empty_like(panel.values), []
        self._first_ = {} if before is None or refit else dict(before._first_)
        for k, (first, last) in enumerate(pairwise(panel.offsets)):
            if last - first < least:
                self._refuse_short(panel, k, least)
            known, fits = self._first_.get(panel.ids[k]), []
            for j, values in enumerate(panel.values[first:last].T):
                with _worded(type(self).__name__, _shown(panel, k, j)):
                    old = known[j] if known else None
                    fits.append(self._fit_of(values, inputs[first:last], old))
            told[first:last] = np.column_stack([fit.told for fit in fits])
            self._fits_.append(fits)
            self._first_.setdefault(panel.ids[k], fits)
        return told

    def _fit_of(self, values: Array, inputs: Array, known: Fit | None) -> Fit:
        """Return what was learned of a series and sees it, else learn from it."""
        if np.ptp(values) == 0:  # no variance from which anything could be learned
            return Walk.of(values)
        if known is None or _was_constant(known):
            fit = self._learned(values, inputs)
        else:
            fit = known.seen(values, inputs)
        if not (np.isfinite(fit.errors).all() and np.isfinite(fit.ar).all()):
            raise ValueError("its estimates are not finite.")
        return fit

    def _at(
        self, places: Places | None, later: Array, n_steps: int
    ) -> Iterator[tuple[list[Fit], Array]]:
        """Yield what is known at places, and the columns of the rows after them."""
        panel = self._panel_
        at = Places.ends(panel) if places is None else places
        apart = cut_apart(panel.values, panel.offsets)
        columns = cut_apart(self._inputs_, panel.offsets)
        for k, known in zip(at.series, at.known, strict=True):
            fits, own = self._fits_[k], np.vstack([columns[k], later[k]])
            if known < len(apart[k]):
                old = self._first_[panel.ids[k]]
                rows, seen = apart[k][:known].T, columns[k][:known]
                pairs = zip(rows, old, strict=True)
                fits = [self._fit_of(row, seen, fit) for row, fit in pairs]
            yield fits, own[known : known + n_steps]

    def _ahead(self, places: Places | None, later: Array, n_steps: int) -> Array:
        with _worded(type(self).__name__, "y"):
            return np.array(
                [
                    np.column_stack([fit.ahead(own) for fit in fits])
                    for fits, own in self._at(places, later, n_steps)
                ]
            )

    def _paths(
        self,
        places: Places | None,
        later: Array,
        n_steps: int,
        n_paths: int,
        rng: RandomState,
        errors: Any,
    ) -> Array:
        found, size = [], (n_paths, n_steps)
        with _worded(type(self).__name__, "y"):
            for fits, own in self._at(places, later, n_steps):
                runs = []
                for fit in fits:
                    missed = fit.errors - fit.errors.mean()
                    noise = missed[rng.randint(len(missed), size=size)]
                    runs.append(fit.paths(own, noise))
                found.append(np.stack(runs, axis=2))
        return np.array(found)

    def _errors(self, n_steps: int) -> None:
        """Return nothing: each fit keeps its own."""

    def _refuse_short(self, panel: Panel, series: int, least: int) -> None:
        raise ValueError(
            f"{panel.told(series)}, too few for {self!r}, which needs at least "
            f"{least}. Give a longer series, or a simpler model."
        )


def _was_constant(fit: Fit) -> bool:
    """Return whether nothing was learned, as rows were all the same."""
    return isinstance(fit, Walk) and fit.slope == 0 and not fit.errors.any()


def _shown(panel: Panel, series: int, target: int = 0) -> str:
    name = "y" if panel.values.shape[1] == 1 else f"y[{panel.names[target]!r}]"
    own = panel.ids[series]
    return name if own is None else f"{name} of series {own!r}"


@contextmanager
def _worded(owner: str, which: str) -> Iterator[None]:
    """Let statsmodels speak in our words: one error, or one warning that counts."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (ArithmeticError, LookupError, ValueError) as error:
            text = str(error).strip().rstrip(".")
            raise ValueError(
                f"{owner} fails on {which}: {text}. Try a simpler model, or "
                "a longer series."
            ) from error
    if any(_is_unconverged(message.category) for message in caught):
        warnings.warn(
            f"{owner} has not converged on {which}: its forecasts may be poor. Raise "
            "maxiter where there is one, or try a simpler model.",
            ConvergenceWarning,
            stacklevel=7,
        )


def _is_unconverged(category: Any) -> bool:
    from statsmodels.tools import sm_exceptions

    return issubclass(category, sm_exceptions.ConvergenceWarning)
