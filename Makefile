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

test: .venv/installed ## Run every test; the browser's too, where there is a Chromium
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope

mutants: .venv/installed ## List what a lesson's tests let live; LESSON=history/perceptron SAMPLE=20
	@test -n "$(LESSON)" || { echo "error: name a lesson: make mutants LESSON=history/perceptron"; exit 1; }
	$(BIN)/python tests/mutants.py $(LESSON) $(if $(SAMPLE),--sample $(SAMPLE))

lint: .venv/installed ## Check format, style, types, layers and workflows
	$(BIN)/ruff format --check .
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
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
