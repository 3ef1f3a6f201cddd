"""Any scikit-learn regressor over lagged rows, run along series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context

from seqest._sequences import State
from seqest._validation import shown
from seqest.estimators._formula import Formula, recurse
from seqest.features.taps import Lags, deepest, last_rows, tapped, with_history
from seqest.recurrence.batch import Batch
from seqest.recurrence.history import held

__all__ = ["AT_ONCE", "Lagged", "lagged_rows"]

Array = NDArray[Any]
AT_ONCE = 2**20  # rows run at once where each is run from rows before it
Start = Mapping[str, Array]  # "inputs" and "outputs" before each stretch


@dataclass(frozen=True, eq=False)
class Lagged:
    """A fitted regressor, and the lags of which its columns are made.

    Its columns are those of `tapped`: inputs by column and then by lag, and after them
    outputs in the same way. The state before a row holds the last inputs and outputs.

    Attributes
    ----------
    regressor : object
        Has `predict`.
    inputs, outputs : tuple of tuple of int
        The lags of each input and output.
    mean : ndarray of shape (n_outputs,)
        What stands for outputs before a series begins.
    formula : Formula or None
        What the regressor computes, where it is known.
    """

    regressor: Any
    inputs: Lags
    outputs: Lags
    mean: NDArray[np.float64]
    formula: Formula | None = None

    def rest(self) -> dict[str, Array]:
        """Return the state at rest; NaN stands for what a first row will fill."""
        depth = max(1, deepest(self.outputs))  # the last is the next input of forecast
        shape = 1, deepest(self.inputs), len(self.inputs)
        return {
            "inputs": np.full(shape, np.nan),
            "outputs": np.repeat(self.mean[np.newaxis], depth, axis=0)[np.newaxis],
        }

    def run(
        self,
        X: Array,
        offsets: NDArray[np.int64],
        start: Start,
        teacher: Array | None = None,
    ) -> tuple[Array, dict[str, Array]]:
        """Predict along rows, and return the state after each stretch.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_inputs)
            Inputs, stretch after stretch.
        offsets : ndarray of shape (n_stretches + 1,)
            Where these begin and end.
        start : dict
            The state before each.
        teacher : ndarray of shape (n_rows, n_outputs), optional
            Measured outputs to feed back; the prediction stands in for NaN.

        Returns
        -------
        outputs : ndarray of shape (n_rows, n_outputs)
            In the dtype of X; NaN from where the run ceased to be finite.
        end : dict
            As `start`.
        """
        shape = len(X), len(self.outputs)
        Y = np.full(shape, np.nan, X.dtype) if teacher is None else teacher
        begin, before = _known(X, offsets, start)
        H = lagged_rows(X, Y, offsets, (self.inputs, self.outputs), begin, before)
        outputs = np.full(shape, np.nan, X.dtype)
        known = ~np.isnan(H).any(axis=1)
        waiting = np.flatnonzero(~known)
        # A formula answers all rows, once some wait for outputs before them.
        if self.formula is None or not waiting.size:
            outputs[known] = self._answer(H[known])
        Y = np.where(np.isnan(Y), outputs, Y).astype(X.dtype)
        if waiting.size:
            rows, places = with_history(Y, offsets, before)
            if self.formula is None:
                self._step(H, rows, places, outputs, offsets, waiting)
            else:
                rows = self._recurse(H, rows, places, outputs)
            Y = rows[places].astype(X.dtype)
        return outputs, _end(X, Y, offsets, begin, before)

    @property
    def _back(self) -> NDArray[np.int64]:
        """How far back in flat rows of outputs each of their taps is."""
        n, lags = len(self.outputs), enumerate(self.outputs)
        return np.array([lag * n - c for c, own in lags for lag in own], np.int64)

    def _recurse(
        self, H: Array, rows: Array, places: NDArray[np.int64], outputs: Array
    ) -> Array:
        """Fill in all rows by the formula, and return what was fed back."""
        assert self.formula is not None
        rows, predicted = rows.astype(np.float64), np.empty(outputs.shape)
        told = H.astype(np.float64), places, self._back
        recurse(self.formula, *told, rows, predicted)
        with np.errstate(over="ignore"):  # what ran away is told by the caller
            outputs[:] = predicted
        return rows

    def _step(
        self,
        H: Array,
        rows: Array,
        places: NDArray[np.int64],
        outputs: Array,
        offsets: NDArray[np.int64],
        waiting: NDArray[np.int64],
    ) -> None:
        """Fill in the rows that wait for outputs before them.

        One step of all stretches at a time, at the cost of a prediction each.
        """
        flat, n_outputs, back = rows.reshape(-1), rows.shape[1], self._back
        time = waiting - np.repeat(offsets[:-1], np.diff(offsets))[waiting]
        order = np.argsort(time, kind="stable")
        steps = np.flatnonzero(np.diff(time[order])) + 1
        # Whether numbers are finite is seen here.
        with config_context(assume_finite=True):
            for now in np.split(waiting[order], steps):
                here = places[now]
                lagged = H[now]
                lagged[:, -back.size :] = flat[here[:, np.newaxis] * n_outputs - back]
                try:
                    answer = self._answer(lagged)
                except ValueError:
                    break  # rows before were fine: these are too large for it
                outputs[now] = answer
                if not np.isfinite(answer).all():
                    break
                told = rows[here]
                rows[here] = np.where(np.isnan(told), answer, told)

    def _answer(self, H: Array) -> Array:
        if not len(H):
            return np.empty((0, len(self.outputs)), H.dtype)
        # What is not finite is told by the caller, with the step.
        with np.errstate(over="ignore", invalid="ignore"):
            answer = np.asarray(self.regressor.predict(H))
        if answer.size != len(H) * len(self.outputs):
            raise ValueError(
                f"{shown(self.regressor)} predicted an array of shape {answer.shape} "
                f"for {len(H)} rows of {len(self.outputs)} outputs."
            )
        return answer.reshape(len(H), -1)

    def end(
        self, X: Array, Y: Array, offsets: NDArray[np.int64], start: Start
    ) -> dict[str, Array]:
        """Return the state after measured rows; predictions stand in for NaN."""
        if np.isnan(Y).any():
            return self.run(X, offsets, start, Y)[1]
        return _end(X, Y, offsets, *_known(X, offsets, start))

    def ahead(
        self,
        X: Array,
        Y: Array,
        offsets: NDArray[np.int64],
        start: Start,
        n_steps: int,
    ) -> Array:
        """Predict each row from the outputs measured up to `n_steps` before it.

        Parameters
        ----------
        X, offsets, start
            As in `run`.
        Y : ndarray of shape (n_rows, n_outputs)
            Measured outputs; for NaN the last measured one stands in.
        n_steps : int
            At the beginning of a stretch fewer, from the state before it.

        Returns
        -------
        ndarray of shape (n_rows, n_outputs)
            As from `run`.
        """
        begin, before = _known(X, offsets, start)
        Y = held(Y, offsets, before[:, -1])
        known = [
            with_history(*rows) for rows in ((X, offsets, begin), (Y, offsets, before))
        ]
        depths = begin.shape[1], before.shape[1]
        row, begins = np.arange(len(X)), np.repeat(offsets[:-1], np.diff(offsets))
        outputs = np.empty((len(X), len(self.outputs)), X.dtype)
        for rows in np.array_split(row, 1 + len(X) * n_steps // AT_ONCE):
            first = np.maximum(rows - n_steps + 1, begins[rows])
            past = [
                told[places[first, np.newaxis] + np.arange(-depth, 0)]
                for (told, places), depth in zip(known, depths, strict=True)
            ]
            runs = Batch(X, first, rows - first + 1, past[0])
            states = dict(zip(("inputs", "outputs"), past, strict=True))
            answers, _ = self.run(X[runs.rows], runs.places, states)
            outputs[rows] = answers[runs.places[1:] - 1]
        return outputs

    def go_on(self, state: State, n_steps: int) -> Array:
        """Return outputs that are the next inputs, (n_series, n_steps, n_outputs)."""
        past, fed = state.values["inputs"], state.values["outputs"]
        first = fed[:, -1:]
        past = np.where(np.isnan(past), first, past)
        room = np.empty((len(fed), n_steps, fed.shape[2]), fed.dtype)
        X, Y = (np.concatenate([rows, room], axis=1) for rows in (past, fed))
        sides = [(X, past.shape[1], self.inputs), (Y, fed.shape[1], self.outputs)]
        taps = [
            (rows, depth - np.array([lag for own in lags for lag in own], int), columns)
            for rows, depth, lags in sides
            for columns in [[c for c, own in enumerate(lags) for _ in own]]
        ]
        predicted = Y[:, fed.shape[1] :]
        predicted[:] = np.nan
        for step in range(n_steps):
            X[:, past.shape[1] + step] = Y[:, fed.shape[1] + step - 1]
            H = np.hstack([rows[:, step + at, columns] for rows, at, columns in taps])
            try:
                predicted[:, step] = self._answer(H)
            except ValueError:
                if step == 0:
                    raise
                break
            if not np.isfinite(predicted[:, step]).all():
                break
        return predicted


def _known(X: Array, offsets: NDArray[np.int64], start: Start) -> tuple[Array, Array]:
    """Return inputs and outputs before each stretch; the first row stands for NaN."""
    begin = start["inputs"]
    first = X[offsets[:-1], np.newaxis]
    return np.where(np.isnan(begin), first, begin), start["outputs"]


def _end(
    X: Array, Y: Array, offsets: NDArray[np.int64], begin: Array, before: Array
) -> dict[str, Array]:
    return {
        "inputs": last_rows(X, offsets, begin.shape[1], begin),
        "outputs": last_rows(Y, offsets, before.shape[1], before),
    }


def lagged_rows(
    X: Array,
    Y: Array,
    offsets: NDArray[np.int64],
    lags: tuple[Lags, Lags],
    begin: Array,
    before: Array,
) -> Array:
    """Return lagged inputs and outputs side by side, in the dtype of X."""
    inputs = tapped(X, offsets, lags[0], begin)
    if deepest(lags[1]) == 0:
        return inputs
    return np.hstack([inputs, tapped(Y.astype(X.dtype), offsets, lags[1], before)])
