"""Separate rings of prescribed lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer, check_number, worded
from seqest.reservoirs.matrices import Sparse, connect

__all__ = ["loops"]

Lengths: TypeAlias = int | Sequence[int] | Mapping[int, float]


def loops(n_units: int, *, lengths: Lengths = 10, rng: np.random.Generator) -> Sparse:
    """Return disjoint rings, which resonate at their lengths (Aceituno et al. 2020).

    Within a loop, unit i hears unit i - 1. All weights are 1.

    Parameters
    ----------
    n_units : int
        Number of units N, at least 1.
    lengths : int, sequence of int or mapping of int to float, default=10
        One length for all loops; or the length of each, in all `n_units`; or the
        chance of each length, from which loops are drawn until all units have one.
        The last loop drawn is cut to what is left. A loop of 1 hears itself.
    rng : Generator
        Source of random numbers.

    Returns
    -------
    csr_array of shape (n_units, n_units)
        Stored (to, from).

    References
    ----------
    Aceituno, P. V., Yan, G. & Liu, Y.-Y. (2020). Tailoring echo state networks for
    optimal learning. iScience 23, 101440.

    Examples
    --------
    >>> W = loops(5, lengths=[2, 3], rng=np.random.default_rng(0))
    >>> W @ [1, 2, 3, 4, 5]
    array([2., 1., 5., 3., 4.])
    """
    n_units = check_integer("loops", "n_units", n_units, 1)
    length = _lengths(n_units, lengths, rng)
    first = np.repeat(np.cumsum(length) - length, length)
    units = np.arange(n_units)
    return connect(
        n_units, (units - first + 1) % np.repeat(length, length) + first, units
    )


def _lengths(
    n_units: int, lengths: Lengths, rng: np.random.Generator
) -> NDArray[np.int64]:
    if isinstance(lengths, Mapping):
        return _cut(n_units, _drawn(n_units, lengths, rng))
    if isinstance(lengths, Sequence | np.ndarray):
        each = np.array([_length(length) for length in lengths], np.int64)
        if each.sum() != n_units:
            rule = f"lengths that sum to n_units={n_units}, not {each.sum()}"
            raise ValueError(worded("loops", "lengths", lengths, rule))
        return each
    length = _length(lengths)
    return _cut(n_units, np.full(-(-n_units // length), length))


def _length(length: int) -> int:
    return check_integer("loops", "lengths", length, 1)


def _drawn(
    n_units: int, chances: Mapping[int, float], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return more than enough lengths, each drawn with its chance."""
    each = [_length(length) for length in chances]
    chance = [
        check_number("loops", f"lengths[{length}]", chances[length], "[0, 1]")
        for length in chances
    ]
    if not np.isclose(sum(chance), 1.0):
        raise ValueError(worded("loops", "lengths", chances, "chances that sum to 1"))
    return rng.choice(each, size=n_units, p=np.divide(chance, sum(chance)))


def _cut(n_units: int, length: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first lengths that fill `n_units`, the last of them cut to fit."""
    end = np.minimum(np.cumsum(length), n_units)
    cut = np.diff(end, prepend=0)
    return cut[cut > 0]
