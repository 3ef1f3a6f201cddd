"""Compile kernels ahead of their first use, and be told when one is compiled.

Kernels are compiled by Numba when they are first called, for the types they are called
with, and kept in a folder: that of the package, or ``NUMBA_CACHE_DIR``. Every later
process reads them from there.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np

from seqest._compile import when_compiling
from seqest._validation import check_choice
from seqest.estimators import (
    ElmanRegressor,
    ESNRegressor,
    GRURegressor,
    JordanRegressor,
    LSTMRegressor,
    NARXRegressor,
    TDNNRegressor,
)
from seqest.features import GammaMemory, TappedDelayLine
from seqest.readouts import LeastMeanSquares, RecursiveLeastSquares
from seqest.reservoirs import Reservoir

__all__ = ["KERNELS_OF", "compile_kernels", "when_compiling"]

N_ROWS: Final = 60
EPOCHS: Final = {"max_iter": 1, "n_iter_no_change": 1, "random_state": 0}


def compile_kernels(
    names: str | Iterable[str] | None = None, *, verbose: int = 0
) -> float:
    """Compile what the estimators need, for container images and before a deadline.

    Small models of each are fitted and asked to predict, with their default solvers and
    cells, in single and double precision. What was compiled before is found and costs
    little.

    Parameters
    ----------
    names : str or iterable of str, default=None
        Which estimators, of `KERNELS_OF`; by default all.
    verbose : int, default=0
        Whether to write a line for each on the error stream.

    Returns
    -------
    float
        Seconds it took.

    Raises
    ------
    ValueError
        If there is no estimator of a name.

    Examples
    --------
    >>> from seqest import compile_kernels
    >>> compile_kernels(["TappedDelayLine"]) < 60
    True
    """
    names = KERNELS_OF if names is None else names
    chosen = [names] if isinstance(names, str) else list(names)
    for name in chosen:
        check_choice("compile_kernels", "names", name, KERNELS_OF)
    begun = time.perf_counter()
    for name in chosen:
        compiled: list[str] = []
        start = time.perf_counter()
        with warnings.catch_warnings(), when_compiling(compiled.append):
            warnings.simplefilter("ignore")
            for dtype in (np.float64, np.float32):
                KERNELS_OF[name](dtype)
        if verbose:
            seconds = time.perf_counter() - start
            found = (
                f"compiled in {seconds:.1f} s" if compiled else "was compiled before"
            )
            sys.stderr.write(f"{name}: {found}\n")
    return time.perf_counter() - begun


def _rows(dtype: Any, n_series: int = 1) -> tuple[Any, Any]:
    """Return inputs (n_rows, 2) and targets, or as many series of them."""
    X = np.random.default_rng(0).uniform(-1, 1, (n_series, N_ROWS, 2)).astype(dtype)
    X = X if n_series > 1 else X[0]
    return X, X[..., :1]


def _reservoir(dtype: Any) -> None:
    # Sparse, dense and shift; step by step, side by side, and on own outputs.
    for topology in ("random", "orthogonal", "ring"):
        for n_series in (1, 3):
            X, y = _rows(dtype, n_series)
            for feedback in (0.0, 0.1):
                model = ESNRegressor(
                    60, topology=topology, feedback_scaling=feedback, random_state=0
                )
                model.fit(X, y).predict(X)
        x = _rows(dtype)[0]
        ESNRegressor(60, topology=topology).fit(x[:-1], x[1:]).forecast(2)
        Reservoir(60, topology=topology).fit_transform(x)


def _network(kind: Any, autonomous: bool = True) -> Callable[[Any], None]:
    def run(dtype: Any) -> None:
        # One sequence, as many as half of the lanes hold, and more.
        for n_series in (1, 6, 24):
            X, y = _rows(dtype, n_series)
            kind(8, **EPOCHS).fit(X, y).predict(X)
        if autonomous:
            x = _rows(dtype)[0]
            kind(8, **EPOCHS).fit(x[:-1], x[1:]).forecast(2)

    return run


def _memory(kind: Any) -> Callable[[Any], None]:
    return lambda dtype: kind().fit_transform(_rows(dtype)[0])


def _online(kind: Any) -> Callable[[Any], None]:
    def run(dtype: Any) -> None:
        X, y = _rows(dtype)
        kind().fit(X, y[:, 0])

    return run


def _forecaster(dtype: Any) -> None:
    from seqest.forecasting import Forecaster  # brings libraries that take time

    y = np.sin(np.arange(N_ROWS) / 2).astype(dtype)
    Forecaster(ESNRegressor(random_state=0), seasonal_period=12).fit(y=y).get_forecast(
        3
    ).conf_int()


KERNELS_OF: Final[Mapping[str, Callable[[Any], Any]]] = {
    "ESNRegressor": _reservoir,
    "ElmanRegressor": _network(ElmanRegressor),
    "JordanRegressor": _network(JordanRegressor),
    "GRURegressor": _network(GRURegressor),
    "LSTMRegressor": _network(LSTMRegressor),
    "TDNNRegressor": _network(TDNNRegressor, autonomous=False),
    "NARXRegressor": _network(NARXRegressor, autonomous=False),
    "TappedDelayLine": _memory(TappedDelayLine),
    "GammaMemory": _memory(GammaMemory),
    "RecursiveLeastSquares": _online(RecursiveLeastSquares),
    "LeastMeanSquares": _online(LeastMeanSquares),
    "Forecaster": _forecaster,
}
