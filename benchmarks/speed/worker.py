"""One side of a comparison, in a process and an environment of its own.

Reads a task a line from standard input, as JSON ``{"task": ..., **parameters}``, and
answers with a line ``{"seconds": ..., "megabytes": ...}``. It imports nothing of this
repository but `seqest` itself and what the sides of delay lines do, beside it, so that
it runs in a peer's environment as well.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings

import delay_sides
import numpy as np
import path_sides

ALPHA, RADIUS, SCALING, WASHOUT = 1e-4, 0.9, 0.5, 100


def series(n_series, n_steps):
    """Return random inputs (n_series, n_steps, 1) and what to recall from them."""
    X = np.random.default_rng(0).uniform(-1, 1, (n_series, n_steps, 1))
    return X, np.roll(X, 1, axis=1)


class Seqest(delay_sides.Delays, path_sides.Paths):
    """This package."""

    def model(self, n_units, density, washout=WASHOUT):
        from seqest import ESNRegressor

        return ESNRegressor(
            n_units,
            density=density,
            spectral_radius=RADIUS,
            input_scaling=SCALING,
            alpha=ALPHA,
            washout=washout,
            random_state=0,
        )

    def one_series(self, n_units, density, n_steps):
        X, Y = series(1, n_steps)
        model = self.model(n_units, density)
        return lambda: model.fit(X[0], Y[0, :, 0]).predict(X[0])

    def fit_only(self, n_units, density, n_steps):
        X, Y = series(1, n_steps)
        model = self.model(n_units, density)
        return lambda: model.fit(X[0], Y[0, :, 0])

    def many_series(self, n_units, density, n_series, n_steps):
        X, Y = series(n_series, n_steps)
        model = self.model(n_units, density, washout=20)
        return lambda: model.fit(X, Y)

    def spectral_radius(self, n_units, degree):
        from seqest.reservoirs import spectral_radius

        W = random_matrix(n_units, degree)
        return lambda: spectral_radius(W)

    def epochs(self, cell, hidden, window, batch, n_windows, n_epochs):
        import seqest

        X, Y = (a.astype(np.float32) for a in series(n_windows, window))
        model = getattr(seqest, f"{cell}Regressor")(
            hidden,
            batch_size=batch,
            max_iter=n_epochs,
            learning_rate_init=1e-3,
            alpha=0.0,
            window=None,
            clip_norm=None,
            standardize=False,
            n_iter_no_change=n_epochs,
            random_state=0,
        )
        return lambda: model.fit(X, Y)

    def one_epoch(self, cell, hidden, n_steps, regime):
        import seqest

        X, Y = (a[0].astype(np.float32) for a in series(1, n_steps))
        model = getattr(seqest, f"{cell}Regressor")(
            hidden,
            regime=regime,
            window=None,
            max_iter=1,
            n_iter_no_change=1,
            random_state=0,
        )
        return lambda: model.fit(X, Y)


class ReservoirPy:
    """reservoirpy: a reservoir node into a ridge node."""

    def model(self, n_units, density):
        from reservoirpy.nodes import Reservoir, Ridge

        reservoir = Reservoir(
            units=n_units,
            sr=RADIUS,
            lr=1.0,
            rc_connectivity=density,
            input_scaling=SCALING,
            seed=0,
        )
        return reservoir >> Ridge(ridge=ALPHA)

    def one_series(self, n_units, density, n_steps):
        X, Y = series(1, n_steps)

        def run():
            model = self.model(n_units, density)
            model.fit(X[0], Y[0], warmup=WASHOUT)
            model.run(X[0])

        return run

    def many_series(self, n_units, density, n_series, n_steps):
        X, Y = series(n_series, n_steps)
        parts = list(X), list(Y)
        return lambda: self.model(n_units, density).fit(*parts, warmup=20)


class PyRCN:
    """PyRCN's ESNRegressor; its `k_rec` is the number of connections of a unit."""

    def model(self, n_units, density):
        from pyrcn.echo_state_network import ESNRegressor

        return ESNRegressor(
            hidden_layer_size=n_units,
            spectral_radius=RADIUS,
            k_rec=round(density * n_units),
            input_scaling=SCALING,
            leakage=1.0,
            alpha=ALPHA,
            random_state=0,
        )

    def one_series(self, n_units, density, n_steps):
        X, Y = series(1, n_steps)

        def run():
            self.model(n_units, density).fit(X[0], Y[0, :, 0]).predict(X[0])

        return run

    def many_series(self, n_units, density, n_series, n_steps):
        X, Y = series(n_series, n_steps)
        inputs, outputs = np.empty(n_series, object), np.empty(n_series, object)
        for k in range(n_series):
            inputs[k], outputs[k] = X[k], Y[k, :, 0]
        return lambda: self.model(n_units, density).fit(inputs, outputs)


class Torch:
    """torch: a layer, a linear map and Adam, as its tutorials have it."""

    def __init__(self, n_threads):
        import torch

        torch.set_num_threads(n_threads)

    def epochs(self, cell, hidden, window, batch, n_windows, n_epochs):
        import torch

        X, Y = series(n_windows, window)
        X, Y = (torch.tensor(a, dtype=torch.float32).transpose(0, 1) for a in (X, Y))

        def run():
            torch.manual_seed(0)
            layer = getattr(torch.nn, {"Elman": "RNN"}.get(cell, cell))(1, hidden)
            linear = torch.nn.Linear(hidden, 1)
            weights = [*layer.parameters(), *linear.parameters()]
            adam = torch.optim.Adam(weights, lr=1e-3)
            for _ in range(n_epochs):
                order = torch.randperm(n_windows)
                for k in range(0, n_windows, batch):
                    chosen = order[k : k + batch]
                    adam.zero_grad()
                    outputs = linear(layer(X[:, chosen])[0])
                    loss = torch.nn.functional.mse_loss(outputs, Y[:, chosen])
                    loss.backward()
                    adam.step()

        return run


class Bare:
    """The BLAS, LAPACK and ARPACK calls that nobody can do without."""

    def fit_only(self, n_units, density, n_steps):
        from scipy.linalg.blas import dsyrk
        from scipy.linalg.lapack import dpotrf

        H = np.random.default_rng(0).uniform(-1, 1, (n_steps, n_units))

        def run():
            gram = dsyrk(1.0, H.T, lower=1)
            gram[np.diag_indices(n_units)] += ALPHA
            dpotrf(gram, lower=1, overwrite_a=1)

        return run

    def peak(self, dtype):
        A = np.random.default_rng(0).uniform(-1, 1, (2000, 2000)).astype(dtype)
        A @ A

        def run():
            begun = time.perf_counter()
            for _ in range(5):
                A @ A
            return 5 * 2 * len(A) ** 3 / (time.perf_counter() - begun)

        return run

    def spectral_radius(self, n_units, degree):
        from scipy.sparse.linalg import eigs

        W = random_matrix(n_units, degree)
        return lambda: abs(eigs(W, k=1, return_eigenvectors=False)[0])


def random_matrix(n_units, degree):
    """Return a random sparse W with `degree` connections a unit on average."""
    from scipy.sparse import random_array

    rng = np.random.default_rng(0)
    sampler = lambda size: rng.uniform(-1, 1, size)  # noqa: E731
    shape = (n_units, n_units)
    return random_array(
        shape, density=degree / n_units, rng=rng, data_sampler=sampler
    ).tocsr()


class Skforecast(delay_sides.Skforecast, path_sides.SkforecastPaths):
    """skforecast."""


SIDES = {
    "seqest": Seqest,
    "reservoirpy": ReservoirPy,
    "PyRCN": PyRCN,
    "torch, 1 thread": lambda: Torch(1),
    "torch, 2 threads": lambda: Torch(2),
    "scikit-learn": delay_sides.ScikitLearn,
    "SysIdentPy": delay_sides.SysIdentPy,
    "skforecast": Skforecast,
    "bare": Bare,
}


def peak_megabytes():
    """Return the most memory this process has held."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / 1024


def main():
    warnings.simplefilter("ignore")
    side, prepared = SIDES[sys.argv[1]](), {}
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        task = json.loads(line)
        if line not in prepared:
            prepared[line] = getattr(side, task.pop("task"))(**task)
        before = peak_megabytes()
        begun = time.perf_counter()
        result = prepared[line]()
        seconds = time.perf_counter() - begun
        answer = {"seconds": seconds, "megabytes": peak_megabytes() - before}
        if np.isscalar(result):
            answer["value"] = float(result)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
