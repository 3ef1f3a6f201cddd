"""Run a reservoir in closed loop: its outputs are fed back to it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seqest._compile import parallel_map
from seqest.reservoirs.features import FEATURES, Features
from seqest.reservoirs.stack import Stack

__all__ = [
    "LinearReadout",
    "Readout",
    "Stepper",
    "free_run",
    "report_divergence",
    "target_range",
]

# A free run has left its range where an output is farther from the training targets
# than this many times their spread.
SPREADS = 10


class Readout(Protocol):
    """Makes outputs of features."""

    def predict(self, F: NDArray[Any]) -> NDArray[np.float64]:
        """Return the outputs (n_rows, n_outputs) of features (n_rows, n_features)."""


@dataclass(frozen=True)
class LinearReadout:
    """Outputs that are linear in the features.

    Attributes
    ----------
    coef : ndarray of shape (n_outputs, n_features)
        Weights, float64.
    intercept : ndarray of shape (n_outputs,)
        Constants.
    """

    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]

    def predict(self, F: NDArray[Any]) -> NDArray[np.float64]:
        """Return the outputs of rows of features, in float64."""
        outputs: NDArray[np.float64] = F.astype(np.float64, copy=False) @ self.coef.T
        outputs += self.intercept
        return outputs


def free_run(
    stack: Stack,
    features: Features,
    readout: Readout,
    X: NDArray[Any],
    offsets: NDArray[np.int64],
    states: NDArray[Any],
    outputs: NDArray[Any],
    teacher: NDArray[Any],
    bounds: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Run each stretch of X on the outputs of the readout.

    Parameters
    ----------
    stack : Stack
        The reservoir; its W_fb, if any, takes the last output.
    features : Features
        What the readout sees.
    readout : Readout
        Makes outputs of features; linear ones run compiled, others step by step.
    X : ndarray of shape (n_rows, n_inputs) or (n_rows, 0)
        Inputs; without columns the last output is the input.
    offsets : ndarray of shape (n_stretches + 1,)
        Stretch k is rows ``offsets[k]:offsets[k + 1]``.
    states : ndarray of shape (n_stretches, n_units)
        State before each stretch; overwritten by the state after it.
    outputs : ndarray of shape (n_stretches, n_outputs)
        Output fed back first; overwritten by the one that would be fed back next.
    teacher : ndarray of shape (n_rows, n_outputs)
        Fed back in place of the prediction where it is not NaN.
    bounds : ndarray of shape (2, n_outputs)
        Least and greatest output that counts as in range.

    Returns
    -------
    predicted : ndarray of shape (n_rows, n_outputs)
        The outputs; NaN after a step that was not finite.
    left : ndarray of shape (n_stretches, 2)
        First step at which an output left `bounds`, and at which it was not finite;
        -1 for never.
    """
    predicted, bounds = np.full(teacher.shape, np.nan), np.array(bounds)
    if isinstance(readout, LinearReadout):
        run = _compiled_run(stack, features, readout, X.dtype)
    else:
        run = _stepped_run(stack, features, readout, X.dtype)

    def run_stretch(k: int) -> tuple[int, int]:
        rows = slice(offsets[k], offsets[k + 1])
        carried = bounds, states[k], outputs[k]
        return run(X[rows], teacher[rows], *carried, predicted[rows])

    stretches = range(offsets.size - 1)
    if isinstance(readout, LinearReadout):
        left = parallel_map(run_stretch, stretches)
    else:  # whose predict need not be safe in threads
        left = [run_stretch(k) for k in stretches]
    return predicted, np.array(left, np.int64).reshape(-1, 2)


def _compiled_run(
    stack: Stack, features: Features, readout: LinearReadout, dtype: Any
) -> Callable[..., tuple[int, int]]:
    """Return a function that runs one stretch in the compiled loop."""
    loops, layers = stack.loops(dtype)
    n_outputs = readout.intercept.size
    W_fb = np.zeros((0, n_outputs)) if stack.W_fb is None else stack.W_fb
    W_fb = np.array(W_fb, dtype, order="C")
    linear = np.array(readout.coef, order="C"), np.array(readout.intercept)
    options = FEATURES[features.kind], int(features.n_inputs > 0)

    def run(X: Any, teacher: Any, *carried: Any) -> tuple[int, int]:
        X, teacher = np.array(X, order="C"), np.array(teacher, order="C")
        steps: tuple[int, int] = loops.free(
            layers, W_fb, X, teacher, *linear, *options, *carried
        )
        return steps

    return run


def _stepped_run(
    stack: Stack, features: Features, readout: Readout, dtype: Any
) -> Callable[..., tuple[int, int]]:
    """Return a function that runs one stretch, asking `readout` at every step."""
    stepper = Stepper(stack, features, dtype)

    def run(
        X: Any, teacher: Any, bounds: Any, state: Any, output: Any, predicted: Any
    ) -> tuple[int, int]:
        left = -1
        for t, measured in enumerate(teacher):
            x = X[t] if X.shape[1] else output
            predicted[t] = readout.predict(stepper.step(x, output, state))[0]
            if not np.all(np.isfinite(predicted[t])):
                return left, t
            inside = (bounds[0] <= predicted[t]) & (predicted[t] <= bounds[1])
            if left < 0 and not inside.all():
                left = t
            output[:] = np.where(np.isnan(measured), predicted[t], measured)
        return left, -1

    return run


class Stepper:
    """One step at a time, for readouts that are asked or trained at every step.

    Parameters
    ----------
    stack : Stack
        The reservoir.
    features : Features
        What the readout sees.
    dtype : dtype
        Of states and features.
    """

    def __init__(self, stack: Stack, features: Features, dtype: Any) -> None:
        self.loops, self.layers = stack.teacher_forced(dtype)
        self.fed_back = stack.W_fb is not None
        self.features = features
        self.design = np.empty((1, features.width), dtype)
        self.no_noise = np.empty((0, 0), dtype)

    def step(
        self,
        x: NDArray[Any],
        output: NDArray[Any],
        state: NDArray[Any],
        noise: NDArray[Any] | None = None,
    ) -> NDArray[Any]:
        """Advance `state` (n_units,) in place and return its features (1, width).

        `noise` (1, n_units) is added to the new state.
        """
        noise = self.no_noise if noise is None else noise.astype(self.design.dtype)
        design = np.empty_like(self.design)
        source = np.concatenate([x, output]) if self.fed_back else x.copy()
        first, source = 0, source[None]
        for layer in self.layers:
            last = first + layer[2].size
            part = state[first:last]
            source = self.loops.series(
                layer, source, noise[:, first:last].copy(), part, design, first
            )
            first = last
        return self.features.complete(design, x[None])


def target_range(Y: NDArray[Any]) -> NDArray[np.float64]:
    """Return the bounds of a free run: the range of targets, widened by its spread."""
    low, high = np.nanmin(Y, axis=0), np.nanmax(Y, axis=0)
    spread = SPREADS * np.where(high > low, high - low, 1 + np.abs(high))
    return np.array([low - spread, high + spread], np.float64)


def report_divergence(
    owner: str,
    left: NDArray[np.int64],
    names: Sequence[Hashable],
    remedy: str = "Raise alpha, train with noise, or lower spectral_radius.",
) -> None:
    """Raise or warn where a free run left its range.

    Parameters
    ----------
    owner : str
        The estimator.
    left : ndarray of shape (n_stretches, 2)
        As returned by `free_run`.
    names : sequence of length n_stretches
        The series of each stretch, None where it has no name.
    remedy : str
        What to do, as a sentence.

    Raises
    ------
    FloatingPointError
        If an output was not finite.

    Warns
    -----
    RuntimeWarning
        If an output left the range.
    """
    for (out_of_range, not_finite), name in zip(left, names, strict=True):
        where = "" if name is None else f" of series {name!r}"
        if not_finite >= 0:
            raise FloatingPointError(
                f"{owner}: the free run{where} diverged; its output was not finite at "
                f"step {not_finite}. {remedy}"
            )
        if out_of_range >= 0:
            warnings.warn(
                f"{owner}: the free run{where} left the range of the training targets "
                f"by {SPREADS} times its width at step {out_of_range}. {remedy}",
                RuntimeWarning,
                stacklevel=4,
            )
