"""Ridge regression on rows that stream by, with the penalty chosen if asked."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgWarning

from seqest._validation import shown, worded
from seqest.readouts._rows import Rows
from seqest.readouts.gram import Gram
from seqest.readouts.penalty import check_alpha

__all__ = ["RidgeReadout", "Solution"]

Array = NDArray[np.float64]
Block = NDArray[np.floating[Any]]
Statistics = Gram | Rows

N_BLOCKS: Final = 5  # of cross-validation, as scikit-learn's default cv
# At this gain an error of a ten-thousandth of a feature, which is more than most data
# are known to, comes out as large as the target. Networks at alpha=1e-8 stay below 2e3.
EXTREME_GAIN: Final = 1e4


@dataclass(frozen=True)
class Solution:
    """A linear map, and how its penalty came about.

    Parameters
    ----------
    coef : ndarray of shape (n_outputs, n_features)
        Weights.
    intercept : ndarray of shape (n_outputs,)
        Constants, which no penalty touches.
    alpha : float or ndarray of shape (n_outputs,)
        The penalty used, or that of each output.
    cv_scores : ndarray of shape (n_candidates,) or None
        For each candidate, squared error on held-out blocks divided by the variance of
        the target, averaged over outputs; None where there was nothing to choose.
    """

    coef: Array
    intercept: Array
    alpha: float | Array
    cv_scores: Array | None = None


class RidgeReadout:
    r"""Linear least squares with a penalty, fed in blocks of rows.

    .. math:: W = Y_c^T F_c (F_c^T F_c + \alpha I)^{-1}, \qquad
        b = \bar y - W \bar f

    where :math:`F_c, Y_c` are the centred features and targets of all rows. If the
    number of rows is known and below that of features, the dual is solved.

    Parameters
    ----------
    n_features : int
        Number of features.
    n_outputs : int
        Number of targets.
    alpha : float, ndarray of shape (n_outputs,), or list or tuple of float
        Penalty of at least 0 beside the *summed* squares; raising it makes weights
        smaller and forecasts smoother. An array has one per output. Of a list that one
        is taken which has the least error on five contiguous blocks, each held out in
        turn, at seven times the memory; of equals the largest.
    n_rows : int, default=None
        Number of rows to come, needed to choose from a list. None if unknown, as in
        ``partial_fit``.
    first_row : int, default=0
        Position of the first row to be fed, where several readouts are fed different
        parts and merged.
    owner : str, default="RidgeReadout"
        The estimator in whose name errors and warnings speak.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.arange(6.0).reshape(-1, 1)
    >>> readout = RidgeReadout(1, 1, alpha=0.0, n_rows=6)
    >>> readout.update(rows[:4], 2 * rows[:4] + 1)
    >>> readout.update(rows[4:], 2 * rows[4:] + 1)
    >>> solution = readout.solve()
    >>> round(solution.coef[0, 0], 6), round(solution.intercept[0], 6)
    (np.float64(2.0), np.float64(1.0))
    """

    def __init__(
        self,
        n_features: int,
        n_outputs: int,
        *,
        alpha: Any,
        n_rows: int | None = None,
        first_row: int = 0,
        owner: str = "RidgeReadout",
    ) -> None:
        self.penalty = check_alpha(owner, alpha, n_outputs, incremental=n_rows is None)
        self.owner = owner
        self.shape = n_features, n_outputs
        self.position = first_row
        self.edges = _edges(n_rows, N_BLOCKS if self.penalty.is_chosen else 1)
        kind = Rows if n_rows is not None and n_rows < n_features else Gram
        self.blocks: list[Statistics] = [
            kind(n_features, n_outputs) for _ in self.edges
        ]

    def update(
        self,
        F: Block,
        Y: Block,
        sample_weight: Block | None = None,
        *,
        overwrite: bool = False,
        places: NDArray[np.int64] | None = None,
    ) -> None:
        """Add rows.

        Parameters
        ----------
        F : ndarray of shape (n_rows, n_features)
            Features.
        Y : ndarray of shape (n_rows, n_outputs)
            Targets.
        sample_weight : ndarray of shape (n_rows,), default=None
            Weights of at least 0; a row of weight 0 counts nothing.
        overwrite : bool, default=False
            Whether `F` may be destroyed, which saves a copy.
        places : ndarray of shape (n_rows,), default=None
            Positions of the rows among all to come, which decide on their block; by
            default they follow the rows before.
        """
        if places is not None and len(self.blocks) > 1:
            self._route(
                F, Y, sample_weight, np.searchsorted(self.edges, places, "right")
            )
            return
        start = 0
        for block, edge in zip(self.blocks, self.edges, strict=True):
            stop = int(min(edge - self.position, len(F)))
            if stop > start:
                rows = slice(start, stop)
                weight = None if sample_weight is None else sample_weight[rows]
                block.update(F[rows], Y[rows], weight, overwrite=overwrite)
                start = stop
        self.position += len(F)

    def _route(
        self, F: Block, Y: Block, sample_weight: Block | None, labels: NDArray[np.int64]
    ) -> None:
        """Add each row to the block of its label."""
        for label in np.unique(labels):
            rows = labels == label
            weight = None if sample_weight is None else sample_weight[rows]
            self.blocks[label].update(F[rows], Y[rows], weight, overwrite=True)

    def merge(self, other: RidgeReadout) -> None:
        """Add all rows that `other` has seen.

        Parameters
        ----------
        other : RidgeReadout
            Fed with rows of the same features and targets, and left as it is. It must
            have been built for the same `alpha` and number of rows, unless this one
            was built for an unknown number, which takes rows from any.

        Raises
        ------
        ValueError
            If the two divide rows into different blocks.
        """
        if self.edges == other.edges and type(self.blocks[0]) is type(other.blocks[0]):
            for ours, theirs in zip(self.blocks, other.blocks, strict=True):
                ours.merge(theirs)  # type: ignore[arg-type]
        elif len(self.blocks) == 1 and isinstance(self.blocks[0], Gram):
            for theirs in other.blocks:
                rows = theirs if isinstance(theirs, Gram) else theirs.gram()
                self.blocks[0].merge(rows)
        else:
            raise ValueError(
                "RidgeReadout.merge(other): must divide rows into the same blocks. "
                "Build both with the same alpha and n_rows."
            )

    @property
    def is_finite(self) -> bool:
        """Whether no sum has overflowed."""
        return all(
            bool(np.isfinite(part).all())
            for block in self.blocks
            if block.weight
            for part in (block.feature_squares, block.target_scatter)
        )

    def merged(self, alpha: Any) -> RidgeReadout:
        """Return one with all rows in one block, and a penalty that is no choice.

        Parameters
        ----------
        alpha : float or ndarray of shape (n_outputs,)
            The penalty.

        Returns
        -------
        RidgeReadout
            Itself where it has one block.
        """
        if len(self.blocks) == 1:
            return self
        one = RidgeReadout(*self.shape, alpha=alpha, owner=self.owner)
        one.merge(self)
        return one

    def solve(self) -> Solution:
        """Return the weights that all rows so far lead to.

        Returns
        -------
        Solution
            Weights, intercept and penalty.

        Raises
        ------
        ValueError
            If no row has a positive weight, or too few to choose a penalty.

        Warns
        -----
        scipy.linalg.LinAlgWarning
            If the equations are ill-conditioned or the weights extreme.
        """
        blocks = [block for block in self.blocks if block.weight]
        if not blocks:
            raise ValueError(
                f"{self.owner}: no row with a positive weight is left to fit."
            )
        if not self.penalty.is_chosen:
            return self._solution(blocks[0], self.penalty.values)
        whole = _merged(blocks)
        scores = self._scores(blocks, whole.target_scatter)
        best = self.penalty.values[scores == scores.min()].max()
        return self._solution(whole, best, scores)

    def _scores(self, blocks: Sequence[Statistics], scatter: Array) -> Array:
        if len(blocks) < 2:
            candidates = self.penalty.values.tolist()
            rule = "one number where fewer than 2 rows are left to choose by"
            raise ValueError(worded(self.owner, "alpha", candidates, rule))
        errors = np.zeros((len(self.penalty.values), len(scatter)))
        for held_out, training in _folds(blocks):
            for row, alpha in zip(errors, self.penalty.values, strict=True):
                coef, _ = training.coefficients(alpha)
                row += held_out.squared_error(coef, _intercept(training, coef))
        return np.asarray((errors / np.where(scatter > 0, scatter, 1)).mean(axis=1))

    def _solution(
        self, whole: Statistics, alpha: Array, scores: Array | None = None
    ) -> Solution:
        coef = np.empty((whole.n_outputs, whole.n_features))
        remedy = 0.0
        for value in np.unique(alpha):
            outputs = np.broadcast_to(alpha == value, whole.n_outputs)
            coef[outputs], raised = whole.coefficients(float(value), outputs)
            remedy = max(remedy, raised)
        self._warn(whole, coef, alpha, remedy)
        used = alpha.copy() if alpha.ndim else float(alpha)
        return Solution(coef, _intercept(whole, coef), used, scores)

    def _warn(
        self, whole: Statistics, coef: Array, alpha: Array, remedy: float
    ) -> None:
        penalty = f"{self.owner}(alpha={shown(alpha.tolist())})"
        if remedy:
            warnings.warn(
                f"{penalty}: the readout's equations are ill-conditioned, and the "
                "solution of least norm is taken. Raise alpha, here to about "
                f"{remedy:.0e}, or standardise and drop alike features.",
                LinAlgWarning,
                stacklevel=4,
            )
            return
        scatter = np.where(whole.target_scatter > 0, whole.target_scatter, np.inf)
        gain = float(np.sqrt((coef**2 @ whole.feature_squares / scatter).max()))
        if gain > EXTREME_GAIN:
            warnings.warn(
                f"{penalty}: output weights are extreme; noise in the features comes "
                f"out {gain:.0e} times as large. Raise alpha, or train with noise.",
                LinAlgWarning,
                stacklevel=4,
            )


def _edges(n_rows: int | None, n_blocks: int) -> list[float]:
    """Return where blocks end, as those of scikit-learn's KFold do, the last never."""
    rows = n_rows or 0
    sizes = [rows // n_blocks + (block < rows % n_blocks) for block in range(n_blocks)]
    return [*np.cumsum(sizes[:-1], dtype=float).tolist(), np.inf]


def _merged(blocks: Sequence[Statistics]) -> Statistics:
    whole = type(blocks[0])(blocks[0].n_features, blocks[0].n_outputs)
    for block in blocks:
        whole.merge(block)  # type: ignore[arg-type]
    return whole


def _folds(blocks: Sequence[Statistics]) -> Iterator[tuple[Statistics, Statistics]]:
    """Yield each block with the merged others; subtracting one would cost digits."""
    for held_out in blocks:
        yield held_out, _merged([block for block in blocks if block is not held_out])


def _intercept(rows: Statistics, coef: Array) -> Array:
    return np.asarray(rows.target_mean - coef @ rows.feature_mean)
