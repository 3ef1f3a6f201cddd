"""Independent oracles: short loops from the equations, and published answers."""
