# My Page navigator. `make` lists the commands; each does its own set-up.
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := .tools/bin/uv
export UV_PYTHON_PREFERENCE := system
export UV_NO_CONFIG := 1
# Some machines and containers forbid Python to keep what it compiled. Every start of a process, of
# which the tests have a hundred, would then compile all its libraries anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.PHONY: run
run: .venv/.app-ready .venv-rasa/.ready ## Start the product in demo mode (sets everything up first)
	@NAVI_ENV=$${NAVI_ENV:-demo} .venv/bin/navi serve

.PHONY: test
test: setup ## Run all tests (sets everything up first)
	@.venv/bin/python -m pytest -n 2

.PHONY: check
check: setup ## Style, types, layering, and the dialogue's data
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/navi model validate

.PHONY: bench
bench: setup ## Measure against stock Rasa and the floor (ARGS=--quick: two minutes)
	@.venv/bin/python -m bench $(ARGS)

.PHONY: setup
setup: .venv/.dev-ready .venv-rasa/.ready ## Make both environments from the hashed locks

.PHONY: lock
lock: $(UV) ## Resolve anew and export the hashed locks (after changing pyproject.toml)
	$(UV) lock
	$(UV) export -q --format requirements.txt --only-group dialogue --no-header --no-emit-project > requirements/dialogue.txt
	$(UV) export -q --format requirements.txt --only-group app --no-header --no-emit-project > requirements/app.txt
	$(UV) export -q --format requirements.txt --only-group app --only-group dev --no-header --no-emit-project > requirements/dev.txt

.PHONY: clean
clean: ## Remove environments, state and caches
	rm -rf .tools .venv .venv-rasa var .mypy_cache .ruff_cache .pytest_cache

$(UV): requirements/uv.txt
	@echo "Getting uv (into the project) ..."
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

# pip sync makes the environment exactly what the lock says; the second line makes `navi`.
.venv/.app-ready: requirements/app.txt pyproject.toml $(UV)
	@echo "Making the app's environment (.venv) ..."
	@test -x .venv/bin/python || $(UV) venv -q --python 3.11 .venv
	@$(UV) pip sync --python .venv/bin/python --require-hashes requirements/app.txt
	@$(UV) pip install -q --python .venv/bin/python --no-deps -e .
	@touch $@

.venv/.dev-ready: requirements/dev.txt .venv/.app-ready
	@echo "Adding the tools for tests ..."
	@$(UV) pip install --python .venv/bin/python --require-hashes -r requirements/dev.txt
	@touch $@

.venv-rasa/.ready: requirements/dialogue.txt $(UV)
	@echo "Making the dialogue's environment (.venv-rasa, about 2.7 GB) ..."
	@test -x .venv-rasa/bin/python || $(UV) venv -q --python 3.11 .venv-rasa
	@$(UV) pip sync --python .venv-rasa/bin/python --require-hashes requirements/dialogue.txt
	@touch $@
