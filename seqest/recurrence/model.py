"""A network with a loss: where its weights start, and its gradient on a batch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqest._compile import kernel, one_blas_thread
from seqest.recurrence.batch import Batch, Workspace
from seqest.recurrence.bidirectional import Bidirectional, BothWays
from seqest.recurrence.losses import Loss, RowLoss, n_counted
from seqest.recurrence.network import Network, Pulled, Run
from seqest.recurrence.wiring import Part

__all__ = ["INITS", "Model"]

Array = NDArray[Any]
INITS = ("glorot", "orthogonal", "uniform")


@dataclass(frozen=True)
class Model:
    """A network, what it minimises, and what of it is learned.

    theta holds the weights of the network and, if it is learned, the state at rest of
    its layers. To the loss is added ``alpha / (2 n_rows)`` times the sum of squares of
    all weights that are no bias, as in MLPRegressor.
    """

    network: Network | Bidirectional
    loss: Loss
    alpha: float = 0.0  # how large the penalty is
    learn_rest: bool = False  # whether the state at rest is learned; else it is zero

    @property
    def n_theta(self) -> int:
        """Length of theta."""
        return self.network.n_weights + self._n_learned

    @property
    def _n_learned(self) -> int:
        return self.network.n_states - self.network.n_fed if self.learn_rest else 0

    @cached_property
    def _penalised(self) -> Array:
        """Where the penalty is on theta, shape (n_theta,)."""
        penalised = np.zeros(self.n_theta, bool)
        for part in self.network.parts:
            part.of(penalised)[int(part.first_is_bias) :] = True
        return penalised

    def start_weights(
        self, rng: np.random.Generator, init: str, init_range: float, dtype: Any
    ) -> Array:
        """Draw the weights that training starts from.

        Parameters
        ----------
        rng : Generator
            Draws them.
        init : {"glorot", "orthogonal", "uniform"}
            ``"glorot"``: uniform within ±√(6 / (n_from + n_units)) for each block
            (Glorot and Bengio 2010, eq. 16). ``"orthogonal"``: the same, but what comes
            from a layer's own states is orthogonal, block by block (Saxe, McClelland
            and Ganguli 2014). Biases are zero, but for a forget gate's 1.
            ``"uniform"``: all within ±`init_range`, biases too.
        init_range : float
            For ``"uniform"``.
        dtype : dtype
            Of theta.

        Returns
        -------
        ndarray of shape (n_theta,)
            The weights; the state at rest starts from zero.
        """
        theta = np.zeros(self.n_theta)
        n_weights = self.network.n_weights
        if init == "uniform":
            theta[:n_weights] = rng.uniform(-init_range, init_range, n_weights)
        else:
            with one_blas_thread():  # QR of blocks as small as layers
                for part in self.network.parts:
                    self._draw(rng, part, part.of(theta), init == "orthogonal")
        return theta.astype(dtype)

    def _draw(
        self, rng: np.random.Generator, part: Part, W: Array, orthogonal: bool
    ) -> None:
        """Fill a part's matrix, block by block."""
        rows = W[int(part.first_is_bias) :]
        bias = self.network.cell.bias if not part.name.startswith("output") else ()
        for k in range(part.n_to // part.n_units):
            columns = slice(k * part.n_units, (k + 1) * part.n_units)
            if part.first_is_bias and bias:
                W[0, columns] = bias[part.first_block + k]
            if part.recurrent and orthogonal:
                Q, R = np.linalg.qr(rng.standard_normal(rows[:, columns].shape))
                rows[:, columns] = Q * np.sign(np.diag(R))
            elif len(rows):
                most = np.sqrt(6 / (len(rows) + part.n_units))
                rows[:, columns] = rng.uniform(-most, most, rows[:, columns].shape)

    def rest(self, theta: Array, n_sequences: int = 1) -> Array:
        """Return the state at rest, the same for each sequence.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            The weights.
        n_sequences : int, default=1
            How many.

        Returns
        -------
        ndarray of shape (n_sequences, n_states)
            A new array.
        """
        state = np.zeros((n_sequences, self.network.n_states), theta.dtype)
        if self.learn_rest:
            state[:, self.network.n_fed :] = theta[self.network.n_weights :]
        return state

    def unroll(
        self,
        theta: Array,
        batch: Batch,
        *,
        keep: bool = True,
        loop: Array | None = None,
        workspace: Workspace | None = None,
    ) -> Run | BothWays:
        """Run a batch; see `Network.unroll`.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            The weights.
        batch, keep, loop, workspace
            As there; a loop needs a network that runs forwards only.

        Returns
        -------
        Run or BothWays
            As there.
        """
        weights = theta[: self.network.n_weights]
        if isinstance(self.network, Bidirectional):
            return self.network.unroll(weights, batch, keep=keep, workspace=workspace)
        options: dict[str, Any] = {"keep": keep, "workspace": workspace}
        return self.network.unroll(weights, batch, loop=loop, **options)

    def gradient(
        self,
        theta: Array,
        batch: Batch,
        Z: Array,
        weights: Array | None,
        at_rest: NDArray[np.bool_],
        workspace: Workspace | None = None,
    ) -> tuple[float, Array]:
        """Return the loss of a batch and its gradient.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            The weights.
        batch : Batch
            The sequences.
        Z : ndarray of shape (n_positions, n_outputs)
            Targets in the order of the outputs, NaN where none counts.
        weights : ndarray of shape (n_positions,) or None
            Of the targets.
        at_rest : ndarray of shape (n_sequences,)
            Which sequences start from rest.
        workspace : Workspace, optional
            Memory to use again.

        Returns
        -------
        loss : float
            With the penalty.
        gradient : ndarray of shape (n_theta,)
            In the dtype of theta.
        """
        n_rows = n_counted(Z, weights)
        network, function, loss_of = self.network, self.network.function, self.loss
        if isinstance(loss_of, RowLoss) and isinstance(network, Network):

            def grade(Y: Array, runs: NDArray[np.uint64], deltas: Array) -> float:
                return loss_of.grade(Y, Z, weights, n_rows, function, runs, deltas)

            own = theta[: network.n_weights]
            loss, pulled = network.there_and_back(own, batch, grade, workspace)
            gradient = self._with_rest(pulled, at_rest)
        else:
            run = self.unroll(theta, batch, workspace=workspace)
            loss, deltas = loss_of(run.outputs, Z, weights, function)
            gradient = self.pull(theta, run, deltas, at_rest)
        return self.penalised(theta, loss, gradient, n_rows)

    def pull(
        self, theta: Array, run: Any, deltas: Array, at_rest: NDArray[np.bool_]
    ) -> Array:
        """Pull cotangents back to theta.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            The weights.
        run : Run or BothWays
            The run.
        deltas : ndarray of shape (n_positions, n_outputs)
            Cotangents of the outputs' net inputs.
        at_rest : ndarray of shape (n_sequences,)
            Which sequences start from rest.

        Returns
        -------
        ndarray of shape (n_theta,)
            In the dtype of theta.
        """
        pulled = self.network.pullback(theta[: self.network.n_weights], run, deltas)
        return self._with_rest(pulled, at_rest)

    def _with_rest(self, pulled: Pulled, at_rest: NDArray[np.bool_]) -> Array:
        """Return cotangents of theta: of the weights, and of the rest if learned."""
        if not self.learn_rest:
            return pulled.theta
        start = pulled.start[at_rest, self.network.n_fed :].sum(axis=0)
        return np.concatenate([pulled.theta, start])

    def penalised(
        self, theta: Array, loss: float, gradient: Array, n_rows: float
    ) -> tuple[float, Array]:
        """Add the penalty to a loss and, in place, to its gradient.

        Parameters
        ----------
        theta : ndarray of shape (n_theta,)
            The weights.
        loss : float
            The loss.
        gradient : ndarray of shape (n_theta,)
            Its gradient, changed.
        n_rows : float
            How many rows the loss is a mean of, each as often as its weight says.

        Returns
        -------
        loss : float
            With the penalty.
        gradient : ndarray of shape (n_theta,)
            The same array.
        """
        if self.alpha and n_rows > 0:
            size = theta.dtype.type(self.alpha / n_rows)
            loss += float(size) / 2 * _shrink(theta, self._penalised, size, gradient)
        return loss, gradient

    def curvature(self, n_rows: float) -> Array:
        """Return the second derivative of the penalty, its diagonal (n_theta,)."""
        curvature: Array = self._penalised * (self.alpha / n_rows)
        return curvature


@kernel
def _shrink(theta: Any, penalised: Any, size: Any, gradient: Any) -> Any:
    """Add the gradient of the penalty, and return the sum of squares it is on."""
    total = 0.0
    for i in range(theta.size):
        if penalised[i]:
            total += theta[i] * theta[i]
            gradient[i] += size * theta[i]
    return total
