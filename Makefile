# Everything here works with plain Python and make; uv is used for the lock file only.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := .demo
WORKERS ?= auto
DATA ?=

.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.done ## a virtual environment with all that is locked, and Keepwarm in it

$(VENV)/.done: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Keepwarm needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: setup ## a consultant's year, written to disk, read, judged, reported
	@$(BIN)/python -m tests.practice.demo $(DEMO)

pictures: demo ## of the demo's report and of the page, for docs/
	$(BIN)/python -m tests.practice.pictures $(DEMO)/report.html docs
	$(BIN)/python -m tests.practice.page_pictures $(DEMO)/config.toml docs

servers: ## the real servers that the tests talk to, from Debian's packages, if that is allowed
	@.ci/servers

test: setup servers ## the whole test suite, real servers included
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

check: setup ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: setup ## put the code in shape
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench-calendars: setup ## 5,000 events with 200 series, from a file and from a CalDAV server
	$(BIN)/python -m benchmarks.calendars

bench: setup ## 50,000 messages, five years, beside what notmuch needs
	$(BIN)/python -m benchmarks.ingest

bench-push: setup ## how soon a mail that arrives is stored, and what idling costs
	$(BIN)/python -m benchmarks.push

bench-gmail: setup ## 20,000 messages of Gmail, from the tests' own Google: requests, quota units, seconds
	$(BIN)/python -m benchmarks.gmail

bench-graph: setup ## 20,000 messages and 2,000 meetings of the tests' own Microsoft Graph: requests, bytes, seconds
	$(BIN)/python -m benchmarks.graph

bench-page: setup ## how soon each view of the page is there, of 2,000 contacts
	$(BIN)/python -m benchmarks.page

bench-report: setup ## the weekly report for 2,000 contacts, from the database: seconds and size
	$(BIN)/python -m benchmarks.report

bench-imap: setup servers ## 50,000 messages in a real Dovecot, beside a bare socket, mbsync and notmuch
	$(BIN)/python -m benchmarks.imap

bench-signals: setup ## how well the signals tell what comes, on real mail: DATA=FOLDER with .csv.gz files
	@test -n "$(DATA)" || { echo "Say where the corpora are: make bench-signals DATA=FOLDER" >&2; exit 2; }
	$(BIN)/python -m benchmarks.signal_quality $(DATA)

bench-practice: setup ## precision and recall of each rule over two years of a scripted practice
	$(BIN)/python -m benchmarks.simulated_practice

bench-scale: setup ## 5,000 contacts, 1,000,000 messages, 40,000 meetings: replay, new messages, a Monday
	$(BIN)/python -m benchmarks.at_scale

lock: ## choose the newest dependencies, and lock them
	uv pip compile --quiet --universal --generate-hashes --all-extras --group dev --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --upgrade --output-file requirements.lock pyproject.toml

clean: ## remove what was made here
	rm -rf $(VENV) $(DEMO) .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info


.PHONY: help setup demo pictures servers test check format bench bench-calendars bench-imap bench-page bench-report bench-scale bench-push bench-signals bench-practice lock clean bench-gmail bench-graph
