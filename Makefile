# make demo   a first look: build a gazetteer, recognise a few messages, write a page with text and map
# make test   the whole test suite
# make check  format, lint, types
# Each is complete on a fresh machine with Python 3.11 or later; running it again installs nothing again.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt
PACKAGING := setup.cfg pyproject.toml constraints.txt

.PHONY: demo test check clean

demo: .venv/installed
	$(BIN)/python -m lmr_hybrid.build_gazetteer gazetteer/data/monaco.osm.pbf -o demo/monaco.gazetteer
	$(BIN)/python -m lmr_hybrid recognize benchmarks/demo_messages.txt --gazetteer demo/monaco.gazetteer \
		--table --output demo/mentions.jsonl --html demo/mentions.html
	@echo "Written: demo/mentions.jsonl and demo/mentions.html (open it in a browser)"

test: .venv/installed-test
	$(BIN)/python -m pytest

check: .venv/installed-check
	$(BIN)/ruff format --check gazetteer lmr_hybrid benchmarks tests
	$(BIN)/ruff check gazetteer lmr_hybrid benchmarks tests
	$(BIN)/mypy --config-file setup.cfg

clean:
	rm -rf .venv demo *.egg-info

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "lmr_hybrid needs Python 3.11 or later; give it as: make demo PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/installed: $(PACKAGING) | .venv/bin/python
	$(INSTALL) -e .
	@touch $@

.venv/installed-test: .venv/installed
	$(INSTALL) -e '.[test]'
	@touch $@

.venv/installed-check: .venv/installed
	$(INSTALL) -e '.[check]'
	@touch $@
