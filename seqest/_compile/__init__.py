"""How anything in this package is compiled, and spread over lanes and threads."""

from seqest._compile.elementary import (
    exponential,
    hyperbolic_tangent,
    like,
    logistic,
)
from seqest._compile.kernels import (
    exact_kernel,
    is_kernel,
    kernel,
    specialise,
)
from seqest._compile.lanes import (
    LANES,
    NARROW,
    WIDE,
    Access,
    lanes_sum,
    load,
    multiply_add,
    splat,
    store,
)
from seqest._compile.notices import when_compiling
from seqest._compile.threads import one_blas_thread, overlapped, parallel_map
from seqest._compile.tiles import (
    NARROW_TILES,
    WIDE_TILES,
    TileAccess,
    add_outer,
    add_products,
    add_sums,
    store_tile,
)

__all__ = [
    "LANES",
    "NARROW",
    "NARROW_TILES",
    "WIDE",
    "WIDE_TILES",
    "Access",
    "TileAccess",
    "add_outer",
    "add_products",
    "add_sums",
    "exact_kernel",
    "exponential",
    "hyperbolic_tangent",
    "is_kernel",
    "kernel",
    "lanes_sum",
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
    "store_tile",
    "when_compiling",
]
