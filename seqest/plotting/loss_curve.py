"""How the loss of networks fell while they were trained, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from seqest._validation import check_choice, check_numeric, worded
from seqest.plotting._axes import add_legend, given_axes, new_axes
from seqest.plotting._looks import INK, by_name, looks
from seqest.plotting._times import format_times

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LossCurveDisplay"]

Array = NDArray[np.float64]
MARK: dict[str, Any] = {"mfc": "white", "ms": 7, "mew": 1.8}


class LossCurveDisplay:
    """The loss of each epoch, of one or several networks, and the best epoch.

    Where networks were watched on validation rows their scores have a panel below, and
    the best epoch is that of the best score; otherwise it is that of the least loss.

    Make one with `from_estimator` or `from_losses`.

    Parameters
    ----------
    losses : dict of str to ndarray of shape (n_epochs,)
        By the name that the legend has; "" has none.
    validation_scores : dict of str to ndarray of shape (n_epochs,), default=None
        Of those networks that have them; greater is better.

    Attributes
    ----------
    axes_ : ndarray of Axes of shape (1,) or (2,)
        Losses, and validation scores where there are some.
    ax_ : Axes
        The first of them.
    figure_ : Figure
        The figure of these axes.
    lines_, score_lines_ : dict of str to Line2D
        The curves by name.
    best_marks_ : dict of str to Line2D
        Where each network was best, on the panel that says so.

    Examples
    --------
    >>> from seqest.plotting import LossCurveDisplay
    >>> display = LossCurveDisplay.from_losses([0.9, 0.3, 0.4])
    >>> print(display.best_marks_[""].get_xdata()[0])
    2
    """

    def __init__(
        self,
        losses: Mapping[str, Array],
        validation_scores: Mapping[str, Array] | None = None,
    ) -> None:
        self.losses = losses
        self.validation_scores = validation_scores

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        scale: Literal["auto", "linear", "log"] = "auto",
        ax: Any = None,
    ) -> Self:
        """Draw the `loss_curve_` of fitted networks.

        Parameters
        ----------
        estimator : estimator or dict of str to estimator
            One network, or several by name. A Pipeline, a search or a Forecaster stands
            for the network in it.
        scale, ax
            As in `from_losses`.

        Returns
        -------
        LossCurveDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        NotFittedError
            Before `fit`.
        TypeError
            If one has no `loss_curve_`.
        ValueError
            As in `from_losses`.
        """
        owner = f"{cls.__name__}.from_estimator"
        losses, scores = {}, {}
        for name, own in by_name(owner, "estimator", estimator).items():
            network = _network_of(own)
            if getattr(network, "loss_curve_", None) is None:
                rule = "a network that was trained epoch by epoch, with loss_curve_"
                raise TypeError(worded(owner, "estimator", network, rule))
            losses[name] = network.loss_curve_
            if getattr(network, "validation_scores_", None) is not None:
                scores[name] = network.validation_scores_
        return cls.from_losses(losses, validation_scores=scores, scale=scale, ax=ax)

    @classmethod
    def from_losses(
        cls,
        losses: Any,
        *,
        validation_scores: Any = None,
        scale: Literal["auto", "linear", "log"] = "auto",
        ax: Any = None,
    ) -> Self:
        """Draw losses.

        Parameters
        ----------
        losses : array-like of shape (n_epochs,) or dict of str to array-like
            Of one network, or of several by name. What is not finite is left out.
        validation_scores : array-like or dict of str to array-like, default=None
            In the form of losses; networks without scores may be left out of a dict.
        scale : {"auto", "linear", "log"}, default="auto"
            Of losses. "auto" is "log" where they are positive and spread over more than
            a decade.
        ax : Axes or array-like of Axes, default=None
            Where to draw: one, or two with validation scores. None makes a figure.

        Returns
        -------
        LossCurveDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            Without matplotlib.
        ValueError
            If there is nothing finite to draw, scores do not match losses, or a
            logarithm is asked of what is not positive.
        """
        owner = f"{cls.__name__}.from_losses"
        found = _curves(owner, "losses", losses)
        given = {} if validation_scores is None else validation_scores
        scores = _curves(owner, "validation_scores", given) if len(given) else {}
        for name, own in scores.items():
            if name not in found or len(own) != len(found[name]):
                rule = "of the networks and epochs of losses"
                raise ValueError(
                    worded(owner, "validation_scores", validation_scores, rule)
                )
        return cls(found, scores).plot(ax, scale=scale)

    def plot(
        self, ax: Any = None, *, scale: Literal["auto", "linear", "log"] = "auto"
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax, scale
            As in `from_losses`.

        Returns
        -------
        LossCurveDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError, ValueError
            As in `from_losses`, or if there are not as many axes as panels.
        """
        owner, scores = type(self).__name__, self.validation_scores or {}
        shape, new = (1 + bool(scores), 1), ax is None
        yscale = _scale(f"{owner}.plot", scale, self.losses)
        if new:
            size = 7.0, 2.6 + 1.8 * shape[0]
            self.axes_ = new_axes(owner, shape, size, sharex=True).ravel()
        else:
            self.axes_ = given_axes(owner, ax, shape[0])
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.best_marks_: dict[str, Any] = {}
        self.lines_ = self._draw(self.ax_, self.losses, np.nanargmin, scores)
        self.ax_.set(yscale=yscale, ylabel="loss")
        self.score_lines_: dict[str, Any] = {}
        if scores:
            self.score_lines_ = self._draw(self.axes_[1], scores, np.nanargmax, {})
            self.axes_[1].set_ylabel("validation score")
        self.axes_[-1].set_xlabel("epoch")
        self.axes_[-1].plot([], [], "o", **MARK, color=INK, label="best epoch")
        if new:
            self.figure_.align_ylabels(self.axes_)
        add_legend(self.axes_, outside=new)
        return self

    def _draw(
        self, axes: Axes, curves: Mapping[str, Array], best: Any, elsewhere: Any
    ) -> dict[str, Any]:
        """Draw curves, and where those are best that are not judged elsewhere."""
        lines = {}
        for name, look in zip(self.losses, looks(len(self.losses)), strict=True):
            if name not in curves:
                continue
            values, single = curves[name], len(curves[name]) == 1
            epochs = np.arange(1, len(values) + 1)
            look = {**look, "marker": look["marker"] if single else "", "lw": 1.8}
            (lines[name],) = axes.plot(epochs, values, **look, label=name or None)
            if name not in elsewhere:
                at = [best(values)]
                mark = {**MARK, "color": look["color"]}
                (self.best_marks_[name],) = axes.plot(
                    epochs[at], values[at], "o", **mark, zorder=3
                )
        format_times(axes, epochs)
        return lines


def _network_of(estimator: Any) -> Any:
    """Return the fitted network in a search, a pipeline or a forecaster."""
    check_is_fitted(estimator)
    if hasattr(estimator, "best_estimator_"):
        return _network_of(estimator.best_estimator_)
    if hasattr(estimator, "steps"):
        return _network_of(estimator.steps[-1][1])
    inner = getattr(estimator, "regressor_", None)
    fits = not hasattr(estimator, "loss_curve_") and hasattr(inner, "fit")
    return _network_of(inner) if fits else estimator


def _curves(owner: str, name: str, value: Any) -> dict[str, Array]:
    """Return one or several curves, NaN where they are not finite."""
    found = {}
    for key, own in by_name(owner, name, value).items():
        curve = check_numeric(owner, name, own)
        finite = np.isfinite(curve)
        if curve.ndim != 1 or not finite.any():
            rule = "one-dimensional, with a number that is finite"
            raise ValueError(worded(owner, name, own, rule))
        found[key] = np.where(finite, curve, np.nan)
    return found


def _scale(owner: str, scale: str, losses: Mapping[str, Array]) -> str:
    """Return the scale of losses, which must allow it."""
    check_choice(owner, "scale", scale, ("auto", "linear", "log"))
    least = min(np.nanmin(curve) for curve in losses.values())
    most = max(np.nanmax(curve) for curve in losses.values())
    if scale == "log" and least <= 0:
        rule = "'linear' or 'auto', as a loss is not positive"
        raise ValueError(worded(owner, "scale", scale, rule))
    if scale == "auto":
        return "log" if 0 < 10 * least < most else "linear"
    return scale
