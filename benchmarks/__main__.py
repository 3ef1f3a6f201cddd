"""Print the tables of speed and accuracy: ``python -m benchmarks [--quick]``."""

from __future__ import annotations

import argparse

from benchmarks.accuracy.__main__ import main as accuracy
from benchmarks.speed.__main__ import main as speed

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="smaller sizes, fewer seeds"
    )
    parser.add_argument("--data-dir", default="../shared/data", help="folder of data")
    options = parser.parse_args()
    quick = ["--quick"] if options.quick else []
    speed(quick)
    accuracy([*quick, "--data-dir", options.data_dir])
