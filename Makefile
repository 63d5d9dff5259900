# The only commands anyone needs: `make help`. Each recipe runs in the host environment (tools/env.sh), which
# is made on first use in the user's cache folder.

ENV    := sh tools/env.sh
PYTEST := $(ENV) python -m pytest -q -c host_tests/pytest.ini
BUILD  := build
STEPS  := install lint types unit vm vm32 interop items budget

# kinds of tests that run on CPython alone, and the folders that may hold tests for the VMs
HOST_KINDS = $(wildcard host_tests/unit host_tests/property host_tests/behaviour host_tests/q07)
VM_KINDS   = $(HOST_KINDS) $(wildcard host_tests/vm)
WORKERS   ?= 2
FUZZ      ?= 100000
FUZZ_S    ?= 900
SOAK_S    ?= 10800

export UIAXY_FUZZ_N := $(FUZZ)
export PYTHONDONTWRITEBYTECODE := 1
export RUFF_CACHE_DIR := $(BUILD)/ruff_cache

.PHONY: help demo test install lint types unit vm vm32 interop items budget bench sim soak fuzz clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: ## a telephone calls and is called, no hardware needed; pictures and sound in build/demo/
	@$(ENV) tools/demo.py

test: ## everything that must be right, in order, under 20 minutes
	@$(ENV) tools/steps.py $(STEPS)

install: ## find or install Asterisk, the 32-bit MicroPython and the judges of sound
	@$(ENV) tools/lab.py install

lint: ## style and spelling
	@$(ENV) ruff check --config tools/ruff.toml .
	@$(ENV) ruff format --check --config tools/ruff.toml .
	@$(ENV) codespell --config tools/codespell.cfg

types: ## pyright on firmware, boards and tools
	@$(ENV) pyright -p tools/pyrightconfig.json

unit: ## unit, property, behaviour and interop-quirk tests on CPython
	@$(PYTEST) -n $(WORKERS) --vm none $(HOST_KINDS)

vm: ## tests that run in the 64-bit MicroPython
	@$(PYTEST) -n $(WORKERS) -m vm --vm 64 $(VM_KINDS)

vm32: ## tests that run in the 32-bit MicroPython
	@$(PYTEST) -n $(WORKERS) -m vm32 --vm 32 $(VM_KINDS)

interop: ## the firmware against a real Asterisk
	@$(PYTEST) --vm 64 host_tests/interop

items: ## the numbered interop items: what the last runs of unit and interop showed, against their table
	@$(ENV) tools/items.py

budget: ## bytes and time: what the firmware costs, against what it may
	@$(ENV) tools/budget.py
	@$(PYTEST) host_tests/budget

bench: ## time per tick of the parts, as a ratio to a calibration loop
	@$(ENV) tools/bench.py

sim: ## a telephone at the prompt, on the bundled test peer
	@$(ENV) tools/vphone.py --server peer --user phone --secret lab-secret

soak: ## a call of SOAK_S seconds (three hours if not given) against Asterisk; hours of speech without a digit
	@UIAXY_SOAK_S=$(SOAK_S) $(PYTEST) -s --timeout 0 host_tests/soak

fuzz: ## attacks on the whole core for FUZZ_S seconds (fifteen minutes if not given), guided by coverage
	@$(ENV) host_tests/fuzz/main.py --seconds $(FUZZ_S) --out $(BUILD)/fuzz

clean: ## remove what was built here; the cache folder stays
	rm -rf $(BUILD) .hypothesis .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
