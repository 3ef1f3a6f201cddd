"""How a recurrent network is trained, from the parameters of an estimator."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import r2_score

from seqest._compile import one_blas_thread
from seqest._progress import Progress
from seqest._validation import check_choice, check_number, worded
from seqest.optim import (
    SCHEDULES,
    UPDATE_RULES,
    Cosine,
    Schedule,
    Stopping,
    UpdateRule,
    as_schedule,
    lbfgs,
)
from seqest.recurrence.bidirectional import Bidirectional
from seqest.recurrence.bptt import Windowed
from seqest.recurrence.descent import Descent
from seqest.recurrence.ekf import ExtendedKalmanFilter
from seqest.recurrence.least_squares import LeastSquares
from seqest.recurrence.lesson import Lesson
from seqest.recurrence.model import Model
from seqest.recurrence.network import Network
from seqest.recurrence.online import Filtered, RealTime
from seqest.recurrence.rowwise import Rowwise, side_by_side
from seqest.recurrence.teaching import Released
from seqest.recurrence.training import Regime, minimise, train
from seqest.recurrence.truncated import Truncated

__all__ = ["SOLVERS", "school", "school_once"]

Array = NDArray[Any]
SOLVERS = (*sorted(UPDATE_RULES), "lbfgs", "lm")
WHOLE = ("lbfgs", "lm")  # those that take all rows at once
REGIMES = ("bptt", "ekf", "ekf_decoupled", "rtrl", "rtrl_online")
# Rows of a window, and windows of a batch, where these are "auto"; rows of a batch
# where none has to do with another; rows of a window that needs none to warm up, for a
# step down a gradient and for all rows at once.
WINDOW, BATCH, ROWS = 100, 32, 200
SHORT, PIECE = 8, 256
# Of an estimator's parameters, those that its update rule takes.
CONSTANTS = ("momentum", "beta_1", "beta_2", "epsilon")


def school(
    estimator: Any,
    model: Model,
    lesson: Lesson,
    theta: Array,
    rng: np.random.Generator,
    *,
    window: int | None = None,
) -> tuple[Array, Stopping]:
    """Train a model as an estimator's parameters say.

    Parameters
    ----------
    estimator : RecurrentRegressor
        Holds the parameters.
    model : Model
        What learns.
    lesson : Lesson
        From what.
    theta : ndarray of shape (n_theta,)
        Where training starts from.
    rng : Generator
        For what is drawn by chance.
    window : int, optional
        Rows of a window, in place of the estimator's.

    Returns
    -------
    theta : ndarray of shape (n_theta,)
        The best weights.
    stopping : Stopping
        What training went through.

    Raises
    ------
    TypeError, ValueError
        If a parameter breaks its rule.
    """
    owner = type(estimator).__name__
    stopping = Stopping(
        tol=estimator.tol,
        n_iter_no_change=estimator.n_iter_no_change,
        owner=owner,
    )
    max_iter = estimator.max_iter
    if _takes_all_rows(estimator):
        regime = _regime(estimator, model, lesson, window)
        return _minimised(estimator, regime, model, lesson, theta, stopping), stopping
    score = None
    if estimator.early_stopping:
        lesson, score = _with_validation(estimator, model, lesson)
    descent = Descent(theta, *_descent_of(estimator))
    progress = Progress(owner, max_iter, estimator.verbose)
    train(
        _regime(estimator, model, lesson, window),
        descent,
        stopping,
        schedule=_schedule(estimator, max_iter),
        max_iter=max_iter,
        rng=rng,
        score=score,
        say=progress.say,
    )
    return descent.theta, stopping


def school_once(
    estimator: Any,
    model: Model,
    lesson: Lesson,
    theta: Array,
    rng: np.random.Generator,
    before: Descent | None,
) -> Descent:
    """Go once through more rows.

    Parameters
    ----------
    estimator, model, lesson, theta, rng
        As in `school`; `theta` is changed in place.
    before : Descent or None
        What earlier rows left.

    Returns
    -------
    Descent
        What these leave.

    Raises
    ------
    TypeError, ValueError
        If a parameter breaks its rule, or the loss becomes NaN.
    """
    owner = type(estimator).__name__
    if _takes_all_rows(estimator):
        rule = "another solver for partial_fit: it needs all rows at once"
        raise ValueError(worded(owner, "solver", estimator.solver, rule))
    memory = {} if before is None else deepcopy(before.memory)
    descent = Descent(theta, *_descent_of(estimator), memory)
    # That numbers outgrew their range is told by the loss, once and in words.
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        loss = _regime(estimator, model, lesson).epoch(descent, rng)
    stopping = Stopping(owner=owner)
    stopping.update(0, loss, theta, learning_rate=descent.learning_rate)
    return descent


def _takes_all_rows(estimator: Any) -> bool:
    return isinstance(estimator.solver, str) and estimator.solver in WHOLE


def _minimised(
    estimator: Any,
    regime: Regime,
    model: Model,
    lesson: Lesson,
    theta: Array,
    stopping: Stopping,
) -> Array:
    """Return the weights that a solver finds that takes all rows at once."""
    owner, solver = type(estimator).__name__, estimator.solver
    if estimator.early_stopping:
        rule = f"False with solver={solver!r}, which has no epochs"
        raise ValueError(worded(owner, "early_stopping", True, rule))
    limits = {"max_iter": estimator.max_iter, "tol": estimator.tol}
    if solver == "lbfgs" and isinstance(regime, Windowed | Truncated):
        return minimise(partial(lbfgs, regime.gradient), theta, stopping, **limits)
    if not isinstance(regime, Windowed):
        rule = f"one by windows with solver={solver!r}"
        raise ValueError(worded(owner, "regime", estimator.regime, rule))
    if estimator.loss != "squared_error" or estimator.bidirectional is not False:
        rule = "another one unless loss='squared_error' and bidirectional=False"
        raise ValueError(worded(owner, "solver", solver, rule))
    squares = LeastSquares(model, lesson, regime.windows)
    return minimise(squares.minimise, theta, stopping, **limits)


def _descent_of(estimator: Any) -> tuple[UpdateRule, float, float | None]:
    """Return the update rule, the learning rate, and the longest gradient."""
    owner, solver = type(estimator).__name__, estimator.solver
    rate, clip = float(estimator.learning_rate_init), estimator.clip_norm
    if isinstance(solver, UpdateRule):
        return solver, rate, clip
    rule = UPDATE_RULES[check_choice(owner, "solver", solver, SOLVERS)]
    taken = [name for name in CONSTANTS if name in rule.__dataclass_fields__]
    return rule(**{name: getattr(estimator, name) for name in taken}), rate, clip


def _schedule(estimator: Any, max_iter: int) -> Schedule:
    if estimator.learning_rate == "cosine":
        return Cosine(n_epochs=max_iter)
    if not callable(estimator.learning_rate):
        owner = type(estimator).__name__
        check_choice(owner, "learning_rate", estimator.learning_rate, SCHEDULES)
    return as_schedule(estimator.learning_rate)


def _regime(estimator: Any, model: Model, lesson: Lesson, window: Any = None) -> Regime:
    """Return how an epoch goes."""
    owner = type(estimator).__name__
    if callable(estimator.regime) and estimator.regime is not ExtendedKalmanFilter:
        return _own_regime(estimator, model, lesson)
    if estimator.regime != "bptt":
        return _along_rows(estimator, model, lesson)
    window = estimator.window if window is None else window
    longest = int(np.diff(lesson.offsets).max())
    whole, at_once = estimator._per_series_, _takes_all_rows(estimator)
    network = model.network
    recalled = isinstance(network, Network) and network.is_recalled
    if isinstance(network, Network) and network.is_static and not at_once:
        return _rowwise(estimator, model, lesson, window)
    if window == "auto" and recalled and not whole:
        window = PIECE if at_once else SHORT
    elif window == "auto":
        window = WINDOW if longest > 2 * WINDOW and not (whole or at_once) else None
    if window is not None and estimator._per_series_:
        rule = "'auto' or None where y has one row per series"
        raise ValueError(worded(owner, "window", window, rule))
    if estimator.truncation is not None:
        steps = estimator.truncation
        return _released(estimator, Truncated(model, lesson, steps, window))
    stride = estimator.stride
    if stride is not None:
        if window is not None and stride > window:
            rule = f"at most window={window}, or rows would be left out"
            raise ValueError(worded(owner, "stride", stride, rule))
    elif window is not None:
        stride = window if recalled else -(-window // 2)
    windows = lesson.windows(window, stride)
    batch = estimator.batch_size
    if batch == "auto":
        batch = min(BATCH, windows.first.size)
    return _released(
        estimator, Windowed(model, lesson, windows, batch, bool(estimator.shuffle))
    )


def _rowwise(estimator: Any, model: Model, lesson: Lesson, window: Any) -> Regime:
    """Return a regime of rows that are independent."""
    if window is None or estimator._per_series_:
        window = 1 if estimator._per_series_ else int(np.diff(lesson.offsets).max())
    single, batch = window == "auto", estimator.batch_size
    if batch == "auto":
        batch = ROWS if single else BATCH
    rows = 1 if single else window
    return Rowwise(model, lesson, rows, batch, bool(estimator.shuffle))


def _along_rows(estimator: Any, model: Model, lesson: Lesson) -> Regime:
    """Return a regime that learns along the rows."""
    owner, regime = type(estimator).__name__, estimator.regime
    if not isinstance(regime, ExtendedKalmanFilter):
        check_choice(owner, "regime", regime, REGIMES)
    if isinstance(model.network, Bidirectional):
        rule = "'bptt' with bidirectional layers, which need whole series"
        raise ValueError(worded(owner, "regime", regime, rule))
    if estimator.truncation is not None:
        rule = f"None with regime={regime!r}, whose errors reach back without end"
        raise ValueError(worded(owner, "truncation", estimator.truncation, rule))
    if isinstance(regime, str) and regime.startswith("rtrl"):
        online = regime == "rtrl_online"
        return _released(estimator, RealTime(model, lesson, online))
    if estimator.loss != "squared_error":
        rule = "'squared_error' with a Kalman filter"
        raise ValueError(worded(owner, "loss", estimator.loss, rule))
    if isinstance(regime, str):
        regime = ExtendedKalmanFilter(decoupled=regime == "ekf_decoupled")
    return _released(estimator, Filtered(model, lesson, regime))


def _own_regime(estimator: Any, model: Model, lesson: Lesson) -> Regime:
    """Return a regime that the user's function makes."""
    owner, regime = type(estimator).__name__, estimator.regime
    if estimator.truncation is not None:
        rule = "None with a regime of your own, which is not told of it"
        raise ValueError(worded(owner, "truncation", estimator.truncation, rule))
    made = regime(model, lesson)
    if isinstance(made, type) or not callable(getattr(made, "epoch", None)):
        rule = "a function of a model and a lesson that returns an object with"
        raise TypeError(worded(owner, "regime", regime, f"{rule} epoch(descent, rng)"))
    return _released(estimator, made)


def _released(estimator: Any, regime: Regime) -> Regime:
    """Return a regime with teacher forcing as an estimator wants it."""
    owner, share = type(estimator).__name__, getattr(estimator, "teacher_forcing", 1.0)
    taught: Any = regime
    if not callable(share):
        check_number(owner, "teacher_forcing", share, "[0, 1]")
        if share == 1:
            return regime
    if not hasattr(taught, "lesson"):
        rule = "1 with a regime that has no attribute lesson"
        remedy = "Keep the lesson there, and read it anew in each epoch."
        raise ValueError(worded(owner, "teacher_forcing", share, rule, remedy))
    return Released(taught, share if callable(share) else lambda epoch: share)


def _with_validation(
    estimator: Any, model: Model, lesson: Lesson
) -> tuple[Lesson, Any]:
    """Return the lesson without its last rows, and the score on these."""
    owner, fraction = type(estimator).__name__, estimator.validation_fraction
    shorter, held_out = lesson.without_last(fraction, estimator._per_series_)
    network, whole = model.network, lesson.windows(None, None)
    static = isinstance(network, Network) and network.is_static
    rows = side_by_side(lesson.X, network.n_states) if static else None
    known = held_out & ~np.isnan(lesson.Z).any(axis=1)
    if known.sum() < 2 or np.isnan(shorter.Z).any(axis=1).all():
        raise ValueError(
            f"{owner}(early_stopping=True, validation_fraction={fraction:g}) leaves "
            f"{known.sum()} rows to validate on. Give longer series, or another share."
        )

    def score(theta: Array) -> float:
        batch = rows or lesson.batch(whole, model.rest(theta)[0])[0]
        outputs = model.unroll(theta, batch, keep=False).outputs
        if not np.isfinite(outputs).all():
            return float("nan")
        weights = None if lesson.weights is None else lesson.weights[known]
        Z, Y = lesson.Z[known], outputs[known]
        # Outputs whose squares are not finite are told by the score, as those are.
        with np.errstate(over="ignore"):
            return float(r2_score(Z, Y, sample_weight=weights))

    return shorter, score
