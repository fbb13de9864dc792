# Two commands do everything: `make serve` and `make test`. `make` alone lists the rest.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help serve build test bench soak lint format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: build ## install, build the graph from the seeds, check it and serve it at http://127.0.0.1:8000
	$(BIN)/python -m kg serve

build: .venv/installed ## build the graph from the seeds and check it
	$(BIN)/python -m kg build

test: .venv/installed-tests ## run the tests
	$(BIN)/python -m pytest

bench: .venv/installed .venv-bench/installed ## measure the endpoint beside others (minutes; needs wrk)
	$(BIN)/python -m bench.endpoints --into docs/benchmarks.md

soak: build ## serve for three minutes among hostile clients: no error, no growth
	$(BIN)/python -m bench.soak --store build --seconds 180

lint: .venv/installed-tests ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/installed-tests ## lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## renew requirements.txt, and those of tests/ and bench/, from the .in files (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade \
		--custom-compile-command "make lock" --output-file requirements.txt requirements.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade \
		--custom-compile-command "make lock" --output-file tests/requirements.txt tests/requirements.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade \
		--custom-compile-command "make lock" --output-file bench/requirements.txt bench/requirements.in

clean: ## remove what was installed and built
	rm -rf .venv .venv-bench build

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Hearsay needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@touch $@

.venv/installed-tests: tests/requirements.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement tests/requirements.txt
	@touch $@

.venv-bench/installed: bench/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement bench/requirements.txt
	@touch $@
