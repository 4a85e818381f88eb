# make run: a busy demo floor on this machine.   make test: everything a change must pass.
PORT ?= 8000
SANDBOX_PORT ?= 9010
SCENE ?= busy
PY := .venv/bin/python
PYTEST := EARSHOT_TIME_SCALE=0.4 PYTHONDONTWRITEBYTECODE=1 $(PY) -m pytest
# `check --deploy` and the JavaScript types ask what production asks.
PRODUCTION := DEBUG=0 SECRET_KEY=only-to-check-the-settings-of-production-0123456789-abcdefghijklm ALLOWED_HOSTS=earshot.example.com \
	PUBLIC_URL=https://earshot.example.com DATABASE_URL=sqlite://:memory:

.DEFAULT_GOAL := run
.PHONY: install install-for-tests run test nightly lint bench lock

install:
	@sh deploy/install.sh

install-for-tests:
	@sh deploy/install.sh tests

run: install
	@$(PY) manage.py demo --port $(PORT) --sandbox-port $(SANDBOX_PORT) --scene $(SCENE)

# PostgreSQL first, so that the one summary is the last thing on the screen. Three workers for two cores: most tests
# wait more than they compute.
test: install-for-tests
	@echo "On PostgreSQL: merge, mirror and ledger"
	@PYTHON=$(PY) sh deploy/with-postgres.sh env $(PYTEST) -q -n 2 -m "both_databases and not nightly"
	@$(PYTEST) -n 3 --dist loadfile -rR --durations=25 -m "not nightly"

# What only computes, and stories, each worker's on a site of its own, share both cores; what measures time has
# them for itself. All three run, whatever the ones before found.
SHARED := tests/simulation tests/mutation tests/fuzz/test_callback_bodies.py
MANY := many_stories or two_faults
nightly: install-for-tests
	@$(PYTEST) -n 2 --dist load --durations=10 --timeout=1200 -m nightly $(SHARED); shared=$$?; \
		$(PYTEST) -n 2 --dist load --durations=10 -m nightly -k "$(MANY)" tests/faults/test_stories.py; many=$$?; \
		EARSHOT_STRICT=1 $(PYTEST) --durations=10 --timeout=1200 -m nightly -k "not ($(MANY))" \
			$(SHARED:%=--ignore=%); alone=$$?; \
		$(PY) -m tests.faults.document > docs/reliability.md; exit $$((shared + many + alone))

lint: install
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy console participants
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING
	@PYTHON=$(PY) sh vendor/check.sh

bench: install
	@$(PY) -m tests.load.bench

# After a change of dependencies in pyproject.toml.
lock: install
	@$(PY) -m uv pip compile --quiet --all-extras --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 pyproject.toml -o requirements.lock
