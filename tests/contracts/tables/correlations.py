"""The correlations along time, each as a function of one series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seqest import metrics


def with_its_square(y: Any, n_lags: int, **options: Any) -> Any:
    """Return the correlations of another series, of the same rows, with `y`."""
    return metrics.cross_correlation(np.square(y), y, n_lags, **options)


TABLE: dict[str, Callable[..., Any]] = {
    "autocorrelation": metrics.autocorrelation,
    "cross_correlation": with_its_square,
}
