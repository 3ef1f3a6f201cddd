"""A scikit-learn regressor in a perceptron's place: checked, and fitted to lags."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import has_fit_parameter

from seqest._sequences import Sequences
from seqest._validation import shown, worded
from seqest.estimators._base import SequenceRegressor
from seqest.estimators._lagged import Lagged, lagged_rows
from seqest.estimators._polynomial import polynomial_of
from seqest.estimators._scaling import Scaling
from seqest.features.taps import Lags, deepest

__all__ = ["check_regressor", "learn_lagged", "require_some_known"]

Array = NDArray[Any]


def check_regressor(owner: str, regressor: Any, weighted: bool) -> None:
    """Raise unless lagged rows can be given to a regressor.

    Parameters
    ----------
    owner : str
        Named in errors.
    regressor : object
        What a user gave.
    weighted : bool
        Whether its rows have weights.

    Raises
    ------
    TypeError
        If it is no regressor with `fit` and `predict`.
    ValueError
        If it takes no weights.
    """
    name, rule = "regressor", "None or a scikit-learn regressor such as Ridge()"
    methods = (getattr(regressor, method, None) for method in ("fit", "predict"))
    if isinstance(regressor, type):
        remedy = f"Give an instance, {regressor.__name__}(…)."
        raise TypeError(worded(owner, name, regressor, rule, remedy))
    if not all(map(callable, methods)):
        raise TypeError(worded(owner, name, regressor, rule, "It needs fit, predict."))
    if is_classifier(regressor):
        raise TypeError(worded(owner, name, regressor, rule, "It is a classifier."))
    if isinstance(regressor, SequenceRegressor):
        remedy = "A sequence estimator has delays of its own."
        raise TypeError(worded(owner, name, regressor, rule, remedy))
    if weighted and not has_fit_parameter(regressor, "sample_weight"):
        rule = "a regressor whose fit takes sample_weight, or sample_weight None"
        raise ValueError(worded(owner, name, regressor, rule))


def learn_lagged(
    regressor: Any,
    lags: tuple[Lags, Lags],
    sequences: Sequences,
    Y: Array,
    weights: NDArray[np.float64] | None,
    random_state: Any,
) -> Lagged:
    """Fit a copy of a regressor to lagged rows, those with nothing unknown in them.

    Parameters
    ----------
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
    require_some_known(Y[known])
    learner = clone(regressor, safe=False)
    if random_state is not None and hasattr(learner, "set_params"):
        _seed(learner, random_state)
    targets = Y[known, 0] if Y.shape[1] == 1 else Y[known]
    options = {} if weights is None else {"sample_weight": weights[known]}
    mean = Scaling.of(Y, weights).mean
    try:
        learner.fit(H[known], targets, **options)
    except ValueError as error:
        if targets.ndim == 1 or get_tags(learner).target_tags.multi_output:
            raise
        raise ValueError(
            f"y has {Y.shape[1]} outputs, and {shown(regressor)} takes one. Wrap it in "
            "sklearn.multioutput.MultiOutputRegressor."
        ) from error
    return Lagged(learner, *lags, mean, polynomial_of(learner, H[known]))


def require_some_known(Y: Array) -> None:
    """Raise if no target is left of rows all of whose delays are known."""
    if np.isnan(Y).any(axis=1).all():
        raise ValueError(
            "y is never known together with all of its delays. Lower the output "
            "delays, or fill its gaps."
        )


def _seed(regressor: Any, random_state: Any) -> None:
    """Seed all parts of a regressor that draw by chance and have no seed."""
    rng, given = check_random_state(random_state), regressor.get_params(deep=True)
    for name in sorted(given):
        if name.split("__")[-1] == "random_state" and given[name] is None:
            regressor.set_params(**{name: rng.randint(2**31 - 1)})
