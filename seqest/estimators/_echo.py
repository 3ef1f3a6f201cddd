"""A reservoir and what its readout sees: trained on rows, and read along rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from seqest._compile import overlapped
from seqest._progress import Progress
from seqest._sequences import Sequences, State
from seqest._validation import worded
from seqest.estimators._training import OnlineTrainer, Trainer
from seqest.reservoirs.chunks import Chunked
from seqest.reservoirs.features import Features
from seqest.reservoirs.free_run import (
    LinearReadout,
    Readout,
    Stepper,
    free_run,
    report_divergence,
)
from seqest.reservoirs.harvest import harvest
from seqest.reservoirs.noise import StateNoise
from seqest.reservoirs.runs import Block, Runs
from seqest.reservoirs.stack import Stack

__all__ = ["Echo", "Lesson", "number_runs", "runs_over"]

Values = Mapping[str, NDArray[Any]]
Take = Callable[[Trainer], Readout]


def runs_over(sequences: Sequences, skip: NDArray[np.int64]) -> Runs:
    """Return the runs over all stretches, their first `skip` rows not handed on."""
    lengths = sequences.lengths
    return Runs(sequences.offsets[:-1], lengths, np.minimum(skip, lengths))


def number_runs(
    sequences: Sequences,
    numbers: NDArray[np.int64],
    new: NDArray[np.bool_],
    begun: Mapping[Hashable, int],
) -> tuple[NDArray[np.int64], dict[Hashable, int]]:
    """Give each new stretch a number that no other of its series has had.

    It seeds the noise, which is then the same for rows in one piece or in several.

    Parameters
    ----------
    sequences : Sequences
        The rows.
    numbers : ndarray of shape (n_stretches,)
        Of the stretches that go on.
    new : ndarray of shape (n_stretches,)
        Which stretches start from rest.
    begun : dict
        How many stretches of each series have begun before.

    Returns
    -------
    numbers : ndarray of shape (n_stretches,)
        Of all stretches.
    begun : dict
        How many stretches of each series have begun by now.
    """
    numbers, counts = numbers.copy(), dict(begun)
    for k in np.flatnonzero(new):
        series = int(sequences.series[k])
        name = sequences.ids[series]
        name = ("nameless", series) if name is None else name
        counts[name] = counts.get(name, 0) + 1
        numbers[k] = crc32(repr(name).encode()) + (counts[name] << 32)
    return numbers, counts


def reduce(
    blocks: Iterable[list[Block]], consume: Callable[[Block], None], *, beside: bool
) -> None:
    """Consume all blocks, some `beside` the making of the next ones if that is safe."""

    def consume_all(made: list[Block]) -> None:
        for block in made:
            consume(block)

    if beside:
        overlapped(blocks, consume_all)
    else:
        for made in blocks:
            consume_all(made)


@dataclass(frozen=True, eq=False)
class Lesson:
    """Rows to learn from.

    Attributes
    ----------
    sequences : Sequences
        The inputs.
    Y : ndarray of shape (n_rows, n_outputs)
        Their targets, NaN where there is none.
    weights : ndarray of shape (n_rows,) or None
        Their weights.
    runs : Runs
        The stretches and their washout.
    taken : ndarray of shape (n_rows,)
        Which rows the readout learns from.
    start : dict of str to ndarray of shape (n_stretches, ...)
        The state before each stretch.
    """

    sequences: Sequences
    Y: NDArray[Any]
    weights: NDArray[np.float64] | None
    runs: Runs
    taken: NDArray[np.bool_]
    start: Values

    def held(self) -> NDArray[Any]:
        """Return Y with the last known output of the stretch in place of NaN."""
        held = self.Y.copy()
        for k in range(self.sequences.n_stretches if np.isnan(held).any() else 0):
            rows = slice(*self.sequences.offsets[k : k + 2])
            padded = np.vstack([self.start["outputs"][k], held[rows]])
            steps = np.where(np.isnan(padded), 0, np.arange(len(padded))[:, None])
            last = np.maximum.accumulate(steps, axis=0)
            held[rows] = np.take_along_axis(padded, last, axis=0)[1:]
        return held


@dataclass(frozen=True)
class Echo:
    """What an echo state network does once its weights are drawn.

    Attributes
    ----------
    owner : str
        The estimator, for errors.
    stack : Stack
        The reservoir.
    features : Features
        What the readout sees.
    noise : float
        Standard deviation of state noise in training.
    seed : int
        Of the noise.
    tolerance : float, default=0.0
        How far states may be from those of runs step by step where chunks meet.
    """

    owner: str
    stack: Stack
    features: Features
    noise: float
    seed: int
    tolerance: float = 0.0

    def train(
        self,
        fresh: Callable[[], Trainer],
        lesson: Lesson,
        take: Take,
        bounds: NDArray[np.float64],
        progress: Progress,
    ) -> tuple[Values, Chunked]:
        """Train a readout, the measured outputs fed back.

        Where outputs that are fed back are missing, the last known ones stand in at
        first; then the readout is trained again with its own predictions there.

        Parameters
        ----------
        fresh : callable
            Makes a trainer.
        lesson : Lesson
            The rows.
        take : callable
            Accepts a trained trainer and returns its readout.
        bounds : ndarray of shape (2, n_outputs)
            Outputs in range.
        progress : Progress
            Told about rows that are done.

        Returns
        -------
        end : dict of str to ndarray of shape (n_stretches, ...)
            The state after each stretch.
        facts : Chunked
            Which series were cut into chunks.
        """
        facts = Chunked()
        states, taught = lesson.start["units"].copy(), lesson.held()
        readout = take(self._taught(fresh(), lesson, taught, states, progress, facts))
        missing = np.isnan(lesson.Y)
        last = lesson.sequences.offsets[1:] - 1
        if self.stack.W_fb is not None and missing.any():
            own = self._own(readout, lesson, bounds)
            taught = np.where(missing, own, lesson.Y).astype(taught.dtype)
            states, facts = lesson.start["units"].copy(), Chunked()
            take(self._taught(fresh(), lesson, taught, states, progress, facts))
        elif missing[last].any():
            own = self._own(readout, lesson, bounds)
            taught[last] = np.where(missing[last], own[last], taught[last])
        return {"units": states, "outputs": taught[last].astype(states.dtype)}, facts

    def _own(
        self, readout: Readout, lesson: Lesson, bounds: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        no_skip = np.zeros_like(lesson.sequences.lengths)
        start = lesson.start
        own, _ = self.predict(
            readout, lesson.sequences, start, no_skip, lesson.Y, bounds
        )
        return own

    def _taught(
        self,
        trainer: Trainer,
        lesson: Lesson,
        taught: NDArray[Any],
        states: NDArray[Any],
        progress: Progress,
        facts: Chunked,
    ) -> Trainer:
        """Feed the features of all rows that are taken to `trainer`."""
        noise = self._noise_along(lesson)
        inputs = self._inputs(lesson.sequences, taught, lesson.start["outputs"])
        places = np.cumsum(lesson.taken) - 1
        in_order = isinstance(trainer, OnlineTrainer)
        width = self.features.width

        def take_in(block: Block) -> None:
            rows, seen = block.rows, lesson.taken[block.rows]
            design = self.features.complete(block.design, inputs[rows])
            part = None if lesson.weights is None else lesson.weights[rows][seen]
            design = design if seen.all() else design[seen]
            if len(design):
                trainer.update(design, lesson.Y[rows][seen], part, places[rows][seen])
            progress.advance(len(seen))

        blocks = harvest(
            self.stack,
            inputs,
            lesson.runs,
            states,
            width,
            noise=noise,
            in_order=in_order,
            tolerance=self.tolerance,
            facts=facts,
        )
        reduce(blocks, take_in, beside=trainer.beside)
        self._require_finite(states)
        return trainer

    def _noise_along(self, lesson: Lesson) -> StateNoise | None:
        if self.noise == 0:
            return None
        return StateNoise(self.noise, self.seed, self.stack.n_units, lesson.start)

    def _inputs(
        self, sequences: Sequences, Y: NDArray[Any], first: NDArray[Any]
    ) -> NDArray[Any]:
        """Return ``[x(n), y(n - 1)]`` with feedback, `first` being y(-1); else x(n)."""
        if self.stack.W_fb is None:
            return sequences.X
        previous = np.empty(Y.shape, sequences.X.dtype)
        previous[1:] = Y[:-1]
        previous[sequences.offsets[:-1]] = first
        return np.hstack([sequences.X, previous])

    def _require_finite(self, states: NDArray[Any]) -> None:
        if not np.all(np.isfinite(states)):
            raise FloatingPointError(
                f"{self.owner}: the reservoir's states grew without bound under this "
                f"input (activation={self.stack.activation!r}). Lower spectral_radius, "
                "or use a bounded activation such as 'tanh'."
            )

    def train_on_own_outputs(
        self, trainer: Trainer, lesson: Lesson, take: Take
    ) -> Values:
        """Train an online readout while its own outputs are fed back (FORCE).

        Parameters
        ----------
        trainer : Trainer
            Of a readout that learns row by row.
        lesson : Lesson
            The rows.
        take : callable
            Accepts the trainer when it is done.

        Returns
        -------
        dict of str to ndarray of shape (n_stretches, ...)
            The state after each stretch.

        Raises
        ------
        ValueError
            Without feedback, or with a readout that does not learn row by row.

        References
        ----------
        Sussillo and Abbott (2009), "Generating coherent patterns of activity from
        chaotic neural networks", Neuron 63, eqs. 4 and 5.
        """
        if self.stack.W_fb is None or not isinstance(trainer, OnlineTrainer):
            rule = (
                "True without feedback or with a readout that cannot learn row by row"
            )
            raise ValueError(
                worded(f"{self.owner}.partial_fit", "teacher_forcing", False, rule)
            )
        X, Y, runs = lesson.sequences.X, lesson.Y, lesson.runs
        states, outputs = lesson.start["units"].copy(), lesson.start["outputs"].copy()
        stepper = Stepper(self.stack, self.features, X.dtype)
        noise = self._noise_along(lesson)
        counts = np.ones(len(Y)) if lesson.weights is None else lesson.weights
        counts = np.where(lesson.taken, counts, 0)
        Y = np.nan_to_num(Y)
        for k, (start, length) in enumerate(zip(runs.start, runs.length, strict=True)):
            for row in range(start, start + length):
                drawn = (
                    None if noise is None else noise(k, row - start, row - start + 1)
                )
                design = stepper.step(X[row], outputs[k], states[k], drawn)
                outputs[k] = trainer.step(design, Y[row], counts[row])
        self._require_finite(states)
        take(trainer)
        return {"units": states, "outputs": outputs}

    def predict(
        self,
        readout: Readout,
        sequences: Sequences,
        start: Values,
        skip: NDArray[np.int64],
        teacher: NDArray[Any] | None,
        bounds: NDArray[np.float64],
    ) -> tuple[NDArray[Any], Values]:
        """Predict along rows; with feedback in closed loop unless there is a teacher.

        Parameters
        ----------
        readout : Readout
            Makes outputs of features.
        sequences : Sequences
            The inputs.
        start : dict of str to ndarray of shape (n_stretches, ...)
            The state before each stretch.
        skip : ndarray of shape (n_stretches,)
            First rows of each stretch that need no output; they get NaN.
        teacher : ndarray of shape (n_rows, n_outputs) or None
            Measured outputs to feed back; the prediction stands in for NaN.
        bounds : ndarray of shape (2, n_outputs)
            Outputs in range.

        Returns
        -------
        predicted : ndarray of shape (n_rows, n_outputs)
            In the dtype of the inputs.
        end : dict of str to ndarray of shape (n_stretches, ...)
            The state after each stretch.
        """
        states, outputs = start["units"].copy(), start["outputs"].copy()
        taught = teacher is not None and not np.isnan(teacher).any()
        last = sequences.offsets[1:] - 1
        if self.stack.W_fb is None or taught:
            inputs = (
                sequences.X
                if teacher is None
                else self._inputs(sequences, teacher, outputs)
            )
            predicted = self._open_loop(
                readout, inputs, runs_over(sequences, skip), states, outputs.shape[1]
            )
            outputs = (
                predicted[last]
                if teacher is None
                else np.where(np.isnan(teacher[last]), predicted[last], teacher[last])
            )
        else:
            names = tuple(sequences.ids[s] for s in sequences.series)
            start = {"units": states, "outputs": outputs}
            predicted = self._closed_loop(
                readout,
                sequences.X,
                sequences.offsets,
                State(names, start),
                teacher,
                bounds,
            )
        dtype = sequences.X.dtype
        end = {"units": states, "outputs": outputs.astype(dtype)}
        return predicted.astype(dtype, copy=False), end

    def _open_loop(
        self,
        readout: Readout,
        inputs: NDArray[Any],
        runs: Runs,
        states: NDArray[Any],
        n_outputs: int,
    ) -> NDArray[np.float64]:
        """Return outputs along `inputs`; `states` becomes those at the ends."""
        predicted = np.full((len(inputs), n_outputs), np.nan)

        def read(block: Block) -> None:
            design = self.features.complete(block.design, inputs[block.rows])
            predicted[block.rows] = readout.predict(design)

        blocks = harvest(
            self.stack,
            inputs,
            runs,
            states,
            self.features.width,
            tolerance=self.tolerance,
        )
        reduce(blocks, read, beside=isinstance(readout, LinearReadout))
        self._require_finite(states)
        return predicted

    def _closed_loop(
        self,
        readout: Readout,
        X: NDArray[Any],
        offsets: NDArray[np.int64],
        state: State,
        teacher: NDArray[Any] | None,
        bounds: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return outputs that are fed back, and report divergence.

        The arrays of `state`, one row a stretch, become those at the ends.
        """
        units, outputs = state.values["units"], state.values["outputs"]
        if teacher is None:
            teacher = np.full((len(X), outputs.shape[1]), np.nan)
        teacher = teacher.astype(X.dtype)
        loop = self.stack, self.features, readout
        predicted, left = free_run(*loop, X, offsets, units, outputs, teacher, bounds)
        report_divergence(self.owner, left, state.ids)
        return predicted

    def forecast(
        self,
        readout: Readout,
        state: State,
        n_steps: int,
        dtype: Any,
        bounds: NDArray[np.float64],
    ) -> NDArray[Any]:
        """Return outputs that are the next inputs, (n_series, n_steps, n_outputs)."""
        values = {
            name: np.array(state.values[name], dtype) for name in ("units", "outputs")
        }
        n_series = len(state.ids)
        offsets = np.arange(n_series + 1) * n_steps
        no_inputs = np.empty((n_series * n_steps, 0), dtype)
        start = State(state.ids, values)
        predicted = self._closed_loop(readout, no_inputs, offsets, start, None, bounds)
        return predicted.reshape(n_series, n_steps, -1).astype(dtype, copy=False)
