"""exp, tanh and the logistic function, against extended precision."""

from __future__ import annotations

import numpy as np
import pytest

from seqest._compile import exponential, hyperbolic_tangent, kernel, logistic


@kernel
def map_exponential(x):
    for i in range(x.size):
        x[i] = exponential(x[i])


@kernel
def map_tanh(x):
    for i in range(x.size):
        x[i] = hyperbolic_tangent(x[i])


@kernel
def map_logistic(x):
    for i in range(x.size):
        x[i] = logistic(x[i])


def exact_logistic(x):
    return np.where(x < 0, np.exp(x) / (1 + np.exp(x)), 1 / (1 + np.exp(-x)))


FUNCTIONS = {
    "exp": (map_exponential, np.exp),
    "tanh": (map_tanh, np.tanh),
    "logistic": (map_logistic, exact_logistic),
}
LIMIT = {np.float64: 745.0, np.float32: 103.0}

# The oracle needs more digits than float64: x87 extended or quadruple precision.
extended = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 60, reason="long double is no wider than double"
)


def whole_range(dtype):
    """Return numbers over all magnitudes, dense where the functions bend."""
    rng = np.random.default_rng(0)
    limit = LIMIT[dtype]
    parts = [
        rng.uniform(-limit, limit, 200_000),
        rng.uniform(-5, 5, 200_000),
        rng.choice([-1, 1], 200_000) * 10.0 ** rng.uniform(-300, 2, 200_000),
        np.nextafter(np.arange(-40, 40) * np.log(2) / 2, 0),
    ]
    return np.concatenate(parts).astype(dtype)


@extended
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors_stay_within_two_units_in_the_last_place(name, dtype):
    mapped, exact = FUNCTIONS[name]
    x = whole_range(dtype)
    with np.errstate(over="ignore", under="ignore"):
        true = exact(x.astype(np.longdouble))
        rounded = true.astype(dtype)
        unit = np.spacing(np.abs(rounded)).astype(np.longdouble)
    got = x.copy()
    mapped(got)
    finite = np.isfinite(rounded)
    errors = np.abs(got[finite].astype(np.longdouble) - true[finite]) / unit[finite]
    assert errors.max() <= 2


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("exp", [np.nan, np.inf, 0, 1, np.inf, 0]),
        ("tanh", [np.nan, 1, -1, 0, 1, -1]),
        ("logistic", [np.nan, 1, 0, 0.5, 1, 0]),
    ],
)
def test_special_values_pass_through(name, expected, dtype):
    huge = np.finfo(dtype).max
    x = np.array([np.nan, np.inf, -np.inf, 0, huge, -huge], dtype)
    FUNCTIONS[name][0](x)
    np.testing.assert_array_equal(x, np.array(expected, dtype))


def test_exp_underflows_through_the_subnormal_numbers():
    x = np.array([-708.5, -720.0, -740.0, -745.0])
    exact = np.exp(x)
    map_exponential(x)
    assert np.all(x > 0)
    # A subnormal number has few digits: half of the last one is a large share.
    np.testing.assert_allclose(x, exact, rtol=0, atol=2 * 5e-324)


@pytest.mark.parametrize("function", [exponential, hyperbolic_tangent, logistic])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_compiled_type_is_that_of_the_argument(function, dtype):
    @kernel
    def call(x):
        return function(x)

    call(dtype(0.3))
    assert call.nopython_signatures[-1].return_type.name == np.dtype(dtype).name
