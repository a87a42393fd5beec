# Every target sets up what it needs. On a fresh Debian machine: python3, make and the package registries are enough.
PYTHON ?= python3
BIN := .venv/bin
# A stamp for each set of exact versions that is installed: to run, and to test and check besides.
RUNS := .venv/.runs-$(shell cat requirements.txt | sha256sum | cut -c1-16)
TESTS := .venv/.tests-$(shell cat requirements.txt requirements-dev.txt | sha256sum | cut -c1-16)
PIP := -m pip install --quiet --disable-pip-version-check
ROOT_ONLY = test "$$(id -u)" = 0 || { echo "Please install $(1) (as root: apt-get install $(1)) and try again."; exit 1; }

.PHONY: setup run test test-newest check lock lock-check bench bench-demo bench-faithfulness bench-queue bench-start \
	bench-class bench-precision bench-regions bench-speed bench-linear bench-first bench-first-click browser examples outline screenshot train-demo audit

setup: $(TESTS)

$(RUNS):
	@$(PYTHON) -c 'import ensurepip, sys; assert sys.version_info >= (3, 11)' 2>/dev/null || \
		{ $(call ROOT_ONLY,python3-venv); apt-get update -q && apt-get install -qy python3-venv; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) -r requirements.txt
	rm -f .venv/.runs-*
	touch $@

$(TESTS): $(RUNS)
	$(BIN)/python $(PIP) -r requirements.txt -r requirements-dev.txt
	rm -f .venv/.tests-*
	touch $@

browser:
	@command -v chromium >/dev/null || \
		{ $(call ROOT_ONLY,chromium); apt-get update -q && apt-get install -qy chromium; }

run: $(RUNS)
	$(BIN)/python app.py

# Two processes, each with one thread for the models; tests of one file stay together, since they share what they set up.
test: setup browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile

# The same on the newest versions that requirements*.in allow, in an environment of its own.
test-newest: setup browser
	test -x build/newest/bin/python || $(PYTHON) -m venv build/newest
	$(BIN)/uv pip install --quiet --upgrade --python build/newest -r requirements.in -r requirements-dev.in
	OMP_NUM_THREADS=1 build/newest/bin/python -m pytest -q -n 2 --dist loadfile

# Exact versions from the ranges: only what they demand changes, with UPGRADE=--upgrade everything becomes the newest.
lock: setup
	.ci/lock $(UPGRADE)
lock-check: setup
	.ci/lock --check

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

# What is slower than a test. Each prints the tables of a page in docs/ or of a model card.
bench: bench-demo bench-faithfulness bench-queue bench-class bench-start bench-precision bench-regions bench-speed bench-linear bench-first \
	bench-first-click

bench-demo: setup
	$(BIN)/python -m tests.bench.demo

# How faithful the methods' maps are, and whether errors are right: hours on two cores, it goes on where it was stopped.
bench-faithfulness: setup
	$(BIN)/python -m tests.bench.faithfulness --plot build/bench/faithfulness.html
	$(BIN)/python -m tests.bench.hallucination
	$(BIN)/python -m tests.bench.calibration

bench-start: setup
	$(BIN)/python -m tests.bench.start

bench-precision: setup
	$(BIN)/python -m tests.bench.precision

bench-queue: setup
	$(BIN)/python -m tests.bench.page
	$(BIN)/python -m tests.bench.queue

bench-class: setup
	$(BIN)/python -m tests.bench.classroom

bench-regions: setup
	$(BIN)/python -m tests.bench.regions

# Against Captum, 6 to 8 minutes on two idle cores; SPEED="--device cuda --scale 2b" is for a GPU.
bench-speed: setup
	$(BIN)/python -m tests.bench.speed $(SPEED)

bench-first: setup
	$(BIN)/python -m tests.bench.first

bench-first-click: setup browser
	$(BIN)/python -m tests.bench.first_click

bench-linear: setup
	$(BIN)/python -m tests.bench.linear

# Minutes of two cores' work; all of it goes on where it was stopped. The rate falls twice, and the mean of the weights at
# both ends is the model. FROM="--from assets/demo" goes on from the weights that ship instead of from nothing.
TRAIN = GOMP_SPINCOUNT=0 OMP_WAIT_POLICY=passive $(BIN)/python -m mmattr_app.demo.model.training
train-demo: setup
	$(TRAIN) --out build/run $(FROM) --minutes 120
	test -d build/run/first || cp -r build/run/checkpoint build/run/first
	$(TRAIN) --out build/run $(FROM) --minutes 160
	$(BIN)/python -m mmattr_app.demo.model.averaging build/run/first build/run/checkpoint --out build/demo
	$(TRAIN) --out build/clever-hans --clever-hans --from build/demo --minutes 14
	@echo "The models are build/demo/model and build/clever-hans/model; copy them to assets/ and run make examples."

# After a change of the demo models, of the scenes or of the page.
examples: setup
	$(BIN)/python -m mmattr_app.demo.examples
outline: setup
	$(BIN)/python -m tests.ui.outline > tests/ui/outline.txt
screenshot: setup browser
	$(BIN)/python -m tests.screenshot
# Known weaknesses of what is installed; it asks the advisory database, so it needs the internet.
audit: setup
	$(BIN)/python -m tests.audit
