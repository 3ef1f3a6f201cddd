"""Lagged rows: which lags are asked for, their matrix, and what is kept of the rows.

Rows come stacked, series after series, cut into stretches by `offsets` as in
`seqest._sequences`. No lag reaches from one stretch into another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqest._sequences import Sequences
from seqest._validation import check_integer, shown, worded

__all__ = [
    "Lags",
    "deepest",
    "last_rows",
    "read_delays",
    "require_longer",
    "tapped",
    "with_history",
]

Lags = tuple[tuple[int, ...], ...]  # of each column, ascending

# Values of the matrix written at a time: they stay in the cache while they are.
BLOCK = 2**16
MOST = 1_000_000  # an int stands for no more delays than these


def read_delays(
    owner: str,
    name: str,
    delays: Any,
    columns: int | Sequence[str],
    *,
    least: int = 0,
) -> Lags:
    """Return the lags of each column, ascending.

    Parameters
    ----------
    owner, name : str
        The class and the argument that errors name.
    delays : int, list of int, or dict
        An int d stands for the lags `least` to d, a list for its own, in any order. A
        dict gives one of the two for each column, by its name or its position.
    columns : int or sequence of str
        The number of columns, or their names.
    least : int, default=0
        The least lag allowed: 1 where lag 0 is what is to be predicted.

    Returns
    -------
    tuple of tuple of int
        The lags of each column.

    Raises
    ------
    TypeError
        If a delay is no integer, or `delays` none of the kinds above.
    ValueError
        If a delay is below `least` or repeated, a list is empty, or a dict does not
        name each column once.
    """
    names = list(range(columns) if isinstance(columns, int) else columns)
    if not isinstance(delays, Mapping):
        return (_ascending(owner, name, delays, least),) * len(names)
    own: dict[int, tuple[int, ...]] = {}
    wrong = []
    for key, value in delays.items():
        place = _place(key, names)
        if place is None:
            wrong.append(f"There is no column {key!r}; there are {shown(names)}.")
            continue
        if place in own:
            wrong.append(f"Column {names[place]!r} has two.")
        own[place] = _ascending(owner, f"{name}[{key!r}]", value, least)
    for place in sorted(set(range(len(names))) - set(own)):
        wrong.append(f"Column {names[place]!r} has none; drop it to leave it out.")
    if wrong:
        rule = "a dict with one entry for each column"
        raise ValueError(worded(owner, name, delays, rule, wrong[0]))
    return tuple(own[place] for place in range(len(names)))


def _place(key: Any, names: list[Any]) -> int | None:
    """Return the position of the column that `key` names, None where there is none."""
    if isinstance(key, str):
        return names.index(key) if key in names else None
    if isinstance(key, Integral) and not isinstance(key, bool):
        return int(key) if int(key) in range(len(names)) else None
    return None


def _ascending(owner: str, name: str, delays: Any, least: int) -> tuple[int, ...]:
    remedy = "Lag 0 is the value itself." if least else ""
    if isinstance(delays, Integral):
        last = check_integer(owner, name, delays, least, remedy)
        if last > MOST:
            raise ValueError(worded(owner, name, delays, f"at most {MOST}"))
        return tuple(range(least, last + 1))
    zero_d = getattr(delays, "ndim", 1) == 0  # an array that says it can be iterated
    if isinstance(delays, str) or zero_d or not isinstance(delays, Iterable):
        kinds = "an integer, a list of integers or a dict of these by column"
        raise TypeError(worded(owner, name, delays, kinds))
    given = list(delays)
    if not given:
        raise ValueError(worded(owner, name, delays, "a list of at least one delay"))
    lags = sorted(
        check_integer(owner, f"{name}[{k}]", lag, least, remedy)
        for k, lag in enumerate(given)
    )
    for lag, following in pairwise(lags):
        if lag == following:
            rule = "a list without repetitions"
            raise ValueError(worded(owner, name, delays, rule, f"{lag} is repeated."))
    return tuple(lags)


def deepest(lags: Lags) -> int:
    """Return the greatest lag of all columns."""
    return max((lag for own in lags for lag in own), default=0)


def require_longer(
    owner: str, name: str, delays: Any, depth: int, sequences: Sequences
) -> None:
    """Raise where a series is not longer than the greatest lag.

    Parameters
    ----------
    owner, name, delays
        As in `read_delays`.
    depth : int
        The greatest lag.
    sequences : Sequences
        The training rows. Of a series with holes the longest stretch counts.

    Raises
    ------
    ValueError
        If no row of a series is `depth` rows after another.
    """
    longest = np.zeros(len(sequences.ids), np.int64)
    np.maximum.at(longest, sequences.series, sequences.lengths)
    short = int(np.argmin(longest))
    if int(longest[short]) > depth:
        return
    which = f"series {shown(sequences.ids[short])}"
    if sequences.ids[short] is None:
        which = "X" if sequences.form.kind == "rows" else f"X[{short}]"
    holes = np.count_nonzero(sequences.series == short) > 1
    rule = (
        f"less than the number of rows of every series, but {which} has "
        f"n_samples={longest[short]}{' between holes' if holes else ''}"
    )
    remedy = "Lower it, or leave that series out."
    raise ValueError(worded(owner, name, delays, rule, remedy))


def tapped(
    X: NDArray[Any], offsets: NDArray[np.int64], lags: Lags, before: NDArray[Any]
) -> NDArray[Any]:
    """Return the matrix of ``x_c(t - lag)``, by column and then by lag.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
        Rows, stretch after stretch.
    offsets : ndarray of shape (n_stretches + 1,)
        Stretch k is rows ``offsets[k]:offsets[k + 1]``.
    lags : tuple of tuple of int
        The lags of each column, ascending.
    before : ndarray of shape (n_stretches, depth, n_columns)
        The rows before each stretch, the oldest first, at least as many as the
        greatest lag; NaN where unknown, as in `with_history`.

    Returns
    -------
    ndarray of shape (n_rows, n_taps)
        In the dtype of X.
    """
    rows, places = with_history(X, offsets, before)
    flat, n_columns, depth = rows.ravel(), X.shape[1], before.shape[1]
    windows = sliding_window_view(rows, depth + 1, axis=0)[..., ::-1]  # by lag
    runs = list(_runs(lags))
    steps = [lag * n_columns - c for c, own in enumerate(lags) for lag in own]
    H = np.empty((len(X), len(steps)), X.dtype)
    size = 1 + BLOCK // (1 + len(steps))
    for start in range(0, len(X), size):
        block, here = H[start : start + size], places[start : start + size]
        if here[-1] - here[0] < len(here):  # all of one stretch
            within = windows[here[0] - depth : here[-1] - depth + 1]
            for column, taps, run in runs:
                block[:, taps] = within[:, column, run]
        else:
            sources = here[:, np.newaxis] * n_columns - steps
            np.take(flat, sources, out=block, mode="clip")  # "raise" would buffer
    return H


def _runs(lags: Lags) -> Iterator[tuple[int, slice, slice]]:
    """Yield column, taps and lags of each run of evenly spaced lags."""
    tap = 0
    for column, own in enumerate(lags):
        first = 0
        while first < len(own):
            step = own[first + 1] - own[first] if first + 1 < len(own) else 1
            last = first
            while last + 1 < len(own) and own[last + 1] - own[last] == step:
                last += 1
            taps = slice(tap, tap + last + 1 - first)
            yield column, taps, slice(own[first], own[last] + 1, step)
            tap, first = taps.stop, last + 1


def with_history(
    X: NDArray[Any], offsets: NDArray[np.int64], before: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return rows with what came before in front of each stretch.

    Parameters
    ----------
    X, offsets, before
        As in `tapped`. A NaN in `before` is taken for the next known value of its
        column: a line at rest is full of the first row.

    Returns
    -------
    rows : ndarray of shape (n_rows + n_stretches * depth, n_columns)
        For each stretch the `depth` rows before it and its own.
    places : ndarray of shape (n_rows,)
        Where each row of X is in `rows`.
    """
    n_stretches, depth, n_columns = before.shape
    stretches = np.arange(n_stretches)
    places = np.arange(len(X)) + depth * np.repeat(stretches + 1, np.diff(offsets))
    rows = np.empty((len(X) + n_stretches * depth, n_columns), X.dtype)
    rows[places] = X
    starts = offsets[:-1] + depth * (stretches + 1)
    later = X[offsets[:-1]]
    for lag in range(1, depth + 1):
        known = before[:, depth - lag]
        later = np.where(np.isnan(known), later, known)
        rows[starts - lag] = later
    return rows, places


def last_rows(
    X: NDArray[Any],
    offsets: NDArray[np.int64],
    depth: int,
    before: NDArray[Any],
) -> NDArray[Any]:
    """Return the last rows of each stretch, which come before the one after it.

    Parameters
    ----------
    X, offsets
        As in `tapped`.
    depth : int
        How many.
    before : ndarray of shape (n_stretches, depth, n_columns)
        Those before each stretch, which a shorter one goes on from.

    Returns
    -------
    ndarray of shape (n_stretches, depth, n_columns)
        The oldest first, NaN where nothing is known yet; in the dtype of X.
    """
    back = np.arange(-depth, 0)
    position = np.diff(offsets)[:, np.newaxis] + back  # below 0: before the stretch
    inside = position >= 0
    ends = np.empty((len(position), depth, X.shape[1]), X.dtype)
    ends[inside] = X[(offsets[1:, np.newaxis] + back)[inside]]
    stretch, _ = np.nonzero(~inside)
    ends[~inside] = before[stretch, depth + position[~inside]]
    return ends
