"""The channel against its equations and the noise asked for."""

from __future__ import annotations

import numpy as np
import pytest

from seqest.datasets import nonlinear_channel
from tests.reference.datasets import channel_without_noise


def test_without_noise_a_row_is_the_distorted_sum_of_its_neighbours() -> None:
    X, d = nonlinear_channel(200, snr_db=np.inf, delay=0, random_state=0)
    expected = channel_without_noise(d)
    np.testing.assert_allclose(X[7:-2, 0], expected, rtol=0, atol=1e-13)  # rounding


@pytest.mark.parametrize("delay", [1, 2, 7, 8, 20])
def test_the_target_lags_by_the_delay(delay: int) -> None:
    X, y = nonlinear_channel(200, snr_db=np.inf, delay=delay, random_state=0)
    symbols = y[delay:]  # d(0), d(1), …
    expected = channel_without_noise(symbols)
    inner = X[7 : 200 - delay - 2, 0]
    np.testing.assert_allclose(inner, expected, rtol=0, atol=1e-13)  # rounding


def test_the_four_symbols_are_equally_frequent() -> None:
    _, y = nonlinear_channel(40_000, random_state=0)
    symbols, counts = np.unique(y, return_counts=True)
    np.testing.assert_array_equal(symbols, [-3, -1, 1, 3])
    # A standard error of the share is √(3/16 / 40 000) = .0022.
    np.testing.assert_allclose(counts / 40_000, 0.25, atol=0.01)


@pytest.mark.parametrize("snr_db", [-10.0, 0.0, 12.0, 32.0])
def test_noise_has_the_ratio_asked_for(snr_db: float) -> None:
    clean, _ = nonlinear_channel(50_000, snr_db=np.inf, random_state=0)
    noisy, _ = nonlinear_channel(50_000, snr_db=snr_db, random_state=0)
    noise = noisy - clean
    measured = 10 * np.log10(np.mean(clean**2) / np.mean(noise**2))
    # The power of 50 000 Gaussian draws is good to .6 %, .03 dB.
    assert measured == pytest.approx(snr_db, abs=0.1)
    assert noise.mean() == pytest.approx(0.0, abs=0.025 * noise.std())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"snr_db": np.nan}, "snr_db=nan"),
        ({"snr_db": -np.inf}, "snr_db=-inf"),
        ({"delay": -1}, "delay=-1"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        nonlinear_channel(10, **arguments)
