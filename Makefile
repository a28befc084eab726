# The only commands a newcomer needs. `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
VISITS := install nginx upgrade
export MYGAS_MODE ?= demo

.PHONY: run test test-postgres lint bench messages help

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

run: $(VENV)/.run ## set up all and start the portal (PORT, MYGAS_DATA are respected)
	@exec $(BIN)/flask --app wsgi up

test: $(VENV)/.dev ## run the whole suite on SQLite
	$(BIN)/pytest $(ARGS)

test-postgres: $(VENV)/.dev ## run the same suite on a private PostgreSQL cluster (but for what visits a portal of its own, which keeps SQLite)
	$(BIN)/python tests/private_postgres.py $(BIN)/pytest --ignore=tests/e2e $(VISITS:%=--ignore=tests/deploy/test_%.py) $(ARGS)

lint: $(VENV)/.dev ## check style, types and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev ## measure; see bench/README.md
	$(BIN)/python -m bench.imports
	$(BIN)/python -m bench.pages
	$(BIN)/python -m bench.history
	$(BIN)/python -m bench.receipts
	$(BIN)/python -m bench.codes_under_kill
	$(BIN)/python -m bench.peak
	$(BIN)/python -m bench.learners
	$(BIN)/python -m bench.backups

messages: $(VENV)/.dev ## bring the catalogues of translations in step with the code
	$(BIN)/python -m translations.messages update

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mygas needs Python 3.11 or newer; name it: make PYTHON=python3.12 run"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
