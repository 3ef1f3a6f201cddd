"""Laws of every way down, and of every update rule."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import seqest.optim
from seqest.optim import SCHEDULES as SCHEDULES_BY_NAME
from seqest.optim import UPDATE_RULES, Schedule, UpdateRule
from tests.contracts.tables.optim import (
    RULES,
    SCHEDULES,
    TABLE,
    Descent,
    Quadratic,
)

Array = NDArray[Any]

every_part = pytest.mark.parametrize("minimise", TABLE.values(), ids=TABLE)
every_rule = pytest.mark.parametrize(
    "rule", [descent.rule for descent in RULES.values()], ids=RULES
)
every_schedule = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def gradients(n_steps: int, n_parameters: int, dtype: Any = np.float64) -> Array:
    rng = np.random.default_rng(5)
    return rng.standard_normal((n_steps, n_parameters)).astype(dtype)


def run(rule: UpdateRule, theta: Array, state: Any, slopes: Array) -> Array:
    """Return the path of `theta` under given gradients; changes `theta` and `state`."""
    path = []
    for gradient in slopes:
        rule.step(theta, gradient, state, 0.01)
        path.append(theta.copy())
    return np.array(path)


def test_the_table_names_every_part_once() -> None:
    parts = {
        name for name in seqest.optim.__all__ if callable(vars(seqest.optim)[name])
    }
    assert set(TABLE) == parts - {"State", "UpdateRule", "Schedule"}


def test_every_rule_and_schedule_has_a_name_for_estimators() -> None:
    assert {rule.__name__ for rule in UPDATE_RULES.values()} == set(RULES)
    named = {schedule.__name__ for schedule in SCHEDULES_BY_NAME.values()}
    assert named == set(SCHEDULES) - {"Custom", "as_schedule"}


@both_precisions
@every_part
def test_it_reaches_the_minimum_of_a_quadratic(
    minimise: Callable[[Quadratic, Array], Array], dtype: Any
) -> None:
    quadratic, start = Quadratic(), np.zeros(3, dtype)
    found = minimise(quadratic, start)
    assert found.dtype == dtype
    assert not start.any(), "the start stays as it was"
    # Adagrad and Adadelta are still under way after 3000 steps; most are at 1e-6.
    np.testing.assert_allclose(found, quadratic.minimum, atol=2e-3)


@both_precisions
@every_rule
def test_a_rule_keeps_the_precision(rule: UpdateRule, dtype: Any) -> None:
    theta = np.ones(3, dtype)
    state = rule.begin(theta)
    run(rule, theta, state, gradients(3, 3, dtype))
    kinds = {state[name].dtype for name in rule.memory}
    assert theta.dtype == rule.look_ahead(theta, state).dtype == dtype
    assert kinds <= {np.dtype(dtype)}


@every_rule
def test_single_precision_follows_double(rule: UpdateRule) -> None:
    paths = {}
    for dtype in (np.float32, np.float64):
        theta = np.ones(50, dtype)
        paths[dtype] = run(rule, theta, rule.begin(theta), gradients(20, 50, dtype))
    # 20 steps, each of rounding 6e-8 relative to parameters and sums around 1.
    np.testing.assert_allclose(paths[np.float32], paths[np.float64], atol=1e-5)


@both_precisions
@every_rule
def test_without_a_gradient_nothing_moves(rule: UpdateRule, dtype: Any) -> None:
    theta = np.ones(300, dtype)  # long enough for the vectorised loop
    state = rule.begin(theta)
    run(rule, theta, state, np.zeros((3, 300), dtype))
    np.testing.assert_array_equal(theta, 1)


@every_rule
def test_a_step_first_goes_down_the_gradient(rule: UpdateRule) -> None:
    gradient = gradients(1, 300)
    theta = np.zeros(300)
    run(rule, theta, rule.begin(theta), gradient)
    np.testing.assert_array_equal(np.sign(theta), -np.sign(gradient[0]))


@every_rule
def test_parameters_do_not_disturb_each_other(rule: UpdateRule) -> None:
    slopes, order = gradients(5, 301), np.random.default_rng(1).permutation(301)
    straight, shuffled = np.ones(301), np.ones(301)
    path = run(rule, straight, rule.begin(straight), slopes)
    other = run(rule, shuffled, rule.begin(shuffled), slopes[:, order].copy())
    # Elements in the vectorised part and in the rest may round apart.
    np.testing.assert_allclose(other, path[:, order], rtol=1e-13)


@pytest.mark.parametrize(
    "through", [copy.deepcopy, lambda kept: pickle.loads(pickle.dumps(kept))]
)
@every_rule
def test_a_kept_state_goes_on_bit_for_bit(
    rule: UpdateRule, through: Callable[[Any], Any]
) -> None:
    slopes = gradients(8, 37)
    theta = np.ones(37)
    state = rule.begin(theta)
    run(rule, theta, state, slopes[:4])
    kept_rule, kept_theta, kept_state = through((rule, theta, state))
    path = run(rule, theta, state, slopes[4:])
    again = run(kept_rule, kept_theta, kept_state, slopes[4:])
    np.testing.assert_array_equal(path, again)
    assert kept_rule == rule


@every_rule
def test_a_rule_changes_parameters_and_state_alone(rule: UpdateRule) -> None:
    slopes, theta = gradients(3, 37), np.ones(37)
    state, before, fields = rule.begin(theta), slopes.copy(), dataclasses.asdict(rule)
    arrays = {name: id(array) for name, array in state.items()}
    run(rule, theta, state, slopes)
    np.testing.assert_array_equal(slopes, before)
    assert dataclasses.asdict(rule) == fields
    assert {name: id(array) for name, array in state.items()} == arrays


@every_rule
def test_a_rule_cannot_be_changed(rule: UpdateRule) -> None:
    for name in dataclasses.asdict(rule):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(rule, name, 0.5)


@every_rule
def test_each_constant_out_of_range_is_refused_in_words(rule: UpdateRule) -> None:
    for name in dataclasses.asdict(rule):
        for value in (-0.1, np.nan):
            message = rf"^{type(rule).__name__}\({name}={value}\): must be in"
            with pytest.raises(ValueError, match=message):
                dataclasses.replace(rule, **{name: value})
        with pytest.raises(TypeError, match="must be a number in"):
            dataclasses.replace(rule, **{name: "much"})


@every_rule
@pytest.mark.parametrize(
    "gradient", [np.ones(2), np.ones(4), np.ones((3, 1)), np.ones(3, np.float32)]
)
def test_a_gradient_that_does_not_fit_is_refused_and_nothing_moves(
    rule: UpdateRule, gradient: Array
) -> None:
    theta = np.ones(3)
    message = r"gradient=<.*must be of shape \(3,\) and dtype float64, as theta is"
    with pytest.raises(ValueError, match=message):
        rule.step(theta, gradient, rule.begin(theta), 0.1)
    np.testing.assert_array_equal(theta, 1)


@every_rule
def test_a_state_of_other_parameters_is_refused(rule: UpdateRule) -> None:
    if not rule.memory:
        assert rule.begin(np.ones(3)) == {}
        return
    with pytest.raises(ValueError, match=r"state\['\w+'\].*must be of shape \(3,\)"):
        rule.step(np.ones(3), np.ones(3), rule.begin(np.ones(2)), 0.1)


@every_rule
@pytest.mark.parametrize("theta", [np.ones((2, 2)), np.ones(3, int)])
def test_parameters_that_are_no_vector_are_refused(
    rule: UpdateRule, theta: Array
) -> None:
    with pytest.raises(ValueError, match=r"theta=<.*one-dimensional array of float32"):
        rule.begin(theta)


@every_rule
def test_a_rule_is_one_kernel_compiled_once_for_each_precision(
    rule: UpdateRule,
) -> None:
    for dtype in (np.float32, np.float64):
        theta = np.ones(3, dtype)
        for rate in (1, 0.1, np.float32(0.1), np.float64(0.1)):
            rule.step(theta, np.ones(3, dtype), rule.begin(theta), rate)
    module = vars(sys.modules[type(rule).__module__])
    kernels = [value for value in module.values() if hasattr(value, "py_func")]
    assert [len(found.signatures) for found in kernels] == [2]


@every_schedule
def test_a_schedule_only_ever_shortens_steps(schedule: Schedule) -> None:
    factors = [schedule(epoch) for epoch in range(4000)]
    assert all(isinstance(factor, float) and 0 <= factor <= 1 for factor in factors)
    assert factors[0] > 0


@every_schedule
def test_a_schedule_keeps_no_state(schedule: Schedule) -> None:
    losses = [3.0, 2.0, 2.0, 2.0, 1.0]
    first = [schedule(epoch, losses[:epoch]) for epoch in range(5)]
    again = [schedule(epoch, losses[:epoch]) for epoch in reversed(range(5))]
    assert first == again[::-1]


@pytest.mark.parametrize("name", SCHEDULES_BY_NAME)
def test_a_named_schedule_pickles_and_needs_no_parameters(name: str) -> None:
    schedule = SCHEDULES_BY_NAME[name]()
    assert pickle.loads(pickle.dumps(schedule)) == schedule


def test_the_quadratic_knows_its_minimum() -> None:
    quadratic = Quadratic()
    assert quadratic.loss(quadratic.minimum) == 0
    assert Descent()(quadratic, quadratic.minimum).tolist() == [1.0, -2.0, 0.5]
