# Everything a developer types. `make` alone lists it.

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# Containers often forbid Python to keep compiled modules; without them every start compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test prove check bench contract lock clean

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: .venv/.runtime ## Start the service on 127.0.0.1:8000; PORT=9000 moves it
	@exec $(BIN)/copi serve

test: .venv/.dev ## Run the tests; ARGS="-k challenges" runs some of them
	@$(BIN)/pytest -n auto $(ARGS)

prove: .venv/.dev ## Break every rule of access in turn and see the tests notice
	@$(BIN)/pytest -n auto --prove $(ARGS)

check: .venv/.dev ## Check style, types, floors, migrations and contract
	@echo "· style";      $(BIN)/ruff check --quiet
	@echo "· format";     $(BIN)/ruff format --check --quiet
	@echo "· types";      $(BIN)/mypy --no-error-summary
	@echo "· floors";     report=$$($(BIN)/lint-imports --no-logo --no-cache 2>&1) || { echo "$$report"; exit 1; }
	@echo "· migrations"; $(BIN)/copi db check
	@echo "· contract";   $(BIN)/copi contract --check
	@echo "· OpenAPI";    $(BIN)/openapi-spec-validator openapi/openapi.json openapi/openapi-3.0.json
	@.ci/lint-openapi
	@echo "✓ all checks passed"

bench: .venv/.dev ## Measure the service beside its like
	@$(BIN)/python -m tests.bench $(ARGS)

contract: .venv/.runtime ## Write openapi/openapi.json and its 3.0 twin from the code
	@$(BIN)/copi contract

# Extras stay named: pip would otherwise take a newer coverage for pytest-cov's coverage[toml] than the pinned one.
lock: ## Pin the newest versions that pyproject.toml allows
	@set -e; tool=$$(mktemp -d); trap 'rm -rf "$$tool"' EXIT; \
	echo "· resolving"; \
	$(PYTHON) -m venv "$$tool"; \
	"$$tool/bin/python" -m pip install -qq uv; \
	compile() { "$$tool/bin/uv" pip compile pyproject.toml --group build --upgrade --quiet \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras \
		--custom-compile-command "make lock" "$$@" >/dev/null; }; \
	compile -o requirements/runtime.txt; \
	compile -o requirements/dev.txt --extra dev --extra bench -c requirements/runtime.txt; \
	echo "✓ requirements/runtime.txt, requirements/dev.txt"

clean: ## Remove what make has made, except the service's data
	@rm -rf .venv .ruff_cache .mypy_cache .import_linter_cache .pytest_cache .hypothesis .coverage htmlcov
	@find api openapi schemas tests -name __pycache__ -prune -exec rm -rf {} +

# --- The environment: a stamp file says which lock is installed, so a second call costs nothing --------------

# Modules compile when first imported: compiling them all here would double the time of the first start.
INSTALL := $(BIN)/python -m pip install -qq --no-compile

# An editable install leaves a folder of metadata beside the code that nothing reads afterwards.
define install-project
$(INSTALL) --no-deps --no-build-isolation -e . && rm -rf copi_api.egg-info
endef

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed, but $(PYTHON) is: $$($(PYTHON) --version 2>&1 | head -n 1)"; \
		echo "Name another one: make PYTHON=python3.12"; exit 1; } >&2
	@echo "· making .venv"
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; \
		echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv"; \
		exit 1; } >&2

.venv/.runtime: requirements/runtime.txt pyproject.toml | .venv/bin/python
	@echo "· installing what the service needs"
	@$(INSTALL) --require-hashes -r $<
	@$(install-project)
	@touch $@

.venv/.dev: requirements/dev.txt pyproject.toml | .venv/bin/python
	@echo "· installing what developers need"
	@$(INSTALL) --require-hashes -r $<
	@$(install-project)
	@touch .venv/.runtime $@
