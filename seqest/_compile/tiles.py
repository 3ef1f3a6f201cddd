"""Blocks of a matrix product held in registers, several rows of lanes at a time.

A product that keeps a block of its result in registers loads each number once for many
multiplications. A tile is such a block, as a Numba type; LLVM takes it apart into
registers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model

from seqest._compile.lanes import (
    NARROW,
    WIDE,
    Access,
    Lanes,
    fused,
    row_address,
    spread,
    summed,
)

__all__ = [
    "NARROW_TILES",
    "SIDE",
    "TILE",
    "WIDE_TILES",
    "TileAccess",
    "add_outer",
    "add_products",
    "add_sums",
]

# Rows of a tile; of the sides of one that sums outer products.
TILE, SIDE = 8, 4


class Tile(types.Type):
    """The type of `rows` rows of lanes."""

    def __init__(self, lanes: Lanes, rows: int) -> None:
        self.lanes, self.rows = lanes, rows
        super().__init__(name=f"Tile({lanes.name}, {rows})")


@register_model(Tile)
class TileModel(models.PrimitiveModel):
    """A tile is an LLVM array of vectors."""

    def __init__(self, manager: Any, tile: Any) -> None:
        lanes = manager.lookup(tile.lanes).get_value_type()
        super().__init__(manager, tile, ir.ArrayType(lanes, tile.rows))


class TileAccess(NamedTuple):
    """How kernels get at tiles of one width.

    Attributes
    ----------
    load_tile : intrinsic
        ``load_tile(array, row)``: `TILE` rows from `row` on.
    store_tile : intrinsic
        ``store_tile(array, row, tile)``.
    load_side : intrinsic
        ``load_side(array, row)``: `SIDE` rows from `row` on.
    zero_tile : intrinsic
        ``zero_tile(array)``: SIDE² rows of zeros.
    """

    load_tile: Any
    store_tile: Any
    load_side: Any
    zero_tile: Any


def _tile_access(access: Access) -> TileAccess:
    @intrinsic  # type: ignore[untyped-decorator]
    def store_tile(typing: Any, array: Any, row: Any, tile: Any) -> Any:
        """Store a tile into rows from `row` on of an array ``(n, width)``."""

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            target, first, value = arguments
            for k in range(tile.rows):
                row = builder.add(first, ir.Constant(first.type, k))
                at = context, builder, array, tile.lanes, target, row
                lanes = builder.extract_value(value, k)
                builder.store(lanes, row_address(*at), align=array.dtype.bitwidth // 8)
            return context.get_dummy_value()

        return types.void(array, types.uintp, tile), lower

    @intrinsic  # type: ignore[untyped-decorator]
    def zero_tile(typing: Any, array: Any) -> Any:
        """Return rows of zeros in the dtype of `array`."""
        tile = Tile(Lanes(array.dtype, access.width), SIDE * SIDE)

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return ir.Constant(context.get_value_type(tile), None)

        return tile(array), lower

    return TileAccess(
        _loader(access.width, TILE), store_tile, _loader(access.width, SIDE), zero_tile
    )


def _loader(width: int, rows: int) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def load_rows(typing: Any, array: Any, row: Any) -> Any:
        """Load rows from `row` on of an array ``(n, width)``."""
        tile = Tile(Lanes(array.dtype, width), rows)

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            source, first = arguments
            value = ir.Constant(context.get_value_type(tile), ir.Undefined)
            for k in range(rows):
                row = builder.add(first, ir.Constant(first.type, k))
                at = context, builder, array, tile.lanes, source, row
                lanes = builder.load(row_address(*at), align=array.dtype.bitwidth // 8)
                value = builder.insert_value(value, lanes, k)
            return value

        return tile(array, types.uintp), lower

    return load_rows


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
    """Add ``left[i] * right[j]``, lane by lane, to row ``i * SIDE + j`` of a tile."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rows, columns, total = arguments
        for k in range(SIDE * SIDE):
            x = builder.extract_value(rows, k // SIDE)
            y = builder.extract_value(columns, k % SIDE)
            row = fused(builder, x, y, builder.extract_value(total, k))
            total = builder.insert_value(total, row, k)
        return total

    return tile(left, right, tile), lower


@intrinsic  # type: ignore[untyped-decorator]
def add_sums(typing: Any, tile: Any, array: Any, place: Any, step: Any) -> Any:
    """Add the sum over lanes of row ``i * SIDE + j`` to array[place + i * step + j]."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value, target, first, stride = arguments
        data = context.make_array(array)(context, builder, target).data
        for k in range(SIDE * SIDE):
            far = builder.mul(stride, ir.Constant(stride.type, k // SIDE))
            far = builder.add(far, ir.Constant(far.type, k % SIDE))
            address = builder.gep(data, [builder.add(first, far)])
            total = summed(builder, builder.extract_value(value, k))
            builder.store(builder.fadd(builder.load(address), total), address)
        return context.get_dummy_value()

    return types.void(tile, array, types.uintp, types.uintp), lower


NARROW_TILES, WIDE_TILES = _tile_access(NARROW), _tile_access(WIDE)
