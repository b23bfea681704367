# `make serve` shows the site, `make test` passes the tests; each sets itself up.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Material announces its successor at each start.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve site test mutants lint bench clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

serve: .venv/installed ## Show the site at a local address; PORT=8001 for another port
	$(BIN)/mkdocs serve --dev-addr 127.0.0.1:$(PORT)

site: .venv/installed ## Build the site into site/; any mistake fails the build
	$(BIN)/mkdocs build --strict

# What belongs to LESSON=part/lesson or to PART=part; everything where neither is given.
CHOSEN := $(if $(LESSON),docs/$(LESSON).md tests/$(dir $(LESSON))test_$(notdir $(LESSON)).py \
	$(wildcard src/introdl/$(LESSON) src/introdl/$(LESSON).py) tests/test_layout.py,\
	$(if $(PART),docs/$(PART) tests/$(PART) src/introdl/$(PART) tests/test_layout.py))

# What tries every lesson's exercise and functions; 5 says that it found nothing of this one.
FOR_ALL := tests/test_exercises.py tests/test_odd_input.py

test: .venv/installed ## Run every test, or those of LESSON=history/perceptron or PART=history
	$(BIN)/python -m pytest $(or $(strip $(CHOSEN)),--numprocesses 2 --dist loadscope)
	@$(if $(LESSON),$(BIN)/python -m pytest $(FOR_ALL) -k $(LESSON) || test $$? -eq 5)

mutants: .venv/installed ## List what a lesson's tests let live; LESSON=history/perceptron SAMPLE=20
	@test -n "$(LESSON)" || { echo "error: name a lesson: make mutants LESSON=history/perceptron"; exit 1; }
	$(BIN)/python tests/mutants.py $(LESSON) $(if $(SAMPLE),--sample $(SAMPLE))

lint: .venv/installed ## Check format, style, types, layers and workflows
	@$(BIN)/ruff format --check . || { echo "error: run $(BIN)/ruff format . && $(BIN)/ruff check --fix ."; exit 1; }
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet .github/workflows

bench: .venv/installed ## Measure build, preview and page weight beside plain mkdocs-jupyter
	$(BIN)/python tests/bench.py

clean: ## Delete what can be made again; the virtual environment stays
	rm -rf site .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: Python 3.11 or newer is needed, $(PYTHON) is %d.%d; name another, as in: make serve PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -m venv .venv || { echo "error: $(PYTHON) cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing the course's packages into .venv; the first time this takes some minutes."
	$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
