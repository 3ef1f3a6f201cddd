"""Training by an extended Kalman filter: weights as a state that is measured.

The weights stand still but for noise, and each target is a measurement of them through
the network, linearised where it is:

    θ(t+1) = θ(t) + q(t),   z(t) = y(θ(t)) + r(t),   H = ∂y(t)/∂θ,
    A = R + Σ_i H_i P_i H_iᵀ,   K_i = P_i H_iᵀ A⁻¹,
    θ_i ← θ_i + K_i (z - y),   P_i ← P_i - K_i H_i P_i + Q.

The global filter has one group i, of all weights; decoupled by unit, each has those
that lead to a unit, without correlations between groups: an update costs O(n_theta² /
n_units) instead of O(n_theta²). H comes from the forward sensitivities, which carry
derivatives from step to step (Williams 1992). Covariances are updated in Joseph's form,
(I - K H) P (I - K H)ᵀ + K R' Kᵀ with R' = A - H P Hᵀ all that is noise to the group;
this is P + K Cᵀ + C Kᵀ with C = K A / 2 - P Hᵀ, of low rank and exactly symmetric.

References
----------
Singhal and Wu (1989), "Training multilayer perceptrons with the extended Kalman
algorithm", NIPS 1. Williams (1992), "Training recurrent networks using the extended
Kalman filter", IJCNN. Puskorius and Feldkamp (1991), "Decoupled extended Kalman filter
training of feedforward layered networks", IJCNN; (1994), "Neurocontrol of nonlinear
dynamical systems with Kalman filter trained recurrent networks", IEEE TNN 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import kernel, one_blas_thread
from seqest._validation import check_number
from seqest.recurrence.network import Network
from seqest.recurrence.sensitivities import Sensitivities, as_float64

__all__ = ["ExtendedKalmanFilter", "KalmanState"]

Array = NDArray[Any]
Places = NDArray[np.int64]
# Times n_theta and the largest variance, what an update of P may be off by.
ROUNDING = 4 * float(np.finfo(np.float64).eps)


@dataclass(eq=False)
class KalmanState:
    """What the filter knows; arrays alone, to be pickled and gone on with.

    Attributes
    ----------
    theta : ndarray of shape (n_theta,)
        The weights.
    groups : list of ndarray of shape (n_groups, n)
        Places in theta of the weights of each group, groups of one size together.
    covariances : list of ndarray of shape (n_groups, n, n)
        P of each.
    carried : Sensitivities
        The network's state and how it depends on theta.
    """

    theta: Array
    groups: list[Places]
    covariances: list[Array]
    carried: Sensitivities

    def restart(self, network: Network, start: Array, at_rest: bool = True) -> None:
        """Go to the beginning of another sequence; what was learned stays.

        Parameters
        ----------
        network, start, at_rest
            As in `Sensitivities.begin`.
        """
        self.carried = Sensitivities.begin(network, self.theta, start, at_rest)


@dataclass(frozen=True, kw_only=True)
class ExtendedKalmanFilter:
    """Kalman filter training: its constants.

    Attributes
    ----------
    measurement_noise : float > 0, default=1.0
        Variance of targets, R's diagonal. Raising it makes steps smaller.
    process_noise : float >= 0, default=1e-5
        Variance that weights gain a row, Q's diagonal. Raising it forgets sooner.
    initial_variance : float > 0, default=10.0
        Variance of weights in the beginning. Raising it makes first steps larger.
    decoupled : bool, default=False
        Whether correlations between weights of different units are left out.

    Examples
    --------
    >>> import numpy as np
    >>> from seqest.cells import simple
    >>> from seqest.recurrence import Network
    >>> line = Network(simple(), n_inputs=1, n_outputs=1, hidden=())
    >>> rule = ExtendedKalmanFilter()
    >>> known, X = rule.begin(line, np.zeros(2), np.zeros(1)), np.c_[:200.0]
    >>> predicted = rule.learn(line, known, X, 1 + 2 * X)
    >>> known.theta.round(1)
    array([1., 2.])
    """

    measurement_noise: float = 1.0
    process_noise: float = 1e-5
    initial_variance: float = 10.0
    decoupled: bool = False

    def begin(self, network: Network, theta: Array, start: Array) -> KalmanState:
        """Return what is known before the first row.

        Parameters
        ----------
        network : Network
            The network.
        theta, start
            As in `Sensitivities.begin`.

        Returns
        -------
        KalmanState
            New arrays of float64.

        Raises
        ------
        ValueError
            If a constant of the filter is out of its range.
        """
        name = type(self).__name__
        check_number(name, "measurement_noise", self.measurement_noise, "(0, inf)")
        check_number(name, "process_noise", self.process_noise, "[0, inf)")
        check_number(name, "initial_variance", self.initial_variance, "(0, inf)")
        everything = [np.arange(theta.size)[np.newaxis]]
        groups = _units(network, theta.size) if self.decoupled else everything
        covariances = []
        for places in groups:
            one = self.initial_variance * np.eye(places.shape[1])
            covariances.append(np.repeat(one[np.newaxis], len(places), axis=0))
        carried = Sensitivities.begin(network, theta, start)
        return KalmanState(np.array(theta, np.float64), groups, covariances, carried)

    def learn(
        self,
        network: Network,
        known: KalmanState,
        X: Array,
        Z: Array,
        teacher: Array | None = None,
    ) -> Array:
        """Learn consecutive rows, one after the other.

        Parameters
        ----------
        network : Network
            The network.
        known : KalmanState
            Changed.
        X : ndarray of shape (n_rows, n_inputs)
            Inputs.
        Z : ndarray of shape (n_rows, n_outputs)
            Targets. From a row with NaN nothing is learned; the state advances.
        teacher : ndarray of shape (n_rows, n_outputs), optional
            Outputs to feed back, NaN where the network's own are.

        Returns
        -------
        ndarray of shape (n_rows, n_outputs)
            Outputs, each before its row was learned; NaN from where sensitivities or
            outputs left the range of numbers, which stops it.
        """
        X, Z = as_float64(X), as_float64(Z)
        outputs = np.full((len(X), network.n_outputs), np.nan)
        unknown: NDArray[np.bool_] = np.any(np.isnan(Z), axis=1)
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            for t in range(len(X)):
                taught = None if teacher is None else teacher[t]
                slopes = known.carried.step(network, known.theta, X[t], taught)
                H, y = slopes.of_outputs(network.function)[0], slopes.outputs[0]
                if not (unknown[t] or self._correct(known, H, Z[t] - y)):
                    break
                outputs[t] = y
        return outputs

    def _correct(self, known: KalmanState, H: Array, error: Array) -> bool:
        """Take in the error (n_outputs,) of a measurement by H (n_outputs, n_theta).

        Return False, nothing changed, if numbers have left their range.
        """
        squares = float(np.vdot(H, H))
        if not np.isfinite(squares + error.sum()):
            return False
        variance = max(np.einsum("gii->gi", P).max() for P in known.covariances)
        # What P may lose to rounding is made up for, so that it stays positive. Where
        # rounding of H P Hᵀ outweighs R, nothing can be learned.
        rounding = ROUNDING * known.theta.size * float(variance)
        if squares * rounding < self.measurement_noise:
            self._learn(known, H, error, max(self.process_noise, rounding))
        return True

    def _learn(self, known: KalmanState, H: Array, error: Array, noise: float) -> None:
        views = [H[:, places].transpose(1, 0, 2) for places in known.groups]
        seen = [h @ P for h, P in zip(views, known.covariances, strict=True)]
        powers = [h @ h_seen.mT for h, h_seen in zip(views, seen, strict=True)]
        A = self.measurement_noise * np.eye(error.size)
        A += sum(power.sum(axis=0) for power in powers)
        precision = np.linalg.inv(A)
        for k, places in enumerate(known.groups):
            gain = precision @ seen[k]
            known.theta[places] += error @ gain
            change = 0.5 * (A @ gain) - seen[k]
            correct(known.covariances[k], gain, change, noise)


@kernel
def correct(P: Any, K: Any, C: Any, q: Any) -> None:
    """Add K Cᵀ + C Kᵀ + q I to each P in place, exactly symmetric.

    P is (n_groups, n, n), K and C are transposed (n_groups, n_outputs, n).
    """
    for group in range(len(P)):
        for i in range(P.shape[1]):
            row = P[group, i, : i + 1]
            for k in range(K.shape[1]):
                add_rows(row, K[group, k, i], C[group, k], C[group, k, i], K[group, k])
            row[i] += q
            for j in range(i):
                P[group, j, i] = row[j]


@kernel
def add_rows(row: Any, a: Any, x: Any, b: Any, y: Any) -> None:
    """Add a x + b y to a row, as far as it goes."""
    for j in range(len(row)):
        row[j] += a * x[j] + b * y[j]


def _units(network: Network, n_theta: int) -> list[Places]:
    """Return places of the weights that lead to each unit, a row each, by layer.

    A unit has all its gates. Each state of a learned start is on its own.
    """
    groups = []
    for _, parts in groupby(network.parts, lambda part: part.name.split(".")[0]):
        columns = []
        for part in parts:
            last = part.place + part.n_from * part.n_to
            places = np.arange(part.place, last).reshape(-1, part.n_units)
            columns.append(places.T)
        groups.append(np.concatenate(columns, axis=1))
    if n_theta > network.n_weights:
        groups.append(np.arange(network.n_weights, n_theta)[:, np.newaxis])
    return groups
