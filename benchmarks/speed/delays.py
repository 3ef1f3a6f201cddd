"""Speed rows of the models of delay lines."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.speed.sides import compare

Row = tuple[str, str, str, str, str]

# What runs freely here, and there; regressors of scikit-learn go by their own names.
RUNS = (
    ("perceptron", {"SysIdentPy": "NARXNN", "skforecast": "MLPRegressor"}),
    ("perceptron", {"SysIdentPy": "FROLS"}),
    ("MLPRegressor", {"SysIdentPy": "MLPRegressor", "skforecast": "MLPRegressor"}),
    ("Ridge", {"SysIdentPy": "Ridge", "skforecast": "Ridge"}),
    ("quadratic Ridge", {"SysIdentPy": "FROLS"}),
)


def tdnn(quick: bool) -> Iterator[Row]:
    """Training with Adam, batches of 200 rows, against scikit-learn's perceptron.

    Its columns are lagged within the time taken. Beside the times are the losses of the
    last epoch.
    """
    n_rows = 5000 if quick else 20_000
    task = {"task": "tdnn", "n_delays": 10, "n_epochs": 10, "n_rows": n_rows}
    for dtype in ("float64", "float32"):
        for hidden in ([32], [64], [32, 32]):
            own = {**task, "hidden": hidden, "dtype": dtype}
            times = compare(["seqest", "scikit-learn"], own, 5, {"n_rows": 500})
            ours, _, last = times["seqest"]
            theirs, _, answer = times["scikit-learn"]
            layers = ", ".join(map(str, hidden))
            yield (
                f"10 epochs, TDNN ({layers}), 10 x {n_rows}, {dtype}",
                f"MLPRegressor {theirs:.3f} s ({answer['value']:.4f})",
                f"{ours:.3f} s ({last['value']:.4f})",
                f"{theirs / ours:.2f}x",
                ">= 3x",
            )


def free_run(quick: bool) -> Iterator[Row]:
    """A free run of models that see 4 inputs and 4 outputs; 16 hidden units.

    Beside the times is the NRMSE, which says whether both sides ran the same system.
    FROLS keeps 10 quadratic terms, where the quadratic Ridge has all 45.
    """
    n_steps = 1000 if quick else 10_000
    task = {"task": "free_run", "hidden": [16], "n_delays": 4, "n_steps": n_steps}
    for model, peers in RUNS:
        own = {**task, "models": {"seqest": model, **peers}}
        times = compare(["seqest", *peers], own, 5, {"n_steps": 100})
        ours, _, last = times["seqest"]
        for peer, other in peers.items():
            theirs, _, answer = times[peer]
            yield (
                f"free run (NRMSE), {n_steps} steps, {model}",
                f"{peer} {other} {theirs * 1e3:.0f} ms ({answer['value']:.3f})",
                f"{ours * 1e3:.2f} ms ({last['value']:.3f})",
                f"{theirs / ours:.2f}x",
                ">= 50x",
            )
