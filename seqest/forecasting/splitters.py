"""Splits in time: learn from what came before an origin, judge on what follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import BaseCrossValidator

from seqest._validation import check_choice, check_integer, worded
from seqest.forecasting._time_steps import time_steps

__all__ = ["RollingOriginSplit"]

Rows = NDArray[np.int64]
OWNER = "RollingOriginSplit"


class RollingOriginSplit(BaseCrossValidator):
    """Splits rows at origins in time that move forward.

    A split learns from time steps before an origin and is judged on `horizon` of them,
    `gap` steps later. The last test ends where the data end; each split before it lies
    `step` time steps earlier. The oldest comes first.

    A time step is a stamp that occurs in the index of X (or y), and all of its rows
    stay on one side: of many series, named by `groups` or by a MultiIndex that ends in
    time, all are split at the same origins. Series that begin late or end early have
    fewer rows in a split, or none. Rows may come in any order.

    Without an index a time step is a row, with `groups` the place of a row within its
    series: all series begin together. The same holds where an index of integers gives
    no two series in `groups` a stamp in common: those are row numbers.

    Metadata routing gives it `groups` unasked. `cross_val_predict` takes no split in
    time: its first training rows are never predicted.

    Parameters
    ----------
    horizon : int
        Time steps in each test. Raising it judges forecasts further ahead.
    step : int, default=None
        Time steps from one origin to the next; None is `horizon`, by which tests follow
        each other and no row is judged twice. Lowering it packs splits closer: their
        tests overlap, and their scores are less independent.
    gap : int, default=0
        Time steps left out between training and test, as many as it takes to know y.
    window : {"expanding", "sliding"}, default="expanding"
        Whether a split learns from all time steps before its origin, at most the last
        `max_train_size`, or from exactly `max_train_size`.
    n_splits : int, default=5
        Number of splits; None makes as many as there are time steps for. Raising it
        adds splits at the old end.
    max_train_size : int, default=None
        The most time steps to learn from; None is no limit.
    min_train_size : int, default=1
        The fewest time steps to learn from.

    References
    ----------
    L. J. Tashman (2000), Out-of-sample tests of forecasting accuracy: an analysis and
    review, International Journal of Forecasting 16.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.forecasting import RollingOriginSplit
    >>> cv = RollingOriginSplit(2, n_splits=3, gap=1)
    >>> for train, test in cv.split(np.zeros((10, 1))):
    ...     print(train, test)
    [0 1 2] [4 5]
    [0 1 2 3 4] [6 7]
    [0 1 2 3 4 5 6] [8 9]
    """

    __metadata_request__split: ClassVar = {"groups": True}

    def __init__(
        self,
        horizon: int,
        *,
        step: int | None = None,
        gap: int = 0,
        window: Literal["expanding", "sliding"] = "expanding",
        n_splits: int | None = 5,
        max_train_size: int | None = None,
        min_train_size: int = 1,
    ) -> None:
        self.horizon = horizon
        self.step = step
        self.gap = gap
        self.window = window
        self.n_splits = n_splits
        self.max_train_size = max_train_size
        self.min_train_size = min_train_size

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[Rows, Rows]]:
        """Yield the rows to learn from and those to be judged on, split by split.

        Parameters
        ----------
        X : array-like of shape (n_timesteps, n_features)
            The rows; None takes those of y.
        y : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs), default=None
            Read for its index, where X has none.
        groups : array-like of shape (n_timesteps,), default=None
            The series each row belongs to.

        Yields
        ------
        train : ndarray of int
            Rows to learn from, ascending.
        test : ndarray of int
            Rows to be judged on, ascending.

        Raises
        ------
        TypeError
            If a parameter is of the wrong kind.
        ValueError
            If a parameter is out of its range, there are too few time steps, rows of X
            are not rows in time, or X, y and groups do not match.
        """
        step, fewest = self._read()
        times = time_steps(OWNER, X, y, groups)
        n_times = int(times.max()) + 1
        n_splits = self._count(n_times, step, fewest)
        for end in range(n_times - (n_splits - 1) * step, n_times + 1, step):
            first = end - self.horizon
            origin = first - self.gap
            most = origin if self.max_train_size is None else self.max_train_size
            begin = max(0, origin - most)
            train = np.flatnonzero((begin <= times) & (times < origin))
            yield train, np.flatnonzero((first <= times) & (times < end))

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of splits.

        Parameters
        ----------
        X, y, groups : array-like, default=None
            As in `split`; read only where `n_splits` is None.

        Returns
        -------
        int
            How many pairs `split` yields.

        Raises
        ------
        TypeError, ValueError
            As in `split`, or if `n_splits` is None and neither X nor y is given.
        """
        step, fewest = self._read()
        if self.n_splits is not None:
            return self.n_splits
        times = time_steps(OWNER, X, y, groups)
        return self._count(int(times.max()) + 1, step, fewest)

    def _read(self) -> tuple[int, int]:
        """Check all parameters; return step and the fewest time steps to learn from."""
        check_integer(OWNER, "horizon", self.horizon, 1)
        check_integer(OWNER, "gap", self.gap, 0)
        check_choice(OWNER, "window", self.window, ("expanding", "sliding"))
        fewest = check_integer(OWNER, "min_train_size", self.min_train_size, 1)
        if self.n_splits is not None:
            check_integer(OWNER, "n_splits", self.n_splits, 1)
        if self.max_train_size is not None:
            remedy = "It may not be less than min_train_size." if fewest > 1 else ""
            most = self.max_train_size
            check_integer(OWNER, "max_train_size", most, fewest, remedy)
        if self.window == "sliding":
            fewest = self._length()
        if self.step is None:
            return self.horizon, fewest
        return check_integer(OWNER, "step", self.step, 1), fewest

    def _length(self) -> int:
        if self.max_train_size is None:
            rule = "given with window='sliding'"
            remedy = "It is the number of time steps that each split learns from."
            raise ValueError(worded(OWNER, "max_train_size", None, rule, remedy))
        return self.max_train_size

    def _count(self, n_times: int, step: int, fewest: int) -> int:
        """Return the number of splits, if there are time steps for them."""
        one = fewest + self.gap + self.horizon
        possible = (n_times - one) // step + 1 if n_times >= one else 0
        n_splits = max(1, possible) if self.n_splits is None else self.n_splits
        if n_splits <= possible:
            return n_splits
        remedy = f"Lower n_splits to {possible}." if possible else "Lower one of these."
        raise ValueError(
            f"{OWNER}(n_splits={self.n_splits}) needs {one + (n_splits - 1) * step} "
            f"time steps but there are {n_times}: {fewest} to learn from + "
            f"gap={self.gap} + horizon={self.horizon} + {n_splits - 1} × step={step}. "
            f"{remedy}"
        )
