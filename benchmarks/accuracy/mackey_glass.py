"""Mackey-Glass series, 84 steps of free run behind 1000 teacher-forced ones.

The series is tanh(x - 1) of Euler steps of .1, each tenth kept, from a random history;
3000 (or 21 000) training rows, the first 1000 of them washout; then 50 stretches of
1084 rows, the network led along 1000 from rest. NRMSE84 is the root mean square of the
50 last errors over the standard deviation of the series (Jaeger 2001, The "echo state"
approach, GMD report 148; Jaeger & Haas 2004, Harnessing nonlinearity).

Jaeger's network is x ← (1 - C a) x + C tanh(W x + W_in u + W_fb y) with C = .44 and a =
.9. With h = a x it reads h ← (1 - C a) h + C a tanh(W/a h + W_in u + W_fb y): ours,
with leak rate C a = .396 and W/a; readouts make up for h = a x. (Noise of ours is added
to h, and is a times his.) W has five weights of ±.4 a unit (density .0125 at N=400),
W_fb is uniform within ±.56, u = .2 comes in by weights 0 or ±.14. Rows say "source's
weights" where all this is kept, and otherwise give the spectral radius of W/a, the size
of W_fb and the leak rate.

Penalties, and those three where they are free, are chosen by free runs over each
quarter of the training rows by a network that has learned from the others.

At τ=17 the singular values of the states reach down to 1e-10 of the largest; the
squares in normal equations lose those below 1e-7. So the readout of these rows is
scikit-learn's Ridge by SVD.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import Ridge
from sklearn.model_selection import ParameterGrid

from benchmarks.accuracy.search import Ranking, rank
from benchmarks.accuracy.table import Row, timed
from seqest import ESNRegressor
from seqest.datasets import mackey_glass
from seqest.reservoirs.topologies import random

__all__ = ["CASES", "Case", "nrmse_84", "run", "search"]

REMARK = """
With τ = 30 and 3000 rows the goal is missed: the network learns from the 2000 rows
behind the washout, and no setting that the search drew (squares, noise, leak, radius,
feedback, penalty) held its error on other rows below it. With 21 000 rows it is
reached. With the source's weights networks differ tenfold; the source's figure is of
one.
"""

Array = NDArray[np.float64]

C, A, BIAS = 0.44, 0.9, 0.2
LED, FREE, N_RUNS, WASHOUT = 1000, 84, 50, 1000
WEIGHTS = {
    "spectral_radius": [0.7, 0.8, 0.9, 0.95],
    "feedback_scaling": [0.56, 0.8, 1.12],
    "leak_rate": [0.3, C * A],
}


@dataclass(frozen=True)
class Case:
    """A row of the table.

    Attributes
    ----------
    tau : float
        Delay of the series.
    n_units, n_train : int
        Size of the network, and of its training rows with washout.
    features : str
        What the readout sees.
    theirs : str
        The figure of others.
    goal : float
        Ours to reach: NRMSE84, or if it is negative its log10.
    chosen : tuple of float
        The penalty, then what `WEIGHTS` names unless weights are the source's.
    noise : float
        State noise in training.
    """

    tau: float
    n_units: int
    n_train: int
    features: str
    theirs: str
    goal: float
    chosen: tuple[float, ...]
    noise: float = 0.0

    @property
    def settings(self) -> dict[str, float]:
        """What was chosen, by name."""
        return dict(zip(("alpha", *WEIGHTS), self.chosen, strict=False))

    @property
    def words(self) -> str:
        """The settings, for the table."""
        weights = "source's weights"
        if len(self.chosen) > 1:
            weights = "radius {1:g}, feedback {2:g}, leak {3:g}".format(*self.chosen)
        states = "states" if self.features == "linear" else "states and squared"
        return f"N={self.n_units}, train {self.n_train}, {weights}, {states}"

    @property
    def space(self) -> dict[str, list[float]]:
        """What its search goes through."""
        lowest, free = -17 if self.tau == 17 else -9, len(self.chosen) > 1
        decades = range(lowest, lowest + (5 if free else 8))
        space = {"alpha": [10.0**decade for decade in decades]}
        if self in INHERITED:
            return space | {name: [self.settings[name]] for name in WEIGHTS}
        return space | WEIGHTS if free else space


JAEGER, HAAS = "[S] Jaeger 2001", "[S] Jaeger & Haas 2004"
CASES = (
    Case(17, 400, 3000, "linear", f"2.8e-4 {JAEGER}", 2e-4, (1e-10,)),
    Case(17, 400, 3000, "squared", f"2.8e-4 {JAEGER}", 2e-4, (1e-12,)),
    Case(17, 400, 3000, "squared", f"2.8e-4 {JAEGER}", 2e-4, (1e-17, 0.7, 1.12, C * A)),
    Case(17, 1000, 3000, "linear", f"-4.2 {HAAS}", -4.5, (1e-15, 0.8, 1.12, C * A)),
    Case(17, 1000, 3000, "squared", f"-4.2 {HAAS}", -4.5, (1e-17, 0.8, 1.12, C * A)),
    Case(17, 1000, 21_000, "linear", f"-4.2 {HAAS}", -4.5, (1e-17, 0.8, 1.12, C * A)),
    Case(30, 400, 3000, "linear", f".11 {JAEGER}", 0.05, (1e-3,), 1e-5),
    Case(30, 400, 3000, "linear", f".11 {JAEGER}", 0.05, (1e-7, 0.8, 1.12, 0.3)),
    Case(30, 1000, 3000, "linear", f".11 {JAEGER}", 0.05, (1e-8, 0.8, 0.8, C * A)),
    Case(30, 400, 21_000, "linear", f".032 {JAEGER}", 0.015, (1e-7,), 1e-5),
    Case(30, 400, 21_000, "squared", f".032 {JAEGER}", 0.015, (1e-7,), 1e-5),
    Case(30, 1000, 21_000, "linear", f".032 {JAEGER}", 0.015, (1e-8, 0.9, 0.8, C * A)),
    Case(30, 1000, 21_000, "squared", f".032 {JAEGER}", 0.015, (1e-8, 0.9, 0.8, C * A)),
)
# Rows whose weights are those found for linear readouts on the smaller series: to
# search them by SVD would take hours.
INHERITED = (CASES[4], CASES[5], CASES[12])


def run(seeds: Sequence[int], quick: bool, data_dir: Path) -> Iterator[Row]:
    """Yield a row for each case; if quick, those of 400 units and 3000 rows."""
    for case in CASES:
        if quick and (case.n_units, case.n_train) != (400, 3000):
            continue
        scores, minutes = timed(partial(_score, case), seeds)
        measure = "NRMSE84" if case.goal > 0 else "log10 NRMSE84"
        task = f"Mackey-Glass {case.tau:g}"
        yield Row(task, case.words, measure, case.theirs, case.goal, scores, minutes)


def search(quick: bool, data_dir: Path) -> Iterator[tuple[str, Ranking]]:
    """Yield settings by the log10 of their error on training rows held out."""
    for case in CASES:
        if quick and (case.n_units, case.n_train) != (400, 3000):
            continue
        n_seeds = 1 if quick or case.n_units * case.n_train > 2e6 else 3
        error = partial(_validation_error, case)
        ranking = rank(ParameterGrid(case.space), error, n_seeds)
        yield f"τ={case.tau:g}, {case.words}", ranking


def _score(case: Case, seed: int) -> float:
    error = nrmse_84(case, seed)
    return error if case.goal > 0 else float(np.log10(error))


def nrmse_84(case: Case, seed: int, n_runs: int = N_RUNS) -> float:
    """Return the error of a network of the case on stretches behind its training."""
    y = teacher(case.tau, case.n_train + n_runs * (LED + FREE), seed)
    network = fitted(case, y[: case.n_train], case.settings, seed)
    stretches = y[case.n_train :].reshape(n_runs, LED + FREE)
    return free_run_error(network, stretches) / float(y.std())


def _validation_error(case: Case, settings: Mapping[str, float], seed: int) -> float:
    """Return the log10 of the error on four blocks, each held out in turn."""
    y = teacher(case.tau, case.n_train, seed)
    edges = np.linspace(WASHOUT, case.n_train, 5, dtype=int)
    errors = []
    for first, last in pairwise(edges):
        learned = np.ones(y.size)
        learned[first:last] = 0
        network = fitted(case, y, settings, seed, learned)
        starts = np.linspace(first, last - FREE, 10, dtype=int)
        stretches = np.array([y[start - LED : start + FREE] for start in starts])
        try:
            errors.append(free_run_error(network, stretches))
        except FloatingPointError:  # the free run diverged
            return np.inf
    return float(np.log10(np.sqrt(np.mean(np.square(errors))) / y.std()))


def teacher(tau: float, n_timesteps: int, seed: int) -> Array:
    """Return a series of its own for each seed."""
    series = mackey_glass(n_timesteps, tau=tau, history_noise=0.1, random_state=seed)
    squashed: Array = np.tanh(series - 1)
    return squashed


def fitted(
    case: Case,
    y: Array,
    settings: Mapping[str, float],
    seed: int,
    sample_weight: Array | None = None,
) -> ESNRegressor:
    """Return a network that has learned to go on with a series."""
    alpha = {"alpha": settings["alpha"]}
    readout = {"readout": Ridge(**alpha, solver="svd")} if case.tau == 17 else alpha
    network = ESNRegressor(
        case.n_units,
        topology=recurrent_weights,
        spectral_radius=settings.get("spectral_radius"),
        leak_rate=settings.get("leak_rate", C * A),
        input_scaling=1.0,
        input_weights=bias_weights,
        bias_scaling=0.0,
        feedback_scaling=settings.get("feedback_scaling", 0.56),
        noise=case.noise,
        washout=WASHOUT,
        include_input=False,  # it is constant
        readout_features=case.features,
        random_state=seed,
        **readout,
    )
    constant = np.full((y.size, 1), BIAS)
    return network.fit(constant, y, sample_weight=sample_weight)


def recurrent_weights(n_units: int, *, rng: np.random.Generator) -> sparse.csr_array:
    """Return W/a."""
    return random(n_units, density=5 / n_units, distribution="sign", rng=rng) * (
        0.4 / A
    )


def bias_weights(n_units: int, n_features: int, *, rng: np.random.Generator) -> Array:
    """Return W_in."""
    return rng.choice([0.0, 0.14, -0.14], (n_units, n_features), p=[0.5, 0.25, 0.25])


def free_run_error(network: ESNRegressor, stretches: Array) -> float:
    """Return the RMS of the last errors of the free runs behind the led rows."""
    led, free = np.split(stretches, [stretches.shape[1] - FREE], axis=1)
    _, state = network.predict_open_loop(
        [np.full((row.size, 1), BIAS) for row in led],
        list(led),
        initial_state="zero",
        return_state=True,
    )
    ahead = [np.full((FREE, 1), BIAS) for _ in free]
    forecasts = np.array(network.predict(ahead, initial_state=state))
    return float(np.sqrt(np.mean((forecasts[:, -1] - free[:, -1]) ** 2)))
