"""Blocks of a matrix product held in registers, several rows of lanes at a time.

A product that keeps a block of its result in registers loads each number once for many
multiplications. A tile is such a block, as a Numba type; LLVM takes it apart into
registers. Tiles fill half of those the CPU has at most, or are two rows, so that what
they are multiplied by finds room.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target
from numba.extending import intrinsic, models, register_model

from seqest._compile.lanes import (
    NARROW,
    WIDE,
    Lanes,
    fused,
    row_address,
    spread,
    summed,
)

__all__ = [
    "NARROW_TILES",
    "WIDE_TILES",
    "TileAccess",
    "add_outer",
    "add_products",
    "add_sums",
    "store_tile",
]


class Tile(types.Type):
    """The type of ``rows * columns`` rows of lanes."""

    def __init__(self, lanes: Lanes, rows: int, columns: int = 1) -> None:
        self.lanes, self.rows, self.columns = lanes, rows, columns
        super().__init__(name=f"Tile({lanes.name}, {rows}, {columns})")


@register_model(Tile)
class TileModel(models.PrimitiveModel):
    """A tile is an LLVM array of vectors."""

    def __init__(self, manager: Any, tile: Any) -> None:
        lanes = manager.lookup(tile.lanes).get_value_type()
        super().__init__(manager, tile, ir.ArrayType(lanes, tile.rows * tile.columns))


class Rows(NamedTuple):
    """How kernels get at so many rows at once.

    Attributes
    ----------
    count : intrinsic
        ``count(array)``: how many, unsigned.
    load : intrinsic
        ``load(array, row)``: those from `row` on.
    """

    count: Any
    load: Any


class TileAccess(NamedTuple):
    """How kernels get at tiles of one width.

    Attributes
    ----------
    several, single : Rows
        Of tiles of several rows, and of one row, for those left over.
    left, right : Rows
        Of the sides of a tile that sums outer products.
    zero_tile : intrinsic
        ``zero_tile(array)``: such a tile of zeros.
    """

    several: Rows
    single: Rows
    left: Rows
    right: Rows
    zero_tile: Any


@cache
def _registers() -> tuple[int, int]:
    """Return how many vector registers the CPU has, and bytes in one."""
    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    if "+avx512vl" in features:
        return 32, 64
    if "+avx" in features:
        return 16, 32
    return (32 if triple.startswith(("aarch64", "arm64")) else 16), 16


def _most(lanes: Lanes) -> int:
    """Return how many rows half of the registers hold: a power of two, at least two."""
    count, size = _registers()
    each: int = -(-lanes.width * lanes.dtype.bitwidth // (8 * size))
    return max(2, count // (2 * each))


def _several(lanes: Lanes) -> int:
    """Return the rows of a tile; of more, more would be left over, one by one."""
    return min(8, _most(lanes))


def _left(lanes: Lanes) -> int:
    return {2: 1, 4: 2, 8: 2, 16: 4}[_most(lanes)]


def _right(lanes: Lanes) -> int:
    return _most(lanes) // _left(lanes)


def _tile_access(width: int) -> TileAccess:
    @intrinsic  # type: ignore[untyped-decorator]
    def zero_tile(typing: Any, array: Any) -> Any:
        """Return rows of zeros in the dtype of `array`."""
        lanes = Lanes(array.dtype, width)
        tile = Tile(lanes, _left(lanes), _right(lanes))

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return ir.Constant(context.get_value_type(tile), None)

        return tile(array), lower

    return TileAccess(
        _rows(width, _several),
        _rows(width, lambda lanes: 1),
        _rows(width, _left),
        _rows(width, _right),
        zero_tile,
    )


def _rows(width: int, rows_of: Callable[[Lanes], int]) -> Rows:
    @intrinsic  # type: ignore[untyped-decorator]
    def count(typing: Any, array: Any) -> Any:
        """Return how many rows of an array ``(n, width)`` are loaded at once."""
        rows = rows_of(Lanes(array.dtype, width))

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.get_constant(types.uintp, rows)

        return types.uintp(array), lower

    @intrinsic  # type: ignore[untyped-decorator]
    def load(typing: Any, array: Any, row: Any) -> Any:
        """Load rows from `row` on of an array ``(n, width)``."""
        lanes = Lanes(array.dtype, width)
        tile = Tile(lanes, rows_of(lanes))

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            source, first = arguments
            value = ir.Constant(context.get_value_type(tile), ir.Undefined)
            for k in range(tile.rows):
                row = builder.add(first, ir.Constant(first.type, k))
                address = row_address(context, builder, array, lanes, source, row)
                loaded = builder.load(address, align=array.dtype.bitwidth // 8)
                value = builder.insert_value(value, loaded, k)
            return value

        return tile(array, types.uintp), lower

    return Rows(count, load)


@intrinsic  # type: ignore[untyped-decorator]
def store_tile(typing: Any, array: Any, row: Any, tile: Any) -> Any:
    """Store a tile into rows from `row` on of an array ``(n, width)``."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, first, value = arguments
        for k in range(tile.rows):
            row = builder.add(first, ir.Constant(first.type, k))
            address = row_address(context, builder, array, tile.lanes, target, row)
            lanes = builder.extract_value(value, k)
            builder.store(lanes, address, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.uintp, tile), lower


@intrinsic  # type: ignore[untyped-decorator]
def add_products(
    typing: Any, weights: Any, place: Any, step: Any, lanes: Any, tile: Any
) -> Any:
    """Add ``weights[place + k * step] * lanes`` to row k of a tile."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, first, stride, value, total = arguments
        data = context.make_array(weights)(context, builder, array).data
        for k in range(tile.rows):
            far = builder.mul(stride, ir.Constant(stride.type, k))
            weight = builder.load(builder.gep(data, [builder.add(first, far)]))
            factor = spread(builder, weight, lanes.width)
            row = fused(builder, factor, value, builder.extract_value(total, k))
            total = builder.insert_value(total, row, k)
        return total

    return tile(weights, types.uintp, types.uintp, lanes, tile), lower


@intrinsic  # type: ignore[untyped-decorator]
def add_outer(typing: Any, left: Any, right: Any, tile: Any) -> Any:
    """Add ``left[i] * right[j]``, lane by lane, to row ``i * right.rows + j``."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rows, columns, total = arguments
        for k in range(left.rows * right.rows):
            x = builder.extract_value(rows, k // right.rows)
            y = builder.extract_value(columns, k % right.rows)
            row = fused(builder, x, y, builder.extract_value(total, k))
            total = builder.insert_value(total, row, k)
        return total

    return tile(left, right, tile), lower


@intrinsic  # type: ignore[untyped-decorator]
def add_sums(typing: Any, tile: Any, array: Any, place: Any, step: Any) -> Any:
    """Add sums over lanes to an array.

    That of row ``i * columns + j`` goes to ``array[place + i * step + j]``.
    """

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value, target, first, stride = arguments
        data = context.make_array(array)(context, builder, target).data
        align = array.dtype.bitwidth // 8
        rows = [
            builder.extract_value(value, k) for k in range(tile.rows * tile.columns)
        ]
        for i in range(tile.rows):
            total = summed(builder, rows[i * tile.columns : (i + 1) * tile.columns])
            far = builder.mul(stride, ir.Constant(stride.type, i))
            address = builder.gep(data, [builder.add(first, far)])
            address = builder.bitcast(address, total.type.as_pointer())
            before = builder.load(address, align=align)
            builder.store(builder.fadd(before, total), address, align=align)
        return context.get_dummy_value()

    return types.void(tile, array, types.uintp, types.uintp), lower


NARROW_TILES, WIDE_TILES = _tile_access(NARROW.width), _tile_access(WIDE.width)
