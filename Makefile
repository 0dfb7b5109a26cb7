PYTHON ?= python3
PORT ?= 8000

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
OURS := portal leads connectors tests manage.py

# Nothing is started for the checks: the addresses below are never called.
CHECK_ENV := SECRET_KEY=$$(printf 'c%.0s' $$(seq 60))kept-nowhere FIELD_KEYS=$$(printf 'A%.0s' $$(seq 43))= \
	DATABASE_URL=postgresql://localhost:1/portal REDIS_URL=redis://localhost:1 \
	BASE_URL=https://leads.example.com ALLOWED_HOSTS=leads.example.com EMAIL_URL=smtp://localhost:1 \
	PYTHONWARNINGS=ignore::RuntimeWarning

.PHONY: help run test test-faults check bench
.DEFAULT_GOAL := help

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Serve the portal with a demo on http://127.0.0.1:8000 (PORT= for another), until Ctrl-C
	@exec $(BIN)/python manage.py serve --port $(PORT) --with-parent

test: $(VENV)/.dev ## Run the tests on PostgreSQL, Redis and Chromium (BROWSER=skip leaves the pages out)
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m tests.azurite
	@$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --cov --cov-report=term-missing:skip-covered

test-faults: $(VENV)/.dev ## Run the tests that take long: crowds of workers, dead endpoints, services that stop
	@$(BIN)/python -m pytest -m long

check: $(VENV)/.dev ## Lint, format, types, import contracts, migrations, settings, templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(OURS)
	@$(BIN)/lint-imports
	@$(CHECK_ENV) $(BIN)/python manage.py makemigrations --check --dry-run
	@$(CHECK_ENV) $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/.dev ## Measure the rates beside their floors
	@$(BIN)/python -m tests.bench

$(VENV)/.run: requirements.txt requirements-embedded.txt | $(BIN)/python
	@echo "Installing what the portal needs into $(VENV) ..."
	@$(PIP) -r requirements-embedded.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-embedded.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.run

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed; \
	$(PYTHON) is %d.%d. Name another: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing: install it (Debian: apt install python3-venv)." >&2; \
	rm -rf $(VENV); exit 1; }
