"""Statistics of a linear fit that blocks of rows add to and partners merge into."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dgemm, dgemv, dsymm, dsyr, dsyrk

from seqest._compile import parallel_map
from seqest.readouts._normal_equations import solve_shifted

__all__ = ["NARROW", "Gram", "weighted_rows"]

Rows = NDArray[np.floating[Any]]
Array = NDArray[np.float64]

# Every product of an update is SciPy's: NumPy brings a BLAS of its own, and the waiting
# threads of the one keep the other from its cores (2 to 9 times slower when mixed).
# A block is centred in a copy. Longer ones are cut, so that the copy stays below
# 64 MB, but not below 1024 rows: each cut reads and writes the whole matrix once.
COPIED_NUMBERS: Final = 2**23
LEAST_ROWS: Final = 1024
# Up to so many features products are NumPy's, which leaves other threads running
# meanwhile; SciPy's does not, but adds to a matrix in place.
NARROW: Final = 2048
# What threads share: of a small matrix the rows to be added, in parts of so many; of a
# larger one its panels, four for each so many columns.
SMALL: Final = 256
PART: Final = 1024
COLUMNS: Final = 1024


class Gram:
    r"""Weight, means and centred second moments of rows (features | targets).

    A block of weight :math:`n_b` and mean :math:`m_b` joins what is there,
    :math:`n_a` and :math:`m_a`, by

    .. math:: S \leftarrow S + S_b + \frac{n_a n_b}{n_a + n_b}\,\delta\delta^T,
        \qquad \delta = m_b - m_a

    so that no sum of raw squares ever exists and an offset of the data costs no digits.

    Parameters
    ----------
    n_features : int
        Number of features, at least 1. Memory is ``8 * n_features**2`` bytes.
    n_outputs : int
        Number of targets, at least 1.

    Attributes
    ----------
    weight : float
        Sum of the sample weights, the number of rows where there are none.
    feature_mean : ndarray of shape (n_features,)
        Weighted mean of the features.
    target_mean : ndarray of shape (n_outputs,)
        Weighted mean of the targets.
    feature_scatter : ndarray of shape (n_features, n_features)
        Weighted sum of products of centred features, in Fortran order; the lower
        triangle counts, and what stands above it means nothing.
    cross_scatter : ndarray of shape (n_outputs, n_features)
        Weighted sum of products of centred targets and centred features.
    target_scatter : ndarray of shape (n_outputs,)
        Weighted sum of squares of the centred targets.

    References
    ----------
    Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance:
    analysis and recommendations", The American Statistician 37, eq. 2.1.

    Examples
    --------
    >>> import numpy as np
    >>> gram = Gram(n_features=1, n_outputs=1)
    >>> gram.update(np.array([[1e6], [1e6 + 2]]), np.array([[0.0], [1.0]]))
    >>> gram.update(np.array([[1e6 + 4]]), np.array([[2.0]]))
    >>> float(gram.feature_scatter[0, 0])
    8.0
    """

    def __init__(self, n_features: int, n_outputs: int) -> None:
        self.n_features = n_features
        self.n_outputs = n_outputs
        self.weight = 0.0
        self.feature_mean: Array = np.zeros(n_features)
        self.target_mean: Array = np.zeros(n_outputs)
        self.feature_scatter: Array = np.zeros((n_features, n_features), order="F")
        self.cross_scatter: Array = np.zeros((n_outputs, n_features))
        self.target_scatter: Array = np.zeros(n_outputs)

    def update(
        self,
        F: Rows,
        Y: Rows,
        sample_weight: Rows | None = None,
        *,
        overwrite: bool = False,
    ) -> None:
        """Add a block of rows.

        Parameters
        ----------
        F : ndarray of shape (n_rows, n_features)
            Features.
        Y : ndarray of shape (n_rows, n_outputs)
            Targets.
        sample_weight : ndarray of shape (n_rows,), default=None
            Weights of at least 0; a row of weight 0 counts nothing.
        overwrite : bool, default=False
            Whether `F` may be destroyed, which saves a copy where it is float64 and
            C-ordered.
        """
        F, Y, weight = weighted_rows(self, F, Y, sample_weight)
        if self.n_features <= SMALL and len(F) >= 2 * PART:
            self._share(F, Y, weight, overwrite)
            return
        reuse = overwrite and F.dtype == np.float64
        reuse = reuse and F.flags.c_contiguous and F.flags.writeable
        length = len(F) if reuse else max(LEAST_ROWS, COPIED_NUMBERS // self.n_features)
        for start in range(0, len(F), length or 1):
            rows = slice(start, start + length)
            block = F[rows]
            part = None if weight is None else weight[rows]
            self._absorb(block, Y[rows], part, block if reuse else None)

    def _share(self, F: Rows, Y: Rows, weight: Array | None, overwrite: bool) -> None:
        """Add rows in parts, whose statistics threads make and this one merges."""

        def statistics(start: int) -> Gram:
            rows, part = (
                slice(start, start + PART),
                Gram(self.n_features, self.n_outputs),
            )
            weights = None if weight is None else weight[rows]
            part.update(F[rows], Y[rows], weights, overwrite=overwrite)
            return part

        for part in parallel_map(statistics, range(0, len(F), PART)):
            self.merge(part)

    def _absorb(self, F: Rows, Y: Rows, weight: Array | None, out: Rows | None) -> None:
        added = float(len(F)) if weight is None else float(weight.sum())
        if not self.weight:
            self.feature_mean[:] = F[0]
            self.target_mean[:] = Y[0]
        weights = (self.weight, added, weight)
        features = _about_the_means(F, self.feature_mean, *weights, out)
        targets = _about_the_means(Y, self.target_mean, *weights, None)
        if self.n_features <= NARROW:
            self._absorb_narrow(features, targets)
        else:
            self._absorb_wide(features, targets)
        self.target_scatter += np.einsum("to,to->o", targets, targets)
        self.weight += added

    def _absorb_narrow(self, features: Array, targets: Array) -> None:
        """Add products panel by panel, which threads share."""

        upper = self.feature_scatter.T  # rows lie in memory as products do

        def add(panel: tuple[int, int]) -> None:
            start, stop = panel
            rows = features[:, start:stop].T
            upper[start:stop, start:stop] += rows @ features[:, start:stop]
            upper[start:stop, stop:] += rows @ features[:, stop:]

        parallel_map(add, _panels(self.n_features))
        self.cross_scatter += targets.T @ features

    def _absorb_wide(self, features: Array, targets: Array) -> None:
        """Add products in place: another matrix of that size costs memory and time."""
        self.feature_scatter = dsyrk(
            1.0, features.T, beta=1.0, c=self.feature_scatter, lower=1, overwrite_c=1
        )
        self.cross_scatter = dgemm(
            1.0,
            features.T,
            targets.T,
            beta=1.0,
            c=self.cross_scatter.T,
            trans_b=1,
            overwrite_c=1,
        ).T

    def merge(self, other: Gram) -> None:
        """Add all rows that `other` has seen; the order of merges does not matter.

        Parameters
        ----------
        other : Gram
            Statistics of the same features and targets, left as they are.

        Raises
        ------
        ValueError
            If the numbers of features or targets differ.
        """
        ours, theirs = self.cross_scatter.shape, other.cross_scatter.shape
        if ours != theirs:
            raise ValueError(
                f"Gram.merge(other): must have {ours[1]} features and {ours[0]} "
                f"targets, not {theirs[1]} and {theirs[0]}."
            )
        if not other.weight:
            return
        total = self.weight + other.weight
        between = self.weight * (other.weight / total)
        features = other.feature_mean - self.feature_mean
        targets = other.target_mean - self.target_mean
        self.feature_scatter += other.feature_scatter
        if between:
            self.feature_scatter = dsyr(
                between, features, a=self.feature_scatter, lower=1, overwrite_a=1
            )
        self.cross_scatter += other.cross_scatter
        self.cross_scatter += np.outer(between * targets, features)
        self.target_scatter += other.target_scatter + between * targets**2
        self.feature_mean += (other.weight / total) * features
        self.target_mean += (other.weight / total) * targets
        self.weight = total

    @property
    def feature_squares(self) -> Array:
        """Weighted sum of squares of each centred feature, shape (n_features,)."""
        return np.array(self.feature_scatter.diagonal())

    def coefficients(
        self, alpha: float, outputs: slice | NDArray[np.bool_] = slice(None)
    ) -> tuple[Array, float]:
        """Return ridge weights (n_outputs, n_features), and how well posed they are.

        Parameters
        ----------
        alpha : float
            Penalty beside the summed squares, at least 0.
        outputs : slice or mask, default=slice(None)
            The targets to solve for.

        Returns
        -------
        coef : ndarray of shape (n_outputs, n_features)
            The weights.
        remedy : float
            0 if the equations are well conditioned, else an `alpha` that makes them so.
        """
        right = self.cross_scatter[outputs].T
        solution, remedy = solve_shifted(self.feature_scatter, alpha, right)
        return solution.T, remedy

    def squared_error(self, coef: Array, intercept: Array) -> Array:
        """Return the weighted sum of squared errors of a linear map on these rows.

        Parameters
        ----------
        coef : ndarray of shape (n_outputs, n_features)
            Weights.
        intercept : ndarray of shape (n_outputs,)
            Constants.

        Returns
        -------
        ndarray of shape (n_outputs,)
            Squares of the errors, each known to no better than the rounding of its
            terms, which is returned where less is left of them.
        """
        image = dsymm(1.0, self.feature_scatter, coef.T, lower=1).T
        error = self.target_scatter + np.einsum(
            "of,of->o", coef, image - 2 * self.cross_scatter
        )
        rounding = np.finfo(np.float64).eps * (coef**2 @ self.feature_squares)
        offset = self.target_mean - coef @ self.feature_mean - intercept
        return np.asarray(np.maximum(error, rounding) + self.weight * offset**2)


def _panels(n_features: int) -> list[tuple[int, int]]:
    """Cut an upper triangle into panels of rows of like area, by its size alone."""
    n_panels = 4 * -(-n_features // COLUMNS) if n_features > SMALL else 1
    below = 1.0 - np.arange(n_panels + 1) / n_panels
    edges = np.rint(n_features * (1.0 - np.sqrt(below)))
    return list(pairwise(edges.astype(int).tolist()))


def weighted_rows(
    owner: Any, F: Rows, Y: Rows, sample_weight: Rows | None
) -> tuple[Rows, Rows, Array | None]:
    """Return the rows whose weight is not 0, with their weights.

    Parameters
    ----------
    owner : object
        What they are for, with its numbers of features and outputs.
    F, Y : ndarray of shape (n_rows, ...)
        Features and targets.
    sample_weight : ndarray of shape (n_rows,) or None
        Weights, or None if every row counts once.

    Returns
    -------
    F, Y, sample_weight
        The same, or copies without the rows of weight 0.

    Raises
    ------
    ValueError
        If the shapes are not those that `owner` expects.
    """
    weight = None if sample_weight is None else np.asarray(sample_weight, np.float64)
    shapes = F.shape[1:], Y.shape, len(F) if weight is None else weight.size
    if shapes != ((owner.n_features,), (len(F), owner.n_outputs), len(F)):
        raise ValueError(
            f"{type(owner).__name__}.update(F, Y): must be of shape (n_rows, "
            f"{owner.n_features}) and (n_rows, {owner.n_outputs}) with n_rows weights "
            f"or none, not {F.shape} and {Y.shape} with {shapes[2]}."
        )
    if weight is None or weight.all():
        return F, Y, weight
    counts = weight != 0
    return F[counts], Y[counts], weight[counts]


def _about_the_means(
    rows: Rows,
    mean: Array,
    kept: float,
    added: float,
    weight: Array | None,
    out: Rows | None,
) -> Array:
    """Centre `rows` so that their squares also hold Chan's term; move `mean` on.

    About the point ``m_b - sqrt(n_a / n) * (m_b - m_a)`` the squares of a block come to
    those about its own mean plus exactly the rank-one term of the merge: what would be
    a second pass over the matrix is a shift of the rows.
    """
    centred: Array = np.subtract(rows, mean, out=out, order="C", dtype=np.float64)
    # Means of differences from a nearby point keep the digits that an offset costs.
    if weight is None:
        shift = centred.mean(axis=0)
    else:
        shift = dgemv(1.0 / added, centred.T, weight)
    share = added / (kept + added)
    centred -= shift * (share / (1.0 + np.sqrt(kept / (kept + added))))
    mean += share * shift
    if weight is not None:
        centred *= np.sqrt(weight)[:, np.newaxis]
    return centred
