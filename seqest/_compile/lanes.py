"""Sequences side by side: a vector held in registers, as a Numba type.

A row of an array ``(n, width)``, C-ordered and of any shape as long as its data lies
so, holds one number of each of `width` sequences. LLVM does not vectorise an inner loop
over the lanes, because the arrays might alias; these few intrinsics say what is meant.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

__all__ = [
    "LANES",
    "NARROW",
    "WIDE",
    "Access",
    "Lanes",
    "fused",
    "lanes_sum",
    "load",
    "multiply_add",
    "row_address",
    "splat",
    "spread",
    "store",
    "summed",
]

LANES = 16
INDEX = ir.IntType(32)


class Lanes(types.Type):
    """The type of `width` floats in vector registers."""

    def __init__(self, dtype: Any, width: int) -> None:
        self.dtype, self.width = dtype, width
        super().__init__(name=f"Lanes({dtype}, {width})")


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """Lanes are one LLVM vector."""

    def __init__(self, manager: Any, lanes: Any) -> None:
        scalar = ir.FloatType() if lanes.dtype is types.float32 else ir.DoubleType()
        super().__init__(manager, lanes, ir.VectorType(scalar, lanes.width))


class Access(NamedTuple):
    """How kernels get at rows of one width.

    Attributes
    ----------
    width : int
        Numbers in a row.
    load : intrinsic
        ``load(array, row)``: the row as lanes.
    store : intrinsic
        ``store(array, row, lanes)``.
    splat : intrinsic
        ``splat(scalar)``: lanes that all hold it.
    """

    width: int
    load: Any
    store: Any
    splat: Any


def _access(width: int) -> Access:
    @intrinsic  # type: ignore[untyped-decorator]
    def load(typing: Any, array: Any, row: Any) -> Any:
        """Load row `row` of an array ``(n, width)``."""
        lanes = Lanes(array.dtype, width)

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address = row_address(context, builder, array, lanes, *arguments)
            return builder.load(address, align=array.dtype.bitwidth // 8)

        return lanes(array, types.uintp), lower

    @intrinsic  # type: ignore[untyped-decorator]
    def store(typing: Any, array: Any, row: Any, value: Any) -> Any:
        """Store lanes into row `row` of an array ``(n, width)``."""
        lanes = Lanes(array.dtype, width)

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address = row_address(context, builder, array, lanes, *arguments[:2])
            builder.store(arguments[2], address, align=array.dtype.bitwidth // 8)
            return context.get_dummy_value()

        return types.void(array, types.uintp, lanes), lower

    @intrinsic  # type: ignore[untyped-decorator]
    def splat(typing: Any, scalar: Any) -> Any:
        """Return lanes that all hold `scalar`."""

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return spread(builder, arguments[0], width)

        return Lanes(scalar, width)(scalar), lower

    return Access(width, load, store, splat)


@intrinsic  # type: ignore[untyped-decorator]
def multiply_add(typing: Any, factor: Any, value: Any, total: Any) -> Any:
    """Return ``factor * value + total``, rounded once, for lanes `value` and `total`.

    The factor is lanes as well, or a scalar, the same in every lane. All three may be
    scalars.
    """
    is_spread = isinstance(value, Lanes) and not isinstance(factor, Lanes)

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first, *rest = arguments
        if is_spread:
            first = spread(builder, first, value.width)
        return fused(builder, first, *rest)

    taken = value.dtype if is_spread else value
    return value(taken, value, value), lower


@intrinsic  # type: ignore[untyped-decorator]
def lanes_sum(typing: Any, lanes: Any) -> Any:
    """Return the sum over lanes, by halves."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        total = summed(builder, arguments)
        return builder.extract_element(total, ir.Constant(INDEX, 0))

    return lanes.dtype(lanes), lower


def row_address(
    context: Any, builder: Any, array_type: Any, lanes: Any, array: Any, row: Any
) -> Any:
    """Return the address of row `row` of a C-ordered array ``(n, width)``."""
    data = context.make_array(array_type)(context, builder, array).data
    first = builder.mul(row, ir.Constant(row.type, lanes.width))
    vector = context.get_value_type(lanes)
    return builder.bitcast(builder.gep(data, [first]), vector.as_pointer())


def spread(builder: Any, scalar: Any, width: int) -> Any:
    """Return a vector whose lanes all hold `scalar`."""
    vector = ir.VectorType(scalar.type, width)
    first = ir.Constant(INDEX, 0)
    single = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, first)
    return builder.shuffle_vector(single, single, _places([0] * width))


def fused(builder: Any, factor: Any, value: Any, total: Any) -> Any:
    """Return ``factor * value + total`` of vectors or scalars, rounded once."""
    kind = total.type
    many = isinstance(kind, ir.VectorType)
    single = kind.element if many else kind
    bits = 32 if isinstance(single, ir.FloatType) else 64
    signature = ir.FunctionType(kind, [kind] * 3)
    name = f"llvm.fma.v{kind.count}f{bits}" if many else f"llvm.fma.f{bits}"
    function = cgutils.get_or_insert_function(builder.module, signature, name)
    return builder.call(function, [factor, value, total])


def summed(builder: Any, vectors: list[Any]) -> Any:
    """Return a vector of the sums over the lanes of each vector, by halves.

    There are 2ⁿ vectors, of no fewer lanes. While there is more than one, two are
    folded into one, whose lanes are halves of both.
    """
    parts, width = 1, vectors[0].type.count
    while width > 1:
        half = width // 2
        pairs = [(vector, vector) for vector in vectors]
        if len(vectors) > 1:
            pairs = list(zip(vectors[::2], vectors[1::2], strict=True))
            parts *= 2
        low = [part * width + lane for part in range(parts) for lane in range(half)]
        high = [lane + half for lane in low]
        vectors = [
            builder.fadd(
                builder.shuffle_vector(*pair, _places(low)),
                builder.shuffle_vector(*pair, _places(high)),
            )
            for pair in pairs
        ]
        width = half
    return vectors[0]


def _places(places: Any) -> Any:
    return ir.Constant(ir.VectorType(INDEX, len(places)), list(places))


NARROW, WIDE = _access(8), _access(LANES)
load, store, splat = WIDE.load, WIDE.store, WIDE.splat
