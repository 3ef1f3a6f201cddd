"""How far back networks remember, delay by delay, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqest._validation import check_numeric, worded
from seqest.metrics.memory import memory_capacity
from seqest.plotting._axes import add_legend, one_axes
from seqest.plotting._looks import by_name, looks
from seqest.plotting._times import format_times

__all__ = ["MemoryCapacityDisplay"]

Array = NDArray[np.float64]


class MemoryCapacityDisplay:
    r"""The short-term memory of networks by delay, and its sum.

    Lines are the parts of :math:`MC = \sum_k \rho^2(u(t - k), \hat y_k(t))` (Jaeger
    2001), or their mean over several draws. The legend tells the sums.

    Parameters
    ----------
    capacities : dict of str to ndarray of shape (n_draws, n_delays)
        By the name that the legend has; "" has none.

    Attributes
    ----------
    axes_, ax_, figure_ : ndarray of Axes of shape (1,), Axes, Figure
        Where they were drawn.
    lines_, bands_ : dict of str to artist
        By name; the band is a standard deviation to either side, of several draws.

    Examples
    --------
    >>> from seqest.plotting import MemoryCapacityDisplay
    >>> display = MemoryCapacityDisplay.from_capacities({"ring": [1.0, 0.9, 0.2]})
    >>> display.lines_["ring"].get_label()
    'ring: 2.1'
    """

    def __init__(self, capacities: Mapping[str, Array]) -> None:
        self.capacities = capacities

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        u_past: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw the memory of networks that were trained to give back their input.

        Parameters
        ----------
        estimator : estimator or dict of str to estimator
            Fitted on targets whose column k - 1 is the input k rows before.
        X, u_past, ax
            As u, u_past and ax of `from_predictions`, best of rows not learned from.

        Returns
        -------
        MemoryCapacityDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            As in `from_predictions`.
        """
        owner = f"{cls.__name__}.from_estimator"
        networks = by_name(owner, "estimator", estimator)
        recalled = {name: own.predict(X) for name, own in networks.items()}
        return cls.from_predictions(X, recalled, u_past=u_past, ax=ax)

    @classmethod
    def from_predictions(
        cls,
        u: Any,
        y_pred: Any,
        *,
        u_past: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw how well an input is given back.

        Parameters
        ----------
        u : array-like of shape (n_timesteps,) or (n_timesteps, 1)
            The input.
        y_pred : array-like of shape (n_timesteps, n_delays) or dict of such
            Column k - 1 is the reconstruction of u(t - k); or several by name.
        u_past : array-like of shape (n_past,), default=None
            The input before the first row.
        ax : Axes, default=None
            Where to draw. None makes a figure.

        Returns
        -------
        MemoryCapacityDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or as in `seqest.metrics.memory_capacity`.
        """
        owner = f"{cls.__name__}.from_predictions"
        given = {"u_past": u_past, "multioutput": "raw_values"}
        parts = {
            name: memory_capacity(u, own, **given)
            for name, own in by_name(owner, "y_pred", y_pred).items()
        }
        return cls.from_capacities(parts, ax=ax)

    @classmethod
    def from_capacities(cls, capacities: Any, *, ax: Any = None) -> Self:
        """Draw what `seqest.metrics.memory_capacity` found.

        Parameters
        ----------
        capacities : array-like of shape (n_delays,) or (n_draws, n_delays), or dict
            The part of each delay, in [0, 1], of one or several draws.
        ax
            As in `from_predictions`.

        Returns
        -------
        MemoryCapacityDisplay
            The display, drawn.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if numbers are not in [0, 1].
        """
        owner = f"{cls.__name__}.from_capacities"
        named = by_name(owner, "capacities", capacities)
        found = {name: _draws_of(owner, own) for name, own in named.items()}
        return cls(found).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax
            As in `from_predictions`.

        Returns
        -------
        MemoryCapacityDisplay
            Itself, with the artists.

        Raises
        ------
        ImportError, ValueError
            Without matplotlib, or if there is not one Axes.
        """
        owner, new = type(self).__name__, ax is None
        self.axes_ = one_axes(owner, ax, (8.0, 4.5))
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.lines_: dict[str, Any] = {}
        self.bands_: dict[str, Any] = {}
        every = zip(self.capacities.items(), looks(len(self.capacities)), strict=True)
        for (name, parts), look in every:
            self._draw(name, parts, look)
        self.ax_.set(xlabel="delay (steps)", ylabel="squared correlation")
        self.ax_.set(xlim=(0, None), ylim=(0, 1.03))
        add_legend(self.axes_, outside=new)
        return self

    def _draw(self, name: str, parts: Array, look: dict[str, Any]) -> None:
        delays, mean = np.arange(1, parts.shape[1] + 1), parts.mean(axis=0)
        look |= {"marker": look["marker"] if len(delays) < 3 else "", "lw": 2}
        line = self.ax_.plot(delays, mean, **look, label=_name_and_sum(name, parts))
        (self.lines_[name],) = line
        format_times(self.ax_, delays)
        if len(parts) > 1:
            spread = parts.std(axis=0, ddof=1)
            edges = mean - spread, np.minimum(mean + spread, 1)
            band = {"color": look["color"], "alpha": 0.15, "linewidth": 0}
            self.bands_[name] = self.ax_.fill_between(delays, *edges, **band)


def _draws_of(owner: str, value: Any) -> Array:
    """Return the parts of each delay, draw by draw."""
    parts = np.atleast_2d(check_numeric(owner, "capacities", value))
    # Squared correlations may exceed 1 by rounding.
    within = (parts >= 0) & (parts <= 1 + 1e-9)
    if parts.ndim != 2 or parts.size == 0 or not within.all():
        rule = "in [0, 1], and of one or two dimensions: draws and delays"
        raise ValueError(worded(owner, "capacities", value, rule))
    return parts


def _name_and_sum(name: str, parts: Array) -> str:
    sums = parts.sum(axis=1)
    told = f"{name or 'memory capacity'}: {sums.mean():.3g}"
    return told if len(sums) == 1 else f"{told} ± {sums.std(ddof=1):.1f}"
