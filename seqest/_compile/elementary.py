"""exp, tanh and the logistic function in a form that LLVM vectorises.

A call of the C library's ``tanh`` costs several ns an element and keeps its loop
scalar. These are straight-line arithmetic, inlined, and cost some tenths.

Accuracy over the whole range, held by the tests against extended precision: at most
2 units in the last place, in float64 and float32. NaN passes through; overflow gives
infinity; underflow goes through the subnormal numbers to zero. Relative accuracy is
kept near zero by working with exp(r) - 1 (Tang 1992, "Table-driven implementation of
the expm1 function"; Muller 2016, "Elementary functions", section 11.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from seqest._compile.kernels import exact_kernel

__all__ = ["exponential", "hyperbolic_tangent", "like", "logistic"]

LOG2_E = 1.4426950408889634
# log 2 = high + low, the high part short enough that k * high is exact.
LOG2_HIGH, LOG2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
LOG2_HIGH_32, LOG2_LOW_32 = 0.693145751953125, 1.428606765330187e-06


@intrinsic  # type: ignore[untyped-decorator]
def constant(typing: Any, x: Any, double: Any, single: Any) -> Any:
    """Return `double` for a float64 x, `single` as float32 for a float32 x."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if x is types.float64:
            return arguments[1]
        return builder.fptrunc(arguments[2], ir.FloatType())

    return x(x, types.float64, types.float64), lower


@intrinsic  # type: ignore[untyped-decorator]
def is_double(typing: Any, x: Any) -> Any:
    """Return whether x is a float64: known when compiled, so no branch remains."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(ir.IntType(1), x is types.float64)

    return types.boolean(x), lower


@intrinsic  # type: ignore[untyped-decorator]
def power_of_two(typing: Any, x: Any, exponent: Any) -> Any:
    """Return 2**exponent, a normal number, in the type of x; `exponent` is int32."""
    bits, fraction, bias = (64, 52, 1023) if x is types.float64 else (32, 23, 127)

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        integer = ir.IntType(bits)
        biased = builder.add(arguments[1], ir.Constant(ir.IntType(32), bias))
        if bits == 64:
            biased = builder.sext(biased, integer)
        shifted = builder.shl(biased, ir.Constant(integer, fraction))
        return builder.bitcast(shifted, context.get_value_type(x))

    return x(x, types.int32), lower


@intrinsic  # type: ignore[untyped-decorator]
def nearest_integer(typing: Any, x: Any) -> Any:
    """Return the integer nearest to x, as a float."""
    return x(x), _llvm("llvm.rint")


@intrinsic  # type: ignore[untyped-decorator]
def fused(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """Return ``a * b + c`` rounded once."""
    return a(a, a, a), _llvm("llvm.fma")


def _llvm(name: str) -> Callable[..., Any]:
    """Return the lowering that calls an LLVM intrinsic on floats."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = context.get_value_type(signature.return_type)
        function_type = ir.FunctionType(kind, [kind] * len(arguments))
        function = builder.module.declare_intrinsic(name, [kind], function_type)
        return builder.call(function, arguments)

    return lower


@intrinsic  # type: ignore[untyped-decorator]
def to_int32(typing: Any, x: Any) -> Any:
    """Return a float with an integer value as int32."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fptosi(arguments[0], ir.IntType(32))

    return types.int32(x), lower


@intrinsic  # type: ignore[untyped-decorator]
def halves(typing: Any, k: Any) -> Any:
    """Return ``(k >> 1, k - (k >> 1))`` as int32; Numba itself widens to int64."""
    pair = types.UniTuple(types.int32, 2)

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        half = builder.ashr(arguments[0], ir.Constant(ir.IntType(32), 1))
        return context.make_tuple(
            builder, pair, [half, builder.sub(arguments[0], half)]
        )

    return pair(types.int32), lower


@exact_kernel
def like(x: Any, value: float) -> Any:
    """Return `value` in the type of x."""
    return constant(x, value, value)


@exact_kernel
def nearest_power(x: Any) -> Any:
    """Return the integer k nearest to x / log 2, as a float; 0 for NaN."""
    k = nearest_integer(x * like(x, LOG2_E))
    return k if k == k else like(x, 0.0)


@exact_kernel
def remainder(x: Any, k: Any) -> Any:
    """Return x - k log 2."""
    high = constant(x, LOG2_HIGH, LOG2_HIGH_32)
    low = constant(x, LOG2_LOW, LOG2_LOW_32)
    return (x - k * high) - k * low


@exact_kernel
def exp_minus_one(r: Any) -> Any:
    """Return exp(r) - 1 for |r| <= log(2) / 2, by its Taylor series.

    It goes to degree 13, in float32 to 8. The terms are summed in pairs and fours
    (Estrin), so that few wait for another.
    """
    r2 = r * r
    r4 = r2 * r2
    low = (like(r, 1 / 2) + like(r, 1 / 6) * r) + r2 * (
        like(r, 1 / 24) + like(r, 1 / 120) * r
    )
    middle = like(r, 1 / 720) + like(r, 1 / 5040) * r
    if not is_double(r):
        return r2 * (low + r4 * (middle + r2 * like(r, 1 / 40320))) + r
    middle += r2 * (like(r, 1 / 40320) + like(r, 1 / 362880) * r)
    high = (like(r, 1 / 3628800) + like(r, 1 / 39916800) * r) + r2 * (
        like(r, 1 / 479001600) + like(r, 1 / 6227020800) * r
    )
    return r2 * (low + r4 * (middle + r4 * high)) + r


@exact_kernel
def exponential(x: Any) -> Any:
    """Return exp(x)."""
    low, high = constant(x, -746.0, -105.0), constant(x, 710.0, 89.0)
    y = low if x < low else x
    y = high if y > high else y
    k = nearest_power(y)
    grown = exp_minus_one(remainder(y, k)) + like(x, 1.0)
    # In two steps, since 2**k itself may be subnormal or overflow.
    half, rest = halves(to_int32(k))
    return grown * power_of_two(x, half) * power_of_two(x, rest)


@exact_kernel
def quotient(numerator: Any, large: Any, small: Any) -> Any:
    """Return numerator / (large + small), the rounding of the sum made good."""
    total = large + small
    lost = small - (total - large)
    inverse = like(total, 1.0) / total
    result = numerator * inverse
    residual = fused(-result, total, numerator) - result * lost
    return fused(residual, inverse, result)


@exact_kernel
def hyperbolic_tangent(x: Any) -> Any:
    """Return tanh(x) = t / (2 + t) with t = exp(2|x|) - 1, signed as x."""
    one, two, limit = like(x, 1.0), like(x, 2.0), like(x, 40.0)
    y = abs(x) + abs(x)
    y = limit if y > limit else y
    k = nearest_power(y)
    scale = power_of_two(x, to_int32(k))
    t = fused(scale, exp_minus_one(remainder(y, k)), scale - one)
    large, small = (t, two) if t > two else (two, t)
    result = quotient(t, large, small)
    return -result if x < like(x, 0.0) else result


@exact_kernel
def logistic(x: Any) -> Any:
    """Return 1 / (1 + exp(-x)), by whichever of exp(x), exp(-x) is below 1."""
    one = like(x, 1.0)
    small = exponential(-abs(x))
    return quotient(small if x < like(x, 0.0) else one, one, small)
