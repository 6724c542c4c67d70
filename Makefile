# One command each. Every target works from a clean checkout with Python 3.11 and make alone:
# it makes .venv (uv where present, venv and pip otherwise) from the locked, hashed requirements.

SHELL := /bin/sh
.DEFAULT_GOAL := help

PY := .venv/bin/python
BIN := .venv/bin
ARGS ?=

export UV_PYTHON_DOWNLOADS := never

.PHONY: help demo run test check fmt lint types layers real snap-update bench pictures lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/run.stamp: requirements/run.txt pyproject.toml requirements/install.sh
	@sh requirements/install.sh run
	@touch $@

.venv/dev.stamp: requirements/dev.txt pyproject.toml requirements/install.sh
	@sh requirements/install.sh dev
	@touch $@ .venv/run.stamp

demo: .venv/run.stamp ## open the console on five running demo systems
	@$(BIN)/quarterdeck demo $(ARGS)

run: .venv/run.stamp ## open the console on your own configuration (ARGS="--config FILE")
	@$(BIN)/quarterdeck $(ARGS)

test: .venv/dev.stamp ## pass the tests; what needs root or an engine is reported as not run
	@$(PY) -m pytest -q -n 2 --dist loadgroup $(ARGS)

real: .venv/dev.stamp ## only the tests on real components (Docker, systemd, sshd)
	@$(PY) -m pytest -q -m real $(ARGS)

check: .venv/dev.stamp lint types layers ## format, lint, types, layers, sizes: what CI runs
	@$(PY) -m pytest -q tests/architecture

fmt: .venv/dev.stamp ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only -q .

lint: .venv/dev.stamp
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: .venv/dev.stamp
	@$(BIN)/basedpyright --level error

layers: .venv/dev.stamp
	@$(BIN)/lint-imports --no-cache

snap-update: .venv/dev.stamp ## draw the snapshot pictures again; look at each before committing
	@$(PY) -m pytest -q tests/snapshots --snapshot-update $(ARGS)

bench: .venv/dev.stamp ## measure start, idle, keys and bytes beside the peers that are installed
	@$(PY) -m bench $(ARGS)

pictures: .venv/dev.stamp ## draw the pictures in docs/pictures again
	@$(PY) -m bench.pictures docs/pictures

lock: .venv/dev.stamp ## resolve the requirements again (needs uv)
	uv pip compile -q pyproject.toml --extra demo --group build --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --universal -o requirements/run.txt
	uv pip compile -q pyproject.toml --extra demo --group build --group dev --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --universal -o requirements/dev.txt

clean: ## remove the environment and caches
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache
