"""The first rows of a stretch, which a readout does not learn from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_integer

__all__ = ["require_rows_left", "require_some", "washouts_of"]

LONGEST = 100


def washouts_of(
    owner: str, washout: Any, lengths: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the washout of stretches that start from rest.

    Parameters
    ----------
    owner : str
        Named in errors.
    washout : int >= 0 or "auto"
        As given; "auto" is min(100, a tenth) of each.
    lengths : ndarray of shape (n_stretches,)
        Their rows.

    Returns
    -------
    ndarray of shape (n_stretches,)
        Rows, which may be more than there are.

    Raises
    ------
    TypeError, ValueError
        If `washout` is neither.
    """
    if isinstance(washout, str) and washout == "auto":
        return np.minimum(LONGEST, lengths // 10)
    remedy = "Give a number of rows, or 'auto'."
    return np.full_like(lengths, check_integer(owner, "washout", washout, 0, remedy))


def require_rows_left(
    lengths: NDArray[np.int64], washout: int, per_series: bool
) -> None:
    """Raise where no stretch is longer than the washout."""
    longest = int(lengths.max())
    if washout >= longest and not per_series:
        raise ValueError(
            f"X has {longest} rows but washout={washout} discards them all; lower "
            "washout or pass longer series."
        )


def require_some(owner: str, taken: NDArray[np.bool_]) -> None:
    """Raise where no row is taken."""
    if not taken.any():
        raise ValueError(
            f"{owner}: no row is left to learn from after washout, missing targets and "
            "rows of no weight."
        )
