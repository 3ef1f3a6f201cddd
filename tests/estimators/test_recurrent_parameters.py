"""Every parameter of the recurrent regressors does something, or is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from seqest import ElmanRegressor, GRURegressor, JordanRegressor, LSTMRegressor
from tests.estimators.test_recurrent import CLASSES, every_class, rows, small

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*max_iter:sklearn.exceptions.ConvergenceWarning"
)

# A value other than that of `small`, and what the parameter needs to matter.
OTHERWISE: dict[str, tuple[Any, dict[str, Any]]] = {
    "hidden_layer_sizes": (6, {}),
    "solver": ("rmsprop", {}),
    "momentum": (0.5, {"solver": "momentum"}),
    "beta_1": (0.5, {}),
    "beta_2": (0.9, {}),
    "epsilon": (0.1, {}),
    "alpha": (10.0, {}),
    "batch_size": (1, {"window": 20}),
    "learning_rate": ("invscaling", {}),
    "learning_rate_init": (0.02, {}),
    "max_iter": (7, {}),
    "window": (20, {}),
    "stride": (3, {"window": 20}),
    "truncation": (2, {"state_feedback": True}),
    "regime": ("rtrl_online", {}),
    "loss": ("absolute_error", {}),
    "delta": (0.3, {"loss": "huber"}),
    "quantile": (0.9, {"loss": "pinball"}),
    "output_activation": ("tanh", {}),
    "skip_connections": ("inputs", {}),
    "bidirectional": (True, {}),
    "learn_initial_state": (True, {"state_feedback": True}),
    "init": ("glorot", {"state_feedback": True}),
    "init_range": (0.4, {"init": "uniform"}),
    "standardize": (False, {}),
    "clip_norm": (0.01, {"solver": "sgd"}),
    "tol": (10.0, {"n_iter_no_change": 1}),
    "n_iter_no_change": (1, {"tol": 10.0}),
    "early_stopping": (True, {}),
    "validation_fraction": (0.5, {"early_stopping": True}),
    "shuffle": (False, {"window": 20, "batch_size": 1}),
    "random_state": (1, {}),
    # ElmanRegressor and JordanRegressor
    "activation": ("logistic", {}),
    "slope": (2.0, {}),
    # JordanRegressor
    "memory": (0.9, {}),
    "output_lags": (2, {}),
    "state_feedback": (True, {}),
    "teacher_forcing": (0.3, {}),
    "errors_through_memory": (True, {"teacher_forcing": 0.3}),
    # GRURegressor and LSTMRegressor
    "reset": ("before", {}),
    "forget_bias": (3.0, {}),
}
ELSEWHERE = {"initial_state", "verbose", "warm_start"}
EVERY = [(c, name) for c in CLASSES for name in c().get_params()]


def accepted(regressor: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    known = regressor().get_params()
    return {name: value for name, value in options.items() if name in known}


@pytest.mark.parametrize(
    ("regressor", "name"), [pair for pair in EVERY if pair[1] not in ELSEWHERE]
)
def test_another_value_gives_another_network(regressor: Any, name: str) -> None:
    value, needed = OTHERWISE[name]
    X, y = rows()
    settings = accepted(regressor, needed)
    ours, theirs = (
        small(regressor, **{**settings, **options}).fit(X, y).predict(X)
        for options in ({}, {name: value})
    )
    assert np.abs(ours - theirs).max() > 1e-6


@every_class
def test_the_initial_state_says_where_prediction_starts(regressor: Any) -> None:
    X, y = rows()
    cold = small(regressor, initial_state="zero").fit(X[:60], y[:60])
    warm = small(regressor, initial_state="last").fit(X[:60], y[:60])
    auto = small(regressor).fit(X[:60], y[:60])
    later = X[60:]
    np.testing.assert_array_equal(auto.predict(later), warm.predict(later))
    np.testing.assert_array_equal(auto.predict(X[:60]), cold.predict(X[:60]))
    assert np.abs(cold.predict(later) - warm.predict(later)).max() > 1e-3


@every_class
def test_verbose_says_how_each_epoch_went(regressor: Any, capsys: Any) -> None:
    X, y = rows()
    small(regressor).fit(X, y)
    assert capsys.readouterr().err == ""
    model = small(regressor, verbose=1, early_stopping=True).fit(X, y)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5
    for epoch, line in enumerate(lines):
        assert line.startswith(
            f"{regressor.__name__}: epoch {epoch + 1}, "
            f"loss {model.loss_curve_[epoch]:.6g}, "
            f"validation score {model.validation_scores_[epoch]:.6g}"
        )


POSITIVE = (-1, 0, np.nan, np.inf)
# Bad values, each with what must be set for the parameter to be used.
INVALID: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "hidden_layer_sizes": ((0, (), (3, -1), 2.5, (3, 1.5), "ab", None), {}),
    "activation": (("sine", None, 3), {}),
    "slope": ((*POSITIVE, "steep"), {}),
    "memory": ((-0.1, 1, 1.0, np.nan, "long"), {}),
    "output_lags": ((-1, 1.5, "one"), {}),
    "teacher_forcing": ((-0.1, 1.1, np.nan, "half", None), {}),
    "reset": (("between", None), {}),
    "forget_bias": ((np.nan, np.inf, "much"), {}),
    "solver": (("newton", None, 3, ElmanRegressor), {}),
    "alpha": ((-1, np.nan, np.inf, "little", None), {}),
    "batch_size": ((0, 2.5, "all", None), {}),
    "learning_rate": (("slow", None, 0.1), {}),
    "learning_rate_init": ((*POSITIVE, "slow"), {}),
    "max_iter": ((0, 2.5, "many", None), {}),
    "window": ((0, 2.5, "wide"), {}),
    "stride": ((0, 2.5, 11, "long"), {"window": 10}),
    "truncation": ((0, 2.5, "short"), {}),
    "regime": (("hebb", None), {}),
    "loss": (("log_loss", "hinge", None), {}),
    "delta": (POSITIVE, {"loss": "huber"}),
    "quantile": ((0, 1, "median"), {"loss": "pinball"}),
    "output_activation": (("relu", None), {}),
    "skip_connections": (("some", True), {}),
    "bidirectional": (("both", None, 1), {}),
    "init": (("zeros", None), {}),
    "init_range": ((*POSITIVE, "wide"), {}),
    "clip_norm": ((*POSITIVE, "short"), {}),
    "tol": ((-1, np.nan, "exact"), {}),
    "n_iter_no_change": ((0, 2.5, "few"), {}),
    "validation_fraction": ((0, 1, "half"), {"early_stopping": True}),
    "initial_state": (("warm", None, 3), {}),
}
# The rules of the solver speak for themselves: Momentum(momentum=1): must be in [0, 1).
OF_SOLVERS = {
    "momentum": ((-0.1, 1, "fast"), "Momentum"),
    "beta_1": ((-0.1, 1, "fast"), "Adam"),
    "beta_2": ((-0.1, 1, "fast"), "Adam"),
    "epsilon": (POSITIVE, "Adam"),
}


@pytest.mark.parametrize(
    ("regressor", "name"), [pair for pair in EVERY if pair[1] in INVALID]
)
def test_a_bad_value_is_refused_in_fit_and_in_words(regressor: Any, name: str) -> None:
    values, needed = INVALID[name]
    X, y = rows()
    for value in values:
        model = small(regressor, **{**needed, name: value})
        shown = rf"^{regressor.__name__}\({name}=.*\): must be "
        with pytest.raises((TypeError, ValueError), match=shown) as caught:
            model.fit(X, y)
        assert len(str(caught.value)) < 200
        assert not hasattr(model, "theta_")


@every_class
@pytest.mark.parametrize("name", OF_SOLVERS)
def test_a_bad_constant_of_the_solver_is_refused_by_it(
    regressor: Any, name: str
) -> None:
    values, rule = OF_SOLVERS[name]
    X, y = rows()
    for value in values:
        model = small(regressor, solver=rule.lower(), **{name: value})
        with pytest.raises(
            (TypeError, ValueError), match=rf"^{regressor.__name__}\({name}=.*must be"
        ):
            model.fit(X, y)


@every_class
def test_a_seed_that_is_none_is_refused(regressor: Any) -> None:
    with pytest.raises(ValueError, match="seed"):
        small(regressor, random_state="lucky").fit(*rows())


FLAGS = {
    "early_stopping",
    "errors_through_memory",
    "learn_initial_state",
    "shuffle",
    "standardize",
    "state_feedback",
    "warm_start",
}


def test_every_parameter_is_shown_to_matter_and_to_be_checked() -> None:
    names = {name for _, name in EVERY}
    assert names <= set(OTHERWISE) | ELSEWHERE
    assert names <= {*INVALID, *OF_SOLVERS, *FLAGS, "random_state", "verbose"}


@pytest.mark.parametrize("name", sorted(FLAGS))
def test_a_flag_is_true_or_false(name: str) -> None:
    model = small(JordanRegressor, **{name: "no"})
    with pytest.raises(TypeError, match=rf"{name}='no'\): must be True or False"):
        model.fit(*rows())


UNUSED = [
    {"delta": -1},
    {"quantile": 2},
    {"validation_fraction": 7},
    {"momentum": 5},
    {"truncation": 2, "stride": 0},
    {"truncation": 2, "batch_size": 0},
    {"solver": "lbfgs", "learning_rate_init": -1},
    {"solver": "lbfgs", "clip_norm": -1},
    {"solver": "lbfgs", "learning_rate": "slow"},
]


@pytest.mark.parametrize("options", UNUSED, ids=str)
def test_a_bad_value_is_refused_where_it_is_not_used_too(options: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        small(ElmanRegressor, **options).fit(*rows())


def test_cross_entropy_takes_targets_from_nought_to_one() -> None:
    X, y = rows()
    model = small(LSTMRegressor, loss="log_loss", output_activation="logistic")
    with pytest.raises(ValueError, match="from 0 to 1"):
        model.fit(X, 5 * y)


def test_cross_entropy_learns_probabilities() -> None:
    X, y = rows(300)
    model = small(GRURegressor, loss="log_loss", output_activation="logistic")
    model.set_params(max_iter=100, learning_rate_init=0.05)
    predicted = model.fit(X, 1.0 * (y > 0)).predict(X)
    assert predicted.min() > 0
    assert predicted.max() < 1
    assert np.mean((predicted > 0.5) == (y > 0)) > 0.9


@pytest.mark.parametrize("quantile", [0.1, 0.8])
def test_the_pinball_loss_learns_a_quantile(quantile: float) -> None:
    X, _ = rows(400)
    y = np.random.default_rng(3).normal(size=400)
    model = small(ElmanRegressor, loss="pinball", quantile=quantile, alpha=100.0)
    predicted = model.set_params(max_iter=100).fit(X, y).predict(X)
    # The share of 400 draws below a quantile has a deviation of .02.
    assert np.mean(y < predicted) == pytest.approx(quantile, abs=0.06)
