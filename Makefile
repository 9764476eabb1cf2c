# `make run` and `make test` do all the set-up themselves; the second time they start at once.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
DEV_READY := $(VENV)/.dev-ready
# Three at once on two cores, since many tests wait for processes, disks and clocks.
SIDE_BY_SIDE := -n 3 --dist worksteal

.PHONY: run test quick soak bench lint types format lock clean

run: $(READY)
	@$(VENV)/bin/citewire run

test: lint types
	$(VENV)/bin/pytest $(SIDE_BY_SIDE)

quick: lint types
	$(VENV)/bin/pytest $(SIDE_BY_SIDE) -m "not slow"

# The tests of random sequences with more seeds than `make test` tries; SEEDS=1000 tries even more.
SEEDS ?= 60
soak: $(DEV_READY)
	CITEWIRE_TEST_SEEDS=$(SEEDS) $(VENV)/bin/pytest $(SIDE_BY_SIDE) -m soak

# docs/performance.md says what is measured; BENCH="FOLDER --sentences 1000000" measures on other articles.
bench: $(READY)
	$(VENV)/bin/python -m benchmarks $(BENCH)

lint: $(DEV_READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(DEV_READY)
	$(VENV)/bin/mypy

format: $(DEV_READY)
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# What running needs, exactly as it was tested, then the project itself, editable.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Citewire needs Python 3.11 or later: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --requirement requirements.lock
	$(VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ && sync  # else whatever writes next waits until the disk has all of it

# What developing needs on top of it.
$(DEV_READY): $(READY) requirements-dev.lock
	$(VENV)/bin/python -m pip install --quiet --requirement requirements-dev.lock
	@touch $@ && sync

# Renews both locks from what pyproject.toml allows; platform builds (torch 2.13.0+cpu) are named without their suffix.
FREEZE := .lock/bin/python -m pip freeze --all --exclude-editable | grep -vE '^pip==' | sed 's/+cpu$$//'
lock:
	rm -rf .lock && $(PYTHON) -m venv .lock
	.lock/bin/python -m pip install --quiet torch==2.13.0 setuptools wheel
	.lock/bin/python -m pip install --quiet --editable .
	$(FREEZE) > requirements.lock
	.lock/bin/python -m pip install --quiet --constraint requirements.lock --editable ".[dev]"
	$(FREEZE) | grep -vxFf requirements.lock > requirements-dev.lock
	rm -rf .lock

clean:
	rm -rf $(VENV) .lock build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
