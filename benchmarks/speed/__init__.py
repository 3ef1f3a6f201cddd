"""Speed and memory against named peers and measured limits, in one run."""
