"""How outputs answer to inputs of earlier rows, lag by lag, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from seqest._sequences import read_sequences
from seqest._validation import check_numeric, check_vector, worded
from seqest.plotting._axes import add_legend, one_axes
from seqest.plotting._looks import by_name, looks
from seqest.plotting._times import format_times

__all__ = ["GradientFlowDisplay"]

Array = NDArray[np.float64]


class GradientFlowDisplay:
    r"""How outputs answer to inputs some rows before, on a logarithmic scale.

    .. math:: g_k = \sqrt{\operatorname{mean}_t
        \lVert \partial y(t) / \partial x(t - k) \rVert_F^2}

    A straight line that falls is a memory that fades by the same share in each row; one
    that rises is a gradient that explodes. What is zero is not drawn.

    Parameters
    ----------
    norms : dict of str to ndarray of shape (n_lags,)
        By the name that the legend has; "" has none.
    lags : dict of str to ndarray of shape (n_lags,)
        How many rows before, for each name.

    Attributes
    ----------
    axes_, ax_, figure_ : ndarray of Axes of shape (1,), Axes, Figure
        Where they were drawn.
    lines_ : dict of str to Line2D
        The norms by name.

    Examples
    --------
    >>> from seqest.plotting import GradientFlowDisplay
    >>> display = GradientFlowDisplay.from_norms({"linear": [1.0, 0.5, 0.25]})
    >>> display.lines_["linear"].get_xdata()
    array([0, 1, 2])
    """

    def __init__(self, norms: Mapping[str, Array], lags: Mapping[str, Any]) -> None:
        self.norms = norms
        self.lags = lags

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        *,
        n_lags: int = 20,
        groups: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw the sensitivities of fitted networks.

        Parameters
        ----------
        estimator : estimator or dict of str to estimator
            Its `sensitivity` is asked; or those of several by name.
        X, y, n_lags, groups
            As `sensitivity` takes them, in any form.
        ax
            As in `from_norms`.

        Returns
        -------
        GradientFlowDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            If an estimator has no `sensitivity`.
        ImportError, ValueError
            As `sensitivity` raises it, or in `from_norms`.
        """
        owner, norms = f"{cls.__name__}.from_estimator", {}
        for name, own in by_name(owner, "estimator", estimator).items():
            if not hasattr(own, "sensitivity"):
                rule = "a network with a sensitivity, such as LSTMRegressor"
                raise TypeError(worded(owner, "estimator", own, rule))
            slopes = own.sensitivity(X, y, groups, n_lags=n_lags)
            norms[name] = _norms(_stretches(owner, slopes, X, groups))
        return cls.from_norms(norms, ax=ax)

    @classmethod
    def from_sensitivities(cls, slopes: Any, *, ax: Any = None) -> Self:
        """Draw what `sensitivity` returned.

        Parameters
        ----------
        slopes : array-like or list of array-like, or dict of str to such
            Of one series or of several below each other in a list, each of shape
            (n_timesteps, n_lags + 1, n_outputs, n_features). Rows before the k-th do
            not count at lag k.
        ax
            As in `from_norms`.

        Returns
        -------
        GradientFlowDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            If slopes are not finite or of another shape, or as in `from_norms`.
        """
        owner, norms = f"{cls.__name__}.from_sensitivities", {}
        for name, own in by_name(owner, "slopes", slopes).items():
            pieces = own if isinstance(own, list) and np.ndim(own[0]) == 4 else [own]
            tables = [check_numeric(owner, "slopes", piece) for piece in pieces]
            for table in tables:
                if table.ndim != 4 or not np.isfinite(table).all():
                    rule = "finite, and of four dimensions as sensitivity returns it"
                    raise ValueError(worded(owner, "slopes", own, rule))
            norms[name] = _norms(tables)
        return cls.from_norms(norms, ax=ax)

    @classmethod
    def from_norms(cls, norms: Any, *, lags: Any = None, ax: Any = None) -> Self:
        """Draw norms of gradients.

        Parameters
        ----------
        norms : array-like of shape (n_lags,) or dict of str to array-like
            Not negative; of one network, or of several by name. NaN where unknown.
        lags : array-like of shape (n_lags,), default=None
            Of each norm; None counts from 0.
        ax : Axes, default=None
            Where to draw. None makes a figure.

        Returns
        -------
        GradientFlowDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if norms are negative, or none is positive.
        """
        owner = f"{cls.__name__}.from_norms"
        found: dict[str, Array] = {}
        places: dict[str, Any] = {}
        for name, own in by_name(owner, "norms", norms).items():
            values = check_numeric(owner, "norms", own)
            if values.ndim != 1 or not (values > 0).any() or (values < 0).any():
                rule = "one-dimensional, not negative and somewhere positive"
                raise ValueError(worded(owner, "norms", own, rule))
            found[name], places[name] = values, np.arange(values.size)
            if lags is not None:
                places[name] = check_vector(owner, "lags", lags, values.size)
        return cls(found, places).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax
            As in `from_norms`.

        Returns
        -------
        GradientFlowDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if there is not one Axes.
        """
        owner, new = type(self).__name__, ax is None
        self.axes_ = one_axes(owner, ax, (7.0, 4.4))
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.lines_: dict[str, Any] = {}
        every = zip(self.norms.items(), looks(len(self.norms)), strict=True)
        for number, ((name, values), look) in enumerate(every):
            drawn = np.where(values > 0, values, np.nan)
            step = max(len(drawn) // 8, 1)
            look |= {"lw": 1.8, "ms": 5, "markevery": (number % step, step)}
            (self.lines_[name],) = self.ax_.plot(
                self.lags[name], drawn, **look, label=name or None
            )
            format_times(self.ax_, np.asarray(self.lags[name]).astype(int))
        self.ax_.set_yscale("log")
        self.ax_.set_xlabel("lag k (rows)")
        self.ax_.set_ylabel("norm of ∂y(t) / ∂x(t − k) (units of y per unit of x)")
        add_legend(self.axes_, outside=new)
        return self


def _stretches(owner: str, slopes: Any, X: Any, groups: Any) -> list[Array]:
    """Return sensitivities, in the form of X, apart by stretches of a series."""
    stand_in = type(owner, (BaseEstimator,), {})()
    sequences = read_sequences(stand_in, X, groups, reset=True)
    pieces = slopes if isinstance(slopes, list) else [slopes]
    shape = pieces[0].shape[-3:]
    rows = np.concatenate([piece.reshape(-1, *shape) for piece in pieces])
    return np.split(sequences.stacked(rows), sequences.offsets[1:-1])


def _norms(stretches: Sequence[Array]) -> Array:
    """Return the root of the mean square norm at each lag, NaN where no row has it."""
    n_lags = stretches[0].shape[1]
    totals, counts = np.zeros(n_lags), np.zeros(n_lags)
    for slopes in stretches:
        squares = (slopes.astype(np.float64) ** 2).sum(axis=(2, 3))
        for lag in range(min(n_lags, len(squares))):
            totals[lag] += squares[lag:, lag].sum()
            counts[lag] += len(squares) - lag
    return np.sqrt(totals / np.where(counts > 0, counts, np.nan))
