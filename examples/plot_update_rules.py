"""
Ways down: what each update rule does on a surface
==================================================

Five rules start at the same points. Where the gradient is followed as it is, descent
ends in the first hollow, waits at the saddle's ridge, and hardly moves on the plateau.
Momentum carries past a shallow hollow; rules that divide by the size of past gradients
(RMSprop, Adam) leave the ridge at once and cross the plateau as if it were a slope.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from seqest.optim import UPDATE_RULES

n_steps = 400
bumps = [(1.0, (-1.0, 0.0), 0.8), (0.28, (0.8, 0.4), 0.1)]  # depth, centre, width


def minima(w):
    """Return two wells in a bowl, and the gradient."""
    value, slope = 0.02 * w @ w, 0.04 * w
    for depth, centre, width in bumps:
        away = w - np.array(centre)
        well = depth * np.exp(-away @ away / (2 * width))
        value, slope = value - well, slope + well * away / width
    return value, slope


def saddle(w):
    """Return x² - y² that rises again far out, and the gradient."""
    x, y = w
    return x**2 - y**2 + y**4 / 4, np.array([2 * x, y**3 - 2 * y])


def plateau(w):
    """Return a sigmoid slope, flat above, and the gradient."""
    x, y = w
    s = 1 / (1 + np.exp(-4 * (x - 0.3)))
    return s + 0.05 * y**2, np.array([4 * s * (1 - s), 0.1 * y])


surfaces = {
    "a local minimum": (minima, (1.9, 1.2), 0.05),
    "a saddle": (saddle, (1.4, 1e-3), 0.02),
    "a plateau": (plateau, (1.9, 1.0), 0.05),
}
looks = {
    "sgd": ("#000000", "-"),
    "momentum": ("#D55E00", "-"),
    "nesterov": ("#E69F00", "--"),
    "rmsprop": ("#56B4E9", "-"),
    "adam": ("#0072B2", "--"),
}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.8), layout="constrained")
grid = np.linspace(-2.2, 2.2, 120)
for axis, (name, (surface, begin, rate)) in zip(axes, surfaces.items(), strict=True):
    heights = [[surface(np.array([x, y]))[0] for x in grid] for y in grid]
    axis.contourf(grid, grid, heights, 24, cmap="Greys", alpha=0.6)
    axis.set(title=name, aspect="equal", xticks=[], yticks=[])
    for rule_name, (colour, style) in looks.items():
        rule, w = UPDATE_RULES[rule_name](), np.array(begin)
        memory, path = rule.begin(w), [w.copy()]
        for _ in range(n_steps):
            gradient = surface(rule.look_ahead(w, memory))[1]
            rule.step(w, gradient, memory, rate)
            path.append(w.copy())
        print(f"{name}, {rule_name}: {surface(w)[0]:.3f} after {n_steps} steps")
        axis.plot(*np.transpose(path), color=colour, ls=style, lw=1.8, label=rule_name)
        axis.plot(*w, "o", color=colour, ms=5)
    axis.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2))
axes[0].legend(loc="lower left", fontsize="small", framealpha=0.9)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "output")
folder.mkdir(parents=True, exist_ok=True)
figure.savefig(folder / "update_rules.png", dpi=150)
