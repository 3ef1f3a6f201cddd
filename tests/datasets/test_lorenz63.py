"""Lorenz's system against its symmetries, its bounds and another solver."""

from __future__ import annotations

import numpy as np
import pytest

from seqest.datasets import lorenz63
from tests.reference.datasets import lorenz63_by_runge_kutta


def test_it_agrees_with_runge_kutta_of_order_four() -> None:
    states = lorenz63(201, dt=0.01, discard=0)
    expected = lorenz63_by_runge_kutta((1, 1, 1), step=0.0005, n_steps=4000)
    # Error of the oracle: about (5e-4)⁴ times derivatives near 1e4.
    np.testing.assert_allclose(states[-1], expected, rtol=0, atol=1e-8)


def test_the_step_of_the_rows_does_not_change_the_solution() -> None:
    fine, coarse = lorenz63(401, dt=0.01, discard=0), lorenz63(41, dt=0.1, discard=0)
    # Interpolation within a step is good to 1e-10.
    np.testing.assert_allclose(fine[::10], coarse, rtol=0, atol=1e-9)


def test_a_looser_solution_follows_until_the_exponent_has_raised_its_error() -> None:
    exact, loose = lorenz63(3000, discard=0), lorenz63(3000, discard=0, tol=1e-6)
    error = np.abs(exact - loose).max(axis=1)
    assert error[500] < 0.01
    assert error.max() > 1


def test_the_first_row_is_a_copy_of_the_start() -> None:
    start = np.array([1.0, 2.0, 20.0])
    for n_timesteps in (1, 2):
        states = lorenz63(n_timesteps, x0=start, discard=0)
        np.testing.assert_array_equal(states[0], start)
        assert not np.shares_memory(states, start)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_the_foci_are_equilibria(sign: float) -> None:
    focus = (sign * np.sqrt(72), sign * np.sqrt(72), 27.0)
    states = lorenz63(100, x0=focus, discard=0)
    # At rest the solver's steps grow, and its interpolation with them is good to 1e-9.
    np.testing.assert_allclose(states, np.tile(focus, (100, 1)), rtol=0, atol=1e-8)


def test_turning_by_half_about_the_z_axis_turns_the_orbit() -> None:
    turn = np.array([-1.0, -1.0, 1.0])
    states, turned = (
        lorenz63(500, x0=x0, discard=0) for x0 in ((1, 2, 20), (-1, -2, 20))
    )
    # Every operation of the solver is symmetric, to the bit.
    np.testing.assert_array_equal(states * turn, turned)


def test_on_the_z_axis_it_decays_at_the_rate_beta() -> None:
    states = lorenz63(100, x0=(0, 0, 10), beta=2.0, discard=0)
    np.testing.assert_array_equal(states[:, :2], 0.0)
    expected = 10 * np.exp(-2.0 * 0.01 * np.arange(100))
    np.testing.assert_allclose(states[:, 2], expected, rtol=1e-10)  # the tolerance


def test_below_the_first_bifurcation_everything_comes_to_rest() -> None:
    state = lorenz63(1, rho=0.5, dt=0.1, discard=600)
    np.testing.assert_allclose(state, 0.0, atol=1e-9)


def test_the_attractor_lies_in_leonovs_ball_and_visits_both_wings() -> None:
    states = lorenz63(3000)
    # Leonov, Bunin and Koksch (1987): a ball of radius β(σ + ρ) / (2 √(β − 1)) about
    # (0, 0, σ + ρ).
    radius = 8 / 3 * 38 / (2 * np.sqrt(5 / 3))
    distance = np.linalg.norm(states - (0, 0, 38), axis=1)
    assert distance.max() <= radius
    assert states[:, 0].min() < -10
    assert states[:, 0].max() > 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"dt": 0.0}, "dt=0.0"),
        ({"sigma": -10.0}, "sigma=-10.0"),
        ({"rho": np.nan}, "rho=nan"),
        ({"beta": 0.0}, "beta=0.0"),
        ({"x0": (1.0, 1.0)}, "3 of them"),
        ({"x0": (1.0, 1.0, np.nan)}, "finite"),
        ({"x0": (1.0, -2000.0, 1.0)}, r"must be in \[-1000, 1000\]"),
        ({"tol": 1e-15}, r"tol=1e-15\): must be in \[1e-13, 1\)"),
        ({"discard": -1}, "discard=-1"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lorenz63(10, **arguments)
