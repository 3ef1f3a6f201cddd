"""Products of weights with signals of sequences side by side, and of signals over time.

Signals lie in rows of one number for each sequence, `width` of them; weights W of shape
(n_from, n_to) lie flat in theta from `place` on. Three products make up a network's
work: forwards ``A += Wᵀ V``, backwards ``V += W A`` and the gradient ``G += V Aᵀ``
summed over steps and sequences. With 8 or 16 sequences blocks of the result are held in
registers; a single sequence is worked off along its units.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from seqest._compile import (
    NARROW,
    NARROW_TILES,
    SIDE,
    TILE,
    WIDE,
    WIDE_TILES,
    Access,
    TileAccess,
    add_outer,
    add_products,
    add_sums,
    kernel,
    lanes_sum,
    multiply_add,
    specialise,
)

__all__ = ["PRODUCTS", "Products"]

# Bytes of signals that stay in a core's cache while products over time are summed.
CACHE = np.uint64(2**18)
NOUGHT, ONE = np.uint64(0), np.uint64(1)
ROWS, ROOT, FEWEST_STEPS = np.uint64(TILE), np.uint64(SIDE), np.uint64(16)

# The templates below are written for wide lanes, and specialised for narrow ones too.
width, load, store, splat = WIDE[:4]
load_tile, store_tile, load_side, zero_tile = WIDE_TILES


class Products(NamedTuple):
    """The three products for one width; all places, rows and sizes are unsigned.

    Attributes
    ----------
    forwards : kernel
        ``forwards(theta, place, n_from, n_to, V, v, A, a)`` adds Wᵀ V to A; v and a
        are the first rows.
    backwards : kernel
        ``backwards(theta, place, n_from, n_to, A, a, V, v)`` adds W A to V.
    gradient : kernel
        ``gradient(V, v, v_step, A, a, a_step, n_steps, n_from, n_to, G, place)`` adds
        V Aᵀ over steps to G; the rows of step t begin at ``v + t v_step`` and ``a + t
        a_step``.
    """

    forwards: Any
    backwards: Any
    gradient: Any


def _forwards(
    theta: Any, place: Any, n_from: Any, n_to: Any, V: Any, v: Any, A: Any, a: Any
) -> None:
    j = NOUGHT
    while j + ROWS <= n_to:
        tile = load_tile(A, a + j)
        weight = place + j
        for k in range(n_from):
            signal = load(V, v + k)
            tile = add_products(theta, weight, ONE, signal, tile)
            weight += n_to
        store_tile(A, a + j, tile)
        j += ROWS
    while j < n_to:
        total = load(A, a + j)
        weight = place + j
        for k in range(n_from):
            signal = load(V, v + k)
            total = multiply_add(theta[weight], signal, total)
            weight += n_to
        store(A, a + j, total)
        j += ONE


def _backwards(
    theta: Any, place: Any, n_from: Any, n_to: Any, A: Any, a: Any, V: Any, v: Any
) -> None:
    k = NOUGHT
    while k + ROWS <= n_from:
        tile = load_tile(V, v + k)
        for j in range(n_to):
            signal = load(A, a + j)
            tile = add_products(theta, place + k * n_to + j, n_to, signal, tile)
        store_tile(V, v + k, tile)
        k += ROWS
    while k < n_from:
        total = load(V, v + k)
        for j in range(n_to):
            signal = load(A, a + j)
            total = multiply_add(theta[place + k * n_to + j], signal, total)
        store(V, v + k, total)
        k += ONE


def _gradient(
    V: Any,
    v: Any,
    v_step: Any,
    A: Any,
    a: Any,
    a_step: Any,
    n_steps: Any,
    n_from: Any,
    n_to: Any,
    G: Any,
    place: Any,
) -> None:
    bytes_a_step = (n_from + n_to) * np.uint64(width * G.itemsize)
    most = max(FEWEST_STEPS, CACHE // bytes_a_step)
    first = NOUGHT
    while first < n_steps:
        last = min(first + most, n_steps)
        j = NOUGHT
        while j < n_to:
            columns = ROOT if j + ROOT <= n_to else ONE
            k = NOUGHT
            while k < n_from:
                at = place + k * n_to + j
                if columns == ROOT and k + ROOT <= n_from:
                    tile = zero_tile(V)
                    for t in range(first, last):
                        left = load_side(V, v + t * v_step + k)
                        right = load_side(A, a + t * a_step + j)
                        tile = add_outer(left, right, tile)
                    add_sums(tile, G, at, n_to)
                    k += ROOT
                else:
                    for i in range(columns):
                        total = splat(G.dtype.type(0))
                        for t in range(first, last):
                            left = load(V, v + t * v_step + k)
                            right = load(A, a + t * a_step + j + i)
                            total = multiply_add(left, right, total)
                        G[at + i] += lanes_sum(total)
                    k += ONE
            j += columns
        first = last


def _forwards_alone(
    theta: Any, place: Any, n_from: Any, n_to: Any, V: Any, v: Any, A: Any, a: Any
) -> None:
    for k in range(n_from):
        signal, weight = V[v + k], place + k * n_to
        for j in range(n_to):
            A[a + j] += theta[weight + j] * signal


def _backwards_alone(
    theta: Any, place: Any, n_from: Any, n_to: Any, A: Any, a: Any, V: Any, v: Any
) -> None:
    for k in range(n_from):
        total, weight = V[v + k], place + k * n_to
        for j in range(n_to):
            total += theta[weight + j] * A[a + j]
        V[v + k] = total


def _gradient_alone(
    V: Any,
    v: Any,
    v_step: Any,
    A: Any,
    a: Any,
    a_step: Any,
    n_steps: Any,
    n_from: Any,
    n_to: Any,
    G: Any,
    place: Any,
) -> None:
    for t in range(n_steps):
        first = a + t * a_step
        for k in range(n_from):
            signal, at = V[v + t * v_step + k], place + k * n_to
            for j in range(n_to):
                G[at + j] += signal * A[first + j]


def _side_by_side(access: Access, tiles: TileAccess) -> Products:
    name = f"of_{access.width}"
    lanes, whole = access._asdict(), tiles._asdict()
    one = {
        k: {**lanes, **whole}[k] for k in ("load", "store", "load_tile", "store_tile")
    }
    two = {
        k: {**lanes, **whole}[k]
        for k in ("width", "load", "splat", "load_side", "zero_tile")
    }
    return Products(
        specialise(_forwards, name, **one),
        specialise(_backwards, name, **one),
        specialise(_gradient, name, **two),
    )


PRODUCTS = {
    1: Products(
        kernel(_forwards_alone), kernel(_backwards_alone), kernel(_gradient_alone)
    ),
    NARROW.width: _side_by_side(NARROW, NARROW_TILES),
    WIDE.width: _side_by_side(WIDE, WIDE_TILES),
}
