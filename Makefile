# Two commands for a new clone: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready-demo
DEV    := $(VENV)/.ready-dev
ALL    := $(VENV)/.ready-all

.PHONY: demo test test-all bench docs lint sql clean help

help:
	@echo "make demo      set up, then report on a synthetic month of a heavy user"
	@echo "make test      set up, then run the fast tests"
	@echo "make test-all  all tests: slow ones, those in a browser, those that need a JVM"
	@echo "make bench     benchmarks, as ratios measured side by side"
	@echo "make docs      write the generated pages of docs/ and the text of --help, then build the site into site/"

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(READY): pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(READY)

$(ALL): $(DEV)
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e '.[dev-all]'
	@touch $@

demo: $(READY)
	@$(BIN)/costbasis report --sample --out costbasis-report.html

test: $(DEV)
	$(BIN)/ruff check src tests examples benchmarks tools
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow and not browser and not spark"

test-all: $(ALL)
	$(BIN)/ruff check src tests examples benchmarks tools
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadscope

bench: $(ALL)
	$(BIN)/python benchmarks/run.py

docs: $(ALL)
	$(BIN)/python -m costbasis.reports.pages docs
	$(BIN)/python -m costbasis.cli.helped
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "site/index.html"

sql: $(DEV)
	$(BIN)/python -m costbasis.usage.pricing.tables

clean:
	rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis costbasis-report.html
