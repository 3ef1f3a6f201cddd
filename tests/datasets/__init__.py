"""Each generator against its equation and what is published of it."""
