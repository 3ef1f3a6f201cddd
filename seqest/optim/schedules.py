"""Learning-rate schedules: factors of the first learning rate, by epoch.

None keeps a state: what `Adaptive` knows is the losses so far, which whoever trains
keeps anyway.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, inf, pi
from types import MappingProxyType
from typing import final

from seqest._validation import check_choice, check_integer, check_number

__all__ = [
    "SCHEDULES",
    "Adaptive",
    "Constant",
    "Cosine",
    "Custom",
    "Exponential",
    "InverseScaling",
    "Schedule",
    "StepDecay",
    "as_schedule",
]


@dataclass(frozen=True, kw_only=True)
class Schedule(ABC):
    """By what the first learning rate is multiplied in an epoch."""

    @abstractmethod
    def __call__(self, epoch: int, losses: Sequence[float] = ()) -> float:
        """Return the factor for `epoch`, counted from 0, or for a step so counted.

        Parameters
        ----------
        epoch : int
            Number of epochs done.
        losses : sequence of float
            What they reached: the loss curve, or validation scores with sign changed.

        Returns
        -------
        float
            The factor, at least 0.
        """


@final
@dataclass(frozen=True, kw_only=True)
class Constant(Schedule):
    """The first learning rate throughout.

    Examples
    --------
    >>> Constant()(100)
    1.0
    """

    def __call__(self, epoch: int, losses: Sequence[float] = ()) -> float:
        return 1.0


@final
@dataclass(frozen=True, kw_only=True)
class InverseScaling(Schedule):
    r"""The factor :math:`1 / (t + 1)^p`.

    As MLPRegressor's ``invscaling``, whose t counts samples, not epochs.

    Parameters
    ----------
    power_t : float >= 0, default=0.5
        The exponent p. Raising it shortens steps sooner.

    Examples
    --------
    >>> InverseScaling()(3)
    0.5
    """

    power_t: float = 0.5

    def __post_init__(self) -> None:
        check_number("InverseScaling", "power_t", self.power_t, "[0, inf)")

    def __call__(self, epoch: int, losses: Sequence[float] = ()) -> float:
        return float((epoch + 1) ** -self.power_t)


@final
@dataclass(frozen=True, kw_only=True)
class StepDecay(Schedule):
    r"""The factor :math:`\gamma^{\lfloor t / k \rfloor}`: a drop every k epochs.

    Parameters
    ----------
    n_epochs : int >= 1, default=30
        The number k of epochs between drops.
    decay : float in (0, 1], default=0.1
        What a drop leaves, :math:`\gamma`.

    Examples
    --------
    >>> round(StepDecay(n_epochs=10)(25), 4)
    0.01
    """

    n_epochs: int = 30
    decay: float = 0.1

    def __post_init__(self) -> None:
        check_integer("StepDecay", "n_epochs", self.n_epochs, 1)
        check_number("StepDecay", "decay", self.decay, "(0, 1]")

    def __call__(self, epoch: int, losses: Sequence[float] = ()) -> float:
        return float(self.decay ** (epoch // self.n_epochs))


@final
@dataclass(frozen=True, kw_only=True)
class Exponential(Schedule):
    r"""The factor :math:`\gamma^t`.

    Parameters
    ----------
    decay : float in (0, 1], default=0.99
        What an epoch leaves, :math:`\gamma`. Raising it keeps steps long for longer.

    Examples
    --------
    >>> round(Exponential(decay=0.5)(3), 4)
    0.125
    """

    decay: float = 0.99

    def __post_init__(self) -> None:
        check_number("Exponential", "decay", self.decay, "(0, 1]")

    def __call__(self, epoch: int, losses: Sequence[float] = ()) -> float:
        return float(self.decay**epoch)


@final
@dataclass(frozen=True, kw_only=True)
class Cosine(Schedule):
    r"""Up in a straight line, then down by half a wave.

    .. math:: \frac{t + 1}{w} \text{ for } t < w, \quad\text{then}\quad
        m + \frac{1 - m}{2} \left(1 + \cos \pi \frac{t - w}{n - w}\right)

    and m from epoch n on.

    Parameters
    ----------
    n_epochs : int >= 1, default=200
        The epoch n at which the factor reaches its minimum; the length of training.
    warm_up : int >= 0, default=0
        The number w of epochs of rising, below `n_epochs`.
    minimum : float in [0, 1], default=0
        The last factor m.

    References
    ----------
    Loshchilov, I. & Hutter, F. (2017). SGDR: stochastic gradient descent with warm
    restarts. ICLR, eq. 5, without restarts.

    Examples
    --------
    >>> round(Cosine(n_epochs=100)(50), 4)
    0.5
    """

    n_epochs: int = 200
    warm_up: int = 0
    minimum: float = 0.0

    def __post_init__(self) -> None:
        check_integer("Cosine", "warm_up", self.warm_up, 0)
        remedy = "It counts the warm-up too." if self.warm_up else ""
        check_integer("Cosine", "n_epochs", self.n_epochs, self.warm_up + 1, remedy)
        check_number("Cosine", "minimum", self.minimum, "[0, 1]")

    def __call__(self, epoch: int, losses: Sequence[float] = ()) -> float:
        if epoch < self.warm_up:
            return (epoch + 1) / self.warm_up
        share = min(1.0, (epoch - self.warm_up) / (self.n_epochs - self.warm_up))
        return self.minimum + (1 - self.minimum) * (1 + cos(pi * share)) / 2


@final
@dataclass(frozen=True, kw_only=True)
class Adaptive(Schedule):
    """Divided whenever some epochs in a row fail to improve by `tol`.

    As MLPRegressor's ``adaptive``, whose code waits for ``n_iter_no_change`` epochs.

    Parameters
    ----------
    tol : float >= 0, default=1e-4
        How much better than the best so far counts as better.
    n_epochs : int >= 1, default=2
        How many epochs in a row without that make the rate drop.
    divisor : float > 1, default=5
        By what the rate is divided.

    Examples
    --------
    >>> Adaptive()(4, [3.0, 2.0, 2.0, 2.0])
    0.2
    """

    tol: float = 1e-4
    n_epochs: int = 2
    divisor: float = 5.0

    def __post_init__(self) -> None:
        check_number("Adaptive", "tol", self.tol, "[0, inf)")
        check_integer("Adaptive", "n_epochs", self.n_epochs, 1)
        check_number("Adaptive", "divisor", self.divisor, "(1, inf)")

    def __call__(self, epoch: int, losses: Sequence[float] = ()) -> float:
        best, waited, drops = inf, 0, 0
        for loss in losses:
            waited = waited + 1 if loss > best - self.tol else 0
            best = min(best, loss)
            if waited == self.n_epochs:
                waited, drops = 0, drops + 1
        return float(self.divisor**-drops)


@final
@dataclass(frozen=True, kw_only=True)
class Custom(Schedule):
    """A function of the user's.

    Parameters
    ----------
    factor : callable
        Takes an epoch counted from 0; returns a factor of at least 0.

    Examples
    --------
    >>> Custom(factor=lambda epoch: 1 / (1 + epoch))(3)
    0.25
    """

    factor: Callable[[int], float]

    def __call__(self, epoch: int, losses: Sequence[float] = ()) -> float:
        owner = f"learning_rate({epoch})"
        return check_number(owner, "factor", self.factor(epoch), "[0, inf)")


SCHEDULES: Mapping[str, type[Schedule]] = MappingProxyType(
    {
        "adaptive": Adaptive,
        "constant": Constant,
        "cosine": Cosine,
        "exponential": Exponential,
        "invscaling": InverseScaling,
        "step": StepDecay,
    }
)


def as_schedule(schedule: str | Schedule | Callable[[int], float]) -> Schedule:
    """Return the schedule that is named, given, or made of a function.

    Parameters
    ----------
    schedule : str, Schedule or callable
        A name in `SCHEDULES`, a schedule, or a function from the epoch to the factor.

    Returns
    -------
    Schedule
        The schedule; one that is named has its default parameters.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> as_schedule("invscaling")(3)
    0.5
    """
    if isinstance(schedule, Schedule):
        return schedule
    if callable(schedule):
        return Custom(factor=schedule)
    return SCHEDULES[check_choice("as_schedule", "schedule", schedule, SCHEDULES)]()
