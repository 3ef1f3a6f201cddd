"""Schedules at stated epochs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from seqest.optim import (
    Adaptive,
    Constant,
    Cosine,
    Exponential,
    InverseScaling,
    Schedule,
    StepDecay,
    as_schedule,
)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Constant(), {0: 1.0, 50: 1.0}),
        (InverseScaling(), {0: 1.0, 3: 0.5, 99: 0.1}),
        (InverseScaling(power_t=1.0), {0: 1.0, 3: 0.25, 99: 0.01}),
        (StepDecay(n_epochs=10, decay=0.5), {0: 1.0, 9: 1.0, 10: 0.5, 25: 0.25}),
        (Exponential(decay=0.5), {0: 1.0, 1: 0.5, 4: 0.0625}),
        (Cosine(n_epochs=60), {0: 1.0, 20: 0.75, 30: 0.5, 40: 0.25, 60: 0.0, 99: 0.0}),
        (Cosine(n_epochs=60, minimum=0.2), {0: 1.0, 30: 0.6, 60: 0.2, 99: 0.2}),
        (
            Cosine(n_epochs=64, warm_up=4),
            {0: 0.25, 1: 0.5, 3: 1.0, 4: 1.0, 34: 0.5, 64: 0.0},
        ),
    ],
    ids=str,
)
def test_factors_are_those_of_the_formula(
    schedule: Schedule, expected: dict[int, float]
) -> None:
    factors = {epoch: schedule(epoch) for epoch in expected}
    assert factors == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([], 1.0),
        ([3.0], 1.0),
        ([3.0, 2.0, 1.0], 1.0),
        ([3.0, 3.0], 1.0),  # one epoch without improvement
        ([3.0, 3.0, 3.0], 0.2),
        ([3.0, 3.0, 2.0, 2.0], 1.0),  # never two in a row
        ([3.0, 2.95, 2.92], 0.2),  # better, but by less than tol=0.1
        ([3.0, 4.0, 3.5], 0.2),  # measured against the best, not the last
        ([3.0] * 5, 0.04),
        ([3.0, 3.0, 3.0, 1.0, 1.0, 0.5], 0.2),  # a drop is not taken back
    ],
)
def test_the_adaptive_rate_drops_after_two_epochs_in_a_row_without_improvement(
    losses: list[float], expected: float
) -> None:
    assert Adaptive(tol=0.1)(len(losses), losses) == pytest.approx(expected)


def test_a_function_of_the_user_is_a_schedule() -> None:
    schedule = as_schedule(lambda epoch: 2 if epoch < 5 else 0.5)
    assert [schedule(4), schedule(5, [1.0])] == [2.0, 0.5]


def test_a_schedule_is_taken_as_it_is_and_a_name_stands_for_its_defaults() -> None:
    given = StepDecay(n_epochs=3)
    assert as_schedule(given) is given
    assert as_schedule("step") == StepDecay()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: as_schedule(lambda epoch: -1.0)(7),
            ValueError,
            "learning_rate(7)(factor=-1.0): must be in [0, inf).",
        ),
        (
            lambda: as_schedule("linear"),
            ValueError,
            "as_schedule(schedule='linear'): must be one of 'adaptive', 'constant'",
        ),
        (
            lambda: as_schedule(0.1),  # type: ignore[arg-type]
            ValueError,
            "as_schedule(schedule=0.1): must be one of 'adaptive', 'constant'",
        ),
        (
            lambda: Cosine(n_epochs=5, warm_up=5),
            ValueError,
            "Cosine(n_epochs=5): must be an integer of at least 6. It counts",
        ),
        (
            lambda: Exponential(decay=1.1),
            ValueError,
            "Exponential(decay=1.1): must be in (0, 1].",
        ),
        (
            lambda: StepDecay(n_epochs=1.5),  # type: ignore[arg-type]
            TypeError,
            "StepDecay(n_epochs=1.5): must be an integer of at least 1.",
        ),
        (
            lambda: InverseScaling(power_t=-1.0),
            ValueError,
            "InverseScaling(power_t=-1.0): must be in [0, inf).",
        ),
        (
            lambda: Adaptive(divisor=1.0),
            ValueError,
            "Adaptive(divisor=1.0): must be in (1, inf).",
        ),
    ],
)
def test_what_is_no_schedule_is_refused_in_words(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        call()
