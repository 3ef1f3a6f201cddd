"""Targets with dates: one or many series, each at regular times, and rows for them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import check_array

from seqest._validation import check_numeric
from seqest.forecasting._calendar import continued, regular

__all__ = ["Panel", "read_panel", "series_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Panel:
    """Series stacked one after the other, in the order in which they were met.

    Attributes
    ----------
    values : ndarray of shape (n_rows, n_targets)
        What is to be forecast.
    offsets : ndarray of shape (n_series + 1,)
        Series k is rows ``offsets[k]:offsets[k + 1]``.
    ids : tuple
        What each series is called; (None,) where there is one without a name.
    times : tuple of Index
        The regular index of each.
    names : tuple
        What the targets are called.
    flat : bool
        Whether targets came without columns, as a Series.
    levels : tuple
        The names of the levels of a MultiIndex, the last that of time; else the name of
        the index.
    order : ndarray of shape (n_rows,)
        Which row of what was read each row is.
    """

    values: Array
    offsets: NDArray[np.int64]
    ids: tuple[Hashable, ...]
    times: tuple[Any, ...]
    names: tuple[Hashable, ...]
    flat: bool
    levels: tuple[Hashable, ...]
    order: NDArray[np.int64]

    @property
    def n_series(self) -> int:
        """Number of series."""
        return len(self.ids)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Rows of each series."""
        return np.diff(self.offsets)

    @cached_property
    def first_changes(self) -> NDArray[np.int64]:
        """How many rows of each series and target are as the first is, at the start."""
        found = []
        for first, last in pairwise(self.offsets):
            other = self.values[first:last] != self.values[first]
            found.append(
                np.where(other.any(axis=0), other.argmax(axis=0), last - first)
            )
        return np.array(found, np.int64)

    def told(self, series: int) -> str:
        """Return in words how many rows a series has."""
        own, n_rows = self.ids[series], self.lengths[series]
        which = "y" if own is None else f"y of series {own!r}"
        return f"{which} has {'1 sample' if n_rows == 1 else f'{n_rows} rows'}"

    def ahead(self, n_steps: int) -> list[Any]:
        """Return the labels of the next `n_steps` rows of each series."""
        return [continued(times, n_steps) for times in self.times]

    def head(self, known: NDArray[np.int64]) -> Panel:
        """Return the first rows of each series."""
        parts = zip(self.offsets[:-1], known, strict=True)
        values = [self.values[first : first + n] for first, n in parts]
        return replace(
            self,
            values=np.vstack(values),
            offsets=np.concatenate([[0], np.cumsum(known)]).astype(np.int64),
            times=tuple(own[:n] for own, n in zip(self.times, known, strict=True)),
        )

    def joined(self, owner: str, later: Panel) -> Panel:
        """Return these series with later rows, and then the series that are new.

        Parameters
        ----------
        owner : str
            The class that errors name.
        later : Panel
            Rows that follow, of some of the series or of others.

        Returns
        -------
        Panel
            In the form of this one.

        Raises
        ------
        ValueError
            If targets differ, or rows do not follow the last ones.
        """
        same = later.names == self.names or (later.flat and self.flat)
        if not same or (later.ids == (None,)) != (self.ids == (None,)):
            raise ValueError(
                f"{owner}: y has the targets {list(later.names)} of {later.n_series} "
                f"series, but fit saw {list(self.names)} of {self.n_series}."
            )
        ids = tuple(dict.fromkeys([*self.ids, *later.ids]))
        values, times = [], []
        for name in ids:
            parts = [panel._own(name) for panel in (self, later) if name in panel.ids]
            values.append(np.vstack([rows for rows, _ in parts]))
            times.append(_joined(name, *(own for _, own in parts)))
        offsets = np.concatenate([[0], np.cumsum([len(own) for own in times])])
        return replace(
            self,
            values=np.vstack(values),
            offsets=offsets.astype(np.int64),
            ids=ids,
            times=tuple(times),
        )

    def _own(self, name: Hashable) -> tuple[Array, Any]:
        """Return the rows and times of one series."""
        k = self.ids.index(name)
        return self.values[self.offsets[k] : self.offsets[k + 1]], self.times[k]

    def framed(self, values: Array, times: Sequence[Any]) -> Any:
        """Return stacked rows in the form in which targets came.

        Parameters
        ----------
        values : ndarray of shape (n_rows, n_targets)
            Series after series.
        times : sequence of Index
            The labels of each series.

        Returns
        -------
        Series or DataFrame
            With the index of `times`, below the ids where there are such.
        """
        index = times[0]
        if self.ids != (None,):
            index = _below(self.ids, times, self.levels)
        if self.flat:
            return pd.Series(values[:, 0], index, name=self.names[0])
        return pd.DataFrame(values, index, columns=list(self.names))


def read_panel(owner: str, y: Any) -> Panel:
    """Read targets and the times they are of.

    Parameters
    ----------
    owner : str
        The class that errors name.
    y : Series, DataFrame or array-like
        The index says when; a MultiIndex that ends in time says which series, too.
        Without an index rows are counted.

    Returns
    -------
    Panel
        Its series.

    Raises
    ------
    TypeError
        If labels are no times.
    ValueError
        If y is missing, not finite, or its index not regular; the message says where.
    """
    if y is None:
        raise ValueError(
            f"{owner} requires y to be passed, but the target y is None; did you mean "
            "fit(y=...)?"
        )
    if not isinstance(y, pd.Series | pd.DataFrame):
        options = {"ensure_2d": False, "ensure_all_finite": False, "input_name": "y"}
        y = check_array(y, dtype=np.float64, **options)
    frame = pd.DataFrame(y)
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"y has two targets {twice!r}. Give each a name of its own.")
    codes, ids, times = series_of(owner, "y", frame.index)
    order = np.argsort(codes, kind="stable")
    lengths = np.bincount(codes, minlength=len(ids))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = check_numeric(owner, "y", frame.to_numpy())[order]
    grids: list[Any] = [None] * len(ids)
    hint = None
    for k in np.argsort(-lengths, kind="stable"):  # the longest tells the frequency
        rows, name = order[offsets[k] : offsets[k + 1]], ids[k]
        which = "y" if name is None else f"y of series {name!r}"
        own = times if name is None else times[rows]
        grids[k] = regular(owner, which, own, hint)
        hint = getattr(grids[k], "freq", None) if hint is None else hint
        _require_finite(which, values[offsets[k] : offsets[k + 1]], grids[k])
    flat = np.ndim(y) == 1
    names = (y.name,) if isinstance(y, pd.Series) else tuple(frame.columns)
    levels = tuple(frame.index.names)
    return Panel(values, offsets, ids, tuple(grids), names, flat, levels, order)


def _joined(name: Hashable, before: Any, later: Any = None) -> Any:
    """Return the regular index of a series that goes on."""
    if later is None:
        return before
    which = "y" if name is None else f"y of series {name!r}"
    ahead = continued(before, len(later))
    if not later.equals(ahead):
        raise ValueError(
            f"{which} goes on from {later[0]} to {later[-1]}, but the next times are "
            f"{ahead[0]} to {ahead[-1]}: rows are to follow those seen so far."
        )
    return regular("Forecaster", which, before.append(ahead))


def series_of(
    owner: str, name: str, index: pd.Index
) -> tuple[NDArray[np.int64], tuple[Hashable, ...], pd.Index]:
    """Return which series each row is of, their ids, and the times of all rows.

    Parameters
    ----------
    owner, name : str
        The class and the argument that errors name.
    index : Index
        Of times, or a MultiIndex that ends in times.

    Returns
    -------
    codes : ndarray of shape (n_rows,)
        Positions in `ids`.
    ids : tuple
        In the order in which they are met; (None,) without such.
    times : Index
        Of length n_rows.

    Raises
    ------
    ValueError
        If there is no row.
    """
    if len(index) == 0:
        raise ValueError(f"{name} is empty; {owner} needs at least one row.")
    if not isinstance(index, pd.MultiIndex):
        return np.zeros(len(index), np.int64), (None,), index
    labels = list(index)
    names = [label[0] if index.nlevels == 2 else label[:-1] for label in labels]
    ids = tuple(dict.fromkeys(names))
    place = {name: k for k, name in enumerate(ids)}
    codes = np.array([place[name] for name in names], np.int64)
    return codes, ids, index.get_level_values(-1)


def _require_finite(name: str, values: Array, times: Any) -> None:
    good = np.isfinite(values).all(axis=1)
    if not good.all():
        row = int(np.argmin(good))
        kind = "NaN" if np.isnan(values[row]).any() else "inf"
        raise ValueError(
            f"{name} is {kind} at {times[row]}. Fill it first, e.g. y.interpolate(), "
            "or begin after it."
        )


def _below(
    ids: Sequence[Hashable], times: Sequence[Any], levels: Sequence[Hashable]
) -> pd.MultiIndex:
    """Return a MultiIndex of ids, which may be tuples, and times."""
    labels = [
        (*(name if isinstance(name, tuple) else (name,)), stamp)
        for name, own in zip(ids, times, strict=True)
        for stamp in own
    ]
    return pd.MultiIndex.from_tuples(labels, names=list(levels))
