"""The eigenvalues of recurrent weights in the complex plane, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from seqest._validation import check_numeric, worded
from seqest.plotting._axes import add_legend, given_axes, new_axes
from seqest.plotting._looks import INK, by_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SpectrumDisplay"]

MOST = 4000  # units; the eigenvalues of more take minutes
DOTS, RADIUS = "#0072B2", "#D55E00"


class SpectrumDisplay:
    """Eigenvalues of recurrent weights, the unit circle and the spectral radius.

    An eigenvalue of size 1 keeps what it holds, one of size 0.5 loses half of it in
    each step; its angle is how far what it holds turns in a step.

    Make one with `from_estimator` or `from_matrix`.

    Parameters
    ----------
    eigenvalues : dict of str to ndarray of shape (n_units,)
        By the title of each panel.

    Attributes
    ----------
    axes_ : ndarray of Axes of shape (n_panels,)
        Where they were drawn.
    ax_ : Axes
        The first of them.
    figure_ : Figure
        The figure of these axes.
    points_, unit_circles_, radius_circles_ : list of Line2D
        Eigenvalues, the unit circle, and that through the largest eigenvalue.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.plotting import SpectrumDisplay
    >>> display = SpectrumDisplay.from_matrix(np.diag([0.5, -0.9]))
    >>> sorted(display.points_[0].get_xdata().tolist())
    [-0.9, 0.5]
    """

    def __init__(self, eigenvalues: Mapping[str, NDArray[np.complex128]]) -> None:
        self.eigenvalues = eigenvalues

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draw the recurrent weights of a fitted reservoir.

        Parameters
        ----------
        estimator : ESNRegressor, Reservoir or Pipeline
            With a `reservoir_`, in its last step that has one; each layer has a panel.
        ax
            As in `from_matrix`.

        Returns
        -------
        SpectrumDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            As in `from_matrix`.
        NotFittedError
            Before `fit`.
        TypeError
            If there is no reservoir.
        """
        check_is_fitted(estimator)
        parts = [part for _, part in getattr(estimator, "steps", [("", estimator)])]
        owner = f"{cls.__name__}.from_estimator"
        if not (stacks := [p.reservoir_ for p in parts if hasattr(p, "reservoir_")]):
            rule = "one with a reservoir, such as ESNRegressor"
            raise TypeError(worded(owner, "estimator", estimator, rule))
        layers = [layer.W for layer in stacks[-1].layers]
        if len(layers) == 1:
            return cls.from_matrix(layers[0], ax=ax)
        names = [f"layer {k}" for k in range(1, len(layers) + 1)]
        return cls.from_matrix(dict(zip(names, layers, strict=True)), ax=ax)

    @classmethod
    def from_matrix(cls, W: Any, *, ax: Any = None) -> Self:
        """Draw the eigenvalues of a matrix.

        Parameters
        ----------
        W : array-like or sparse matrix of shape (n_units, n_units), or dict of such
            Recurrent weights, or several by name.
        ax : Axes or array-like of Axes, default=None
            Where to draw: one for each matrix. None makes a figure.

        Returns
        -------
        SpectrumDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        ValueError
            If a matrix is not square, not finite, or of more than 4000 units.
        """
        owner = f"{cls.__name__}.from_matrix"
        matrices = by_name(owner, "W", W)
        return cls({key: _spectrum(owner, own) for key, own in matrices.items()}).plot(
            ax
        )

    def plot(self, ax: Any = None) -> Self:
        """Draw the panels.

        Parameters
        ----------
        ax
            As in `from_matrix`.

        Returns
        -------
        SpectrumDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if there are not as many axes as matrices.
        """
        owner, n_panels, new = type(self).__name__, len(self.eigenvalues), ax is None
        if new:
            n_columns = n_panels if n_panels < 4 else int(np.ceil(np.sqrt(n_panels)))
            shape = -(-n_panels // n_columns), n_columns
            size = 1.5 + 3.6 * shape[1], 0.8 + 3.8 * shape[0]
            every = new_axes(owner, shape, size).ravel()
            for spare in every[n_panels:]:
                spare.remove()
            self.axes_ = every[:n_panels]
        else:
            self.axes_ = given_axes(owner, ax, n_panels)
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.points_: list[Any] = []
        self.unit_circles_: list[Any] = []
        self.radius_circles_: list[Any] = []
        panels = zip(self.axes_, self.eigenvalues.items(), strict=True)
        for axes, (name, eigenvalues) in panels:
            self._draw(axes, name, eigenvalues)
        if new:  # there is no room inside given axes
            add_legend(self.axes_, outside=True)
        return self

    def _draw(self, axes: Axes, name: str, eigenvalues: NDArray[Any]) -> None:
        turn = np.linspace(0, 2 * np.pi, 361)
        circle = np.array([np.cos(turn), np.sin(turn)])
        radius = np.abs(eigenvalues).max()
        look: dict[str, Any] = {"color": INK, "lw": 1, "label": "unit circle"}
        self.unit_circles_ += axes.plot(*circle, **look)
        look = {"color": RADIUS, "lw": 1.8, "ls": "--", "label": "spectral radius"}
        self.radius_circles_ += axes.plot(*(radius * circle), **look)
        look = {"color": DOTS, "ms": 4, "mew": 0, "label": "eigenvalues"}
        points = eigenvalues.real, eigenvalues.imag
        self.points_ += axes.plot(*points, "o", **look)
        reach = 1.1 * max(1.0, radius)
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        title = f"spectral radius {radius:.3g}"
        axes.set_title(f"{name}: {title}" if name else title, fontsize="medium")
        axes.set(xlabel="real part", ylabel="imaginary part")


def _spectrum(owner: str, value: Any) -> NDArray[np.complex128]:
    """Return the eigenvalues of one matrix."""
    shape = np.shape(value)
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] == 0:
        raise ValueError(worded(owner, "W", value, "a square matrix"))
    if shape[0] > MOST:
        rule = f"of at most {MOST} units, as eigenvalues of more take minutes"
        raise ValueError(worded(owner, "W", value, rule))
    dense = value.toarray() if hasattr(value, "toarray") else value
    W = check_numeric(owner, "W", dense)
    if not np.isfinite(W).all():
        raise ValueError(worded(owner, "W", value, "finite"))
    return np.asarray(np.linalg.eigvals(W), np.complex128)
