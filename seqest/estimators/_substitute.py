"""A scikit-learn regressor in a perceptron's place: checked, and fitted to lags."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import has_fit_parameter

from seqest._sequences import Sequences
from seqest._validation import shown, worded
from seqest.estimators._base import SequenceRegressor
from seqest.estimators._formula import formula_of
from seqest.estimators._lagged import Lagged, lagged_rows
from seqest.estimators._parameters import require_some_known
from seqest.estimators._scaling import Scaling
from seqest.features import DelayKernels, GammaMemory, TappedDelayLine
from seqest.features.taps import Lags, deepest
from seqest.reservoirs import Reservoir

__all__ = ["check_regressor", "learn_lagged"]

Array = NDArray[Any]
METHODS = ("fit", "predict", "get_params", "__sklearn_tags__")
MEMORIES = (DelayKernels, GammaMemory, TappedDelayLine, Reservoir)
WITH_MEMORY = (SequenceRegressor, *MEMORIES)


def check_regressor(owner: str, regressor: Any, weighted: bool = False) -> None:
    """Raise unless lagged rows can be given to a regressor.

    Parameters
    ----------
    owner : str
        Named in errors.
    regressor : object
        What a user gave.
    weighted : bool, default=False
        Whether its rows have weights.

    Raises
    ------
    TypeError
        If it is no regressor with `fit` and `predict`.
    ValueError
        If it takes no weights.
    """
    name, rule = "regressor", "None or a scikit-learn regressor such as Ridge()"
    remedy = ""
    if isinstance(regressor, type):
        remedy = f"Give an instance, {regressor.__name__}(…)."
    # Some only have `predict` when they are fitted; their class has it always.
    elif not all(hasattr(type(regressor), method) for method in METHODS):
        remedy = "It needs fit, predict, and what else scikit-learn asks for."
    elif is_classifier(regressor):
        remedy = "It is a classifier."
    else:
        parts = [regressor, *regressor.get_params(deep=True).values()]
        if any(isinstance(part, WITH_MEMORY) for part in parts):
            remedy = "A memory of its own would run beside the delays."
    if remedy:
        raise TypeError(worded(owner, name, regressor, rule, remedy))
    if weighted and not _takes_weights(regressor):
        rule = "a regressor whose fit takes sample_weight, or sample_weight None"
        raise ValueError(worded(owner, name, regressor, rule))


def _takes_weights(regressor: Any) -> bool:
    parameters = signature(regressor.fit).parameters.values()
    passed_on = any(one.kind is one.VAR_KEYWORD for one in parameters)
    return passed_on or has_fit_parameter(regressor, "sample_weight")


def learn_lagged(
    owner: str,
    regressor: Any,
    lags: tuple[Lags, Lags],
    sequences: Sequences,
    Y: Array,
    weights: NDArray[np.float64] | None,
    random_state: Any,
    flat: bool,
) -> Lagged:
    """Fit a copy of a regressor to lagged rows, those with nothing unknown in them.

    Parameters
    ----------
    owner : str
        Named in errors.
    regressor : object
        As `check_regressor` wants it; it stays as it is.
    lags : tuple
        The lags of inputs and of outputs.
    sequences : Sequences
        The inputs.
    Y : ndarray of shape (n_rows, n_outputs)
        The outputs, NaN where missing.
    weights : ndarray of shape (n_rows,) or None
        Weights of the rows.
    random_state : int, RandomState or None
        Seeds what in the regressor has none.
    flat : bool
        Whether it is given the one output without an axis of its own.

    Returns
    -------
    Lagged
        What was learned.

    Raises
    ------
    ValueError
        If there is no row to learn from, or the regressor cannot.
    """
    X, offsets, n_stretches = sequences.X, sequences.offsets, sequences.n_stretches
    depth = max(map(deepest, lags))
    begin, before = (
        np.full((n_stretches, deepest(own), len(own)), np.nan) for own in lags
    )
    H = lagged_rows(X, Y, offsets, lags, begin, before)
    since = np.arange(len(X)) - np.repeat(offsets[:-1], sequences.lengths)
    known = (since >= depth) & ~np.isnan(H).any(axis=1) & ~np.isnan(Y).any(axis=1)
    own = None if weights is None else weights[known]
    require_some_known(owner, Y[known], own)
    learner = clone(regressor)
    if random_state is not None:
        _seed(learner, random_state)
    targets = Y[known, 0] if flat else Y[known]
    options = {} if own is None else {"sample_weight": own}
    mean = Scaling.of(Y, weights).mean
    try:
        learner.fit(H[known], targets, **options)
    except ValueError as error:
        if Y.shape[1] == 1 or get_tags(learner).target_tags.multi_output:
            raise
        raise ValueError(
            f"y has {Y.shape[1]} outputs, and {shown(regressor)} takes one. Wrap it in "
            "sklearn.multioutput.MultiOutputRegressor."
        ) from error
    return Lagged(learner, *lags, mean, formula_of(learner, H[known]))


def _seed(regressor: Any, random_state: Any) -> None:
    """Seed all parts of a regressor that draw by chance and have no seed."""
    rng, given = check_random_state(random_state), regressor.get_params(deep=True)
    for name in sorted(given):
        if name.split("__")[-1] == "random_state" and given[name] is None:
            regressor.set_params(**{name: rng.randint(2**31 - 1)})
