"""Where prediction starts: states kept at the ends of series, and the rule to pick.

States are explicit: `fit` keeps the state at the end of every stretch of training
rows, `predict` reads them and changes nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._sequences.sequences import Sequences
from seqest._validation import shown, worded

__all__ = [
    "RULES",
    "Kept",
    "State",
    "require_names",
    "require_state_like",
    "starting_points",
    "starting_values",
]

# How many rows tell whether rows without an index are the training rows.
BEGINNING = 100
RULES = ("auto", "zero", "last")


@dataclass(frozen=True, eq=False)
class State:
    """The state of an estimator at the end of one or more series.

    Returned by ``predict(..., return_state=True)``, and taken by
    ``predict(..., initial_state=state)`` to go on from there.

    Attributes
    ----------
    ids : tuple of length n_series
        The series; None for one without a name.
    values : dict of str to ndarray of shape (n_series, ...)
        What is carried: ``"units"`` (states), ``"outputs"`` (the last outputs, where
        they are fed back), ``"rows"`` (rows seen since rest), ``"run"`` (the seed of
        noise).
    """

    ids: tuple[Hashable, ...]
    values: Mapping[str, NDArray[Any]]

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {v.shape}" for name, v in self.values.items())
        return f"State({len(self.ids)} series: {sizes})"


@dataclass(frozen=True, eq=False)
class Kept:
    """What an estimator remembers of the rows it has seen.

    Attributes
    ----------
    ids : tuple of length n_stretches
        The series of each stretch.
    ends : ndarray of shape (n_stretches,) or None
        The stamp of each stretch's last row.
    values : dict of str to ndarray of shape (n_stretches, ...)
        The state after it.
    beginnings : dict
        For each series its first rows of X, at most 100, with many series fewer.
    """

    ids: tuple[Hashable, ...]
    ends: NDArray[np.int64] | None
    values: Mapping[str, NDArray[Any]]
    beginnings: Mapping[Hashable, NDArray[Any]] = field(default_factory=dict)

    @classmethod
    def after(cls, sequences: Sequences, values: Mapping[str, NDArray[Any]]) -> Kept:
        """Return what is kept of rows that left the states `values`."""
        named = [sequences.is_continuable(int(s)) for s in sequences.series]
        going = np.flatnonzero(named)
        ids = tuple(sequences.ids[s] for s in sequences.series[going])
        lasts = sequences.offsets[1:][going] - 1
        ends = None if sequences.stamps is None else sequences.stamps[lasts]
        beginnings: dict[Hashable, NDArray[Any]] = {}
        most = max(5, min(BEGINNING, 10 * BEGINNING // max(len(sequences.ids), 1)))
        for name, start, last in zip(
            ids, sequences.offsets[:-1][going], lasts, strict=True
        ):
            rows = sequences.X[start : min(last + 1, start + most)]
            beginnings.setdefault(name, rows.copy())
        going_values = {name: value[going] for name, value in values.items()}
        return cls(ids, ends, going_values, beginnings)

    def joined(self, later: Kept, continued: NDArray[np.int64]) -> Kept:
        """Return what is kept when `later` rows went on from stretches `continued`.

        A stretch that was continued is replaced by the one that continued it.
        """
        going = np.setdiff1d(np.arange(len(self.ids)), continued)
        ids = tuple(self.ids[k] for k in going) + later.ids
        ends = None
        if self.ends is not None and later.ends is not None:
            ends = np.concatenate([self.ends[going], later.ends])
        values = {
            name: np.concatenate([old[going], later.values[name]])
            for name, old in self.values.items()
        }
        return Kept(ids, ends, values, {**later.beginnings, **self.beginnings})

    def places(self) -> dict[Hashable, list[int]]:
        """Return the positions of each series' stretches."""
        places: dict[Hashable, list[int]] = {}
        for position, name in enumerate(self.ids):
            places.setdefault(name, []).append(position)
        return places

    def last(self) -> State:
        """Return the state after the last stretch of each series."""
        places = self.places()
        chosen = [positions[-1] for positions in places.values()]
        values = {name: value[chosen] for name, value in self.values.items()}
        return State(tuple(places), values)


def starting_points(
    owner: str, kept: Kept | None, sequences: Sequences, rule: str
) -> NDArray[np.int64]:
    """Return after which kept stretch each stretch of new rows starts; -1 is rest.

    Parameters
    ----------
    owner : str
        Named in errors.
    kept : Kept or None
        What was seen before.
    sequences : Sequences
        The new rows.
    rule : {"auto", "zero", "last"}
        ``"auto"`` goes on where the rows go on: with a time index if and only if the
        first row is the next stamp after a kept end; without one, unless the rows
        begin as the training rows began and no others. An unseen series starts from
        rest.

    Returns
    -------
    ndarray of shape (n_stretches,)
        Positions in `kept`, or -1.

    Raises
    ------
    ValueError
        If `kept` holds several named series and the new rows name none; or if the
        rule is "last" and nothing kept can be found again.
    """
    points = np.full(sequences.n_stretches, -1, np.int64)
    if kept is None:
        return points
    named = {name for name in kept.ids if name is not None}
    if len(named) > 1 and sequences.form.kind == "rows" and sequences.ids == (None,):
        raise ValueError(
            f"{owner} was fitted on {len(named)} series but X names none, so the rows "
            "of several series would be glued together. Pass groups, or a DataFrame "
            "whose MultiIndex ends in time."
        )
    if rule == "zero":
        return points
    if rule == "last":
        require_names(owner, kept)
    timed = kept.ends is not None and sequences.stamps is not None
    places = kept.places()
    for k, series in enumerate(sequences.series):
        candidates = _kept_for(places, sequences, int(series))
        if timed and rule == "auto":
            points[k] = _continued(kept, candidates, sequences, k)
        elif candidates and (k == 0 or sequences.series[k - 1] != series):
            again = rule == "auto" and _begins_alike(kept, candidates, sequences, k)
            points[k] = -1 if again else candidates[-1]
    return points


def require_names(owner: str, kept: Kept) -> None:
    """Raise where training series cannot be gone on from, since they have no names."""
    if not kept.ids:
        raise ValueError(
            f"{owner} was fitted on a 3-D array or list, whose series have no names, "
            "so none can be gone on from. Pass groups in fit, or a State."
        )


def starting_values(
    owner: str,
    rule: Any,
    kept: Kept | None,
    sequences: Sequences,
    rest: Mapping[str, NDArray[Any]],
) -> dict[str, NDArray[Any]]:
    """Return the state each stretch of new rows starts from.

    Parameters
    ----------
    owner : str
        Named in errors.
    rule : {"auto", "zero", "last"} or State
        The rule of `starting_points`, or a state for each series.
    kept : Kept or None
        What was seen before.
    sequences : Sequences
        The new rows.
    rest : dict of str to ndarray of shape (1, ...)
        The state at rest.

    Returns
    -------
    dict of str to ndarray of shape (n_stretches, ...)
        New arrays, in the dtype of the rows.

    Raises
    ------
    ValueError
        If `rule` is neither, or a State that does not fit.
    """
    if isinstance(rule, State):
        require_state_like(owner, rule, rest)
        points, source = _state_points(owner, rule, sequences), rule.values
    elif isinstance(rule, str) and rule in RULES:
        points = starting_points(owner, kept, sequences, rule)
        source = {} if kept is None else kept.values
    else:
        allowed = "'auto', 'zero', 'last' or a State"
        raise ValueError(worded(owner, "initial_state", rule, allowed))
    values = {}
    for name, resting in rest.items():
        dtype = sequences.X.dtype if resting.dtype.kind == "f" else resting.dtype
        start = np.repeat(resting, points.size, axis=0).astype(dtype)
        if np.any(points >= 0):
            start[points >= 0] = source[name][points[points >= 0]]
        values[name] = start
    return values


def require_state_like(
    owner: str, state: State, rest: Mapping[str, NDArray[Any]]
) -> None:
    """Raise unless a user's State holds what a model's state at rest does."""
    n_series = len(state.ids)
    shapes = {name: (n_series, *value.shape[1:]) for name, value in rest.items()}
    if {name: value.shape for name, value in state.values.items()} != shapes:
        raise ValueError(
            f"{owner}: the State given as initial_state is another model's; it holds "
            f"{state!r}."
        )


def _state_points(owner: str, state: State, sequences: Sequences) -> NDArray[np.int64]:
    """Return which series of `state` each stretch goes on from; -1 after a hole."""
    points = np.full(sequences.n_stretches, -1, np.int64)
    first = np.sort(np.unique(sequences.series, return_index=True)[1])
    if state.ids == sequences.ids:
        points[first] = sequences.series[first]
        return points
    places = {name: position for position, name in enumerate(state.ids)}
    repeated = len(places) < len(state.ids)
    for k in first:
        name = sequences.ids[sequences.series[k]]
        if repeated or name not in places:
            raise ValueError(
                f"{owner}: the State given as initial_state is of {len(state.ids)} "
                f"series, {shown(state.ids)}, so where series {name!r} of X starts "
                "cannot be told. Give X the same series."
            )
        points[k] = places[name]
    return points


def _kept_for(
    places: dict[Hashable, list[int]], sequences: Sequences, series: int
) -> list[int]:
    """Return the kept stretches that one series of the new rows may continue."""
    if not sequences.is_continuable(series):
        return []
    name = sequences.ids[series]
    if name is None and len(places) == 1:
        return next(iter(places.values()))
    return places.get(name, [])


def _begins_alike(
    kept: Kept, candidates: list[int], sequences: Sequences, stretch: int
) -> bool:
    """Say whether rows begin as the training rows did, and as no later ones of those.

    Rows that occur again, as constant or few binary ones do, tell nothing.
    """
    beginning = kept.beginnings[kept.ids[candidates[0]]]
    start, stop = sequences.offsets[stretch], sequences.offsets[stretch + 1]
    rows = sequences.X[start:stop][: len(beginning)]
    alike = len(beginning) - len(rows) + 1
    if len(rows) == len(beginning) and _same(beginning[1:], beginning[:-1]):
        return False
    return _same(rows, beginning[: len(rows)]) and not any(
        _same(rows, beginning[k : k + len(rows)]) for k in range(1, alike)
    )


def _same(rows: NDArray[Any], others: NDArray[Any]) -> bool:
    # As close as float32 tells: training data may come back in another precision.
    return len(rows) > 0 and bool(np.allclose(rows, others, rtol=1e-6, atol=0))


def _continued(
    kept: Kept, candidates: list[int], sequences: Sequences, stretch: int
) -> int:
    assert kept.ends is not None
    assert sequences.stamps is not None
    assert sequences.clock is not None
    first = int(sequences.stamps[sequences.offsets[stretch]])
    next_after = np.flatnonzero(sequences.clock.follows(kept.ends[candidates], first))
    return candidates[next_after[-1]] if next_after.size else -1
