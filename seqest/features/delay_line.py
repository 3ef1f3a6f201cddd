"""Past values as features: the delay line, and delay lines seen through kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._sequences import Sequences
from seqest._validation import check_numeric, worded
from seqest.features._memory import ShortTermMemory
from seqest.features.taps import (
    Lags,
    deepest,
    last_rows,
    read_delays,
    require_longer,
    tapped,
    with_history,
)

__all__ = ["DelayKernels", "TappedDelayLine"]


class TappedDelayLine(ShortTermMemory):
    r"""Turn each feature into its present and past values.

    .. math:: h_{c,d}(t) = x_c(t - d), \quad d \in D_c

    for each feature c and each of its delays d. Delays reach into no other series and
    over no hole in time: where a series starts, what came before is unknown and its
    first row stands for it, so there is one row out for each row in, and no NaN.

    Parameters
    ----------
    delays : int, list of int, or dict, default=1
        An int d stands for the delays 0 to d, a list for its own; delay 0 is the
        present row. A dict gives one of the two for each feature, by its name or its
        position. Larger delays remember longer, at the price of more features.
    initial_state : {"auto", "zero", "last"}, default="auto"
        Where `transform` starts, as in `seqest.ESNRegressor`; ``"zero"`` is from rest.

    Attributes
    ----------
    delays_ : tuple of length n_features
        The delays of each feature, ascending.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where X has names.

    Raises
    ------
    TypeError
        In `fit`, if a delay is no integer.
    ValueError
        In `fit`, if a delay is negative, repeated or as long as a series, a list is
        empty, or a dict does not name each feature once.

    References
    ----------
    Waibel, Hanazawa, Hinton, Shikano and Lang (1989), "Phoneme recognition using
    time-delay neural networks", IEEE Transactions on Acoustics, Speech, and Signal
    Processing 37.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest import TappedDelayLine
    >>> x = np.arange(10.0, 60, 10).reshape(-1, 1)
    >>> TappedDelayLine([0, 2]).fit_transform(x)[2:]
    array([[30., 10.],
           [40., 20.],
           [50., 30.]])
    """

    delays_: Lags

    def __init__(self, delays: Any = 1, *, initial_state: Any = "auto") -> None:
        self.delays = delays
        self.initial_state = initial_state

    def _read(self, sequences: Sequences) -> None:
        owner = type(self).__name__
        columns = getattr(self, "feature_names_in_", self.n_features_in_)
        self.delays_ = read_delays(owner, "delays", self.delays, columns)
        depth = deepest(self.delays_)
        require_longer(owner, "delays", self.delays, depth, sequences)

    def _suffixes(self) -> Sequence[Sequence[str]]:
        return [[f"lag{lag}" for lag in own] for own in self.delays_]

    def _rest(self) -> Mapping[str, NDArray[Any]]:
        return _unknown(deepest(self.delays_), self.n_features_in_)

    def _along(
        self, sequences: Sequences, start: Mapping[str, NDArray[Any]]
    ) -> NDArray[Any]:
        return tapped(sequences.X, sequences.offsets, self.delays_, start["inputs"])

    def _after(
        self,
        sequences: Sequences,
        start: Mapping[str, NDArray[Any]],
        H: NDArray[Any] | None,
    ) -> Mapping[str, NDArray[Any]]:
        return _last_inputs(sequences, start["inputs"])


class DelayKernels(ShortTermMemory):
    r"""Turn each feature into weighted sums of its past, with weights of your own.

    .. math:: h_{c,k}(t) = \sum_{i=0}^{n-1} \kappa_k(i)\, x_c(t - i)

    for each feature c and kernel k: the generalized tapped delay line. A kernel with a
    single one at i is the delay i, a decaying one a fading trace, one that sums to
    zero a difference. Series are kept apart and begun as in `TappedDelayLine`.

    Parameters
    ----------
    kernels : array-like of shape (n_kernels, length)
        The weights, that of the present row first. Longer kernels remember longer;
        one may be longer than a series.
    initial_state : {"auto", "zero", "last"}, default="auto"
        Where `transform` starts, as in `seqest.ESNRegressor`; ``"zero"`` is from rest.

    Attributes
    ----------
    kernels_ : ndarray of shape (n_kernels, length)
        The weights as float64.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where X has names.

    Raises
    ------
    ValueError
        In `fit`, if `kernels` is not a two-dimensional array of finite numbers.

    References
    ----------
    Mozer (1993), "Neural net architectures for temporal sequence processing", in Time
    Series Prediction, on the form of short-term memory.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest import DelayKernels
    >>> x = np.array([[1.0], [2.0], [4.0], [8.0]])
    >>> DelayKernels([[0.5, 0.5], [1, -1]]).fit_transform(x)[1:]
    array([[1.5, 1. ],
           [3. , 2. ],
           [6. , 4. ]])
    """

    kernels_: NDArray[np.float64]

    def __init__(self, kernels: Any, *, initial_state: Any = "auto") -> None:
        self.kernels = kernels
        self.initial_state = initial_state

    def _read(self, sequences: Sequences) -> None:
        owner, rule = type(self).__name__, "an array of shape (n_kernels, length)"
        self.kernels_ = check_numeric(owner, "kernels", self.kernels).copy()
        if self.kernels_.ndim != 2 or self.kernels_.size == 0:
            remedy = "A single kernel k is [k]."
            raise ValueError(worded(owner, "kernels", self.kernels, rule, remedy))
        if not np.isfinite(self.kernels_).all():
            finite = f"{rule} of finite numbers"
            raise ValueError(worded(owner, "kernels", self.kernels, finite))

    def _suffixes(self) -> Sequence[Sequence[str]]:
        return [[f"kernel{k}" for k in range(len(self.kernels_))]] * self.n_features_in_

    def _rest(self) -> Mapping[str, NDArray[Any]]:
        return _unknown(self.kernels_.shape[1] - 1, self.n_features_in_)

    def _along(
        self, sequences: Sequences, start: Mapping[str, NDArray[Any]]
    ) -> NDArray[Any]:
        X, n_kernels = sequences.X, len(self.kernels_)
        rows, places = with_history(X, sequences.offsets, start["inputs"])
        H = np.empty((len(X), self.n_features_in_ * n_kernels), X.dtype)
        for c, column in enumerate(np.ascontiguousarray(rows.T)):
            # One sum for each row, of its own history: never by Fourier transform,
            # whose rounding would carry one series into another.
            for k, kernel in enumerate(self.kernels_.astype(X.dtype)):
                H[:, c * n_kernels + k] = np.convolve(column, kernel)[places]
        return H

    def _after(
        self,
        sequences: Sequences,
        start: Mapping[str, NDArray[Any]],
        H: NDArray[Any] | None,
    ) -> Mapping[str, NDArray[Any]]:
        return _last_inputs(sequences, start["inputs"])


def _unknown(depth: int, n_features: int) -> Mapping[str, NDArray[Any]]:
    return {"inputs": np.full((1, depth, n_features), np.nan)}


def _last_inputs(
    sequences: Sequences, before: NDArray[Any]
) -> Mapping[str, NDArray[Any]]:
    rows = last_rows(sequences.X, sequences.offsets, before.shape[1], before)
    return {"inputs": rows}
