"""Accuracy beside published figures: ``python -m benchmarks.accuracy``.

One file a task. Each has ``run(seeds, quick, data_dir)``, which yields the rows of the
table, and ``search(quick, data_dir)``, which reproduces how the free settings were
chosen, on training and validation rows alone: ``python -m benchmarks.accuracy
--search``. What it found stands in each file as a constant. Where a goal is missed,
``REMARK`` says why.

Marks of the figures of others: [S] read in the source, [R] recomputed, [M] from the
literature as remembered.
"""
