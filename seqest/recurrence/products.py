"""Products of weights with signals of sequences side by side, and of signals over time.

Signals lie in rows of one number for each sequence, `width` of them; weights W of shape
(n_from, n_to) lie flat in theta from `place` on. Three products make up a network's
work: forwards ``A += Wᵀ V``, backwards ``V += W A`` and the gradient ``G += V Aᵀ``
summed over steps and sequences. With 8 or 16 sequences blocks of the result are held in
registers, and what they are made of is worked off in an order, or copied into one, that
a core's first cache holds; a single sequence is worked off along its units.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from seqest._compile import (
    NARROW,
    NARROW_TILES,
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
    store_tile,
)

__all__ = ["PRODUCTS", "Products"]

# Rows of weights whose cache lines outlast a tile, as its neighbour needs them again.
BLOCK = np.uint64(16)
# Bytes of a row of signals over the steps that a tile is summed over; a side of it has
# up to four.
PANEL = np.uint64(2**12)
NOUGHT, ONE, TWO, THREE, FOUR = (np.uint64(k) for k in range(5))

# The templates below are written for wide lanes, and specialised for narrow ones too.
width, load, splat = WIDE.width, WIDE.load, WIDE.splat
n_rows, load_rows = WIDE_TILES.several
n_left, load_left = WIDE_TILES.left
n_right, load_right = WIDE_TILES.right
zero_tile = WIDE_TILES.zero_tile
by_tiles: Any = None
by_rows: Any = None


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


def _forward_tiles(
    theta: Any,
    place: Any,
    n_from: Any,
    n_to: Any,
    V: Any,
    v: Any,
    A: Any,
    a: Any,
    begin: Any,
) -> Any:
    """Work off rows of A from `begin` on while a tile fits; return where none does."""
    rows = n_rows(A)
    end = n_to - (n_to - begin) % rows
    for first in range(NOUGHT, n_from, BLOCK):
        last = min(first + BLOCK, n_from)
        for j in range(begin, end, rows):
            tile = load_rows(A, a + j)
            weight = place + first * n_to + j
            for k in range(first, last):
                tile = add_products(theta, weight, ONE, load(V, v + k), tile)
                weight += n_to
            store_tile(A, a + j, tile)
    return end


def _backward_tiles(
    theta: Any,
    place: Any,
    n_from: Any,
    n_to: Any,
    A: Any,
    a: Any,
    V: Any,
    v: Any,
    begin: Any,
) -> Any:
    """Work off rows of V from `begin` on while a tile fits; return where none does."""
    rows = n_rows(V)
    end = n_from - (n_from - begin) % rows
    for k in range(begin, end, rows):
        tile = load_rows(V, v + k)
        weight = place + k * n_to
        for j in range(n_to):
            tile = add_products(theta, weight + j, n_to, load(A, a + j), tile)
        store_tile(V, v + k, tile)
    return end


def _product(
    theta: Any, place: Any, n_from: Any, n_to: Any, X: Any, x: Any, Y: Any, y: Any
) -> None:
    """Add a product of X to Y, forwards or backwards."""
    done = by_tiles(theta, place, n_from, n_to, X, x, Y, y, NOUGHT)
    by_rows(theta, place, n_from, n_to, X, x, Y, y, done)


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
    left_rows, right_rows = n_left(V), n_right(A)
    tiled = n_from - n_from % left_rows if n_to >= right_rows else NOUGHT
    most = PANEL // np.uint64(width * G.itemsize)
    room = min(n_steps, most) * np.uint64(width)
    # Copies of both sides, step after step: of all on the left, of one on the right.
    lefts = np.empty(tiled * room, G.dtype)
    rights = np.empty(right_rows * room, G.dtype)
    for first in range(NOUGHT, n_steps, most):
        n = min(most, n_steps - first)
        v_first, a_first = v + first * v_step, a + first * a_step
        for i in range(NOUGHT, tiled, left_rows):
            for t in range(n):
                side = load_left(V, v_first + t * v_step + i)
                store_tile(lefts, i * n + t * left_rows, side)
        j = NOUGHT
        while j < n_to:
            columns, k = ONE, NOUGHT
            if tiled > NOUGHT and j + right_rows <= n_to:
                columns = right_rows
                for t in range(n):
                    side = load_right(A, a_first + t * a_step + j)
                    store_tile(rights, t * right_rows, side)
                while k < tiled:
                    tile = zero_tile(V)
                    for t in range(n):
                        left = load_left(lefts, k * n + t * left_rows)
                        right = load_right(rights, t * right_rows)
                        tile = add_outer(left, right, tile)
                    add_sums(tile, G, place + k * n_to + j, n_to)
                    k += left_rows
            while k < n_from:
                for i in range(j, j + columns):
                    total = splat(G.dtype.type(0))
                    for t in range(n):
                        v_row = load(V, v_first + t * v_step + k)
                        a_row = load(A, a_first + t * a_step + i)
                        total = multiply_add(v_row, a_row, total)
                    G[place + k * n_to + i] += lanes_sum(total)
                k += ONE
            j += columns


@kernel
def _add_four(
    factors: Any,
    factor: Any,
    f_step: Any,
    rows: Any,
    row: Any,
    r_step: Any,
    sums: Any,
    first: Any,
    n: Any,
) -> None:
    """Add four rows, times a factor each, to n sums that wait for memory but once."""
    f_0, f_1 = factors[factor], factors[factor + f_step]
    f_2, f_3 = factors[factor + TWO * f_step], factors[factor + THREE * f_step]
    r_1, r_2, r_3 = row + r_step, row + TWO * r_step, row + THREE * r_step
    for j in range(n):
        total = multiply_add(rows[row + j], f_0, sums[first + j])
        total = multiply_add(rows[r_1 + j], f_1, total)
        total = multiply_add(rows[r_2 + j], f_2, total)
        sums[first + j] = multiply_add(rows[r_3 + j], f_3, total)


def _forwards_alone(
    theta: Any, place: Any, n_from: Any, n_to: Any, V: Any, v: Any, A: Any, a: Any
) -> None:
    # Each sum in the order, and with the rounding, of sequences side by side.
    done = n_from - n_from % FOUR
    for k in range(NOUGHT, done, FOUR):
        _add_four(V, v + k, ONE, theta, place + k * n_to, n_to, A, a, n_to)
    for k in range(done, n_from):
        weight = place + k * n_to
        for j in range(n_to):
            A[a + j] = multiply_add(theta[weight + j], V[v + k], A[a + j])


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
    done = n_steps - n_steps % FOUR
    for t in range(NOUGHT, done, FOUR):
        signal, first = v + t * v_step, a + t * a_step
        for k in range(n_from):
            _add_four(
                V, signal + k, v_step, A, first, a_step, G, place + k * n_to, n_to
            )
    for t in range(done, n_steps):
        first = a + t * a_step
        for k in range(n_from):
            signal, at = V[v + t * v_step + k], place + k * n_to
            for j in range(n_to):
                G[at + j] = multiply_add(signal, A[first + j], G[at + j])


def _side_by_side(access: Access, tiles: TileAccess) -> Products:
    name = f"of_{access.width}"

    def product(template: Any) -> Any:
        by_tiles, by_rows = (
            specialise(
                template,
                f"{name}_{rows}",
                load=access.load,
                n_rows=getattr(tiles, rows).count,
                load_rows=getattr(tiles, rows).load,
            )
            for rows in ("several", "single")
        )
        own_name = f"{name}_{template.__name__.strip('_')}"
        return specialise(_product, own_name, by_tiles=by_tiles, by_rows=by_rows)

    gradient = specialise(
        _gradient,
        name,
        width=access.width,
        load=access.load,
        splat=access.splat,
        n_left=tiles.left.count,
        load_left=tiles.left.load,
        n_right=tiles.right.count,
        load_right=tiles.right.load,
        zero_tile=tiles.zero_tile,
    )
    return Products(product(_forward_tiles), product(_backward_tiles), gradient)


PRODUCTS = {
    1: Products(
        kernel(_forwards_alone), kernel(_backwards_alone), kernel(_gradient_alone)
    ),
    NARROW.width: _side_by_side(NARROW, NARROW_TILES),
    WIDE.width: _side_by_side(WIDE, WIDE_TILES),
}
