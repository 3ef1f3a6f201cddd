# make demo, make test, make lint, make docs, make bench, make figures: each makes the
# environment it needs.

PYTHON ?= python3
WORKERS ?= 2
BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)

# Settings of the caller's pip that would install elsewhere, or half; indexes are kept.
unexport PIP_TARGET PIP_PREFIX PIP_ROOT PIP_NO_DEPS PIP_NO_BUILD_ISOLATION
export PIP_USER := 0

.NOTPARALLEL:
.PHONY: demo test lint docs bench figures
.PRECIOUS: .venv/with-%

demo: .venv/with-cli
	$(BIN)/python -m seqest demo

test: .venv/with-test
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

lint: .venv/with-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m tests.house.docstrings

# The site is below docs/_build/html. A warning is an error, and so is a link that leads
# nowhere. Where there is a browser, pages are looked at as well.
docs: .venv/with-docs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -q -b html docs docs/_build/html
	$(BIN)/python docs/check_links.py docs/_build/html
	$(BIN)/python docs/look.py docs/_build/html docs/_build/screens

bench: .venv/with-test
	$(BIN)/python -m benchmarks

# Reservoirs take minutes for many seeds, the others up to an hour for few.
RESERVOIRS := narma10 santa_fe_laser linear_memory lorenz63 channel_equalization mackey_glass
OTHERS := reber adding temporal_order airline airline_narx gas_furnace silverbox sunspots \
	default_forecaster m4_hourly etth1 intervals
FIGURES = $(BIN)/python -m benchmarks.accuracy --write docs/figures.md --tasks

figures: .venv/with-test
	$(FIGURES) $(RESERVOIRS) --seeds 20
	$(FIGURES) $(OTHERS) --seeds 5

# One stamp per extra: installed once, and again when pyproject.toml changes.
.venv/with-%: .venv/created pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	touch $@

.venv/created:
	$(PYTHON) -m venv .venv
	touch $@
