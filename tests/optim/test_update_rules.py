"""Each rule's first steps: by hand, and by the equation in a loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqest.optim import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Momentum,
    Nesterov,
    RMSprop,
    UpdateRule,
)

Array = NDArray[np.float64]
Slope = Callable[[float], float]

# From theta = 1 with gradients 1, 2, -1 and learning rate 0.1 (Adadelta: 1).
BY_HAND: list[tuple[UpdateRule, float, list[float]]] = [
    (SGD(), 0.1, [0.9, 0.7, 0.8]),
    # Velocities -0.1, -0.25, -0.025.
    (Momentum(momentum=0.5), 0.1, [0.9, 0.65, 0.625]),
    (Nesterov(momentum=0.5), 0.1, [0.9, 0.65, 0.625]),
    # 0.1 / 1, 0.2 / √5, -0.1 / √6.
    (Adagrad(), 0.1, [0.9, 0.8105573, 0.8513821]),
    # Mean squares 0.5, 2.25, 1.625.
    (RMSprop(decay=0.5), 0.1, [0.8585786, 0.7252453, 0.8036918]),
    # Means 1, 5/3, 1/7 over roots of 1, 3, 13/7.
    (Adam(beta_1=0.5, beta_2=0.5), 0.1, [0.9, 0.8037750, 0.7932921]),
    # -√(1/2), -2 √(3/11), then back by √(1.1704545 / 2.125).
    (Adadelta(decay=0.5, epsilon=0.5), 1.0, [0.2928932, -0.7515727, -0.0094122]),
]


@pytest.mark.parametrize(
    ("rule", "rate", "expected"), BY_HAND, ids=lambda case: type(case).__name__
)
def test_the_first_three_steps_are_those_computed_by_hand(
    rule: UpdateRule, rate: float, expected: list[float]
) -> None:
    theta = np.array([1.0])
    state = rule.begin(theta)
    path = []
    for gradient in (1.0, 2.0, -1.0):
        rule.step(theta, np.array([gradient]), state, rate)
        path.append(float(theta[0]))
    assert path == pytest.approx(expected, abs=1e-7)  # the digits written down


def sgd(theta: float, slope: Slope, rate: float) -> Iterator[float]:
    while True:
        theta -= rate * slope(theta)
        yield theta


def momentum(theta: float, slope: Slope, rate: float) -> Iterator[float]:
    velocity = 0.0
    while True:
        velocity = 0.9 * velocity - rate * slope(theta)
        theta += velocity
        yield theta


def nesterov(theta: float, slope: Slope, rate: float) -> Iterator[float]:
    velocity = 0.0
    while True:
        velocity = 0.9 * velocity - rate * slope(theta + 0.9 * velocity)
        theta += velocity
        yield theta


def adagrad(theta: float, slope: Slope, rate: float) -> Iterator[float]:
    squares = []
    while True:
        g = slope(theta)
        squares.append(g**2)
        theta -= rate * g / (1e-10 + sqrt(sum(squares)))
        yield theta


def rmsprop(theta: float, slope: Slope, rate: float) -> Iterator[float]:
    mean_square = 0.0
    while True:
        g = slope(theta)
        mean_square = 0.9 * mean_square + 0.1 * g**2
        theta -= rate * g / (sqrt(mean_square) + 1e-8)
        yield theta


def adadelta(theta: float, slope: Slope, rate: float) -> Iterator[float]:
    square, square_step = 0.0, 0.0
    while True:
        g = slope(theta)
        square = 0.95 * square + 0.05 * g**2
        step = -sqrt(square_step + 1e-6) / sqrt(square + 1e-6) * g
        square_step = 0.95 * square_step + 0.05 * step**2
        theta += rate * step
        yield theta


def adam(theta: float, slope: Slope, rate: float) -> Iterator[float]:
    m, v, t = 0.0, 0.0, 0
    while True:
        t += 1
        g = slope(theta)
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        theta -= rate * m_hat / (sqrt(v_hat) + 1e-8)
        yield theta


@pytest.mark.parametrize(
    ("rule", "by_equation", "rate"),
    [
        (SGD(), sgd, 0.1),
        (Momentum(), momentum, 0.1),
        (Nesterov(), nesterov, 0.1),
        (Adagrad(), adagrad, 0.1),
        (RMSprop(), rmsprop, 0.01),
        (Adadelta(), adadelta, 0.7),
        (Adam(), adam, 0.1),
    ],
    ids=lambda case: type(case).__name__ if isinstance(case, UpdateRule) else "",
)
def test_the_path_is_that_of_the_equation(
    rule: UpdateRule, by_equation: Callable[..., Iterator[float]], rate: float
) -> None:
    curvature, minimum = np.array([3.0, 1.0, 0.2]), np.array([1.0, -2.0, 0.5])
    theta = np.zeros(3)
    state = rule.begin(theta)
    path = []
    for _ in range(30):
        gradient = curvature * (rule.look_ahead(theta, state) - minimum)
        rule.step(theta, gradient, state, rate)
        path.append(theta.copy())
    for i in range(3):
        loop = by_equation(0.0, lambda w, i=i: curvature[i] * (w - minimum[i]), rate)
        expected = [next(loop) for _ in path]
        # Rounding, over 30 steps that shrink differences or keep them.
        np.testing.assert_allclose(np.array(path)[:, i], expected, rtol=1e-12)


def test_nesterov_looks_ahead_by_the_share_of_the_last_step() -> None:
    rule, theta = Nesterov(momentum=0.5), np.array([1.0, 2.0])
    state = rule.begin(theta)
    np.testing.assert_array_equal(rule.look_ahead(theta, state), theta)
    before = theta.copy()
    rule.step(theta, np.array([1.0, -4.0]), state, 0.25)
    expected = theta + 0.5 * (theta - before)  # powers of two: exact
    np.testing.assert_array_equal(rule.look_ahead(theta, state), expected)


@pytest.mark.parametrize("rule", [SGD(), Momentum(), Adam()])
def test_other_rules_take_the_gradient_where_they_are(rule: UpdateRule) -> None:
    theta = np.ones(2)
    state = rule.begin(theta)
    rule.step(theta, np.ones(2), state, 0.1)
    assert rule.look_ahead(theta, state) is theta


@pytest.mark.parametrize("rule", [Momentum(momentum=0.0), Nesterov(momentum=0.0)])
def test_without_momentum_it_is_gradient_descent(rule: UpdateRule) -> None:
    rng = np.random.default_rng(0)
    theta, plain = np.ones(5), np.ones(5)
    state = rule.begin(theta)
    for gradient in rng.standard_normal((4, 5)):
        rule.step(theta, gradient, state, 0.1)
        SGD().step(plain, gradient, {}, 0.1)
    np.testing.assert_allclose(theta, plain, rtol=1e-15)


@pytest.mark.parametrize("rule", [Adagrad(), RMSprop(), Adam()])
def test_an_adaptive_step_does_not_depend_on_the_scale_of_the_loss(
    rule: UpdateRule,
) -> None:
    ends: list[Any] = []
    for scale in (1.0, 1024.0):
        theta = np.ones(4)
        state = rule.begin(theta)
        for gradient in np.random.default_rng(2).standard_normal((6, 4)):
            rule.step(theta, scale * gradient, state, 0.1)
        ends.append(theta)
    # Epsilon is 1e-8 beside roots of around 1 and of around 1000.
    np.testing.assert_allclose(*ends, rtol=1e-6)
