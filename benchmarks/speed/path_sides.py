"""What each side does in the row of bootstrapped paths; the worker loads it.

A season of 24 hours in noise, 1000 rows; the model sees the last 24. Fitting is not
timed; ours tells beside the paths how far forecasts of many steps miss, for which it
learns five times more, and that is.
"""

from __future__ import annotations

import numpy as np

N_ROWS, N_LAGS = 1000, 24


def hours():
    """Return a series, and how wide 90 % of what follows it must be at least."""
    wave = np.sin(2 * np.pi * np.arange(N_ROWS) / 24)
    return wave + 0.3 * np.random.default_rng(0).normal(size=N_ROWS)


def regressor(name):
    """Return a regressor of scikit-learn."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import Ridge

    return {
        "Ridge": lambda: Ridge(),
        "HistGradientBoosting": lambda: HistGradientBoostingRegressor(max_iter=50),
    }[name]()


class Paths:
    """Ours; its answer is the mean width of the intervals."""

    def paths(self, model, n_paths, n_steps):
        from seqest.forecasting import Forecaster

        options = {"differencing": 0, "power": None, "random_state": 0}
        forecaster = Forecaster(regressor(model), lags=N_LAGS, **options)
        forecaster.fit(y=hours())

        def run():
            bounds = forecaster.get_forecast(n_steps, n_paths=n_paths).conf_int(0.1)
            return float((bounds["upper"] - bounds["lower"]).mean())

        return run


class SkforecastPaths:
    """skforecast; residuals are those of training, as it takes them by default."""

    def paths(self, model, n_paths, n_steps):
        import pandas as pd
        from skforecast.recursive import ForecasterRecursive

        forecaster = ForecasterRecursive(regressor(model), lags=N_LAGS)
        forecaster.fit(pd.Series(hours(), name="y"), store_in_sample_residuals=True)
        options = {
            "method": "bootstrapping",
            "interval": [0.05, 0.95],
            "n_boot": n_paths,
        }

        def run():
            bounds = forecaster.predict_interval(n_steps, **options)
            return float((bounds["upper_bound"] - bounds["lower_bound"]).mean())

        return run
