"""Rules of parameters and targets that several regressors share."""

from __future__ import annotations

from typing import Any

from seqest._sequences import RULES
from seqest._validation import (
    check_choice,
    check_flag,
    check_integer,
    check_number,
    worded,
)
from seqest.optim import SCHEDULES
from seqest.recurrence.losses import counted
from seqest.recurrence.model import INITS

__all__ = ["check_parameters", "require_some_known"]

NUMBERS = {
    "alpha": "[0, inf)",
    "beta_1": "[0, 1)",
    "beta_2": "[0, 1)",
    "delta": "(0, inf)",
    "epsilon": "(0, inf)",
    "init_range": "(0, inf)",
    "learning_rate_init": "(0, inf)",
    "momentum": "[0, 1)",
    "quantile": "(0, 1)",
    "tol": "[0, inf)",
    "validation_fraction": "(0, 1)",
}
# Numbers of rows or windows, and what they may be besides.
COUNTS: dict[str, tuple[object, ...]] = {
    "batch_size": ("auto",),
    "stride": (None,),
    "truncation": (None,),
    "window": (None, "auto"),
}
FLAGS = (
    "early_stopping",
    "errors_through_memory",
    "learn_initial_state",
    "shuffle",
    "standardize",
    "state_feedback",
    "warm_start",
)


def check_parameters(estimator: Any) -> None:
    """Check each parameter on its own, whether or not it will be used.

    Parameters
    ----------
    estimator : RecurrentRegressor
        Holds the parameters.

    Raises
    ------
    TypeError, ValueError
        If one breaks its rule.
    """
    owner, given = type(estimator).__name__, estimator.get_params(deep=False)
    for name, interval in NUMBERS.items():
        if name in given:
            check_number(owner, name, given[name], interval)
    for name in FLAGS:
        if name in given:
            check_flag(owner, name, given[name])
    for name, others in COUNTS.items():
        value = given.get(name, others[0])
        if not (value is None or isinstance(value, str)) or value not in others:
            check_integer(owner, name, value, 1)
    check_integer(owner, "max_iter", given["max_iter"], 1)
    if isinstance(given["learning_rate"], str):
        check_choice(owner, "learning_rate", given["learning_rate"], SCHEDULES)
    if given["clip_norm"] is not None:
        check_number(owner, "clip_norm", given["clip_norm"], "(0, inf)")
    check_choice(owner, "init", given["init"], INITS)
    check_choice(owner, "initial_state", given["initial_state"], RULES)
    both_ways = given.get("bidirectional", False) is not False
    if both_ways and given["initial_state"] == "last":
        rule = "'auto' or 'zero' with bidirectional layers, which cannot go on from"
        raise ValueError(worded(owner, "initial_state", "last", f"{rule} a state"))


def require_some_known(owner: str, Y: Any, weights: Any) -> None:
    """Raise if no target counts.

    Parameters
    ----------
    owner : str
        Named in the error.
    Y : ndarray of shape (n_rows, n_outputs)
        Targets, NaN where there is none, or where delays are not known.
    weights : ndarray of shape (n_rows,) or None
        Of the rows.

    Raises
    ------
    ValueError
        If each has NaN or no weight.
    """
    if not counted(Y, weights).any():
        raise ValueError(
            f"{owner} has no row of y to learn from: none is known, has a weight above "
            "zero, and follows enough known rows to fill all delays."
        )
