"""The correlations of residuals with their own past and with inputs, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from seqest.metrics._series import read_series
from seqest.plotting._axes import given_axes, new_axes
from seqest.plotting._panels import Panel, draw_panel, panels_of
from seqest.plotting._residuals import one_step_predictions

__all__ = ["ResidualCorrelationDisplay"]


class ResidualCorrelationDisplay:
    """Correlations of residuals with their own past and with inputs, by lag.

    Of a model that missed nothing linear they stay within the band, but for a share
    `alpha`. Those outside are filled diamonds. At lag k > 0 the input comes k rows
    before the residual; negative lags speak of feedback, and not against the model.

    Make one with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    panels : sequence of sequence of Panel
        For each output the correlogram of its residuals, and those with each input.

    Attributes
    ----------
    axes_, ax_, figure_ : ndarray of Axes of shape (n_outputs, n_panels), Axes, Figure
        Where they were drawn, the first of these, and their figure.
    stems_, inside_, outside_, bands_ : list of artists
        The lines, markers and band of each panel, in the order of ``axes_.ravel()``.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.plotting import ResidualCorrelationDisplay
    >>> e, u = np.random.default_rng(0).standard_normal((2, 100))
    >>> display = ResidualCorrelationDisplay.from_predictions(e, 0 * e, u[:, None])
    >>> display.axes_.shape
    (1, 2)
    """

    def __init__(self, panels: Sequence[Sequence[Panel]]) -> None:
        self.panels = panels

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        n_lags: int | Literal["auto"] = "auto",
        alpha: float = 0.05,
        discard: int = 0,
        groups: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw the correlations of a fitted estimator's residuals.

        Parameters
        ----------
        estimator : estimator
            Its `predict_open_loop` is used where it has one; otherwise its `predict`.
        X, y
            As in its `fit`, best rows that were not learned from.
        n_lags, alpha, discard, groups, ax
            As in `from_predictions`.

        Returns
        -------
        ResidualCorrelationDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            As in `from_predictions`.
        """
        y_pred = one_step_predictions(estimator, X, y, groups)
        return cls.from_predictions(
            y,
            y_pred,
            X,
            n_lags=n_lags,
            alpha=alpha,
            discard=discard,
            groups=groups,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        X: Any = None,
        *,
        n_lags: int | Literal["auto"] = "auto",
        alpha: float = 0.05,
        discard: int = 0,
        groups: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw the correlations of the residuals y_true - y_pred.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_timesteps,) or (n_timesteps, n_outputs)
            The measured outputs and predictions of them. Pairs with NaN drop out.
        X : array-like of shape (n_timesteps, n_features), default=None
            The inputs, if any.
        n_lags : int or "auto", default="auto"
            The greatest lag; "auto" is 20, or a quarter of the longest series.
        alpha : float in (0, 1), default=0.05
            The share of correlations outside the band where nothing was missed.
        discard : int, default=0
            How many rows at the start of each series to leave out.
        groups : array-like of shape (n_timesteps,), default=None
            The series each row belongs to.
        ax : Axes or array-like of Axes, default=None
            As many axes as panels. None makes a figure.

        Returns
        -------
        ResidualCorrelationDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib; or if arrays do not match or are constant, or an
            argument is out of its range.
        """
        owner = f"{cls.__name__}.from_predictions"
        series = read_series(owner, X, groups, y_true=y_true, y_pred=y_pred)
        n_inputs = 0 if X is None else series.X.shape[1]
        panels = panels_of(owner, series, n_inputs, n_lags, alpha, discard)
        return cls(panels).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the panels.

        Parameters
        ----------
        ax
            As in `from_predictions`.

        Returns
        -------
        ResidualCorrelationDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if there are not as many axes as panels.
        """
        shape = len(self.panels), len(self.panels[0])
        self.axes_ = self._new_axes(shape) if ax is None else self._given(ax, shape)
        self.ax_, self.figure_ = self.axes_[0, 0], self.axes_[0, 0].figure
        self.stems_: list[Any] = []
        self.inside_: list[Any] = []
        self.outside_: list[Any] = []
        self.bands_: list[Any] = []
        everything = [panel for row in self.panels for panel in row]
        highest = max(
            np.nanmax([*np.abs(panel.values), *(1.5 * panel.bounds)])
            for panel in everything
        )
        for axes, panel in zip(self.axes_.ravel(), everything, strict=True):
            drawn = draw_panel(axes, panel)
            axes.set_ylim(-1.1 * highest, 1.1 * highest)
            self.stems_.append(drawn.stems)
            self.inside_.append(drawn.inside)
            self.outside_.append(drawn.outside)
            self.bands_.append(drawn.band)
        for axes in self.axes_[:, 0]:
            axes.set_ylabel("correlation")
        for axes in self.axes_[-1]:
            axes.set_xlabel("lag (rows)")
        return self

    def _new_axes(self, shape: tuple[int, int]) -> NDArray[Any]:
        size = 1.0 + 3.2 * shape[1], 0.6 + 2.2 * shape[0]
        return new_axes(type(self).__name__, shape, size, sharey=True)

    def _given(self, ax: Any, shape: tuple[int, int]) -> NDArray[Any]:
        return given_axes(type(self).__name__, ax, shape[0] * shape[1]).reshape(shape)
