"""One table per role: each concrete part by its name."""
