"""Mackey-Glass against its equation, its limits and Jaeger's settings."""

from __future__ import annotations

import numpy as np
import pytest

from seqest.datasets import mackey_glass
from tests.reference.datasets import mackey_glass_by_euler, mackey_glass_by_intervals


def test_the_default_is_every_tenth_euler_step_of_a_tenth() -> None:
    fine = mackey_glass_by_euler(4990, np.full(171, 1.2))
    # The sums are the same; powers may differ by an ulp, which chaos (exponent .006)
    # raises by a factor of 20 over 500 units of time.
    series = mackey_glass(500, discard=0)
    np.testing.assert_allclose(series, fine[::10], rtol=0, atol=1e-12)


def test_a_history_is_read_oldest_first() -> None:
    history = np.linspace(0.5, 1.5, 171)
    fine = mackey_glass_by_euler(990, history)
    series = mackey_glass(100, history=history, discard=0)
    np.testing.assert_allclose(series, fine[::10], rtol=0, atol=1e-12)  # as above


def test_step_exponent_and_sampling_mean_what_they_say() -> None:
    fine = mackey_glass_by_euler(396, np.full(35, 0.9), step=0.5, exponent=9.65)
    series = mackey_glass(
        100, step=0.5, sample_every=4, exponent=9.65, history=0.9, discard=0
    )
    np.testing.assert_allclose(series, fine[::4], rtol=0, atol=1e-12)  # as above


def error_against_the_true_solution(method: str, step: float) -> float:
    """Return the error over two delays that follow a smooth history."""
    every = round(1 / step)
    times = np.arange(51 * every, 102 * every + 1) / every
    true = mackey_glass_by_intervals(times, tau=17.0, start=1.2)
    series = mackey_glass(
        35,
        method=method,
        step=step,
        sample_every=every,
        history=true[: 17 * every + 1],
        discard=0,
    )
    return float(np.abs(series - true[17 * every :: every]).max())


def test_euler_converges_to_the_true_solution_with_order_one() -> None:
    coarse, fine = (error_against_the_true_solution("euler", s) for s in (0.2, 0.1))
    assert fine < 0.01
    # Halving the step halves the error, up to terms of the next order.
    assert 1.8 < coarse / fine < 2.2


def test_rk4_converges_to_the_true_solution_with_order_four() -> None:
    coarse, fine = (error_against_the_true_solution("rk4", s) for s in (0.5, 0.25))
    # 2⁴ = 16, up to terms of the next order.
    assert 11 < coarse / fine < 22
    assert error_against_the_true_solution("rk4", 0.1) < 1e-6


@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_one_is_an_equilibrium_where_production_is_twice_decay(method: str) -> None:
    np.testing.assert_array_equal(mackey_glass(50, history=1.0, method=method), 1.0)


@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_a_short_delay_comes_to_rest_at_one(method: str) -> None:
    # Below a delay of 4.7 the equilibrium is stable.
    series = mackey_glass(5, tau=3.0, method=method, discard=2000)
    np.testing.assert_allclose(series, 1.0, rtol=0, atol=1e-9)


def test_without_production_it_decays_exponentially() -> None:
    times = np.arange(20)
    euler = mackey_glass(20, beta=0.0, discard=0)
    np.testing.assert_allclose(
        euler, 1.2 * 0.99 ** (10 * times), rtol=1e-12
    )  # rounding
    rk4 = mackey_glass(20, beta=0.0, method="rk4", discard=0)
    # Error of a step: (0.01)⁵ / 120, over 190 steps.
    np.testing.assert_allclose(rk4, 1.2 * np.exp(-0.1 * times), rtol=1e-9)


def test_a_delay_of_seventeen_stays_on_its_attractor_without_repeating() -> None:
    series = mackey_glass(3000)
    assert 0.4 < series.min() < 0.45
    assert 1.3 < series.max() < 1.35
    # A period would bring some later stretch back onto the first; the nearest miss is
    # far above rounding.
    windows = np.lib.stride_tricks.sliding_window_view(series, 50)
    nearest = np.abs(windows[20:] - windows[0]).max(axis=1).min()
    assert nearest > 1e-3


def test_a_history_is_not_written_to() -> None:
    history = np.full(171, 1.2)
    mackey_glass(3, history=history, history_noise=0.1, random_state=0)
    np.testing.assert_array_equal(history, 1.2)


def test_a_rough_history_leads_no_power_of_a_negative_number() -> None:
    history = np.zeros(171)
    history[2] = 1.3  # the cubic over 0, 0, 1.3, 0 is -.4 half a step after the first
    series = mackey_glass(
        30, history=history, method="rk4", exponent=9.65, beta=0.3, discard=0
    )
    assert series.min() >= 0


def test_noise_on_the_history_is_uniform_seeded_and_within_its_width() -> None:
    starts = np.array(
        [
            mackey_glass(1, history_noise=0.1, discard=0, random_state=seed)[0]
            for seed in range(200)
        ]
    )
    assert np.abs(starts - 1.2).max() <= 0.1
    # The deviation of U(−.1, .1) is .0577; its estimate from 200 is within 5 %.
    assert 0.05 < starts.std() < 0.065
    again = mackey_glass(1, history_noise=0.1, discard=0, random_state=7)[0]
    assert again == starts[7]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tau": 17.04}, r"tau=17.04\): must be a multiple of step=0.1"),
        ({"tau": 0.2, "method": "rk4"}, "3 of them or more"),
        ({"tau": -1.0}, "tau=-1.0"),
        ({"step": 0.0}, "step=0.0"),
        ({"gamma": 11.0}, r"gamma=11.0\): must be in \[0, 10\)"),
        ({"beta": -0.1}, "beta=-0.1"),
        ({"exponent": float("nan")}, "exponent=nan"),
        ({"exponent": 1e5, "beta": 1.0}, "x\\*\\*exponent to stay finite"),
        ({"method": "heun"}, "'euler', 'rk4'"),
        ({"history": [1.2, 1.2]}, "171 of them"),
        ({"history": -1.0}, "non-negative"),
        ({"history": 0.05, "history_noise": 0.1, "random_state": 0}, "non-negative"),
        ({"history": np.inf}, "finite"),
        ({"history_noise": -0.1}, "history_noise=-0.1"),
        ({"sample_every": 0}, "sample_every=0"),
        ({"discard": -1}, "discard=-1"),
        ({"random_state": "seed"}, "random_state='seed'"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        mackey_glass(10, **arguments)
