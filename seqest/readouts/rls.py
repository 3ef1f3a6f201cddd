"""Recursive least squares: ridge regression kept up to date row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from seqest._compile import kernel
from seqest._validation import check_number
from seqest.readouts.online import OnlineReadout, linear_map

__all__ = ["RecursiveLeastSquares"]

Array = NDArray[np.float64]


class RecursiveLeastSquares(OnlineReadout):
    r"""Least squares over all rows so far, older ones discounted, in O(n²) a row.

    After each row the weights :math:`W` for the features :math:`\varphi = [1; x]` are

    .. math:: \arg\min_W \sum_{i \le t} \lambda^{t-i} \omega_i
        \lVert y_i - W \varphi_i \rVert^2 + \alpha \lVert W \rVert^2

    The recursion keeps a square root :math:`S` of the covariance :math:`P = S S^T`,
    which therefore cannot lose symmetry or definiteness (Potter):

    .. math:: f = S^T \varphi, \quad r = \lambda / \omega, \quad a = r + f^T f, \quad
        W \leftarrow W + e f^T S^T / a, \quad
        S \leftarrow \lambda^{-1/2} \left(S - S f f^T / (a + \sqrt{r a})\right)

    with :math:`e = y - W \varphi` the error before the row is learnt.

    *The prior is not forgotten.* Where features do not vary, discounting alone would
    let :math:`P` grow without bound (wind-up). So each weight in turn, once per memory
    of :math:`1 / (1 - \lambda)` rows, is shown again what it lost of the penalty: the
    row :math:`\varphi = e_i, y = 0` of weight
    :math:`\alpha (1 - \lambda^{1 / (1 - \lambda)})`. The penalty on each weight thus
    stays between :math:`\alpha / 4` and :math:`\alpha` for `forgetting` of at least
    1/2, and :math:`P` below :math:`4 / \alpha`. A memory shorter than the number of
    weights costs several such rows a step.

    Parameters
    ----------
    forgetting : float in (0, 1], default=1.0
        The discount :math:`\lambda` of what is known with each row; 1 forgets nothing.
        Raising it averages over more rows and tracks changes more slowly.
    alpha : float > 0, default=1e-6
        Penalty on the squared weights, the intercept included; the covariance starts
        at ``1 / alpha``. Raising it makes the first steps smaller.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,) or (n_outputs, n_features)
        Weights.
    intercept_ : float or ndarray of shape (n_outputs,)
        Constants.
    covariance_ : ndarray of shape (1 + n_features, 1 + n_features)
        The :math:`P` above, the intercept first; times the variance of the noise, the
        covariance of the weights.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where they have some.

    References
    ----------
    Bierman (1977), "Factorization Methods for Discrete Sequential Estimation", ch. II
    (Potter's square root). Gay (1996), "Dynamically regularized fast RLS with
    application to echo cancellation", ICASSP (the prior restored in turn). Haykin
    (2002), "Adaptive Filter Theory", ch. 9. Sussillo and Abbott (2009), "Generating
    coherent patterns of activity from chaotic neural networks", Neuron 63 (its use on
    reservoirs).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).standard_normal((50, 2))
    >>> readout = RecursiveLeastSquares().fit(X, 3 + X @ [1.0, -2.0])
    >>> readout.coef_.round(4), round(readout.intercept_, 4)
    (array([ 1., -2.]), 3.0)
    """

    def __init__(self, *, forgetting: float = 1.0, alpha: float = 1e-6) -> None:
        self.forgetting = forgetting
        self.alpha = alpha

    @property
    def covariance_(self) -> Array:
        """The inverse of the discounted squares, (1 + n_features, 1 + n_features)."""
        check_is_fitted(self)
        root = self._memory[0]
        return np.asarray(root @ root.T)

    def _first_memory(self, n_features: int) -> tuple[Array, ...]:
        owner = type(self).__name__
        check_number(owner, "forgetting", self.forgetting, "(0, 1]")
        alpha = check_number(owner, "alpha", self.alpha, "(0, inf)")
        root = np.eye(1 + n_features) / np.sqrt(alpha)
        return root, np.zeros(1)

    def _learn_rows(
        self, weights: Array, memory: tuple[Array, ...], rows: tuple[Array, ...]
    ) -> int:
        forgetting, alpha = float(self.forgetting), float(self.alpha)
        return int(learn_rows(weights, *memory, *rows, forgetting, alpha))

    def _diverged(self, row: int) -> str:
        return (
            f"RecursiveLeastSquares: row {row} is out of the range of numbers. "
            "Standardise the features and targets."
        )


@kernel
def learn_rows(
    weights: Any,  # (n_outputs, m), the intercept first; changed
    root: Any,  # (m, m): S, of which S S^T is the covariance; changed
    restored: Any,  # (1,): how many rows of the prior were due so far; changed
    X: Any,  # (n_rows, m - 1)
    Y: Any,  # (n_rows, n_outputs)
    sample_weight: Any,  # (n_rows,)
    predicted: Any,  # (n_rows, n_outputs), filled with predictions before learning
    forgetting: Any,
    alpha: Any,
) -> Any:
    """Learn rows in place; return the row that leaves the range of numbers, or -1."""
    m = len(root)
    image = np.empty(m)  # f
    error = np.empty(Y.shape[1])
    inflation = 1.0 / np.sqrt(forgetting)
    due, lost = 0.0, 0.0
    if forgetting < 1.0:
        due = m * (1.0 - forgetting)
        lost = alpha * (1.0 - forgetting ** (1.0 / (1.0 - forgetting)))
    for t in range(len(X)):
        linear_map(weights, X[t], predicted[t])
        if sample_weight[t] == 0.0:
            continue
        error[:] = Y[t] - predicted[t]
        project(root, X[t], image)
        if not absorb(
            weights, root, image, error, forgetting / sample_weight[t], inflation
        ):
            return t
        first = int(restored[0])
        restored[0] += due
        for count in range(first, int(restored[0])):
            image[:] = root[count % m]
            error[:] = -weights[:, count % m]
            absorb(weights, root, image, error, 1.0 / lost, 1.0)
    return -1


@kernel
def project(root: Any, x: Any, image: Any) -> None:
    """Fill `image` with S^T [1; x]."""
    m = len(root)
    for column in range(m):
        image[column] = root[0, column]
    for row in range(1, m):
        value = x[row - 1]
        for column in range(m):
            image[column] += value * root[row, column]


@kernel
def absorb(
    weights: Any, root: Any, image: Any, error: Any, noise: Any, inflation: Any
) -> Any:
    """Correct weights by their gain, and the root by Potter's formula, in one pass."""
    m = len(root)
    power = noise
    for column in range(m):
        power += image[column] * image[column]
    # A comparison, because `isfinite` takes x - x, which reassociation may make 0.
    if not abs(power + error.sum()) < np.inf:
        return False
    shrink = 1.0 / (power + np.sqrt(noise * power))
    for row in range(m):
        gain = 0.0
        for column in range(m):
            gain += root[row, column] * image[column]
        for output in range(len(weights)):
            weights[output, row] += gain / power * error[output]
        gain *= shrink
        for column in range(m):
            changed = root[row, column] - gain * image[column]
            root[row, column] = changed * inflation
    return True
