"""Multiple superimposed oscillators."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqest._validation import check_integer, check_vector, worded

_PUBLISHED = (
    0.2,
    0.311,  # MSO2
    0.42,
    0.51,
    0.63,  # MSO5
    0.74,
    0.85,
    0.97,  # MSO8
    1.08,
    1.19,
    1.27,
    1.32,  # MSO12
)


def mso(n_timesteps: int, *, frequencies: int | ArrayLike = 8) -> NDArray[np.float64]:
    """Add up sines that have no short common period.

    .. math:: y(n) = \\sum_i \\sin(\\varphi_i n), \\qquad n = 0, 1, \\dots

    Parameters
    ----------
    n_timesteps : int
        Number of rows, at least 1.
    frequencies : int or array-like of shape (n_sines,), default=8
        Radians per row; an integer takes the first so many of the published 0.2, 0.311,
        0.42, 0.51, 0.63, 0.74, 0.85, 0.97, 1.08, 1.19, 1.27, 1.32. More are harder.

    Returns
    -------
    ndarray of shape (n_timesteps,)
        The series, without unit, within plus and minus the number of sines.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    B. Roeschies and C. Igel (2010), Structure optimization of reservoir networks.
    S. Otte et al. (2016), Optimizing recurrent reservoirs with neuro-evolution.

    Examples
    --------
    >>> from seqest.datasets import mso
    >>> mso(3, frequencies=2).round(4)
    array([0.    , 0.5047, 0.9722])
    """
    n_timesteps = check_integer("mso", "n_timesteps", n_timesteps, 1)
    phases = np.outer(np.arange(n_timesteps), _radians_per_row(frequencies))
    series: NDArray[np.float64] = np.sin(phases).sum(axis=1)
    return series


def _radians_per_row(frequencies: int | ArrayLike) -> NDArray[np.float64]:
    if not isinstance(frequencies, Integral):
        return check_vector("mso", "frequencies", frequencies)
    count = check_integer("mso", "frequencies", frequencies, 1)
    if count > len(_PUBLISHED):
        rule = f"at most {len(_PUBLISHED)}, the number published"
        remedy = "Pass the frequencies themselves."
        raise ValueError(worded("mso", "frequencies", frequencies, rule, remedy))
    return np.array(_PUBLISHED[:count])
