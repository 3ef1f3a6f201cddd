"""
Silverbox: a circuit learned in seconds, and run freely
=======================================================

An electronic circuit moves as a mass on a spring that stiffens. A NARX of eight units
learns from 10 000 rows of its answer to a multisine, in closed loop, so that its errors
are those of free runs. Two tests: the last quarter of the multisine, and an "arrow" of
noise that grows, at its tip beyond all that was learned. The first 50 outputs of a test
are given; then the network runs on by itself for tens of thousands of rows.

Usage: plot_silverbox.py SNLS80mV.csv [FOLDER], with the file (columns V1, the input,
and V2, in volts, at 610.35 Hz) from nonlinearbenchmark.org.

.. image:: /images/silverbox.png
   :alt: Outputs of the circuit in two tests, and the errors of free runs beside them
"""

# sphinx_gallery_thumbnail_path = 'images/silverbox.png'
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest import NARXRegressor

if len(sys.argv) < 2 or not Path(sys.argv[1]).is_file():
    sys.exit("plot_silverbox.py needs the path of SNLS80mV.csv; its text says more.")
volts = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1, usecols=(0, 1))
# The rows of Champneys et al. (2024), Baseline results for selected nonlinear system
# identification benchmarks; the first of the multisine are left to die away in.
learned = volts[40_650:105_712][500:10_500]
tests = {
    "multisine": volts[105_712:127_400],
    "arrow": volts[100:40_575],
    "arrow without its tip": volts[100:32_100],
}
model = NARXRegressor(
    8,
    input_delays=2,
    output_delays=2,
    closed_loop=True,
    solver="lm",
    skip_connections="inputs",
    tol=1e-4,  # chosen on rows of the multisine between these and the tests
    random_state=0,
).fit(learned[:, :1], learned[:, 1])

given, rate = 50, 610.35  # rows, rows a second
print("RMSE of the free run, and standard deviation of the output, in mV")
runs = {}
for name, rows in tests.items():
    X, y = rows[:, :1], rows[:, 1]
    before = {"initial_state": "zero", "return_state": True}
    _, state = model.predict_open_loop(X[:given], y[:given], **before)
    run = model.predict(X[given:], initial_state=state)
    errors = 1000 * (run - y[given:])
    print(f"{name}: {np.sqrt(np.mean(errors**2)):.2f} {1000 * y.std():.0f}")
    runs[name] = 1000 * y[given:], 1000 * run, errors

figure, axes = plt.subplots(3, figsize=(9, 7), layout="constrained")
measured, run, _ = (values[-120:] for values in runs["multisine"])
axes[0].plot(measured, "ko", ms=4, mfc="none", label="measured")
axes[0].plot(run, color="#0072B2", label="free run")
axes[0].set(
    xlabel="the last rows of the multisine", ylabel="output in mV", ylim=(-130, 210)
)
axes[0].legend(loc="upper left", ncols=2, frameon=False)
measured, _, errors = runs["arrow"]
seconds = np.arange(len(measured)) / rate
axes[1].plot(seconds, measured, color="0.4", lw=0.3)
axes[2].plot(seconds, errors, color="#D55E00", lw=0.3)
axes[1].sharex(axes[2])
axes[1].set(ylabel="arrow in mV")
axes[2].set(xlabel="time in seconds", ylabel="its free run's error in mV")
for axis in axes[1:]:
    axis.axvline(len(runs["arrow without its tip"][0]) / rate, color="k", ls=":")
folder = Path(sys.argv[2] if len(sys.argv) > 2 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "silverbox.png", dpi=150)
