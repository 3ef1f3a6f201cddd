"""How a readout is trained on blocks of features, whatever kind of readout it is."""

from __future__ import annotations

from contextlib import nullcontext
from copy import deepcopy
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from seqest._compile import one_blas_thread
from seqest._validation import worded
from seqest.readouts import RidgeReadout
from seqest.readouts.gram import NARROW
from seqest.readouts.online import OnlineReadout
from seqest.reservoirs.free_run import LinearReadout

__all__ = ["AnyReadout", "Trainer", "trainer_for"]

# What alpha="auto" chooses from, and what it is where it cannot choose: in pieces, with
# fewer rows than this, or where a Gram matrix for each block is too large.
CANDIDATES = (1e-6, 1e-4, 1e-2, 1.0, 100.0)
ALPHA = 1e-4
FEWEST_ROWS = 20

Rows = NDArray[Any]
Weights = NDArray[np.float64] | None


class AnyReadout:
    """A fitted scikit-learn regressor as a readout.

    Attributes
    ----------
    regressor : object
        Fitted.
    """

    def __init__(self, regressor: Any) -> None:
        self.regressor = regressor

    def predict(self, F: Rows) -> NDArray[np.float64]:
        """Return the outputs of rows of features, shape (n_rows, n_outputs)."""
        outputs = np.asarray(self.regressor.predict(F), np.float64)
        return outputs.reshape(len(F), -1)


class Trainer(Protocol):
    """Takes features block by block and gives a readout."""

    alpha: Any
    beside: bool  # whether rows may be taken in while the next ones are made

    def update(self, F: Rows, Y: Rows, weights: Weights, places: Rows) -> None:
        """Take rows, which may be overwritten.

        `places` (n_rows,) are their positions among all rows to come: blocks of many
        series come interleaved.
        """

    def readout(self) -> LinearReadout | AnyReadout:
        """Return the readout that all rows so far lead to."""

    def continued(self) -> Trainer:
        """Return a trainer that goes on from here and leaves this one as it is."""


def trainer_for(
    owner: str,
    readout: Any,
    alpha: Any,
    shape: tuple[int, int],
    n_rows: int | None,
) -> Trainer:
    """Return the trainer of a readout.

    Parameters
    ----------
    owner : str
        The estimator, for errors.
    readout : None, or a scikit-learn regressor
        None is ridge regression with `alpha`.
    alpha : object
        As taken by `RidgeReadout`.
    shape : (int, int)
        Number of features and outputs.
    n_rows : int or None
        Rows to come; None where more may come later.
    """
    if readout is None:
        return RidgeTrainer(owner, alpha, shape, n_rows)
    is_instance = hasattr(readout, "fit") and not isinstance(readout, type)
    if not (is_instance and hasattr(readout, "predict")):
        raise TypeError(
            worded(owner, "readout", readout, "None or a scikit-learn regressor")
        )
    if isinstance(readout, OnlineReadout):
        return OnlineTrainer(clone(readout), shape)
    if n_rows is not None:
        return BatchTrainer(clone(readout), shape)
    if not hasattr(readout, "partial_fit"):
        raise TypeError(
            worded(owner, "readout", readout, "one with partial_fit to be fitted so")
        )
    return OnlineTrainer(clone(readout), shape)


class RidgeTrainer:
    """Ridge regression from streamed statistics."""

    def __init__(
        self, owner: str, alpha: Any, shape: tuple[int, int], n_rows: int | None
    ) -> None:
        self.owner, self.shape = owner, shape
        if isinstance(alpha, str) and alpha == "auto":
            choose = n_rows is not None and n_rows >= FEWEST_ROWS and shape[0] <= NARROW
            alpha = list(CANDIDATES) if choose else ALPHA
        self.beside = shape[0] <= NARROW
        self.statistics = RidgeReadout(*shape, alpha=alpha, n_rows=n_rows, owner=owner)
        self.before: RidgeReadout | None = None
        self.alpha: Any = None

    def update(self, F: Rows, Y: Rows, weights: Weights, places: Rows) -> None:
        """Add rows to the statistics."""
        with np.errstate(over="ignore", invalid="ignore"):
            self.statistics.update(F, Y, weights, overwrite=True, places=places)

    def readout(self) -> LinearReadout:
        """Solve for the weights."""
        if self.before is not None:
            self.statistics.merge(self.before)
            self.before = None
        if not self.statistics.is_finite:
            raise ValueError(
                f"{self.owner}: X, y or the states are too large to add up their "
                "squares. Standardise the data, e.g. with StandardScaler, or lower "
                "spectral_radius."
            )
        with one_blas_thread() if self.beside else nullcontext():
            solution = self.statistics.solve()
            self.alpha = solution.alpha
            self.statistics = self.statistics.merged(self.alpha)
        return LinearReadout(solution.coef, solution.intercept)

    def continued(self) -> RidgeTrainer:
        """Return a trainer for more rows, which joins this one's when it solves.

        A penalty that was chosen stays.
        """
        more = RidgeTrainer(self.owner, self.alpha, self.shape, None)
        more.before = self.statistics
        return more


class OnlineTrainer:
    """A regressor with `partial_fit`, fed in row order."""

    def __init__(self, regressor: Any, shape: tuple[int, int]) -> None:
        self.regressor, self.n_outputs = regressor, shape[1]
        self.beside = False
        self.alpha: Any = None

    def update(self, F: Rows, Y: Rows, weights: Weights, places: Rows) -> None:
        """Feed rows on."""
        extra = {} if weights is None else {"sample_weight": weights}
        # One that may learn step by step as well is always given outputs as columns.
        columns = isinstance(self.regressor, OnlineReadout)
        self.regressor.partial_fit(F, Y if columns else _targets(Y), **extra)

    def step(self, F: Rows, y: Rows, weight: float) -> Rows:
        """Return the outputs of one row of features, then learn its target y.

        F is (1, n_features) and y (n_outputs,); a weight of 0 leaves the row out.
        Before any row is learned the outputs are 0.
        """
        if isinstance(self.regressor, OnlineReadout):
            if not hasattr(self.regressor, "n_features_in_"):
                self.regressor.begin(F.shape[1], self.n_outputs)
            row, target = F[0].astype(np.float64), y.astype(np.float64)
            return self.regressor.step(row, target, weight)
        output = np.zeros(self.n_outputs)
        if hasattr(self.regressor, "n_features_in_"):
            output = np.asarray(self.regressor.predict(F)).reshape(self.n_outputs)
        if weight > 0:
            weights = None if weight == 1 else np.array([weight])
            self.update(F, y[None], weights, np.zeros(1))
        return output

    def readout(self) -> LinearReadout | AnyReadout:
        """Return the readout as it is now."""
        return _fitted(self.regressor, self.n_outputs)

    def continued(self) -> OnlineTrainer:
        """Return a trainer that goes on from here and leaves this one alone."""
        return deepcopy(self)


class BatchTrainer:
    """A regressor that needs all rows at once: T x N numbers are kept for it."""

    def __init__(self, regressor: Any, shape: tuple[int, int]) -> None:
        self.regressor, self.n_outputs = regressor, shape[1]
        self.parts: list[tuple[Rows, Rows, Weights, Rows]] = []
        self.beside = False
        self.alpha: Any = None

    def update(self, F: Rows, Y: Rows, weights: Weights, places: Rows) -> None:
        """Keep a copy of the rows."""
        self.parts.append((F.copy(), Y.copy(), weights, places))

    def readout(self) -> LinearReadout | AnyReadout:
        """Fit the regressor."""
        features, targets, weights, places = zip(*self.parts, strict=True)
        order = np.argsort(np.concatenate(places))
        extra = {}
        if weights[0] is not None:
            extra["sample_weight"] = np.concatenate(weights)[order]
        F, Y = np.concatenate(features)[order], np.concatenate(targets)[order]
        self.parts = []
        self.regressor.fit(F, _targets(Y), **extra)
        return _fitted(self.regressor, self.n_outputs)

    def continued(self) -> OnlineTrainer:
        """Go on row by row, or raise: rows that are gone cannot be fitted again."""
        if hasattr(self.regressor, "partial_fit"):
            more = OnlineTrainer(self.regressor, (0, self.n_outputs))
            return more.continued()
        name = type(self.regressor).__name__
        raise TypeError(
            f"readout={name}() has no partial_fit, so it cannot learn in pieces. Use "
            "fit, or a readout that has it."
        )


def _targets(Y: Rows) -> Rows:
    """Return a single output as most regressors expect it, 1-D."""
    return Y[:, 0] if Y.shape[1] == 1 else Y


def _fitted(regressor: Any, n_outputs: int) -> LinearReadout | AnyReadout:
    """Return a regressor as a linear readout where its predictions are linear."""
    coef = getattr(regressor, "coef_", None)
    intercept = getattr(regressor, "intercept_", None)
    if coef is None or intercept is None or not _is_linear(regressor):
        return AnyReadout(regressor)
    return LinearReadout(
        np.array(coef, np.float64).reshape(n_outputs, -1),
        np.broadcast_to(np.asarray(intercept, np.float64), (n_outputs,)).copy(),
    )


def _is_linear(regressor: Any) -> bool:
    """Say whether `predict` is coef x + intercept: a library's own, and so at points.

    One that somebody has overridden may do more at other points.
    """
    if not type(regressor).predict.__module__.startswith(("sklearn.", "seqest.")):
        return False
    coef = np.asarray(regressor.coef_)
    ramp = np.linspace(-1, 1, coef.shape[-1])
    points = np.vstack([np.zeros_like(ramp), ramp, -ramp, ramp**2])
    expected = points @ coef.T + regressor.intercept_
    got = np.asarray(regressor.predict(points))
    return expected.size == got.size and bool(
        np.allclose(expected.reshape(got.shape), got)
    )
