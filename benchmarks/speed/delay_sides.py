"""What each side does in the rows of delay lines; the worker loads it.

The models of a free run see the last `n_delays` inputs and outputs, without the input
of their own row, and learn from the same rows. Training is not timed.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

N_TRAIN = 2000
# Both perceptrons of the row that times training.
SETTINGS = {
    "activation": "tanh",
    "solver": "adam",
    "learning_rate_init": 1e-3,
    "alpha": 1e-4,
    "tol": 0.0,
    "random_state": 0,
}


def moving_average(n_rows, n_delays, dtype):
    """Return inputs (n_rows, 1) and a nonlinear function of the last `n_delays`."""
    x = np.random.default_rng(0).uniform(-1, 1, n_rows)
    y = np.tanh(np.convolve(x, 0.8 ** np.arange(n_delays))[:n_rows])
    return x[:, np.newaxis].astype(dtype), y.astype(dtype)


def driven(n_steps):
    """Return the inputs and outputs of a stable system, with `N_TRAIN` rows before."""
    u = np.random.default_rng(0).uniform(-1, 1, N_TRAIN + n_steps)
    y = np.zeros_like(u)
    for t in range(2, u.size):
        y[t] = 0.6 * np.tanh(y[t - 1]) - 0.2 * y[t - 2] + u[t - 1] + 0.3 * u[t - 2] ** 2
    return u, y


def lagged(x, lags):
    """Return the columns x(t - lag), (n_rows, n_lags); rows without a past hold NaN."""
    columns = np.full((x.size, len(lags)), np.nan, x.dtype)
    for k, lag in enumerate(lags):
        columns[lag:, k] = x[: x.size - lag]
    return columns


def error(predicted, y):
    """Return the RMSE of a free run over the deviation of what it should be."""
    residuals = np.ravel(predicted) - y[N_TRAIN:]
    return np.sqrt(np.mean(residuals**2)) / np.std(y[N_TRAIN:])


def regressor(name, hidden):
    """Return a regressor of scikit-learn, to predict with."""
    from sklearn.linear_model import Ridge
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    if name == "Ridge":
        return Ridge()
    if name == "quadratic Ridge":
        return make_pipeline(PolynomialFeatures(2), Ridge(1e-6))
    return MLPRegressor(
        hidden_layer_sizes=hidden,
        activation="tanh",
        solver="lbfgs",
        max_iter=300,
        random_state=0,
    )


class Delays:
    """This package."""

    def tdnn(self, hidden, n_delays, n_rows, n_epochs, dtype):
        from seqest import TDNNRegressor

        X, y = moving_average(n_rows, n_delays, dtype)
        model = TDNNRegressor(
            hidden,
            delays=n_delays - 1,
            **SETTINGS,
            batch_size=200,
            max_iter=n_epochs,
            n_iter_no_change=n_epochs + 1,
            standardize=False,
            clip_norm=None,
        )
        return lambda: model.fit(X, y).loss_curve_[-1]

    def free_run(self, models, hidden, n_delays, n_steps):
        from seqest import NARXRegressor

        u, y = driven(n_steps)
        X, lags = u[:, np.newaxis], list(range(1, n_delays + 1))
        delays = {"input_delays": lags, "output_delays": lags}
        if models["seqest"] == "perceptron":
            own = {"hidden_layer_sizes": hidden, "solver": "lbfgs", "max_iter": 300}
        else:
            own = {"regressor": regressor(models["seqest"], hidden)}
        narx = NARXRegressor(**delays, **own, random_state=0)
        narx.fit(X[:N_TRAIN], y[:N_TRAIN])
        return lambda: error(narx.predict(X[N_TRAIN:], initial_state="last"), y)


class ScikitLearn:
    """scikit-learn's perceptron on columns lagged by hand, in every run anew."""

    def tdnn(self, hidden, n_delays, n_rows, n_epochs, dtype):
        from sklearn.neural_network import MLPRegressor

        X, y = moving_average(n_rows, n_delays, dtype)
        model = MLPRegressor(
            hidden_layer_sizes=hidden,
            **SETTINGS,
            batch_size=200,
            max_iter=n_epochs,
            n_iter_no_change=n_epochs + 1,
        )

        def run():
            columns = lagged(X[:, 0], range(n_delays))[n_delays - 1 :]
            return model.fit(columns, y[n_delays - 1 :]).loss_curve_[-1]

        return run


class SysIdentPy:
    """SysIdentPy; its run begins with the outputs it is given, as many as lags."""

    def free_run(self, models, hidden, n_delays, n_steps):
        u, y = driven(n_steps)
        X, Y = u[:, np.newaxis], y[:, np.newaxis]
        lags = {"xlag": n_delays, "ylag": n_delays}
        narx = self._model(models["SysIdentPy"], lags, hidden)
        narx.fit(X=X[:N_TRAIN], y=Y[:N_TRAIN])
        # All of the outputs, as in its documentation: with the first ones alone it
        # takes a slower path. It reads no others.
        begin = N_TRAIN - n_delays
        return lambda: error(narx.predict(X=X[begin:], y=Y[begin:])[n_delays:], y)

    def _model(self, name, lags, hidden):
        from sysidentpy.basis_function import Polynomial
        from sysidentpy.general_estimators import NARX
        from sysidentpy.model_structure_selection import FROLS

        linear, quadratic = Polynomial(degree=1), Polynomial(degree=2)
        if name == "NARXNN":
            return self._neural(linear, lags, hidden)
        if name == "FROLS":
            few = {"order_selection": False, "n_terms": 10}
            return FROLS(**lags, basis_function=quadratic, **few)
        own = regressor(name, hidden)
        return NARX(**lags, basis_function=linear, base_estimator=own)

    def _neural(self, basis_function, lags, hidden):
        import torch
        from sysidentpy.neural_network import NARXNN

        torch.manual_seed(0)
        layers = []
        for below, above in pairwise([lags["xlag"] + lags["ylag"], *hidden]):
            layers += [torch.nn.Linear(below, above), torch.nn.Tanh()]
        net = torch.nn.Sequential(*layers, torch.nn.Linear(hidden[-1], 1))
        training = {"optimizer": "Adam", "epochs": 50}
        return NARXNN(**lags, basis_function=basis_function, net=net, **training)


class Skforecast:
    """skforecast; its inputs are of the same row, so it is given lagged ones."""

    def free_run(self, models, hidden, n_delays, n_steps):
        import pandas as pd
        from skforecast.recursive import ForecasterRecursive

        u, y = driven(n_steps)
        inputs = pd.DataFrame(lagged(u, range(1, n_delays + 1))).add_prefix("u")
        own = regressor(models["skforecast"], hidden)
        narx = ForecasterRecursive(own, lags=n_delays)
        known = slice(n_delays, N_TRAIN)
        narx.fit(pd.Series(y, name="y").iloc[known], exog=inputs.iloc[known])
        ahead = inputs.iloc[N_TRAIN:]
        return lambda: error(narx.predict(n_steps, exog=ahead), y)
