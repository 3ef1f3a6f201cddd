"""How anything in this package is compiled, and spread over lanes and threads."""

from seqest._compile.elementary import (
    exponential,
    hyperbolic_tangent,
    like,
    logistic,
)
from seqest._compile.kernels import exact_kernel, kernel, specialise
from seqest._compile.lanes import LANES, load, multiply_add, splat, store
from seqest._compile.threads import one_blas_thread, overlapped, parallel_map

__all__ = [
    "LANES",
    "exact_kernel",
    "exponential",
    "hyperbolic_tangent",
    "kernel",
    "like",
    "load",
    "logistic",
    "multiply_add",
    "one_blas_thread",
    "overlapped",
    "parallel_map",
    "specialise",
    "splat",
    "store",
]
