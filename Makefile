# The commands of this project; `make help` lists them. All of them run in .venv, which `install`
# fills with the versions of requirements.txt. Needed beforehand: Python 3.11 to 3.13 and make.

SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN := .venv/bin
# -qq: pip says nothing but errors.
PIP_INSTALL := $(BIN)/python -m pip install -qq --no-input --disable-pip-version-check

# Tools that would look for newer versions of themselves, or report that they ran, do neither.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export DAGSTER_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1

.PHONY: help install demo up test schema benchmark clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

install: .venv/.installed  ## create .venv with everything needed (about 90 s, once)

demo: install  ## 60 days of simulated trips: train, watch, train anew, show what happened
	@$(BIN)/monitoring-assets demo

up: install  ## the same in Dagster's UI on 127.0.0.1:3000, until Ctrl-C
	@$(BIN)/monitoring-assets up

test: install  ## every check that CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	PYTHONWARNINGS="ignore:Function " $(BIN)/dagster definitions validate  # it says that dg has it too
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

schema: install  ## write docs/model.schema.json anew, after a change of what a YAML may say
	$(BIN)/python -m monitoring_assets.components.yaml_schema docs/model.schema.json

benchmark: install  ## print the figures that README.md and the issues quote
	$(BIN)/python -m monitoring_assets_tests.benchmarks

clean:  ## remove .venv and caches; never touches data/
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- installation

# Scripts in .venv name the folder they were installed for: a moved checkout is installed anew.
ifneq ($(shell cat .venv/.installed 2>/dev/null),$(CURDIR))
.PHONY: .venv/.installed
endif

# While .venv/.installing exists the installation is not complete. Found at the beginning, it means
# that an earlier one was cut off; what that one left behind is not repaired but thrown away.
.venv/.installed: requirements.txt pyproject.toml
	@if [[ -e .venv/.installing || ( -e $@ && "$$(cat $@)" != "$(CURDIR)" ) ]] \
		|| ! $(BIN)/python -c "import pip" 2>/dev/null; then rm -rf .venv; fi
	@if [ ! -e .venv ]; then \
		$(call find_python); \
		mkdir .venv && touch .venv/.installing && "$$python" -m venv .venv; fi
	@touch .venv/.installing
	@echo "installing the packages of requirements.txt into .venv ..."
	@$(PIP_INSTALL) -r requirements.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@rm .venv/.installing && echo "$(CURDIR)" > $@

# Candidates are tried by running them: a name on the PATH may be a shim without a Python behind it.
supported := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
define find_python
python=""; \
for name in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
	if [ -z "$$python" ] && "$$name" -c '$(supported)' >/dev/null 2>&1; then python="$$name"; fi; \
done; \
if [ -z "$$python" ]; then \
	echo "make: no Python 3.11, 3.12 or 3.13 with venv and ensurepip found; install one" \
		"(Debian: python3.11-venv) or name it: make install PYTHON=/path/to/python3" >&2; exit 1; fi
endef
