# Every target sets up what it needs. On a fresh Debian machine: python3, make and the package registries are enough.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed-$(shell cat requirements*.txt | sha256sum | cut -c1-16)
ROOT_ONLY = test "$$(id -u)" = 0 || { echo "Please install $(1) (as root: apt-get install $(1)) and try again."; exit 1; }

.PHONY: setup run test check bench bench-demo bench-queue bench-precision browser examples outline screenshot train-demo audit

setup: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt requirements-ray.txt
	@$(PYTHON) -c 'import ensurepip, sys; assert sys.version_info >= (3, 11)' 2>/dev/null || \
		{ $(call ROOT_ONLY,python3-venv); apt-get update -q && apt-get install -qy python3-venv; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	rm -f .venv/.installed-*
	touch $@

browser:
	@command -v chromium >/dev/null || \
		{ $(call ROOT_ONLY,chromium); apt-get update -q && apt-get install -qy chromium; }

run: setup
	$(BIN)/python app.py

test: setup browser
	$(BIN)/python -m pytest -q

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

# What is slower than a test. Each prints the tables of the README or of a model card.
bench: bench-demo bench-queue bench-precision

bench-demo: setup
	$(BIN)/python -m tests.bench.demo

bench-precision: setup
	$(BIN)/python -m tests.bench.precision

bench-queue: setup
	$(BIN)/python -m tests.bench.queue

# About 80 minutes on two idle cores; it goes on where it was stopped.
train-demo: setup
	GOMP_SPINCOUNT=0 OMP_WAIT_POLICY=passive $(BIN)/python -m mmattr_app.models.demo.training \
		--out build/demo --minutes 80
	@echo "The model is build/demo/model; copy it to assets/demo and run make examples."

# After a change of the demo model, of the scenes or of the page.
examples: setup
	$(BIN)/python -m mmattr_app.ui.compute_examples
outline: setup
	$(BIN)/python -m mmattr_app.ui.outline > tests/ui/outline.txt
screenshot: setup browser
	$(BIN)/python -m tests.screenshot
# Known weaknesses of what is installed; it asks the advisory database, so it needs the internet.
audit: setup
	$(BIN)/pip-audit --requirement requirements.txt
