"""Sixteen sequences side by side: a vector held in registers, as a Numba type.

A row of a C-ordered array ``(n, LANES)`` holds one number of each of `LANES`
sequences. LLVM does not vectorise an inner loop over the lanes, because the arrays
might alias; these few intrinsics say what is meant.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model

__all__ = ["LANES", "load", "multiply_add", "splat", "store"]

LANES = 16


class Lanes(types.Type):
    """The type of `LANES` floats in vector registers."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Lanes({dtype})")


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """Lanes are one LLVM vector."""

    def __init__(self, manager: Any, lanes: Any) -> None:
        scalar = ir.FloatType() if lanes.dtype is types.float32 else ir.DoubleType()
        super().__init__(manager, lanes, ir.VectorType(scalar, LANES))


def _row(context: Any, builder: Any, array_type: Any, array: Any, row: Any) -> Any:
    """Return the address of row `row` of a C-ordered array ``(n, LANES)``."""
    data = context.make_array(array_type)(context, builder, array).data
    first = builder.mul(row, ir.Constant(row.type, LANES))
    vector = context.get_value_type(Lanes(array_type.dtype))
    return builder.bitcast(builder.gep(data, [first]), vector.as_pointer())


@intrinsic  # type: ignore[untyped-decorator]
def load(typing: Any, array: Any, row: Any) -> Any:
    """Load row `row` of an array ``(n, LANES)``."""
    lanes = Lanes(array.dtype)

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _row(context, builder, array, *arguments)
        return builder.load(address, align=array.dtype.bitwidth // 8)

    return lanes(array, types.uintp), lower


@intrinsic  # type: ignore[untyped-decorator]
def store(typing: Any, array: Any, row: Any, value: Any) -> Any:
    """Store lanes into row `row` of an array ``(n, LANES)``."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _row(context, builder, array, *arguments[:2])
        builder.store(arguments[2], address, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.uintp, Lanes(array.dtype)), lower


@intrinsic  # type: ignore[untyped-decorator]
def splat(typing: Any, scalar: Any) -> Any:
    """Return lanes that all hold `scalar`."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _splat(builder, arguments[0])

    return Lanes(scalar)(scalar), lower


@intrinsic  # type: ignore[untyped-decorator]
def multiply_add(typing: Any, scalar: Any, value: Any, total: Any) -> Any:
    """Return ``scalar * value + total``, the scalar the same in every lane."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        factor, lanes, addend = arguments
        return builder.fadd(builder.fmul(_splat(builder, factor), lanes), addend)

    return value(value.dtype, value, value), lower


def _splat(builder: Any, scalar: Any) -> Any:
    vector = ir.VectorType(scalar.type, LANES)
    index = ir.Constant(ir.IntType(32), 0)
    single = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, index)
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(single, single, mask)
