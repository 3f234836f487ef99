# Everything here sets up what it needs; an interrupted run goes on where it stopped.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
CHROMIUM := $(shell command -v chromium)
# Public question sets, a folder each, for `make bench`; left out where they are not there.
BENCHMARKS ?= ../shared/bench

export Q

.PHONY: help chat ask index test test-fast lint bench clean

help:            ## say what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

chat: $(VENV)/.installed  ## the chat page in your browser; sets itself up, and shows how far it is
	@$(BIN)/rag chat

ask: $(VENV)/.installed  ## ask seeds/ a question: make ask Q="谁主持了6月3日的全市领导干部会议？"
	@test -n "$$Q" || { echo 'make ask: say what to ask, as in  make ask Q="谁主持了6月3日的全市领导干部会议？"' >&2; exit 1; }
	@$(BIN)/rag index seeds
	@$(BIN)/rag ask "$$Q"

index: $(VENV)/.installed  ## index seeds/ (fetches the models first)
	@$(BIN)/rag index seeds

test: $(VENV)/.installed-dev  ## all tests: the fast ones, those in a browser, then those with the real models (fetches them first)
	$(BIN)/pytest -m "not models and not browser"
ifdef CHROMIUM
	$(BIN)/pytest -m "browser and not models"
else
	@echo 'no Chromium here: the tests of the page are left out (Debian: apt-get install chromium fonts-noto-cjk)' >&2
endif
	$(BIN)/rag models fetch embeddinggemma-300m multilingual-e5-small qwen2.5-coder-0.5b qwen2.5-coder-1.5b >/dev/null
	$(BIN)/pytest -m "models$(if $(CHROMIUM),, and not browser)"

test-fast: $(VENV)/.installed-dev  ## the tests that need neither a model nor a browser
	$(BIN)/pytest -m "not models and not browser"

lint: $(VENV)/.installed-dev  ## format, lint and types, as CI checks them
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.installed-dev  ## the figures of the README: retrieval, speed, answers and the page
	$(BIN)/python tests/benchmarks/retrieval.py
	$(BIN)/python tests/benchmarks/speed.py
	$(BIN)/rag index seeds
	$(BIN)/python tests/benchmarks/retrievers.py $(BENCHMARKS)
	$(BIN)/python tests/benchmarks/public.py $(BENCHMARKS)
	$(BIN)/python tests/benchmarks/right_answers.py tests/gold/*.jsonl $(BENCHMARKS)
	$(BIN)/python tests/benchmarks/follow_ups.py
	$(BIN)/python tests/benchmarks/injection.py
	$(BIN)/python tests/benchmarks/page.py

clean:           ## remove the environment and the index of this clone; the shared model cache stays
	rm -rf $(VENV) .wenyuan

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or later is needed; name it with  make PYTHON=python3.11 …' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The stamp is written last, so an interrupted installation is done again.
$(VENV)/.installed: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check -e ".[dev]"
	@touch $@ $(VENV)/.installed
