# The few words of this project. `make help` lists them.
# TORCH=auto|cpu|cuda|keep chooses the build of torch, PYTHON=... the interpreter.

PYTHON ?= python3
VENV := .venv/bin/python
export TORCH

.DEFAULT_GOAL := help
.PHONY: run test check chaos bench gpu-check generate lock e2e clean help

run: ## Set up what is missing, start Slipway (http://localhost:3000 and :8000); Ctrl-C ends it
	@$(PYTHON) scripts/setup.py
	@exec $(VENV) -m backend.api_server

test: ## Set up what is missing, run every test; SUITE="unit docs" runs some
	@$(PYTHON) scripts/setup.py --dev
	@exec $(VENV) -m scripts.suites $(SUITE)

check: ## Format, lint, types, import contracts, sizes
	@$(PYTHON) scripts/setup.py --dev
	@exec $(VENV) -m scripts.check

chaos: ## The long forms of tests: a crowd of real models, variants of layouts and adapters
	@$(PYTHON) scripts/setup.py --dev --no-wizard
	@exec $(VENV) -m pytest -q -s -m long tests

bench: ## Measure against limits and peers; PART="http start" runs some; QUICK=1, LONG=1, PEERS=all
	@$(PYTHON) scripts/setup.py --dev --no-wizard
	@exec $(VENV) -m benchmarks $(PART) $(if $(QUICK),--quick) $(if $(LONG),--long) $(if $(PEERS),--peers $(PEERS))

gpu-check: ## Models on a CUDA device against the CPU; WHEELS=folder: without a network
	@exec scripts/gpu_check.sh $(WHEELS)

e2e: ## The wizard in a real browser; LONG=1: with further tasks
	@$(PYTHON) scripts/setup.py --dev
	@exec npm run e2e

generate: ## Remake every generated file: .env.example, settings table, OpenAPI, requirements
	@$(PYTHON) scripts/setup.py --dev --no-wizard
	@exec $(VENV) -m scripts.generate

lock: ## Resolve the locks in requirements/ again; UPGRADE=1 takes newer versions
	@$(PYTHON) scripts/setup.py --dev --no-wizard
	@exec scripts/lock.sh

clean: ## Remove what was set up; models, .env and the database stay
	@$(PYTHON) scripts/setup.py --clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
