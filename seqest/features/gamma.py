"""The gamma memory: a delay line whose taps fade, one parameter from sharp to deep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import kernel
from seqest._sequences import Sequences
from seqest._validation import check_integer, check_number, check_vector
from seqest.features._memory import ShortTermMemory

__all__ = ["GammaMemory"]


class GammaMemory(ShortTermMemory):
    r"""Turn each feature into a cascade of leaky averages of its past.

    .. math::

        g_0(t) &= x(t) \\
        g_k(t) &= (1 - \mu)\, g_k(t-1) + \mu\, g_{k-1}(t-1), \quad k = 1 \dots K

    for each feature. Tap k weighs the past by a discrete gamma density of mean delay
    :math:`k / \mu`: the memory is :math:`K / \mu` rows deep, at a resolution of
    :math:`\mu` taps a row. At :math:`\mu = 1` it is the delay line
    ``TappedDelayLine(order)``. Where a series starts, all taps hold its first row.

    Parameters
    ----------
    order : int, default=3
        Number K of taps beside the present row, at least 0. More are deeper.
    mu : float or array-like of shape (n_features,), default=0.5
        In (0, 2), for all features or each its own; outside, the taps would grow
        without bound. Lower is deeper and blurs more; above 1 the taps overshoot.
    initial_state : {"auto", "zero", "last"}, default="auto"
        Where `transform` starts, as in `seqest.ESNRegressor`; ``"zero"`` is from rest.

    Attributes
    ----------
    mu_ : ndarray of shape (n_features,)
        That of each feature.
    n_taps_ : int
        Features made of each, ``order + 1``.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where X has names.

    Raises
    ------
    TypeError
        In `fit`, if `order` is no integer.
    ValueError
        In `fit`, if `order` is negative or `mu` outside (0, 2).

    References
    ----------
    de Vries and Principe (1992), "The gamma model: a new neural model for temporal
    processing", Neural Networks 5, pages 565 to 576.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest import GammaMemory
    >>> x = np.array([[0.0], [1], [0], [0], [0]])
    >>> GammaMemory(2, 0.5).fit_transform(x)[1:]
    array([[1.   , 0.   , 0.   ],
           [0.   , 0.5  , 0.   ],
           [0.   , 0.25 , 0.25 ],
           [0.   , 0.125, 0.25 ]])
    """

    mu_: NDArray[np.float64]

    def __init__(
        self, order: int = 3, mu: Any = 0.5, *, initial_state: Any = "auto"
    ) -> None:
        self.order = order
        self.mu = mu
        self.initial_state = initial_state

    def _read(self, sequences: Sequences) -> None:
        owner, interval = type(self).__name__, "(0, 2)"
        self.n_taps_ = check_integer(owner, "order", self.order, 0) + 1
        if isinstance(self.mu, Real):
            mu = check_number(owner, "mu", self.mu, interval)
            self.mu_ = np.full(self.n_features_in_, mu)
            return
        self.mu_ = check_vector(owner, "mu", self.mu, self.n_features_in_).copy()
        for k, mu in enumerate(self.mu_):
            check_number(owner, f"mu[{k}]", float(mu), interval)

    def _suffixes(self) -> Sequence[Sequence[str]]:
        own = [f"gamma{k}" for k in range(self.n_taps_)]
        return [own] * self.n_features_in_

    def _rest(self) -> Mapping[str, NDArray[Any]]:
        return {"taps": np.full((1, self.n_features_in_, self.n_taps_), np.nan)}

    def _along(
        self, sequences: Sequences, start: Mapping[str, NDArray[Any]]
    ) -> NDArray[Any]:
        X, offsets = sequences.X, sequences.offsets
        H = np.empty((len(X), self.mu_.size, self.n_taps_), X.dtype)
        gain, decay = self.mu_.astype(X.dtype), (1 - self.mu_).astype(X.dtype)
        run_along(X, offsets, decay, gain, start["taps"].copy(), H)
        return H.reshape(len(X), -1)

    def _after(
        self,
        sequences: Sequences,
        start: Mapping[str, NDArray[Any]],
        H: NDArray[Any] | None,
    ) -> Mapping[str, NDArray[Any]]:
        if H is None:
            H = self._along(sequences, start)
        ends = H[sequences.offsets[1:] - 1]
        return {"taps": ends.reshape(-1, self.mu_.size, self.n_taps_)}


@kernel
def run_along(X: Any, offsets: Any, decay: Any, gain: Any, taps: Any, H: Any) -> None:
    """Run along each stretch from `taps`, (n_stretches, n_columns, n_taps), into H."""
    n_taps = taps.shape[2]
    for stretch in range(offsets.size - 1):
        g = taps[stretch]
        for row in range(offsets[stretch], offsets[stretch + 1]):
            for column in range(X.shape[1]):
                x = X[row, column]
                if np.isnan(g[column, 0]):  # at rest
                    g[column, :] = x
                for k in range(n_taps - 1, 0, -1):
                    faded = decay[column] * g[column, k]
                    g[column, k] = faded + gain[column] * g[column, k - 1]
                g[column, 0] = x
                for k in range(n_taps):
                    H[row, column, k] = g[column, k]
