# Each target sets up all that it needs: a virtual environment in .venv, from the pinned versions.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXAMPLE ?= text-chat
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help gate test apply demo faults mutants capabilities lint docs bench latency spike clean

help: ## Say what each target does.
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

gate: $(STAMP) ## The merge gate: our policies and plan assertions over modules/ and examples/.
	@$(BIN)/python -m companion_gate.doctor
	@$(BIN)/pytest --stack modules --stack examples

test: $(STAMP) lint ## The project's own tests.
	@$(BIN)/python -m companion_gate.doctor
	@$(BIN)/pytest tests -n 2 --dist loadfile

apply: $(STAMP) ## Apply each example on the embedded AWS, ask it, plan again, destroy, and look for what is left.
	@$(BIN)/pytest tests/examples/applied -n 4 --dist loadgroup -q

faults: $(STAMP) ## The slow lane: each example meets a fault in each of its API calls, and converges.
	@$(BIN)/pytest tests/examples/faults -n 4 --dist loadgroup -q

capabilities: $(STAMP) ## Apply everything on every emulated AWS, and write docs/aws-capabilities.md from what was seen.
	@$(BIN)/pytest tests/examples/applied tests/modules/test_apply.py tests/modules/test_every_aws.py -n 4 --dist loadgroup -q --junitxml .capabilities-embedded.xml
	@$(BIN)/pytest tests/modules/test_every_aws.py --aws localstack -q --junitxml .capabilities-localstack.xml
	@$(BIN)/python -m tests.docs.capabilities .capabilities-embedded.xml .capabilities-localstack.xml

lint: $(STAMP) ## Formatting, lint, types, generated tables.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy companion_gate policies
	@$(BIN)/mypy modules/turn-handler/src/companion
	@$(BIN)/python modules/turn-handler/package.py --check
	@$(BIN)/python -m companion_gate.readme --check modules/*/
	@$(BIN)/python -m companion_gate.pages --check

docs: $(STAMP) ## Write what is generated: tables of the modules' READMEs, pages of the policies, the functions' package, the costs of the examples.
	@$(BIN)/python -m companion_gate.readme modules/*/
	@$(BIN)/python -m companion_gate.pages
	@$(BIN)/python modules/turn-handler/package.py
	@$(BIN)/python -m tests.docs.costs
	@$(BIN)/python -m tests.docs.protocol

mutants: $(STAMP) ## The slow lane of the policies: Terraform plans each weakened stack, and the owner fails it.
	@$(BIN)/pytest tests/policies/plannable -n 4 -q

bench: $(STAMP) ## Time the gate beside Checkov, plans beside plain Terraform, and 1, 10 and 100 stacks; count weakenings noticed.
	@$(BIN)/python benchmarks/gate.py
	@$(BIN)/python -m benchmarks.plan_engine
	@$(BIN)/python -m benchmarks.stacks
	@$(BIN)/python -m tests.policies.mutation.score

demo: $(STAMP) ## Serve a companion on this machine, with a page to talk to it: make demo EXAMPLE=voice-companion.
	@$(BIN)/companion-gate serve examples/$(EXAMPLE)

latency: $(STAMP) ## Measure where a turn's milliseconds go, and write docs/latency.md.
	@$(BIN)/python -m benchmarks.turn.latency

spike: $(STAMP) ## Let more users come than can be answered, and write docs/spike.md with its picture.
	@$(BIN)/python -m benchmarks.turn.spike

clean: ## Remove what the targets made.
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache companion_gate/_vendor

$(STAMP): pyproject.toml requirements.lock hatch_build.py
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else "companion-gate needs Python 3.11 or newer, and $(PYTHON) is %d.%d; call: make PYTHON=python3.12" % v[:2])'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.lock)"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@
