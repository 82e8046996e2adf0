# Every command of the project. `make help` lists them; those that need an environment make it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The Python that makes the environments; the tested versions have builds for 3.11.
PYTHON ?= $(shell for name in python3.11 python3; do \
	"$$name" -c '' 2>/dev/null && echo "$$name" && break; done)
# Further arguments of pytest: make unit PYTEST_FLAGS='-k gates -x'
PYTEST_FLAGS ?=
# How many tests run at a time, one thread each: one more than there are cores, since some wait for
# processes of their own.
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
# Runs whose report is pictured, see docs/report_pictures.py.
RUN ?= out/demo

VENV := .venv
NEXT := .venv-next
PY := $(VENV)/bin/python
PINS := allennlp_heads/constraints.txt
# A file's tests stay together, since they share what is costly to make.
PYTEST := -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST_FLAGS)
SOURCES := allennlp_heads allennlp_heads_cli.py setup.py tests fixtures training_configs \
	$(wildcard benchmarks/*.py benchmarks/*/*.py docs/*.py docs/*/*.py)

.PHONY: help venv venv-next demo test lint format-check typecheck unit format test-next bench \
	results chaos pictures docs clean

help: ## list the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

# --- environments ---------------------------------------------------------------------------------

# $(1) environment, $(2) file of versions, $(3) extras. Two steps: pip cannot resolve AllenNLP's old
# pins, so it follows its real dependencies, which setup.py names, without any of its own.
define install
	@$(PYTHON) allennlp_heads_cli.py check --python-only
	test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
	$(1)/bin/python -m pip install --disable-pip-version-check -c $(2) -e '.[$(3)]'
	$(1)/bin/python -m pip install --disable-pip-version-check --no-deps -c $(2) \
		allennlp fairscale torchvision
	$(1)/bin/allennlp-heads check
endef

venv: $(VENV)/.installed ## make .venv with the tested versions; does nothing a second time

$(VENV)/.installed: setup.py $(PINS)
	$(call install,$(VENV),$(PINS),demo$(comma)dev$(comma)docs)
	touch $@

venv-next: $(NEXT)/.installed

$(NEXT)/.installed: setup.py $(PINS)
	mkdir -p $(NEXT)
	awk '/^# next: / { held = substr($$0, 9); next } \
		NR > 1 { print held } { held = $$0 } END { print held }' $(PINS) > $(NEXT)/constraints.txt
	$(call install,$(NEXT),$(NEXT)/constraints.txt,dev)
	touch $@

comma := ,

# --- what a newcomer runs -------------------------------------------------------------------------

demo: venv ## train a small gated model on generated text, predict, show where the pictures are
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" bash training_configs/demo.sh

test: lint format-check typecheck unit ## lint, formatting, types and all tests

# --- what a developer runs ------------------------------------------------------------------------

lint: venv ## ruff's checks
	$(VENV)/bin/ruff check $(SOURCES)

format-check: venv ## whether ruff would format anything
	$(VENV)/bin/ruff format --check $(SOURCES)

typecheck: venv ## mypy
	$(VENV)/bin/mypy $(filter-out setup.py,$(SOURCES))

unit: venv ## the tests alone; the end says how many were skipped, and why
	OMP_NUM_THREADS=1 $(PY) $(PYTEST)

format: venv ## format the code and repair what ruff can
	$(VENV)/bin/ruff check --fix $(SOURCES)
	$(VENV)/bin/ruff format $(SOURCES)

test-next: venv-next ## the smaller suite on the second, newer stack
	OMP_NUM_THREADS=1 $(NEXT)/bin/python $(PYTEST) tests/attention tests/gates tests/modules \
		tests/data/tokenizers tests/data/token_indexers tests/models tests/predictors \
		tests/pruning tests/commands/test_importance.py tests/test_plugin_routes.py

bench: venv ## every benchmark, as ratios
	@for file in $$(grep -l __main__ benchmarks/*.py); do \
		echo "== $$file"; $(PY) -m "benchmarks.$$(basename "$$file" .py)"; done

results: venv ## write docs/results.md and the tables of docs/reliability.md anew
	$(PY) docs/build_results.py

chaos: venv ## try every fault, and kill a real grid five times: some 25 minutes with HEADS_DATA
	$(PY) -m docs.chaos
	$(PY) docs/build_results.py

docs: venv ## write the documentation as a site into out/site; a link that leads nowhere fails
	NO_MKDOCS_2_WARNING=1 $(PY) -W ignore -m mkdocs build --quiet

pictures: venv ## make the documentation's screenshots of the report of RUN=out/demo anew
	$(PY) -m docs.report_pictures $(RUN)

clean: ## remove caches and out/, not the environments
	rm -rf out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov
	rm -f .coverage .coverage.*
	find . -path './.venv*' -prune -o -type d -name __pycache__ -exec rm -rf {} +
