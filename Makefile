# Everything sets itself up on a machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Every test starts processes: none is to compile anew what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test soak attacks browser proxy check catalogues screenshots bench clean
.DEFAULT_GOAL := run

$(VENV)/ready: requirements.txt
	@echo "Installing what Ringback runs on, into $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: try PYTHON=python3.11 make …"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python .ci/install.py requirements.txt
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt
	@echo "Installing what its tests and checks need besides …"
	@$(BIN)/python .ci/install.py requirements-dev.txt
	@touch $@

run: $(VENV)/ready ## dashboard, webhooks and scheduler in one process
	@echo "Bringing the database up to date and starting the desk …"
	@$(BIN)/python -m leads migrate
	@$(BIN)/python app.py

demo: export DATABASE_URL := sqlite:///demo.db
demo: export PHONE := rehearsal
demo: $(VENV)/ready ## the same with believable leads and a rehearsal phone network
	@echo "Filling demo.db with believable leads and starting the desk …"
	@$(BIN)/python -m leads migrate
	@$(BIN)/python -m leads demo
	@$(BIN)/python app.py

test: $(VENV)/ready-dev browser proxy ## every test, on SQLite and PostgreSQL, and in Chromium
	@echo "Running every test, on SQLite and PostgreSQL and in Chromium …"
	@$(BIN)/python -m pytest -n 3 --dist worksteal

soak: $(VENV)/ready-dev proxy ## other examples of what tests make up by chance, and many more
	@echo "Looking for an example that breaks a promise …"
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m "soak or hypothesis" --hypothesis-profile=soak

attacks: $(VENV)/ready-dev browser ## docs/security.md's defences, one after the other off: is it noticed?
	$(BIN)/python -m tests.attacks

browser: $(VENV)/ready-dev # for the tests: the machine's own, or one that is fetched
	@$(BIN)/python -m tests.support.browser

proxy: $(VENV)/ready-dev # for the tests of deploy/: the machine's own Caddy, or Debian's, unpacked
	@$(BIN)/python -m tests.support.caddy

check: $(VENV)/ready-dev ## style, format, types, names, who may import whom, and known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.support.name_lint
	$(BIN)/python .ci/audit.py

catalogues: $(VENV)/ready-dev ## what the code says anew, put into every catalogue to be translated
	$(BIN)/python -m babel.messages.frontend -q extract -F pyproject.toml -k _ -k Phrase -k plural_phrase:2,3 -k translate_count:2,3 --no-location --no-wrap --sort-output -o leads/i18n/catalogues/all.pot .
	$(BIN)/pybabel -q update -i leads/i18n/catalogues/all.pot -o leads/i18n/catalogues/es.po -l es --no-fuzzy-matching --ignore-obsolete --no-wrap --omit-header
	@rm leads/i18n/catalogues/all.pot

screenshots: $(VENV)/ready-dev browser ## docs/screens: every page, wide and on a phone
	SCREENSHOTS=1 $(BIN)/python -m pytest tests/journeys/test_screenshots.py

bench: $(VENV)/ready-dev ## figures; they compare within one run
	$(BIN)/python -m tests.bench.form_to_call
	$(BIN)/python -m tests.bench.stop_to_silence
	$(BIN)/python -m tests.bench.bulk_rows
	$(BIN)/python -m tests.bench.sealing
	$(BIN)/python -m tests.bench.under_attack
	$(BIN)/python -m tests.bench.report
	$(BIN)/python -m tests.bench.work_list
	$(BIN)/python -m tests.bench.growth
	$(BIN)/python -m tests.bench.capacity
	$(BIN)/python -m tests.bench.pages
	$(BIN)/python -m tests.bench.first_use

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
