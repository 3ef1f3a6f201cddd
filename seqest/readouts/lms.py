"""Least mean squares: the delta rule, the cheapest way to learn while running."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import kernel
from seqest._validation import check_number, worded
from seqest.readouts.online import OnlineReadout, linear_map

__all__ = ["LeastMeanSquares"]

Array = NDArray[np.float64]


class LeastMeanSquares(OnlineReadout):
    r"""Weights moved down the gradient of each row's squared error, in O(n) a row.

    With :math:`\varphi = [1; x]`, :math:`e = y - W \varphi` and sample weight
    :math:`\omega`,

    .. math:: W \leftarrow W + \eta\, \omega\, e\, \varphi^T / \lVert \varphi \rVert^2

    or without the division if not `normalized`. Normalized, a step removes the share
    :math:`\eta` of the row's error whatever the scale of the features, and is stable
    below 2. Plain, it is stable for :math:`\eta` below
    :math:`2 / \overline{\lVert \varphi \rVert^2}`, which is for the user to know.

    Parameters
    ----------
    learning_rate : float > 0, default=0.1
        The :math:`\eta` above, below 2 if normalized. Raising it learns and tracks
        faster and passes on more noise.
    normalized : bool, default=True
        Whether a step is divided by the squared length of the features.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,) or (n_outputs, n_features)
        Weights.
    intercept_ : float or ndarray of shape (n_outputs,)
        Constants.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where they have some.

    References
    ----------
    Widrow and Hoff (1960), "Adaptive switching circuits", IRE WESCON. Haykin (2002),
    "Adaptive Filter Theory", ch. 5 and 6.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).standard_normal((500, 2))
    >>> readout = LeastMeanSquares().fit(X, 3 + X @ [1.0, -2.0])
    >>> readout.coef_.round(4), round(readout.intercept_, 4)
    (array([ 1., -2.]), 3.0)
    """

    def __init__(self, *, learning_rate: float = 0.1, normalized: bool = True) -> None:
        self.learning_rate = learning_rate
        self.normalized = normalized

    def _first_memory(self, n_features: int) -> tuple[Array, ...]:
        owner = type(self).__name__
        if not isinstance(self.normalized, bool | np.bool_):
            raise TypeError(worded(owner, "normalized", self.normalized, "a bool"))
        interval = "(0, 2)" if self.normalized else "(0, inf)"
        check_number(owner, "learning_rate", self.learning_rate, interval)
        return ()

    def _learn_rows(
        self, weights: Array, memory: tuple[Array, ...], rows: tuple[Array, ...]
    ) -> int:
        learning_rate, normalized = float(self.learning_rate), bool(self.normalized)
        return int(learn_rows(weights, *rows, learning_rate, normalized))

    def _diverged(self, row: int) -> str:
        rule = f"small enough to converge, but the weights overflowed at row {row}"
        remedy = "Standardise the features, lower learning_rate"
        remedy += "." if self.normalized else " or set normalized=True."
        name = type(self).__name__
        return worded(name, "learning_rate", self.learning_rate, rule, remedy)


@kernel
def learn_rows(
    weights: Any,  # (n_outputs, 1 + n_features), the intercept first; changed
    X: Any,  # (n_rows, n_features)
    Y: Any,  # (n_rows, n_outputs)
    sample_weight: Any,  # (n_rows,)
    predicted: Any,  # (n_rows, n_outputs), filled with predictions before learning
    learning_rate: Any,
    normalized: Any,
) -> Any:
    """Learn rows in place; return the row that leaves the range of numbers, or -1."""
    n_features = X.shape[1]
    for t in range(len(X)):
        linear_map(weights, X[t], predicted[t])
        power = 1.0
        for feature in range(n_features):
            power += X[t, feature] * X[t, feature]
        rate = learning_rate * sample_weight[t] / (power if normalized else 1.0)
        for output in range(len(weights)):
            step = rate * (Y[t, output] - predicted[t, output])
            # A comparison: `isfinite` takes x - x, which reassociation may make 0.
            if not abs(step) < np.inf:
                return t
            weights[output, 0] += step
            for feature in range(n_features):
                weights[output, 1 + feature] += step * X[t, feature]
    return -1
